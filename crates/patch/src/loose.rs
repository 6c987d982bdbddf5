//! Diffs cut into files without parsing them, and counted where they cannot be parsed.

use crate::diff::{FileChange, FileStatus, strip_prefix};

/// Cuts a diff into files: each starts at a `diff --git` line, or at a `--- ` line that a
/// `+++ ` line follows, outside of any hunk. quilt and careless hands mix the two.
pub(crate) fn sections(text: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = Vec::new();
    let mut at = 0;
    // Lines that the open hunk still owes.
    let (mut old, mut new) = (0_u64, 0_u64);
    // The open section has its `--- ` and `+++ ` lines already, or can have none.
    let mut named = true;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("diff --git ") {
            starts.push(at);
            named = false;
            (old, new) = (0, 0);
        } else if old > 0 || new > 0 {
            match line.as_bytes().first() {
                Some(b'-') => old = old.saturating_sub(1),
                Some(b'+') => new = new.saturating_sub(1),
                Some(b'\\') => {}
                _ => (old, new) = (old.saturating_sub(1), new.saturating_sub(1)),
            }
        } else if let Some(ranges) = hunk_ranges(line) {
            (old, new) = ranges;
        } else if line.starts_with("--- ") && lines.peek().is_some_and(|l| l.starts_with("+++ ")) {
            if named {
                starts.push(at);
            }
            named = true;
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).filter_map(|(from, to)| text.get(*from..to)).collect()
}

/// The lengths in `@@ -1,2 +3,4 @@`: old 2, new 4.
pub(crate) fn hunk_ranges(line: &str) -> Option<(u64, u64)> {
    let inner = line.strip_prefix("@@ -")?;
    let (old, rest) = inner.split_once(" +")?;
    let (new, _) = rest.split_once(" @@")?;
    let length = |range: &str| match range.split_once(',') {
        Some((_, len)) => len.parse::<u64>().ok(),
        None => Some(1),
    };
    Some((length(old)?, length(new)?))
}

/// Whether a hunk header stands behind the hunks that were read, so that some were lost.
pub(crate) fn hunk_left_over(section: &str, read: usize) -> bool {
    let headers = section.lines().filter(|l| hunk_ranges(l).is_some()).take(read + 1).count();
    headers > read
}

/// Counts a damaged section by its signs alone.
pub(crate) fn read(section: &str) -> Option<(FileChange, u32)> {
    let mut old_name = None;
    let mut new_name = None;
    let mut git_name = None;
    let (mut hunks, mut added, mut removed) = (0_u32, 0_u32, 0_u32);
    let (mut added_nonblank, mut removed_nonblank) = (0_u32, 0_u32);
    let mut status = FileStatus::Modified;
    let mut in_hunk = false;
    for line in section.lines() {
        if line.starts_with("@@ ") {
            in_hunk = true;
            hunks += 1;
        } else if in_hunk {
            let blank = || line.get(1..).is_none_or(|l| l.trim_ascii().is_empty());
            match line.as_bytes().first() {
                // The signature that git appends ends the diff.
                Some(b'-') if line == "-- " || line == "--" => break,
                Some(b'+') => {
                    added += 1;
                    added_nonblank += u32::from(!blank());
                }
                Some(b'-') => {
                    removed += 1;
                    removed_nonblank += u32::from(!blank());
                }
                Some(b' ' | b'\\') | None => {}
                // A line that was wrapped by a mailer; what follows may still be the diff.
                Some(_) => {}
            }
        } else if let Some(name) = line.strip_prefix("--- ") {
            old_name = Some(name);
        } else if let Some(name) = line.strip_prefix("+++ ") {
            new_name = Some(name);
        } else if let Some(names) = line.strip_prefix("diff --git ") {
            git_name = names.rsplit_once(" b/").map(|(_, name)| name);
        } else if line.starts_with("new file mode") {
            status = FileStatus::Added;
        } else if line.starts_with("deleted file mode") {
            status = FileStatus::Deleted;
        }
    }
    let tidy = |name: &str| {
        let name = name.split('\t').next().unwrap_or(name).trim();
        (name != "/dev/null" && !name.is_empty()).then(|| strip_prefix(name, false).to_owned())
    };
    let path = git_name
        .map(str::to_owned)
        .or_else(|| new_name.and_then(tidy))
        .or_else(|| old_name.and_then(tidy))?;
    if hunks == 0 && git_name.is_none() {
        return None;
    }
    let change = FileChange {
        path,
        old_path: None,
        status,
        added,
        removed,
        binary: false,
        added_nonblank,
        removed_nonblank,
        submodule: false,
    };
    Some((change, hunks))
}
