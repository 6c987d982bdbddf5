//! What the answer to one person who asked says.

use serde::Serialize;
use tidewaiter_patch::{Series, Version};
use tidewaiter_policy::{Assessment, Outcome, Severity};

use super::{Limits, Policy, PolicyView, Stated, entries, quotes, who};
use crate::text::{self, numbers};

/// What the template sees.
#[derive(Debug, Serialize)]
pub(crate) struct WhyView {
    pub(crate) outcome: Outcome,
    pub(crate) list: String,
    pub(crate) operator: String,
    pub(crate) policy: Policy,
    /// The series' version, such as `v2`; empty for the first.
    pub(crate) version: String,
    /// Patches that came, of so many.
    pub(crate) patches: u32,
    pub(crate) total: u32,
    /// Answers in the thread.
    pub(crate) answers: usize,
    /// It was judged.
    pub(crate) judged: bool,
    /// Who states what; none where nobody does.
    pub(crate) stated: Option<Stated>,
    pub(crate) rules: Vec<Spoke>,
    pub(crate) more_rules: usize,
    /// Something is the author's business alone, and another asked.
    pub(crate) left_out: bool,
    /// What came of it: one sentence of our own.
    pub(crate) decided: String,
}

/// A rule that spoke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Spoke {
    pub(crate) rule: String,
    /// `patch 2`, `patches 2 and 3`; `the series` where it is about no single one.
    pub(crate) patches: String,
    /// `notes`, `asks` or `declines`.
    pub(crate) says: &'static str,
}

/// What an answer is made from.
pub(crate) struct Answer<'a> {
    pub(crate) series: &'a Series,
    pub(crate) assessment: Option<&'a Assessment>,
    pub(crate) policy: &'a PolicyView<'a>,
    pub(crate) list: &'a str,
    pub(crate) operator: String,
    /// The author asked.
    pub(crate) author: bool,
    pub(crate) decided: &'a str,
}

impl WhyView {
    pub(crate) fn new(answer: &Answer<'_>, limits: Limits) -> Self {
        let series = answer.series;
        let first = series.version == Version::FIRST;
        let public = answer.assessment.map(public).filter(|_| !answer.author);
        let left_out = public.as_ref().is_some_and(|(_, left_out)| *left_out);
        let assessment = public.as_ref().map(|(public, _)| public).or(answer.assessment);
        let mut rules = assessment.map(spoke).unwrap_or_default();
        let numbered = who::is_numbered(series);
        if !numbered {
            rules.iter_mut().for_each(|rule| rule.patches = "the patch".to_owned());
        }
        let more_rules = rules.len().saturating_sub(limits.entries);
        rules.truncate(limits.entries);
        let stated =
            assessment.and_then(|a| entries::stated(series, a, answer.policy, limits.entries));
        let quotes = assessment.map(|a| quotes(a, answer.policy, limits.sentences));
        Self {
            outcome: answer.assessment.map_or(Outcome::Silent, |a| a.outcome),
            list: text::stripped(answer.list),
            operator: answer.operator.clone(),
            policy: Policy::new(answer.policy, quotes.unwrap_or_default()),
            version: if first { String::new() } else { series.version.to_string() },
            patches: series.received(),
            total: series.total,
            answers: series.comments.len(),
            judged: answer.assessment.is_some(),
            stated,
            rules,
            more_rules,
            left_out,
            decided: text::stripped(answer.decided),
        }
    }
}

/// What others than the author may be told, and whether that is not all: neither marks alone, which
/// can be false, nor tags that got lost.
fn public(assessment: &Assessment) -> (Assessment, bool) {
    let mut public = assessment.clone();
    public.findings.retain(|finding| finding.before.is_none());
    if !public.declared {
        public.findings.clear();
        public.patches.iter_mut().for_each(|patch| patch.indicated.clear());
    }
    let left_out = public != *assessment;
    (public, left_out)
}

/// The rules that spoke, gravest first, each once with its patches.
fn spoke(assessment: &Assessment) -> Vec<Spoke> {
    let mut found: Vec<(Severity, &str, Vec<u32>)> = Vec::new();
    for finding in &assessment.findings {
        let same = |(severity, rule, _): &&mut (Severity, &str, Vec<u32>)| {
            *severity == finding.severity && *rule == finding.rule
        };
        match found.iter_mut().find(same) {
            Some((_, _, patches)) => patches.extend(finding.patch),
            None => {
                let patches = finding.patch.into_iter().collect();
                found.push((finding.severity, &finding.rule, patches));
            }
        }
    }
    found.sort_by_key(|(severity, ..)| std::cmp::Reverse(*severity));
    let spoke = |(severity, rule, mut patches): (Severity, &str, Vec<u32>)| {
        patches.sort_unstable();
        patches.dedup();
        Spoke {
            rule: text::stripped(rule),
            patches: match patches.as_slice() {
                [] => "the series".to_owned(),
                [one] => format!("patch {one}"),
                many => format!("patches {}", numbers(many, 6)),
            },
            says: match severity {
                Severity::Note => "notes",
                Severity::Ask => "asks",
                Severity::Decline => "declines",
            },
        }
    };
    found.into_iter().map(spoke).collect()
}
