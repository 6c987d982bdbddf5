//! What is due next, by name, and what was given up since it took the program down.

use jiff::Timestamp;
use tidewaiter_patch::{MailKey, Series};

use crate::{State, digest};

/// What is looked at next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The digests of periods that end then.
    Digests(Timestamp),
    /// The series of a mail.
    Series(Timestamp, MailKey),
}

impl Due {
    /// What is due first by a time.
    pub(crate) fn by(state: &State, now: Timestamp) -> Option<Self> {
        let series = state.waiting.first().copied().filter(|(due, _)| *due <= now);
        let before = series.map_or(now, |(due, _)| due);
        let digests = digest::next_due(state).filter(|until| *until <= before);
        digests.map(Self::Digests).or(series.map(|(due, key)| Self::Series(due, key)))
    }

    /// The same text for the same thing, whatever else is known: a Message-ID where there is one.
    pub(crate) fn name(self, state: &State) -> String {
        match self {
            Self::Digests(until) => format!("digests until {until}"),
            Self::Series(_, key) => mail_name(state, key),
        }
    }
}

fn mail_name(state: &State, key: MailKey) -> String {
    let Some(mail) = state.assembler.mail(key) else { return format!("mail {}", key.0) };
    match &mail.header.message_id {
        Some(id) => id.as_str().to_owned(),
        // No Message-ID has a space.
        None => {
            let bytes = mail.header.content.0;
            bytes.iter().fold("content ".to_owned(), |text, byte| format!("{text}{byte:02x}"))
        }
    }
}

impl State {
    /// What [`crate::settle`] looks at next; `None` where nothing is due by then.
    ///
    /// Whoever notes it before knows what took the program down, and can [`State::give_up`] on it.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<String> {
        Due::by(self, now).map(|due| due.name(self))
    }

    /// Judges what bears this name no more: it took the program down. Of its series it is recorded
    /// that it was not judged, and digests are left out. Where even that is too much, it is not
    /// looked at `at_all`.
    ///
    /// It may be said before the mails come, and so of a state that is made anew.
    pub fn give_up(&mut self, name: &str, at_all: bool) {
        self.given_up.insert(name.to_owned(), at_all);
    }

    /// Whether something was given up under this name.
    #[must_use]
    pub fn has_given_up(&self, name: &str) -> bool {
        self.given_up.contains_key(name)
    }

    /// The mail must not be looked at.
    pub(crate) fn passes_over(&self, key: MailKey) -> bool {
        !self.given_up.is_empty() && self.given_up.get(&mail_name(self, key)) == Some(&true)
    }

    /// A part of the series took the program down when the series was looked at.
    pub(crate) fn has_failed(&self, series: &Series) -> bool {
        !self.given_up.is_empty()
            && series.parts().any(|part| self.has_given_up(&mail_name(self, part.key)))
    }
}
