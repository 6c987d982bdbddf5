//! A word that stops all sending at once, whatever the store does.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// A stop that is heard at once: by a signal, while the store may be busy or not writable.
///
/// Its clones are the same stop. Whoever turns it on has it written into the store as the stop
/// switch, and takes it back only once that is done.
#[derive(Clone, Debug, Default)]
pub struct Halt(Arc<AtomicBool>);

impl Halt {
    /// Nothing is armed from here on.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// The store says so now.
    pub fn clear(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    /// Whether it is on.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
