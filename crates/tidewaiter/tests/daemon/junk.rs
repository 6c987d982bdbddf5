//! Thousands of series that are there to hide the others, or to have the bot write to somebody.

use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use tidewaiter_mail::Message;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::builder::Mail;

use crate::{
    people::{ALICE, BOB, declared, plain},
    scene::{AUTHSERV, Scene, Setup},
};

/// So many series that nobody can read them.
const JUNK: usize = 10_000;

/// A mail as the mailbox has it, from a list and through a server that may vouch for its sender.
fn delivered(mail: &Mail, vouched: bool) -> Vec<u8> {
    let found = match mail.sender().1.split_once('@').filter(|_| vouched) {
        Some((_, domain)) => format!("{AUTHSERV}; dkim=pass header.d={domain}"),
        None => format!("{AUTHSERV}; dkim=none"),
    };
    let mail = mail.clone().above("List-Id", "<qemu-devel.nongnu.org>");
    mail.above("Authentication-Results", &found).build()
}

#[test]
fn junk() {
    let list = "mode = \"list\"\ndecline = \"list\"\nsettle = \"0s\"\n\
                digest-to = [\"readers@example.net\"]\n";
    let setup = Setup { list: list.to_owned(), caps: String::new(), ..Setup::default() };
    let Some(mut scene) = Scene::new(setup) else { return };
    scene.start_watching();
    scene.introduce(&[ALICE, BOB]);
    let maildrop = scene.rig.dovecot().maildrop();
    let time: SystemTime = scene.rig.clock().now().into();
    let names: Vec<String> = (0..100).map(|n| format!("mallory-{n}@example.com")).collect();
    let names: &'static [String] = names.leak();
    let began = Instant::now();
    let mut real = Vec::new();
    let own = scene.stored();
    for number in 0..JUNK {
        // The half is vouched for, of people who were seen before; the other is in anybody's name.
        let vouched = number % 2 == 0;
        let name = names[number / 2 % names.len()].as_str();
        let who = if vouched { ("Mallory Mean", name) } else { ("Victor", "victim@example.com") };
        let first = vouched && number < 2 * names.len();
        let mail = if first { plain(number, who) } else { declared(number, who) };
        // What is for discussion is told of in the digest alone.
        let mail = if number % 3 == 0 { mail.prefix("RFC PATCH") } else { mail };
        maildrop.deliver("", &delivered(&mail, vouched), Some(time));
        if number % (JUNK / 4) == JUNK / 5 {
            let who = if real.len() % 2 == 0 { ALICE } else { BOB };
            let mail = declared(500_000 + number, who);
            maildrop.deliver("", &delivered(&mail, true), Some(time));
            real.push(mail);
        }
    }
    let delivered = began.elapsed();
    let all = own + (JUNK + real.len()) as u64;
    let most = Duration::from_secs(200);
    scene.wait_for("all is stored", most, |scene| {
        // Whoever asks all the time takes the processor from who is asked.
        std::thread::sleep(Duration::from_millis(250));
        scene.stored() >= all
    });
    scene.wait_until_judged(real.last().unwrap());
    scene.wait_until_nothing_waits();
    println!("{all} mails: delivered in {delivered:?}, taken after {:?}", began.elapsed());
    // What was sent: the cap of an hour. The junk's domain has used up its own and leaves room; what
    // an author was told once a day is held.
    assert_eq!(scene.replies_in(ReplyState::Sent) + scene.replies_in(ReplyState::Seen), 5);
    for (number, series) in real.iter().enumerate() {
        let held = if number < 2 { Value::Null } else { "cap".into() };
        assert_eq!(scene.record(series)["reply"]["held_by"], held, "{number}");
    }
    // The digest's week is over on Monday.
    let readers = ("Readers", "readers@example.net");
    scene.hours_later(24 * 5);
    scene.wait("the digest is sent", |scene| !scene.written_to(readers).is_empty());
    let digest = scene.written_to(readers).remove(0).raw;
    let digest = Message::parse(&digest).body;
    for series in &real[2..] {
        assert!(digest.contains(&format!("<{}>", series.message_id())), "{digest}");
    }
    let known = |address: &str| names.iter().any(|name| name == address);
    let real = |address: &str| [ALICE.1, BOB.1, readers.1].contains(&address);
    scene.assert_only_to(|address| known(address) || real(address));
    assert!(scene.spoken().len() <= 5);
    scene.assert_well();
}
