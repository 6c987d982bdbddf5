//! An edit in words: `foo_bar(` became `foo_baz(`.

use super::{
    align::Difference,
    edits::extends_a_name,
    tokens::{Token, in_word},
};

/// How long each side of an edit may be in words.
const LONGEST: usize = 60;

/// Where an edit was first seen, so that it can be put in words once it is known to be repeated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Example<'a> {
    old: Option<&'a str>,
    new: Option<&'a str>,
}

impl<'a> Example<'a> {
    /// A line that comes or goes by itself.
    pub(super) fn of_line(added: bool, line: &'a str) -> Self {
        let line = Some(line.trim()).filter(|line| !line.is_empty());
        if added { Self { old: None, new: line } } else { Self { old: line, new: None } }
    }

    /// White space.
    pub(super) fn of_space() -> Self {
        Self { old: None, new: None }
    }

    /// An edit between two runs of tokens.
    pub(super) fn between(
        old: &[Token],
        new: &[Token],
        (in_old, in_new): &Difference,
        line: impl Fn(u32) -> &'a str,
    ) -> Self {
        // A part of a name is shown with the whole of it, and so is what it stood against.
        let within = extends_a_name(old, in_old) || extends_a_name(new, in_new);
        let side = |tokens: &[Token], place: &std::ops::Range<usize>| {
            if place.is_empty() && !within {
                return None;
            }
            let first = tokens.get(place.start)?;
            let number = first.line;
            let inside = tokens.get(place.clone()).unwrap_or_default();
            let last = inside.iter().take_while(|token| token.line == number).last();
            let text = line(number);
            let end = last.map_or(first.from, |last| last.to);
            widened(text, first.from as usize, end as usize)
        };
        Self { old: side(old, in_old), new: side(new, in_new) }
    }

    /// In words.
    pub(super) fn words(&self) -> String {
        match (self.old.map(short), self.new.map(short)) {
            (Some(old), Some(new)) => format!("{old} became {new}"),
            (Some(old), None) => format!("{old} dropped"),
            (None, Some(new)) => format!("{new} added"),
            (None, None) => "only white space differs".to_owned(),
        }
    }
}

/// The stretch with the names that it cuts into, and the `(` behind it.
fn widened(line: &str, from: usize, to: usize) -> Option<&str> {
    let bytes = line.as_bytes();
    let in_name = |byte: &u8| in_word(*byte) || *byte == b'_';
    let inside = bytes.get(from..to)?;
    let cuts = |inner: Option<&u8>| inside.is_empty() || inner.is_some_and(in_name);
    let before = bytes.get(..from)?.iter().rev().take_while(|b| in_name(b)).count();
    let behind = bytes.get(to..)?.iter().take_while(|b| in_name(b)).count();
    let from = if cuts(inside.first()) { from - before } else { from };
    let mut to = if cuts(inside.last()) { to + behind } else { to };
    if from < to && bytes.get(to - 1).is_some_and(in_name) && bytes.get(to) == Some(&b'(') {
        to += 1;
    }
    line.get(from..to).map(str::trim).filter(|text| !text.is_empty())
}

fn short(text: &str) -> String {
    let plain = |c: char| if c.is_control() || c == '`' { '\'' } else { c };
    let mut shown: String = text.chars().take(LONGEST).map(plain).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("...");
    }
    format!("`{shown}`")
}
