//! Diffs cut into files without parsing them, and counted where they cannot be parsed.

use crate::diff::{FileChange, FileStatus, strip_prefix};

/// Cuts a diff into files: each starts at a `diff --git` line, or at a `--- ` line that a
/// `+++ ` line follows, outside of any hunk. quilt and careless hands mix the two.
pub(crate) fn sections(text: &str) -> Vec<&str> {
    // Where each section starts, and where the mail's signature ends it.
    let mut starts: Vec<(usize, Option<usize>)> = Vec::new();
    let mut seen_hunk = false;
    let mut at = 0;
    // Lines that the open hunk still owes.
    let (mut old, mut new) = (0_u64, 0_u64);
    // The open section has its `--- ` and `+++ ` lines already, or can have none.
    let mut named = true;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("diff --git ") {
            starts.push((at, None));
            (named, seen_hunk) = (false, false);
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
            seen_hunk = true;
            if let Some((_, cut)) = starts.last_mut() {
                *cut = None;
            }
        } else if seen_hunk && is_signature(line) {
            // Behind a line without newline diffy takes `-- ` for one more removed line.
            if let Some((_, cut)) = starts.last_mut() {
                cut.get_or_insert(at);
            }
        } else if line.starts_with("--- ") && lines.peek().is_some_and(|l| l.starts_with("+++ ")) {
            if named {
                starts.push((at, None));
                seen_hunk = false;
            }
            named = true;
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(from, _)| *from).chain([text.len()]);
    let cut = |((from, cut), to): (&(usize, Option<usize>), _)| text.get(*from..cut.unwrap_or(to));
    starts.iter().zip(ends).filter_map(cut).collect()
}

/// The `-- ` that git puts below a diff, and the `---` of b4.
fn is_signature(line: &str) -> bool {
    ["--", "---"].contains(&line.trim_end())
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

/// Whether a section's two names are the same, as `diff.noprefix` and CVS write them: then no
/// folder of them is a prefix. `a/x` and `b/x` differ, and so do the folders that `diff -r` compares.
pub(crate) fn has_no_prefix(section: &str) -> bool {
    let mut old = None;
    for line in section.lines().take_while(|l| !l.starts_with("@@ ")).take(20) {
        if let Some(names) = line.strip_prefix("diff --git ") {
            return same_halves(names).is_some_and(|name| !name.starts_with("a/"));
        }
        if let Some(name) = line.strip_prefix("--- ") {
            old = name.split('\t').next();
        } else if let Some(name) = line.strip_prefix("+++ ") {
            let name = name.split('\t').next();
            return old == name
                && name.is_some_and(|n| !n.starts_with("a/") && !n.starts_with("b/"));
        }
    }
    false
}

/// The name in `name name`.
fn same_halves(names: &str) -> Option<&str> {
    let (first, second) = names.split_at_checked(names.len() / 2)?;
    second.strip_prefix(' ').filter(|second| *second == first)
}

/// Whether a hunk header stands behind the hunks that were read, so that some were lost.
pub(crate) fn hunk_left_over(section: &str, read: usize) -> bool {
    let headers = memchr::memmem::find_iter(section.as_bytes(), "\n@@ -")
        .filter_map(|at| section.get(at + 1..)?.lines().next())
        .filter(|line| hunk_ranges(line).is_some());
    headers.take(read + 1).count() > read
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
    let no_prefix = has_no_prefix(section);
    let tidy = |name: &str| {
        let name = name.split('\t').next().unwrap_or(name).trim();
        let bare = || if no_prefix { name } else { strip_prefix(name, false) };
        (name != "/dev/null" && !name.is_empty()).then(|| bare().to_owned())
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
