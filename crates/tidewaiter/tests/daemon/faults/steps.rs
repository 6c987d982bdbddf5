//! Faults at every step of SMTP and of IMAP.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use test_case::test_case;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::steps::{BODY, DOT, Fault, GREETING, Steps};

use super::{LONG, short};
use crate::scene::Scene;

/// What no server says.
const GARBAGE: &str = "\u{1}\u{2}garbage\r\n";
const SLOW: Fault = Fault::Slow(Duration::from_millis(300));

/// The steps before the first byte of the mail.
const BEFORE: &[&str] =
    &[GREETING, "EHLO", "STARTTLS", "AUTH PLAIN", "MAIL FROM:", "RCPT TO:", "DATA"];

/// What a fault makes of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Becomes {
    /// It is sent later.
    Sent,
    /// It is refused for good.
    Dead,
    /// Nobody knows, and it was not sent.
    Doubt,
    /// Nobody knows until it comes back.
    Proved,
}

/// Faults at all steps of SMTP that are fast to get over.
fn quick() -> Vec<(&'static str, Fault, Becomes)> {
    let mut all = Vec::new();
    for at in BEFORE.iter().copied() {
        let ours = BEFORE.iter().position(|b| *b == at) < Some(4);
        for fault in [Fault::Close, Fault::Reset, Fault::CloseAfter, Fault::Say(GARBAGE)] {
            all.push((at, fault, Becomes::Sent));
        }
        all.push((at, Fault::Say("451 4.3.0 later\r\n"), Becomes::Sent));
        let refused = if ours { Becomes::Sent } else { Becomes::Dead };
        all.push((at, Fault::Say("554 5.3.0 no\r\n"), refused));
    }
    all.push((BODY, Fault::Close, Becomes::Doubt));
    all.push((BODY, Fault::Reset, Becomes::Doubt));
    all.push((DOT, Fault::Close, Becomes::Doubt));
    all.push((DOT, Fault::Reset, Becomes::Doubt));
    all.push((DOT, Fault::Say(GARBAGE), Becomes::Doubt));
    all.push((DOT, Fault::Say("451 4.3.0 later\r\n"), Becomes::Sent));
    all.push((DOT, Fault::Say("554 5.3.0 no\r\n"), Becomes::Dead));
    all.push((DOT, Fault::CloseAfter, Becomes::Proved));
    all
}

/// Those that time has to get over.
fn slow() -> Vec<(&'static str, Fault, Becomes)> {
    let mut all: Vec<_> = BEFORE.iter().map(|at| (*at, Fault::Hang, Becomes::Sent)).collect();
    all.push(("MAIL FROM:", SLOW, Becomes::Sent));
    all.push(("DATA", Fault::HangAfter, Becomes::Sent));
    all.push((DOT, SLOW, Becomes::Sent));
    all.push((BODY, Fault::Hang, Becomes::Doubt));
    all.push((DOT, Fault::HangAfter, Becomes::Proved));
    all
}

#[test_case(&quick(); "quick")]
#[test_case(&slow().into_iter().skip(2).step_by(3).collect::<Vec<_>>(); "some that take time")]
fn smtp_at_every_step(faults: &[(&'static str, Fault, Becomes)]) {
    smtp(faults);
}

#[test]
#[ignore = "half a minute: every fault that takes time, at every step"]
fn smtp_at_every_step_whole() {
    smtp(&slow());
}

fn smtp(faults: &[(&'static str, Fault, Becomes)]) {
    let Some(mut scene) = Scene::new(short()) else { return };
    let steps = Steps::smtp(&scene.rig);
    scene.setup.smtp = Some(steps.port());
    // The clock goes on for as long as it takes.
    scene.setup.list += "max-age = \"20d\"\n";
    scene.setup.more += "[outbox]\ngive-up = \"20d\"\n";
    scene.configure();
    scene.begin();
    for (at, fault, _) in faults {
        steps.plan(at, fault.clone());
    }
    // As many replies as may be refused or in doubt, and some that are not.
    let count = |becomes| faults.iter().filter(|f| f.2 == becomes).count();
    let (dead, doubt) = (count(Becomes::Dead), count(Becomes::Doubt));
    let patches = dead + doubt + count(Becomes::Proved) + 3;
    for number in 0..patches {
        scene.post(number);
    }
    scene.wait_and_pass("every fault happened", LONG, |_| steps.planned().is_empty());
    let all = [ReplyState::Seen, ReplyState::Dead, ReplyState::Doubt];
    scene.wait_and_pass("every reply is settled", LONG, |scene| {
        let replies = scene.replies();
        replies.len() == patches && replies.iter().all(|reply| all.contains(&reply.state))
    });
    scene.wait("what came through is known", |scene| scene.replies_in(ReplyState::Doubt) == doubt);
    assert_eq!(scene.replies_in(ReplyState::Dead), dead);
    assert_eq!(scene.spoken().len(), patches - dead - doubt);
    scene.wait_until_stored();
    scene.answers_again(patches);
    scene.assert_sound(patches + 1);
    // Each fault cost one connection, and each reply one more.
    let (connections, most) = (steps.connections(), faults.len() + patches + 1);
    assert!(connections <= most, "{connections} of {most}");
    assert_eq!(steps.happened(), faults.len());
    println!("{} faults, {patches} replies, {connections} connections", faults.len());
    if doubt > 0 {
        scene.wait_alarm("doubt");
    }
    if dead > 0 {
        scene.wait_alarm("dead");
    }
    let log = scene.log();
    let unknown = (doubt > 0).then_some("nobody knows whether a reply was sent");
    for said in unknown.into_iter().chain(["a reply was not sent"]) {
        assert!(log.contains(said), "{said}: {log}");
    }
}

const LOGGED_OUT: &[&str] = &[GREETING, "LOGIN", "CAPABILITY", "EXAMINE", "UID SEARCH"];
const FETCHES: &[&str] = &["RFC822.SIZE", "BODY.PEEK"];
const WAITS: &[&str] = &["IDLE", "DONE", "NOOP"];

fn imap_steps(faults: &[Fault]) -> Vec<(&'static str, Fault)> {
    let steps = LOGGED_OUT.iter().chain(FETCHES).chain(WAITS);
    steps.flat_map(|at| faults.iter().map(|fault| (*at, fault.clone()))).collect()
}

const ENDS: &[Fault] = &[
    Fault::Close,
    Fault::Reset,
    Fault::CloseAfter,
    Fault::Say("* BYE gone\r\n"),
    Fault::Say(GARBAGE),
];
const REFUSALS: &[Fault] = &[Fault::Say("{tag} NO not now\r\n"), Fault::Say("{tag} BAD what\r\n")];

/// Every step with one fault, another at the next, and a few that take time.
#[test]
fn imap_at_every_step() {
    let steps = LOGGED_OUT.iter().chain(FETCHES);
    let faults = ENDS.iter().chain(REFUSALS).cycle().skip(2);
    let mut all: Vec<(&'static str, Fault)> = steps.copied().zip(faults.cloned()).collect();
    for at in ["LOGIN", "BODY.PEEK"] {
        all.push((at, Fault::Hang));
    }
    all.push(("UID SEARCH", SLOW));
    all.extend([("IDLE", Fault::Close), ("IDLE", Fault::Hang), ("DONE", Fault::Reset)]);
    all.push(("NOOP", Fault::CloseAfter));
    imap(all);
}

#[test_case(ENDS; "ends")]
#[test_case(REFUSALS; "refusals")]
#[test_case(&[Fault::Hang]; "hangs")]
#[test_case(&[SLOW]; "slow")]
#[ignore = "a minute: every fault at every step"]
fn imap_at_every_step_whole(faults: &[Fault]) {
    imap(imap_steps(faults));
}

fn imap(faults: Vec<(&'static str, Fault)>) {
    let Some(mut scene) = Scene::new(short()) else { return };
    let steps = Steps::imap(&scene.rig);
    scene.setup.imap = Some(steps.port());
    scene.configure();
    scene.begin();
    let before = steps.connections();
    // A tagged answer is none before there was a command.
    let all: Vec<_> = faults
        .into_iter()
        .filter(|(at, fault)| {
            *at != GREETING || !matches!(fault, Fault::Say(s) if s.contains("tag"))
        })
        .collect();
    for (at, fault) in &all {
        steps.plan(at, fault.clone());
    }
    // The first fault needs a new connection; those of fetching, a mail.
    steps.end();
    scene.post(0);
    // A refusal that a connection gets over leaves it open, and the mail read; the next fault may
    // need another of both.
    let (kicks, last) = (Cell::new(0), Cell::new((all.len(), Instant::now())));
    scene.wait_for("every fault happened", LONG, |scene| {
        let left = steps.planned().len();
        if left != last.get().0 {
            last.set((left, Instant::now()));
        } else if last.get().1.elapsed() > Duration::from_millis(2500) {
            kicks.set(kicks.get() + 1);
            last.set((left, Instant::now()));
            scene.post(kicks.get());
            steps.end();
        }
        left == 0
    });
    let number = kicks.get() + 2;
    (0..=kicks.get()).for_each(|number| scene.wait_answered(number));
    scene.answers_again(number - 1);
    scene.wait_until_stored();
    scene.assert_sound(number);
    assert_eq!(steps.happened(), all.len());
    let connections = steps.connections() - before;
    println!("{} faults, {connections} connections", all.len());
    assert!(
        connections <= all.len() + kicks.get() + 2,
        "{connections} connections for {} faults",
        all.len()
    );
    let said = scene.count_in_log("the mailbox cannot be read");
    assert!(
        said <= all.len() + kicks.get() + 1
            && (said > all.len() / 3 || all.iter().all(|(_, fault)| *fault == SLOW)),
        "{said}"
    );
    scene.wait_well_or_quiet("mailbox lists");
}

/// A server that offers IDLE and refuses it: the status says that it is asked.
#[test]
fn idle_is_refused() {
    let Some(mut scene) = Scene::new(short()) else { return };
    let steps = Steps::imap(&scene.rig);
    scene.setup.imap = Some(steps.port());
    scene.configure();
    steps.plan("IDLE", Fault::Say("{tag} NO not now\r\n"));
    scene.begin();
    assert_eq!(scene.count_in_log("the server does not push after all"), 1, "{}", scene.log());
    scene.answers_again(0);
    assert_eq!(steps.connections(), 1, "{}", scene.log());
    scene.assert_sound(1);
}
