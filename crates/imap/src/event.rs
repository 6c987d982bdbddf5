//! What the watcher tells its consumer.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::cursor::{Cursor, Uid, UidValidity};
use crate::reason::Reason;

/// What happened in a watched mailbox, in the order in which it happened.
#[derive(Debug)]
pub enum Event {
    /// The mailbox is open, read-only.
    Connected {
        /// Whether the server pushes (IDLE); without it the mailbox is asked in intervals.
        idle: bool,
    },
    /// The connection is gone, or could not be made; the watcher tries again by itself.
    Disconnected {
        /// Why.
        reason: Reason,
        /// How long until the next try.
        retry_in: Duration,
        /// Tries that failed in a row, this one included.
        failures: u32,
    },
    /// Where reading begins from now on is another place than before.
    Reset(Reset),
    /// The next mails.
    Batch(Batch),
    /// Everything that the mailbox holds was handed on and stored.
    CaughtUp,
    /// The server does not push after all: the mailbox is asked in intervals from now on, as long as
    /// this connection lasts.
    NotPushed,
}

/// A new cursor, to be stored before anything is read under it.
#[derive(Debug)]
pub struct Reset {
    /// Why reading does not go on where it was.
    pub cause: ResetCause,
    /// What to store.
    pub cursor: Cursor,
    /// The last number that the server had given then: up to it lies what was there already.
    pub until: Uid,
    /// To be given back once `cursor` is stored.
    pub receipt: Receipt,
}

/// Why reading begins at another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetCause {
    /// There was no cursor.
    FirstStart,
    /// The server has given the mailbox new numbers. Mails within `max_age` come once more: the
    /// consumer leaves out those that it has.
    UidValidityChanged {
        /// The life that the cursor belonged to.
        old: UidValidity,
        /// The life from now on.
        new: UidValidity,
    },
    /// The server would give the next mail a number that was given before, as after the restore of a
    /// backup. Mails within `max_age` come once more.
    UidNextWentBack {
        /// The last mail that was dealt with.
        last: Uid,
        /// The number that the server would give next.
        next: Uid,
    },
}

/// Mails in ascending order of their [`Uid`], and the cursor that follows from storing them.
#[derive(Debug)]
pub struct Batch {
    /// At least one.
    pub items: Vec<Item>,
    /// What to store together with `items`, in one transaction.
    pub cursor: Cursor,
    /// When the server told of them; `None` where they were found by asking.
    pub pushed: Option<Instant>,
    /// To be given back once that transaction is committed.
    pub receipt: Receipt,
}

/// One mail, or what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A mail as it lies in the mailbox.
    Fetched {
        /// Its number.
        uid: Uid,
        /// When the server received it; `None` where the server's answer cannot be read.
        internal_date: Option<Timestamp>,
        /// Its size in bytes as the server has it, which need not be that of `raw`.
        size: u32,
        /// Its bytes.
        raw: Vec<u8>,
    },
    /// A mail over the limit, which was not fetched.
    TooLarge {
        /// Its number.
        uid: Uid,
        /// Its size in bytes, as the server has it.
        size: u32,
        /// When the server received it.
        internal_date: Option<Timestamp>,
        /// The first 64 KiB of its header; `None` where the server did not give it.
        header: Option<Vec<u8>>,
    },
    /// A mail that was found, and deleted before it could be fetched.
    Vanished {
        /// Its number.
        uid: Uid,
    },
}

impl Item {
    /// The mail's number.
    #[must_use]
    pub fn uid(&self) -> Uid {
        match self {
            Self::Fetched { uid, .. } | Self::TooLarge { uid, .. } | Self::Vanished { uid } => *uid,
        }
    }
}

/// The consumer's word that something is stored.
///
/// Dropped, it says that it is not: the watcher pauses and reads the same mails once more.
#[derive(Debug)]
#[must_use = "what is not confirmed is read once more"]
pub struct Receipt(oneshot::Sender<()>);

impl Receipt {
    /// A receipt, and what hears of it.
    pub(crate) fn new() -> (Self, oneshot::Receiver<()>) {
        let (sender, receiver) = oneshot::channel();
        (Self(sender), receiver)
    }

    /// Says that the transaction is committed; reading goes on.
    pub fn stored(self) {
        // A watcher that was ended meanwhile has no use for it: it begins at the stored cursor.
        let _ = self.0.send(());
    }
}
