//! Why a reply waits for a person, or goes nowhere.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tidewaiter_policy::Reserved;

/// What holds a reply back, as `held_by` and `X-Tidewaiter-Held` name it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum HeldBy {
    /// The list is only observed.
    Observe,
    /// It goes into the digest instead.
    Digest,
    /// The list's mode is `hold`.
    Hold,
    /// The policy declines, and such replies are held on this list.
    Decline,
    /// It is the first series from an address never seen before.
    FirstSeries,
    /// Nothing vouches that the mail is from the person whose declaration it carries.
    UnverifiedSender,
    /// It would go to the author alone, who has no address that may be written to.
    AuthorUnreachable,
    /// It would go to the maintainers alone, and there is none for these paths.
    NoMaintainer,
    /// It would be about nothing but a mark that a tool left.
    MarkOnly,
    /// It has nobody to go to.
    NoRecipient,
    /// A cap is reached.
    Cap,
    /// The stop switch is on.
    Stopped,
    /// The policy is not in force.
    PolicyNotInForce,
    /// Nobody has checked the policy for too long.
    PolicyNotChecked,
    /// The policy was to be reviewed by a day that is over.
    PolicyReviewDue,
    /// A pull changed the documents in which the policy stands, and nobody has checked it since.
    PolicyChanged,
}

impl HeldBy {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Digest => "digest",
            Self::Hold => "hold",
            Self::Decline => "decline",
            Self::FirstSeries => "first-series",
            Self::UnverifiedSender => "unverified-sender",
            Self::AuthorUnreachable => "author-unreachable",
            Self::NoMaintainer => "no-maintainer",
            Self::MarkOnly => "mark-only",
            Self::NoRecipient => "no-recipient",
            Self::Cap => "cap",
            Self::Stopped => "stopped",
            Self::PolicyNotInForce => "policy-not-in-force",
            Self::PolicyNotChecked => "policy-not-checked",
            Self::PolicyReviewDue => "policy-review-due",
            Self::PolicyChanged => "policy-changed",
        }
    }
}

impl From<Reserved> for HeldBy {
    fn from(reserved: Reserved) -> Self {
        match reserved {
            Reserved::NotInForce => Self::PolicyNotInForce,
            Reserved::Changed => Self::PolicyChanged,
            Reserved::NotChecked => Self::PolicyNotChecked,
            Reserved::ReviewDue => Self::PolicyReviewDue,
        }
    }
}

impl fmt::Display for HeldBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
