//! Mails that say what is not so: nobody is written to who should not be, nothing is put down to
//! the wrong person, and nothing is taken for an agreement.

use std::{
    fs,
    time::{Duration, Instant, SystemTime},
};

use serde_json::Value;
use test_case::test_case;
use tidewaiter_mail::Message;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{
    builder::{Mail, thread},
    rig::Post,
};

use crate::{
    people::{ALICE, BEGIN, BOB, MALLORY, Person, answer, declared, id_of_reply, plain},
    program::root,
    scene::{AUTHSERV, LIST, Scene, Setup},
};

const MAINTAINER: Person = ("Mia Maintainer", "mia@example.com");
const MAINTAINERS: &str = "Frobs\nM: Mia Maintainer <mia@example.com>\nR: Rob Reader <victim@example.com>\n\
    L: victim@example.com\nS: Maintained\nF: hw/misc/\n";

/// Everything is said on the list.
const LISTED: &str = "mode = \"list\"\ndecline = \"list\"\n";

/// A world where series settle for an hour and people are known, with a MAINTAINERS.
fn settling(list: &str, more: impl Fn(&mut Setup)) -> Option<Scene> {
    let list = format!("settle = \"1h\"\n{list}");
    let files = "maintainers = \"MAINTAINERS\"\npolicies = \"policies\"".to_owned();
    let mut setup = Setup { list, files, ..Setup::default() };
    more(&mut setup);
    let mut scene = Scene::new(setup)?;
    fs::write(scene.path("MAINTAINERS"), MAINTAINERS).unwrap();
    let policy = fs::read_to_string(root().join("config/policies/qemu-proposed-2026-05.toml"));
    let policy = policy.unwrap().replace("qemu-proposed-2026-05", "qemu-allows");
    let policy = policy.replacen("status = \"proposed\"", "status = \"in-force\"", 1);
    fs::create_dir(scene.path("policies")).unwrap();
    fs::write(scene.path("policies/qemu-allows.toml"), policy).unwrap();
    scene.start_watching();
    [plain(8, ALICE), plain(9, BOB), plain(10, MALLORY)].iter().for_each(|mail| scene.say(mail));
    scene.hours_later(2);
    Some(scene)
}

/// A header that claims that the domain of the maintainer signed, as far as it can.
fn claims() -> Vec<String> {
    let pass = "dkim=pass header.d=example.com";
    vec![
        format!("{AUTHSERV}; {pass}"),
        format!("\n {AUTHSERV}; {pass}"),
        format!("(first)\n\t{AUTHSERV}\n ; {pass}"),
        format!("\"{AUTHSERV}\"; {pass}"),
        format!("{}; {pass}", AUTHSERV.to_uppercase()),
        format!("{AUTHSERV} 1; {pass} (ok)"),
        format!("other.example; none\nAuthentication-Results: {AUTHSERV}; {pass}"),
    ]
}

/// What of a series' agreements counts.
fn counted(record: &Value) -> Vec<&Value> {
    let all = record["agreements"].as_array().unwrap();
    all.iter().filter(|agreement| agreement["counts"] == true).collect()
}

const AGREES: &str = "Reviewed-by: Mia Maintainer <mia@example.com>";

#[test]
fn agreements() {
    let allows = |setup: &mut Setup| setup.policy = "qemu-allows".to_owned();
    let Some(mut scene) = settling(LISTED, allows) else { return };
    let mut all: Vec<Mail> = Vec::new();
    let mut next = |scene: &Scene, forge: &dyn Fn(&Mail, &str) -> Vec<Mail>| {
        let number = 100 + all.len();
        let series = declared(number, ALICE).diff(&format!("hw/misc/more{number}.c"), 40, 0);
        scene.say(&series);
        for mail in forge(&series, &format!("forged-{number}@example.com")) {
            scene.forge(&mail);
        }
        all.push(series);
    };
    let word = "tidewaiter: agree";
    next(&scene, &|series, id| vec![answer(series, id, MAINTAINER, AGREES)]);
    next(&scene, &|series, id| vec![answer(series, id, MAINTAINER, word)]);
    for claim in claims() {
        next(&scene, &|series, id| {
            let mail = answer(series, id, MAINTAINER, word);
            vec![mail.above("Authentication-Results", &claim)]
        });
        next(&scene, &|series, id| {
            let mail = answer(series, id, MAINTAINER, AGREES);
            vec![mail.header("Authentication-Results", &claim)]
        });
    }
    // The author points at a forged agreement, and brings a review along.
    next(&scene, &|series, id| {
        let own =
            answer(series, "pointer@example.org", ALICE, &format!("tidewaiter: agreed <{id}>"));
        scene.say(&own);
        vec![answer(series, id, MAINTAINER, word)]
    });
    next(&scene, &|series, _| {
        let own = answer(series, "brought@example.org", ALICE, &format!("{AGREES}\n\n{word}"));
        scene.say(&own);
        vec![]
    });
    // Mallory, whom their own domain vouches for, under somebody's name.
    for (number, who) in [
        ("mia@example.com", "mallory@example.net"),
        ("Mia Maintainer <mia@example.com>", "mallory@example.net"),
        ("Mia Maintainer", "mia@example.com.example.net"),
        ("Mia Maintainer", "mia@sub.example.com"),
    ]
    .into_iter()
    .enumerate()
    {
        next(&scene, &|series, _| {
            let id = format!("mallory-{number}@example.net");
            scene.say(&answer(series, &id, who, word).header("Sender", "mia@example.com"));
            vec![]
        });
    }
    // Two people in From, and two such fields.
    for (number, from) in [
        "Mia Maintainer <mia@example.com>, Mallory <mallory@example.net>",
        "Mallory <mallory@example.net>\nFrom: Mia Maintainer <mia@example.com>",
        "Mia Maintainer <mia@example.com>\nFrom: Mallory <mallory@example.net>",
    ]
    .into_iter()
    .enumerate()
    {
        next(&scene, &|series, _| {
            let id = format!("two-{number}@example.net");
            let mail = answer(series, &id, MAINTAINER, word).build();
            let mail = String::from_utf8(mail).unwrap();
            let old = "From: Mia Maintainer <mia@example.com>";
            assert!(mail.contains(old));
            scene.send(Post::new(mail.replace(old, &format!("From: {from}")).as_bytes()));
            vec![]
        });
    }
    // The real one.
    let real = declared(99, ALICE).diff("hw/misc/more99.c", 40, 0);
    scene.say(&real);
    scene.say(&answer(&real, "real@example.com", MAINTAINER, word));
    scene.hours_later(2);
    let record = scene.record(&real);
    assert_eq!(counted(&record).len(), 1, "{record}");
    assert_eq!(record["outcome"], "disclosure");
    let mut told = 0;
    for series in &all {
        let record = scene.record(series);
        assert_eq!(counted(&record), Vec::<&Value>::new(), "{record:#}");
        assert_eq!(record["outcome"], "ask", "{record:#}");
        told += record["agreements"].as_array().unwrap().len();
    }
    assert!(told >= all.len() / 2, "{told} of {} were seen at all", all.len());
    println!("{} forged agreements, {told} shown as none", all.len());
    scene.hours_later(48);
    scene.assert_only(&[ALICE]);
    scene.assert_well();
}

/// A series, and a comment on an honest one, in Alice's name.
#[test_case(LISTED; "list")]
#[test_case("mode = \"author\"\ndecline = \"author\"\n"; "author")]
#[test_case("mode = \"digest\"\ndigest-every = \"day\"\n"; "digest")]
fn declarations(mode: &str) {
    let Some(mut scene) = settling(mode, |_| {}) else { return };
    let forged = declared(1, ALICE);
    scene.forge(&forged);
    let honest = plain(2, ALICE).signed_off();
    scene.say(&honest);
    let text = "Indeed this was generated with ChatGPT.\n\nAI-used-for: code\nAssisted-by: ChatGPT";
    scene.forge(&answer(&honest, "comment@example.org", ALICE, text));
    // A part of an honest series that is none of it.
    let cover = Mail::cover("hw/misc: two").from(ALICE.0, ALICE.1).to(LIST);
    let parts =
        vec![plain(31, ALICE).id("p31@example.org"), plain(32, ALICE).id("p32@example.org")];
    let series = thread(BEGIN, Some(cover), parts);
    series.iter().for_each(|mail| scene.say(mail));
    let part = declared(33, ALICE).part(1, 2).in_reply_to(&series[0].message_id());
    scene.forge(&part);
    scene.hours_later(2);
    let waits: [Value; 3] =
        ["unverified-sender".into(), "digest".into(), "author-unreachable".into()];
    for series in [&forged, &honest, &series[0]] {
        let record = scene.record(series);
        assert!(waits.contains(&record["reply"]["held_by"]), "{record:#}");
    }
    scene.hours_later(26);
    scene.hours_later(50);
    assert_eq!(scene.spoken().len(), 0);
    for mail in scene.written() {
        let text = Message::parse(&mail.raw).body;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!text.contains("Alice"), "{text}");
        assert_eq!(text.matches("(nothing vouches for who sent it)").count(), 3, "{text}");
    }
    assert_eq!(scene.written().len(), usize::from(mode.contains("digest")));
    scene.assert_only(&[("", "olga@example.net")]);
    scene.assert_well();
}

/// Nobody replaces a series but its author.
#[test]
fn newer_versions() {
    let Some(mut scene) = settling(LISTED, |_| {}) else { return };
    let all: Vec<Mail> = (1..=4).map(|number| declared(number, ALICE)).collect();
    all.iter().for_each(|series| scene.say(series));
    let [by_name, by_word, in_thread, in_her_name] = &all[..] else { unreachable!() };
    let newer = |of: &Mail, id: &str, who: Person| {
        let number = of.message_id().split(['-', '@']).nth(1).unwrap().parse().unwrap();
        plain(number, who).id(id).version(99).diff("hw/misc/newer.c", 3, 1)
    };
    let by = |mail: Mail, of: &Mail| {
        let text = format!("Supersedes: <{}>", of.message_id());
        mail.body(&text)
    };
    scene.say(&newer(by_name, "n1@example.com", MALLORY));
    let word = newer(by_word, "n2@example.com", MALLORY);
    scene.say(&by(word, by_word));
    scene.say(&newer(in_thread, "n3@example.com", MALLORY).in_reply_to(&in_thread.message_id()));
    let text = format!("Supersedes: <{}>", by_word.message_id());
    scene.say(&answer(by_word, "n4@example.com", MALLORY, &text));
    let hers = newer(in_her_name, "n5@example.org", ALICE);
    scene.forge(&by(hers.clone(), in_her_name).in_reply_to(&in_her_name.message_id()));
    // And one that comes after it was said that a tag got lost.
    let before = declared(7, ALICE).id("before@example.org");
    scene.forge(&before);
    let after = plain(7, ALICE).version(2).id("after@example.org");
    scene.hours_later(2);
    for series in &all {
        scene.wait_until_seen(series);
    }
    scene.say(&after);
    scene.hours_later(2);
    let record = scene.record(&after);
    assert_eq!(record["outcome"], "silent", "{record:#}");
    // The same patch in her name before she sends it is no reason to take hers for a repost.
    let own = declared(6, ALICE);
    scene.forge(&declared(6, ALICE).id("early@example.org"));
    scene.say(&own);
    scene.hours_later(2);
    scene.wait_until_seen(&own);
    let again = declared(6, ALICE).id("again@example.org");
    scene.say(&again);
    scene.hours_later(2);
    assert_eq!(scene.record(&again)["not_judged"], "repost");
    // Her own replaces it.
    let waits = declared(5, ALICE);
    let own = plain(5, ALICE).version(2).id("own@example.org").diff("hw/misc/own.c", 3, 1);
    [&waits, &own].iter().for_each(|mail| scene.say(mail));
    scene.hours_later(2);
    assert_eq!(scene.record(&waits)["silence"], "superseded");
    scene.hours_later(48);
    assert_eq!(scene.spoken().len(), all.len() + 1);
    scene.assert_only(&[ALICE]);
    scene.assert_well();
}

/// Another's Message-ID, before it and after it.
#[test]
fn message_ids() {
    let Some(mut scene) = settling(LISTED, |_| {}) else { return };
    // The id of what the bot will say, which nobody can know who has not its key.
    let known = declared(1, ALICE);
    let guess = Mail::plain("hello").from(MALLORY.0, MALLORY.1).to(LIST);
    scene.say(&guess.id(id_of_reply(&known).as_str()).body("The text that you wait for."));
    scene.say(&known);
    // One that came before, one after, each with another's statement in it.
    let (first, later) = (plain(2, ALICE).signed_off(), plain(3, ALICE).signed_off());
    let twin = |of: &Mail, n| declared(n, MALLORY).id(&of.message_id());
    scene.say(&twin(&first, 12));
    [&first, &later].iter().for_each(|mail| scene.say(mail));
    scene.forge(&declared(13, ALICE).id(&later.message_id()));
    // One whose id comes again when it was spoken of.
    let spoken = declared(4, BOB);
    scene.say(&spoken);
    scene.hours_later(2);
    scene.wait_until_seen(&spoken);
    scene.say(&declared(14, MALLORY).id(&spoken.message_id()));
    scene.hours_later(2);
    assert_eq!(scene.reply_to(&known).unwrap().state, ReplyState::Doubt);
    assert_eq!((scene.reply_to(&first), scene.reply_to(&later)), (None, None));
    scene.hours_later(60);
    assert_eq!(scene.stopped(), None);
    assert_eq!(scene.spoken().len(), 1);
    assert!(scene.log().contains("another mail came under the Message-ID"));
    scene.assert_only(&[BOB]);
    scene.assert_well();
}

const VICTIM: &str = "victim@example.com";

/// Whatever fields point at somebody, nobody is written to but who the configuration names.
#[test_case("mode = \"list\"\ndecline = \"list\"\ncc-maintainers = true\n", &[ALICE, MAINTAINER]; "list")]
#[test_case("mode = \"author\"\ndecline = \"author\"\n", &[ALICE]; "author")]
#[test_case("mode = \"maintainers\"\ndecline = \"maintainers\"\n", &[MAINTAINER]; "maintainers")]
fn victims(mode: &str, people: &[Person]) {
    let Some(mut scene) = settling(mode, |_| {}) else { return };
    let mut number = 0;
    let mut all = Vec::new();
    let mut next = |mail: Mail| {
        number += 1;
        all.push(mail);
    };
    let one = |number: usize| declared(number, ALICE);
    for (at, field) in [
        "Reply-To",
        "Mail-Followup-To",
        "Mail-Reply-To",
        "Sender",
        "Resent-From",
        "Errors-To",
        "X-Original-From",
        "Disposition-Notification-To",
        "Return-Receipt-To",
        "Bcc",
    ]
    .into_iter()
    .enumerate()
    {
        next(one(20 + at).header(field, VICTIM).to(VICTIM).cc(VICTIM));
    }
    next(one(40).author("Victor", VICTIM));
    next(one(41).trailer("Signed-off-by", "Victor <victim@example.com>"));
    next(one(42).trailer("Cc", VICTIM).diff("MAINTAINERS", 2, 0));
    let victor = ("Victor", VICTIM);
    let forged = [
        plain(43, victor),
        declared(44, victor),
        declared(45, ("alice@example.org", VICTIM)),
        declared(46, ("Alice Author via qemu-devel", VICTIM)),
    ];
    for mail in &all {
        scene.say(mail);
    }
    for mail in &forged {
        scene.forge(mail);
    }
    for (at, from) in [
        "Alice Author <alice@example.org>, Victor <victim@example.com>",
        "Alice Author <alice@example.org>\nFrom: Victor <victim@example.com>",
        "Victor <victim@example.com>\nFrom: Alice Author <alice@example.org>",
        "\"Alice\" <alice@example.org> <victim@example.com>",
        "\"victim@example.com\" <alice@example.org>",
        "=?utf-8?q?Alice=0D=0ABcc:_victim=40example.com?= <alice@example.org>",
        "a group: alice@example.org, victim@example.com;",
        "alice@example.org (victim@example.com)",
        "<@victim.example.com,@example.com:alice@example.org>",
    ]
    .into_iter()
    .enumerate()
    {
        let mail = String::from_utf8(one(60 + at).build()).unwrap();
        let old = "From: Alice Author <alice@example.org>";
        let mail = mail.replacen(old, &format!("From: {from}"), 1);
        scene.send(Post::new(mail.as_bytes()));
    }
    scene.hours_later(2);
    // Quiet by the caps of a thread or a day is no proof.
    scene.wait("something is said", |scene| {
        scene.replies_in(ReplyState::Sent) + scene.replies_in(ReplyState::Seen) > 9
    });
    scene.wait_until_nothing_waits();
    scene.hours_later(60);
    scene.assert_only(people);
    scene.assert_well();
}

/// Slogans in everything that a mail may be told of.
#[test]
fn loudspeakers() {
    let Some(mut scene) = settling(LISTED, |_| {}) else { return };
    let slogan = "BUY-FROBS now at https://frobs.example/x or call frobs@frobs.example";
    let mut all = vec![
        declared(1, ALICE).trailer("AI-used-for", slogan),
        declared(2, ALICE).trailer("Assisted-by", &format!("{slogan} (BUY-FROBS)")),
        declared(3, ("BUY-FROBS https://frobs.example", ALICE.1)),
        declared(4, ALICE).trailer("BUY-FROBS-AI-used-for", slogan),
        declared(5, ALICE).body(&format!("This was written by an AI: {slogan}.")),
        declared(6, ALICE).header("User-Agent", slogan).mailer(slogan),
        declared(7, ALICE).diff("hw/misc/BUY-FROBS-frobs.example.c", 2, 1),
        declared(8, ALICE).trailer("Co-authored-by", "Copilot BUY-FROBS <frobs@frobs.example>"),
    ];
    for (number, title) in [
        slogan,
        "hw/misc: BUY-FROBS https://frobs.example/",
        "hw/misc: frob\u{202e}sbORF-YUB\u{202c} www.frobs.example",
        "Acked-by: BUY-FROBS <frobs@frobs.example>",
        "hw/misc: =?utf-8?q?x=0D=0ABcc:_frobs=40frobs.example=0D=0A=0D=0ABUY-FROBS?=",
        "hw/misc: frob.example <script>BUY-FROBS</script> frobs@frobs.example",
    ]
    .into_iter()
    .enumerate()
    {
        let mail = Mail::patch(title).from(ALICE.0, ALICE.1).to(LIST).at(BEGIN);
        let mail = mail.id(&format!("title-{number}@example.org")).trailer("AI-used-for", "code");
        all.push(mail.signed_off().diff(&format!("hw/misc/title{number}.c"), 2, 1));
    }
    // What cannot be answered must not stand in the way of others either.
    let long = "x".repeat(900);
    all.push(declared(30, ALICE).id(&format!("BUY-FROBS.{long}@frobs.example")));
    all.push(declared(31, ALICE).id("BUY-FROBS\u{e9}@frobs.example"));
    all.push(
        (0..200)
            .fold(declared(32, ALICE), |mail, n| mail.reference(&format!("{n}.{long}@x.example"))),
    );
    all.push(declared(33, ("Zoë", "zo\u{eb}@example.org")));
    all.push(declared(34, ("Al", "\"a b\"@example.org")));
    for mail in &all {
        scene.say(mail);
    }
    scene.hours_later(2);
    let last = declared(50, BOB);
    scene.say(&last);
    scene.hours_later(2);
    scene.wait_until_seen(&last);
    scene.wait_until_nothing_waits();
    scene.hours_later(60);
    let spoken = scene.spoken();
    println!("{} of {} loudspeakers were answered", spoken.len() - 1, all.len());
    assert!(spoken.len() > 12, "{}", spoken.len());
    for mail in spoken {
        let text = Message::parse(&mail.raw).body.to_lowercase();
        for word in ["buy-frobs", "frobs.example", "https://frobs", "sborf", "script"] {
            assert!(!text.contains(word), "{word}:\n{}", String::from_utf8_lossy(&mail.raw));
        }
    }
    scene.assert_only(&[ALICE, BOB]);
    scene.assert_well();
}

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
        let who = if vouched { ("Mallory Mean", name) } else { ("Victor", VICTIM) };
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
    let most = Duration::from_secs(100);
    scene.wait_for("all is stored", most, |scene| {
        // Whoever asks all the time takes the processor from who is asked.
        std::thread::sleep(Duration::from_millis(250));
        scene.stored() >= all
    });
    scene.wait_until_judged(real.last().unwrap());
    scene.wait_until_nothing_waits();
    println!("{all} mails: delivered in {delivered:?}, taken after {:?}", began.elapsed());
    // What was sent: the cap of an hour.
    assert_eq!(scene.replies_in(ReplyState::Sent) + scene.replies_in(ReplyState::Seen), 5);
    for series in &real {
        assert_eq!(scene.record(series)["reply"]["held_by"], "cap");
    }
    // The digest's week is over on Monday.
    let readers = ("Readers", "readers@example.net");
    scene.hours_later(24 * 5);
    scene.wait("the digest is sent", |scene| !scene.written_to(readers).is_empty());
    let digest = scene.written_to(readers).remove(0).raw;
    let digest = Message::parse(&digest).body;
    for series in &real {
        assert!(digest.contains(&format!("<{}>", series.message_id())), "{digest}");
    }
    let known = |address: &str| names.iter().any(|name| name == address);
    scene.assert_only_to(|address| known(address) || address == readers.1);
    assert!(scene.spoken().len() <= 5);
    scene.assert_well();
}
