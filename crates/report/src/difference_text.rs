//! The difference of two policies as tables for people.

use std::{collections::BTreeMap, fmt::Write};

use crate::{Difference, difference::COLUMNS, width::one_line};

/// How many rules and subsystems are named.
const NAMED: usize = 12;

/// Writes the tables.
pub(crate) fn difference_text(text: &mut String, found: &Difference) {
    outcomes(text, found);
    let rules = found.rules.iter().map(|(rule, by)| (rule, (by.first, by.second)));
    let heads = ["Rules that make the difference (series)", "first", "second"];
    counts(text, heads, rules.collect());
    let moved = found.subsystems.iter().map(|(name, by)| (name, (by.gentler, by.graver)));
    let heads =
        ["By subsystem: series that come out otherwise under the second", "gentler", "graver"];
    counts(text, heads, moved.collect());
}

fn outcomes(text: &mut String, found: &Difference) {
    let series =
        if found.series == 1 { "series" } else { "series, each in its last judged version" };
    let _ = writeln!(text, "\n  {} {series}", found.series);
    let _ = write!(text, "  {:<16}", "second \\ first");
    for column in COLUMNS {
        let _ = write!(text, "{column:>12}");
    }
    text.push('\n');
    for row in COLUMNS {
        let cell = |column: &str| found.outcomes.get(column).and_then(|cells| cells.get(row));
        if COLUMNS.iter().all(|column| cell(column).is_none()) {
            continue;
        }
        let _ = write!(text, "  {row:<16}");
        for column in COLUMNS {
            let shown = cell(column).map_or_else(|| "-".to_owned(), u64::to_string);
            let _ = write!(text, "{shown:>12}");
        }
        text.push('\n');
    }
}

/// Names with two counts each, the largest first.
fn counts(text: &mut String, heads: [&str; 3], counts: BTreeMap<&String, (u64, u64)>) {
    if counts.is_empty() {
        return;
    }
    let [head, first, second] = heads;
    let _ = writeln!(text, "\n  {head}");
    let _ = writeln!(text, "  {first:>8}{second:>8}");
    let mut rows: Vec<(&String, (u64, u64))> = counts.into_iter().collect();
    rows.sort_by_key(|(name, (first, second))| (std::cmp::Reverse(first + second), *name));
    let shown = |count: u64| if count == 0 { "-".to_owned() } else { count.to_string() };
    for (name, (first, second)) in rows.iter().take(NAMED) {
        let _ = writeln!(text, "  {:>8}{:>8}  {}", shown(*first), shown(*second), one_line(name));
    }
    if rows.len() > NAMED {
        let _ = writeln!(text, "  {:>16}  and {} more", "", rows.len() - NAMED);
    }
}
