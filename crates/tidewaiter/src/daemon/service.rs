//! What systemd is told (sd_notify(3)); nothing where it has not started the daemon.

use std::{
    cell::Cell,
    sync::Arc,
    time::{Duration, Instant},
};

use sd_notify::NotifyState;

use super::live::Live;

/// For how long the thread that decides may be silent; a large batch takes a while.
const SILENT: Duration = Duration::from_secs(60);

/// The daemon as systemd sees it.
pub(crate) struct Service {
    live: Arc<Live>,
    /// How often systemd wants to hear of it.
    every: Option<Duration>,
    last: Cell<Option<Instant>>,
}

impl Service {
    pub(crate) fn new(live: Arc<Live>) -> Self {
        let mut micros = 0;
        let wanted = sd_notify::watchdog_enabled(false, &mut micros);
        let every = wanted.then(|| Duration::from_micros(micros / 2));
        Self { live, every, last: Cell::new(None) }
    }

    pub(crate) fn ready(&self) {
        tell(&[NotifyState::Ready, NotifyState::Status("watching")]);
    }

    pub(crate) fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }

    /// Says that all is well, unless the thread that decides has been silent for too long.
    pub(crate) fn beat(&self) {
        let Some(every) = self.every else { return };
        let due = self.last.get().is_none_or(|last| last.elapsed() >= every);
        if due && self.live.state().beat.elapsed() < SILENT {
            self.last.set(Some(Instant::now()));
            tell(&[NotifyState::Watchdog]);
        }
    }
}

fn tell(states: &[NotifyState<'_>]) {
    // Nobody listens where systemd has not started it.
    let _ = sd_notify::notify(false, states);
}
