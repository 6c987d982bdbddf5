//! How far it is believed that a mail is from the person it says.

use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_patch::{Header, Part};

/// How far it is believed that a mail is from the person in its `From`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// `From` names nobody, or not exactly one person, or was rewritten on the way.
    #[default]
    Nothing,
    /// The mail says so, and nothing else does.
    Claimed,
    /// A trusted server found a DKIM signature by the domain of `From`: the domain vouches, which
    /// for a large provider is not the person.
    Domain,
    /// The sender signed it with a key of theirs that is in the keyring.
    Person,
}

impl Trust {
    /// In words, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => "from nobody in particular",
            Self::Claimed => "claimed by the archive alone",
            Self::Domain => "the domain vouches",
            Self::Person => "the person's own key",
        }
    }
}

/// What is believed of mails, and how much is enough.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrustRules<'a> {
    /// Names of servers whose `Authentication-Results` is believed; letter case does not matter.
    pub authserv_ids: &'a [String],
    /// The archive's word is not enough for a review to count, nor for who an author is.
    pub strict: bool,
    /// The archive's word is enough for an agreement.
    pub claimed: bool,
}

impl TrustRules<'_> {
    /// How far a mail's `From` is believed.
    #[must_use]
    pub fn of(&self, header: &Header) -> Trust {
        let from = header.from.as_ref().and_then(|from| from.address.as_ref());
        let own_key = header.signed.as_ref().is_some_and(|signed| from == Some(&signed.by));
        match self.without_key(header) {
            Trust::Nothing => Trust::Nothing,
            _ if own_key => Trust::Person,
            trust => trust,
        }
    }

    /// How far an answer's `From` is believed, where the answer stands.
    ///
    /// A signature does not cover what a mail answers. So that nobody can take a signed answer to
    /// another thread, it counts where it was made after the part that is answered was sent, and
    /// under the same title; else the answer has what the other levels give.
    #[must_use]
    pub fn of_answer(&self, answer: &Header, answered: Option<&Part>) -> Trust {
        let fits = answered.zip(answer.signed.as_ref()).is_some_and(|(answered, signed)| {
            let header = &answered.mail.header;
            let sent = header.date.map_or(answered.time, |date| date.timestamp.max(answered.time));
            signed.time >= sent && answer.title == header.title
        });
        if fits { self.of(answer) } else { self.without_key(answer) }
    }

    fn without_key(&self, header: &Header) -> Trust {
        let address = header.from.as_ref().and_then(|from| from.address.as_ref());
        let Some(address) = address.filter(|_| !header.sender_munged && header.from_count == 1)
        else {
            return Trust::Nothing;
        };
        let vouches = header.auth_results.as_ref().is_some_and(|found| {
            self.authserv_ids.iter().any(|id| id.eq_ignore_ascii_case(found.id()))
                && found.aligns_with(address)
        });
        if vouches { Trust::Domain } else { Trust::Claimed }
    }

    /// What the words `agree` and `agreed` need to count.
    pub(crate) fn word_needs(&self) -> Trust {
        if self.claimed { Trust::Claimed } else { Trust::Domain }
    }

    /// What a review needs to count as agreement.
    pub(crate) fn review_needs(&self) -> Trust {
        if self.strict { self.word_needs() } else { Trust::Claimed }
    }
}
