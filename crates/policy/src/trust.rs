//! How far it is believed that a mail is from the person it says.

use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_patch::Header;

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
    /// A key of the person themselves. Nothing gives this yet.
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
