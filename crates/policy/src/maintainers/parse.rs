//! From text to sections.

use super::section::{List, Pattern, Person, Role, Section, Status};
use super::warning::{WarningKind, Warnings};

const MAX_BYTES: usize = 8 << 20;
const MAX_LINE: usize = 4096;
const MAX_SECTIONS: usize = 20_000;
const MAX_PATTERNS: usize = 200_000;

/// Splits the file into sections.
///
/// Only `X: value` lines, the line above them and underlined headings count, so the prose at the
/// top needs no rule of its own (its examples are indented).
pub(super) fn parse(text: &str) -> (Vec<Section>, Warnings) {
    let mut parser = Parser::default();
    let mut bytes = 0;
    for (number, line) in (1..).zip(text.lines()) {
        bytes += line.len() + 1;
        if bytes > MAX_BYTES {
            parser.too_many(number, "bytes", MAX_BYTES);
            break;
        }
        if line.len() > MAX_LINE {
            parser.warnings.push(number, WarningKind::LongLine);
        } else if !parser.line(number, line) {
            break;
        }
    }
    (parser.sections, parser.warnings)
}

/// A line without a tag: perhaps the title of the next section.
struct Title<'a> {
    line: usize,
    text: &'a str,
    /// An indented one, probably a wrapped entry.
    indented: bool,
}

#[derive(Default)]
struct Parser<'a> {
    sections: Vec<Section>,
    warnings: Warnings,
    title: Option<Title<'a>>,
    group: Option<String>,
    /// Whether the last line that counts was an entry.
    in_entries: bool,
    /// Whether these entries have no title.
    untitled: bool,
    patterns: usize,
}

impl<'a> Parser<'a> {
    /// Takes one line; false when the file is too large to go on.
    fn line(&mut self, number: usize, line: &'a str) -> bool {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            return true;
        }
        if let Some((tag, value)) = entry(line) {
            if !self.in_entries && !self.open(number) {
                return false;
            }
            self.in_entries = true;
            if !self.untitled {
                self.entry(number, tag, value);
            }
            return true;
        }
        self.in_entries = false;
        if let Some(mark) = rule(line) {
            if let Some(title) = self.title.as_ref().filter(|t| t.line + 1 == number) {
                // `=` underlines the title of the whole file.
                self.group = (mark != '=').then(|| title.text.to_owned());
            }
        } else {
            self.title =
                Some(Title { line: number, text, indented: line.starts_with([' ', '\t']) });
        }
        true
    }

    /// Starts a section at its first entry; false when there are too many.
    fn open(&mut self, number: usize) -> bool {
        let Some(title) = self.title.take() else {
            self.warnings.push(number, WarningKind::NoTitle);
            self.untitled = true;
            return true;
        };
        if self.sections.len() >= MAX_SECTIONS {
            self.too_many(number, "sections", MAX_SECTIONS);
            return false;
        }
        if title.indented {
            self.warnings.push(title.line, WarningKind::IndentedTitle);
        }
        self.untitled = false;
        self.sections.push(Section {
            name: title.text.to_owned(),
            line: title.line,
            group: self.group.clone(),
            ..Section::default()
        });
        true
    }

    fn entry(&mut self, number: usize, tag: char, written: &str) {
        let value = written.trim_end();
        if value.is_empty() {
            self.warnings.push(number, WarningKind::Empty { tag });
            return;
        }
        if matches!(tag, 'F' | 'X' | 'N' | 'K') {
            self.patterns += 1;
            if self.patterns > MAX_PATTERNS {
                if self.patterns == MAX_PATTERNS + 1 {
                    self.too_many(number, "patterns", MAX_PATTERNS);
                }
                return;
            }
            if value.len() < written.len() {
                self.warnings.push(number, WarningKind::TrailingBlank);
            }
        }
        let Some(section) = self.sections.last_mut() else {
            return;
        };
        let text = value.to_owned();
        match tag {
            'M' | 'R' => {
                let role = if tag == 'M' { Role::Maintainer } else { Role::Reviewer };
                let people = Person::parse_all(role, value);
                if people.is_empty() {
                    self.warnings.push(number, WarningKind::NoAddress { tag, value: text });
                }
                section.people.extend(people);
            }
            'L' => match List::parse(value) {
                Some(list) => section.lists.push(list),
                None => self.warnings.push(number, WarningKind::NoAddress { tag, value: text }),
            },
            'S' => {
                if section.status.replace(Status::parse(value)).is_some() {
                    self.warnings.push(number, WarningKind::SecondStatus);
                }
            }
            'T' => section.trees.push(text),
            'W' => section.web.push(text),
            'Q' => section.patchwork.push(text),
            'B' => section.bugs.push(text),
            'C' => section.chat.push(text),
            'P' => section.profiles.push(text),
            'F' => section.files.push(Pattern { text, line: number }),
            'X' => section.excludes.push(Pattern { text, line: number }),
            'N' => section.name_regexes.push(Pattern { text, line: number }),
            'K' => section.keywords.push(Pattern { text, line: number }),
            _ => section.other.push((tag, text)),
        }
    }

    fn too_many(&mut self, line: usize, what: &'static str, limit: usize) {
        self.warnings.push(line, WarningKind::TooMany { what, limit });
    }
}

/// `^([A-Z]):\s*(.*)`, as in Linux's script.
fn entry(line: &str) -> Option<(char, &str)> {
    let (tag, value) = line.split_once(':')?;
    let mut letters = tag.chars();
    let letter = letters.next().filter(char::is_ascii_uppercase)?;
    letters.next().is_none().then(|| (letter, value.trim_start()))
}

/// The character of a line of three or more `-`, `=` or `~`.
fn rule(line: &str) -> Option<char> {
    let text = line.trim_end();
    let mark = text.chars().next().filter(|c| "-=~".contains(*c))?;
    (text.len() >= 3 && text.chars().all(|c| c == mark)).then_some(mark)
}
