//! Untrusted text for a reader: on one line, bounded, and without letters that steer.

use std::fmt::{self, Write};

/// How many letters of one text are shown.
pub(crate) const LETTERS: usize = 400;

/// Shows text on one line, so that it can neither reorder the words around it nor end a line of a format:
/// controls, line ends, invisible and bidirectional characters, and what XML cannot hold, appear as
/// escapes. What is longer than 400 letters ends in `…`.
pub(crate) fn shown(text: &str) -> Shown<'_> {
    Shown(text)
}

/// See [`shown`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, c) in self.0.chars().enumerate() {
            if at == LETTERS {
                return f.write_char('…');
            }
            if c.is_control() || steers(c) {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}

/// Bidirectional controls (UAX 9), zero-width characters, line and paragraph separators, tags,
/// annotations, and the two noncharacters that XML 1.0 (2.2) forbids.
fn steers(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers() {
        let text =
            shown("a\u{1b}[31mb\u{9b}c\u{202e}d\u{7f}\te\n\u{2028}f\u{fffe}\u{61c}").to_string();
        assert_eq!(
            text,
            "a\\u{1b}[31mb\\u{9b}c\\u{202e}d\\u{7f}\\te\\n\\u{2028}f\\u{fffe}\\u{61c}"
        );
        assert_eq!(shown("größer, 大きい").to_string(), "größer, 大きい");
    }

    #[test]
    fn a_long_text_is_cut() {
        let text = shown(&"ä".repeat(LETTERS + 1)).to_string();
        assert_eq!((text.chars().count(), text.ends_with("ä…")), (LETTERS + 1, true));
        let whole = "ä".repeat(LETTERS);
        assert_eq!(shown(&whole).to_string(), whole);
    }
}
