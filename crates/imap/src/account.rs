//! Logins of one account, counted over all its mailboxes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::time::Instant;

use crate::config::Timing;
use crate::reason::{PATIENCE_LOGIN, Reason};

/// An account of a server. A server that locks accounts counts all refused logins of one together,
/// whatever mailbox they were for: give all [`Watcher`](crate::Watcher)s of an account the same value.
#[derive(Clone, Debug, Default)]
pub struct Account(Arc<Mutex<Logins>>);

/// What became of the logins so far.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    /// Refused in a row.
    refused: u32,
    /// What the server said to the last refused one.
    text: String,
    /// None is tried before.
    not_before: Option<Instant>,
}

impl Account {
    /// Waits for its turn: one login after the other, so that no more are refused at once than one
    /// watcher would have tried.
    pub(crate) async fn turn(&self) -> MutexGuard<'_, Logins> {
        self.0.lock().await
    }
}

impl Logins {
    /// Why no login is tried now, and for how long, if none is.
    pub(crate) fn shut(&self) -> Option<(Reason, Duration)> {
        let left = self.not_before?.checked_duration_since(Instant::now());
        let left = left.filter(|left| !left.is_zero())?;
        Some((Reason::Refused { tries: self.refused, text: self.text.clone() }, left))
    }

    /// Counts what became of one.
    pub(crate) fn count<T>(
        &mut self,
        login: Result<T, Reason>,
        timing: &Timing,
    ) -> Result<T, Reason> {
        match login {
            Ok(session) => {
                *self = Self::default();
                Ok(session)
            }
            Err(Reason::Refused { text, .. }) => {
                self.refused = self.refused.saturating_add(1);
                self.text.clone_from(&text);
                if self.refused >= PATIENCE_LOGIN {
                    self.not_before = Instant::now().checked_add(timing.retry_refused);
                }
                Err(Reason::Refused { tries: self.refused, text })
            }
            Err(other) => Err(other),
        }
    }
}
