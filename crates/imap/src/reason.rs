//! Why a connection ended or could not be made.

use std::fmt;
use std::time::Duration;

use crate::cursor::{Uid, UidValidity};

/// How many refused logins may be a passing fault of the server.
pub(crate) const PATIENCE_LOGIN: u32 = 3;
/// How often a mail that is there may not come before the operator hears of it.
pub(crate) const PATIENCE_MAIL: u32 = 3;

/// What was being done when something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Looking up the host and connecting.
    Connect,
    /// The STARTTLS command.
    StartTls,
    /// The TLS handshake.
    Tls,
    /// The server's first line.
    Greeting,
    /// Logging in.
    Login,
    /// Asking what the server can do.
    Capability,
    /// Opening the mailbox.
    Examine,
    /// Asking for new mails.
    Search,
    /// Asking for the sizes of mails.
    Sizes,
    /// Fetching mails.
    Fetch,
    /// Waiting for the server to push.
    Idle,
    /// Asking whether anything changed.
    Poll,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::StartTls => "start TLS",
            Self::Tls => "set up TLS",
            Self::Greeting => "read the greeting",
            Self::Login => "log in",
            Self::Capability => "ask what the server can do",
            Self::Examine => "open the mailbox",
            Self::Search => "search for new mails",
            Self::Sizes => "ask for the sizes of mails",
            Self::Fetch => "fetch mails",
            Self::Idle => "wait for mails",
            Self::Poll => "ask for changes",
        })
    }
}

/// Why a connection ended or could not be made.
///
/// Texts of the server are shortened, have no control characters, and never hold the password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// The network failed, or the server closed the connection.
    #[error("failed to {step}: {text}")]
    Network {
        /// What was being done.
        step: Step,
        /// What the system says.
        text: String,
    },
    /// The connection was closed without a word.
    #[error("failed to {step}: the server closed the connection")]
    Lost {
        /// What was being done.
        step: Step,
    },
    /// No answer, or not all of it, in time.
    #[error("failed to {step}: no answer within {} seconds", after.as_secs_f32())]
    Timeout {
        /// What was being done.
        step: Step,
        /// How long was waited.
        after: Duration,
    },
    /// TLS could not be set up. Nothing is ever sent without it.
    #[error("failed to set up TLS: {text}")]
    Tls {
        /// What is wrong.
        text: String,
        /// Whether the server's certificate is what is wrong.
        certificate: bool,
    },
    /// The server will not start TLS where the configuration asks for it.
    #[error("failed to start TLS: {text}")]
    NoStartTls {
        /// What the server did instead.
        text: String,
    },
    /// The server refused the user or the password.
    #[error("failed to log in, refused {tries} times in a row: {text}")]
    Refused {
        /// How often in a row.
        tries: u32,
        /// What the server says.
        text: String,
    },
    /// The server has no room for us now.
    #[error("failed to {step}, the server is busy: {text}")]
    Busy {
        /// What was being done.
        step: Step,
        /// What the server says.
        text: String,
    },
    /// The mailbox cannot be opened.
    #[error("failed to open the mailbox: {text}")]
    NoMailbox {
        /// What the server says.
        text: String,
    },
    /// The server tells no UIDVALIDITY, so that a number of a mail means nothing.
    #[error("failed to open the mailbox: the server tells no UIDVALIDITY")]
    NoUidValidity,
    /// The server gave the mailbox new numbers while it was open.
    #[error("failed to go on with this connection: the mailbox's UIDVALIDITY is now {now}")]
    UidValidityMoved {
        /// The new one.
        now: UidValidity,
    },
    /// The server said good-bye.
    #[error("failed to {step}, the server ended the connection: {text}")]
    Bye {
        /// What was being done.
        step: Step,
        /// What the server says.
        text: String,
    },
    /// The server answered NO or BAD.
    #[error("failed to {step}: the server answered {answer}: {text}")]
    Answered {
        /// What was being done.
        step: Step,
        /// `NO` or `BAD`.
        answer: &'static str,
        /// What the server says.
        text: String,
    },
    /// The server sent what is not IMAP, or not an answer to what was asked.
    #[error("failed to {step}: the server's answer cannot be read")]
    Garbage {
        /// What was being done.
        step: Step,
    },
    /// The server sent an answer at which the IMAP parser gave up altogether.
    #[error("failed to read the server's answer: the parser gave up")]
    Unparsable,
    /// The server announced or sent more than any answer may be.
    #[error("failed to {step}: the server's answer is over the limit of {limit} bytes")]
    Oversize {
        /// What was being done.
        step: Step,
        /// The limit.
        limit: usize,
    },
    /// A mail is there, but the server does not hand it out. Nothing after it is read before it comes.
    #[error(
        "failed to fetch the mail {uid}: it is there, but the server has not sent it {tries} times"
    )]
    Withheld {
        /// The mail.
        uid: Uid,
        /// How often in a row.
        tries: u32,
    },
    /// Each time that a mail was asked for, alone, the connection failed. Nothing after it is read
    /// before it comes.
    #[error("failed to fetch the mail {uid}: {tries} connections failed at it, the last so: {why}")]
    Breaks {
        /// The mail.
        uid: Uid,
        /// How often in a row.
        tries: u32,
        /// How the last one failed.
        why: Box<Reason>,
    },
    /// The consumer did not store what it was given.
    #[error("failed to store mails; they are read once more")]
    NotStored,
}

impl Reason {
    /// Whether this will hardly mend itself: somebody should be told at once.
    #[must_use]
    pub fn needs_operator(&self) -> bool {
        match self {
            Self::Tls { .. }
            | Self::NoStartTls { .. }
            | Self::NoMailbox { .. }
            | Self::NoUidValidity => true,
            Self::Refused { tries, .. } => *tries >= PATIENCE_LOGIN,
            Self::Withheld { tries, .. } | Self::Breaks { tries, .. } => *tries >= PATIENCE_MAIL,
            _ => false,
        }
    }

    /// Whether it came up while mails were fetched, so that fewer at once may get through.
    pub(crate) fn of_fetching(&self) -> bool {
        match self {
            Self::Network { step, .. }
            | Self::Lost { step }
            | Self::Timeout { step, .. }
            | Self::Bye { step, .. }
            | Self::Answered { step, .. }
            | Self::Garbage { step }
            | Self::Oversize { step, .. } => matches!(step, Step::Sizes | Step::Fetch),
            Self::Withheld { .. } | Self::Breaks { .. } | Self::Unparsable => true,
            _ => false,
        }
    }
}

/// A server's text fit for a log: one line, short, printable.
pub(crate) fn plain(text: &str) -> String {
    let mut plain: String = text
        .chars()
        .map(|c| if c.is_control() || is_invisible(c) { ' ' } else { c })
        .take(200)
        .collect();
    plain.truncate(plain.trim_end().len());
    if plain.is_empty() { "(no text)".to_owned() } else { plain }
}

/// Marks of direction, which make a terminal show another text than there is.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
