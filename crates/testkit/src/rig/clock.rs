//! The rig's time, which a test sets and a daemon reads from a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

/// A clock that stands still until it is set; all copies of one value are the same clock.
///
/// The file `clock` holds the time (RFC 3339, UTC) and a line end, and is replaced as a whole.
#[derive(Clone, Debug)]
pub struct Clock {
    now: Arc<Mutex<Timestamp>>,
    file: PathBuf,
}

impl Clock {
    pub(super) fn new(folder: &Path, now: Timestamp) -> Self {
        let clock = Self { now: Arc::new(Mutex::new(now)), file: folder.join("clock") };
        clock.set(now);
        clock
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the time, forward or back.
    ///
    /// # Panics
    ///
    /// Where the file cannot be written.
    pub fn set(&self, time: Timestamp) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{time}\n")).expect("the clock");
        fs::rename(&new, &self.file).expect("the clock");
        *now = time;
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }
}

/// The time as a mail's field has it (RFC 5322 section 3.3).
pub(super) fn field(time: Timestamp) -> String {
    jiff::fmt::rfc2822::to_string(&time.to_zoned(jiff::tz::TimeZone::UTC)).expect("a time in range")
}
