//! How far a mailbox was read.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of a mail in a mailbox, from 1, ascending, never given twice (RFC 3501 section
/// 2.3.1.1). In a [`Cursor`], 0 stands before the first mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Uid(pub u32);

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The life of a mailbox in which its [`Uid`]s mean the same mails (RFC 3501 section 2.3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UidValidity(pub u32);

impl fmt::Display for UidValidity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How far a mailbox was read and stored.
///
/// Every mail up to and with `last_uid` was handed on and stored, or is proven to be gone.
/// The consumer keeps it, and moves it in the transaction that stores the mails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The mailbox's name, as in the configuration.
    pub mailbox: String,
    /// The life of the mailbox that `last_uid` belongs to.
    pub uid_validity: UidValidity,
    /// The last mail that was dealt with; 0 before the first.
    pub last_uid: Uid,
}
