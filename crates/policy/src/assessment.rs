//! What a policy makes of a series.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tidewaiter_mail::MessageId;

use crate::{Agreement, Finding};

/// What comes of a series under a policy, from the quietest on.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing declared, no mark, nothing found but notes.
    Silent,
    /// Something is declared or indicated, and the policy asks for nothing.
    Disclosure,
    /// The policy asks for something more.
    Ask,
    /// The policy declines such a contribution.
    Decline,
}

/// Why a series is not judged at all.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum NotJudged {
    /// Its patches are for another tree, or cannot be told to be for this one.
    NotThisTree,
    /// No configured list was reached.
    NoListEntry,
    /// It is a pull request, or was sent as part of one.
    Pull,
    /// It is a backport to a stable branch.
    Stable,
    /// It changes or discusses the policy itself.
    AboutThePolicy,
    /// Its patches were posted before, by their author or by a maintainer.
    Repost,
    /// It was also sent to a security or embargo address.
    Embargo,
    /// No part of it holds a patch (a lone cover letter).
    NoPatch,
    /// It took the program down: a fault of the program.
    Failed,
}

/// How a use of AI was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeclaredForm {
    /// The list's own tag.
    Tag,
    /// Another project's tag.
    OtherTag,
    /// A sentence in the author's own words.
    Prose,
}

/// One declaration of an author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Declared {
    /// How it was made.
    pub form: DeclaredForm,
    /// The tag's key as written; `null` for prose.
    pub key: Option<String>,
    /// The tag's value, or the sentence.
    pub value: String,
    /// `code`, `tests`, `docs`, `commit-message`, `research`, or the words given.
    pub uses: Vec<String>,
    /// The tool that it names.
    pub tool: Option<String>,
    /// The line of the mail's decoded text, from 1.
    pub line: usize,
    /// The mail that carries it, where that is not the patch itself (cover letter, own reply).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<MessageId>,
}

/// What kind of mark a tool left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IndicatedForm {
    /// An agent's address in `From` or as the author.
    AgentAddress,
    /// A person-trailer (`Co-authored-by`, `Signed-off-by`) that names an agent.
    AgentTrailer,
    /// A link to an agent's session.
    SessionLink,
    /// A line such as "Generated with ...".
    Marker,
    /// A tool's own file or folder in the diff.
    ToolFile,
}

/// A mark that a tool left. It can be false.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Indicated {
    /// What kind of mark.
    pub form: IndicatedForm,
    /// The trailer's key, where it is one.
    pub key: Option<String>,
    /// The mark itself.
    pub value: String,
    /// The tool it points at.
    pub tool: Option<String>,
    /// The line of the mail's decoded text, from 1; `null` for a file in the diff.
    pub line: Option<usize>,
}

/// How hard a change would be to take back.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Easy to take back, unlikely to spread.
    Low,
    /// Something in between.
    Medium,
    /// Others will build on it.
    High,
}

/// One patch as a policy sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PatchAssessment {
    /// Its place in the series, from 1.
    pub index: u32,
    /// Its mail.
    pub message_id: Option<MessageId>,
    /// Its title.
    pub title: String,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
    /// Its lines as the policy counts them against its limit for small fixes.
    pub counted: u32,
    /// It adds a file or an interface that keeps it from being a small fix, whatever its size.
    pub adds_more_than_a_fix: bool,
    /// What its author declared.
    pub declared: Vec<Declared>,
    /// What marks it carries.
    pub indicated: Vec<Indicated>,
    /// `docs`, `tests`, `build`, `generated`, `imported`, `blob`, `code` of its files;
    /// `mechanical`, `small-fix` of the whole.
    pub categories: Vec<String>,
    /// The subsystems that it touches, by MAINTAINERS.
    pub subsystems: Vec<String>,
    /// Of these the most specific of each file, without those that cover everything.
    #[serde(skip)]
    pub own_subsystems: Vec<String>,
    /// How hard it would be to take back.
    pub risk: Risk,
    /// Why, in words.
    pub reasons: Vec<String>,
}

/// What one policy makes of one series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The policy's id.
    pub policy: String,
    /// The date of the policy's text, where it is known.
    pub policy_date: Option<String>,
    /// Its patches.
    pub patches: Vec<PatchAssessment>,
    /// Something is declared.
    pub declared: bool,
    /// Some mark was found.
    pub indicated: bool,
    /// The highest risk among its patches.
    pub risk: Risk,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// What the rules found, gravest first within each patch.
    pub findings: Vec<Finding>,
    /// What comes of it.
    pub outcome: Outcome,
    /// Who agreed to it, and what was meant for an agreement and is none.
    pub agreements: Vec<Agreement>,
    /// Why each rule spoke or did not, for `explain`; empty where that was not asked for.
    pub trace: Vec<RuleTrace>,
}

/// What one rule did on one series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleTrace {
    /// The rule's id.
    pub rule: String,
    /// It runs under this policy.
    pub on: bool,
    /// What it looked at and why it spoke or did not, in one sentence a line.
    pub why: Vec<String>,
}
