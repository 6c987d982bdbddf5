//! The daemon dies at every point of its way, and starts again.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tidewaiter_store::{Beside, Point, ReplyState};
use tidewaiter_testkit::proxy::{Door, Plan, Proxy};

use crate::{
    program::root,
    scene::{Scene, Setup, patch},
    whole::{OTHER, Tally},
};

/// What becomes of the reply that is on its way when the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// It goes out after the next start, or is out and known to be.
    Sure,
    /// It never left, and nobody knows that: it is in doubt and stays so.
    Lost,
    /// It left, and nobody knows that before it comes back.
    Out,
}

/// Where it dies while two series come and are answered. The third number of a commit is the
/// first that comes after a start: 1 and 2 read what is stored, or write down what is in force.
const SERIES: &[(&str, Left)] = &[
    ("before-open", Left::Sure),
    ("after-open", Left::Sure),
    ("before-parse", Left::Sure),
    ("after-parse", Left::Sure),
    ("in-rebuild:3", Left::Sure),
    ("before-parse:2", Left::Sure),
    ("after-parse:2", Left::Sure),
    ("before-take", Left::Sure),
    ("after-take", Left::Sure),
    ("before-batch", Left::Sure),
    ("before-parse:3", Left::Sure),
    ("after-parse:3", Left::Sure),
    ("before-take:2", Left::Sure),
    ("after-take:2", Left::Sure),
    ("before-receipt", Left::Sure),
    ("after-receipt", Left::Sure),
    ("before-take:3", Left::Sure),
    ("after-take:3", Left::Sure),
];

/// The same, on the way to the mail server. The second reply of the two, in some.
const SENDING: &[(&str, Left)] = &[
    ("before-connect", Left::Sure),
    ("after-auth", Left::Sure),
    ("after-mail", Left::Sure),
    ("after-rcpt", Left::Sure),
    ("after-354", Left::Sure),
    ("before-arm", Left::Sure),
    ("after-arm", Left::Lost),
    ("after-arm:2", Left::Lost),
    ("mid-body", Left::Lost),
    ("before-dot", Left::Lost),
    ("after-answer", Left::Out),
    ("after-answer:2", Left::Out),
    ("before-outcome", Left::Out),
    ("after-outcome", Left::Sure),
    ("after-outcome:2", Left::Sure),
    // The echo.
    ("before-take:4", Left::Sure),
    ("after-take:4", Left::Sure),
];

/// Where it dies at its first start.
const FIRST: &[&str] = &[
    "before-migrate",
    "after-migrate",
    "before-migrate:4",
    "after-migrate:4",
    "before-open",
    "after-open",
    "before-take",
    "after-take",
    "before-reset-receipt",
    "after-reset-receipt",
    "before-trust",
    "before-open:2",
    "after-open:2",
    "after-trust",
];

/// What an operator asks for.
const ASKED: &[&str] = &[
    "before-operate",
    "after-operate",
    "before-answer",
    "before-forget",
    "after-forget",
    "before-retain",
    "after-retain",
    "before-reload",
    "in-reload",
    "in-configure",
    "before-watch",
    "at-end",
];

/// Where it dies with a delivery broken off by an order.
const BROKEN_OFF: &str = "after-order";

fn setup() -> Setup {
    let env = vec![("TIDEWAITER_TIMEOUTS".to_owned(), "short".to_owned())];
    Setup { env, ..Setup::default() }
}

impl Scene {
    /// Starts it so that it dies at a point.
    fn start_to_die(&mut self, at: &str) {
        self.setup.env.push(("TIDEWAITER_DIE_AT".to_owned(), at.to_owned()));
        self.start();
        self.setup.env.pop();
    }

    fn wait_until_dead(&mut self, at: &str) {
        let until = std::time::Instant::now() + crate::scene::SOON;
        let ended = loop {
            if let Some(ended) = self.has_ended() {
                break ended;
            }
            assert!(std::time::Instant::now() < until, "nothing died at {at}\n{}", self.log());
            std::thread::sleep(std::time::Duration::from_millis(3));
        };
        assert_eq!(ended.signal(), Some(6), "nothing died at {at}: {ended}\n{}", self.log());
    }

    /// It dies at a point, comes back, and all is well.
    fn live_on(&mut self, series: usize) -> Tally {
        self.assert_cursor_is_honest();
        self.start_watching();
        self.settle(series);
        self.wait_for_echoes();
        assert!(self.end().success(), "{}", self.log());
        self.assert_whole(series)
    }
}

/// Two series come for each death.
fn die_over_series(deaths: &[(&str, Left)]) {
    let Some(mut scene) = Scene::taught(setup()) else { return };
    let (mut series, mut lost) = (1, 0);
    for (at, left) in deaths {
        scene.post_patch(series);
        scene.post_patch(series + 1);
        series += 2;
        scene.start_to_die(at);
        scene.wait_until_dead(at);
        let armed = scene.replies_in(ReplyState::Armed);
        assert_eq!(armed, usize::from(*left != Left::Sure), "{at}: {left:?}");
        lost += usize::from(*left == Left::Lost);
        let tally = scene.live_on(series);
        assert_eq!(tally, Tally { once: series - 1 - lost, doubt: lost }, "{at}");
    }
    println!("{} deaths, {series} series, {lost} in doubt", deaths.len());
}

#[test]
fn over_series() {
    die_over_series(SERIES);
}

#[test]
fn over_sending() {
    die_over_series(SENDING);
}

#[test]
fn at_the_first_start() {
    for at in FIRST {
        let Some(mut scene) = Scene::new(setup()) else { return };
        // It came before anything was spoken of: knowledge.
        scene.post_patch(0);
        scene.start_to_die(at);
        scene.wait_until_dead(at);
        scene.start_watching();
        scene.wait_until_stored();
        scene.pass(jiff::SignedDuration::from_secs(60));
        scene.post_patch(1);
        scene.wait("it is answered", |scene| scene.spoken().len() == 1);
        scene.wait_for_echoes();
        assert!(scene.end().success(), "{}", scene.log());
        scene.assert_cursor_is_honest();
        scene.assert_never_two();
        assert_eq!(scene.stored(), scene.rig.delivered() as u64, "{at}");
        assert_eq!(scene.spoken().len(), 1, "{at}");
    }
}

#[test]
fn over_what_is_asked_for() {
    let Some(mut scene) = Scene::taught(setup()) else { return };
    let imap = Proxy::start(scene.rig.imaps_port());
    scene.start_watching();
    scene.rig.post(&patch(1, OTHER));
    scene.wait("another waits for a person", |scene| scene.replies_in(ReplyState::Held) == 2);
    assert!(scene.end().success(), "{}", scene.log());
    for at in ASKED {
        let path = scene.path("tidewaiter.sqlite");
        let ask = |command: &str| {
            Beside::open(&path).unwrap().ask(command, Timestamp::UNIX_EPOCH).unwrap()
        };
        let mut asked = None;
        match *at {
            "before-operate" | "after-operate" => {
                asked = Some(ask(&format!("release {}", scene.held())));
            }
            "before-answer" => asked = Some(ask("resume")),
            "before-forget" | "after-forget" => asked = Some(ask("forget nobody@example.org")),
            _ => {}
        }
        let opened = scene.count_in_log("the mailbox is open");
        scene.start_to_die(at);
        let up = |scene: &Scene| scene.count_in_log("the mailbox is open") > opened;
        match *at {
            "before-reload" | "in-reload" | "in-configure" | "before-watch" => {
                scene.wait("it watches", up);
                let other = if scene.setup.imap.is_none() { Some(imap.port()) } else { None };
                scene.setup.imap = other;
                scene.configure();
                scene.signal("HUP");
            }
            "at-end" => {
                scene.wait("it watches", up);
                scene.signal("TERM");
            }
            _ => {}
        }
        scene.wait_until_dead(at);
        scene.start_watching();
        if let Some(number) = asked {
            let answer = |scene: &Scene| scene.store().command(number).unwrap().unwrap().answer;
            scene.wait("it is answered", |scene| answer(scene).is_some());
            // Done and answered at once: it is not tried a second time, nor told to have failed.
            let answer = answer(&scene).unwrap();
            assert!(!answer.starts_with("failed"), "{at}: {answer}");
        }
        assert!(scene.end().success(), "{}", scene.log());
        let tally = scene.live_on(2);
        let released = 2 - scene.replies_in(ReplyState::Held);
        assert_eq!(tally, Tally { once: released, doubt: 0 }, "{at}");
    }
    assert_eq!(scene.replies_in(ReplyState::Held), 0, "it was never released");
}

#[test]
fn over_a_delivery_that_is_broken_off() {
    let Some(mut scene) = Scene::taught(setup()) else { return };
    let smtp = Proxy::start(scene.rig.submission_port());
    scene.setup.smtp = Some(smtp.port());
    scene.configure();
    smtp.set(Plan { door: Door::Hole, ..Plan::default() });
    scene.post_patch(1);
    let env = std::mem::take(&mut scene.setup.env);
    scene.start_to_die(BROKEN_OFF);
    scene.wait("it waits for the mail server", |_| smtp.counts().open == 1);
    // Another way to the mail server: what goes on by the old one is ended.
    let other = Proxy::start(scene.rig.submission_port());
    scene.setup.smtp = Some(other.port());
    scene.configure();
    scene.signal("HUP");
    scene.wait_until_dead(BROKEN_OFF);
    scene.setup.env = env;
    smtp.pass();
    assert_eq!(scene.live_on(2), Tally { once: 1, doubt: 0 });
}

fn sources(of: &str) -> Vec<PathBuf> {
    let mut folders = vec![root().join("crates").join(of).join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some("rs".as_ref()) && !path.ends_with("point.rs") {
                files.push(path);
            }
        }
    }
    files
}

fn points_in(file: &Path) -> Vec<String> {
    let source = fs::read_to_string(file).unwrap();
    let lines = source.lines().filter(|l| l.contains("reach(\"") || l.contains("let points = ["));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// Every point that the program has is one that a test here dies at.
#[test]
fn every_point_is_tried() {
    let mut named: BTreeSet<String> = BTreeSet::new();
    for of in ["engine", "imap", "outbox", "store", "tidewaiter"] {
        named.extend(sources(of).iter().flat_map(|file| points_in(file)));
    }
    let commits = Point::ALL.iter().flat_map(|point| <[&str; 2]>::from(point.names()));
    named.extend(commits.map(str::to_owned));
    let pairs = SERIES.iter().chain(SENDING).map(|(at, _)| at);
    let tried: BTreeSet<String> = pairs
        .chain(FIRST)
        .chain(ASKED)
        .chain([&BROKEN_OFF])
        .map(|at| at.split(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(tried, named);
    assert!(named.len() > 35, "{}", named.len());
}
