//! One file of a diff, in git's extended diff format.

use std::path::Path;

/// Lines of context before and after a hunk.
const CONTEXT: usize = 3;

/// Lines between two hunks, more than git would join.
const APART: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Modified,
    Added,
    Deleted,
    Renamed,
    Copied,
}

/// What a diff does to one file; hunks have true counts and made-up context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    status: Status,
    old: String,
    new: String,
    mode: Option<(&'static str, &'static str)>,
    binary: bool,
    submodule: bool,
    hunks: Vec<Hunk>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Hunk {
    added: Vec<String>,
    removed: Vec<String>,
    written: Option<Written>,
}

/// A hunk whose context was given.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    start: usize,
    section: String,
    lines: Vec<String>,
}

impl FileDiff {
    fn new(status: Status, old: &str, new: &str) -> Self {
        let (old, new) = (old.to_owned(), new.to_owned());
        Self { status, old, new, mode: None, binary: false, submodule: false, hunks: Vec::new() }
    }

    /// A modified file.
    #[must_use]
    pub fn modified(path: &str) -> Self {
        Self::new(Status::Modified, path, path)
    }

    /// A new file, empty where no line is added.
    #[must_use]
    pub fn added(path: &str) -> Self {
        Self::new(Status::Added, path, path)
    }

    /// A deleted file.
    #[must_use]
    pub fn deleted(path: &str) -> Self {
        Self::new(Status::Deleted, path, path)
    }

    /// A renamed file.
    #[must_use]
    pub fn renamed(old: &str, new: &str) -> Self {
        Self::new(Status::Renamed, old, new)
    }

    /// A copied file.
    #[must_use]
    pub fn copied(old: &str, new: &str) -> Self {
        Self::new(Status::Copied, old, new)
    }

    /// One more hunk of made-up lines; none where both counts are 0.
    #[must_use]
    pub fn change(mut self, added: usize, removed: usize) -> Self {
        if added + removed > 0 {
            let line = |what: &str, number: usize| format!("    {}_{what}({number});", self.stem());
            let added = (1..=added).map(|number| line("new", number)).collect();
            let removed = (1..=removed).map(|number| line("old", number)).collect();
            self.hunks.push(Hunk { added, removed, written: None });
        }
        self
    }

    /// One more hunk of these lines, without `+` and `-`.
    #[must_use]
    pub fn lines(mut self, added: &[&str], removed: &[&str]) -> Self {
        let owned = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
        self.hunks.push(Hunk { added: owned(added), removed: owned(removed), written: None });
        self
    }

    /// One more hunk as written in a diff, at this line of the old file: every line with its ` `,
    /// `+` or `-`; `section` is what follows the second `@@`.
    ///
    /// An empty line is a blank line of context.
    ///
    /// # Panics
    /// Where a line starts with anything else.
    #[must_use]
    pub fn hunk(mut self, start: usize, section: &str, text: &str) -> Self {
        let (mut added, mut removed, mut lines) = (Vec::new(), Vec::new(), Vec::new());
        for line in text.lines() {
            match line.chars().next() {
                Some('+') => added.push(line.chars().skip(1).collect()),
                Some('-') => removed.push(line.chars().skip(1).collect()),
                Some(' ') | None => {}
                Some(_) => unreachable!("a line of a hunk without its sign: {line}"),
            }
            lines.push(if line.is_empty() { " ".to_owned() } else { line.to_owned() });
        }
        let written = Written { start, section: section.to_owned(), lines };
        self.hunks.push(Hunk { added, removed, written: Some(written) });
        self
    }

    /// A submodule moved from one commit to another (40 hex digits each).
    #[must_use]
    pub fn submodule(path: &str, old: &str, new: &str) -> Self {
        let mut file = Self::new(Status::Modified, path, path);
        file.submodule = true;
        let text = format!("-Subproject commit {old}\n+Subproject commit {new}\n");
        file.hunk(1, "", &text)
    }

    /// The file becomes executable.
    #[must_use]
    pub fn executable(mut self) -> Self {
        self.mode = Some(("100644", "100755"));
        self
    }

    /// The contents differ as binaries; hunks are not written.
    #[must_use]
    pub fn binary(mut self) -> Self {
        self.binary = true;
        self
    }

    /// Lines added and removed; `None` for a binary.
    #[must_use]
    pub fn counts(&self) -> Option<(usize, usize)> {
        let added = self.hunks.iter().map(|hunk| hunk.added.len()).sum();
        let removed = self.hunks.iter().map(|hunk| hunk.removed.len()).sum();
        (!self.binary).then_some((added, removed))
    }

    /// Path before the patch, where it is another one.
    #[must_use]
    pub fn old_path(&self) -> Option<&str> {
        (self.old != self.new).then_some(self.old.as_str())
    }

    /// Path after the patch; before it for a deleted file.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.new
    }

    /// The line of `git diff --summary`, where there is one.
    pub(super) fn summary(&self) -> Option<String> {
        let path = quoted("", &self.new);
        match (self.status, self.mode) {
            (Status::Added, _) => Some(format!(" create mode {} {path}\n", self.new_mode())),
            (Status::Deleted, _) => Some(format!(" delete mode 100644 {path}\n")),
            (Status::Renamed, _) => {
                Some(format!(" rename {} ({}%)\n", self.stat_name(), self.similarity()))
            }
            (Status::Copied, _) => {
                Some(format!(" copy {} ({}%)\n", self.stat_name(), self.similarity()))
            }
            (Status::Modified, Some((old, new))) => {
                Some(format!(" mode change {old} => {new} {path}\n"))
            }
            (Status::Modified, None) => None,
        }
    }

    /// The name in a diffstat.
    pub(super) fn stat_name(&self) -> String {
        match self.old_path() {
            Some(old) => super::diffstat::rename_name(old, &self.new),
            None => quoted("", &self.new),
        }
    }

    /// The file's part of the diff.
    pub(super) fn text(&self) -> String {
        let (a, b) = (quoted("a/", &self.old), quoted("b/", &self.new));
        let mut out = format!("diff --git {a} {b}\n");
        let mut line = |text: String| out.push_str(&(text + "\n"));
        if let Some((old, new)) = self.mode.filter(|_| self.status != Status::Added) {
            line(format!("old mode {old}"));
            line(format!("new mode {new}"));
        }
        let (old, new) = (hash(&format!("old {}", self.old)), hash(&format!("new {}", self.new)));
        let (old, new) = match self.status {
            Status::Added => (hash(""), if self.is_empty() { EMPTY.to_owned() } else { new }),
            Status::Deleted => (if self.is_empty() { EMPTY.to_owned() } else { old }, hash("")),
            _ => (old, new),
        };
        match self.status {
            Status::Added => line(format!("new file mode {}", self.new_mode())),
            Status::Deleted => line("deleted file mode 100644".to_owned()),
            Status::Renamed | Status::Copied => {
                let verb = if self.status == Status::Renamed { "rename" } else { "copy" };
                line(format!("similarity index {}%", self.similarity()));
                line(format!("{verb} from {}", quoted("", &self.old)));
                line(format!("{verb} to {}", quoted("", &self.new)));
            }
            Status::Modified => {
                assert!(!self.is_empty() || self.mode.is_some(), "a diff of {a} that says nothing");
            }
        }
        let created_or_deleted = matches!(self.status, Status::Added | Status::Deleted);
        if !self.is_empty() || created_or_deleted {
            let mode = match (created_or_deleted || self.mode.is_some(), self.submodule) {
                (true, _) => "",
                (false, true) => " 160000",
                (false, false) => " 100644",
            };
            line(format!("index {old}..{new}{mode}"));
        }
        let old_name = if self.status == Status::Added { "/dev/null".to_owned() } else { a };
        let new_name = if self.status == Status::Deleted { "/dev/null".to_owned() } else { b };
        if self.binary {
            line(format!("Binary files {old_name} and {new_name} differ"));
        } else if !self.is_empty() {
            // git ends an unquoted name that holds a space with a tab.
            let tab =
                |name: &str| if name.contains(' ') && !name.starts_with('"') { "\t" } else { "" };
            line(format!("--- {old_name}{}", tab(&old_name)));
            line(format!("+++ {new_name}{}", tab(&new_name)));
            out.push_str(&self.hunk_text());
        }
        out
    }

    fn hunk_text(&self) -> String {
        if matches!(self.status, Status::Added | Status::Deleted) {
            let added: Vec<_> = self.hunks.iter().flat_map(|hunk| hunk.added.clone()).collect();
            let removed: Vec<_> = self.hunks.iter().flat_map(|hunk| hunk.removed.clone()).collect();
            let start = |lines: &[String]| usize::from(!lines.is_empty());
            let ranges = (range(start(&removed), removed.len()), range(start(&added), added.len()));
            return format!("@@ -{} +{} @@\n", ranges.0, ranges.1)
                + &Hunk { added, removed, written: None }.text();
        }
        let mut out = String::new();
        let (mut old_line, mut new_line) = (10, 10);
        let mut shift = 0;
        for hunk in &self.hunks {
            if let Some(written) = &hunk.written {
                out.push_str(&written.text(hunk, shift));
                shift += signed(hunk.added.len()) - signed(hunk.removed.len());
                continue;
            }
            let (old, new) = (hunk.removed.len() + 2 * CONTEXT, hunk.added.len() + 2 * CONTEXT);
            out.push_str(&format!("@@ -{} +{} @@\n", range(old_line, old), range(new_line, new)));
            let keep = |number: usize| format!(" {}_keep({number});\n", self.stem());
            out.extend((old_line..old_line + CONTEXT).map(keep));
            out.push_str(&hunk.text());
            let after = old_line + CONTEXT + hunk.removed.len();
            out.extend((after..after + CONTEXT).map(keep));
            old_line += old + APART;
            new_line += new + APART;
        }
        out
    }

    fn is_empty(&self) -> bool {
        self.hunks.is_empty() && !self.binary
    }

    fn new_mode(&self) -> &'static str {
        self.mode.map_or("100644", |(_, new)| new)
    }

    fn similarity(&self) -> u32 {
        if self.is_empty() { 100 } else { 90 }
    }

    fn stem(&self) -> String {
        let stem = Path::new(&self.new).file_stem().unwrap_or_default().to_string_lossy();
        stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
    }
}

/// The abbreviated id of the empty blob.
const EMPTY: &str = "e69de29bb2d1";

impl Hunk {
    fn text(&self) -> String {
        let removed = self.removed.iter().map(|line| format!("-{line}\n"));
        removed.chain(self.added.iter().map(|line| format!("+{line}\n"))).collect()
    }
}

impl Written {
    /// The hunk; `shift` is how many lines the hunks before it have added.
    fn text(&self, hunk: &Hunk, shift: i64) -> String {
        let context = self.lines.len() - hunk.added.len() - hunk.removed.len();
        let (old, new) = (context + hunk.removed.len(), context + hunk.added.len());
        let new_start = usize::try_from(signed(self.start) + shift).unwrap_or_default();
        let section =
            if self.section.is_empty() { String::new() } else { format!(" {}", self.section) };
        let ranges = (range(self.start, old), range(new_start, new));
        let lines: String = self.lines.iter().map(|line| format!("{line}\n")).collect();
        format!("@@ -{} +{} @@{section}\n{lines}", ranges.0, ranges.1)
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A hunk's range: git leaves a count of 1 out.
fn range(start: usize, count: usize) -> String {
    if count == 1 { start.to_string() } else { format!("{start},{count}") }
}

/// Twelve hex digits of a text (FNV-1a), all 0 for an empty one.
pub(super) fn hash(text: &str) -> String {
    if text.is_empty() {
        return "0".repeat(12);
    }
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("{:012x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, step) >> 16)
}

/// A path as git writes it with `core.quotePath`: C-quoted where a byte needs it.
pub(super) fn quoted(before: &str, path: &str) -> String {
    if path.bytes().all(|byte| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\') {
        return format!("{before}{path}");
    }
    let code = |byte: u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b'\t' => "\\t".to_owned(),
        b'\n' => "\\n".to_owned(),
        0x20..0x7f => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    };
    format!("\"{before}{}\"", path.bytes().map(code).collect::<String>())
}
