//! With the lock held by this test, which plays the daemon.

use std::{
    process::{Child, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, civil::Date};
use test_case::test_case;
use tidewaiter_outbox::{
    Halt, ListRule, PolicyTerm, Resolution, Rules, drop_reply, release, resolve, resume,
};
use tidewaiter_store::{Beside, Limits, ReplyState, Store};
use tidewaiter_testkit::dovecot::{Dovecot, Options};

use crate::{
    doctor::mailbox,
    program::Ran,
    scene::{LIST, Scene, id, short},
};

fn rules() -> Rules {
    Rules {
        halt: Halt::default(),
        stop_file: None,
        limits: Limits { thread: 2, ..Limits::default() },
        lists: vec![ListRule {
            list: LIST.to_owned(),
            may_send: true,
            by_itself: true,
            policy: PolicyTerm {
                until: Some(Date::constant(9999, 12, 31)),
                over: "policy-not-checked",
                project: "QEMU".to_owned(),
                checked: Some(Date::constant(2026, 5, 30)),
            },
            quiet: None,
            max_age: SignedDuration::from_hours(48),
        }],
        operator: Some("olga@example.net".to_owned()),
        give_up: SignedDuration::from_hours(24),
        bounces: 3,
    }
}

fn started(scene: &Scene, args: &[&str]) -> Child {
    scene
        .command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("failed to start the program")
}

fn ended(scene: &Scene, child: Child) -> Ran {
    scene.ran(&child.wait_with_output().expect("failed to wait"))
}

/// Waits for a command, has it done, and answers.
fn serve(store: &mut Store, doing: impl FnOnce(&mut Store, &str) -> String) {
    let start = Instant::now();
    let command = loop {
        if let Some(command) = store.commands().unwrap().into_iter().next() {
            break command;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "no command came");
        sleep(Duration::from_millis(10));
    };
    let answer = doing(store, &command.command);
    let writer = store.begin().unwrap();
    writer.answer(command.id, &answer, Timestamp::now()).unwrap();
    writer.commit_operation().unwrap();
}

#[test_case(&["outbox", "release"], 1, "release ID", ReplyState::Ready)]
#[test_case(&["outbox", "drop"], 2, "drop ID", ReplyState::Dropped)]
#[test_case(&["outbox", "resolve", "--resend"], 3, "resolve ID resend", ReplyState::Ready)]
fn the_daemon_does_it(words: &[&str], number: u32, command: &str, state: ReplyState) {
    let scene = Scene::filled();
    let mut store = scene.open();
    let short = short(number);
    let child = started(&scene, &[words, &[short.as_str()]].concat());
    let now = Timestamp::now();
    serve(&mut store, |store, text| {
        assert_eq!(text, command.replace("ID", id(number).as_str()));
        match words[1] {
            "release" => release(store, &rules(), &id(number), now).unwrap(),
            "drop" => drop_reply(store, &id(number), now).unwrap(),
            _ => resolve(store, &id(number), Resolution::Resend, now).unwrap(),
        }
        "The daemon has done it.".to_owned()
    });
    let ran = ended(&scene, child);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout, "The daemon has done it.\n");
    assert_eq!(store.reply(&id(number)).unwrap().unwrap().state, state);
}

#[test]
fn what_the_daemon_refuses_is_a_failure() {
    let scene = Scene::filled();
    let mut store = scene.open();
    let child = started(&scene, &["outbox", "release", &short(2)]);
    let now = Timestamp::now();
    serve(&mut store, |store, _| release(store, &rules(), &id(2), now).unwrap_err().to_string());
    let ran = ended(&scene, child);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    let wanted = format!("error: failed to release the reply {}: it is ready\n", id(2));
    assert_eq!(ran.stderr, wanted);
}

#[test]
fn stop_needs_no_answer_and_resume_does() {
    let scene = Scene::filled();
    let mut store = scene.open();
    assert_eq!(
        scene.shown(&["stop", "two of one kind"]),
        "Sending is stopped; `tidewaiter resume` lets it go on.\n"
    );
    assert_eq!(store.stopped().unwrap().unwrap().why, "two of one kind");
    let again = scene.shown(&["stop"]);
    assert!(again.starts_with("Sending has been stopped since 2"), "{again}");
    assert!(again.ends_with(": two of one kind.\n"), "{again}");
    let child = started(&scene, &["resume"]);
    serve(&mut store, |store, text| {
        assert_eq!(text, "resume");
        resume(store, Timestamp::now()).unwrap();
        "Sending goes on.".to_owned()
    });
    let ran = ended(&scene, child);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "Sending goes on.\n"), "{}", ran.stderr);
    assert_eq!(store.stopped().unwrap(), None);
}

#[test]
fn a_daemon_that_does_not_answer() {
    let scene = Scene::filled();
    let store = scene.open();
    let output = scene
        .command(&["outbox", "release", &short(1)])
        .env("TIDEWAITER_PATIENCE_MS", "1500")
        .output()
        .unwrap();
    let ran = scene.ran(&output);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    let wanted = format!(
        "error: failed to hear from the daemon within 1.5 seconds; the command `release {}` \
         waits, and is carried out when the daemon gets to it\n",
        id(1)
    );
    assert_eq!(ran.stderr, wanted);
    assert_eq!(store.commands().unwrap().len(), 1);
}

#[test]
fn a_daemon_that_ends_meanwhile_is_not_waited_for() {
    let scene = Scene::filled();
    let store = scene.open();
    let child = started(&scene, &["outbox", "drop", &short(2)]);
    let start = Instant::now();
    while store.commands().unwrap().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(10), "no command came");
        sleep(Duration::from_millis(10));
    }
    drop(store);
    let ran = ended(&scene, child);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(ran.stdout, format!("The reply {} is dropped.\n", id(2)));
    assert_eq!(scene.state(2), ReplyState::Dropped);
    assert_eq!(scene.open().commands().unwrap(), []);
}

#[test]
fn forgetting_is_the_daemons_and_leaves_no_address() {
    let scene = Scene::filled();
    let mut store = scene.open();
    let child = started(&scene, &["store", "forget", "<alice2@example.org>"]);
    serve(&mut store, |store, text| {
        let address = text.strip_prefix("forget ").unwrap();
        let gone = store.forget(&tidewaiter_mail::Address::new(address).unwrap()).unwrap();
        format!("{} reply is forgotten.", gone.replies)
    });
    let ran = ended(&scene, child);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "1 reply is forgotten.\n"), "{}", ran.stderr);
    assert_eq!(store.command(1).unwrap().unwrap().command, "forget");
}

/// A daemon that ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_real_daemon_answers() {
    let Some(dovecot) = Dovecot::start(Options::default()) else { return };
    let scene = Scene::filled();
    let reads = mailbox(&scene, &dovecot);
    scene.configure_observing(&reads);
    let mut command = scene.command(&["run"]);
    let daemon = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let store = Beside::open(&scene.path("store")).unwrap();
    let start = Instant::now();
    while !store.in_use().unwrap() {
        assert!(start.elapsed() < Duration::from_secs(10), "no daemon came");
        sleep(Duration::from_millis(20));
    }
    scene.shown(&["stop", "a test"]);
    assert_eq!(scene.shown(&["resume"]), "Sending goes on.\n");
    let text = scene.shown(&["outbox", "drop", &short(2)]);
    assert_eq!(text, format!("The reply {} is dropped.\n", id(2)));
    assert_eq!(store.reply(&id(2)).unwrap().unwrap().state, ReplyState::Dropped);
    let ran = scene.run(&["outbox", "release", &short(1)]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.starts_with("error: failed to release the reply"), "{}", ran.stderr);
    let text = scene.shown(&["store", "forget", "alice3@example.org"]);
    assert_eq!(text, "0 mails, 0 series and what 1 reply said are forgotten.\n");
    assert!(scene.shown(&["doctor"]).contains("One runs on the store."));
    drop(daemon);
}
