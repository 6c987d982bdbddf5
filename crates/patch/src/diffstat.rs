//! The diffstat that a mail claims for itself.

use std::sync::LazyLock;

use regex::Regex;
use schemars::JsonSchema;
use serde::Serialize;

/// The last line of a claimed diffstat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diffstat {
    /// Files changed.
    pub files: u32,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
}

static SUMMARY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?m)^ ?(\d{1,9}) files? changed(?:, (\d{1,9}) insertions?\(\+\))?(?:, (\d{1,9}) deletions?\(-\))?[ \t]*$",
    )
    .ok()
});

impl Diffstat {
    /// The first claim in a text: ` 3 files changed, 10 insertions(+), 2 deletions(-)`.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        if !text.contains(" changed") {
            return None;
        }
        let found = SUMMARY.as_ref()?.captures(text)?;
        let number = |n: usize| found.get(n).map_or(Some(0), |m| m.as_str().parse().ok());
        Some(Self { files: number(1)?, added: number(2)?, removed: number(3)? })
    }
}

/// Whether a line is part of a diffstat: a file with its bar, `Bin`, the summary, or a mode,
/// rename, copy, create or delete line.
#[must_use]
pub fn is_diffstat_line(line: &str) -> bool {
    let Some(inner) = line.strip_prefix(' ') else {
        return is_numstat_line(line) || is_unindented(line);
    };
    if let Some((path, bar)) = inner.rsplit_once(" | ").or_else(|| inner.rsplit_once("| ")) {
        let bar = bar.trim();
        let count = bar.split(' ').next().unwrap_or_default();
        return !path.trim().is_empty()
            && (count == "Bin"
                || count == "Unmerged"
                || (!count.is_empty() && count.bytes().all(|b| b.is_ascii_digit())))
            && bar.bytes().skip(count.len()).all(|b| b" +->0123456789bytes,".contains(&b));
    }
    let summary = inner.contains(" changed")
        && (inner.contains(" file changed") || inner.contains(" files changed"));
    summary
        || ["create mode ", "delete mode ", "mode change ", "rename ", "copy ", "rewrite "]
            .iter()
            .any(|start| inner.starts_with(start))
}

/// A line of the diffstat whose space a mail program took away, as far as it is like nothing else.
fn is_unindented(line: &str) -> bool {
    let summary = || {
        line.starts_with(|c: char| c.is_ascii_digit())
            && (line.contains(" file changed, ") || line.contains(" files changed, "))
    };
    let Some((path, bar)) = line.rsplit_once(" | ") else { return summary() };
    let Some((count, signs)) = bar.trim_start().split_once(' ') else { return false };
    !path.trim().is_empty()
        && !count.is_empty()
        && count.bytes().all(|b| b.is_ascii_digit())
        && !signs.is_empty()
        && signs.bytes().all(|b| b == b'+' || b == b'-')
}

/// `3\t1\tpath`, `-\t-\tpath`: what `git format-patch --numstat` writes.
fn is_numstat_line(line: &str) -> bool {
    let mut columns = line.splitn(3, '\t');
    let mut count = || {
        columns
            .next()
            .is_some_and(|n| n == "-" || (!n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())))
    };
    count() && count() && columns.next().is_some_and(|path| !path.is_empty())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(" 1 file changed, 1 insertion(+)\n" => Some((1, 1, 0)); "one")]
    #[test_case(" 3 files changed, 10 insertions(+), 2 deletions(-)\n" => Some((3, 10, 2)); "both")]
    #[test_case(" 2 files changed, 2 deletions(-)\n" => Some((2, 0, 2)); "deletions")]
    #[test_case(" 1 file changed, 0 insertions(+), 0 deletions(-)\n" => Some((1, 0, 0)); "mode only")]
    #[test_case(" 1 file changed\n" => Some((1, 0, 0)); "binary only")]
    #[test_case("1 file changed, 1 insertion(+)\n" => Some((1, 1, 0)); "space lost")]
    #[test_case("> 1 file changed, 1 insertion(+)\n" => None; "quoted")]
    #[test_case("nothing\n" => None; "none")]
    fn claim(text: &str) -> Option<(u32, u32, u32)> {
        Diffstat::find(text).map(|d| (d.files, d.added, d.removed))
    }

    #[test_case(" hw/misc/frob.c | 12 ++++---" => true; "file")]
    #[test_case(" .../a/very/long/path.c |   5 +-" => true; "cut path")]
    #[test_case(" {a => b}/c.h | 0" => true; "rename with braces")]
    #[test_case(" x.bin | Bin 0 -> 1234 bytes" => true; "binary")]
    #[test_case(" create mode 100644 x" => true; "create")]
    #[test_case(" 2 files changed, 2 deletions(-)" => true; "summary")]
    #[test_case("3\t1\thw/misc/frob.c" => true; "numstat")]
    #[test_case("-\t-\tlogo.png" => true; "numstat of a binary file")]
    #[test_case("3\tapples" => false; "tabs")]
    #[test_case("hw/misc/frob.c | 12 ++++---" => true; "file without its space")]
    #[test_case("1 file changed, 2 deletions(-)" => true; "summary without its space")]
    #[test_case("a | 12 apples" => false; "table without space")]
    #[test_case("v2: changed | to &" => false; "prose")]
    #[test_case(" a table | with words" => false; "table")]
    fn belongs(line: &str) -> bool {
        is_diffstat_line(line)
    }
}
