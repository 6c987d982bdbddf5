//! What the daemon remembers: mails, decisions, replies and how far each mailbox was read.
//!
//! One SQLite file beside its lock. [`Store::open`] is for the daemon, which alone writes what
//! came and what was decided; [`Beside::open`] is for a command that looks while the daemon
//! runs, and leaves it a word. Everything that belongs together is one [`Writer`], committed at
//! one place in the code, which a test can stop the process at ([`Point`]).
//!
//! Nothing here reads a clock: the caller says when it is.

mod beside;
mod commands;
mod error;
mod forget;
mod given_up;
mod hash;
mod identity;
mod mails;
mod migrations;
mod open;
pub mod point;
mod reading;
mod rebuild;
mod replies;
mod retain;
mod series;
mod take;
mod time;
mod view;
mod witness;

pub use beside::Beside;
pub use commands::Command;
pub use error::Error;
pub use forget::Forgotten;
pub use hash::{RawHash, TextHash, text_hash};
pub use mails::{Look, MailRow, NewMail, Place, Stored};
pub use migrations::SCHEMA;
pub use open::Store;
pub use point::Point;
pub use rebuild::{Happened, Rebuilt};
pub use replies::{
    Arming, Attempt, Counted, Finished, Limits, NewReply, Queued, QuietHours, Refused, ReplyRow,
    ReplyState, Returned, Switch,
};
pub use retain::Purged;
pub use series::SeriesRow;
pub use take::{Carried, Cursor, Writer};
pub use view::View;
pub use witness::Past;
