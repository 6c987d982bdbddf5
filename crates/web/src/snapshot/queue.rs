//! The outbox and its caps.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

/// The outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Replies {
    /// How many there are in each state, by its word: `ready`, `armed`, `sent`, `seen`, `doubt`, `dead`,
    /// `held`, `cancelled`, `dropped`.
    pub by_state: BTreeMap<String, u64>,
    /// Those that were perhaps sent, oldest first: a person has to look. At most 200 are shown.
    pub doubt: Vec<Reply>,
    /// Those that a person has to release or drop, oldest first. At most 200 are shown.
    pub held: Vec<Reply>,
    /// Those that go by themselves, next first. At most 200 are shown.
    pub waiting: Vec<Reply>,
}

/// One reply that is not done with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// What `tidewaiter outbox show` and its siblings take.
    pub id: String,
    /// The word for its state.
    pub state: String,
    /// Its subject.
    pub subject: Option<String>,
    /// The List-Id that it is for; `None` where it goes to no list.
    pub list: Option<String>,
    /// When it was queued.
    pub queued: Timestamp,
    /// When it is sent or tried again at the earliest, where it goes by itself.
    pub due: Option<Timestamp>,
    /// What holds it: `decline`, `cap`, ... as in `docs/json.md`.
    pub held_by: Option<String>,
    /// What became of it last, in words; no address.
    pub note: Option<String>,
}

/// How much of one cap is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cap {
    /// The time that it counts over.
    pub per: Span,
    /// The List-Id that it is for; `None` for all lists together.
    pub list: Option<String>,
    /// Replies that were sent in that time.
    pub used: u64,
    /// How many may be.
    pub limit: u64,
}

/// The time that a cap counts over, up to now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Span {
    /// The last hour.
    Hour,
    /// The last 24 hours.
    Day,
}
