//! The summary of a dry run, for people: 80 columns.

use std::{collections::BTreeMap, fmt::Write};

use tidewaiter_engine::{Context, Judged};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::{Summary, safe, summary::word};

const WIDTH: usize = 80;
/// How many series are named.
const NAMED: usize = 12;

/// The summary as text, every line at most 80 columns wide.
#[must_use]
pub fn summary_text(summary: &Summary, context: &Context, all: &[Judged]) -> String {
    let mut text = String::new();
    head(&mut text, summary);
    policies(&mut text, summary, context, all);
    table(&mut text, "Outcomes", &summary.by_outcome, &ORDER);
    table(&mut text, "Not judged", &summary.by_not_judged, &[]);
    table(&mut text, "Rules that spoke (series)", &summary.by_rule, &[]);
    replies(&mut text, summary);
    against(&mut text, summary, context);
    named(&mut text, all);
    text.lines().fold(String::new(), |mut out, line| {
        out.push_str(cut(line, WIDTH).trim_end());
        out.push('\n');
        out
    })
}

const ORDER: [&str; 4] = ["decline", "ask", "disclosure", "silent"];

fn head(text: &mut String, summary: &Summary) {
    let megabytes = summary.bytes as f64 / 1e6;
    let seconds = summary.seconds.map(|s| format!(" in {s:.1} s")).unwrap_or_default();
    let _ = writeln!(
        text,
        "{} mails ({megabytes:.1} MB), {} series versions{seconds}",
        summary.mails, summary.series
    );
    if summary.interrupted {
        let _ = writeln!(text, "Interrupted: this is what was read until then.");
    }
    if summary.unparsed > 0 {
        let _ = writeln!(text, "{} mails have no header that can be read.", summary.unparsed);
    }
}

/// Which policies judged, each with the date of its text and how many series.
fn policies(text: &mut String, summary: &Summary, context: &Context, all: &[Judged]) {
    let mut judged: BTreeMap<&str, u64> = BTreeMap::new();
    for judgement in all.iter().flat_map(|j| &j.judgements) {
        if let (Some(policy), Some(_)) = (&judgement.policy, &judgement.assessment) {
            *judged.entry(policy).or_default() += 1;
        }
    }
    for policy in context.policies.iter().filter(|p| judged.contains_key(p.id.as_str())) {
        let count = judged.get(policy.id.as_str()).copied().unwrap_or(0);
        let status = word(&policy.status);
        let _ = writeln!(
            text,
            "{count} judged under {} ({status}, text of {})",
            policy.id, policy.date
        );
    }
    if summary.series > 0 && judged.is_empty() {
        let _ = writeln!(text, "None was judged; `--policy ID` judges whatever the list is.");
    }
}

/// Rows of a count and a word, in the given order first, then the largest first.
fn table(text: &mut String, title: &str, counts: &BTreeMap<String, u64>, order: &[&str]) {
    if counts.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}");
    let rank = |word: &str| order.iter().position(|o| *o == word).unwrap_or(order.len());
    let mut rows: Vec<(&String, &u64)> = counts.iter().collect();
    rows.sort_by(|a, b| (rank(a.0), b.1, a.0).cmp(&(rank(b.0), a.1, b.0)));
    for (word, count) in rows {
        let _ = writeln!(text, "{count:>7}  {word}");
    }
}

fn replies(text: &mut String, summary: &Summary) {
    let held: u64 = summary.by_held.values().sum();
    let _ = writeln!(text, "\nReplies: {} would be sent, {held} held", summary.replies);
    let quiet = summary.by_silence.iter().filter(|(word, _)| *word != "nothing-to-say");
    for (word, count) in summary.by_held.iter().chain(quiet) {
        let _ = writeln!(text, "{count:>7}  {word}");
    }
}

/// What a second policy makes of the same series.
fn against(text: &mut String, summary: &Summary, context: &Context) {
    let Some(second) = &context.against else { return };
    let columns: Vec<&str> = ORDER.iter().rev().copied().chain(["not-judged"]).collect();
    let _ = writeln!(text, "\nUnder {} (across), by what the first makes of it (down)", second.id);
    let _ = write!(text, "{:>12}", "");
    for column in &columns {
        let _ = write!(text, "{column:>12}");
    }
    text.push('\n');
    for row in &columns {
        let Some(cells) = summary.against.get(*row) else { continue };
        let _ = write!(text, "{row:>12}");
        for column in &columns {
            let _ = write!(text, "{:>12}", cells.get(*column).copied().unwrap_or(0));
        }
        text.push('\n');
    }
}

/// The series that something was found in, gravest first, in order of time.
fn named(text: &mut String, all: &[Judged]) {
    let mut found: Vec<(&Judged, _)> = all
        .iter()
        .filter_map(|j| Some((j, j.first()?.outcome()?)))
        .filter(|(_, outcome)| *outcome > tidewaiter_policy::Outcome::Silent)
        .collect();
    found.sort_by_key(|(_, outcome)| std::cmp::Reverse(*outcome));
    if found.is_empty() {
        return;
    }
    let _ = writeln!(text, "\nWhat was found (`tidewaiter explain ID PATH` tells why)");
    for (judged, outcome) in found.iter().take(NAMED) {
        let series = &judged.series;
        let title = safe(&series.title).to_string();
        let label = format!("  {:<10} {} ", word(outcome), series.version);
        let _ = writeln!(text, "{label}{}", cut(&title, WIDTH - label.width()));
        let id = series.id.as_ref().map_or("(no Message-ID)", |id| id.as_str());
        let _ = writeln!(text, "             {}", safe(id));
    }
    if found.len() > NAMED {
        let _ = writeln!(text, "  and {} more (see --jsonl)", found.len() - NAMED);
    }
}

/// Cuts a line at a display width, with an ellipsis.
fn cut(line: &str, width: usize) -> String {
    if line.width() <= width {
        return line.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in line.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}
