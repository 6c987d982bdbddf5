//! Whether a name in a sentence is a tool's, a person's or a thing's.

use regex::Captures;

use super::{Around, words};
use crate::Vocabulary;

/// How the name that a pattern found stands in its sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// It is a tool, or AI as such.
    Tool,
    /// A review or report by one.
    Review,
    /// A person or a thing.
    Else,
}

impl Vocabulary {
    /// Whether the name that was found is a tool here.
    pub(super) fn name(
        &self,
        sentence: &str,
        found: &Captures<'_>,
        open_end: bool,
        around: &Around<'_>,
    ) -> Name {
        const CROSSING: [&str; 19] = [
            "for", "to", "in", "on", "which", "that", "from", "by", "is", "are", "was", "were",
            "not", "without", "when", "if", "than", "as", "at",
        ];
        let Some(tool) = found.name("tool") else { return Name::Else };
        let lead = found.name("lead").map_or("", |lead| lead.as_str());
        let crosses =
            |word: &String| CROSSING.contains(&word.as_str()) || self.prose.others.contains(word);
        if words(lead).any(|word| crosses(&word)) {
            return Name::Else;
        }
        let text = tool.as_str();
        let bare = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let lower = bare.to_lowercase();
        // "cursor-agent", "gemini-cli 0.3", "claude-4-sonnet".
        let whole = |word: &str| {
            self.model_words.contains(word) || word.bytes().any(|b| b.is_ascii_digit())
        };
        let versioned = words(&text.replace(['-', ':', '/'], " ")).any(|word| whole(&word));
        let small = bare.starts_with(char::is_lowercase);
        // "Ai" is a name; "AI" is not.
        let rest = sentence.get(tool.end()..).unwrap_or_default();
        let named_whole = versioned || words(rest).next().is_some_and(|word| whole(&word));
        let is_thing = !versioned && small && self.prose.things.contains(&lower);
        if bare == "Ai" || is_thing || (!named_whole && self.versioned.contains(&lower)) {
            return Name::Else;
        }
        // "The LLM" is a part of what is worked on, unless the author speaks of themselves.
        let is_the = words(lead).last().is_some_and(|word| word == "the");
        let own = ["i", "we", "my", "me", "our", "this", "these"];
        if is_the
            && self.ai_words.contains(&lower)
            && !words(sentence).any(|w| own.contains(&w.as_str()))
        {
            return Name::Else;
        }
        if !named_whole && self.given_names.contains(&lower) && (around.has_person)(&lower) {
            return Name::Else;
        }
        if !open_end {
            return Name::Tool;
        }
        self.followed(&lower, rest)
    }

    /// What the words behind a name make of it.
    fn followed(&self, name: &str, rest: &str) -> Name {
        let prose = &self.prose;
        let mut rest = rest;
        for _ in 0..8 {
            let text = rest.strip_prefix("'s").or_else(|| rest.strip_prefix("’s")).unwrap_or(rest);
            let Some(text) = text.strip_prefix([' ', '-', '/', ':', '_']) else {
                return Name::Tool;
            };
            let end = text.find(|c: char| !(c.is_alphanumeric() || c == '.')).unwrap_or(text.len());
            let (word, after) = text.split_at_checked(end).unwrap_or((text, ""));
            let lower = word.trim_end_matches('.').to_lowercase();
            if prose.reviews.contains(&lower) {
                return Name::Review;
            }
            let goes_on = prose.nouns.contains(&lower)
                || self.model_words.contains(&lower)
                || self.tool_words.contains_key(&lower)
                || lower.bytes().any(|b| b.is_ascii_digit());
            if !goes_on {
                let is_word = lower.bytes().all(|b| b.is_ascii_lowercase()) && !lower.is_empty();
                let fits = !is_word || prose.follow.contains(&lower);
                // "Claude Dupont", "Gemini Lake": a capital goes on with the name.
                let capital = word.starts_with(char::is_uppercase);
                let known = prose.follow.contains(&lower);
                let other = capital && !known && self.given_names.contains(name);
                return if (fits || capital) && !other { Name::Tool } else { Name::Else };
            }
            if word.ends_with('.') {
                return Name::Tool;
            }
            rest = after;
        }
        Name::Tool
    }
}
