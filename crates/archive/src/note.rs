//! What was passed over in a folder, and why.

use std::{fmt, path::PathBuf};

/// How many notes are kept; the rest are counted.
const MAX_NOTES: usize = 1000;
/// How deep folders are followed.
pub(crate) const MAX_DEPTH: usize = 32;

/// Why something in a folder was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// Neither an mbox nor a mail.
    NotMail,
    /// A device, a socket or a pipe.
    Special,
    /// It cannot be opened; the reason.
    Unreadable(String),
    /// Folders nested deeper than is followed.
    TooDeep,
    /// A git repository that is not a public-inbox.
    NotInbox,
    /// So many bytes before the first `From ` line; the rest of the mbox was read.
    Stray(u64),
    /// A git repository without a commit.
    NoCommits,
}

impl fmt::Display for Skipped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMail => out.write_str("neither an mbox nor a mail"),
            Self::Special => out.write_str("not a regular file"),
            Self::Unreadable(reason) => out.write_str(reason),
            Self::TooDeep => write!(out, "nested more than {MAX_DEPTH} folders deep"),
            Self::NotInbox => out.write_str("a git repository, but not a public-inbox archive"),
            Self::Stray(length) => write!(out, "{length} bytes before the first `From ` line"),
            Self::NoCommits => out.write_str("a git repository without commits"),
        }
    }
}

/// Something in a folder that was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What.
    pub path: PathBuf,
    /// Why.
    pub why: Skipped,
}

impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "skipped `{}`: {}", self.path.display(), self.why)
    }
}

/// The first notes, and how many more there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// The first thousand, in archive order.
    pub first: Vec<Note>,
    /// How many came after those.
    pub more: u64,
}

impl Notes {
    pub(crate) fn add(&mut self, path: PathBuf, why: Skipped) {
        if self.first.len() < MAX_NOTES {
            self.first.push(Note { path, why });
        } else {
            self.more += 1;
        }
    }
}
