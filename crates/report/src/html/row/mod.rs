//! One series as a row, and what it opens to.

mod shown;
mod view;

use std::collections::BTreeSet;

use tidewaiter_engine::{Context, Judged, Judgement};
use tidewaiter_policy::{Assessment, DeclaredForm, Finding, PatchAssessment, Policy};
use tidewaiter_reply::Reply;

pub(super) use self::view::Row;
use self::{
    shown::{Shown, TITLE, cut, mailbox},
    view::{FindingRow, JudgementRow, PatchRow, ReplyRow, Stated},
};
use super::{bins::day, compare::differs, mask::Mask};
use crate::{difference::told, explain::why_silent, summary::word};

/// How many patches with something stated or found, and how many others.
const PATCHES: usize = 12;
const OTHERS: usize = 6;
const FINDINGS: usize = 12;
/// How many declarations and marks of a patch, and subsystems.
const LINES: usize = 4;
const NAMES: usize = 5;

/// Makes rows.
pub(super) struct Rows<'a> {
    context: &'a Context,
    names: bool,
    lists: Vec<String>,
}

/// Whether a series has a row: something is stated, marked or found in it, or the policies
/// make different things of it.
pub(super) fn has_row(judged: &Judged) -> bool {
    let says = |judgement: &Judgement| {
        judgement
            .assessment
            .as_ref()
            .is_some_and(|a| a.declared || a.indicated || !a.findings.is_empty())
    };
    judged.judgements.iter().chain(&judged.against).any(says) || differs(judged)
}

impl<'a> Rows<'a> {
    pub(super) fn new(context: &'a Context, names: bool) -> Self {
        let lists = &context.config.lists;
        let lists = lists.iter().map(|list| list.reply.list.to_string()).collect();
        Self { context, names, lists }
    }

    fn shown(&self, judged: &Judged) -> Shown {
        let operator = &self.context.config.identity.operator;
        Shown { mask: (!self.names).then(|| Mask::new(judged, operator, &self.lists)) }
    }

    /// Its title, as its row shows it.
    pub(super) fn title(&self, judged: &Judged) -> String {
        self.shown(judged).title(&judged.series.title)
    }

    /// The row of a series.
    pub(super) fn row(&self, number: usize, judged: &Judged, newest: bool) -> Row {
        let shown = self.shown(judged);
        let series = &judged.series;
        let nothing = Judgement::default();
        let first = judged.first().unwrap_or(&nothing);
        let assessment = first.assessment.as_ref();
        let diffs = || series.patches.iter().filter_map(|part| part.mail.diff());
        let (patches, more_patches) =
            assessment.map_or_else(|| (Vec::new(), 0), |a| patch_rows(a, &shown));
        let own = judged.judgements.iter().map(|j| self.judgement(j, false, &shown));
        let second = judged.against.iter().map(|j| self.judgement(j, true, &shown));
        Row {
            number,
            date: day(series.first).to_string(),
            outcome: told(first),
            second: judged.against.as_ref().map(told),
            differs: differs(judged),
            newest,
            declared: assessment.is_some_and(|a| a.declared),
            indicated: assessment.is_some_and(|a| a.indicated),
            title: shown.title(&series.title),
            version: (series.version != tidewaiter_patch::Version::FIRST)
                .then(|| series.version.to_string()),
            rfc: series.rfc,
            total: series.total,
            received: series.received(),
            complete: series.complete(),
            added: diffs().fold(0, |sum: u32, diff| sum.saturating_add(diff.added)),
            removed: diffs().fold(0, |sum: u32, diff| sum.saturating_add(diff.removed)),
            id: series.id.as_ref().map(|id| shown.id(id.as_str())).unwrap_or_default(),
            author: series.author.as_ref().filter(|_| self.names).map(mailbox),
            lists: series.lists.iter().take(NAMES).map(|list| cut(list.as_str(), TITLE)).collect(),
            patches,
            more_patches,
            judgements: own.chain(second).collect(),
        }
    }

    fn judgement(&self, judgement: &Judgement, compared: bool, shown: &Shown) -> JudgementRow {
        let policy = judgement.policy.as_deref();
        let known = policy.and_then(|id| {
            let second = self.context.against.as_ref().filter(|_| compared);
            second.or_else(|| self.context.policy(id))
        });
        let empty = Vec::new();
        let findings = judgement.assessment.as_ref().map_or(&empty, |a| &a.findings);
        let mut told_rules = BTreeSet::new();
        let rows = findings.iter().take(FINDINGS).map(|finding| {
            let first = told_rules.insert(finding.rule.as_str());
            finding_row(finding, first, shown)
        });
        let why = judgement.not_judged.map(|why| match &judgement.why {
            Some(detail) => format!("{}: {}", word(&why), shown.words(detail)),
            None => word(&why),
        });
        JudgementRow {
            policy: policy.unwrap_or("no policy").to_owned(),
            dated: known.map(Policy::dated),
            list: judgement.list.as_ref().map(|list| list.as_str().to_owned()),
            outcome: told(judgement),
            not_judged: why,
            findings: rows.collect(),
            more_findings: findings.len().saturating_sub(FINDINGS),
            reply: judgement.reply.as_ref().map(|reply| ReplyRow {
                mode: judgement.mode.map(|mode| word(&mode)).unwrap_or_default(),
                ..reply_row(reply, known, shown)
            }),
            silence: judgement
                .silence
                .map(|silence| format!("{} ({})", why_silent(silence), word(&silence))),
            compared,
        }
    }
}

/// Patches in which something is stated or found come first.
fn patch_rows(assessment: &Assessment, shown: &Shown) -> (Vec<PatchRow>, usize) {
    let speaks = |patch: &&PatchAssessment| {
        !patch.declared.is_empty()
            || !patch.indicated.is_empty()
            || assessment.findings.iter().any(|f| f.patch == Some(patch.index))
    };
    let (first, others): (Vec<_>, Vec<_>) = assessment.patches.iter().partition(speaks);
    let rows: Vec<PatchRow> = first
        .iter()
        .take(PATCHES)
        .chain(others.iter().take(OTHERS))
        .map(|patch| patch_row(patch, shown))
        .collect();
    let more = assessment.patches.len().saturating_sub(rows.len());
    (rows, more)
}

fn patch_row(patch: &PatchAssessment, shown: &Shown) -> PatchRow {
    let declared = patch.declared.iter().take(LINES).map(|declared| Stated {
        mark: false,
        form: match declared.form {
            DeclaredForm::Tag => "the list's own tag",
            DeclaredForm::OtherTag => "another project's tag",
            DeclaredForm::Prose => "in a sentence",
        }
        .to_owned(),
        line: Some(declared.line),
        text: shown.words(&match &declared.key {
            Some(key) => format!("{key}: {}", declared.value),
            None => declared.value.clone(),
        }),
    });
    let marks = patch.indicated.iter().take(LINES).map(|mark| Stated {
        mark: true,
        form: word(&mark.form),
        line: mark.line,
        text: shown.words(&match &mark.key {
            Some(key) => format!("{key}: {}", mark.value),
            None => mark.value.clone(),
        }),
    });
    let mut names: Vec<&str> = patch.subsystems.iter().take(NAMES).map(String::as_str).collect();
    let left = patch.subsystems.len().saturating_sub(NAMES);
    let more = format!("{left} more");
    if left > 0 {
        names.push(&more);
    }
    PatchRow {
        index: patch.index,
        title: shown.title(&patch.title),
        added: patch.added,
        removed: patch.removed,
        counted: patch.counted,
        categories: patch.categories.join(", "),
        subsystems: names.join(", "),
        risk: word(&patch.risk),
        reasons: shown.words(&patch.reasons.join("; ")),
        stated: declared.chain(marks).collect(),
    }
}

fn finding_row(finding: &Finding, first: bool, shown: &Shown) -> FindingRow {
    // Both stand in the policy's file; nothing else becomes a link.
    let link = |url: &Option<String>| {
        url.clone()
            .filter(|url| first && (url.starts_with("https://") || url.starts_with("http://")))
    };
    FindingRow {
        rule: finding.rule.clone(),
        severity: word(&finding.severity),
        patch: finding.patch,
        line: finding.line,
        text: finding.text.as_ref().map(|text| shown.words(text)),
        rule_text: finding.rule_text.clone().filter(|_| first),
        rule_url: link(&finding.rule_url),
        reported_by: link(&finding.rule_reported_by),
        advice: if first { finding.advice.clone() } else { String::new() },
    }
}

fn reply_row(reply: &Reply, policy: Option<&Policy>, shown: &Shown) -> ReplyRow {
    ReplyRow {
        mode: String::new(),
        held: reply.held_by.map(|held| held.to_string()),
        to: shown.people(&reply.to),
        cc: shown.people(&reply.cc),
        subject: shown.whole(&reply.subject),
        body: shown.reply(&reply.body, policy),
    }
}
