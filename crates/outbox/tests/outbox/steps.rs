//! Every fault at every step of the conversation: exactly once, or in doubt, never twice.

use crate::scene::{Scene, pass};
use jiff::SignedDuration;
use test_case::{test_case, test_matrix};
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::smtp::{At, Cut, Fault, Script};

fn faulty(at: At, fault: Fault) -> Script {
    Script { faults: vec![(at, fault, 1)], ..Script::default() }
}

/// What a fault at a step must make of a reply: first, and after more tries without faults.
fn expected(at: At, fault: Fault) -> (ReplyState, ReplyState) {
    use Fault::*;
    use ReplyState::*;
    match (at, fault) {
        // After the first byte only a plain answer counts.
        (At::Dot, Answer(text)) if text.starts_with('4') => (Ready, Sent),
        (At::Dot, Answer(text)) if text.starts_with('5') => (Dead, Dead),
        (At::Body | At::Dot, _) => (Doubt, Doubt),
        (At::Greeting | At::Ehlo, Answer(_)) => (Ready, Sent),
        (_, Answer(text)) if text.starts_with('5') => (Dead, Dead),
        _ => (Ready, Sent),
    }
}

#[test_matrix(
    [At::Greeting, At::Ehlo, At::Mail, At::Rcpt, At::Data, At::Body, At::Dot],
    [
        Fault::Close, Fault::Reset, Fault::Hang, Fault::Garbage,
        Fault::Answer("451 4.3.0 later"), Fault::Answer("421 4.3.2 closing"),
        Fault::Answer("554 5.7.1 no"), Fault::Answer("399 what"), Fault::Answer("199 what"),
        Fault::DoneThenClose, Fault::DoneThenHang, Fault::DoneThenGarbage
    ]
)]
fn a_fault(at: At, fault: Fault) {
    if at == At::Body && matches!(fault, Fault::Answer(_)) {
        // An answer in the middle of the mail is read as the one to its end.
        return an_early_answer(fault);
    }
    let scene = Scene::new(faulty(at, fault));
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    let (first, last) = expected(at, fault);
    let passed = pass(&mut outbox);
    assert_eq!(scene.state(&id), first, "{passed:?}");
    let taken = usize::from(match fault {
        Fault::DoneThenClose | Fault::DoneThenHang => at == At::Dot,
        Fault::DoneThenGarbage => at >= At::Body,
        // In the middle of the mail the server goes on after it.
        Fault::Garbage => at == At::Body,
        _ => false,
    });
    assert_eq!(scene.count(&id), taken);
    assert_eq!(scene.store(|store| store.attempts(&id).unwrap().len()), 1);
    for _ in 0..3 {
        scene.clock.go(SignedDuration::from_hours(1));
        pass(&mut outbox);
    }
    assert_eq!(scene.state(&id), last);
    assert_eq!(scene.count(&id), if last == ReplyState::Sent { 1 } else { taken });
}

fn an_early_answer(fault: Fault) {
    let scene = Scene::new(faulty(At::Body, fault));
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    for _ in 0..4 {
        pass(&mut outbox);
        scene.clock.go(SignedDuration::from_hours(1));
    }
    // A server that says no and takes the mail all the same cannot be told from an honest one.
    assert!(scene.count(&id) <= if fault_is_transient(fault) { 2 } else { 1 });
}

fn fault_is_transient(fault: Fault) -> bool {
    matches!(fault, Fault::Answer(text) if text.starts_with('4'))
}

/// Cuts a conversation after so many bytes, both ways and both kinds.
fn cut(after: usize, from_client: bool, reset: bool) -> bool {
    let cut = Cut { from_client, after, reset };
    let scene = Scene::new(Script { cut: Some((cut, 1)), ..Script::default() });
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    for _ in 0..3 {
        pass(&mut outbox);
        scene.clock.go(SignedDuration::from_hours(1));
    }
    let (state, count) = (scene.state(&id), scene.count(&id));
    let fine = match state {
        ReplyState::Sent => count == 1,
        ReplyState::Doubt => count <= 1,
        _ => false,
    };
    assert!(fine, "cut after {after} bytes, {from_client} {reset}: {state:?}, {count} copies");
    state == ReplyState::Doubt
}

/// The bytes of one whole conversation: from the client, from the server.
fn conversation() -> (usize, usize) {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1));
    scene.smtp.bytes()
}

/// Every 16th byte; `TIDEWAITER_CUT_EVERY=1` for all.
#[test_case(true, true; "from the client by reset")]
#[test_case(true, false; "from the client by end")]
#[test_case(false, true; "from the server by reset")]
#[test_case(false, false; "from the server by end")]
fn cut_after_every_byte(from_client: bool, reset: bool) {
    let every = std::env::var("TIDEWAITER_CUT_EVERY").ok().and_then(|n| n.parse().ok());
    let (client, server) = conversation();
    let whole = if from_client { client } else { server };
    assert!(whole > 100);
    let mut doubts = 0;
    let mut cuts = 0;
    for after in (0..=whole).step_by(every.unwrap_or(16)) {
        doubts += usize::from(cut(after, from_client, reset));
        cuts += 1;
    }
    println!("{cuts} cuts, {doubts} in doubt, of {whole} bytes");
    assert!(doubts < cuts, "every cut ends in doubt");
}

#[test]
fn the_same_bytes_each_time() {
    let script = Script {
        faults: vec![(At::Dot, Fault::Answer("451 4.3.0 later"), 2)],
        ..Script::default()
    };
    let scene = Scene::new(script);
    let id = scene.queue(1);
    let stored = scene.row(&id).bytes.unwrap();
    let mut outbox = scene.outbox();
    for _ in 0..4 {
        pass(&mut outbox);
        scene.clock.go(SignedDuration::from_hours(2));
    }
    let taken = scene.smtp.taken();
    assert_eq!((taken.len(), scene.smtp.dots()), (1, 3));
    assert_eq!(taken[0].data, stored, "dots unstuffed, nothing added");
    assert_eq!(taken[0].from, crate::scene::BOT);
    assert_eq!(taken[0].to, [crate::scene::LIST, "author1@example.org"]);
    assert_eq!(scene.store(|store| store.attempts(&id).unwrap().len()), 3);
}

#[test]
fn nobody_listens() {
    let mut scene = Scene::new(Script::default());
    scene.server.port = 1;
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    let passed = pass(&mut outbox);
    assert_eq!(scene.state(&id), ReplyState::Ready);
    assert!(
        passed.next.unwrap() < crate::scene::start() + SignedDuration::from_secs(2),
        "{passed:?}"
    );
    // It waits longer each time, and goes on once somebody listens.
    for _ in 0..12 {
        scene.clock.go(SignedDuration::from_mins(6));
        pass(&mut outbox);
    }
    assert!(!outbox.pause().unwrap().ours);
    let waits =
        outbox.pause().unwrap().until.duration_since(tidewaiter_outbox::Clock::now(&*scene.clock));
    assert!(waits >= SignedDuration::from_secs(150), "{waits:?}");
}

#[test]
fn given_up_in_the_end() {
    let script = Script {
        faults: vec![(At::Rcpt, Fault::Answer("450 4.2.0 greylisted"), 1000)],
        ..Script::default()
    };
    let scene = Scene::new(script);
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    let mut tries = 0;
    while scene.state(&id) == ReplyState::Ready {
        pass(&mut outbox);
        scene.clock.go(SignedDuration::from_mins(1));
        tries += 1;
        assert!(tries < 3000);
    }
    let row = scene.row(&id);
    assert_eq!(row.state, ReplyState::Dead);
    assert!(row.note.unwrap().contains("greylisted"));
    assert!((20..60).contains(&scene.smtp.connections()), "{}", scene.smtp.connections());
}
