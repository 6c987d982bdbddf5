//! A reply that is cancelled while it is being sent, or while nobody knows whether it was.

use std::time::Duration;

use jiff::SignedDuration;
use test_case::test_case;
use tidewaiter_mail::{Address, MessageId};
use tidewaiter_outbox::{Clock as _, OperateError, Resolution, resolve};
use tidewaiter_store::{Arming, Finished, ReplyState, Store};
use tidewaiter_testkit::smtp::{At, Fault, Script};

use crate::scene::{Scene, pass};

fn cancel(store: &mut Store, id: &MessageId) -> bool {
    let writer = store.begin().unwrap();
    let cancelled = writer.cancel(id).unwrap();
    writer.commit().unwrap();
    cancelled
}

/// What the server says to the mail, half a second after the reply was cancelled.
#[test_case("451 4.3.0 later", ReplyState::Cancelled; "later")]
#[test_case("250 2.0.0 Ok", ReplyState::Sent; "taken")]
#[test_case("554 5.7.1 no", ReplyState::Dead; "refused")]
#[test_case("199 what", ReplyState::Doubt; "nonsense")]
fn while_it_is_sent(answer: &'static str, state: ReplyState) {
    let script = Script { faults: vec![(At::Dot, Fault::Late(answer), 1)], ..Script::default() };
    let mut scene = Scene::new(script);
    scene.server.timeouts.answer = Duration::from_secs(20);
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let person = async {
        while scene.state(&id) != ReplyState::Armed {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert!(!scene.store(|store| cancel(store, &id)), "it may have gone out");
    };
    let (passed, ()) = runtime.block_on(async { tokio::join!(outbox.pass(&|| true), person) });
    let passed = passed.unwrap();
    assert_eq!(passed.happened.iter().map(|h| h.state).collect::<Vec<_>>(), [state]);
    let row = scene.row(&id);
    assert_eq!((row.state, row.unwanted), (state, true));
    let attempts = scene.store(|store| store.attempts(&id).unwrap());
    assert_eq!(attempts.iter().map(|a| a.outcome.as_str()).collect::<Vec<_>>(), [state.as_str()]);
    // Nothing of it leaves later.
    for _ in 0..3 {
        scene.clock.go(SignedDuration::from_hours(1));
        pass(&mut outbox);
    }
    assert_eq!((scene.state(&id), scene.smtp.dots()), (state, 1));
    if state == ReplyState::Cancelled {
        let note = row.note.unwrap();
        assert!(note.starts_with("cancelled while it was sent") && note.contains("451"), "{note}");
    }
}

#[test]
fn one_in_doubt_is_not_sent_again() {
    let script = Script { faults: vec![(At::Dot, Fault::DoneThenClose, 1)], ..Script::default() };
    let scene = Scene::new(script);
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    assert_eq!(scene.state(&id), ReplyState::Doubt);
    assert!(!scene.store(|store| cancel(store, &id)));
    let now = scene.clock.now();
    let error = scene.store(|store| resolve(store, &id, Resolution::Resend, now)).unwrap_err();
    assert!(matches!(error, OperateError::Unwanted(_)), "{error}");
    assert!(error.to_string().contains("cancelled meanwhile"), "{error}");
    assert_eq!(scene.state(&id), ReplyState::Doubt);
    scene.store(|store| resolve(store, &id, Resolution::Sent, now)).unwrap();
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1));
}

/// A person who is forgotten while a reply to them is sent gets no second try of it.
#[test]
fn whoever_is_forgotten_gets_none() {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    let now = scene.clock.now();
    let limits = scene.rules.limits;
    let person = Address::new("author1@example.org").unwrap();
    let later = Finished {
        state: ReplyState::Ready,
        step: "body",
        detail: "451 later",
        not_before: Some(now),
        now,
        refused: &[],
    };
    let state = scene.store(|store| {
        assert_eq!(store.arm(&id, &limits, &[], now).unwrap(), Arming::Armed);
        store.forget(&person).unwrap();
        store.finish(&id, &later).unwrap()
    });
    assert_eq!((state, scene.state(&id)), (ReplyState::Cancelled, ReplyState::Cancelled));
}

/// What was cancelled before it was armed does not leave, and was never on its way.
#[test]
fn before_it_is_armed() {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    assert!(scene.store(|store| cancel(store, &id)));
    pass(&mut scene.outbox());
    let row = scene.row(&id);
    assert_eq!((row.state, row.unwanted), (ReplyState::Cancelled, false));
    assert_eq!(scene.smtp.connections(), 0);
}
