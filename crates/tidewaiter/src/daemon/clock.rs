//! The time. In a build for tests it may be the test's own.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicI64, Ordering},
};

use jiff::Timestamp;
use tidewaiter_outbox::{Clock, SystemClock};
use tidewaiter_store::point;

/// The time now, cut to a microsecond as the store keeps it.
#[derive(Debug)]
pub(crate) struct Now {
    /// A test's: it holds the time.
    file: Option<PathBuf>,
    /// The time that was last read, in microseconds: the file may be gone for a moment.
    last: AtomicI64,
}

impl Now {
    pub(crate) fn new() -> Self {
        let file = point::FOR_TESTS.then(|| std::env::var_os("TIDEWAITER_CLOCK")).flatten();
        Self { file: file.map(PathBuf::from), last: AtomicI64::new(0) }
    }

    fn of_file(&self) -> Option<i64> {
        let text = std::fs::read_to_string(self.file.as_ref()?).ok()?;
        Some(text.trim().parse::<Timestamp>().ok()?.as_microsecond())
    }
}

impl Clock for Now {
    fn now(&self) -> Timestamp {
        let micros = if self.file.is_none() {
            Timestamp::now().as_microsecond()
        } else if let Some(micros) = self.of_file() {
            self.last.store(micros, Ordering::Relaxed);
            micros
        } else {
            self.last.load(Ordering::Relaxed)
        };
        Timestamp::from_microsecond(micros).unwrap_or_default()
    }

    fn random(&self) -> u64 {
        SystemClock.random()
    }
}
