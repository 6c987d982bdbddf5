//! What one sentence says of AI use.

mod name;
mod uses;

use regex::Captures;

use super::{Says, Vocabulary, prose::Pattern};
use name::Name;

/// What a sentence says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// That AI was not used.
    pub(crate) denied: bool,
    /// What it was used for, as far as the sentence says; none named may be anything.
    pub(crate) uses: Vec<String>,
    /// The tool that it names.
    pub(crate) tool: Option<String>,
}

/// What is known of the mail around a sentence.
pub(crate) struct Around<'a> {
    /// The sentence must speak of the author or of what is posted: the mail is about AI itself,
    /// or is an answer to others.
    pub(crate) needs_ours: bool,
    /// Whether a person of this given name takes part.
    pub(crate) has_person: &'a dyn Fn(&str) -> bool,
}

impl Vocabulary {
    /// Reads a sentence whose whitespace is plain.
    pub(crate) fn statement(&self, sentence: &str, around: &Around<'_>) -> Option<Statement> {
        let prose = &self.prose;
        let words: Vec<String> = words(sentence).collect();
        if sentence.trim_end_matches(['"', ')']).ends_with('?')
            || words.iter().any(|word| prose.about.contains(word))
        {
            return None;
        }
        for denial in &prose.denials {
            let Some(found) = denial.captures(sentence) else { continue };
            if self.name(sentence, &found, false, around) == Name::Else {
                continue;
            }
            let mut before = clause_before(sentence, start(&found));
            // "could not have been written without ..."
            let twice = before.clone().any(|word| self.denies(&word));
            let supposed =
                |word: String| prose.supposing.contains(&word) || prose.others.contains(&word);
            if !twice && before.any(supposed) {
                continue;
            }
            let denied = !twice;
            return Some(Statement { denied, uses: Vec::new(), tool: self.tool_in(&found) });
        }
        let is_ours = prose.ours.is_match(sentence);
        let mut other: Option<Statement> = None;
        for pattern in &prose.patterns {
            if (pattern.needs_ours || around.needs_ours) && !is_ours {
                continue;
            }
            let Some(found) = pattern.regex.captures(sentence) else { continue };
            let name = self.name(sentence, &found, pattern.open_end, around);
            if name == Name::Else {
                continue;
            }
            match self.holds(sentence, &found) {
                Holds::No => continue,
                Holds::Denied if pattern.says == Says::Other => continue,
                Holds::Denied => {
                    let tool = self.tool_in(&found);
                    return Some(Statement { denied: true, uses: Vec::new(), tool });
                }
                Holds::Yes => {}
            }
            let name = if self.is_review(sentence, &found, pattern) { Name::Review } else { name };
            let says = if name == Name::Review { Says::Other } else { pattern.says };
            if says == Says::Content && self.is_generic(sentence, &found, pattern) {
                continue;
            }
            let uses = match name {
                Name::Review => vec!["review".to_owned()],
                _ => self.uses_in(sentence, &found, says),
            };
            let found_by = says == Says::Open && self.was_found(sentence, &found);
            let uses = if found_by { self.uses_in(sentence, &found, Says::Other) } else { uses };
            let statement = Statement { denied: false, uses, tool: self.tool_in(&found) };
            if says != Says::Other {
                return Some(statement);
            }
            other.get_or_insert(statement);
        }
        other
    }

    /// Whether a statement under a heading of its own says that nothing was used.
    pub(crate) fn denies_use(&self, text: &str) -> bool {
        let plain = text.trim().trim_end_matches('.').to_lowercase();
        self.negative.contains(&plain)
            || words(text).next().is_some_and(|word| self.denies(&word))
            || self.prose.denials.iter().any(|denial| denial.is_match(text))
    }

    /// The first known tool that a text names.
    pub(crate) fn first_tool(&self, text: &str) -> Option<String> {
        let place = words(text).find_map(|word| self.tool_words.get(&word).copied())?;
        self.tools.get(place).cloned()
    }

    fn denies(&self, word: &str) -> bool {
        self.prose.denying.contains(word) || word.ends_with("n't") || word.ends_with("n’t")
    }

    /// Whether what stands in front of a match, and inside, lets it hold.
    fn holds(&self, sentence: &str, found: &Captures<'_>) -> Holds {
        let prose = &self.prose;
        let mut denied = false;
        for word in clause_before(sentence, start(found)) {
            if prose.supposing.contains(&word) || prose.others.contains(&word) {
                return Holds::No;
            }
            denied |= self.denies(&word);
        }
        let gap = found.name("gap").map_or("", |gap| gap.as_str());
        for word in words(gap) {
            if prose.supposing.contains(&word) || word == "for" {
                return Holds::No;
            }
            denied = (denied || self.denies(&word)) && word != "but";
        }
        if denied { Holds::Denied } else { Holds::Yes }
    }

    /// "Found with the help of AI": the verb in front of an open match says what was done.
    fn was_found(&self, sentence: &str, found: &Captures<'_>) -> bool {
        let others = self.prose.patterns.iter().filter(|p| p.says == Says::Other && p.open_end);
        others.filter_map(|pattern| pattern.regex.captures(sentence)).any(|other| {
            let same =
                other.name("tool").map(|m| m.start()) == found.name("tool").map(|m| m.start());
            same && start(&other) < start(found)
        })
    }

    /// "AI-generated review": the noun that the adjective belongs to.
    fn is_review(&self, sentence: &str, found: &Captures<'_>, pattern: &Pattern) -> bool {
        let rest = sentence.get(found.get(0).map_or(0, |m| m.end())..).unwrap_or_default();
        !pattern.open_end
            && words(rest).next().is_some_and(|word| self.prose.reviews.contains(&word))
    }

    /// "patches generated by AI": of patches in general, where nothing points at any.
    fn is_generic(&self, sentence: &str, found: &Captures<'_>, pattern: &Pattern) -> bool {
        const POINTING: [&str; 12] = [
            "this", "these", "those", "the", "my", "our", "most", "some", "all", "both", "each",
            "few",
        ];
        let generic = |word: &String| self.prose.generic.contains(word);
        if !pattern.open_end {
            // "AI-generated reports": the noun follows.
            let rest = sentence.get(found.get(0).map_or(0, |m| m.end())..).unwrap_or_default();
            return !self.prose.ours.is_match(sentence)
                && words(rest).take(3).any(|word| generic(&word));
        }
        let before: Vec<String> = words(sentence.get(..start(found)).unwrap_or_default()).collect();
        let near: Vec<&String> = before.iter().rev().take(2).collect();
        let at = near.iter().position(|word| generic(word));
        at.is_some_and(|at| {
            !before.iter().rev().skip(at).take(4).any(|word| POINTING.contains(&word.as_str()))
                && before.len() > at + 1
        })
    }
}

/// Whether a match holds where it stands.
enum Holds {
    Yes,
    No,
    Denied,
}

fn start(found: &Captures<'_>) -> usize {
    found.get(0).map_or(0, |whole| whole.start())
}

/// The words of a clause in front of a place.
fn clause_before(sentence: &str, at: usize) -> std::vec::IntoIter<String> {
    let before = sentence.get(..at).unwrap_or_default();
    let lower = before.to_ascii_lowercase();
    let cuts =
        [",", ";", ":", "(", " - ", " but ", " so ", " and ", " because ", " as ", " since "];
    let from = cuts.iter().filter_map(|cut| lower.rfind(cut).map(|at| at + cut.len())).max();
    words(before.get(from.unwrap_or(0)..).unwrap_or_default())
}

/// Its words in small letters; a dash or an apostrophe inside belongs to one.
fn words(text: &str) -> std::vec::IntoIter<String> {
    text.split(|c: char| !(c.is_alphanumeric() || "-'’".contains(c)))
        .map(|word| word.trim_matches(['-', '\'', '’']).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
}

#[cfg(test)]
mod tests;
