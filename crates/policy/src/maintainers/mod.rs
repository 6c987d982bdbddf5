//! `MAINTAINERS` as QEMU and Linux write it: who looks after which paths.
//!
//! [`Maintainers::parse`] never fails: what it cannot use becomes a [`Warning`]. A lookup by path
//! gives what `scripts/get_maintainer.pl` of both projects gives, read from that script (QEMU
//! version 0.26 and Linux; `file_match_pattern`, `get_maintainers`), oddities included:
//!
//! - An `F:` or `X:` value is turned into a regular expression (`.` is quoted, `*` becomes `.*`,
//!   `?` becomes `.`; `[ch]` and the rest of Perl's syntax passes through) and matched at the start
//!   of the path only. A trailing `/` covers everything below. Without one the path must have as
//!   many slashes as the pattern, which is what keeps `*` inside one folder; nothing anchors the
//!   end, so `hw/core/loader` also covers `hw/core/loader.c`. Braces are ordinary characters.
//! - `*` may cross a `/` in a pattern with a trailing slash: `*/net/` covers `a/b/net/c`.
//! - A pattern naming a folder without the slash gets one, but only if it has no `.`, `*` or `?`,
//!   for the script looks for the folder after quoting them. See [`Directories`].
//! - A matching `X:` takes the whole section out, its `N:` patterns too.
//! - `N:` is a Perl `/x` expression looked for anywhere in the path, `K:` one looked for in a mail.
//! - Blank lines do not end a section, any other line without a tag does, and the last such line
//!   is the name of the next section.
//!
//! Where this differs on purpose: trailing blanks of a pattern are dropped, an empty pattern
//! matches nothing, a section is rated by its deepest matching pattern (the script takes the last
//! one), and a section straight below an underlined heading has the heading's name, not dashes.

mod directories;
mod index;
mod parse;
mod pattern;
mod perl;
mod section;
mod specificity;
mod warning;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

pub use directories::Directories;
pub use section::{List, Pattern, Person, Role, Section, Status};
pub use specificity::{PathKind, Specificity};
pub use warning::{Warning, WarningKind};

use index::Index;
use perl::{KeywordSet, NameSet};

/// A read `MAINTAINERS` file, ready for lookups.
#[derive(Debug)]
pub struct Maintainers {
    sections: Vec<Section>,
    index: Index,
    names: NameSet,
    keywords: KeywordSet,
}

/// A section that covers a path, and how closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Match {
    /// Place of the section in [`Maintainers::sections`].
    pub section: usize,
    /// The closest of the section's patterns that match.
    pub specificity: Specificity,
}

impl Match {
    /// Whether only `*` or `*/` matched, as in Linux's `THE REST`.
    #[must_use]
    pub fn is_catch_all(&self) -> bool {
        self.specificity == Specificity::CatchAll
    }
}

impl Maintainers {
    /// Reads a `MAINTAINERS` file without knowing the tree it belongs to.
    ///
    /// A pattern such as `hw/sensor`, without `.` or wildcard in it, may then be a file or a
    /// folder and is taken as both. At most 8 MiB, 20,000 sections, 200,000 patterns and 1,000
    /// warnings are kept.
    #[must_use]
    pub fn parse(text: &str) -> (Self, Vec<Warning>) {
        Self::build(text, None)
    }

    /// Reads a `MAINTAINERS` file, asking `tree` which patterns name a folder.
    #[must_use]
    pub fn parse_in_tree(text: &str, tree: &Directories) -> (Self, Vec<Warning>) {
        Self::build(text, Some(tree))
    }

    fn build(text: &str, tree: Option<&Directories>) -> (Self, Vec<Warning>) {
        let (sections, mut warnings) = parse::parse(text);
        let maintainers = Self {
            index: Index::build(&sections, tree, &mut warnings),
            names: NameSet::build(&sections, &mut warnings),
            keywords: KeywordSet::build(&sections, &mut warnings),
            sections,
        };
        (maintainers, warnings.into_sorted())
    }

    /// All sections, in the order of the file.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The sections that cover `path`, most specific first, then in the order of the file.
    ///
    /// `path` is relative to the top of the tree, with `/` between components, as in a diff
    /// without `a/` and `b/`.
    #[must_use]
    pub fn sections_for(&self, path: &str) -> Vec<Match> {
        let mut found = self.index.lookup(path.as_bytes());
        for section in self.names.matches(path.as_bytes()) {
            found.covered.push(Match { section, specificity: Specificity::NameRegex });
        }
        let excluded = found.excluded;
        let mut matches = found.covered;
        matches.retain(|m| !excluded.contains(&m.section));
        matches.sort_unstable_by_key(|m| (m.section, std::cmp::Reverse(m.specificity)));
        matches.dedup_by_key(|m| m.section);
        matches.sort_unstable_by_key(|m| (std::cmp::Reverse(m.specificity), m.section));
        matches
    }

    /// Names of the sections that cover `path`, most specific first.
    ///
    /// Sections that cover everything (`THE REST`) are left out unless there is no other.
    #[must_use]
    pub fn subsystems(&self, path: &str) -> Vec<&str> {
        let matches = self.sections_for(path);
        let only_catch_all = matches.iter().all(Match::is_catch_all);
        matches
            .iter()
            .filter(|m| only_catch_all || !m.is_catch_all())
            .filter_map(|m| self.sections.get(m.section))
            .map(|section| section.name.as_str())
            .collect()
    }

    /// The section that covers `path` most closely; one that covers everything if no other does.
    #[must_use]
    pub fn most_specific(&self, path: &str) -> Option<&Section> {
        let first = *self.sections_for(path).first()?;
        self.sections.get(first.section)
    }

    /// The sections whose `K:` expressions are found in a mail or patch, in the order of the file.
    ///
    /// As in the script, lines are looked at one by one; from the first `---` or `+++` line of a
    /// diff on, only added and removed lines count. Time is linear in `text`.
    #[must_use]
    pub fn keyword_sections(&self, text: &str) -> Vec<usize> {
        self.keywords.matches(text)
    }
}
