//! The sentences of a text, without what its author did not write as prose.

/// How long a paragraph may be, in bytes, before it is cut: no sentence is longer.
const LONGEST: usize = 4_000;

/// A sentence with its whitespace made plain, and the line on which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) text: String,
    pub(super) line: usize,
}

/// Lines that belong together, joined, with where each begins.
#[derive(Debug, Default)]
pub(super) struct Paragraph {
    text: String,
    lines: Vec<(usize, usize)>,
}

/// The paragraphs and list items of numbered lines.
///
/// Left out: quotes, indented code and logs, diffs and diffstats. What they interrupt is no
/// sentence any more.
pub(super) fn paragraphs<'a>(lines: impl Iterator<Item = (usize, &'a str)>) -> Vec<Paragraph> {
    let mut all = Vec::new();
    let mut open = Paragraph::default();
    let mut before: Option<usize> = None;
    for (number, line) in lines {
        let gap = before.is_some_and(|before| before + 1 != number);
        before = Some(number);
        if gap
            || is_no_prose(line)
            || starts_item(line)
            || open.is_title()
            || open.text.len() > LONGEST
        {
            close(&mut open, &mut all);
        }
        if !is_no_prose(line) {
            open.add(number, line);
        }
    }
    close(&mut open, &mut all);
    all
}

fn close(open: &mut Paragraph, all: &mut Vec<Paragraph>) {
    if !open.text.is_empty() {
        all.push(std::mem::take(open));
    }
}

fn is_no_prose(line: &str) -> bool {
    let bare = line.trim();
    bare.is_empty()
        || line.len() > LONGEST
        || bare.starts_with(['>', '|', '$'])
        || bare.bytes().all(|b| b.is_ascii_punctuation())
        || line.starts_with(['\t', '+'])
        || line.starts_with("    ")
        || bare.starts_with("diff --git")
        || bare.starts_with("@@ ")
        || (bare.contains(" | ") && bare.ends_with(['+', '-', '0']))
}

/// `- item`, `* item`, `1. item`, `[1] link`.
fn starts_item(line: &str) -> bool {
    let bare = line.trim_start();
    let number = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = number.len() < bare.len() && number.starts_with([')', '.']);
    let marked = ["- ", "* ", "• ", "#"].iter().any(|mark| bare.starts_with(mark));
    marked || numbered
}

impl Paragraph {
    /// A title of marked-up text, or a line of a script: no sentence.
    pub(super) fn is_title(&self) -> bool {
        self.text.starts_with('#')
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The line on which it begins.
    pub(super) fn line(&self) -> usize {
        self.lines.first().map_or(1, |(_, line)| *line)
    }

    pub(super) fn first_line(&self) -> &str {
        let end = self.lines.get(1).map_or(self.text.len(), |(at, _)| at.saturating_sub(1));
        self.text.get(..end).unwrap_or_default()
    }

    pub(super) fn has_more(&self) -> bool {
        self.lines.len() > 1
    }

    pub(super) fn below_first(&self) -> &str {
        self.lines.get(1).and_then(|(at, _)| self.text.get(*at..)).unwrap_or_default()
    }

    fn add(&mut self, number: usize, line: &str) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.lines.push((self.text.len(), number));
        for (place, word) in line.split_whitespace().enumerate() {
            if place > 0 {
                self.text.push(' ');
            }
            self.text.push_str(word);
        }
    }

    /// Its sentences. A full stop ends one where a capital, a digit or a bracket follows, but
    /// not behind "e.g." and the like.
    pub(super) fn sentences(&self) -> Vec<Sentence> {
        let mut all = Vec::new();
        let mut start = 0;
        for (at, _) in self.text.match_indices(' ') {
            let (Some(before), Some(after)) = (self.text.get(start..at), self.text.get(at + 1..))
            else {
                continue;
            };
            let bare = before.trim_end_matches(['"', '\'', ')', ']']);
            let word = bare.rsplit([' ', '(']).next().unwrap_or_default().to_ascii_lowercase();
            let short = ["e.g.", "i.e.", "vs.", "cf.", "etc.", "resp.", "incl."];
            let ends = bare.ends_with(['.', '!', '?', ';']) && !short.contains(&word.as_str());
            let begins = after.starts_with(|c: char| !c.is_lowercase());
            if ends && (begins || bare.ends_with(';')) {
                self.push(start, at, &mut all);
                start = at + 1;
            }
        }
        self.push(start, self.text.len(), &mut all);
        all
    }

    fn push(&self, start: usize, end: usize, all: &mut Vec<Sentence>) {
        let Some(text) = self.text.get(start..end).filter(|text| !text.is_empty()) else { return };
        let line = self.lines.iter().take_while(|(at, _)| *at <= start).last();
        let line = line.map_or(1, |(_, line)| *line);
        all.push(Sentence { text: text.to_owned(), line });
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("One. Two\nthree; four\n" => vec!["1 One.", "1 Two three;", "2 four"]; "stops and lines")]
    #[test_case("Use e.g. Foo. v1.2 is old.\n" => vec!["1 Use e.g. Foo. v1.2 is old."]; "short forms and versions")]
    #[test_case("> quoted\nown\n\tcode\n    log\n" => vec!["2 own"]; "left out")]
    #[test_case("- a\n- b\n  more\n" => vec!["1 - a", "2 - b more"]; "items")]
    #[test_case("# Title\ntext\n----\nmore\n" => vec!["1 # Title", "2 text", "4 more"]; "titles and rules")]
    #[test_case("(Done. By me.)\n" => vec!["1 (Done.", "1 By me.)"]; "brackets")]
    #[test_case("" => Vec::<String>::new(); "nothing")]
    fn sentences(text: &str) -> Vec<String> {
        let all = paragraphs((1..).zip(text.lines()));
        let all = all.iter().flat_map(Paragraph::sentences);
        all.map(|sentence| format!("{} {}", sentence.line, sentence.text)).collect()
    }
}
