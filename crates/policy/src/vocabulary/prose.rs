//! The words and patterns by which sentences tell of AI use, compiled.

use std::collections::{HashMap, HashSet};

use regex::Regex;
use serde::Deserialize;

use super::{alternatives, file, set};

/// What a sentence's pattern says of the use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Says {
    /// Something contributed came from it.
    Content,
    /// It helped without contributing content.
    Other,
    /// The sentence's other words decide; where they do not, it is content.
    Open,
    /// The sentence's other words decide; where they do not, it is research.
    Asked,
}

/// One way of saying it.
#[derive(Debug)]
pub(crate) struct Pattern {
    pub(crate) says: Says,
    /// It counts only in a sentence about the author or what is posted.
    pub(crate) needs_ours: bool,
    /// With the group `tool`, and mostly `lead`: the words in front of the tool.
    pub(crate) regex: Regex,
    /// The tool's name ends it: the next word must be looked at.
    pub(crate) open_end: bool,
}

/// What is looked up while a sentence is read.
#[derive(Debug)]
pub(crate) struct Prose {
    /// A text without a match says nothing of AI.
    pub(crate) candidate: Regex,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) denials: Vec<Regex>,
    pub(crate) heading: Regex,
    pub(crate) ours: Regex,
    pub(crate) own_work: Regex,
    pub(crate) uses: HashMap<String, String>,
    pub(crate) follow: HashSet<String>,
    pub(crate) nouns: HashSet<String>,
    pub(crate) reviews: HashSet<String>,
    pub(crate) denying: HashSet<String>,
    pub(crate) supposing: HashSet<String>,
    pub(crate) others: HashSet<String>,
    pub(crate) about: HashSet<String>,
    pub(crate) contributing: HashSet<String>,
    pub(crate) generic: HashSet<String>,
    pub(crate) whole: HashSet<String>,
    pub(crate) beside: HashSet<String>,
    pub(crate) things: HashSet<String>,
}

impl Prose {
    /// `products` are the words for tools, `ai_words` those for AI as such.
    pub(super) fn compile(
        file: file::Prose,
        products: &[&str],
        ai_words: &[&str],
        things: HashSet<String>,
    ) -> Result<Self, regex::Error> {
        let parts = Parts::of(&file, products, ai_words);
        let compile = |pattern: &str| Regex::new(&format!("(?i){}", parts.expand(pattern)));
        let patterns = file.patterns.iter().map(|pattern| {
            Ok(Pattern {
                says: pattern.says,
                needs_ours: pattern.needs_ours,
                regex: compile(&pattern.pattern)?,
                open_end: pattern.pattern.ends_with("{tool}"),
            })
        });
        let denials = file.denials.iter().map(|denial| compile(&denial.pattern));
        let uses = file.uses.into_iter();
        Ok(Self {
            candidate: Regex::new(&format!(r"(?i-u)\b(?:{})(?:v?[0-9]+)?\b", parts.names))?,
            patterns: patterns.collect::<Result<_, regex::Error>>()?,
            denials: denials.collect::<Result<_, _>>()?,
            heading: compile(&file.section.heading)?,
            ours: Regex::new(&format!(r"(?i-u)\b(?:{})\b", alternatives(&file.ours)))?,
            own_work: Regex::new(&format!(r"(?i-u)\b(?:{})\b", alternatives(&file.own_work)))?,
            uses: uses
                .flat_map(|(to, from)| from.into_iter().map(move |w| (w, to.clone())))
                .collect(),
            follow: set(file.follow),
            nouns: set(file.nouns),
            reviews: set(file.reviews),
            denying: set(file.denying),
            supposing: set(file.supposing),
            others: set(file.others),
            about: set(file.about),
            contributing: set(file.contributing),
            generic: set(file.generic),
            whole: set(file.whole),
            beside: set(file.beside),
            things,
        })
    }
}

/// What the names in braces stand for.
struct Parts {
    names: String,
    products: String,
    made: String,
    helped: String,
    found: String,
    by: String,
    help: String,
}

const WORD: &str = r"[A-Za-z0-9_'’.-]+";

impl Parts {
    fn of(file: &file::Prose, products: &[&str], ai_words: &[&str]) -> Self {
        // The longest first: an alternation takes the first that matches.
        let longest_first = |mut names: Vec<&str>| {
            names.sort_by_key(|name| std::cmp::Reverse(name.len()));
            alternatives(names)
        };
        Self {
            names: longest_first([products, ai_words].concat()),
            products: longest_first(products.to_vec()),
            made: alternatives(&file.made),
            helped: alternatives(&file.helped),
            found: alternatives(&file.found),
            by: alternatives(&file.by),
            help: alternatives(&file.help),
        }
    }

    fn expand(&self, pattern: &str) -> String {
        let Self { names, products, made, helped, found, by, help } = self;
        let help_of = format!(r"(?:{WORD} ){{0,3}}?(?:{help}) (?:of|from|by|with) ");
        // "GPT-5.4", "claude-4-sonnet", "ChatGPTv5", "openrouter/anthropic/claude".
        let named = |names: &str| {
            format!(
                r"(?P<tool>(?-u:\b)(?:{names})(?:v?[0-9][0-9.]*)?(?:[-:/][A-Za-z0-9.:/+_-]*[A-Za-z0-9])?(?-u:\b))"
            )
        };
        let ai = named(names);
        let bare = format!(r"(?P<tool>(?-u:\b)(?:{names})(?-u:\b))");
        let tool = format!(r"(?P<lead>(?:\(?{WORD}\)? ){{0,5}}?)\[?{ai}");
        pattern
            .replace(r"\b", r"(?-u:\b)")
            .replace(r"\w+", WORD)
            .replace(r"\w", "[A-Za-z0-9]")
            .replace(r"\W", "[^A-Za-z0-9]")
            .replace("{made}", &format!("(?:{made})"))
            .replace("{helped}", &format!("(?:{helped})"))
            .replace("{found}", &format!("(?:{found})"))
            .replace("{gap}", &format!(r"(?P<gap>(?: [(]?{WORD}[),]{{0,2}}){{0,6}}?),? "))
            .replace("{by}", &format!(r"(?:{by}) (?:{help_of})?"))
            .replace("{help-of}", &help_of)
            .replace("{help}", &format!("(?:{help})"))
            .replace("{tool}", &tool)
            .replace("{name}", &ai)
            .replace("{product}", &named(products))
            .replace("{ai}", &bare)
    }
}
