//! Which patches of a series a sentence of its cover letter speaks of: "patches 3-5", "the 2nd patch".

/// Words that make a sentence speak of more than the patches that it numbers.
const WHOLE: [&str; 16] = [
    "all",
    "any",
    "both",
    "each",
    "entire",
    "every",
    "everything",
    "except",
    "besides",
    "apart",
    "other",
    "others",
    "remaining",
    "rest",
    "whole",
    "throughout",
];
/// What stands for all patches, unless it is only where they are: "the 2nd patch in this series".
const SERIES: [&str; 3] = ["series", "patchset", "patches"];
const ORDINALS: [&str; 10] =
    ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
const COUNTS: [&str; 6] = ["two", "three", "four", "five", "six", "seven"];

/// The patches that a text numbers, from 1; `None` where it numbers none of the series, or may
/// speak of others too: then it holds for all of them.
pub(super) fn patches_named(text: &str, total: u32) -> Option<Vec<(u32, u32)>> {
    let words = Words(words(text));
    let mut named: Vec<(u32, u32)> = Vec::new();
    let mut ordinals: Vec<(u32, u32)> = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if WHOLE.contains(&word) {
            return None;
        }
        let is_patch = matches!(word, "patch" | "patches");
        if is_patch && !ordinals.is_empty() {
            named.append(&mut ordinals);
            at += 1;
        } else if let Some(next) = is_patch.then(|| words.list(at + 1, &mut named)).flatten() {
            at = next;
        } else if SERIES.contains(&word) && !words.is_place(at) {
            return None;
        } else if let Some((range, next)) = words.ordinal(at, total) {
            ordinals.push(range);
            at = next;
        } else {
            // "the first and the second patch"
            if !matches!(word, "and" | "," | "&" | "the") {
                ordinals.clear();
            }
            at += 1;
        }
    }
    named.retain(|(from, to)| from <= to && (1..=total).contains(from) && *to <= total);
    (!named.is_empty()).then_some(named)
}

struct Words(Vec<String>);

impl Words {
    fn get(&self, at: usize) -> Option<&str> {
        self.0.get(at).map(String::as_str)
    }

    fn before(&self, at: usize, by: usize) -> &str {
        at.checked_sub(by).and_then(|at| self.get(at)).unwrap_or_default()
    }

    fn number(&self, at: usize) -> Option<u32> {
        self.get(at)?.parse().ok()
    }

    /// "in this series", "of the patchset".
    fn is_place(&self, at: usize) -> bool {
        let near = self.before(at, 1);
        let far = if matches!(near, "this" | "the" | "that" | "my" | "our") {
            self.before(at, 2)
        } else {
            near
        };
        matches!(far, "in" | "of" | "within" | "from")
    }

    /// Numbers behind "patch": `3`, `#3`, `3/7`, `3-5`, `3, 5 and 6`. Gives the place behind.
    fn list(&self, at: usize, named: &mut Vec<(u32, u32)>) -> Option<usize> {
        let (mut from, mut at) = self.one(at)?;
        let mut open = Some(from);
        loop {
            let word = self.get(at).unwrap_or_default();
            let range = matches!(word, "-" | "–" | "to" | "through" | "until");
            let skip = match word {
                "," if matches!(self.get(at + 1), Some("and" | "or")) => 2,
                "," | "and" | "or" | "&" => 1,
                _ => usize::from(range),
            };
            let next = (skip > 0).then(|| self.one(at + skip)).flatten();
            let Some((number, after)) = next else {
                named.extend(open.map(|from| (from, from)));
                return Some(at);
            };
            if let (true, Some(first)) = (range, open) {
                named.push((first, number));
                open = None;
            } else {
                named.extend(open.map(|from| (from, from)));
                from = number;
                open = Some(from);
            }
            at = after;
        }
    }

    /// One number, perhaps with "patch" before it and the total behind; no version, "5.4".
    fn one(&self, at: usize) -> Option<(u32, usize)> {
        let mut at = at;
        while matches!(self.get(at), Some("#" | "no" | "number" | "patch" | "patches")) {
            at += 1;
        }
        let number = self.number(at)?;
        let joined = |sign: &str| self.get(at + 1) == Some(sign) && self.number(at + 2).is_some();
        if joined(".") {
            return None;
        }
        Some((number, if joined("/") { at + 3 } else { at + 1 }))
    }

    /// "first", "2nd", "last", "the first three"; not "my first patch".
    fn ordinal(&self, at: usize, total: u32) -> Option<((u32, u32), usize)> {
        if matches!(self.before(at, 1), "my" | "our" | "a" | "an" | "very") {
            return None;
        }
        let word = self.get(at)?;
        let last = matches!(word, "last" | "final");
        let spelt = ORDINALS
            .iter()
            .position(|known| *known == word)
            .and_then(|place| u32::try_from(place + 1).ok());
        let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end));
        let from = if last { total } else { spelt.or_else(|| digits?.parse().ok())? };
        let count = |word: &str| {
            let spelt = COUNTS.iter().position(|known| *known == word);
            spelt.and_then(|place| u32::try_from(place + 2).ok()).or_else(|| word.parse().ok())
        };
        let many = self.get(at + 1).and_then(count).filter(|many| *many > 0);
        let Some(many) = many else { return Some(((from, from), at + 1)) };
        let range = match from {
            1 if !last => (1, many),
            _ if last => (total.checked_sub(many - 1)?, total),
            _ => return None,
        };
        Some((range, at + 2))
    }
}

/// Its words in small letters, and the signs between numbers.
fn words(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut open = false;
    for c in text.chars() {
        if c.is_alphanumeric() {
            if !open {
                all.push(String::new());
            }
            if let Some(word) = all.last_mut() {
                word.extend(c.to_lowercase());
            }
        } else if "-–/,&#.".contains(c) {
            all.push(c.to_string());
        }
        open = c.is_alphanumeric();
    }
    all
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("Claude suggested patch 2." => "2"; "one")]
    #[test_case("Patch #3 was written with Claude." => "3"; "sign")]
    #[test_case("I used an LLM for patch 3/7." => "3"; "of how many")]
    #[test_case("I used an LLM for patches 3-5, and 7." => "3-5 7"; "range and one")]
    #[test_case("Patches 1, 2 and 4 were written with AI." => "1 2 4"; "list")]
    #[test_case("Patch 1 and patch 4 were written with AI." => "1 4"; "twice")]
    #[test_case("Patches 2 through 4 are AI-generated." => "2-4"; "through")]
    #[test_case("The 2nd patch in this series has a script that Claude suggested." => "2"; "ordinal in the series")]
    #[test_case("The second and the third patch were made with Codex." => "2 3"; "two ordinals")]
    #[test_case("The first three patches of the series were made with Codex." => "1-3"; "first three")]
    #[test_case("The last 2 patches were made with Codex." => "6-7"; "last two")]
    #[test_case("The final patch was made with Codex." => "7"; "last one")]
    #[test_case("This is my first patch, made with Codex." => ""; "first ever")]
    #[test_case("This series was written with Claude, see patch 2." => ""; "the series")]
    #[test_case("These patches were written with Claude, patch 2 by hand." => ""; "these patches")]
    #[test_case("All code except patch 2 was made with Codex." => ""; "except")]
    #[test_case("Patch 2 and everything below it was made with Codex." => ""; "everything")]
    #[test_case("The first version was made with Codex." => ""; "no patch")]
    #[test_case("Claude was used on patch 5.4 of the tool." => ""; "version")]
    #[test_case("I used Claude for patch 9." => ""; "not there")]
    #[test_case("I used Claude for patches 5-99999999999." => "5"; "number of any size")]
    #[test_case("I used Claude for patch." => ""; "no number")]
    #[test_case("patch" => ""; "alone")]
    #[test_case("" => ""; "nothing")]
    fn named(text: &str) -> String {
        let named = patches_named(text, 7).unwrap_or_default();
        let shown = named
            .iter()
            .map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") });
        shown.collect::<Vec<_>>().join(" ")
    }
}
