//! Watches mailboxes over IMAP: mails in order, each once, nothing passed over.
//!
//! A [`Watcher`] holds one mailbox open, read-only, and sends [`Event`]s. Its promises:
//!
//! - It never goes past a mail that was not handed on and stored, or proven to be gone by a second
//!   search. The [`Cursor`] is the consumer's, and moves in the consumer's transaction.
//! - It changes nothing in the mailbox: EXAMINE and `BODY.PEEK[]` only.
//! - Nothing is sent without TLS.
//! - Every wait on the server has an end, and after every failure it begins again by itself.
//! - What a server sends is measured before it is parsed, and is never logged.
//!
//! The crate depends on no other crate of tidewaiter: it hands on bytes.

mod account;
mod backoff;
mod config;
mod connect;
mod cursor;
mod drain;
mod event;
mod fence;
mod fetch;
mod idle;
mod probe;
mod reason;
mod secret;
mod session;
#[cfg(test)]
mod tests;
mod watcher;

pub use account::Account;
pub use config::{ConfigError, ImapConfig, Start, Timing, Tls};
pub use cursor::{Cursor, Uid, UidValidity};
pub use event::{Batch, Event, Item, Receipt, Reset, ResetCause};
pub use probe::{Probe, ProbeError, probe};
pub use reason::{Reason, Step};
pub use secret::Secret;
pub use watcher::Watcher;
