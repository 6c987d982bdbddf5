//! What stops a pass that goes on: mails that came meanwhile, which may make a reply needless, and
//! a signal.

use std::sync::atomic::{AtomicUsize, Ordering};

use tidewaiter_outbox::{Outbox, Pass};
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::smtp::Script;

use crate::scene::{Scene, pass};

/// One pass in which the answer is "every mail was taken" so many times, and no longer then.
fn caught_up_for(outbox: &mut Outbox, times: usize) -> Pass {
    let asked = AtomicUsize::new(0);
    let caught_up = || asked.fetch_add(1, Ordering::SeqCst) < times;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(outbox.pass(&caught_up)).unwrap()
}

/// Asked for the pass, then for each reply before it is tried and as it is armed.
#[test]
fn a_mail_that_comes_between_two_replies_stops_the_second() {
    let scene = Scene::new(Script::default());
    let ids: Vec<_> = (1..=3).map(|number| scene.queue(number)).collect();
    let mut outbox = scene.outbox();
    let passed = caught_up_for(&mut outbox, 3);
    assert!(passed.behind && passed.shut.is_some(), "{passed:?}");
    assert_eq!(scene.smtp.connections(), 1);
    let states: Vec<_> = ids.iter().map(|id| scene.state(id)).collect();
    assert_eq!(states, [ReplyState::Sent, ReplyState::Ready, ReplyState::Ready]);
    let passed = pass(&mut outbox);
    assert!(!passed.behind && passed.shut.is_none(), "{passed:?}");
    assert_eq!(scene.smtp.taken().len(), 3);
}

#[test]
fn a_mail_that_comes_before_the_first_byte_stops_it() {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    let passed = caught_up_for(&mut outbox, 2);
    assert!(passed.behind, "{passed:?}");
    let row = scene.row(&id);
    // It was as far as the 354, and nothing of the mail left.
    assert_eq!((row.state, row.armed, scene.smtp.connections()), (ReplyState::Ready, None, 1));
    assert_eq!((scene.smtp.dots(), scene.store(|s| s.attempts(&id).unwrap().len())), (0, 0));
    pass(&mut outbox);
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1));
}

/// Whatever the store says, and however far the conversation has come.
#[test]
fn a_signal_stops_it_at_once() {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    let halt = scene.rules.halt.clone();
    let mut outbox = scene.outbox();
    let asked = AtomicUsize::new(0);
    // It comes while the server is spoken to.
    let caught_up = || {
        if asked.fetch_add(1, Ordering::SeqCst) == 2 {
            halt.set();
        }
        true
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let passed = runtime.block_on(outbox.pass(&caught_up)).unwrap();
    assert_eq!(passed.shut.as_deref(), Some("a signal has stopped it"));
    assert_eq!((scene.state(&id), scene.smtp.dots()), (ReplyState::Ready, 0));
    assert_eq!((pass(&mut outbox).shut, scene.smtp.connections()), (passed.shut, 1));
    halt.clear();
    pass(&mut outbox);
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1));
}
