//! What goes into a pass through the outbox, and what came of it.

use jiff::Timestamp;
use tidewaiter_mail::MessageId;
use tidewaiter_store::ReplyState;

/// Nothing is tried until a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub why: String,
    /// The settings or the server's account are at fault: a person has to look.
    pub ours: bool,
}

/// What a pass did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// What became of each reply that was tried or held.
    pub happened: Vec<Happened>,
    /// Why nothing was sent.
    pub shut: Option<String>,
    /// It ended because mails came that were not taken yet: ask again once they are.
    pub behind: bool,
    /// When to come again; `None` where nothing waits.
    pub next: Option<Timestamp>,
}

/// What became of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// Its Message-ID.
    pub id: MessageId,
    /// What it is now.
    pub state: ReplyState,
    /// Why: what the server or the gate said.
    pub why: String,
}

/// Says whether every mail that came was taken.
pub type CaughtUp<'a> = &'a (dyn Fn() -> bool + Sync);

impl Pass {
    pub(crate) fn wait_for_mails(&mut self) {
        self.shut = Some("there are mails that were not taken yet".to_owned());
        self.behind = true;
    }
}
