//! Two policies side by side.

use std::collections::BTreeMap;

use tidewaiter_engine::{Judged, Judgement};

use super::{
    figure::{Figure, Key, Table},
    plot::{self, Bar, FIRST, SECOND},
};
use crate::difference::{COLUMNS, rank, rules_of, told};

/// A series with what each policy makes of it.
pub(super) type Pair<'a> = (&'a Judged, &'a Judgement, &'a Judgement);

/// The series that both policies looked at.
pub(super) fn pairs<'a>(series: impl Iterator<Item = &'a Judged>) -> Vec<Pair<'a>> {
    series.filter_map(|judged| Some((judged, judged.first()?, judged.against.as_ref()?))).collect()
}

/// Whether the policies make something else of it.
pub(super) fn differs(judged: &Judged) -> bool {
    match (judged.first(), &judged.against) {
        (Some(first), Some(second)) => first.outcome() != second.outcome(),
        _ => false,
    }
}

/// How many series come out how under each.
pub(super) fn outcomes(pairs: &[Pair<'_>], first: &str, second: &str) -> Figure {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (_, one, other) in pairs {
        counts.entry(told(one)).or_default().0 += 1;
        counts.entry(told(other)).or_default().1 += 1;
    }
    let count = |word: &str| counts.get(word).copied().unwrap_or_default();
    let mut bars = Vec::new();
    for word in ["decline", "ask", "disclosure"] {
        let (one, other) = count(word);
        for (value, colour, mark) in [(one, FIRST, "A"), (other, SECOND, "B")] {
            bars.push(Bar {
                label: format!("{word}, {mark}"),
                value,
                text: value.to_string(),
                colour,
            });
        }
    }
    let rows = COLUMNS.iter().rev().map(|word| {
        let (one, other) = count(word);
        vec![(*word).to_owned(), one.to_string(), other.to_string()]
    });
    let title = "Outcomes under each policy".to_owned();
    let says = "Pairs of bars, one pair an outcome. The numbers are in the table below.";
    let any = bars.iter().any(|bar| bar.value > 0);
    Figure {
        id: "both",
        lead: format!("A is {first}, B is {second}."),
        svg: any.then(|| plot::bars(("both", &title, says), &bars)).flatten(),
        legend: vec![
            Key { class: "k1", text: format!("A: {first}") },
            Key { class: "k2", text: format!("B: {second}") },
        ],
        note: None,
        table: Table::new("two-policies", &["outcome", first, second], rows.collect()),
        title,
    }
}

/// From which outcome to which, the first policy across, the second down.
pub(super) fn matrix(pairs: &[Pair<'_>], first: &str, second: &str) -> Figure {
    let mut cells: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (_, one, other) in pairs {
        *cells.entry((told(other), told(one))).or_default() += 1;
    }
    let cell = |row: &str, column: &str| {
        cells.get(&(row.to_owned(), column.to_owned())).copied().unwrap_or(0)
    };
    let rows = COLUMNS.iter().filter(|row| COLUMNS.iter().any(|column| cell(row, column) > 0));
    let rows = rows.map(|row| {
        let counts = COLUMNS.iter().map(|column| match cell(row, column) {
            0 => "–".to_owned(),
            count => count.to_string(),
        });
        std::iter::once(format!("B: {row}")).chain(counts).collect()
    });
    let columns: Vec<String> = COLUMNS.iter().map(|column| format!("A: {column}")).collect();
    let header: Vec<&str> =
        std::iter::once("series").chain(columns.iter().map(String::as_str)).collect();
    Figure {
        id: "matrix",
        title: "From one to the other".to_owned(),
        lead: format!("Across: A, {first}. Down: B, {second}."),
        svg: None,
        legend: Vec::new(),
        note: None,
        table: Table::new("from-one-to-the-other", &header, rows.collect()),
    }
}

/// Rules that found more than a note under one policy only, in series that come out otherwise.
pub(super) fn rules(pairs: &[Pair<'_>], first: &str, second: &str) -> Figure {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (_, one, other) in pairs.iter().filter(|(judged, ..)| differs(judged)) {
        let (one, other) = (rules_of(one), rules_of(other));
        for rule in one.difference(&other) {
            counts.entry(rule).or_default().0 += 1;
        }
        for rule in other.difference(&one) {
            counts.entry(rule).or_default().1 += 1;
        }
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(rule, (one, other))| (std::cmp::Reverse(one + other), *rule));
    let cells = rows
        .iter()
        .map(|(rule, (one, other))| vec![(*rule).to_owned(), one.to_string(), other.to_string()]);
    Figure {
        id: "difference",
        title: "Rules that make the difference".to_owned(),
        lead: "In series that come out otherwise: rules that ask for something or decline under \
               one policy only."
            .to_owned(),
        svg: None,
        legend: Vec::new(),
        note: rows.is_empty().then(|| "None.".to_owned()),
        table: Table::new(
            "rules-that-differ",
            &["rule", &format!("A: {first}"), &format!("B: {second}")],
            cells.collect(),
        ),
    }
}

/// How much graver the second policy is; gentler is below 0.
pub(super) fn graver(first: &Judgement, second: &Judgement) -> i64 {
    let rank = |judgement: &Judgement| i64::try_from(rank(judgement.outcome())).unwrap_or(0);
    rank(second) - rank(first)
}
