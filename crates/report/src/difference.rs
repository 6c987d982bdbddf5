//! Where two policies differ on one archive: outcomes, rules, subsystems. Versions of one series
//! count once, as the last of them came out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use tidewaiter_engine::{Judged, Judgement};
use tidewaiter_policy::{Outcome, Severity};

use crate::{summary::word, width::one_line};

/// How many rules and subsystems are named.
const NAMED: usize = 12;

const COLUMNS: [&str; 5] = ["silent", "disclosure", "ask", "decline", "not-judged"];

/// Writes the tables, where a second policy judged.
pub(crate) fn difference(text: &mut String, all: &[Judged]) {
    let pairs: Vec<(&Judgement, &Judgement)> = last_versions(all)
        .filter_map(|judged| Some((judged.first()?, judged.against.as_ref()?)))
        .collect();
    if pairs.is_empty() {
        return;
    }
    outcomes(text, &pairs);
    let moved: Vec<(&Judgement, &Judgement)> =
        pairs.into_iter().filter(|(first, second)| first.outcome() != second.outcome()).collect();
    rules(text, &moved);
    subsystems(text, &moved);
}

/// The series without those that a newer version in the same archive replaces.
fn last_versions(all: &[Judged]) -> impl Iterator<Item = &Judged> {
    let known: BTreeSet<&str> =
        all.iter().filter_map(|judged| judged.series.id.as_ref()).map(|id| id.as_str()).collect();
    all.iter().filter(move |judged| {
        let newer = judged.series.superseded_by.as_ref();
        newer.is_none_or(|id| !known.contains(id.as_str()))
    })
}

fn outcomes(text: &mut String, pairs: &[(&Judgement, &Judgement)]) {
    let mut cells: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (first, second) in pairs {
        *cells.entry((told(second), told(first))).or_default() += 1;
    }
    let series = if pairs.len() == 1 { "series" } else { "series, each in its last version" };
    let _ = writeln!(text, "\n  {} {series}", pairs.len());
    let _ = write!(text, "  {:<16}", "second \\ first");
    for column in COLUMNS {
        let _ = write!(text, "{column:>12}");
    }
    text.push('\n');
    for row in COLUMNS {
        let cell = |column: &str| cells.get(&(row.to_owned(), column.to_owned())).copied();
        if COLUMNS.iter().all(|column| cell(column).is_none()) {
            continue;
        }
        let _ = write!(text, "  {row:<16}");
        for column in COLUMNS {
            let shown = cell(column).map_or_else(|| "-".to_owned(), |count| count.to_string());
            let _ = write!(text, "{shown:>12}");
        }
        text.push('\n');
    }
}

/// Rules that found more than a note under one policy only, in series that come out otherwise.
fn rules(text: &mut String, moved: &[(&Judgement, &Judgement)]) {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (first, second) in moved {
        let (first, second) = (rules_of(first), rules_of(second));
        for rule in first.difference(&second) {
            counts.entry(rule).or_default().0 += 1;
        }
        for rule in second.difference(&first) {
            counts.entry(rule).or_default().1 += 1;
        }
    }
    if counts.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n  Rules that make the difference (series)");
    let _ = writeln!(text, "  {:>8}{:>8}", "first", "second");
    let mut rows: Vec<(&str, (usize, usize))> = counts.into_iter().collect();
    rows.sort_by_key(|(rule, (first, second))| (std::cmp::Reverse(first + second), *rule));
    let shown = |count: usize| if count == 0 { "-".to_owned() } else { count.to_string() };
    for (rule, (first, second)) in rows.iter().take(NAMED) {
        let _ = writeln!(text, "  {:>8}{:>8}  {rule}", shown(*first), shown(*second));
    }
    more(text, rows.len());
}

fn rules_of(judgement: &Judgement) -> BTreeSet<&str> {
    let findings = judgement.assessment.iter().flat_map(|assessment| &assessment.findings);
    findings.filter(|f| f.severity > Severity::Note).map(|f| f.rule.as_str()).collect()
}

/// Which subsystems the series touch that come out otherwise; gentler or graver under the second.
fn subsystems(text: &mut String, moved: &[(&Judgement, &Judgement)]) {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (first, second) in moved {
        let assessment = first.assessment.as_ref().or(second.assessment.as_ref());
        let patches = assessment.into_iter().flat_map(|assessment| &assessment.patches);
        let names: BTreeSet<&str> =
            patches.flat_map(|patch| &patch.subsystems).map(String::as_str).collect();
        let graver = rank(second.outcome()) > rank(first.outcome());
        for name in names {
            let (gentler, grave) = counts.entry(name).or_default();
            *if graver { grave } else { gentler } += 1;
        }
    }
    if counts.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n  By subsystem: series that come out otherwise under the second");
    let _ = writeln!(text, "  {:>8}{:>8}", "gentler", "graver");
    let mut rows: Vec<(&str, (usize, usize))> = counts.into_iter().collect();
    rows.sort_by_key(|(name, (gentler, graver))| (std::cmp::Reverse(gentler + graver), *name));
    let shown = |count: usize| if count == 0 { "-".to_owned() } else { count.to_string() };
    for (name, (gentler, graver)) in rows.iter().take(NAMED) {
        let name = one_line(name);
        let _ = writeln!(text, "  {:>8}{:>8}  {name}", shown(*gentler), shown(*graver));
    }
    more(text, rows.len());
}

fn more(text: &mut String, rows: usize) {
    if rows > NAMED {
        let _ = writeln!(text, "  {:>16}  and {} more", "", rows - NAMED);
    }
}

/// What is not judged is the gentlest.
fn rank(outcome: Option<Outcome>) -> usize {
    outcome.map_or(0, |outcome| 1 + outcome as usize)
}

fn told(judgement: &Judgement) -> String {
    judgement.outcome().map_or_else(|| "not-judged".to_owned(), |outcome| word(&outcome))
}
