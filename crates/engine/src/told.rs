//! What was told of a series, so that nothing is told twice of its versions.

use std::collections::BTreeMap;

use tidewaiter_mail::MessageId;
use tidewaiter_patch::Series;
use tidewaiter_policy::Finding;

use crate::{Judgement, State};

/// What one project was told of a series and the versions before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Findings, in mails.
    pub(crate) findings: Vec<ToldFinding>,
    /// What tags, sentences and marks say, in mails or kept for a digest.
    pub(crate) lines: Vec<String>,
}

/// One finding as two versions of a series share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToldFinding {
    rule: String,
    title: Option<String>,
    text: Option<String>,
}

/// What a reply tells that waits for a person.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// The place of its series' decision.
    pub(crate) decision: usize,
    /// The project that it is for.
    pub(crate) project: String,
    /// Its findings.
    pub(crate) findings: Vec<ToldFinding>,
}

/// A reply went out. Where it waited for a person, its findings are told from now on.
pub(crate) fn sent(state: &mut State, reply: &MessageId) {
    let Some(held) = state.held.remove(reply) else { return };
    let decision = state.decisions.get_mut(held.decision);
    if let Some(told) = decision.and_then(|decision| decision.told.get_mut(&held.project)) {
        told.findings.extend(held.findings);
    }
}

/// What each project was told of the version before.
pub(crate) fn before(state: &State, series: &Series) -> BTreeMap<String, Told> {
    let before = series.supersedes.as_ref().and_then(|id| state.assembler.key_of(id));
    let decision = before.and_then(|key| state.decision_of(key));
    decision.map_or_else(BTreeMap::new, |decision| decision.told.clone())
}

/// A judgement's findings as versions share them.
pub(crate) fn findings(series: &Series, judgement: &Judgement) -> Vec<ToldFinding> {
    let findings = judgement.assessment.iter().flat_map(|a| &a.findings);
    findings.map(|found| finding(series, found)).collect()
}

/// A finding as versions share it.
pub(crate) fn finding(series: &Series, finding: &Finding) -> ToldFinding {
    let part = series.patches.iter().find(|part| Some(part.index) == finding.patch);
    ToldFinding {
        rule: finding.rule.clone(),
        title: part.map(|part| part.mail.header.title.to_lowercase()),
        text: finding.text.clone(),
    }
}
