//! How far it is believed that a mail is from the person it says.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_patch::{Header, Part};

/// How wrong a sender's clock may be. Of 10,950 answers on kernel lists 304 are dated more than this
/// before the mail that they answer came; nearly all of those mails had waited for a moderator.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// How long after its `Date` an answer may come: 15 of the same answers came later.
const FRESH: SignedDuration = SignedDuration::from_hours(48);

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

    /// How far an answer's `From` is believed, where the answer stands. `came` is its event time.
    ///
    /// Anybody can take a signed answer and send it again, below another mail with the same
    /// Message-ID; what it answers and when that was sent is then their word. So a signature
    /// counts where it was made after what is answered was there, which the event time says:
    ///
    /// - a domain's where the answer is dated so, and came within two days of that. An answer
    ///   without a `Date` that can be read has nothing to tell it from an old one;
    /// - a person's, which covers neither `Date` nor what is answered, by its own time, and under
    ///   the same title.
    ///
    /// Else the answer has what it would have without the signature.
    #[must_use]
    pub fn of_answer(&self, answer: &Header, came: Timestamp, answered: Option<&Part>) -> Trust {
        let Some(answered) = answered else { return self.of(answer).min(Trust::Claimed) };
        let header = &answered.mail.header;
        let signed = answer.signed.as_ref().is_some_and(|signed| {
            let sent = header.date.map_or(answered.time, |date| date.timestamp.max(answered.time));
            signed.time >= sent && answer.title == header.title
        });
        let trust = if signed { self.of(answer) } else { self.without_key(answer) };
        let fresh = answer.date.is_some_and(|date| {
            date.timestamp.saturating_add(SKEW).is_ok_and(|date| date >= answered.time)
                && came.duration_since(date.timestamp).abs() <= FRESH
        });
        if trust == Trust::Domain && !fresh { Trust::Claimed } else { trust }
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
