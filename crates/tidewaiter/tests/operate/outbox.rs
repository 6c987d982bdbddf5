//! Replies: listed, shown, released, dropped, resolved.

use insta::assert_snapshot;
use test_case::test_case;
use tidewaiter_store::{Beside, ReplyState};
use unicode_width::UnicodeWidthStr;

use crate::scene::{Scene, id, queue, short};

fn widest(text: &str) -> usize {
    text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
}

#[test]
fn what_waits_is_listed() {
    let scene = Scene::filled();
    let text = scene.shown(&["outbox", "list"]);
    assert!(widest(&text) <= 80, "{text}");
    assert_snapshot!("outbox-list", text);
    let narrow = scene.command(&["outbox", "list"]).env("COLUMNS", "44").output().unwrap();
    let narrow = scene.ran(&narrow).stdout;
    assert!(widest(&narrow) <= 44, "{narrow}");
    assert_snapshot!("outbox-list-narrow", narrow);
    let sent = scene.shown(&["outbox", "list", "--state=sent,dead"]);
    assert_snapshot!("outbox-list-over", sent);
    assert_eq!(scene.shown(&["-q", "outbox", "list", "--state=seen"]), "");
    assert_eq!(scene.shown(&["outbox", "list", "--state=seen"]), "No reply is in that state.\n");
    assert_eq!(scene.run(&["outbox", "list", "--state=lost"]).code, 2);
}

#[test]
fn nothing_waits() {
    let scene = Scene::new();
    let text = scene.shown(&["outbox", "list"]);
    assert_eq!(text, "No reply is held, in doubt, or waits to be sent.\n");
    assert_eq!(scene.shown(&["outbox", "list", "--format=jsonl"]), "");
}

#[test]
fn replies_for_programs() {
    let scene = Scene::filled();
    let ran = scene.shown(&["outbox", "list", "--format=jsonl"]);
    let all: Vec<serde_json::Value> =
        ran.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let states: Vec<&str> = all.iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["held", "ready", "doubt", "held"]);
    assert_eq!(all[2]["attempts"][0]["detail"], "the server said nothing for too long");
    assert!(all[0].get("mail").is_none());
    assert_snapshot!(
        "outbox-show-jsonl",
        scene.shown(&["outbox", "show", &short(3), "--format=jsonl"])
    );
}

#[test_case(1, "held")]
#[test_case(2, "ready")]
#[test_case(3, "doubt")]
fn one_is_shown_whole(number: u32, name: &str) {
    let scene = Scene::filled();
    let text = scene.shown(&["outbox", "show", &short(number)]);
    assert!(!text.lines().any(|line| line.ends_with(' ')), "{text}");
    assert_snapshot!(format!("outbox-show-{name}"), text);
}

#[test]
fn ids_may_be_cut_and_bracketed() {
    let scene = Scene::filled();
    let whole = id(3).to_string();
    let text = scene.shown(&["outbox", "show", &whole]);
    let part = |from, to| whole.get(from..to).unwrap().to_owned();
    for id in [part(0, 5), part(3, 9), part(0, 20), format!("<{whole}>")] {
        assert_eq!(scene.shown(&["outbox", "show", &id]), text, "{id}");
    }
    let none = scene.run(&["outbox", "show", "tw.ffffff"]);
    assert_snapshot!("outbox-unknown-id", format!("exit {}\n{}", none.code, none.stderr));
    let many = scene.run(&["outbox", "drop", "tw."]);
    assert_eq!(many.stdout, "");
    assert_snapshot!("outbox-ambiguous-id", format!("exit {}\n{}", many.code, many.stderr));
    assert_eq!(scene.run(&["outbox", "show", "<>"]).code, 2);
}

#[test_case(&["release"], 1, ReplyState::Ready; "release")]
#[test_case(&["drop"], 1, ReplyState::Dropped; "drop a held one")]
#[test_case(&["drop"], 2, ReplyState::Dropped; "drop a waiting one")]
#[test_case(&["resolve", "--sent"], 3, ReplyState::Sent; "sent")]
#[test_case(&["resolve", "--resend"], 3, ReplyState::Ready; "resend")]
#[test_case(&["resolve", "--drop"], 3, ReplyState::Dropped; "resolve by drop")]
fn without_a_daemon_it_is_done_at_once(words: &[&str], number: u32, state: ReplyState) {
    let scene = Scene::filled();
    let short = short(number);
    let text = scene.shown(&[&["outbox"], words, &[short.as_str()]].concat());
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains(id(number).as_str()) && text.ends_with(".\n"), "{text}");
    assert_eq!(text.contains("No daemon runs"), state == ReplyState::Ready, "{text}");
    assert_eq!(scene.state(number), state);
    assert_eq!(scene.open().commands().unwrap(), []);
}

#[test_case(&["release"], 2; "release a waiting one")]
#[test_case(&["drop"], 4; "drop a sent one")]
#[test_case(&["resolve", "--resend"], 5; "resolve a dead one")]
fn what_cannot_be_done_is_said(words: &[&str], number: u32) {
    let scene = Scene::filled();
    let before = scene.state(number);
    let short = short(number);
    let ran = scene.run(&[&["outbox"], words, &[short.as_str()]].concat());
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.starts_with("error: failed to "), "{}", ran.stderr);
    assert!(ran.stderr.ends_with(&format!(": it is {}\n", before.as_str())), "{}", ran.stderr);
    assert_eq!(scene.state(number), before);
}

#[test]
fn one_that_was_cancelled_while_in_doubt_is_not_sent_again() {
    let scene = Scene::filled();
    let mut store = scene.open();
    let writer = store.begin().unwrap();
    writer.cancel(&id(3)).unwrap();
    writer.commit().unwrap();
    drop(store);
    let shown = scene.shown(&["outbox", "show", &short(3)]);
    assert!(shown.contains("cancelled meanwhile: it is"), "{shown}");
    let json = scene.shown(&["outbox", "show", &short(3), "--format=jsonl"]);
    assert!(json.contains("\"unwanted\":true"), "{json}");
    let ran = scene.run(&["outbox", "resolve", "--resend", &short(3)]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("it was cancelled meanwhile"), "{}", ran.stderr);
    assert_eq!(scene.state(3), ReplyState::Doubt);
}

#[test]
fn gates_are_asked_at_a_release() {
    let scene = Scene::filled();
    scene.shown(&["stop", "too", "many"]);
    let ran = scene.run(&["outbox", "release", &short(1)]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.ends_with("the stop switch is on: too many\n"), "{}", ran.stderr);
    assert_eq!(scene.state(1), ReplyState::Held);
    let list = scene.shown(&["outbox", "list"]);
    assert!(list.contains("Sending has been stopped since"), "{list}");
}

#[test_case(&["outbox", "resolve", "tw.1"]; "how")]
#[test_case(&["outbox", "resolve", "tw.1", "--sent", "--drop"]; "both")]
#[test_case(&["outbox", "release"]; "no id")]
#[test_case(&["outbox", "release", "tw.1", "--format=jsonl"]; "format")]
fn usage(args: &[&str]) {
    let scene = Scene::filled();
    let ran = scene.run(args);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
}

#[test]
fn hostile_subjects_steer_nothing() {
    let scene = Scene::new();
    let mut store = scene.open();
    let subjects = [
        "Re: a\u{1b}[2J\u{202e}b",
        "Re: \u{6f22}\u{5b57}".repeat(40).leak(),
        "x".repeat(900).leak(),
    ];
    for (number, subject) in (1..).zip(subjects) {
        queue(&mut store, number, subject);
    }
    drop(store);
    let mut text = scene.shown(&["outbox", "list"]);
    assert!(widest(&text) <= 80, "{text}");
    for number in 1..=3 {
        text += &scene.shown(&["outbox", "show", &short(number)]);
    }
    let steers = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!text.contains(steers), "{text:?}");
}

#[test]
fn a_forgotten_person_leaves_an_empty_reply() {
    let scene = Scene::filled();
    let text = scene.shown(&["store", "forget", "Alice3@example.org"]);
    assert_eq!(text, "0 mails, 0 series and what 1 reply said are forgotten.\n");
    let text = scene.shown(&["outbox", "show", &short(3)]);
    assert!(text.ends_with("\nIts text is gone: the person was forgotten.\n"), "{text}");
    assert!(!text.contains("alice3"), "{text}");
    // Looking beside the daemon is enough for all of it.
    let store = scene.open();
    assert!(Beside::open(&scene.path("store")).unwrap().in_use().unwrap());
    assert_eq!(scene.shown(&["outbox", "show", &short(3)]), text);
    drop(store);
}
