//! When a reply is given up.

use jiff::SignedDuration;
use tidewaiter_outbox::{Clock as _, release};
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::smtp::{At, Fault, Script};

use crate::scene::{Scene, pass};

const GREYLISTED: Fault = Fault::Answer("450 4.2.0 greylisted");

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// A stop switch that is on for longer than replies are tried loses none of them.
#[test]
fn what_was_never_tried_is_not_dead() {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    scene.rules.halt.set();
    let mut outbox = scene.outbox();
    pass(&mut outbox);
    scene.clock.go(hours(30));
    pass(&mut outbox);
    scene.rules.halt.clear();
    pass(&mut outbox);
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1));
}

#[test]
fn what_waited_is_tried_as_long_as_any_other() {
    let faults = vec![(At::Rcpt, GREYLISTED, 3)];
    let mut scene = Scene::new(Script { faults, ..Script::default() });
    scene.rules.give_up = hours(5);
    let id = scene.queue(1);
    scene.clock.go(hours(30));
    let mut outbox = scene.outbox();
    for _ in 0..4 {
        pass(&mut outbox);
        scene.clock.go(hours(1));
    }
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1));
}

/// Counted from the first try, and told from the last.
#[test]
fn what_was_tried_for_long_is_dead_and_told() {
    let faults = vec![(At::Rcpt, GREYLISTED, 1000)];
    let scene = Scene::new(Script { faults, ..Script::default() });
    let id = scene.queue(1);
    scene.clock.go(hours(10));
    let mut outbox = scene.outbox();
    while scene.state(&id) == ReplyState::Ready {
        pass(&mut outbox);
        scene.clock.go(SignedDuration::from_mins(30));
    }
    let row = scene.row(&id);
    let now = scene.clock.now();
    let waited = now.duration_since(row.queued);
    assert!(waited > hours(34) && waited < hours(36), "{waited:?}");
    assert_eq!(row.state, ReplyState::Dead);
    assert!(row.note.unwrap().starts_with("given up: "));
    let dead = |ago| scene.store(|store| store.dead_since(now - hours(ago)).unwrap());
    assert_eq!((dead(24), dead(0)), (1, 0));
}

/// A person who releases a reply gives it its time anew.
#[test]
fn a_release_begins_anew() {
    let faults = vec![(At::Rcpt, GREYLISTED, 1)];
    let scene = Scene::new(Script { faults, ..Script::default() });
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    pass(&mut outbox);
    scene.clock.go(hours(49));
    pass(&mut outbox);
    // Held for its age: it was tried and not given up, since the gate is asked first.
    assert_eq!(scene.state(&id), ReplyState::Held);
    scene.store(|store| release(store, &scene.rules, &id, scene.clock.now())).unwrap();
    pass(&mut outbox);
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1));
}
