//! What the rig saw.

use std::time::Instant;

use jiff::Timestamp;

use super::policy::Tried;

/// What became of a mail to the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes to the subscriber, after the list's delay.
    Sent,
    /// It waits for a moderator.
    Held,
    /// It was held, and a moderator let it through.
    Released,
    /// A fault dropped it.
    Dropped,
    /// It had been through the list before.
    Looped,
    /// The list accepted it, and keeps it from this subscriber (`nodupes`, `notmetoo`).
    Kept,
}

/// A mail that a list accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The list's address.
    pub list: String,
    /// As Postfix handed it over, with CRLF.
    pub raw: Vec<u8>,
    /// With its brackets.
    pub message_id: Option<String>,
    /// The envelope's sender.
    pub sender: String,
    /// All recipients of the envelope, the list among them, in lower case and sorted.
    pub recipients: Vec<String>,
    /// The rig's time.
    pub time: Timestamp,
    /// The machine's time.
    pub at: Instant,
    /// What became of it.
    pub fate: Fate,
}

/// A mail to anyone but a list.
#[derive(Clone, Debug)]
pub struct Private {
    /// To whom, in lower case. What is for the bot's domain comes to its INBOX too.
    pub recipient: String,
    /// As Postfix handed it over, with CRLF.
    pub raw: Vec<u8>,
    /// With its brackets.
    pub message_id: Option<String>,
    /// The envelope's sender; empty for a bounce.
    pub sender: String,
    /// The rig's time.
    pub time: Timestamp,
    /// The machine's time.
    pub at: Instant,
}

#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) accepted: Vec<Accepted>,
    pub(super) private: Vec<Private>,
    pub(super) tried: Vec<Tried>,
    pub(super) delivered: usize,
}
