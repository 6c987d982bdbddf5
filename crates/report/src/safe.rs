//! Untrusted text for a terminal.

use std::fmt::{self, Write};

/// Shows text from a mail so that it cannot steer a terminal or reorder a line: controls and
/// bidirectional marks appear as escapes.
#[must_use]
pub fn safe(text: &str) -> Safe<'_> {
    Safe(text)
}

/// See [`safe`].
#[derive(Clone, Copy, Debug)]
pub struct Safe<'a>(&'a str);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '\n' | ' ' => f.write_char(c)?,
                c if c.is_control() || is_invisible(c) => write!(f, "{}", c.escape_default())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Bidirectional controls (UAX 9) and zero-width characters.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        let shown = safe("a\u{1b}[31mb\u{9b}c\u{202e}d\u{7f}\te\n").to_string();
        assert_eq!(shown, "a\\u{1b}[31mb\\u{9b}c\\u{202e}d\\u{7f}\\te\n");
    }
}
