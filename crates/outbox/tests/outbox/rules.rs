//! Rules that change while replies are sent, by the same server or another.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::SignedDuration;
use tidewaiter_outbox::{Clock as _, Secret};
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::smtp::{At, Fault, Script};

use crate::scene::{Scene, pass};

fn observing(scene: &mut Scene) -> tidewaiter_outbox::Outbox {
    scene.rules.lists[0].may_send = false;
    scene.outbox()
}

/// From the next reply on, and for one whose conversation has begun.
#[test]
fn other_rules_hold_at_once() {
    let mut scene = Scene::new(Script::default());
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    let (hand, other) = (outbox.hand(), observing(&mut scene));
    let asked = AtomicUsize::new(0);
    let caught_up = || {
        if asked.fetch_add(1, Ordering::SeqCst) == 2 {
            assert!(hand.take_rules(&other));
        }
        true
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(outbox.pass(&caught_up)).unwrap();
    assert_eq!((scene.state(&id), scene.smtp.dots()), (ReplyState::Ready, 0));
    pass(&mut outbox);
    assert_eq!((scene.state(&id), scene.smtp.connections()), (ReplyState::Held, 1));
}

/// A refused password is not tried again because a policy was mended.
#[test]
fn a_pause_outlives_other_rules() {
    let faults = vec![(At::Mail, Fault::Answer("535 5.7.8 no"), 10)];
    let mut scene = Scene::new(Script { faults, ..Script::default() });
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    pass(&mut outbox);
    assert!(outbox.pause().unwrap().ours);
    scene.rules.limits.hour += 1;
    assert!(outbox.hand().take_rules(&scene.outbox()));
    scene.clock.go(SignedDuration::from_mins(5));
    pass(&mut outbox);
    assert_eq!((scene.state(&id), scene.smtp.connections()), (ReplyState::Ready, 1));
    assert!(outbox.pause().unwrap().until > scene.clock.now());
}

#[test]
fn another_server_needs_another_outbox() {
    let mut scene = Scene::new(Script::default());
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    scene.server.hello = "other.example.net".to_owned();
    assert!(!outbox.hand().take_rules(&observing(&mut scene)));
    scene.server.hello = "bot.example.net".to_owned();
    scene.server.security = tidewaiter_outbox::Security::StartTls;
    scene.server.login = Some(("bot".to_owned(), Secret::new("p")));
    assert!(!outbox.hand().take_rules(&observing(&mut scene)));
    // Nothing was taken over.
    pass(&mut outbox);
    assert_eq!(scene.state(&id), ReplyState::Sent);
}
