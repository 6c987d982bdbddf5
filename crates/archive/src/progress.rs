//! How far reading has come.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that the reader moves and anybody may look at.
#[derive(Debug, Default)]
pub struct Progress {
    bytes: AtomicU64,
    mails: AtomicU64,
    total: Option<u64>,
}

impl Progress {
    pub(crate) fn new(total: Option<u64>) -> Self {
        Self { total, ..Self::default() }
    }

    /// Bytes read so far, as they lie on disk (compressed ones count as compressed).
    ///
    /// For public-inbox git, what git put out.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Mails read so far.
    pub fn mails(&self) -> u64 {
        self.mails.load(Ordering::Relaxed)
    }

    /// Bytes on disk in all, where that could be told beforehand.
    ///
    /// Not for stdin, pipes, git, and folders of very many files.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    pub(crate) fn add_bytes(&self, count: u64) {
        self.bytes.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn add_mails(&self, count: u64) {
        self.mails.fetch_add(count, Ordering::Relaxed);
    }
}
