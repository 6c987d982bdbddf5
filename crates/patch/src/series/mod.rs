//! Mails to series, in whatever order they come.

mod assembler;
mod chain;
mod group;
mod nearby;
mod sets;
mod threads;
mod unsent;
mod view;

use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_mail::{ListId, Mailbox, MessageId};

pub use self::{
    assembler::{Added, Assembler},
    unsent::NotOneSeries,
};
use crate::{Mail, Version};

/// What a series is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SeriesKind {
    /// Patches sent for review.
    Patch,
    /// A pull request, with or without its patches.
    Pull,
    /// Backports to a stable branch.
    Stable,
}

/// A mail's place in an [`Assembler`]; stays the same as long as the assembler lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailKey(pub u32);

/// One mail of a series.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its place in the series as its subject says, from 1; 0 is the cover letter. A patch
    /// without a number has 1.
    pub index: u32,
    /// Its key.
    pub key: MailKey,
    /// When it came (see `Event time` in `docs/architecture.md`).
    pub time: Timestamp,
    /// The mail.
    pub mail: Arc<Mail>,
}

/// One version of a series.
#[derive(Clone, Debug)]
pub struct Series {
    /// The id of its cover letter, else of its first patch; `None` where that mail has none.
    pub id: Option<MessageId>,
    /// What it is for.
    pub kind: SeriesKind,
    /// Its subjects say `RFC`, `RFT` or `WIP`.
    pub rfc: bool,
    /// The title of its cover letter, else of its first patch.
    pub title: String,
    /// Its version; the first where its subjects name none.
    pub version: Version,
    /// How many patches its subjects promise; 1 for a patch without a number.
    pub total: u32,
    /// Who sent it.
    pub author: Option<Mailbox>,
    /// Its cover letter.
    pub cover: Option<Part>,
    /// Its patches by index, then time. Two mails may claim one index.
    pub patches: Vec<Part>,
    /// What people answered to it, by time.
    pub comments: Vec<Part>,
    /// The lists whose copies were seen.
    pub lists: Vec<ListId>,
    /// The id of the version before this one.
    pub supersedes: Option<MessageId>,
    /// The id of the version after this one.
    pub superseded_by: Option<MessageId>,
    /// Series that have to be applied first.
    pub based_on: Vec<MessageId>,
    /// When its first mail came.
    pub first: Timestamp,
    /// When its last part came.
    pub last: Timestamp,
    /// Another mail with other content came under the Message-ID of one of its parts.
    pub conflict: bool,
}

impl Series {
    /// How many different patches of it have come.
    #[must_use]
    pub fn received(&self) -> u32 {
        let mut indexes: Vec<u32> = self.patches.iter().map(|p| p.index).collect();
        indexes.dedup();
        u32::try_from(indexes.len()).unwrap_or(u32::MAX)
    }

    /// Whether every patch that its subjects promise has come.
    #[must_use]
    pub fn complete(&self) -> bool {
        let mut wanted = 1;
        for patch in &self.patches {
            wanted += u32::from(patch.index == wanted);
        }
        wanted > self.total
    }

    /// Its cover letter and patches.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        self.cover.iter().chain(&self.patches)
    }
}
