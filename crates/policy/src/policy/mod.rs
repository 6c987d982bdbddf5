//! A policy: one file of `config/policies/`, read and validated.

mod builtin;
mod categories;
mod dead;
mod example;
mod file;
mod grammar;
mod mechanical;
mod read;
mod standing;
mod tags;

use std::{collections::BTreeMap, ops::Range};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tidewaiter_mail::{Address, ListId};
use tidewaiter_patch::{Diff, Series, SubjectTag};

use crate::{
    ConfigError, ConfigWarning, Severity, config,
    glob::PathGlobs,
    observe::SeenTag,
    tree::{TreeFiles, TreeRules},
};

pub use builtin::builtin_policies;
pub use categories::{Categories, Category};
#[cfg(test)]
pub(crate) use example::Thread;
pub use example::{Example, Expected, Told};
pub use grammar::Grammar;
pub use mechanical::MechanicalLimits;
pub use standing::{CHECKED_FOR, Reserved};
pub use tags::{AgentRole, Asked, Here, OtherTag, OwnTag, SignOff};

/// Whether a policy binds anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is what the project asks for today.
    InForce,
    /// Somebody proposed it.
    Proposed,
    /// It was in force once.
    Retired,
}

/// What a policy makes of AI use, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stance {
    /// Contributions that hold AI content are declined.
    Decline,
    /// Some uses are allowed, others need agreement.
    AllowSome,
    /// Every use is allowed where it is disclosed.
    Disclose,
    /// There is no rule.
    Silent,
}

/// A read and validated policy.
#[derive(Debug)]
pub struct Policy {
    /// Its id, such as `qemu-2025-06`.
    pub id: String,
    /// The project that it is for.
    pub project: String,
    /// What it says, in one line.
    pub title: String,
    /// Whether it binds anybody.
    pub status: Status,
    /// The date of its text, where it is known.
    pub date: Option<Date>,
    /// Where its text stands.
    pub url: Option<String>,
    /// The git id of its text's file.
    pub source_blob: Option<String>,
    /// When a person last held this file against the text.
    pub checked: Option<Date>,
    /// When a person should do so again.
    pub review_by: Option<Date>,
    /// What it makes of AI use.
    pub stance: Stance,
    /// What else a reader should know.
    pub notes: Vec<String>,
    /// The lists that it holds on.
    pub lists: Vec<PolicyList>,
    /// Where the list of the tree's files comes from, for people.
    pub files_from: Option<String>,
    /// The project's own tags.
    pub own_tags: Vec<OwnTag>,
    /// Tags of other projects, and what they mean here.
    pub other_tags: Vec<OtherTag>,
    /// Uses that are no contribution of content.
    pub exempt_uses: Vec<String>,
    /// Categories of files that need no agreement.
    pub allowed_files: Vec<Category>,
    /// Mechanical patches need no agreement.
    pub allows_mechanical: bool,
    /// Small fixes need no agreement.
    pub allows_small_fix: bool,
    /// What counts as a small fix.
    pub limits: Limits,
    /// How agreement is given, in words.
    pub agreement: Option<String>,
    /// Trailers by which a maintainer agrees.
    pub agreement_trailers: Vec<String>,
    /// What the policy asks of `Signed-off-by`.
    pub sign_off: SignOff,
    /// What no agent may be.
    pub agents_may_not: Vec<AgentRole>,
    /// What kind of file a path is.
    pub categories: Categories,
    /// Paths that most other code builds on.
    pub core: PathGlobs,
    /// A small fix needs no agreement there either.
    pub core_except_small_fixes: bool,
    /// Mechanical patches need no agreement there either.
    pub core_except_mechanical: bool,
    /// Areas of MAINTAINERS that are core, by name.
    pub core_areas: Vec<String>,
    /// Headers that so many files of the tree include are core.
    pub core_fan_in: Option<u32>,
    /// Paths that are an interface to users or guests.
    pub interface: PathGlobs,
    /// Headers that other programs include.
    pub public_headers: PathGlobs,
    /// Paths that name what the project builds with.
    pub dependency: PathGlobs,
    /// Categories of files that say their licence.
    pub licence_in: Vec<Category>,
    /// From when on a patch counts as mechanical.
    pub mechanical: MechanicalLimits,
    /// From more lines than this on a patch is more than low risk.
    pub risk_medium: u32,
    /// From more lines than this on a patch is of high risk.
    pub risk_high: u32,
    /// From so many areas of MAINTAINERS on a patch is more than low risk.
    pub risk_areas: u32,
    /// The policy's sentences, in the file's order.
    pub sentences: Vec<Sentence>,
    /// The rules that run, by id.
    pub rules: BTreeMap<String, RuleSetting>,
    /// Mails with what should be found in them.
    pub examples: Vec<Example>,
    /// It holds for whatever tree a patch is for: the list alone decides.
    pub judges_any_tree: bool,
    pub(crate) tree: TreeRules,
    pub(crate) about_paths: PathGlobs,
    pub(crate) about_words: Vec<String>,
    pub(crate) stable_prefixes: Vec<String>,
}

/// A mailing list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyList {
    /// Its address.
    pub address: Address,
    /// Its List-Id.
    pub id: Option<ListId>,
}

/// What counts as a small fix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Lines of one patch, as [`Self::count`] says.
    pub small_fix: Option<u32>,
    /// The same for all declared patches of a series together.
    pub small_fix_series: Option<u32>,
    /// Categories of files whose lines do not count.
    pub leave_out: Vec<Category>,
    /// Which lines count.
    pub count: Counting,
    /// Blank lines count too.
    pub blank_lines: bool,
    /// A small fix may add a file.
    pub new_files: bool,
    /// A small fix may add an interface.
    pub new_interfaces: bool,
}

/// Which lines of a patch count against a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Counting {
    /// The greater of added and removed lines.
    #[default]
    Larger,
    /// Added lines.
    Added,
    /// Added and removed lines.
    Sum,
}

/// One sentence of a policy, or the report of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Its id, by which rules name it.
    pub id: String,
    /// The bytes of the policy file where it stands.
    pub span: Range<usize>,
    /// Its words; `None` where only reports of it are known.
    pub text: Option<String>,
    /// What is reported of it, in our words.
    pub summary: Option<String>,
    /// Where it stands; the policy's link where the file gives none.
    pub url: Option<String>,
    /// Where it was reported.
    pub reported_by: Option<String>,
    /// Whose words they are, where they are not the policy's.
    pub by: Option<String>,
    /// Their date, where it is not the policy's.
    pub date: Option<Date>,
}

/// How a rule runs under a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSetting {
    /// The gravest that it may say: never more than a note where its sentence is only reported.
    pub severity: Severity,
    /// The place of its sentence in [`Policy::sentences`].
    pub sentence: Option<usize>,
    /// Places of further sentences that a reader should see with it.
    pub also: Vec<usize>,
    /// What the author or the maintainer can do.
    pub advice: String,
}

impl Policy {
    /// Reads and validates a policy file.
    ///
    /// # Errors
    /// Every mistake, with its place.
    pub fn parse(text: &str) -> Result<(Self, Vec<ConfigWarning>), Vec<ConfigError>> {
        Self::parse_with(text, &[])
    }

    /// Reads a policy file with some values changed first, such as
    /// `("limits.small-fix", "50")`. The file has to have such a value already.
    ///
    /// # Errors
    /// Every mistake, with its place.
    pub fn parse_with(
        text: &str,
        overrides: &[(String, String)],
    ) -> Result<(Self, Vec<ConfigWarning>), Vec<ConfigError>> {
        read::validate(config::read("the policy", text, overrides)?)
    }

    /// Entries of a policy file that have no effect on a tree with these files: patterns of
    /// paths that match none of them. Empty where the file cannot be read.
    #[must_use]
    pub fn dead_entries(text: &str, files: &TreeFiles) -> Vec<ConfigWarning> {
        config::read("the policy", text, &[])
            .map_or_else(|_| Vec::new(), |file| dead::entries(&file, files))
    }

    /// A warning where a policy file's `review-by` is over on this day. `None` where it is not, or
    /// where the file cannot be read.
    #[must_use]
    pub fn overdue(text: &str, today: Date) -> Option<ConfigWarning> {
        let file: file::File = config::read("the policy", text, &[]).ok()?;
        let written = file.review_by?;
        let day: Date = written.get_ref().parse().ok()?;
        let message = format!("this policy was to be checked against its text by {day}");
        (day < today).then(|| ConfigWarning { message, span: Some(written.span()) })
    }

    /// Whether no rule rests on words that were read: such a policy only reports.
    #[must_use]
    pub fn is_report_only(&self) -> bool {
        !self.rules.keys().any(|rule| self.sentence(rule).is_some_and(|s| s.text.is_some()))
    }

    /// Whether a mail can cite it: with a date, a link and words that were read.
    #[must_use]
    pub fn can_be_cited(&self) -> bool {
        self.date.is_some() && self.url.is_some() && !self.is_report_only()
    }

    /// Its text's date in words: `text of 2025-06-24`.
    #[must_use]
    pub fn dated(&self) -> String {
        self.date.map_or_else(|| "text without a date".to_owned(), |date| format!("text of {date}"))
    }

    /// The sentence of a rule.
    #[must_use]
    pub fn sentence(&self, rule: &str) -> Option<&Sentence> {
        self.sentences.get(self.rules.get(rule)?.sentence?)
    }

    /// A rule's sentence and those that a reader should see with it.
    pub fn sentences_of(&self, rule: &str) -> impl Iterator<Item = &Sentence> {
        let setting = self.rules.get(rule);
        let places = setting.into_iter().flat_map(|s| s.sentence.iter().chain(&s.also));
        places.filter_map(|place| self.sentences.get(*place))
    }

    /// Folders that only this policy's tree has, without a slash behind.
    pub fn own_roots(&self) -> impl Iterator<Item = &str> {
        self.tree.roots.iter().map(String::as_str)
    }

    /// Whether a tag is the project's own.
    #[must_use]
    pub fn is_own_tag(&self, key: &str) -> bool {
        self.own_tag(key).is_some()
    }

    /// The project's own tag of this key.
    #[must_use]
    pub fn own_tag(&self, key: &str) -> Option<&OwnTag> {
        self.own_tags.iter().find(|tag| tag.key.eq_ignore_ascii_case(key))
    }

    /// What a tag of another project means here.
    #[must_use]
    pub fn here(&self, key: &str) -> Option<Here> {
        self.other_tags.iter().find(|tag| tag.key.eq_ignore_ascii_case(key)).map(|tag| tag.here)
    }

    /// Whether a tag credits a person here: its key does so, and its value names no known tool.
    #[must_use]
    pub fn credits_a_person(&self, tag: &SeenTag) -> bool {
        let person = |key: &String| self.here(key) == Some(Here::Person);
        tag.key.as_ref().is_some_and(person) && tag.tool.is_none()
    }

    /// Whether one of its rules looks at the version before, too.
    #[must_use]
    pub fn compares_versions(&self) -> bool {
        ["dropped-disclosure", "changed-disclosure"].iter().any(|id| self.rules.contains_key(*id))
    }

    /// Whether no agent may be this.
    #[must_use]
    pub fn forbids_agents(&self, role: AgentRole) -> bool {
        self.agents_may_not.contains(&role)
    }

    /// Whether uses are all such that they contribute no content. No use named is none of these.
    #[must_use]
    pub fn exempts(&self, uses: &[String]) -> bool {
        !uses.is_empty() && uses.iter().all(|used| self.exempt_uses.contains(used))
    }
}

/// Whether a series changes or discusses the policy itself.
#[must_use]
pub fn about_the_policy(policy: &Policy, series: &Series) -> bool {
    let mut diffs = series.patches.iter().filter_map(|part| part.mail.diff());
    let says_so = |title: &str| {
        let lower = title.to_lowercase();
        policy.about_words.iter().any(|word| lower.contains(word.as_str()))
    };
    says_so(&series.title)
        || series.parts().any(|part| says_so(&part.mail.header.title))
        || diffs.any(|diff| changes_the_policy(policy, diff))
}

/// Whether a diff touches the documents in which the policy itself stands.
#[must_use]
pub fn changes_the_policy(policy: &Policy, diff: &Diff) -> bool {
    let own = |path: &str| policy.about_paths.is_match(path);
    diff.files.iter().any(|file| own(&file.path) || file.old_path.as_deref().is_some_and(own))
}

/// Whether a series is a backport to one of the project's stable branches.
#[must_use]
pub fn is_stable(policy: &Policy, series: &Series) -> bool {
    let starts = |word: &str| {
        policy.stable_prefixes.iter().any(|prefix| {
            word.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        })
    };
    let tagged = |tag: &SubjectTag| tag.prefixes.iter().any(|word| starts(word));
    series.parts().any(|part| part.mail.header.tag.as_ref().is_some_and(tagged))
}

#[cfg(test)]
mod category_tests;
#[cfg(test)]
mod tests;
