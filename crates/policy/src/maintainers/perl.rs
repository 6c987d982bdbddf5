//! Perl expressions of `N:` and `K:` entries.

use std::fmt::Write as _;

use regex::bytes::{RegexBuilder, RegexSet, RegexSetBuilder};

use super::section::{Pattern, Section};
use super::warning::{WarningKind, Warnings};

const MAX_REGEX_BYTES: usize = 256 << 10;
const MAX_SET_BYTES: usize = 64 << 20;
const MAX_EXPRESSIONS: usize = 5000;

/// Rewrites what the regex crate reads differently from Perl.
///
/// A brace that starts no quantifier is itself; in a class `[`, `&` and `~` are themselves and,
/// with `extended` (`/x`), blanks and `#` too. Look-around and back references are left to fail.
pub(super) fn translate(perl: &str, extended: bool) -> String {
    let mut out = String::with_capacity(perl.len() + 8);
    let mut chars = perl.chars();
    let mut class_start = false;
    let mut in_class = false;
    while let Some(c) = chars.next() {
        let at_start = std::mem::take(&mut class_start);
        match c {
            '\\' => {
                out.push(c);
                out.extend(chars.next());
            }
            '[' if !in_class => {
                out.push(c);
                in_class = true;
                class_start = true;
                if let Some(rest) = chars.as_str().strip_prefix('^') {
                    out.push('^');
                    chars = rest.chars();
                }
            }
            '[' if chars.as_str().starts_with(':') => {
                let name = chars.as_str().split_inclusive(":]").next().unwrap_or("");
                out.push(c);
                out.push_str(name);
                chars = chars.as_str().get(name.len()..).unwrap_or("").chars();
            }
            ']' if in_class && !at_start => {
                out.push(c);
                in_class = false;
            }
            '[' | ']' | '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            c if in_class && extended && (c.is_ascii_whitespace() || c == '#') => {
                // Writing to a String cannot fail.
                let _ = write!(out, r"\x{:02x}", u32::from(c));
            }
            '{' if !in_class && !quantifier(chars.as_str()) => out.push_str(r"\{"),
            c => out.push(c),
        }
    }
    out
}

/// Whether the text behind a `{` makes it a quantifier: `2}`, `2,}`, `2,3}` or `,3}`.
pub(super) fn quantifier(behind: &str) -> bool {
    let Some((inside, _)) = behind.split_once('}') else {
        return false;
    };
    let (low, high) = inside.split_once(',').unwrap_or((inside, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(low) && digits(high) && !(low.is_empty() && high.is_empty())
}

/// Picks one kind of entry from a section.
type Entries = fn(&Section) -> &[Pattern];

/// Expressions of all sections, and which section each belongs to.
fn collect(
    sections: &[Section],
    tag: char,
    patterns: Entries,
    warnings: &mut Warnings,
) -> (Vec<String>, Vec<usize>) {
    let mut expressions = Vec::new();
    let mut owners = Vec::new();
    for (number, section) in sections.iter().enumerate() {
        for Pattern { text, line } in patterns(section) {
            if expressions.len() >= MAX_EXPRESSIONS {
                let what = WarningKind::TooMany { what: "expressions", limit: MAX_EXPRESSIONS };
                warnings.push(*line, what);
                return (expressions, owners);
            }
            let expression = translate(text, true);
            let checked = RegexBuilder::new(&expression)
                .unicode(false)
                .ignore_whitespace(true)
                .size_limit(MAX_REGEX_BYTES)
                .build();
            match checked {
                Ok(_) => {
                    expressions.push(expression);
                    owners.push(number);
                }
                Err(error) => warnings.push(
                    *line,
                    WarningKind::BadPattern {
                        tag,
                        pattern: text.clone(),
                        reason: error.to_string(),
                    },
                ),
            }
        }
    }
    (expressions, owners)
}

fn compile(expressions: &[String], tag: char, line: usize, warnings: &mut Warnings) -> RegexSet {
    RegexSetBuilder::new(expressions)
        .unicode(false)
        .ignore_whitespace(true)
        .size_limit(MAX_SET_BYTES)
        .build()
        .unwrap_or_else(|error| {
            let reason = error.to_string();
            warnings.push(line, WarningKind::TooLarge { tag, reason });
            RegexSet::empty()
        })
}

fn first_line(sections: &[Section], patterns: Entries) -> usize {
    let first = sections.iter().flat_map(patterns).next();
    first.map_or(1, |pattern| pattern.line)
}

/// All `N:` expressions.
#[derive(Debug)]
pub(super) struct NameSet {
    set: RegexSet,
    owners: Vec<usize>,
}

impl NameSet {
    pub(super) fn build(sections: &[Section], warnings: &mut Warnings) -> Self {
        let patterns: Entries = |section| &section.name_regexes;
        let (expressions, owners) = collect(sections, 'N', patterns, warnings);
        let line = first_line(sections, patterns);
        Self { set: compile(&expressions, 'N', line, warnings), owners }
    }

    /// Sections with an expression found in the path; a section may come twice.
    pub(super) fn matches(&self, path: &[u8]) -> Vec<usize> {
        if self.set.is_empty() {
            return Vec::new();
        }
        let matched = self.set.matches(path);
        matched.iter().filter_map(|place| self.owners.get(place).copied()).collect()
    }
}

/// All `K:` expressions.
#[derive(Debug)]
pub(super) struct KeywordSet {
    /// For the mail above the diff.
    prose: RegexSet,
    /// For the lines of the diff: the same behind `^[+-].*`.
    diff: RegexSet,
    owners: Vec<usize>,
}

impl KeywordSet {
    pub(super) fn build(sections: &[Section], warnings: &mut Warnings) -> Self {
        let patterns: Entries = |section| &section.keywords;
        let (expressions, owners) = collect(sections, 'K', patterns, warnings);
        let line = first_line(sections, patterns);
        let behind: Vec<String> =
            expressions.iter().map(|expression| format!("^[+-].*{expression}")).collect();
        Self {
            prose: compile(&expressions, 'K', line, warnings),
            diff: compile(&behind, 'K', line, warnings),
            owners,
        }
    }

    pub(super) fn matches(&self, text: &str) -> Vec<usize> {
        let mut sections = Vec::new();
        if self.owners.is_empty() {
            return sections;
        }
        let mut seen = vec![false; self.owners.len()];
        let mut in_diff = false;
        for line in text.lines() {
            if file_line(line) {
                in_diff = true;
                continue;
            }
            if line.starts_with("@@ -") {
                continue;
            }
            let set = if in_diff { &self.diff } else { &self.prose };
            for place in &set.matches(line.as_bytes()) {
                if let Some(seen) = seen.get_mut(place) {
                    *seen = true;
                }
            }
        }
        let owners = self.owners.iter().zip(seen);
        sections.extend(owners.filter(|(_, seen)| *seen).map(|(owner, _)| *owner));
        sections.dedup();
        sections
    }
}

/// `^(\+\+\+|---)\s+(\S+)`, as in Linux's script.
fn file_line(line: &str) -> bool {
    ["+++", "---"]
        .into_iter()
        .filter_map(|mark| line.strip_prefix(mark))
        .any(|rest| rest.starts_with([' ', '\t']) && !rest.trim().is_empty())
}
