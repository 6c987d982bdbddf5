//! How closely a section covers a path.

/// How closely a pattern covers a path, the widest first.
///
/// The order is the script's `value_pd` (components named; -1 for a pattern starting with `*`, 0
/// for `N:`), refined: at one depth an exact file stands above a glob, a glob above a folder, and
/// `*` alone below all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Specificity {
    /// `F: *` or `F: */`.
    CatchAll,
    /// A longer pattern that starts with `*`, such as `*/net/`.
    LeadingWildcard,
    /// An `N:` expression.
    NameRegex,
    /// A pattern that names at least its first component.
    Path {
        /// Path components the pattern names: 2 for `hw/arm/`, 3 for `hw/arm/virt.c`.
        depth: usize,
        /// What was named.
        kind: PathKind,
    },
}

/// What a pattern named when it matched, the widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathKind {
    /// A folder, with everything below it.
    Directory,
    /// Files by wildcard, or by the beginning of their name.
    Glob,
    /// This very path.
    File,
}
