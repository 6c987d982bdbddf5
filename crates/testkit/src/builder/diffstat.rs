//! The diffstat as `git format-patch` prints it, 72 columns wide (`diff.c`, `show_stats`).

use super::FileDiff;
use super::file::quoted;

const WIDTH: usize = 72;

/// Sizes claimed for a binary, before and after.
const BINARY: (usize, usize) = (1024, 2048);

/// Lines of the diffstat, the total and the summary; empty where there is no file.
pub(super) fn diffstat(files: &[FileDiff]) -> String {
    let files = merged(files);
    if files.is_empty() {
        return String::new();
    }
    let most = files.iter().map(|file| file.added + file.removed).max().unwrap_or(0);
    let longest = files.iter().map(|file| file.name.chars().count()).max().unwrap_or(0);
    let binary = files.iter().any(|file| file.binary);
    let number_width = most.to_string().len().max(if binary { 3 } else { 0 });
    let (name_width, graph_width) = widths(longest, number_width, most, binary);
    let mut out = String::new();
    for file in &files {
        let name = fitted(&file.name, name_width);
        let right = if file.binary {
            format!("{:>number_width$} {} -> {} bytes", "Bin", BINARY.0, BINARY.1)
        } else {
            let (plus, minus) = graph(file.added, file.removed, graph_width, most);
            let bar = "+".repeat(plus) + &"-".repeat(minus);
            format!("{:>number_width$} {bar}", file.added + file.removed).trim_end().to_owned()
        };
        out.push_str(&format!(" {name:name_width$} | {right}\n"));
    }
    let added: usize = files.iter().map(|file| file.added).sum();
    let removed: usize = files.iter().map(|file| file.removed).sum();
    out.push_str(&total(files.len(), added, removed));
    out.extend(files.into_iter().filter_map(|file| file.summary));
    out
}

struct Row {
    name: String,
    added: usize,
    removed: usize,
    binary: bool,
    summary: Option<String>,
}

/// One row a path, sorted as git sorts: several patches of a series may touch one file.
fn merged(files: &[FileDiff]) -> Vec<Row> {
    let mut sorted: Vec<_> = files.iter().collect();
    sorted.sort_by(|a, b| a.path().cmp(b.path()));
    let mut rows: Vec<(&str, Row)> = Vec::new();
    for file in sorted {
        let (added, removed) = file.counts().unwrap_or_default();
        match rows.last_mut().filter(|(path, _)| *path == file.path()) {
            Some((_, row)) => {
                row.added += added;
                row.removed += removed;
            }
            None => {
                let binary = file.counts().is_none();
                let (name, summary) = (file.stat_name(), file.summary());
                rows.push((file.path(), Row { name, added, removed, binary, summary }));
            }
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Columns for the name and for the graph.
fn widths(longest: usize, number_width: usize, most: usize, binary: bool) -> (usize, usize) {
    let bytes = format!("{} -> {} bytes", BINARY.0, BINARY.1).len();
    let mut graph_width = if binary { most.max(bytes) } else { most };
    let fixed = number_width + 6;
    let mut name_width = longest;
    if name_width + fixed + graph_width > WIDTH {
        let share = WIDTH * 3 / 8 - fixed;
        if graph_width > share {
            graph_width = share.max(6);
        }
        if name_width > WIDTH - fixed - graph_width {
            name_width = WIDTH - fixed - graph_width;
        } else {
            graph_width = WIDTH - fixed - name_width;
        }
    }
    (name_width, graph_width)
}

fn scaled(count: usize, width: usize, most: usize) -> usize {
    if count == 0 { 0 } else { 1 + count * (width - 1) / most }
}

fn graph(added: usize, removed: usize, width: usize, most: usize) -> (usize, usize) {
    if width > most {
        return (added, removed);
    }
    let mut total = scaled(added + removed, width, most);
    if total < 2 && added > 0 && removed > 0 {
        total = 2;
    }
    if added < removed {
        let plus = scaled(added, width, most);
        (plus, total - plus)
    } else {
        let minus = scaled(removed, width, most);
        (total - minus, minus)
    }
}

/// A name too long for its column loses its front, up to a slash where there is one.
fn fitted(name: &str, width: usize) -> String {
    let length = name.chars().count();
    if length <= width {
        return name.to_owned();
    }
    let tail: String = name.chars().skip(length + 3 - width).collect();
    let tail = match tail.split_once('/') {
        Some((_, rest)) => format!("/{rest}"),
        None => tail,
    };
    format!("...{tail}")
}

fn total(files: usize, added: usize, removed: usize) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let mut out = format!(" {files} file{} changed", plural(files));
    if added > 0 || removed == 0 {
        out.push_str(&format!(", {added} insertion{}(+)", plural(added)));
    }
    if removed > 0 || added == 0 {
        out.push_str(&format!(", {removed} deletion{}(-)", plural(removed)));
    }
    out + "\n"
}

/// `dir/{old => new}/file`, as git shortens a rename (`pprint_rename`).
pub(super) fn rename_name(old: &str, new: &str) -> String {
    let (quoted_old, quoted_new) = (quoted("", old), quoted("", new));
    if quoted_old != old || quoted_new != new {
        return format!("{quoted_old} => {quoted_new}");
    }
    let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).map(|(a, _)| a);
    let prefix = same.enumerate().filter(|(_, byte)| *byte == b'/').map(|(at, _)| at + 1).last();
    let prefix = prefix.unwrap_or(0);
    // The suffix may share the prefix's slash: `a/{b => }/c`.
    let shared = usize::from(prefix > 0);
    let room = (old.len() - prefix + shared).min(new.len() - prefix + shared);
    let ends = old.bytes().rev().zip(new.bytes().rev()).take(room);
    let same = ends.take_while(|(a, b)| a == b).map(|(a, _)| a);
    let suffix = same.enumerate().filter(|(_, byte)| *byte == b'/').map(|(at, _)| at + 1).last();
    let suffix = suffix.unwrap_or(0);
    let middle = |path: &str| {
        path.get(prefix..path.len().saturating_sub(suffix)).unwrap_or_default().to_owned()
    };
    let change = format!("{} => {}", middle(old), middle(new));
    if prefix + suffix == 0 {
        return change;
    }
    let front = old.get(..prefix).unwrap_or_default();
    let back = old.get(old.len() - suffix..).unwrap_or_default();
    format!("{front}{{{change}}}{back}")
}
