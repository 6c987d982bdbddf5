//! All `F:` and `X:` patterns, found by the beginning of a path.

use super::Match;
use super::directories::Directories;
use super::pattern::{PathPattern, count_slashes};
use super::section::{Pattern, Section};
use super::warning::{WarningKind, Warnings};

/// Patterns by literal prefix, in a sorted table whose rows know their longest shorter prefix.
///
/// The prefixes a path starts with form a chain: the last row that is not above the path either is
/// one of them, or has them all among its parents. So a lookup is one binary search and a short
/// walk, however many patterns there are.
#[derive(Debug, Default)]
pub(super) struct Index {
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    prefix: Box<[u8]>,
    /// The row with the longest prefix this one's starts with.
    parent: Option<usize>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    section: usize,
    excludes: bool,
    pattern: PathPattern,
}

/// What a lookup found; a section may be named more than once.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) covered: Vec<Match>,
    pub(super) excluded: Vec<usize>,
}

impl Index {
    pub(super) fn build(
        sections: &[Section],
        tree: Option<&Directories>,
        warnings: &mut Warnings,
    ) -> Self {
        let mut entries = Vec::new();
        for (number, section) in sections.iter().enumerate() {
            let files = section.files.iter().map(|pattern| ('F', pattern));
            let excludes = section.excludes.iter().map(|pattern| ('X', pattern));
            for (tag, Pattern { text, line }) in files.chain(excludes) {
                match PathPattern::compile(text, tree) {
                    Ok(patterns) => entries.extend(patterns.into_iter().map(|pattern| Entry {
                        section: number,
                        excludes: tag == 'X',
                        pattern,
                    })),
                    Err(error) => warnings.push(
                        *line,
                        WarningKind::BadPattern {
                            tag,
                            pattern: text.clone(),
                            reason: error.to_string(),
                        },
                    ),
                }
            }
        }
        Self { rows: rows(entries) }
    }

    pub(super) fn lookup(&self, path: &[u8]) -> Found {
        let mut found = Found::default();
        let slashes = count_slashes(path);
        let above = self.rows.partition_point(|row| *row.prefix <= *path);
        let mut next = above.checked_sub(1);
        while let Some(row) = next.and_then(|place| self.rows.get(place)) {
            next = row.parent;
            if !path.starts_with(&row.prefix) {
                continue;
            }
            for entry in &row.entries {
                let Some(specificity) = entry.pattern.matches(path, slashes) else {
                    continue;
                };
                if entry.excludes {
                    found.excluded.push(entry.section);
                } else {
                    found.covered.push(Match { section: entry.section, specificity });
                }
            }
        }
        found
    }
}

fn rows(mut entries: Vec<Entry>) -> Vec<Row> {
    entries.sort_by(|a, b| a.pattern.prefix.cmp(&b.pattern.prefix));
    let mut rows: Vec<Row> = Vec::new();
    for entry in entries {
        match rows.last_mut() {
            Some(row) if row.prefix == entry.pattern.prefix => row.entries.push(entry),
            _ => {
                let prefix = entry.pattern.prefix.clone();
                let mut parent = rows.len().checked_sub(1);
                while let Some(row) = parent.and_then(|place| rows.get(place)) {
                    if prefix.starts_with(&row.prefix) {
                        break;
                    }
                    parent = row.parent;
                }
                rows.push(Row { prefix, parent, entries: vec![entry] });
            }
        }
    }
    rows
}
