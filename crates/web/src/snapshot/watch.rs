//! The mailboxes that are watched, and the lists that come through them.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

/// One watched mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Watcher {
    /// Its name in the configuration; no two are alike.
    pub name: String,
    /// Whether the mailbox is open.
    pub connection: Connection,
    /// Tries to connect that failed in a row; 0 while connected.
    pub failures: u32,
    /// How often it connected again; only grows.
    pub reconnects: u64,
    /// Everything that the mailbox held when it was last looked at is stored.
    pub caught_up: bool,
    /// When the server received the last mail that was stored.
    pub last_mail: Option<Timestamp>,
    /// 0 where everything that it holds is stored; else the seconds since that was last so, or since
    /// the daemon started. `None` where that is not measured.
    pub lag_seconds: Option<u64>,
    /// The last UID that was dealt with.
    pub last_uid: Option<u32>,
    /// Mails read from it; only grows.
    pub mails: u64,
}

/// Whether a mailbox is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Connection {
    /// The first try is on its way.
    Connecting,
    /// It is open.
    Connected {
        /// Since when.
        since: Timestamp,
        /// How new mails are heard of.
        hearing: Hearing,
    },
    /// It is not, and is tried again.
    Disconnected {
        /// Since when; `None` where it never was open since the daemon started.
        since: Option<Timestamp>,
        /// Why, as a sentence without a full stop; no password.
        reason: String,
        /// When it is tried again.
        retry_at: Option<Timestamp>,
    },
}

/// How new mails are heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hearing {
    /// The server pushes.
    Idle,
    /// The mailbox is asked in intervals.
    Polling,
}

/// One configured list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct List {
    /// Its List-Id, without angle brackets; no two are alike.
    pub id: String,
    /// The id of the policy that its series are held against.
    pub policy: Option<String>,
    /// The date of that policy's text, where it is known.
    pub policy_date: Option<Date>,
    /// The mode as configured: `observe`, `hold`, `digest`, `author`, `maintainers`, `list`.
    pub mode: String,
    /// The mode in effect.
    pub mode_in_effect: String,
    /// Why it is another than configured: a sentence without a full stop.
    pub mode_why: Option<String>,
    /// When the last mail came from it.
    pub last_mail: Option<Timestamp>,
    /// Nothing came from it for longer than its `quiet-alarm`: perhaps it is no longer subscribed.
    pub quiet: bool,
}
