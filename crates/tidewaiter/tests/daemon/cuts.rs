//! The connection ends after so many bytes of one conversation, each time after others.

use std::{
    env,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{
    proxy::{Counts, End, From, Proxy},
    rig::{Post, Whose},
};

use crate::{
    scene::{SOON, Scene, Setup, patch},
    whole::{AUTHOR, Tally},
};

/// How many bytes of a conversation go on in each direction.
type Length = (u64, u64);
type Cut = (From, u64, End);

/// TLS makes a conversation a little longer or shorter each time.
const MARGIN: u64 = 24;
/// Cuts in one world; then another one is made.
const IN_ONE: usize = 480;
/// Deliveries that are cut before what became of them is looked at.
const AT_ONCE: usize = 24;

fn setup(list: &str) -> Setup {
    let list = format!("{list}settle = \"0s\"\nmax-age = \"30d\"\n");
    let env = vec![("TIDEWAITER_TIMEOUTS".to_owned(), "short".to_owned())];
    Setup { list, env, ..Setup::default() }
}

/// Every `stride`th byte of both directions, and how it ends there: in turn.
fn cuts(length: Length, stride: usize) -> Vec<Cut> {
    let ends = [End::Fin, End::Reset, End::Freeze];
    let of = |from: From, length: u64| (0..=length).step_by(stride).map(move |at| (from, at));
    let all = of(From::Client, length.0).chain(of(From::Server, length.1)).enumerate();
    all.map(|(number, (from, at))| (from, at, ends[number % ends.len()])).collect()
}

/// How many bytes from cut to cut, and how many worlds at once.
fn as_told() -> (usize, usize) {
    let number = |name| env::var(name).ok().and_then(|number| number.parse().ok());
    (number("TIDEWAITER_STRIDE").unwrap_or(1), number("TIDEWAITER_JOBS").unwrap_or(4))
}

fn between(before: Counts, after: Counts) -> Length {
    (after.from_client - before.from_client, after.from_server - before.from_server)
}

impl Scene {
    /// Lets time pass while replies wait and nothing is being sent, until none waits.
    fn until_sent(&self, smtp: &Proxy, series: usize) {
        self.wait_until_stored();
        self.wait("every series has its reply", |scene| scene.replies().len() >= series);
        let until = Instant::now() + SOON * 6;
        while self.replies_in(ReplyState::Ready) + self.replies_in(ReplyState::Armed) > 0 {
            assert!(Instant::now() < until, "nothing goes on\n{}", self.log());
            let before = smtp.counts();
            std::thread::sleep(Duration::from_millis(120));
            if smtp.counts().connections == before.connections {
                self.pass(SignedDuration::from_secs(150));
            }
        }
    }
}

/// A daemon that speaks with the mail server through a proxy.
fn sending() -> Option<(Scene, Proxy)> {
    let mut scene = Scene::taught(setup("mode = \"list\"\ndecline = \"list\"\n"))?;
    scene.rig.faults().delay = Some((Whose::Bots, Duration::from_millis(300)));
    let smtp = Proxy::start(scene.rig.submission_port());
    scene.setup.smtp = Some(smtp.port());
    scene.configure();
    scene.start_watching();
    Some((scene, smtp))
}

/// What one delivery is long.
fn length_of_smtp() -> Option<Length> {
    let (scene, smtp) = sending()?;
    let before = smtp.counts();
    scene.post_patch(1);
    scene.until_sent(&smtp, 2);
    let (client, server) = between(before, smtp.counts());
    Some((client + MARGIN, server + MARGIN))
}

fn cut_smtp(all: &[Cut]) -> Option<Tally> {
    let (mut scene, smtp) = sending()?;
    let mut series = 1;
    for some in all.chunks(AT_ONCE) {
        smtp.cut_each(some.iter().copied());
        for _ in some {
            scene.rig.post(&patch(series, AUTHOR));
            series += 1;
        }
        scene.until_sent(&smtp, series);
        // One that got more than one cut leaves another without.
        assert_eq!(smtp.cuts_left(), 0);
        smtp.end(End::Reset);
    }
    scene.wait_for_echoes();
    assert!(scene.end().success(), "{}", scene.log());
    let tally = scene.assert_whole(series);
    assert_eq!(tally.once + tally.doubt, series - 1);
    Some(tally)
}

/// Sweeps in several worlds at once: most of the time is waiting.
fn sweep(
    what: &str,
    length: Length,
    (stride, jobs): (usize, usize),
    cut: impl Fn(&[Cut]) -> Option<String> + Sync,
) {
    let all = cuts(length, stride);
    let began = Instant::now();
    let chunks = Mutex::new(all.chunks(all.len().div_ceil(jobs).min(IN_ONE)));
    let done = AtomicUsize::new(0);
    let work = || {
        loop {
            let next = chunks.lock().unwrap().next();
            let Some(some) = next else { return };
            let Some(said) = cut(some) else { return };
            let done = done.fetch_add(some.len(), Ordering::SeqCst) + some.len();
            let (count, took) = (all.len(), began.elapsed().as_secs());
            println!(
                "{what}, {} and {} bytes by {stride}: {done} of {count} cuts, {said}, {took} s",
                length.0, length.1
            );
        }
    };
    std::thread::scope(|scope| (0..jobs).for_each(|_| drop(scope.spawn(work))));
    assert_eq!(done.into_inner(), all.len());
}

fn smtp((stride, jobs): (usize, usize)) {
    let Some(length) = length_of_smtp() else { return };
    let total = Mutex::new(Tally::default());
    sweep("SMTP", length, (stride, jobs), |some| {
        let tally = cut_smtp(some)?;
        let mut total = total.lock().unwrap();
        total.once += tally.once;
        total.doubt += tally.doubt;
        let Tally { once, doubt } = *total;
        Some(format!("{once} replies on the list once, {doubt} in doubt and not sent"))
    });
}

/// A daemon that reads its mailbox through a proxy, and lets every reply wait for a person.
fn reading() -> Option<(Scene, Proxy)> {
    let mut scene = Scene::new(setup("mode = \"hold\"\ndecline = \"list\"\n"))?;
    scene.start_watching();
    assert!(scene.end().success(), "{}", scene.log());
    let imap = Proxy::start(scene.rig.imaps_port());
    scene.setup.imap = Some(imap.port());
    scene.configure();
    scene.start_watching();
    Some((scene, imap))
}

/// What a connection with a mail that waits is long, and one with another mail after that.
fn lengths_of_imap() -> Option<(Length, Length)> {
    let (mut scene, imap) = reading()?;
    assert!(scene.end().success(), "{}", scene.log());
    scene.post_patch(0);
    let before = imap.counts();
    scene.start_watching();
    scene.wait_until_stored();
    std::thread::sleep(Duration::from_millis(50));
    let first = between(before, imap.counts());
    scene.post_patch(1);
    scene.wait_until_stored();
    let (client, server) = between(before, imap.counts());
    Some((first, (client + MARGIN, server + MARGIN)))
}

/// How many cuts happened.
fn cut_imap(all: &[Cut], first: Length) -> Option<usize> {
    let (mut scene, imap) = reading()?;
    let (mut series, mut happened) = (0, 0);
    let post = |scene: &Scene, series: &mut usize| {
        scene.rig.send_in_order(Post::new(&patch(*series, AUTHOR)));
        *series += 1;
    };
    for (from, at, end) in all.iter().copied() {
        let before = imap.counts().events;
        let cut = || imap.counts().events > before;
        imap.cut_next(from, at, end);
        imap.end(End::Reset);
        post(&scene, &mut series);
        let late = if from == From::Client { at >= first.0 } else { at >= first.1 };
        if late {
            scene.rig.wait_for(|_| cut() || scene.stored() >= scene.rig.delivered() as u64, SOON);
            post(&scene, &mut series);
        }
        // An IDLE is renewed all the time, so that it comes to that byte at last.
        scene.rig.wait_for(|_| cut(), Duration::from_secs(3));
        happened += usize::from(cut());
        scene.wait_until_stored();
        scene.assert_cursor_is_honest();
    }
    scene.wait("every series has its reply", |scene| scene.replies().len() >= series);
    assert!(scene.end().success(), "{}", scene.log());
    let tally = scene.assert_whole(series);
    assert_eq!((tally, scene.replies_in(ReplyState::Held)), (Tally::default(), series));
    Some(happened)
}

fn imap((stride, jobs): (usize, usize)) {
    let Some((first, length)) = lengths_of_imap() else { return };
    let (happened, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    sweep("IMAP", length, (stride, jobs), |some| {
        let more = cut_imap(some, first)?;
        done.fetch_add(some.len(), Ordering::SeqCst);
        let happened = happened.fetch_add(more, Ordering::SeqCst) + more;
        Some(format!("{happened} of them in time"))
    });
    let (happened, done) = (happened.into_inner(), done.into_inner());
    // On a busy machine some conversations are over before they are cut.
    assert!(happened * 4 >= done * 3, "only {happened} of {done} cuts happened");
}

#[test]
fn smtp_here_and_there() {
    smtp((16, 4));
}

#[test]
fn imap_here_and_there() {
    imap((16, 4));
}

/// `TIDEWAITER_STRIDE=16` for each 16th.
#[test]
#[ignore = "takes long"]
fn smtp_at_every_byte() {
    smtp(as_told());
}

#[test]
#[ignore = "takes long"]
fn imap_at_every_byte() {
    imap(as_told());
}
