//! Lines by which people tell a bot something.

use tidewaiter_mail::MessageId;

/// A line that tells a bot something: `tidewaiter: no`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its line in the mail's decoded text, from 1.
    pub line: usize,
    /// What it tells.
    pub word: CommandWord,
}

/// What a command tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandWord {
    /// Be quiet about this series.
    No,
    /// Be quiet about all series of the sender from now on.
    Never,
    /// Be quiet about everything: an operator's word; anybody else's is a [`Self::No`].
    Stop,
    /// Tell the sender why this was decided.
    Why,
    /// Judge the series again.
    Recheck,
    /// Send the reply with this id, which is held.
    Release(MessageId),
    /// The sender agrees to what is answered.
    Agree,
    /// The mail with this id holds a maintainer's agreement.
    Agreed(MessageId),
    /// Something else, at most 80 characters of it.
    Unknown(String),
}

impl CommandWord {
    /// Whether it speaks of an agreement.
    #[must_use]
    pub fn agrees(&self) -> bool {
        matches!(self, Self::Agree | Self::Agreed(_))
    }

    /// Whether it asks for quiet in its thread, whoever says it.
    #[must_use]
    pub fn quiets(&self) -> bool {
        matches!(self, Self::No | Self::Never | Self::Stop)
    }
}
