//! A mailbox that is another than before: put back from copies, elsewhere, under another name.

use jiff::{SignedDuration, Timestamp};
use tidewaiter_testkit::dovecot::USER;

use super::{ALICE, LONG, a_while, short, watching};
use crate::scene::{AUTHSERV, Scene, Setup, patch};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A patch as the list sends it, and when the server in front of the mailbox got it, if that says so.
fn as_on_the_list(number: usize, came: Option<Timestamp>) -> Vec<u8> {
    let text = String::from_utf8(patch(number, ALICE)).unwrap();
    let text = text.replace("\nSubject:", "\nList-Id: <qemu-devel.nongnu.org>\nSubject:");
    let vouched = format!("Authentication-Results: {AUTHSERV}; dkim=pass header.d=example.org\n");
    let came = came.map_or_else(String::new, |came| {
        let date = jiff::fmt::rfc2822::to_string(&came.to_zoned(jiff::tz::TimeZone::UTC));
        format!("Received: from x by mx.bot.example; {}\n", date.unwrap())
    });
    format!("{came}{vouched}{text}").into_bytes()
}

/// Mails of long ago lie in the mailbox under today's date and new numbers, some of which nobody here has
/// ever seen: nothing is said about them, in no mail and no digest.
#[test]
fn an_old_mailbox_is_put_back() {
    let list = "mode = \"list\"\ndecline = \"list\"\nsettle = \"0s\"\n\
                digest-to = [\"readers@example.net\"]\ndigest-every = \"day\"\n";
    let Some(mut scene) = watching(Setup { list: list.to_owned(), ..short() }) else { return };
    scene.answers_again(0);
    assert!(scene.end().success());
    // Three weeks later the mailbox is copies of its files, and of an archive's: each came today, by
    // the server. Of the archive nothing was ever seen: what came after the first start, before it,
    // what has no word of when it came, and what was delivered a second time.
    let then = scene.rig.clock().now() + DAY;
    let now = scene.pass(DAY * 21);
    let old = [(100, Some(then)), (101, Some(then - DAY * 300)), (102, None), (103, Some(now))];
    let dovecot = scene.rig.dovecot();
    let known = dovecot.export("");
    dovecot.doveadm(&["expunge", "-u", USER, "mailbox", "INBOX", "all"]);
    let old = old.into_iter().map(|(number, came)| as_on_the_list(number, came));
    for raw in known.into_iter().map(|(_, raw)| raw).chain(old) {
        dovecot.deliver_at("", &raw, now.into());
    }
    dovecot.doveadm(&["mailbox", "update", "-u", USER, "--uid-validity", "1000000007", "INBOX"]);
    scene.start();
    scene.wait_in_log("given the mailbox new numbers");
    scene.wait("all is stored", |s| s.stored() == 7);
    scene.wait_in_log("mails came long before the server says; they count as old");
    scene.wait("they are judged", |s| s.count_in_log("series=\"patch-10") >= 4);
    // The list is not quieter for it either: it was last heard of when this began.
    assert_eq!(scene.store().heard("qemu-devel.nongnu.org").unwrap(), Some(then - DAY));
    // The day's digest would be due.
    scene.pass(DAY * 2);
    a_while();
    for number in 100..104 {
        assert_eq!(scene.answers(number), 0, "{number}: {}", scene.log());
    }
    scene.answers_again(1);
    for mail in scene.rig.private_mails() {
        let text = String::from_utf8_lossy(&mail.raw).into_owned();
        assert!(!text.contains("frob number 10"), "{text}");
    }
    scene.assert_never_two();
}

/// Another mailbox is read under the same name, and it has the same numbers: what lies below the old one's
/// last number is read, too. Nothing is said about what is old.
#[test]
fn another_mailbox_takes_the_place_of_one() {
    let Some(mut scene) = Scene::new(short()) else { return };
    let dovecot = scene.rig.dovecot();
    dovecot.doveadm(&["mailbox", "create", "-u", USER, "Other"]);
    for name in ["INBOX", "Other"] {
        let update = ["mailbox", "update", "-u", USER, "--uid-validity", "1000000007", name];
        dovecot.doveadm(&update);
    }
    scene.begin();
    (0..3).for_each(|number| scene.answers_again(number));
    assert!(scene.end().success());
    // It comes while the daemon is down, and an old one has been there.
    let now = scene.rig.clock().now();
    let old = (now - DAY * 10).into();
    scene.rig.dovecot().deliver_at("Other", &as_on_the_list(100, None), old);
    scene.rig.dovecot().deliver_at("Other", &as_on_the_list(3, None), now.into());
    // More than the first one has, or its numbers would have gone back.
    for number in 0..10 {
        let filler = format!("From: x@example.net\nMessage-ID: <f{number}@example.net>\n\nText\n");
        scene.rig.dovecot().deliver_at("Other", filler.as_bytes(), now.into());
    }
    let config = std::fs::read_to_string(scene.path("tidewaiter.toml")).unwrap();
    let config = config.replace("name = \"lists\"\n", "name = \"lists\"\nmailbox = \"Other\"\n");
    std::fs::write(scene.path("tidewaiter.toml"), config).unwrap();
    scene.start();
    scene.wait("it is answered", |s| s.answers(3) == 1);
    a_while();
    assert_eq!(scene.answers(100), 0);
    scene.assert_never_two();
}

/// The name in the configuration is no more than a name.
#[test]
fn the_name_of_a_mailbox_is_changed() {
    let Some(mut scene) = watching(short()) else { return };
    scene.answers_again(0);
    assert!(scene.end().success());
    scene.post(1);
    scene.rig.wait_for(|rig| rig.delivered() >= 4, LONG);
    let config = std::fs::read_to_string(scene.path("tidewaiter.toml")).unwrap();
    let config = config.replace("name = \"lists\"\n", "name = \"another\"\n");
    std::fs::write(scene.path("tidewaiter.toml"), config).unwrap();
    let known = scene.count_in_log("this mailbox is read from here on");
    scene.start_watching();
    scene.wait_answered(1);
    scene.answers_again(2);
    scene.wait_until_stored();
    assert_eq!(scene.count_in_log("this mailbox is read from here on"), known);
    scene.assert_sound(3);
}
