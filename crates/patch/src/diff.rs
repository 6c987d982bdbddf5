//! What a patch changes, file by file.
//!
//! diffy takes the diff apart; what it gets wrong on mail is worked around here (ADR 0003),
//! and none of its types leave this module.

use std::borrow::Cow;

use diffy::{
    Line,
    patch_set::{FileOperation, FilePatch, ParseOptions, PatchKind, PatchSet},
};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::loose;

/// How many files and hunks of one diff are looked at.
const FILES: usize = 20_000;
pub(crate) const HUNKS: usize = 200_000;

/// What happened to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileStatus {
    /// Its content changed.
    Modified,
    /// It is new.
    Added,
    /// It is gone.
    Deleted,
    /// It has another path, its content perhaps too.
    Renamed,
    /// It is a copy of another file, perhaps changed.
    Copied,
    /// Only its mode changed.
    Mode,
}

/// One file of a diff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileChange {
    /// Its path after the patch; of a deleted file its path before. Without `a/` and `b/`.
    pub path: String,
    /// Its path before, where that differs.
    pub old_path: Option<String>,
    /// What happened to it.
    pub status: FileStatus,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
    /// Its content is binary, so that lines do not count.
    pub binary: bool,
    /// Lines added that are not blank.
    #[serde(skip)]
    pub added_nonblank: u32,
    /// Lines removed that are not blank.
    #[serde(skip)]
    pub removed_nonblank: u32,
    /// It is a submodule, and the patch moves it to another commit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub submodule: bool,
}

/// A patch's diff: what its hunks hold, not what its diffstat claims.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diff {
    /// The files in the diff's order; one that occurs twice stands here once.
    pub files: Vec<FileChange>,
    /// Lines added in all.
    pub added: u32,
    /// Lines removed in all.
    pub removed: u32,
    /// Hunks in all.
    pub hunks: u32,
    /// Equal for two diffs with the same changes.
    #[serde(skip)]
    pub id: PatchId,
    /// Some file of it could not be read as its hunk headers say.
    #[serde(skip)]
    pub mangled: bool,
}

/// Identifies a diff's changes whatever their line numbers and white space, as `git patch-id`
/// does; the value itself is our own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PatchId(pub [u8; 16]);

impl Diff {
    /// Reads the diff in a mail's text below its commit message; `None` where there is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if !may_hold_diff(text) {
            return None;
        }
        let start = start_of_diff(text)?;
        let text = text.get(start..)?;
        // A list or a multipart may have cut the last newline, and with it a blank context line.
        let text: Cow<'_, str> =
            if text.ends_with("\n\n") { text.into() } else { format!("{text}\n").into() };
        let mut diff = Self::default();
        let mut id = Id::default();
        diff.read(&text, &mut id);
        diff.id = id.finish();
        diff.added = sum(&diff.files, |f| f.added);
        diff.removed = sum(&diff.files, |f| f.removed);
        (!diff.files.is_empty()).then_some(diff)
    }

    /// The part of a mail's text that [`Self::parse`] reads.
    #[must_use]
    pub fn text(text: &str) -> Option<&str> {
        text.get(start_of_diff(text)?..)
    }

    /// Each file's diff is parsed by itself, so that a damaged one costs only itself.
    fn read(&mut self, text: &str, id: &mut Id) {
        for section in loose::sections(text) {
            let git = section.starts_with("diff --git ");
            let options = if git { ParseOptions::gitdiff() } else { ParseOptions::unidiff() };
            match PatchSet::parse(section, options).next() {
                Some(Ok(file)) if loose::hunk_left_over(section, hunks_of(&file)) => {
                    self.take_loose(section, id);
                }
                // Two names without a hunk are prose that looks like a diff.
                Some(Ok(file)) if git || hunks_of(&file) > 0 => self.take(&file, section, git, id),
                Some(Ok(_)) | None => {}
                Some(Err(_)) => self.take_loose(section, id),
            }
            if self.files.len() >= FILES || self.hunks as usize >= HUNKS {
                self.mangled = true;
                break;
            }
        }
    }

    fn take(&mut self, file: &FilePatch<'_, str>, section: &str, git: bool, id: &mut Id) {
        let mut change = change_of(file, git, loose::has_no_prefix(section));
        id.file(&change);
        if let PatchKind::Text(patch) = file.patch() {
            for hunk in patch.hunks() {
                self.hunks += 1;
                for line in hunk.lines() {
                    match line {
                        Line::Context(text) => id.line(b' ', text),
                        Line::Insert(text) => {
                            id.line(b'+', text);
                            change.added += 1;
                            change.added_nonblank += u32::from(!text.trim_ascii().is_empty());
                            change.submodule |= text.starts_with("Subproject commit ");
                        }
                        Line::Delete(text) => {
                            id.line(b'-', text);
                            change.removed += 1;
                            change.removed_nonblank += u32::from(!text.trim_ascii().is_empty());
                            change.submodule |= text.starts_with("Subproject commit ");
                        }
                    }
                }
            }
        }
        self.push(change);
    }

    fn take_loose(&mut self, section: &str, id: &mut Id) {
        self.mangled = true;
        let Some((change, hunks)) = loose::read(section) else { return };
        id.file(&change);
        section.lines().for_each(|line| id.line(b'?', line));
        self.hunks += hunks;
        self.push(change);
    }

    /// A file that comes twice (`diff --git` for a type change, or a quilt of patches) counts
    /// once, with the sum of its lines.
    fn push(&mut self, change: FileChange) {
        if let Some(last) = self.files.last_mut()
            && last.path == change.path
            && last.status == change.status
        {
            last.added += change.added;
            last.removed += change.removed;
            last.added_nonblank += change.added_nonblank;
            last.removed_nonblank += change.removed_nonblank;
            return;
        }
        self.files.push(change);
    }
}

fn sum(files: &[FileChange], of: impl Fn(&FileChange) -> u32) -> u32 {
    files.iter().map(of).fold(0, u32::saturating_add)
}

fn hunks_of(file: &FilePatch<'_, str>) -> usize {
    file.patch().as_text().map_or(0, |p| p.hunks().len())
}

/// Whether a text holds what every diff has, quoted or not.
pub(crate) fn may_hold_diff(text: &str) -> bool {
    let holds = |needle: &str| memchr::memmem::find(text.as_bytes(), needle.as_bytes()).is_some();
    holds("diff --git ") || holds("+++ ")
}

/// Where the diff starts: at the first line that only a diff has.
fn start_of_diff(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let next_is_new = lines.peek().is_some_and(|l| l.starts_with("+++ "));
        if line.starts_with("diff --git ") || (line.starts_with("--- ") && next_is_new) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn change_of(file: &FilePatch<'_, str>, git: bool, no_prefix: bool) -> FileChange {
    // With `diff --git` the two names of a rename or copy come without `a/` and `b/`.
    let bare = |path: &Cow<'_, str>| {
        if no_prefix { path.to_string() } else { strip_prefix(path, git).to_owned() }
    };
    let (path, old_path, status) = match file.operation() {
        FileOperation::Create(path) => (bare(path), None, FileStatus::Added),
        FileOperation::Delete(path) => (bare(path), None, FileStatus::Deleted),
        FileOperation::Modify { original, modified } => {
            let (old, new) = match same_below_top(original, modified) {
                // `linux-6.1.orig/fs/x.c` and `linux-6.1/fs/x.c`.
                Some(path) if !git => (path.to_owned(), path.to_owned()),
                _ => (bare(original), bare(modified)),
            };
            if git || old == new {
                let differs = (old != new).then_some(old);
                (new, differs, FileStatus::Modified)
            } else {
                // `diff -u foo.c.orig foo.c` names no rename: the shorter name is the file.
                let path = if new.len() <= old.len() { new } else { old };
                (path, None, FileStatus::Modified)
            }
        }
        FileOperation::Rename { from, to } => {
            (to.to_string(), Some(from.to_string()), FileStatus::Renamed)
        }
        FileOperation::Copy { from, to } => {
            (to.to_string(), Some(from.to_string()), FileStatus::Copied)
        }
    };
    let binary = file.patch().is_binary();
    let mode_only = status == FileStatus::Modified && !binary && hunks_of(file) == 0;
    FileChange {
        path,
        old_path,
        status: if mode_only { FileStatus::Mode } else { status },
        added: 0,
        removed: 0,
        binary,
        added_nonblank: 0,
        removed_nonblank: 0,
        submodule: false,
    }
}

/// The path below two different first folders.
fn same_below_top<'a>(old: &str, new: &'a str) -> Option<&'a str> {
    let (old_top, old_rest) = old.split_once('/')?;
    let (new_top, new_rest) = new.split_once('/')?;
    (old_top != new_top && old_rest == new_rest).then_some(new_rest)
}

/// Takes the `a/` or `b/` off a path; without a git header any first folder, as `patch -p1`
/// does for names like `linux-6.1/fs/x.c` and `linux-6.1.orig/fs/x.c`.
pub(crate) fn strip_prefix(path: &str, git: bool) -> &str {
    let bare = path.strip_prefix("a/").or_else(|| path.strip_prefix("b/"));
    match bare.or_else(|| path.split_once('/').map(|(_, rest)| rest)) {
        Some(rest) if !rest.is_empty() && (git || bare.is_some() || rest.contains('/')) => rest,
        _ => path,
    }
}

/// Builds a [`PatchId`].
#[derive(Default)]
struct Id {
    hash: Sha256,
    buffer: Vec<u8>,
}

impl Id {
    fn file(&mut self, change: &FileChange) {
        self.hash.update(change.path.as_bytes());
        self.hash.update([0]);
    }

    fn line(&mut self, mark: u8, text: &str) {
        self.buffer.push(mark);
        self.buffer.extend(text.bytes().filter(|b| !b.is_ascii_whitespace()));
        if self.buffer.len() > 4096 {
            self.hash.update(&self.buffer);
            self.buffer.clear();
        }
    }

    fn finish(mut self) -> PatchId {
        self.hash.update(&self.buffer);
        let mut short = [0; 16];
        short.iter_mut().zip(self.hash.finalize()).for_each(|(to, from)| *to = from);
        PatchId(short)
    }
}
