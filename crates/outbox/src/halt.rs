//! A word that stops all sending at once, whatever the store does.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// What is heard at once: a signal, while the store may be busy or not writable.
///
/// Its clones are the same. Whoever stops by it has that written into the store as the stop switch,
/// and takes it back only once that is done.
#[derive(Clone, Debug, Default)]
pub struct Halt(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    stopped: AtomicBool,
    ends: AtomicBool,
}

impl Halt {
    /// Nothing is armed from here on.
    pub fn set(&self) {
        self.0.stopped.store(true, Ordering::SeqCst);
    }

    /// The store says so now.
    pub fn clear(&self) {
        self.0.stopped.store(false, Ordering::SeqCst);
    }

    /// Whether it is on.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.stopped.load(Ordering::SeqCst)
    }

    /// The program ends, and arms nothing more.
    pub fn end(&self) {
        self.0.ends.store(true, Ordering::SeqCst);
    }

    /// Why nothing may be sent.
    pub(crate) fn why(&self) -> Option<&'static str> {
        if self.is_set() {
            Some("a signal has stopped it")
        } else if self.0.ends.load(Ordering::SeqCst) {
            Some("the program ends")
        } else {
            None
        }
    }
}
