//! One `F:` or `X:` pattern, compiled.

use regex::bytes::{Regex, RegexBuilder};

use super::directories::Directories;
use super::perl::{quantifier, translate};
use super::specificity::{PathKind, Specificity};

const MAX_REGEX_BYTES: usize = 256 << 10;

/// A pattern ready to be held against paths.
#[derive(Debug)]
pub(super) struct PathPattern {
    /// Every matching path starts with this.
    pub(super) prefix: Box<[u8]>,
    rest: Rest,
    /// Slashes the path must have; `None` for a pattern with a trailing slash.
    slashes: Option<usize>,
    specificity: Specificity,
}

/// What a pattern asks behind its prefix.
#[derive(Debug)]
enum Rest {
    Nothing,
    Units(Box<[Unit]>),
    /// Perl syntax beyond `*`, `?` and a simple class; matched from the start of the path.
    Regex(Box<Regex>),
}

/// One step of a glob, in bytes as Perl sees the path.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Byte(u8),
    /// `?`
    One,
    /// `*`
    Any,
    /// `[ch]`, `[0-9]`, `[^ch]`: one bit for each ASCII character.
    Class {
        members: u128,
        negated: bool,
    },
}

impl PathPattern {
    /// Compiles a pattern; two come back when it may be a file or a folder.
    pub(super) fn compile(
        value: &str,
        tree: Option<&Directories>,
    ) -> Result<Vec<Self>, regex::Error> {
        // The script asks for the folder after quoting `.`, so one with a dot is never found.
        let may_be_folder = !value.ends_with('/') && !value.contains(['.', '*', '?']);
        if !may_be_folder {
            return Ok(vec![Self::one(value)?]);
        }
        match tree {
            Some(tree) if tree.contains(value) => Ok(vec![Self::one(&format!("{value}/"))?]),
            Some(_) => Ok(vec![Self::one(value)?]),
            None => Ok(vec![Self::one(value)?, Self::one(&format!("{value}/"))?]),
        }
    }

    fn one(value: &str) -> Result<Self, regex::Error> {
        let below = value.ends_with('/');
        let slashes = count_slashes(value.as_bytes());
        let specificity = if value.trim_end_matches('/').bytes().all(|b| b == b'*') {
            Specificity::CatchAll
        } else if value.starts_with('*') {
            Specificity::LeadingWildcard
        } else {
            Specificity::Path {
                depth: slashes + usize::from(!below),
                kind: if below { PathKind::Directory } else { PathKind::Glob },
            }
        };
        let (prefix, rest) = match units(value) {
            Some(units) => split_prefix(&units),
            None => (regex_prefix(value), Rest::Regex(Box::new(regex(value)?))),
        };
        Ok(Self { prefix, rest, slashes: (!below).then_some(slashes), specificity })
    }

    /// Holds a path that starts with `prefix` against the pattern; `slashes` are the path's.
    pub(super) fn matches(&self, path: &[u8], slashes: usize) -> Option<Specificity> {
        if self.slashes.is_some_and(|wanted| wanted != slashes) {
            return None;
        }
        match &self.rest {
            Rest::Nothing => Some(match self.specificity {
                Specificity::Path { depth, kind: PathKind::Glob }
                    if path.len() == self.prefix.len() =>
                {
                    Specificity::Path { depth, kind: PathKind::File }
                }
                other => other,
            }),
            Rest::Units(units) => path
                .get(self.prefix.len()..)
                .filter(|rest| starts_with(units, rest))
                .map(|_| self.specificity),
            Rest::Regex(regex) => regex.is_match(path).then_some(self.specificity),
        }
    }
}

pub(super) fn count_slashes(path: &[u8]) -> usize {
    path.iter().filter(|byte| **byte == b'/').count()
}

/// The pattern as single steps; `None` if it needs a regular expression.
fn units(value: &str) -> Option<Vec<Unit>> {
    let mut units = Vec::new();
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        rest = after;
        match first {
            '\\' | '|' | '(' | ')' | '^' | '$' | '+' => return None,
            '{' if quantifier(after) => return None,
            '*' => units.push(Unit::Any),
            '?' => units.push(Unit::One),
            '[' => {
                let (inside, behind) = after.split_once(']')?;
                units.push(class(inside)?);
                rest = behind;
            }
            other => {
                let mut buffer = [0; 4];
                units.extend(other.encode_utf8(&mut buffer).bytes().map(Unit::Byte));
            }
        }
    }
    Some(units)
}

/// A class of ASCII letters, digits, `_`, `.` and `-`, with ranges.
fn class(inside: &str) -> Option<Unit> {
    let (members, negated) = match inside.strip_prefix('^') {
        Some(members) => (members, true),
        None => (inside, false),
    };
    let mut bits = 0_u128;
    let mut rest = members.as_bytes();
    loop {
        rest = match rest {
            [from, b'-', to, behind @ ..]
                if from.is_ascii_alphanumeric() && to.is_ascii_alphanumeric() && from <= to =>
            {
                bits |= (*from..=*to).fold(0, |bits, byte| bits | 1 << byte);
                behind
            }
            [byte, behind @ ..] if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.') => {
                bits |= 1 << *byte;
                behind
            }
            [] if bits != 0 => {
                return Some(Unit::Class { members: bits, negated });
            }
            _ => return None,
        };
    }
}

fn split_prefix(units: &[Unit]) -> (Box<[u8]>, Rest) {
    let prefix: Box<[u8]> = units
        .iter()
        .map_while(|unit| match unit {
            Unit::Byte(byte) => Some(*byte),
            _ => None,
        })
        .collect();
    let rest = match units.get(prefix.len()..) {
        None | Some([]) => Rest::Nothing,
        Some(rest) => Rest::Units(rest.into()),
    };
    (prefix, rest)
}

/// Whether some beginning of `text` matches all units.
///
/// On a mismatch only the last `*` takes one byte more, so the time is at most the product of both
/// lengths.
fn starts_with(units: &[Unit], text: &[u8]) -> bool {
    let (mut unit, mut at) = (0, 0);
    let mut last_star = None;
    loop {
        let fits = match (units.get(unit), text.get(at)) {
            (None, _) => return true,
            (Some(Unit::Any), _) => {
                unit += 1;
                last_star = Some((unit, at));
                continue;
            }
            (Some(_), None) => false,
            (Some(Unit::Byte(wanted)), Some(byte)) => wanted == byte,
            (Some(Unit::One), Some(byte)) => *byte != b'\n',
            (Some(Unit::Class { members, negated }), Some(byte)) => {
                (byte.is_ascii() && members >> (byte & 0x7f) & 1 == 1) != *negated
            }
        };
        if fits {
            unit += 1;
            at += 1;
            continue;
        }
        let Some((star_unit, star_at)) = last_star else {
            return false;
        };
        // `.` of a Perl expression without `/s`.
        if text.get(star_at).is_none_or(|byte| *byte == b'\n') {
            return false;
        }
        unit = star_unit;
        at = star_at + 1;
        last_star = Some((unit, at));
    }
}

/// The script's own conversion, for patterns with more of Perl's syntax than a glob.
fn regex(value: &str) -> Result<Regex, regex::Error> {
    let converted = value.replace('.', r"\.").replace('*', ".*").replace('?', ".");
    RegexBuilder::new(&format!("^{}", translate(&converted, false)))
        .unicode(false)
        .size_limit(MAX_REGEX_BYTES)
        .build()
}

/// What every path matching the expression starts with, at least.
fn regex_prefix(value: &str) -> Box<[u8]> {
    if value.contains('|') {
        return Box::default();
    }
    let literal: Vec<u8> = value
        .bytes()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-'))
        .collect();
    // The last one may be what a quantifier belongs to.
    literal.split_last().map(|(_, prefix)| Box::from(prefix)).unwrap_or_default()
}
