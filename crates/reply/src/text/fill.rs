//! Lines of at most 72 columns, none of which a tool would take for a trailer.

use unicode_width::UnicodeWidthStr;

/// Columns of the text.
pub(crate) const COLUMNS: usize = 72;

/// Columns that a terminal gives to a text.
pub(crate) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Breaks one line at blanks; what follows the first break is indented by `indent`.
///
/// Blanks that are not broken at stay as they are. A word that ends in a colon stays with the
/// word before it, so that no line starts like a trailer (`fix: 20`): b4 takes those from
/// answers, also from indented lines. A word too long for a line, such as a link, is left whole.
pub(crate) fn fill(line: &str, indent: usize) -> String {
    let mut out = String::with_capacity(line.len() + 16);
    let mut column = 0;
    for (gap, atom) in atoms(line) {
        let wanted = width(gap) + width(atom);
        if column > 0 && column + wanted > COLUMNS && !out.trim_start().is_empty() {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else {
            out.push_str(gap);
            column += width(gap);
        }
        out.push_str(atom);
        column += width(atom);
    }
    out
}

/// The parts of a line that are never broken, each with the blanks before it.
fn atoms(line: &str) -> Vec<(&str, &str)> {
    let mut atoms: Vec<(usize, usize, usize)> = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let rest = line.get(at..).unwrap_or_default();
        let start = at + rest.len() - rest.trim_start_matches(' ').len();
        let word = line.get(start..).unwrap_or_default();
        let end = start + word.find(' ').unwrap_or(word.len());
        let colon = line.get(start..end).is_some_and(|word| word.ends_with(':'));
        match atoms.last_mut() {
            Some(last) if colon && start > last.1 => last.2 = end,
            _ => atoms.push((at, start, end)),
        }
        if end == at {
            break;
        }
        at = end;
    }
    atoms
        .into_iter()
        .filter_map(|(gap, start, end)| Some((line.get(gap..start)?, line.get(start..end)?)))
        .collect()
}

/// Sets a rendered template: long lines broken with their own indentation kept, no blanks at line
/// ends but in `-- `, at most one empty line in a row, one above
/// `-- `, none at the ends.
pub(crate) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines() {
        if line == "-- " {
            out.push_str(if empty { "-- \n" } else { "\n-- \n" });
            empty = false;
            continue;
        }
        let line: String = line.chars().filter(|c| !super::is_hidden(*c)).collect();
        let line = line.trim_end();
        if line.is_empty() {
            if !empty {
                out.push('\n');
            }
            empty = true;
            continue;
        }
        empty = false;
        let indent = line.len() - line.trim_start_matches(' ').len();
        out.push_str(&fill(line, indent));
        out.push('\n');
    }
    let end = out.trim_end_matches('\n').len();
    out.truncate(end);
    out.push('\n');
    out
}
