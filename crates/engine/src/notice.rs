//! What a list's operator should know.

use std::fmt;

use tidewaiter_mail::MessageId;

/// Something that a list's operator should know; none of it goes to anybody else.
///
/// It is shown as a sentence without names, addresses or ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The series that it is about.
    pub series: Option<MessageId>,
    /// The mail that it is about, where that is no part of the series.
    pub mail: Option<MessageId>,
    /// What happened.
    pub what: NoticeKind,
}

impl Notice {
    pub(crate) fn of_series(series: Option<MessageId>, what: NoticeKind) -> Self {
        Self { series, mail: None, what }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.what.fmt(f)
    }
}

/// What an operator is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    /// A series changes or discusses the policy itself: the policy's file may be out of date.
    AboutThePolicy,
    /// Another mail came under the Message-ID of a part of a series.
    ConflictingMessageId,
    /// A reply could not be written.
    NotRendered,
    /// A series took the program down and is not judged.
    SeriesFailed,
    /// A pull changes the documents in which the policy stands.
    PolicyPulled,
    /// A recipient refused a reply for good.
    AddressRefused,
    /// An author wants no notes any more.
    OptedOut,
    /// Somebody without a part in a series asked for quiet.
    QuietByStranger,
    /// A word that is not known.
    WordUnknown,
    /// A word of somebody who may not say it.
    WordNotAllowed,
    /// A word that nothing vouches for.
    WordUnproven,
    /// A word that was sent long ago, or whose time is not known.
    WordStale,
    /// A word in a mail under the Message-ID of another.
    WordConflict,
    /// A word over the cap of a day.
    WordOverCap,
    /// A word about a series that is not known.
    WordWithoutSeries,
    /// A question that is not answered.
    NotExplained,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::AboutThePolicy,
        Self::ConflictingMessageId,
        Self::NotRendered,
        Self::SeriesFailed,
        Self::PolicyPulled,
        Self::AddressRefused,
        Self::OptedOut,
        Self::QuietByStranger,
        Self::WordUnknown,
        Self::WordNotAllowed,
        Self::WordUnproven,
        Self::WordStale,
        Self::WordConflict,
        Self::WordOverCap,
        Self::WordWithoutSeries,
        Self::NotExplained,
    ];
}

impl fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AboutThePolicy => {
                "a series changes or discusses the policy itself; its file may soon be out of date"
            }
            Self::ConflictingMessageId => {
                "another mail came under the Message-ID of a part of a series; nothing is said of it"
            }
            Self::NotRendered => "a reply could not be written, and nothing is sent",
            Self::SeriesFailed => {
                "a series took the program down twice and is not judged: a fault of the program"
            }
            Self::PolicyPulled => {
                "a pull changes the documents in which the policy stands; until its file was \
                 checked after that day, the policy serves the operator alone"
            }
            Self::AddressRefused => {
                "a recipient refused a reply for good, and is never written to again"
            }
            Self::OptedOut => "an author opted out; nothing is said of their series any more",
            Self::QuietByStranger => {
                "somebody who is neither the author nor a maintainer asked for quiet about a series"
            }
            Self::WordUnknown => "a mail tells tidewaiter a word that it does not know",
            Self::WordNotAllowed => "a word was not followed: its sender may not say it",
            Self::WordUnproven => "a word was not followed: nothing vouches for its sender",
            Self::WordStale => {
                "a word was not followed: its mail is not of the last two days by its own dates"
            }
            Self::WordConflict => {
                "a word was not followed: its mail has the Message-ID of another mail"
            }
            Self::WordOverCap => {
                "a word was not followed: its sender has said as many as may be in a day"
            }
            Self::WordWithoutSeries => "a word was not followed: it is about no series that is known",
            Self::NotExplained => "a question why was not answered: there is nothing that a mail may say",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_has_a_sentence_of_its_own() {
        let all: HashSet<String> = NoticeKind::ALL.iter().map(ToString::to_string).collect();
        assert_eq!(all.len(), NoticeKind::ALL.len());
        for sentence in all {
            assert!(sentence.len() > 30 && !sentence.contains(['@', '<', '\n']), "{sentence}");
        }
    }
}
