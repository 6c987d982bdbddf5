//! A list that does not send our reply back, and one that sends too much.

use jiff::SignedDuration;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::rig::Whose;

use super::{ALICE, a_while, short, watching};
use crate::{
    program::run,
    scene::{Scene, patch},
};

#[test]
fn held_for_moderation_and_released() {
    let Some(scene) = watching(short()) else { return };
    scene.rig.faults().hold = Some(Whose::Bots);
    scene.post(0);
    scene.wait("the reply is sent", |s| s.state_of(0) == Some(ReplyState::Sent));
    scene.pass(SignedDuration::from_mins(29));
    a_while();
    assert!(!scene.log().contains("echo-late"), "too early: {}", scene.log());
    scene.pass(SignedDuration::from_mins(2));
    scene.wait_alarm("echo-late");
    scene.wait_in_log("one reply did not come back through the list: held for moderation?");
    assert_eq!(scene.rig.release_held(), 1);
    scene.wait_answered(0);
    scene.wait_well("echo-late");
    scene.rig.faults().hold = None;
    scene.answers_again(1);
    scene.assert_sound(2);
}

#[test]
fn dropped_by_the_list_and_kept_from_us() {
    let Some(scene) = watching(short()) else { return };
    scene.rig.faults().drop = Some((Whose::Bots, 1));
    scene.post(0);
    scene.wait("the first is sent", |s| s.state_of(0) == Some(ReplyState::Sent));
    {
        let mut faults = scene.rig.faults();
        (faults.notmetoo, faults.nodupes) = (true, true);
    }
    scene.post(1);
    scene.wait("the second is sent", |s| s.state_of(1) == Some(ReplyState::Sent));
    scene.pass(SignedDuration::from_mins(31));
    scene.wait_alarm("echo-late");
    scene.wait_in_log("2 replies did not come back through the list: held for moderation?");
    scene.pass(SignedDuration::from_hours(24));
    scene.wait_alarm("echo-lost");
    scene.wait_well("echo-late");
    scene.wait_in_log("2 replies did not come back through the list for a day");
    // They went out: nothing is sent again, and others are answered.
    scene.rig.faults().notmetoo = false;
    scene.rig.faults().nodupes = false;
    scene.answers_again(2);
    assert_eq!((scene.answers(0), scene.answers(1)), (1, 1));
    // A week later nobody can do anything about it any more.
    scene.pass(SignedDuration::from_hours(24 * 7));
    scene.wait_well("echo-lost");
    scene.assert_sound(3);
}

/// It is not read, and it is known that there was one.
#[test]
fn a_mail_that_is_too_large() {
    let Some(mut scene) = Scene::new(short()) else { return };
    scene.edit(|text| text.replace("[[mailboxes]]\n", "[[mailboxes]]\nmax-mail-kib = 8\n"));
    scene.start_watching();
    let list = "qemu-devel.nongnu.org";
    assert_eq!(scene.store().heard(list).unwrap(), None);
    let large = String::from_utf8(patch(0, ALICE)).unwrap();
    let large = large.replace("Frob it.\n", &"Frob it, and frob it well.\n".repeat(1000));
    scene.rig.post(large.replace("patch-0@example.org", "20260528.1-alice@example.org").as_bytes());
    scene.wait_in_log("a mail was passed over: it is too large");
    let log = scene.log();
    let line = log.lines().find(|line| line.contains("passed over")).unwrap();
    assert!(line.contains("mail=\"20260528.1-alice\"") && line.contains("size=2"), "{line}");
    assert!(!line.contains('@'), "{line}");
    scene.wait("it is stored", |s| !s.store().passed_over(9).unwrap().is_empty());
    assert!(scene.store().heard(list).unwrap().is_some());
    let (place, why) = scene.store().passed_over(9).unwrap().remove(0);
    let known = format!("imap://bot%40bot.example@localhost:{}/INBOX", scene.rig.imaps_port());
    assert_eq!((place.mailbox, place.uid), (known.clone(), 1));
    let words: Vec<&str> = why.split(' ').collect();
    assert_eq!(words[..4], ["it", "is", "too", "large:"], "{why}");
    assert!(why.ends_with(" bytes, <20260528.1-alice@example.org>"), "{why}");
    let config = scene.path("tidewaiter.toml").display().to_string();
    let shown = run(&["store", "check", "--config", &config]).stdout;
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains(&format!("mail 1 of `{known}`: it is too large: ")), "{shown}");
    assert_eq!(scene.stored(), 0);
}
