//! The top of the page: what was read, under which policies, and the main numbers.

use jiff::civil::Date;
use serde::Serialize;
use tidewaiter_engine::{Context, Judged};
use tidewaiter_policy::Policy;

use super::{HtmlAsked, bins::day, chosen::Chosen, figure::Table};
use crate::{Summary, summary::word, width::counted};

/// Named values.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Fact {
    name: String,
    values: Vec<String>,
}

/// A policy that judged.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PolicyFacts {
    id: String,
    title: String,
    status: String,
    dated: String,
    checked: Option<String>,
    url: Option<String>,
    judged: usize,
    compared: bool,
}

/// One of the main numbers.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Number {
    value: String,
    name: String,
}

/// From when to when series came.
pub(super) fn span(all: &[Judged]) -> Option<(Date, Date)> {
    let days = || all.iter().map(|judged| day(judged.series.first));
    Some((days().min()?, days().max()?))
}

/// What was read.
pub(super) fn read(summary: &Summary, all: &[Judged], asked: &HtmlAsked<'_>) -> Vec<Fact> {
    let facts = |name: &str, values: Vec<String>| Fact { name: name.to_owned(), values };
    let fact = |name: &str, value: String| facts(name, vec![value]);
    let megabytes = summary.bytes as f64 / 1e6;
    let mut all_facts = vec![
        facts("Archives", asked.read.to_vec()),
        fact("Mails", format!("{} ({megabytes:.1} MB)", summary.mails)),
    ];
    if summary.unparsed > 0 {
        let unparsed = counted(summary.unparsed, "mail has", "mails have");
        all_facts.push(fact("Not read", format!("{unparsed} no header that can be read")));
    }
    if summary.interrupted {
        let text = "The archives were not read to the end: this is what was read until then.";
        all_facts.push(fact("Interrupted", text.to_owned()));
    }
    let versions = counted(summary.series, "series version", "series versions");
    let span = span(all).map(|(first, last)| format!(", first mails from {first} to {last}"));
    all_facts.push(fact("Series", format!("{versions}{}", span.unwrap_or_default())));
    if !asked.options.is_empty() {
        all_facts.push(facts("Options", asked.options.to_vec()));
    }
    all_facts.push(fact("Program", asked.program.to_owned()));
    all_facts
}

/// The policies that judged something, then the second one.
pub(super) fn policies(context: &Context, all: &[Judged]) -> Vec<PolicyFacts> {
    let judged_by = |policy: &Policy, second: bool| {
        let judged = all.iter().filter(|judged| {
            let mut judgements: Box<dyn Iterator<Item = _>> = if second {
                Box::new(judged.against.iter())
            } else {
                Box::new(judged.judgements.iter())
            };
            judgements.any(|j| j.assessment.is_some() && j.policy.as_deref() == Some(&policy.id))
        });
        judged.count()
    };
    let facts = |policy: &Policy, compared: bool| PolicyFacts {
        id: policy.id.clone(),
        title: policy.title.clone(),
        status: word(&policy.status).replace('-', " "),
        dated: policy.dated(),
        checked: policy.checked.map(|date| date.to_string()),
        url: policy.url.clone().filter(|u| u.starts_with("https://") || u.starts_with("http://")),
        judged: judged_by(policy, compared),
        compared,
    };
    let own = context.policies.iter().map(|policy| facts(policy, false));
    let asked = context.overrides.policy.as_deref();
    let own = own.filter(|policy| policy.judged > 0 || Some(policy.id.as_str()) == asked);
    own.chain(context.against.iter().map(|policy| facts(policy, true))).collect()
}

/// The main numbers, of series that count once.
pub(super) fn numbers(summary: &Summary, series: &[Chosen<'_>], others: usize) -> Vec<Number> {
    let number =
        |value: usize, name: &str| Number { value: value.to_string(), name: name.to_owned() };
    let declared = series.iter().filter(|one| one.assessment.declared).count();
    let marks =
        series.iter().filter(|one| one.assessment.indicated && !one.assessment.declared).count();
    let replies = usize::try_from(summary.replies).unwrap_or(usize::MAX);
    vec![
        number(series.len() + others, "series, versions counted once"),
        number(series.len(), "of them judged"),
        number(declared, "state AI use"),
        number(marks, "carry a tool's mark and state nothing"),
        number(replies, "replies that would be sent"),
    ]
}

/// What would be sent, what not, and what was not judged, by series version.
pub(super) fn said(summary: &Summary) -> Table {
    let row = |what: String, count: u64| vec![what, count.to_string()];
    let mut rows = vec![row("a reply would be sent".to_owned(), summary.replies)];
    let mut add = |label: &str, counts: &std::collections::BTreeMap<String, u64>| {
        rows.extend(counts.iter().map(|(why, count)| row(format!("{label}: {why}"), *count)));
    };
    add("held for a person", &summary.by_held);
    add("no reply", &summary.by_silence);
    add("not judged", &summary.by_not_judged);
    Table::new("what-would-be-sent", &["what", "series versions"], rows)
}
