//! The thread that decides: it takes what the watchers bring, and looks when something is due.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use tidewaiter_imap::Event;
use tidewaiter_outbox::{Clock, Rules};
use tidewaiter_store::{Error, Past, point::reach};
use tokio::{
    runtime::Handle,
    sync::{Notify, mpsc},
};
use tracing::{error, info};

use super::{
    clock::Now,
    live::Live,
    logging::masked,
    minute,
    take::Taker,
    watch::{self, Source, Watchers},
};
use crate::{edges, operate};

/// How often commands of operators are looked for.
const COMMANDS: Duration = Duration::from_millis(500);
/// How often everything else is looked at.
const MINUTE: Duration = Duration::from_secs(60);
/// The same in a test that does not wait.
const SHORT_MINUTE: Duration = Duration::from_millis(300);

/// Why nothing is sent after the signal.
pub(crate) const SIGNAL: &str = "the signal SIGUSR1 came";
/// How soon it is tried again to write that down.
const HALT: Duration = Duration::from_secs(1);

/// How long nothing is decided after the store could not be written to.
const REST: Duration = Duration::from_secs(10);
/// The same in a test that does not wait.
const SHORT_REST: Duration = Duration::from_millis(500);

/// What the thread is told.
pub(crate) enum Input {
    /// Something happened in a mailbox.
    Mailbox {
        /// How often the watchers had been started when this one was: what an older one still says
        /// may be about another mailbox.
        round: u64,
        /// The mailbox's place in the configuration.
        at: usize,
        /// What happened.
        event: Event,
    },
    /// Another configuration is in force.
    Configuration(Box<Configuration>),
    /// The daemon ends.
    End,
}

/// What a configuration gives the thread.
pub(crate) struct Configuration {
    pub(crate) context: tidewaiter_engine::Context,
    pub(crate) sources: Vec<Source>,
    pub(crate) rules: Rules,
}

/// The thread's own.
pub(crate) struct Keeper {
    pub(crate) taker: Taker,
    pub(crate) live: Arc<Live>,
    pub(crate) clock: Arc<Now>,
    pub(crate) rules: Rules,
    pub(crate) sources: Vec<Source>,
    /// Where the configuration begins to read a mailbox that was never read.
    pub(crate) since: Option<jiff::civil::Date>,
    /// Told when there is something to send.
    pub(crate) nudge: Arc<Notify>,
    /// Where the watchers run.
    pub(crate) network: Handle,
    pub(crate) inputs: mpsc::Sender<Input>,
    pub(crate) watchers: Option<Watchers>,
    /// How often the watchers were started.
    pub(crate) round: u64,
    /// Nothing is decided before: what failed would fail again at once, without end.
    pub(crate) rests: Option<Instant>,
    /// When it was last tried to write down that a signal has stopped all sending.
    pub(crate) halt_tried: Option<Instant>,
    /// The store failed since the last look at it.
    pub(crate) has_failed: bool,
    /// When old mails were last dropped.
    pub(crate) purged: Option<Timestamp>,
}

impl Keeper {
    /// Works until it is told to end.
    pub(crate) async fn run(mut self, mut inputs: mpsc::Receiver<Input>) -> anyhow::Result<()> {
        self.live.beat();
        self.watch()?;
        let mut minute = Instant::now();
        let every = edges::time(MINUTE, SHORT_MINUTE);
        let mut jump = minute::Jump::new(self.clock.now());
        minute::look(&mut self);
        loop {
            self.live.beat();
            self.write_halt();
            let wait = self.wait().min(COMMANDS);
            match tokio::time::timeout(wait, inputs.recv()).await {
                Ok(None | Some(Input::End)) => break,
                Ok(Some(Input::Configuration(new))) => self.configure(*new)?,
                Ok(Some(Input::Mailbox { round, at, event })) if round == self.round => {
                    self.event(at, event);
                }
                // Its receipt is dropped with it: nothing is taken for stored.
                Ok(Some(Input::Mailbox { .. })) => {}
                Err(_) => {}
            }
            self.due();
            self.commands();
            if minute.elapsed() >= every {
                minute = Instant::now();
                jump.look(self.clock.now(), &self.live);
                minute::look(&mut self);
            }
        }
        self.watchers = None;
        self.halt_tried = None;
        self.write_halt();
        Ok(())
    }

    /// How long nothing is due.
    fn wait(&self) -> Duration {
        let now = self.clock.now();
        let due = self.taker.next_due().filter(|_| self.live.caught_up() && !self.is_resting());
        let left = due.map(|due| due.duration_since(now).max(SignedDuration::ZERO));
        left.and_then(|left| Duration::try_from(left).ok()).unwrap_or(COMMANDS)
    }

    fn is_resting(&self) -> bool {
        self.rests.is_some_and(|until| Instant::now() < until)
    }

    /// Starts the watchers at what is stored.
    fn watch(&mut self) -> anyhow::Result<()> {
        self.round += 1;
        self.live.watch(self.sources.iter().map(|source| source.name.clone()));
        let mut store = self.taker.store();
        let started = watch::start(
            &self.sources,
            &mut store,
            self.since,
            &self.clock,
            &self.network,
            (&self.inputs, self.round),
        )?;
        drop(store);
        self.watchers = Some(started);
        Ok(())
    }

    fn configure(&mut self, new: Configuration) -> anyhow::Result<()> {
        self.taker.context = new.context;
        reach("in-configure");
        self.rules = new.rules;
        self.forget_alarms(&new.sources);
        if self.sources == new.sources {
            return Ok(());
        }
        info!("the mailboxes are watched anew, as configured");
        self.watchers = None;
        self.sources = new.sources;
        reach("before-watch");
        self.watch()
    }

    /// What the configuration no longer has is nobody's worry.
    fn forget_alarms(&self, sources: &[Source]) {
        let context = &self.taker.context;
        let mailbox = |name: &str| sources.iter().any(|source| source.name == name);
        self.live.forget_alarms("mailbox", mailbox);
        self.live.forget_alarms("unread", mailbox);
        let lists = &context.config.lists;
        self.live.forget_alarms("quiet", |name| lists.iter().any(|l| l.id.as_str() == name));
        self.live.forget_alarms("policy", |name| context.policies.iter().any(|p| p.id == name));
    }

    /// Looks at what is due once everything that came was taken: a later part may be among it.
    fn due(&mut self) {
        let now = self.clock.now();
        let due = self.taker.next_due().is_some_and(|due| due <= now);
        if !due || !self.live.caught_up() || self.is_resting() {
            return;
        }
        let taker = &mut self.taker;
        match catch_unwind(AssertUnwindSafe(|| taker.tick(now))) {
            Ok(Ok(any)) => {
                if any {
                    self.nudge.notify_one();
                }
            }
            Ok(Err(e)) => {
                self.rests = Some(Instant::now() + edges::time(REST, SHORT_REST));
                self.failed(&e);
            }
            Err(_) => {
                self.live.failed("panic");
                // Made anew, the engine is told what it was over; the second time it is given up.
                self.taker.broken();
                self.rests = Some(Instant::now() + edges::time(REST, SHORT_REST));
                error!("failed to decide what is due; it is tried again");
            }
        }
    }

    fn commands(&mut self) {
        if let Err(e) = self.try_commands() {
            self.failed(&e);
        }
    }

    fn try_commands(&mut self) -> Result<(), Error> {
        let now = self.clock.now();
        let mut forgets = false;
        let waits = !self.taker.store().commands()?.is_empty();
        if waits {
            // What a command is to cancel is known to an engine alone that has seen everything.
            self.taker.ready()?;
        }
        let shared = self.taker.shared();
        let mut store = shared.lock().unwrap_or_else(PoisonError::into_inner);
        for command in store.commands()? {
            let answer =
                operate::apply(&mut store, &self.rules, (command.id, &command.command), now)?;
            let first = command.command.split(' ').next().unwrap_or_default();
            info!(command = first, "a command came: {}", masked(&answer));
            // The engine still remembers who is forgotten.
            forgets |= first == "forget";
            // Before anything is sent: it may say that what waits is no longer wanted.
            self.taker.follow(&mut store, now)?;
            self.nudge.notify_one();
        }
        // What became of replies may be something that the operator should know.
        self.taker.follow(&mut store, now)?;
        drop(store);
        if forgets {
            self.taker.broken();
            self.taker.ready()?;
        }
        Ok(())
    }

    /// Turns the stop switch on where a signal has stopped all sending: again and again until the
    /// store takes it.
    fn write_halt(&mut self) {
        let tried = self.halt_tried.is_some_and(|at| at.elapsed() < HALT);
        if tried || !self.rules.halt.is_set() {
            return;
        }
        let now = self.clock.now();
        let stopped = || -> Result<(), Error> {
            let mut store = self.taker.store();
            let writer = store.begin()?;
            writer.stop(SIGNAL, now)?;
            writer.commit()
        };
        match stopped() {
            Ok(()) => self.rules.halt.clear(),
            Err(e) => self.failed(&e),
        }
        self.halt_tried = Some(Instant::now());
    }

    /// Every mailbox was read to its end, own mails of the last weeks with it.
    pub(super) fn past_is_known(&mut self) {
        let now = self.clock.now();
        let trusted = || -> Result<bool, Error> {
            let mut store = self.taker.store();
            if store.past() == Past::Known {
                return Ok(false);
            }
            reach("before-trust");
            store.trust_past()?;
            reach("after-trust");
            Ok(true)
        };
        match trusted() {
            Ok(true) => info!(%now, "the mailboxes were read; what comes from now on is spoken of"),
            Ok(false) => {}
            Err(e) => self.failed(&e),
        }
    }

    /// Whether the store can be written to again, where it could not. It was read; and where anything
    /// failed since the last look, it is not well yet.
    pub(crate) fn look_at_store(&mut self) {
        let has_failed = std::mem::take(&mut self.has_failed);
        if has_failed || !self.live.state().alarms.contains_key("store") {
            return;
        }
        let written = || -> Result<(), Error> {
            let mut store = self.taker.store();
            let version = store.config_version()?.unwrap_or_default();
            let writer = store.begin()?;
            writer.config_version(&version)?;
            writer.commit()
        };
        match written() {
            Ok(()) => self.live.clear("store"),
            Err(e) => self.failed(&e),
        }
    }

    /// The store could not be read or written to. What failed first is told until all is well.
    pub(crate) fn failed(&mut self, error: &Error) {
        self.has_failed = true;
        self.live.failed("store");
        if !self.live.state().alarms.contains_key("store") {
            let text = format!("failed to use the store: {error}");
            self.live.alarm("store", &text, self.clock.now());
        }
    }
}
