//! Text of a known display width for a terminal.

use std::fmt::Write;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::safe;

/// Columns of a line.
pub(crate) const WIDTH: usize = 80;

/// Untrusted text as one line: see [`safe`].
#[must_use]
pub fn one_line(text: &str) -> String {
    safe(text).to_string().replace('\n', " ")
}

/// Cuts a line at a display width, with an ellipsis.
#[must_use]
pub fn cut(line: &str, width: usize) -> String {
    // Marks without a width of their own could go on for ever.
    if line.width() <= width && line.chars().count() <= 4 * width {
        return line.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in line.chars().take(4 * width) {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        out.push(c);
    }
    // A sequence of characters may be wider than its parts.
    while out.width() + 1 > width && out.pop().is_some() {}
    out.push('…');
    out
}

/// Writes words under a first indent, further lines under a second one, 80 columns wide. A word
/// that is longer than a line is cut.
pub fn wrap(out: &mut String, first: &str, rest: &str, text: &str) {
    wrap_words(out, first, rest, text.split_whitespace());
}

/// The same for words that may hold spaces.
pub(crate) fn wrap_words<'a>(
    out: &mut String,
    first: &str,
    rest: &str,
    words: impl Iterator<Item = &'a str>,
) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in words {
        if !empty && line.width() + 1 + word.width() > WIDTH {
            let _ = writeln!(out, "{}", cut(&line, WIDTH));
            line = rest.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    let _ = writeln!(out, "{}", cut(line.trim_end(), WIDTH));
}

/// Words in lines of at most this display width; a longer word, such as a link, stays whole.
#[must_use]
pub fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut().filter(|line| line.width() + 1 + word.width() <= width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// `1 patch`, `2 patches`.
#[must_use]
pub fn counted(count: impl Into<u64>, one: &str, many: &str) -> String {
    let count = count.into();
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_asked() {
        let hostile = ["漢".repeat(200), "e\u{301}".repeat(500), "a\u{fe0f}❤\u{fe0f}".repeat(90)];
        for text in hostile {
            assert!(cut(&text, WIDTH).width() <= WIDTH, "{text}");
            assert!(cut(&text, WIDTH).chars().count() <= 4 * WIDTH + 1);
            let mut out = String::new();
            wrap(&mut out, "  first ", "    ", &format!("{text} and {text}"));
            assert!(out.lines().all(|line| line.width() <= WIDTH), "{out}");
        }
    }

    #[test]
    fn words_wrap_under_the_second_indent() {
        let mut out = String::new();
        wrap(&mut out, "- ", "  ", &"word ".repeat(17));
        assert_eq!(out, format!("- {}\n  word word\n", ["word"; 15].join(" ")));
    }
}
