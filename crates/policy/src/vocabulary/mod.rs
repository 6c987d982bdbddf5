//! The words by which mails tell of AI use: `config/vocabulary.toml`, read and compiled.

mod file;
mod identity;
mod line;
mod prose;
mod sentence;
mod value;

use std::collections::{HashMap, HashSet};

use regex::Regex;
use serde::Deserialize;

use crate::config::{self, ConfigError};

pub(crate) use prose::{Prose, Says};
pub(crate) use sentence::Around;
pub use value::TagValue;

/// The vocabulary that the program brings along.
pub const BUILTIN: &str = include_str!("../../../../config/vocabulary.toml");

/// What a trailer's key says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyClass {
    /// The value lists what AI was used for.
    Uses,
    /// The value names a tool, or else credits a person.
    Tool,
    /// The key itself says AI.
    Ai,
    /// Used by other programs too: counts only with a known AI tool as its value.
    Weak,
    /// A link to an agent's session.
    Session,
}

/// A read vocabulary.
#[derive(Debug)]
pub struct Vocabulary {
    keys: Vec<(String, KeyClass)>,
    person_keys: Vec<String>,
    negative: HashSet<String>,
    /// Word to the contract's word.
    uses: HashMap<String, String>,
    tools: Vec<String>,
    /// Lower-case word, name, address, login to the place of its tool in `tools`.
    tool_words: HashMap<String, usize>,
    tool_names: HashMap<String, usize>,
    tool_addresses: HashMap<String, usize>,
    tool_logins: HashMap<String, usize>,
    ai_words: HashSet<String>,
    given_names: HashSet<String>,
    versioned: HashSet<String>,
    model_words: HashSet<String>,
    other_tools: HashSet<String>,
    person_endings: Vec<String>,
    noreply: HashSet<String>,
    pub(crate) prose: Prose,
    pub(crate) session_links: Vec<String>,
    pub(crate) file_names: Vec<String>,
    pub(crate) folders: Vec<String>,
    pub(crate) marker_starts: Vec<String>,
    pub(crate) queued: Vec<String>,
    pub(crate) applied: Vec<String>,
    pub(crate) reviewed: Vec<String>,
    pub(crate) command_keys: Vec<String>,
    /// A line of a patch's text that starts with a tag's key or a command, or holds a marker.
    pub(crate) text_hints: Regex,
    /// Words by which a person raises the matter.
    pub(crate) raises: Regex,
    /// Lines of a comment that start with a command or a word for taking a patch.
    pub(crate) comment_hints: Regex,
}

impl Vocabulary {
    /// Reads a vocabulary; unknown keys are errors.
    ///
    /// # Errors
    /// Every mistake, with its place.
    pub fn parse(text: &str) -> Result<Self, Vec<ConfigError>> {
        let file: file::File = config::read("the vocabulary", text, &[])?;
        Self::compile(file).map_err(|error| {
            vec![ConfigError::new(format!("failed to compile the vocabulary: {error}"), None)]
        })
    }

    /// The vocabulary that the program brings along.
    ///
    /// # Errors
    /// None where the program was built from a tested tree.
    pub fn builtin() -> Result<Self, Vec<ConfigError>> {
        Self::parse(BUILTIN)
    }

    fn compile(file: file::File) -> Result<Self, regex::Error> {
        let keys: Vec<(String, KeyClass)> = file
            .keys
            .into_iter()
            .flat_map(|group| group.names.into_iter().map(move |name| (name, group.class)))
            .collect();
        let searched: Vec<&str> = keys
            .iter()
            .filter(|(_, class)| matches!(class, KeyClass::Uses | KeyClass::Tool | KeyClass::Ai))
            .map(|(name, _)| name.as_str())
            .chain(
                file.persons
                    .keys
                    .iter()
                    .map(String::as_str)
                    .filter(|key| !key.starts_with("Signed")),
            )
            .collect();
        let text_hints = Regex::new(&format!(
            r"(?mi-u)^(?:(?:{})[ \t]*:|(?:{})[ \t:])|(?:{})",
            alternatives(&file.commands.keys),
            alternatives(&searched).replace(r"\-", "[-_ ]"),
            alternatives(&file.markers.starts),
        ))?;
        let comment_hints = Regex::new(&format!(
            r"(?mi-u)^(?:(?:{})[ \t]*:|(?:{})\b)",
            alternatives(&file.commands.keys),
            alternatives(file.quiet.queued.iter().chain(&file.quiet.applied)),
        ))?;
        let raises = Regex::new(&format!(
            r"(?-u)\b(?:(?:{})|(?i:{}))\b",
            alternatives(&file.raises.exact),
            alternatives(&file.raises.words),
        ))?;
        let words = file.tools.iter().flat_map(|tool| &tool.words);
        let products: Vec<&str> = words.map(String::as_str).collect();
        let ai_words: Vec<&str> = file.ai_words.words.iter().map(String::as_str).collect();
        let prose = Prose::compile(file.prose, &products, &ai_words, set(file.guards.things))?;
        let mut vocabulary = Self {
            prose,
            keys,
            person_keys: file.persons.keys,
            negative: set(file.negative.values),
            uses: HashMap::new(),
            tools: Vec::new(),
            tool_words: HashMap::new(),
            tool_names: HashMap::new(),
            tool_addresses: HashMap::new(),
            tool_logins: HashMap::new(),
            ai_words: set(file.ai_words.words),
            given_names: set(file.guards.given_names),
            versioned: set(file.guards.versioned),
            model_words: set(file.guards.model_words),
            other_tools: set(file.guards.other_tools),
            person_endings: file.guards.person_endings,
            noreply: set(file.guards.noreply),
            session_links: file.sessions.links,
            file_names: file.files.names,
            folders: file.files.folders,
            marker_starts: file.markers.starts,
            queued: file.quiet.queued,
            applied: file.quiet.applied,
            reviewed: file.quiet.reviewed,
            command_keys: file.commands.keys,
            text_hints,
            raises,
            comment_hints,
        };
        for (word, spellings) in file.uses {
            for spelling in spellings {
                vocabulary.uses.insert(spelling.to_lowercase(), word.clone());
            }
        }
        for tool in file.tools {
            vocabulary.add(tool);
        }
        Ok(vocabulary)
    }

    fn add(&mut self, tool: file::Tool) {
        let place = self.tools.len();
        self.tools.push(tool.name);
        for (map, entries) in [
            (&mut self.tool_words, tool.words),
            (&mut self.tool_names, tool.names),
            (&mut self.tool_addresses, tool.addresses),
            (&mut self.tool_logins, tool.logins),
        ] {
            map.extend(entries.into_iter().map(|entry| (entry.to_lowercase(), place)));
        }
    }

    /// What a trailer's key says by itself; `None` for one that has nothing to do with AI.
    #[must_use]
    pub fn key_class(&self, key: &str) -> Option<KeyClass> {
        self.keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, class)| *class)
    }

    /// Whether a word of a tag may be repeated in a mail: a key, a use, the name of a known
    /// tool. Free text may not; a reply is no loudspeaker.
    #[must_use]
    pub fn may_repeat(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        self.key_class(word).is_some()
            || self.is_person_key(word)
            || self.uses.contains_key(&lower)
            || self.negative.contains(&lower)
            || self.tool_words.contains_key(&lower)
            || self.tool_names.contains_key(&lower)
            || self.tools.iter().any(|tool| tool.eq_ignore_ascii_case(word))
            || self.ai_words.contains(&lower)
    }

    /// Whether a trailer with this key names a person.
    #[must_use]
    pub fn is_person_key(&self, key: &str) -> bool {
        self.person_keys.iter().any(|name| name.eq_ignore_ascii_case(key))
    }
}

fn set(words: Vec<String>) -> HashSet<String> {
    words.into_iter().map(|word| word.to_lowercase()).collect()
}

fn alternatives<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> String {
    let escaped: Vec<_> = words.into_iter().map(|word| regex::escape(word.as_ref())).collect();
    escaped.join("|")
}

#[cfg(test)]
mod tests;
