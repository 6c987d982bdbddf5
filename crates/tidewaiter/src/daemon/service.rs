//! What systemd is told (sd_notify(3)); nothing where it has not started the daemon.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
    time::{Duration, Instant},
};

use sd_notify::NotifyState;

use super::live::{Live, State};

/// How much longer a start may take that reads what is stored, each time it says so.
const LONGER: Duration = Duration::from_secs(120);

/// The daemon as systemd sees it.
pub(crate) struct Service {
    live: Arc<Live>,
    /// How often systemd wants to hear of it.
    every: Option<Duration>,
    last: Cell<Option<Instant>>,
    /// What it was last told of how things stand.
    status: RefCell<String>,
}

impl Service {
    pub(crate) fn new(live: Arc<Live>) -> Self {
        let mut micros = 0;
        let wanted = sd_notify::watchdog_enabled(false, &mut micros);
        let every = wanted.then(|| Duration::from_micros(micros / 2));
        Self { live, every, last: Cell::new(None), status: RefCell::default() }
    }

    /// It does its work, at the start or after it was read again what that is.
    pub(crate) fn ready(&self) {
        let status = status(&self.live.state());
        tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
        self.status.replace(status);
    }

    /// The configuration is read again; [`Service::ready`] follows.
    pub(crate) fn reloading(&self) {
        let mut states = vec![NotifyState::Reloading];
        states.extend(NotifyState::monotonic_usec_now().ok());
        let status = "the configuration is read again";
        states.push(NotifyState::Status(status));
        tell(&states);
        self.status.replace(status.to_owned());
    }

    pub(crate) fn stopping(&self) {
        tell(&[NotifyState::Stopping, NotifyState::Status("it ends")]);
    }

    /// Says that all is well, unless one of the threads has been silent for too long.
    pub(crate) fn beat(&self) {
        let status = status(&self.live.state());
        let due = |every| self.last.get().is_none_or(|last: Instant| last.elapsed() >= every);
        if self.every.is_some_and(due) && self.live.silent().is_none() {
            self.last.set(Some(Instant::now()));
            tell(&[NotifyState::Watchdog]);
        }
        if *self.status.borrow() != status {
            tell(&[NotifyState::Status(&status)]);
            self.status.replace(status);
        }
    }
}

/// What is stored is being read: this goes on for long, and it goes on.
pub(crate) fn at_work(live: &Live) {
    if live.works() {
        let more = u32::try_from(LONGER.as_micros()).unwrap_or(u32::MAX);
        tell(&[NotifyState::ExtendTimeoutUsec(more)]);
    }
}

/// How things stand, in a short sentence.
fn status(state: &State) -> String {
    let read = state.watchers.iter().filter(|watching| watching.caught_up).count();
    let all = state.watchers.len();
    let alarms = match state.alarms.len() {
        0 => "no alarm".to_owned(),
        1 => "one alarm".to_owned(),
        many => format!("{many} alarms"),
    };
    let shut = if state.alarms.contains_key("stop") { ", sending is stopped" } else { "" };
    format!("{read} of {all} mailboxes read to their end, {alarms}{shut}")
}

fn tell(states: &[NotifyState<'_>]) {
    // Nobody listens where systemd has not started it.
    let _ = sd_notify::notify(false, states);
}
