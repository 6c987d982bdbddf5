//! Splitting mbox archives into mails, a block of bytes at a time.
//!
//! A `From ` line starts a mail when it stands at the start of the input or after a blank line,
//! and when what follows looks like a mail header. Neither a date nor an address is asked of it
//! (`From A` will do), but a line that reads like a sentence must be followed by a header that
//! mails are known to carry. The blank line before a `From ` line belongs to the mbox, not to
//! the mail. See RFC 4155 and `git-mailsplit`, which disagree; this follows what archives hold.

mod quote;
mod separator;
mod sniff;
mod splitter;
#[cfg(test)]
mod tests;

pub use quote::unquote_mboxrd;
pub use sniff::{Shape, sniff, starts_like_mail};
pub use splitter::{Cut, DEFAULT_MAX_MAIL, MailRange, Splitter, Stray};
