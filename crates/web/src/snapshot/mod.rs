//! What the page knows: plain data, filled in by the daemon.
//!
//! As JSON the fields have these names, and words of closed sets are in kebab-case. What there is not is
//! `null` or `[]`, never a stand-in.

mod queue;
mod series;
mod watch;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

pub use queue::{Cap, Replies, Reply, Span};
pub use series::Series;
pub use watch::{Connection, Hearing, List, Watcher};

/// How the daemon is at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// The program's version: `0.1.0`.
    pub version: String,
    /// The store's own random name. Ids in the feed are made from it, so that they stay the same
    /// for as long as the store is the same.
    pub instance: String,
    /// When this was taken. Everything that is shown as an age is reckoned from it.
    pub now: Timestamp,
    /// When the daemon started.
    pub started: Timestamp,
    /// Whether a reply may leave now.
    pub sending: Sending,
    /// The stop switch, where it is on.
    pub stop: Option<Stop>,
    /// What an operator has to know, gravest first; `/healthz` is made of it and of nothing else.
    pub alarms: Vec<Alarm>,
    /// One for each watched mailbox, as configured.
    pub watchers: Vec<Watcher>,
    /// One for each configured list, as configured.
    pub lists: Vec<List>,
    /// The outbox.
    pub replies: Replies,
    /// What is used of each cap that there is.
    pub caps: Vec<Cap>,
    /// The last series versions, newest first; at most 200 are shown.
    pub series: Vec<Series>,
    /// What was counted.
    pub counters: Counters,
}

/// Whether a reply may leave now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sending {
    /// Whether one that is ready would be sent.
    pub allowed: bool,
    /// Why not, besides the stop switch: sentences without a full stop (`every list is in observe mode`,
    /// `failed to connect to smtp.example.net`); empty where `allowed`.
    pub why_not: Vec<String>,
}

/// The stop switch, on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stop {
    /// What turned it on: a sentence without a full stop.
    pub why: String,
    /// Since when; `None` where that is not known (a file).
    pub since: Option<Timestamp>,
}

/// Something that an operator has to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// How grave it is.
    pub level: Level,
    /// A sentence without a full stop, with what to do where that is short.
    pub text: String,
    /// Since when it is so.
    pub since: Option<Timestamp>,
}

/// How grave an [`Alarm`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The daemon does not do its work, or something may have gone wrong; `/healthz` says 503.
    Fault,
    /// To be looked at in the next days: a policy is past its `review-by`. `/healthz` still says ok.
    Notice,
}

/// What was counted.
///
/// Each number only grows, but for those that say otherwise; whether it goes on over a restart or begins
/// anew is the daemon's choice (Prometheus copes with both).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Mails read.
    pub mails: u64,
    /// Series versions seen.
    pub series: u64,
    /// Series versions by outcome: `silent`, `disclosure`, `ask`, `decline`, `not-judged`.
    pub outcomes: BTreeMap<String, u64>,
    /// Errors by kind, a short word in kebab-case: `imap`, `smtp`, `store`.
    pub errors: BTreeMap<String, u64>,
    /// Mails that are put aside since they took the program down; may shrink.
    pub quarantined: u64,
    /// Age in seconds of the oldest reply that waits to be sent, counted from when it might have been;
    /// `None` where none waits. May shrink.
    pub queue_age_seconds: Option<u64>,
}
