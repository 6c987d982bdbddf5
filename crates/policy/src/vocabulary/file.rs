//! `config/vocabulary.toml` as written.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{KeyClass, prose::Says};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) keys: Vec<Keys>,
    pub(super) persons: Persons,
    pub(super) negative: Negative,
    pub(super) uses: BTreeMap<String, Vec<String>>,
    pub(super) tools: Vec<Tool>,
    pub(super) ai_words: Words,
    pub(super) guards: Guards,
    pub(super) markers: Markers,
    pub(super) sessions: Sessions,
    pub(super) files: Files,
    pub(super) prose: Prose,
    pub(super) raises: Raises,
    pub(super) quiet: Quiet,
    pub(super) commands: Commands,
}

#[derive(Deserialize)]
pub(super) struct Keys {
    pub(super) class: KeyClass,
    pub(super) names: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Persons {
    pub(super) keys: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Negative {
    pub(super) values: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Tool {
    pub(super) name: String,
    #[serde(default)]
    pub(super) words: Vec<String>,
    #[serde(default)]
    pub(super) names: Vec<String>,
    #[serde(default)]
    pub(super) addresses: Vec<String>,
    #[serde(default)]
    pub(super) logins: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Words {
    pub(super) words: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Guards {
    pub(super) given_names: Vec<String>,
    pub(super) things: Vec<String>,
    pub(super) versioned: Vec<String>,
    pub(super) model_words: Vec<String>,
    pub(super) other_tools: Vec<String>,
    pub(super) person_endings: Vec<String>,
    pub(super) noreply: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Markers {
    pub(super) starts: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Sessions {
    pub(super) links: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Files {
    pub(super) names: Vec<String>,
    pub(super) folders: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Raises {
    pub(super) exact: Vec<String>,
    pub(super) words: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Quiet {
    pub(super) queued: Vec<String>,
    pub(super) applied: Vec<String>,
    pub(super) reviewed: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Commands {
    pub(super) keys: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Prose {
    pub(super) made: Vec<String>,
    pub(super) helped: Vec<String>,
    pub(super) found: Vec<String>,
    pub(super) by: Vec<String>,
    pub(super) help: Vec<String>,
    pub(super) ours: Vec<String>,
    pub(super) follow: Vec<String>,
    pub(super) nouns: Vec<String>,
    pub(super) reviews: Vec<String>,
    pub(super) denying: Vec<String>,
    pub(super) supposing: Vec<String>,
    pub(super) others: Vec<String>,
    pub(super) about: Vec<String>,
    pub(super) contributing: Vec<String>,
    pub(super) own_work: Vec<String>,
    pub(super) whole: Vec<String>,
    pub(super) beside: Vec<String>,
    pub(super) generic: Vec<String>,
    #[serde(rename = "source")]
    _source: String,
    pub(super) uses: BTreeMap<String, Vec<String>>,
    pub(super) patterns: Vec<Pattern>,
    pub(super) denials: Vec<Denial>,
    pub(super) section: Section,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Pattern {
    pub(super) says: Says,
    #[serde(default)]
    pub(super) needs_ours: bool,
    pub(super) pattern: String,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Denial {
    pub(super) pattern: String,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
pub(super) struct Section {
    pub(super) heading: String,
    #[serde(rename = "source")]
    _source: String,
}
