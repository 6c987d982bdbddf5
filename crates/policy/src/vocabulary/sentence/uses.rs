//! What a sentence's words say that AI was used for.

use regex::Captures;

use super::words;
use crate::{Vocabulary, vocabulary::Says};

impl Vocabulary {
    pub(super) fn tool_in(&self, found: &Captures<'_>) -> Option<String> {
        let text = found.name("tool")?.as_str();
        let mut words = text.split(|c: char| !c.is_alphabetic()).map(str::to_lowercase);
        let place = words.find_map(|word| self.tool_words.get(&word).copied())?;
        self.tools.get(place).cloned()
    }

    /// What a sentence's words say it was used for.
    pub(super) fn uses_in(&self, sentence: &str, found: &Captures<'_>, says: Says) -> Vec<String> {
        let Some(tool) = found.name("tool") else { return Vec::new() };
        let prose = &self.prose;
        let before = sentence.get(..tool.start()).unwrap_or_default();
        let after = sentence.get(tool.end()..).unwrap_or_default();
        let after = self.until_own_work(after);
        // "Claude Code": the tool's own name says nothing of the use.
        let after = words(after).skip_while(|word| {
            self.tool_words.contains_key(word) || self.model_words.contains(word)
        });
        let mut near = after.clone().take(5);
        let all: Vec<String> = words(before).chain(after).collect();
        let (mut content, mut other) = (Vec::new(), Vec::new());
        let (mut contributes, mut whole) = (says == Says::Content, false);
        for (at, word) in all.iter().enumerate() {
            contributes |= prose.contributing.contains(word);
            let back = |by: usize| at.checked_sub(by).and_then(|at| all.get(at));
            if prose.whole.contains(word) {
                whole |= ![back(1), back(2)].into_iter().flatten().any(|word| is_inside(word));
            }
            let pair = back(1).and_then(|first| prose.uses.get(&format!("{first} {word}")));
            let Some(used) = pair.or_else(|| prose.uses.get(word)) else { continue };
            let kind = match used.as_str() {
                "code" | "tests" | "docs" | "commit-message" => &mut content,
                _ => &mut other,
            };
            if !kind.contains(used) {
                kind.push(used.clone());
            }
        }
        if whole && !content.is_empty() && !content.iter().any(|used| used == "code") {
            content.insert(0, "code".to_owned());
        }
        let match_start = found.get(0).map_or(0, |whole| whole.start());
        let subject = words(sentence.get(..match_start).unwrap_or_default());
        let is_beside = |word: &String| prose.beside.contains(word);
        let beside = match says {
            Says::Content => subject.rev().take(3).any(|word| is_beside(&word)),
            _ => near.any(|word| is_beside(&word)),
        };
        match says {
            // "The reproducer was written by ...": it comes with the patch and is not part of it.
            _ if beside && content.is_empty() => vec!["analysis".to_owned()],
            Says::Other if other.is_empty() => vec!["analysis".to_owned()],
            Says::Other => other,
            // Help with the language only.
            Says::Content | Says::Open if content.is_empty() && other == ["translation"] => other,
            Says::Asked if !contributes && other.is_empty() => vec!["research".to_owned()],
            _ if contributes || other.is_empty() => content,
            _ => other,
        }
    }

    /// What stands before the clause in which the author tells of work without the tool.
    fn until_own_work<'t>(&self, after: &'t str) -> &'t str {
        let Some(own) = self.prose.own_work.find(after) else { return after };
        let rest = after.get(..own.start()).unwrap_or_default();
        let cuts = [",", ";", "(", ":", " and ", " but "];
        let cut = cuts.iter().filter_map(|cut| rest.rfind(cut)).max().unwrap_or(rest.len());
        rest.get(..cut).unwrap_or_default()
    }
}

/// "of this series": a part of it is meant.
fn is_inside(word: &str) -> bool {
    ["of", "in", "for", "from", "on", "to"].contains(&word)
}
