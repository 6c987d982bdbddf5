//! What is changed of an outbox while it sends.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use crate::{Outbox, Rules, Server};

/// Reaches an outbox while one of its passes goes on.
#[derive(Clone)]
pub struct Hand {
    pub(crate) server: Arc<Server>,
    pub(crate) rules: Arc<Mutex<Rules>>,
    pub(crate) brake: Arc<AtomicBool>,
}

impl Hand {
    /// Takes over the rules of an outbox that was made of other settings, at once, where it speaks to
    /// the same server in the same way. Else nothing is changed, and the answer is no.
    #[must_use]
    pub fn take_rules(&self, of: &Outbox) -> bool {
        let other = of.hand();
        let same = other.server == self.server;
        if same {
            let rules = other.rules();
            *self.rules.lock().unwrap_or_else(PoisonError::into_inner) = rules;
        }
        same
    }

    /// While it is on nothing more is armed. A pass may then be given up wherever it is, but not
    /// while a reply is armed: that one would be in doubt.
    pub fn brake(&self, on: bool) {
        self.brake.store(on, Ordering::SeqCst);
    }

    pub(crate) fn rules(&self) -> Rules {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
