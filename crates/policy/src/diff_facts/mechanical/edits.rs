//! Edits between removed and added lines, each with keys under which equal edits meet.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{
    align::Difference,
    tokens::{ANY, Token, Words, is_word},
};

/// Equal for the same edit wherever it is made.
pub(super) type Key = u64;

/// What an edit is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word goes, or becomes another.
    Replaced,
    /// Words come and none goes, or nothing but qualifiers change: new content or another meaning,
    /// which has to be repeated more often.
    Weak,
    /// Brackets, commas and the like.
    Punctuation,
    /// A whole line comes or goes, and no other stands against it.
    Line,
    /// Only white space changes.
    Space,
}

/// One edit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edit {
    pub(super) kind: Kind,
    /// The edit itself, and up to two wider forms in which what varies is left out.
    pub(super) keys: [Option<Key>; 3],
}

/// In how many tokens of the other side operands are looked for.
const OPERANDS: usize = 1_000;

/// Words that say what kind of thing a name is, and are no name themselves.
const QUALIFIERS: [&str; 12] = [
    "struct", "union", "enum", "const", "static", "inline", "extern", "volatile", "unsigned",
    "int", "void", "bool",
];

pub(super) fn of_space() -> Edit {
    Edit { kind: Kind::Space, keys: [Some(key(&[], &[], 1)), None, None] }
}

pub(super) fn of_line(added: bool, tokens: &[Token]) -> Edit {
    let ids: Vec<u32> = tokens.iter().map(|token| token.id).collect();
    let (old, new): (&[u32], &[u32]) = if added { (&[], &ids) } else { (&ids, &[]) };
    Edit { kind: Kind::Line, keys: [Some(key(old, new, 2)), None, None] }
}

/// An edit between two runs of tokens.
pub(super) fn between<'a>(
    old: &[Token],
    new: &[Token],
    (in_old, in_new): &Difference,
    words: &mut Words<'a>,
    text: impl Fn(Token) -> &'a str,
) -> Edit {
    let gone = old.get(in_old.clone()).unwrap_or_default();
    let come = new.get(in_new.clone()).unwrap_or_default();
    let ids = |tokens: &[Token]| tokens.iter().map(|token| token.id).collect::<Vec<_>>();
    let (gone_ids, come_ids) = (ids(gone), ids(come));
    let any_word = |ids: &[u32]| ids.iter().any(|id| is_word(*id));
    if !any_word(&gone_ids) && !any_word(&come_ids) {
        let before = in_old.start.checked_sub(1).and_then(|at| old.get(at));
        let salt = 3 + u64::from(before.map_or(ANY, |token| token.id));
        return Edit {
            kind: Kind::Punctuation,
            keys: [Some(key(&gone_ids, &come_ids, salt)), None, None],
        };
    }
    let renames = extends_a_name(new, in_new) || extends_a_name(old, in_old);
    let strong = (any_word(&gone_ids) || renames)
        && !gone.iter().chain(come).filter(|t| t.is_word()).all(|t| QUALIFIERS.contains(&text(*t)));
    let kind = if strong { Kind::Replaced } else { Kind::Weak };
    let ending = ending(gone, come, words, &text);
    // Words of the edit that its other side has elsewhere are its operands.
    let free = |ids: &[u32], others: &[Token]| {
        let others = others.get(..others.len().min(OPERANDS)).unwrap_or_default();
        ids.iter()
            .map(|id| if is_word(*id) && others.iter().any(|o| o.id == *id) { ANY } else { *id })
            .collect::<Vec<_>>()
    };
    let (gone_free, come_free) = (free(&gone_ids, new), free(&come_ids, old));
    let fixed = |ids: &[u32]| ids.iter().any(|id| is_word(*id) && *id != ANY);
    let differs = (&gone_free, &come_free) != (&gone_ids, &come_ids);
    let operands = (differs && (fixed(&gone_free) || fixed(&come_free)))
        .then(|| key(&gone_free, &come_free, 0));
    Edit { kind, keys: [Some(key(&gone_ids, &come_ids, 0)), ending, operands] }
}

/// Whether the tokens only make a name longer: `ldl_p` to `ldl_be_p`.
pub(super) fn extends_a_name(tokens: &[Token], place: &std::ops::Range<usize>) -> bool {
    let at = |index: Option<usize>| index.and_then(|index| tokens.get(index)).copied();
    let glued = |first: Option<Token>, second: Option<Token>| match (first, second) {
        (Some(a), Some(b)) => a.is_name() && b.is_name() && a.touches(b),
        _ => false,
    };
    !place.is_empty()
        && (glued(at(place.start.checked_sub(1)), at(Some(place.start)))
            || glued(at(place.end.checked_sub(1)), at(Some(place.end))))
}

/// `TEUL` to `TE | UL` and `TEUW` to `TE | UW`: one word against several, one of which it ends on.
fn ending<'a>(
    gone: &[Token],
    come: &[Token],
    words: &mut Words<'a>,
    text: &impl Fn(Token) -> &'a str,
) -> Option<Key> {
    let (one, many, salt) = match (gone, come) {
        ([one], many) if one.is_word() => (*one, many, 10),
        (many, [one]) if one.is_word() => (*one, many, 11),
        _ => return None,
    };
    let whole = text(one);
    let (end, start) = many.iter().filter(|token| token.is_word()).find_map(|token| {
        let start = whole.strip_suffix(text(*token))?;
        (!start.is_empty()).then_some((token.id, start))
    })?;
    let many: Vec<u32> =
        many.iter().map(|token| if token.id == end { ANY } else { token.id }).collect();
    Some(key(&[words.id(start)], &many, salt))
}

fn key(old: &[u32], new: &[u32], salt: u64) -> Key {
    // Fixed keys: the same on every machine and in every run.
    let mut hash = DefaultHasher::new();
    (salt, old, new).hash(&mut hash);
    hash.finish()
}
