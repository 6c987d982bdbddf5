//! Lines to tokens. Bytes only: no grammar, so that C, Python, shell and prose go the same way.

use std::collections::HashMap;

/// How many tokens of one line are looked at.
const PER_LINE: usize = 400;

/// One token of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// Equal for equal tokens of one diff: of a single byte that byte, of a word its number.
    pub(super) id: u32,
    /// The line that it stands in.
    pub(super) line: u32,
    /// Its bytes in that line.
    pub(super) from: u32,
    pub(super) to: u32,
}

impl Token {
    /// Letters and digits, as against `_` and punctuation.
    pub(super) fn is_word(self) -> bool {
        is_word(self.id)
    }

    /// Part of an identifier.
    pub(super) fn is_name(self) -> bool {
        self.is_word() || self.id == u32::from(b'_')
    }

    /// Nothing stands between this token and the next.
    pub(super) fn touches(self, next: Self) -> bool {
        self.line == next.line && self.to == next.from
    }
}

pub(super) fn is_word(id: u32) -> bool {
    id >= WORDS
}

/// The first number of a word.
const WORDS: u32 = 256;
/// Stands in a key for whatever varies.
pub(super) const ANY: u32 = u32::MAX;

/// Numbers words.
#[derive(Default)]
pub(super) struct Words<'a>(HashMap<&'a str, u32>);

impl<'a> Words<'a> {
    pub(super) fn id(&mut self, word: &'a str) -> u32 {
        let next = WORDS + u32::try_from(self.0.len()).unwrap_or(u32::MAX - WORDS - 1);
        *self.0.entry(word).or_insert(next)
    }

    /// Appends a line's tokens. A name is cut at its `_`: what changes in it is one part, often.
    pub(super) fn tokens(&mut self, number: u32, line: &'a str, into: &mut Vec<Token>) {
        let bytes = line.as_bytes();
        let mut at = 0;
        for _ in 0..PER_LINE {
            let rest = bytes.get(at..).unwrap_or_default();
            let blank = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
            at += blank;
            let rest = rest.get(blank..).unwrap_or_default();
            let Some(first) = rest.first() else { return };
            let length = rest.iter().take_while(|b| in_word(**b)).count();
            let (id, length) = match line.get(at..at + length) {
                Some(word) if length > 0 => (self.id(word), length),
                _ => (u32::from(*first), 1),
            };
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            into.push(Token { id, line: number, from: place(at), to: place(at + length) });
            at += length;
        }
    }
}

pub(super) fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}
