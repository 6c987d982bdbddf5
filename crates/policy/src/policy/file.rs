//! A policy file as written.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{AgentRole, Asked, Counting, Grammar, Here, Stance, Status};
use crate::Severity;

pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) id: Text,
    pub(super) project: String,
    pub(super) title: String,
    pub(super) status: Status,
    pub(super) date: Option<Text>,
    pub(super) url: Option<String>,
    pub(super) source_blob: Option<String>,
    pub(super) checked: Option<Text>,
    pub(super) review_by: Option<Text>,
    pub(super) stance: Stance,
    #[serde(default)]
    pub(super) notes: Vec<String>,
    #[serde(default)]
    pub(super) lists: Vec<List>,
    pub(super) judges_any_tree: Option<Spanned<bool>>,
    pub(super) tree: Option<Spanned<Tree>>,
    #[serde(default)]
    pub(super) tags: Tags,
    #[serde(default)]
    pub(super) allowed: Allowed,
    #[serde(default)]
    pub(super) limits: Limits,
    #[serde(default)]
    pub(super) agreement: Agreement,
    #[serde(default)]
    pub(super) sign_off: SignOff,
    #[serde(default)]
    pub(super) agents: Agents,
    #[serde(default)]
    pub(super) categories: Categories,
    #[serde(default)]
    pub(super) core: Core,
    #[serde(default)]
    pub(super) interface: Interface,
    #[serde(default)]
    pub(super) dependency: Paths,
    #[serde(default)]
    pub(super) licence: Licence,
    #[serde(default)]
    pub(super) mechanical: Mechanical,
    #[serde(default)]
    pub(super) risk: Risk,
    #[serde(default)]
    pub(super) about: About,
    #[serde(default)]
    pub(super) stable: Stable,
    #[serde(default)]
    pub(super) sentences: Vec<Sentence>,
    #[serde(default)]
    pub(super) rules: BTreeMap<String, Spanned<Rule>>,
    #[serde(default)]
    pub(super) examples: Vec<Example>,
}

#[derive(Deserialize)]
pub(super) struct List {
    pub(super) address: Text,
    pub(super) id: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Tree {
    pub(super) files_from: Option<String>,
    pub(super) known_paths: Option<Spanned<u32>>,
    pub(super) own_roots: Vec<Text>,
    pub(super) own_files: Vec<Text>,
    pub(super) other_roots: Vec<Text>,
    pub(super) shared_paths: Vec<Text>,
    pub(super) other_subjects: Vec<Text>,
    pub(super) own_subjects: Vec<Text>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Tags {
    pub(super) exempt_uses: Vec<Text>,
    pub(super) own: Vec<OwnTag>,
    pub(super) other: Vec<OtherTag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct OwnTag {
    pub(super) key: Text,
    pub(super) asked: Option<Asked>,
    pub(super) grammar: Spanned<Grammar>,
    #[serde(default)]
    pub(super) values: Vec<Text>,
    #[serde(default)]
    pub(super) unlisted_tools: Vec<Text>,
    #[serde(default)]
    pub(super) before: Vec<Text>,
    #[serde(default)]
    pub(super) after: Vec<Text>,
}

#[derive(Deserialize)]
pub(super) struct OtherTag {
    pub(super) key: Text,
    pub(super) here: Spanned<Here>,
    pub(super) meaning: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Allowed {
    pub(super) files: Vec<Text>,
    pub(super) patches: Vec<Text>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Limits {
    pub(super) small_fix: Option<Spanned<u32>>,
    pub(super) small_fix_series: Option<Spanned<u32>>,
    pub(super) count: Counting,
    pub(super) leave_out: Option<Vec<Text>>,
    pub(super) blank_lines: bool,
    pub(super) new_files: bool,
    pub(super) new_interfaces: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Agreement {
    pub(super) how: Option<String>,
    pub(super) trailers: Vec<Text>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct SignOff {
    pub(super) required: Option<Spanned<bool>>,
    pub(super) by_author: Option<Spanned<bool>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Agents {
    pub(super) may_not: Vec<Spanned<AgentRole>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Categories {
    /// The categories with patterns, in the order in which they are tried.
    pub(super) order: Vec<Text>,
    pub(super) code: Vec<Text>,
    pub(super) docs: Vec<Text>,
    pub(super) tests: Vec<Text>,
    pub(super) build: Vec<Text>,
    pub(super) generated: Vec<Text>,
    pub(super) imported: Vec<Text>,
    pub(super) blob: Vec<Text>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Core {
    pub(super) paths: Vec<Text>,
    pub(super) areas: Vec<String>,
    pub(super) fan_in: Option<Spanned<u32>>,
    pub(super) except_small_fixes: bool,
    pub(super) except_mechanical: bool,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Mechanical {
    pub(super) share: Option<Spanned<u32>>,
    pub(super) places: Option<u32>,
    pub(super) few_share: Option<Spanned<u32>>,
    pub(super) few_places: Option<u32>,
    pub(super) rest: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Risk {
    pub(super) medium: Option<u32>,
    pub(super) high: Option<u32>,
    pub(super) areas: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Interface {
    pub(super) paths: Vec<Text>,
    pub(super) headers: Vec<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Licence {
    pub(super) files: Vec<Text>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Paths {
    pub(super) paths: Vec<Text>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct About {
    pub(super) paths: Vec<Text>,
    pub(super) subject_words: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Stable {
    pub(super) prefixes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Sentence {
    pub(super) id: Text,
    pub(super) text: Option<Text>,
    pub(super) mark: Option<Text>,
    pub(super) summary: Option<String>,
    pub(super) reported_by: Option<String>,
    pub(super) url: Option<String>,
    pub(super) by: Option<String>,
    pub(super) date: Option<Text>,
}

#[derive(Deserialize)]
pub(super) struct Rule {
    pub(super) severity: Spanned<Severity>,
    pub(super) sentence: Option<Text>,
    #[serde(default)]
    pub(super) also: Vec<Text>,
    pub(super) advice: String,
}

#[derive(Deserialize)]
pub(super) struct Example {
    pub(super) name: String,
    /// Mails of the thread that came before: a version before this one, the cover letter.
    #[serde(default)]
    pub(super) earlier: Vec<Text>,
    pub(super) mail: Text,
    pub(super) expect: Vec<Text>,
}
