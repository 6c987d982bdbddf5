//! Trailers, as `git interpret-trailers --parse` finds them.

use schemars::JsonSchema;
use serde::Serialize;

/// One trailer: `Key: value` at the end of a commit message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
pub struct Trailer {
    /// What stands before the colon.
    pub key: String,
    /// What stands after it, folded lines joined by a space.
    pub value: String,
    /// Its line in the mail's decoded text, counted from 1.
    pub line: usize,
}

impl Trailer {
    /// Whether this trailer has this key, without regard to case.
    #[must_use]
    pub fn is(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
    }
}

/// How many trailers of one message are kept.
const MOST: usize = 2_000;

/// Finds the trailers of a commit message.
///
/// `message` is the message without its subject; git never takes a trailer from the first
/// paragraph, which here is the subject, so that the whole of `message` may be trailers. `line`
/// is the number of its first line.
///
/// The rule is git's (`trailer.c`, `find_trailer_block_start`): the last paragraph, where all
/// its lines are trailers, or where one is made by git (`Signed-off-by: `, `(cherry picked from
/// commit `) and at least a quarter are trailers. Lines that start with `#` do not count.
#[must_use]
pub fn find_trailers(message: &str, line: usize) -> Vec<Trailer> {
    let lines: Vec<&str> = message.lines().collect();
    let end = end_of_message(&lines);
    let start = block_start(lines.get(..end).unwrap_or_default());
    let mut found: Vec<Trailer> = Vec::new();
    // A folded line belongs to the line above it, which may be a note in brackets.
    let mut above_is_trailer = false;
    for (index, text) in lines.iter().enumerate().take(end).skip(start) {
        if text.starts_with('#') {
            continue;
        }
        if text.starts_with([' ', '\t']) {
            if let Some(last) = found.last_mut()
                && above_is_trailer
                && last.value.len() < 4096
            {
                let more = text.trim();
                if !more.is_empty() {
                    if !last.value.is_empty() {
                        last.value.push(' ');
                    }
                    last.value.push_str(more);
                }
            }
            continue;
        }
        above_is_trailer = false;
        if let Some((key, value)) = split(text)
            && found.len() < MOST
        {
            above_is_trailer = true;
            found.push(Trailer {
                key: key.to_owned(),
                value: value.to_owned(),
                line: line + index,
            });
        }
    }
    found
}

/// `Key: value`, where the key is letters, digits and dashes, perhaps followed by blanks.
#[must_use]
pub(crate) fn split(line: &str) -> Option<(&str, &str)> {
    let at = separator(line)?;
    let (key, rest) = line.split_at_checked(at)?;
    let key = key.trim_end();
    (!key.is_empty()).then(|| (key, rest.get(1..).unwrap_or_default().trim()))
}

/// Whether a line that looks like a trailer is one that people give in prose. As in b4, the key
/// must hold a dash, or be `Fixes`, `Link` or `Closes`; what b4 and git write below a series
/// (`base-commit`) is none, nor is an address in a log (`0000-0cf7:`).
#[must_use]
pub(crate) fn is_given(key: &str, value: &str) -> bool {
    const MACHINE: &[&str] = &["base-commit", "base-tree", "change-id"];
    let is = |words: &[&str]| words.iter().any(|w| key.eq_ignore_ascii_case(w));
    let prerequisite = key.get(..13).is_some_and(|k| k.eq_ignore_ascii_case("prerequisite-"));
    (key.contains('-') || is(&["fixes", "link", "closes"]))
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.len() <= 40
        && !value.is_empty()
        && !is(MACHINE)
        && !prerequisite
}

fn separator(line: &str) -> Option<usize> {
    let mut blank = false;
    for (at, b) in line.bytes().enumerate() {
        match b {
            b':' => return Some(at),
            b if !blank && (b.is_ascii_alphanumeric() || b == b'-') => {}
            b' ' | b'\t' if at > 0 => blank = true,
            _ => return None,
        }
    }
    None
}

fn is_blank(line: &str) -> bool {
    line.trim_ascii().is_empty()
}

/// Where the message ends: comments, blank lines and a `Conflicts:` block at its end are not
/// part of it (git's `ignored_log_message_bytes`).
fn end_of_message(lines: &[&str]) -> usize {
    let mut end = lines.len();
    let mut in_conflicts = false;
    let mut boundary = None;
    for (index, line) in lines.iter().enumerate() {
        if line.starts_with('#') || line.is_empty() {
            boundary = boundary.or(Some(index));
        } else if *line == "Conflicts:" {
            in_conflicts = true;
            boundary = boundary.or(Some(index));
        } else if !(in_conflicts && line.starts_with('\t')) {
            boundary = None;
            in_conflicts = false;
        }
    }
    if let Some(index) = boundary {
        end = index;
    }
    end
}

/// The index of the first line of the trailer block, or the number of lines where there is none.
fn block_start(lines: &[&str]) -> usize {
    let (mut trailers, mut others, mut continued) = (0_usize, 0_usize, 0_usize);
    let mut only_spaces = true;
    let mut by_git = false;
    let verdict = |by_git: bool, trailers: usize, others: usize| {
        (by_git && trailers * 3 >= others) || (trailers > 0 && others == 0)
    };
    for (index, line) in lines.iter().enumerate().rev() {
        if line.starts_with('#') {
            others += continued;
            continued = 0;
        } else if is_blank(line) {
            if only_spaces {
                continue;
            }
            others += continued;
            return if verdict(by_git, trailers, others) { index + 1 } else { lines.len() };
        } else {
            only_spaces = false;
            if line.starts_with("Signed-off-by: ")
                || line.starts_with("(cherry picked from commit ")
            {
                trailers += 1;
                continued = 0;
                by_git = true;
            } else if !line.starts_with([' ', '\t']) && separator(line).is_some_and(|at| at >= 1) {
                trailers += 1;
                continued = 0;
            } else if line.starts_with([' ', '\t']) {
                continued += 1;
            } else {
                others += 1 + continued;
                continued = 0;
            }
        }
    }
    // The blank line behind the subject ends the search.
    others += continued;
    if !only_spaces && verdict(by_git, trailers, others) { 0 } else { lines.len() }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn shown(message: &str) -> Vec<String> {
        find_trailers(message, 1)
            .into_iter()
            .map(|t| format!("{}|{}|{}", t.line, t.key, t.value))
            .collect()
    }

    #[test_case("Why.\n\nSigned-off-by: A <a@example.org>\n" => vec!["3|Signed-off-by|A <a@example.org>"]; "one")]
    #[test_case("Signed-off-by: A\n" => vec!["1|Signed-off-by|A"]; "nothing but trailers")]
    #[test_case("Why.\nSigned-off-by: A\n" => vec!["2|Signed-off-by|A"]; "glued to prose, by git")]
    #[test_case("Why.\nReviewed-by: A\n" => Vec::<String>::new(); "glued to prose, not by git")]
    #[test_case("a\nb\nc\nd\nSigned-off-by: A\n" => Vec::<String>::new(); "less than a quarter")]
    #[test_case("Fixes: x\n  y\nCc: b\n" => vec!["1|Fixes|x y", "3|Cc|b"]; "folded")]
    #[test_case("A: b\n[PMM: fixed it]\nSigned-off-by: P\n" => vec!["1|A|b", "3|Signed-off-by|P"]; "note between")]
    #[test_case("A: b\n[PMM: fixed\n  it]\nSigned-off-by: P\n" => vec!["1|A|b", "4|Signed-off-by|P"]; "folded note between")]
    #[test_case("Signed-off-by: A\n\ntext below\n" => Vec::<String>::new(); "text below")]
    #[test_case("(cherry picked from commit abc)\nSigned-off-by: A\n" => vec!["2|Signed-off-by|A"]; "cherry pick")]
    #[test_case("Signed-off-by: A\n\n# comment\n\n" => vec!["1|Signed-off-by|A"]; "comment at the end")]
    #[test_case("Link : x\nSigned-off-by: A\n" => vec!["1|Link|x", "2|Signed-off-by|A"]; "blank before the colon")]
    #[test_case("" => Vec::<String>::new(); "empty")]
    fn found(message: &str) -> Vec<String> {
        shown(message)
    }
}
