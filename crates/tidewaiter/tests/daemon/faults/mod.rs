//! Faults of servers, files and clocks: the daemon recovers alone, says what happened, and says
//! nothing twice.

mod alarms;
mod certificates;
mod disks;
mod fallen;
mod files;
mod lists;
mod mailbox;
mod mails;
mod numbers;
mod passwords;
mod quota;
mod reload;
mod several;
mod steps;
mod stop;

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tidewaiter_mail::Message;
use tidewaiter_store::{ReplyRow, ReplyState};
use tidewaiter_testkit::rig::Post;

use crate::scene::{SOON, Scene, Setup, patch};

/// An author.
const ALICE: &str = "alice@example.org";

/// A setup in which nothing is waited for long.
fn short() -> Setup {
    let mut setup = Setup::default();
    setup.env.push(("TIDEWAITER_TIMEOUTS".to_owned(), "short".to_owned()));
    setup
}

impl Scene {
    /// Starts the daemon and waits until it knows the author: a first series is held.
    fn begin(&mut self) {
        self.start_watching();
        self.introduce_alice();
    }

    fn introduce_alice(&self) {
        let hello = String::from_utf8(patch(1000, ALICE)).unwrap();
        self.rig.post(hello.replace("AI-used-for: code\n", "").as_bytes());
        self.wait("the first mail is stored", |scene| scene.stored() >= 1);
        if !self.setup.list.contains("settle = \"0s\"") {
            self.pass(SignedDuration::from_hours(13));
        }
        self.wait_in_log("a series was judged");
    }

    /// Somebody posts a patch that is answered; it has reached the list when this returns.
    fn post(&self, number: usize) {
        self.rig.send_in_order(Post::new(&patch(number, ALICE)));
    }

    /// What became of the reply to a patch; `None` before there is one.
    fn reply_to_patch(&self, number: usize) -> Option<ReplyRow> {
        let series = format!("patch-{number}@example.org");
        self.replies().into_iter().find(|reply| reply.series == series)
    }

    fn state_of(&self, number: usize) -> Option<ReplyState> {
        self.reply_to_patch(number).map(|reply| reply.state)
    }

    /// How often the list got an answer to a patch, whatever the store says.
    fn answers(&self, number: usize) -> usize {
        let patch = format!("patch-{number}@example.org");
        let answers = |raw: &[u8]| {
            let answered = Message::parse(raw).in_reply_to;
            answered.is_some_and(|id| id.as_str() == patch)
        };
        self.spoken().iter().filter(|mail| answers(&mail.raw)).count()
    }

    /// Waits until the answer to a patch has come back through the list.
    fn wait_answered(&self, number: usize) {
        let what = format!("the patch {number} is answered");
        self.wait(&what, |scene| scene.state_of(number) == Some(ReplyState::Seen));
        assert_eq!(self.answers(number), 1);
    }

    /// All is well again: a new series is answered.
    fn answers_again(&self, number: usize) {
        self.post(number);
        self.wait_answered(number);
    }

    /// Waits while time passes by ten minutes at once, as retries need it.
    fn wait_and_pass(&self, what: &str, most: Duration, so: impl Fn(&Self) -> bool) {
        let until = Instant::now() + most;
        let mut passed = Instant::now();
        while !so(self) {
            assert!(Instant::now() < until, "never: {what}\n{}", self.log());
            if passed.elapsed() > Duration::from_millis(150) {
                passed = Instant::now();
                self.pass(SignedDuration::from_mins(10));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn wait_in_log(&self, text: &str) {
        self.wait(text, |scene| scene.log().contains(text));
    }

    /// Waits until it is said so often.
    fn wait_times_in_log(&self, text: &str, times: usize) {
        self.wait(text, |scene| scene.count_in_log(text) >= times);
    }

    /// An alarm was raised.
    fn wait_alarm(&self, name: &str) {
        let text = format!("alarm=\"{name}\"");
        self.wait(&format!("the alarm {name}"), |scene| {
            scene.log().lines().any(|line| line.contains("ERROR") && line.contains(&text))
        });
    }

    /// The last that was said of an alarm is that all is well.
    fn wait_well(&self, name: &str) {
        let text = format!("alarm=\"{name}\"");
        self.wait(&format!("the alarm {name} is over"), |scene| {
            let log = scene.log();
            let last = log.lines().rfind(|line| line.contains(&text));
            last.is_some_and(|line| line.contains("this is well again"))
        });
    }

    /// The alarm is over, or was never raised.
    fn wait_well_or_quiet(&self, name: &str) {
        if self.log().contains(&format!("alarm=\"{name}\"")) {
            self.wait_well(name);
        }
    }

    /// Nothing is left undone, and nothing was done twice.
    fn assert_sound(&self, patches: usize) {
        assert_eq!(self.stored(), self.rig.delivered() as u64, "a mail was lost: {}", self.log());
        for number in 0..patches {
            assert!(
                self.reply_to_patch(number).is_some(),
                "{number} was not judged: {}",
                self.log()
            );
        }
        self.assert_never_two();
    }
}

/// A scene whose daemon watches.
fn watching(setup: Setup) -> Option<Scene> {
    let mut scene = Scene::new(setup)?;
    scene.begin();
    Some(scene)
}

/// Waits a while in which something must not happen.
fn a_while() {
    std::thread::sleep(Duration::from_millis(1200));
}

/// As long as anything may take while retries wait for the clock.
const LONG: Duration = Duration::from_secs(80);

const _: () = assert!(LONG.as_secs() > SOON.as_secs());
