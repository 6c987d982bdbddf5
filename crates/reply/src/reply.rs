//! A reply, ready to be stored.

use serde::Serialize;
use tidewaiter_mail::{Address, MailDate, Mailbox, MessageId};

use crate::{HeldBy, ReplyKind, eml};

/// One reply: what it says, to whom, and where in the thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reply {
    /// Its own Message-ID.
    pub id: MessageId,
    /// What it is.
    pub kind: ReplyKind,
    /// The list that it is about, wherever it goes.
    pub list: Address,
    /// Who it goes to.
    pub to: Vec<Mailbox>,
    /// Who gets a copy.
    pub cc: Vec<Mailbox>,
    /// The program's own mailbox.
    pub from: Mailbox,
    /// Its subject, on one line.
    pub subject: String,
    /// The mail that it answers.
    pub in_reply_to: Option<MessageId>,
    /// The thread above it, the root first: at most the first ten and the last ten ids.
    pub references: Vec<MessageId>,
    /// The policy's id.
    pub policy: String,
    /// Its text, line ends LF.
    pub body: String,
    /// What holds it back.
    pub held_by: Option<HeldBy>,
}

impl Reply {
    /// The mail's bytes, line ends CRLF, header lines at most 78 long where they can be folded.
    ///
    /// `held` adds `X-Tidewaiter-Held` with the reason; `date` becomes `Date`, which is left out
    /// otherwise. Whatever stands in the fields, no header but the known ones is written, no line
    /// is longer than 998 bytes, and no bare CR or LF and no NUL occurs.
    #[must_use]
    pub fn to_eml(&self, held: bool, date: Option<MailDate>) -> Vec<u8> {
        eml::write(self, held, date)
    }
}
