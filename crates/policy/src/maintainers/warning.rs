//! What could not be used of a `MAINTAINERS` file.

const MAX_WARNINGS: usize = 1000;

/// Something in the file that was passed over or read with a doubt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct Warning {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: WarningKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WarningKind {
    /// Entries without a section title above them; they are passed over.
    #[error("entries without a section title are passed over")]
    NoTitle,
    /// A section title that starts with a blank: probably a wrapped entry.
    #[error("the section title starts with a blank")]
    IndentedTitle,
    /// A tag with nothing behind it; it is passed over.
    #[error("`{tag}:` has no value")]
    Empty {
        /// The tag's letter.
        tag: char,
    },
    /// No address in an `M:`, `R:` or `L:` entry; it is passed over.
    #[error("failed to find an address in `{tag}: {value}`")]
    NoAddress {
        /// The tag's letter.
        tag: char,
        /// The entry's text.
        value: String,
    },
    /// A second `S:` in one section; the last one counts, as in the script.
    #[error("the section has more than one status; the last one counts")]
    SecondStatus,
    /// Blanks behind a pattern, which the script would match literally; they are dropped.
    #[error("blanks behind the pattern are dropped")]
    TrailingBlank,
    /// An expression this program cannot use; it is passed over.
    #[error("failed to read the pattern `{tag}: {pattern}`: {reason}")]
    BadPattern {
        /// The tag's letter.
        tag: char,
        /// The pattern as written.
        pattern: String,
        /// What the expression parser said.
        reason: String,
    },
    /// All `N:` or all `K:` expressions together are too large; none of them is used.
    #[error("failed to compile all `{tag}:` expressions together: {reason}")]
    TooLarge {
        /// The tag's letter.
        tag: char,
        /// What the expression parser said.
        reason: String,
    },
    /// A line over 4,096 bytes; it is passed over.
    #[error("the line is too long and is passed over")]
    LongLine,
    /// More of something than is kept; the rest of the file, or of these entries, is passed over.
    #[error("more than {limit} {what}: the rest is passed over")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much is kept.
        limit: usize,
    },
}

/// Warnings so far, up to a fixed number.
#[derive(Debug, Default)]
pub(super) struct Warnings(Vec<Warning>);

impl Warnings {
    pub(super) fn push(&mut self, line: usize, what: WarningKind) {
        if self.0.len() < MAX_WARNINGS {
            self.0.push(Warning { line, what });
        }
    }

    pub(super) fn into_sorted(mut self) -> Vec<Warning> {
        self.0.sort_by_key(|warning| warning.line);
        self.0
    }
}
