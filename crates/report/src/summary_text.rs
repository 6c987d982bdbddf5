//! The summary of a dry run, for people: 80 columns.

use std::{collections::BTreeMap, fmt::Write};

use jiff::{civil::Date, tz::TimeZone};
use tidewaiter_engine::{Context, Judged};
use tidewaiter_policy::{Outcome, Policy};
use unicode_width::UnicodeWidthStr;

use crate::{
    Summary,
    difference_text::difference_text,
    over_time::over_time,
    paint::paint,
    summary::word,
    width::{WIDTH, counted, cut, one_line, wrap, wrap_words},
};

/// How many series are named without being asked.
const NAMED: usize = 12;

/// What was asked of a dry run, as far as its summary says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// Values of a policy that were changed, key and value.
    pub set: &'a [(String, String)],
    /// Name every series in which something was found, however many there are.
    pub name_all: bool,
    /// Headings and outcomes in colour.
    pub colour: bool,
}

/// The summary as text, every line at most 80 columns wide.
#[must_use]
pub fn summary_text(
    summary: &Summary,
    context: &Context,
    all: &[Judged],
    asked: Asked<'_>,
) -> String {
    let mut text = String::new();
    head(&mut text, summary, all);
    policies(&mut text, summary, context, all, asked);
    outcomes(&mut text, summary);
    rules(&mut text, summary);
    replies(&mut text, summary);
    over_time(&mut text, all);
    against(&mut text, summary, context, asked);
    if let Some(difference) = &summary.difference {
        difference_text(&mut text, difference);
    }
    named(&mut text, all, asked);
    let text = text.lines().fold(String::new(), |mut out, line| {
        out.push_str(cut(line, WIDTH).trim_end());
        out.push('\n');
        out
    });
    if asked.colour { paint(&text) } else { text }
}

const ORDER: [(&str, &str); 4] = [
    ("decline", "the policy declines such a contribution"),
    ("ask", "the policy asks for something more"),
    ("disclosure", "AI use is stated, and nothing is asked"),
    ("silent", "nothing to say"),
];

fn head(text: &mut String, summary: &Summary, all: &[Judged]) {
    let megabytes = summary.bytes as f64 / 1e6;
    let seconds = summary.seconds.map(|s| format!(" in {s:.1} s")).unwrap_or_default();
    let mails = counted(summary.mails, "mail", "mails");
    let series = counted(summary.series, "series version", "series versions");
    let _ = writeln!(text, "{mails} ({megabytes:.1} MB){seconds}");
    if summary.interrupted {
        let _ = writeln!(text, "Not read to the end: this is what was read until then.");
    }
    if summary.unparsed > 0 {
        let unparsed = counted(summary.unparsed, "mail has", "mails have");
        let _ = writeln!(text, "{unparsed} no header that can be read.");
    }
    let _ = writeln!(text, "{series}{}", days(all));
}

/// From when to when series came.
fn days(all: &[Judged]) -> String {
    let day = |judged: &Judged| judged.series.first.to_zoned(TimeZone::UTC).date();
    let first: Option<Date> = all.iter().map(day).min();
    let last = all.iter().map(day).max();
    match (first, last) {
        (Some(first), Some(last)) if first == last => format!(" of {first}"),
        (Some(first), Some(last)) => format!(" from {first} to {last}"),
        _ => String::new(),
    }
}

/// `qemu-2025-06 (in force, text of 2025-06-24)`.
fn named_policy(policy: &Policy) -> String {
    let status = word(&policy.status).replace('-', " ");
    format!("{} ({status}, {})", policy.id, policy.dated())
}

/// Values that `--set` changed.
fn changes(text: &mut String, asked: Asked<'_>) {
    for (key, value) in asked.set {
        let _ = writeln!(text, "  with {} = {}", one_line(key), one_line(value));
    }
}

/// Which policies judged how many, and why the rest was not judged.
fn policies(
    text: &mut String,
    summary: &Summary,
    context: &Context,
    all: &[Judged],
    asked: Asked<'_>,
) {
    let mut judged: BTreeMap<&str, u64> = BTreeMap::new();
    for judgement in all.iter().flat_map(|j| &j.judgements) {
        if let (Some(policy), Some(_)) = (&judgement.policy, &judgement.assessment) {
            *judged.entry(policy).or_default() += 1;
        }
    }
    for policy in context.policies.iter().filter(|p| judged.contains_key(p.id.as_str())) {
        let count = judged.get(policy.id.as_str()).copied().unwrap_or(0);
        let _ = writeln!(text, "{count} judged under {}", named_policy(policy));
    }
    if context.against.is_none() {
        changes(text, asked);
    }
    if summary.series > 0 && judged.is_empty() {
        let _ = writeln!(text, "None was judged; `--policy ID` judges whatever the list is.");
    }
    let not: u64 = summary.by_not_judged.values().sum();
    if not > 0 {
        listed(text, "", "  ", &format!("{not} not judged"), &summary.by_not_judged);
    }
}

/// `label: 9 not-this-tree, 2 pull`, the largest first, wrapped between reasons.
fn listed(text: &mut String, first: &str, rest: &str, label: &str, counts: &BTreeMap<String, u64>) {
    let rows = largest_first(counts);
    let mut words = vec![if rows.is_empty() { label.to_owned() } else { format!("{label}:") }];
    for (at, (word, count)) in rows.iter().enumerate() {
        let comma = if at + 1 < rows.len() { "," } else { "" };
        words.push(format!("{count} {word}{comma}"));
    }
    wrap_words(text, first, rest, words.iter().map(String::as_str));
}

fn largest_first(counts: &BTreeMap<String, u64>) -> Vec<(&String, &u64)> {
    let mut rows: Vec<(&String, &u64)> = counts.iter().collect();
    rows.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    rows
}

fn outcomes(text: &mut String, summary: &Summary) {
    if summary.by_outcome.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "\nOutcomes ({} AI use, {} a tool's mark)",
        counted(summary.declared, "states", "state"),
        counted(summary.indicated, "carries", "carry")
    );
    for (outcome, meaning) in ORDER {
        let count = summary.by_outcome.get(outcome).copied().unwrap_or(0);
        let _ = writeln!(text, "{count:>7}  {outcome:<12}{meaning}");
    }
}

fn rules(text: &mut String, summary: &Summary) {
    if summary.by_rule.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nRules that spoke, by series");
    for (rule, count) in largest_first(&summary.by_rule) {
        let _ = writeln!(text, "{count:>7}  {rule}");
    }
}

fn replies(text: &mut String, summary: &Summary) {
    if summary.by_outcome.is_empty() {
        return;
    }
    let held: u64 = summary.by_held.values().sum();
    let _ = writeln!(text, "\nReplies");
    let _ = writeln!(text, "{:>7}  would be sent", summary.replies);
    if summary.digests > 0 {
        let digests = if summary.digests == 1 { "digest" } else { "digests" };
        let _ = writeln!(text, "{:>7}  {digests} would be sent", summary.digests);
    }
    let mut quiet = summary.by_silence.clone();
    quiet.remove("nothing-to-say");
    let unsent: u64 = quiet.values().sum();
    let rows = [(held, "held for a person", &summary.by_held), (unsent, "found, not sent", &quiet)];
    for (count, label, why) in rows.into_iter().filter(|(count, ..)| *count > 0) {
        listed(text, &format!("{count:>7}  "), "           ", label, why);
    }
}

/// What a second policy makes of the same series.
fn against(text: &mut String, summary: &Summary, context: &Context, asked: Asked<'_>) {
    let Some(second) = &context.against else { return };
    let _ = writeln!(text, "\nThe same series under {}", named_policy(second));
    changes(text, asked);
    let columns: Vec<&str> = ORDER.iter().map(|(o, _)| *o).chain(["not-judged"]).collect();
    let cell = |row: &str, column: &str| {
        summary.against.get(row).and_then(|cells| cells.get(column)).copied().unwrap_or(0)
    };
    let mut moved = BTreeMap::new();
    let mut count = 0;
    for (row, column) in columns.iter().flat_map(|r| columns.iter().map(move |c| (*r, *c))) {
        if row != column && cell(row, column) > 0 {
            count += cell(row, column);
            moved.insert(format!("from {row} to {column}"), cell(row, column));
        }
    }
    let verb = if count == 1 { "comes" } else { "come" };
    let label = format!("{count} of {} {verb} out otherwise", summary.series);
    listed(text, "  ", "    ", &label, &moved);
}

/// The series that something was found in, gravest first, in order of time.
fn named(text: &mut String, all: &[Judged], asked: Asked<'_>) {
    let mut found: Vec<(&Judged, Outcome)> = all
        .iter()
        .filter_map(|j| Some((j, j.first()?.outcome()?)))
        .filter(|(_, outcome)| *outcome > Outcome::Silent)
        .collect();
    found.sort_by_key(|(_, outcome)| std::cmp::Reverse(*outcome));
    if found.is_empty() {
        return;
    }
    if found.len() > NAMED && !asked.name_all {
        let hint = "-v names them, --jsonl FILE holds all that was found, \
                    `tidewaiter explain ID PATH` says why";
        text.push('\n');
        wrap(text, "", "", &format!("{} series have something found: {hint}", found.len()));
        return;
    }
    let _ = writeln!(text, "\nWhat was found (`tidewaiter explain ID PATH` says why)");
    for (judged, outcome) in found {
        let series = &judged.series;
        let label = format!("  {:<10}  {} ", word(&outcome), series.version);
        let title = one_line(&series.title);
        let _ = writeln!(text, "{label}{}", cut(&title, WIDTH.saturating_sub(label.width())));
        let id = series.id.as_ref().map_or("(no Message-ID)", |id| id.as_str());
        let _ = writeln!(text, "              {}", one_line(id));
    }
}
