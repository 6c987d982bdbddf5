//! The same edit over and over: whether a few substitutions explain most of a diff.
//!
//! Removed lines are held against the added ones that stand in their place, token by token. What
//! differs is an edit; edits are counted, and a few of the most frequent are taken as known. A line
//! is explained where known edits are all that happens to it. Nothing is asked of the author's words.

mod align;
mod edits;
mod moves;
mod runs;
mod tokens;
mod words;

use std::collections::HashMap;

use align::Aligner;
use edits::{Edit, Key, Kind};
use moves::Moves;
pub(super) use runs::Runs;
use runs::is_blank;
use tokens::{Token, Words};
use words::Example;

/// How often an edit has to come to be known.
const OFTEN: u32 = 3;
/// The same where words only come, or qualifiers change.
const OFTEN_WEAK: u32 = 30;
/// The same where nothing but brackets, commas and the like change.
const OFTEN_BRACKETS: u32 = 10;
/// In how many files a line has to come or go for itself to be known.
const FILES: u32 = 8;
/// How many edits are taken as known: the most frequent.
const KNOWN: usize = 12;
/// How many edits are named.
const NAMED: usize = 3;
/// How many pairs of tokens are compared for one diff.
const BUDGET: usize = 2_000_000;
/// How many tokens of one diff are looked at.
const TOKENS: usize = 400_000;
/// From how many lines of a hundred explained on the result is kept.
const KEPT: u64 = 50;

/// How much of a diff a few repeated edits explain. Lines are those that are not blank.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mechanical {
    /// Lines that come or go.
    pub changed: u32,
    /// Those of them that known edits explain.
    pub explained: u32,
    /// How many places in the diff these are.
    pub places: u32,
    /// Those of `changed` that go in one file and come in another, white space aside, or that are
    /// includes in another order.
    pub moved: u32,
    /// The most frequent edits in words, each with its count.
    pub edits: Vec<(String, u32)>,
}

/// Lines that are explained, or not, together.
struct Group {
    lines: u32,
    edits: std::ops::Range<usize>,
    /// It is one line that also comes, or goes, elsewhere.
    moved: bool,
}

#[derive(Default)]
struct Known<'a> {
    count: u32,
    files: u32,
    last_file: Option<u32>,
    first: usize,
    example: Option<Example<'a>>,
}

/// Looks for repeated edits; `None` where they explain less than half.
pub(super) fn look(runs: &Runs<'_>, files: u32) -> Option<Mechanical> {
    let changed = u64::from(runs.added) + u64::from(runs.removed);
    let moves = Moves::of(runs);
    let moved = moves.lines();
    let most = if files < FILES { changed - runs.alone() + moved } else { changed };
    let kept = |lines: u64| lines * 100 >= changed * KEPT;
    if changed == 0 || !(kept(most) || kept(moved)) {
        return None;
    }
    let mut found = if kept(most) {
        Search::of(runs, &moves).judge(kept(moved))
    } else {
        Mechanical::default()
    };
    found.changed = u32::try_from(changed).ok()?;
    found.moved = u32::try_from(moved).ok()?;
    (kept(found.explained.into()) || kept(moved)).then_some(found)
}

#[derive(Default)]
struct Search<'a> {
    groups: Vec<Group>,
    edits: Vec<Edit>,
    known: HashMap<Key, Known<'a>>,
    /// Tokens seen.
    tokens: usize,
}

impl<'a> Search<'a> {
    fn of(runs: &Runs<'a>, moves: &Moves<'a>) -> Self {
        let mut search = Self::default();
        let mut words = Words::default();
        let mut aligner = Aligner::new(BUDGET);
        for run in &runs.runs {
            let (gone, come) = (run.added - run.removed, run.end - run.added);
            if gone == come {
                for (old, new) in (run.removed..run.added).zip(run.added..run.end) {
                    let (old, new) = (old..old + 1, new..new + 1);
                    search.pair(runs, run.file, old, new, &mut words, &mut aligner);
                }
            } else if gone == 0 || come == 0 {
                for at in run.removed..run.end {
                    let line = runs.lines.get(at).copied().unwrap_or_default();
                    let moved = moves.holds(line);
                    if run.whole {
                        search.of_file(line, moved);
                    } else {
                        search.alone(run.file, line, gone == 0, moved, &mut words);
                    }
                }
            } else {
                let (old, new) = (run.removed..run.added, run.added..run.end);
                search.pair(runs, run.file, old, new, &mut words, &mut aligner);
            }
        }
        search
    }

    /// Removed lines with the added ones in their place.
    fn pair(
        &mut self,
        runs: &Runs<'a>,
        file: u32,
        old: std::ops::Range<usize>,
        new: std::ops::Range<usize>,
        words: &mut Words<'a>,
        aligner: &mut Aligner,
    ) {
        let start = self.edits.len();
        let lines = [old.clone(), new.clone()].into_iter().flatten();
        let filled = |at: usize| runs.lines.get(at).is_some_and(|line| !is_blank(line));
        let lines = u32::try_from(lines.filter(|at| filled(*at)).count()).unwrap_or(u32::MAX);
        let mut tokens = |range: std::ops::Range<usize>| {
            let mut tokens = Vec::new();
            for at in range {
                if self.tokens >= TOKENS {
                    break;
                }
                let before = tokens.len();
                let line = runs.lines.get(at).copied().unwrap_or_default();
                words.tokens(u32::try_from(at).unwrap_or(u32::MAX), line, &mut tokens);
                self.tokens += tokens.len() - before;
            }
            tokens
        };
        let (old, new) = (tokens(old), tokens(new));
        let ids = |tokens: &[Token]| tokens.iter().map(|token| token.id).collect::<Vec<_>>();
        let differences = aligner.differences(&ids(&old), &ids(&new));
        if let Some(differences) = differences.filter(|_| self.tokens < TOKENS) {
            let line = |number: u32| runs.lines.get(number as usize).copied().unwrap_or_default();
            let text = |token: Token| {
                let place = token.from as usize..token.to as usize;
                line(token.line).get(place).unwrap_or_default()
            };
            if differences.is_empty() {
                self.add(file, edits::of_space(), Example::of_space);
            }
            for difference in &differences {
                let edit = edits::between(&old, &new, difference, words, text);
                self.add(file, edit, || Example::between(&old, &new, difference, line));
            }
        }
        // Without edits (too much to compare) the lines stay unexplained.
        self.groups.push(Group { lines, edits: start..self.edits.len(), moved: false });
    }

    /// A line of a file that comes or goes: that it stands in others, too, makes it no edit.
    fn of_file(&mut self, line: &str, moved: bool) {
        if !is_blank(line) {
            let none = self.edits.len()..self.edits.len();
            self.groups.push(Group { lines: 1, edits: none, moved });
        }
    }

    /// A line by itself.
    fn alone(&mut self, file: u32, line: &'a str, added: bool, moved: bool, words: &mut Words<'a>) {
        if is_blank(line) || self.tokens >= TOKENS {
            return;
        }
        let start = self.edits.len();
        let mut tokens = Vec::new();
        words.tokens(0, line, &mut tokens);
        self.tokens += tokens.len();
        self.add(file, edits::of_line(added, &tokens), || Example::of_line(added, line));
        self.groups.push(Group { lines: 1, edits: start..start + 1, moved });
    }

    fn add(&mut self, file: u32, edit: Edit, example: impl FnOnce() -> Example<'a>) {
        let first = self.edits.len();
        let example = std::cell::LazyCell::new(example);
        for key in edit.keys.into_iter().flatten() {
            let known =
                self.known.entry(key).or_insert_with(|| Known { first, ..Known::default() });
            known.count += 1;
            if known.last_file != Some(file) {
                known.files += 1;
                known.last_file = Some(file);
            }
            if known.example.is_none() {
                known.example = Some(*example);
            }
        }
        self.edits.push(edit);
    }

    /// `with_moves`: most of the diff moves, so that lines that move need no other reason.
    fn judge(self, with_moves: bool) -> Mechanical {
        let mut often: Vec<(&Key, &Known<'_>)> =
            self.known.iter().filter(|(_, known)| known.count >= OFTEN).collect();
        often.sort_unstable_by_key(|(key, known)| {
            (std::cmp::Reverse(known.count), known.first, **key)
        });
        often.truncate(KNOWN);
        let known = |key: &Key| often.iter().find(|(k, _)| *k == key).copied();
        let mut found = Mechanical::default();
        // How often each known edit explains a place.
        let mut used: HashMap<Key, u32> = HashMap::new();
        for group in &self.groups {
            let edits = self.edits.get(group.edits.clone()).unwrap_or_default();
            let (mut carried, mut all, mut brackets) = (false, !edits.is_empty(), true);
            for edit in edits {
                let mut hits = edit.keys.iter().flatten().filter_map(known).peekable();
                let hit = hits.peek().is_some();
                carried |= hits.any(|(_, known)| match edit.kind {
                    Kind::Replaced | Kind::Space => true,
                    Kind::Weak => known.count >= OFTEN_WEAK,
                    Kind::Line => known.files >= FILES,
                    Kind::Punctuation => false,
                });
                all &= hit || edit.kind == Kind::Punctuation;
                let mut hits = edit.keys.iter().flatten().filter_map(known);
                brackets &= edit.kind == Kind::Punctuation
                    && hits.any(|(_, known)| known.count >= OFTEN_BRACKETS);
            }
            if all && (carried || brackets) {
                found.explained += group.lines;
                found.places += 1;
                for edit in edits.iter().filter(|edit| brackets || edit.kind != Kind::Punctuation) {
                    if let Some((key, _)) = edit.keys.iter().flatten().find_map(known) {
                        *used.entry(*key).or_default() += 1;
                    }
                }
            } else if group.moved && with_moves {
                found.explained += group.lines;
            }
        }
        found.edits = named(&often, &used);
        found
    }
}

/// The edits that explain most, in words, each once.
fn named(often: &[(&Key, &Known<'_>)], used: &HashMap<Key, u32>) -> Vec<(String, u32)> {
    let mut named: Vec<(String, u32)> = Vec::new();
    for (key, known) in often {
        let (Some(count), Some(example)) = (used.get(key), &known.example) else {
            continue;
        };
        let words = example.words();
        if !named.iter().any(|(known, _)| *known == words) {
            named.push((words, *count));
        }
    }
    named.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    named.truncate(NAMED);
    named
}

#[cfg(test)]
mod tests;
