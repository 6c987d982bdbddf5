//! What a rule says of a series.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tidewaiter_mail::MessageId;

/// How much a finding asks for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Shown where findings are shown; never a reason to speak.
    Note,
    /// The policy asks for something more, such as a maintainer's word.
    Ask,
    /// The policy declines such a contribution.
    Decline,
}

/// Who can act on a finding.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Who sent the series.
    Author,
    /// Who decides on it.
    Maintainer,
    /// Who runs this program.
    Operator,
}

/// One thing that a rule found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule's id, such as `declared-under-ban`.
    pub rule: String,
    /// How much it asks for.
    pub severity: Severity,
    /// Who can act on it.
    pub audience: Audience,
    /// The patch's place in the series, from 1; `null` where it holds for the series.
    pub patch: Option<u32>,
    /// The mail that it is about.
    pub message_id: Option<MessageId>,
    /// The line of that mail's decoded text, from 1.
    pub line: Option<usize>,
    /// That line, or what was counted.
    pub text: Option<String>,
    /// The policy's sentence, word for word; `null` where only reports of it are known.
    pub rule_text: Option<String>,
    /// Where the policy's text stands.
    pub rule_url: Option<String>,
    /// Where the rule was reported, if its own text is not known.
    pub rule_reported_by: Option<String>,
    /// What the author or the maintainer can do.
    pub advice: String,
    /// The tag of the version before, for rules that compare the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<TagBefore>,
}

/// A tag that the same changes had in the version before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TagBefore {
    /// That version, such as `v1`.
    pub version: String,
    /// The patch's place in it, from 1.
    pub patch: u32,
    /// It stood in the cover letter or an answer of the author, for the whole series.
    pub whole_series: bool,
    /// How many patches it has.
    pub total: u32,
    /// The mail that carries the tag.
    pub message_id: Option<MessageId>,
    /// The line of that mail's decoded text, from 1.
    pub line: usize,
    /// The tag's key.
    pub key: String,
    /// The tag's value.
    pub value: String,
}
