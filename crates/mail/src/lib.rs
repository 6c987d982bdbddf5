//! Bytes to [`Message`], never failing.
//!
//! mailparse reads header fields and their parameters; everything around it is bounded and
//! salvages what it can (see [`bounds`] and [`Note`]). This crate is pure: no clock, socket,
//! file, environment or terminal.

mod address;
mod auth_results;
pub mod bounds;
mod charset;
mod date;
mod flowed;
mod footer;
mod headers;
mod list_id;
pub mod mbox;
mod message;
mod message_id;
mod mime;
mod note;
mod patatt;
mod pgp;
mod sender;
mod transfer;
mod words;

pub use address::{Address, Mailbox, Mailboxes, parse_mailboxes};
pub use auth_results::AuthResults;
pub use charset::{Decoded, decode as decode_charset};
pub use date::MailDate;
pub use flowed::unflow;
pub use footer::{strip_list_footer, strip_signature};
pub use list_id::ListId;
pub use message::{Automatic, ContentHash, Message};
pub use message_id::{MessageId, scan_message_ids};
pub use note::{Note, Notes};
pub use patatt::{BadKey, Keyring, Signed, ends_commit_message};
pub use pgp::strip_inline as strip_inline_pgp;
pub use words::decode_header;
