//! What was told of a series, so that nothing is told twice of its versions.

use tidewaiter_mail::MessageId;
use tidewaiter_patch::Series;
use tidewaiter_policy::Finding;

use crate::{Judgement, State};

/// What one project was told of a series and the versions before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told(Vec<Said>);

/// What was said at once.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// The mail that says it, which may never go out; `None` for what a digest says.
    pub(crate) reply: Option<MessageId>,
    /// Findings.
    pub(crate) findings: Vec<ToldFinding>,
    /// What tags, sentences and marks say.
    pub(crate) lines: Vec<String>,
}

impl Told {
    /// Adds what is said now.
    pub(crate) fn push(&mut self, said: Said) {
        if !said.findings.is_empty() || !said.lines.is_empty() {
            self.0.push(said);
        }
    }

    /// What went out, as far as it is known.
    fn said<'t>(&'t self, state: &'t State) -> impl Iterator<Item = &'t Said> {
        let unsaid = |said: &Said| said.reply.as_ref().is_some_and(|id| state.unsaid.contains(id));
        self.0.iter().filter(move |said| !unsaid(said))
    }

    /// The findings of mails that went out.
    pub(crate) fn findings<'t>(&'t self, state: &'t State) -> Vec<&'t ToldFinding> {
        self.said(state).flat_map(|said| &said.findings).collect()
    }

    /// What tags, sentences and marks say, in mails that went out or kept for a digest.
    pub(crate) fn lines(&self, state: &State) -> Vec<String> {
        self.said(state).flat_map(|said| &said.lines).cloned().collect()
    }
}

/// One finding as two versions of a series share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToldFinding {
    rule: String,
    title: Option<String>,
    text: Option<String>,
}

/// A reply went out, or may have: what it says is told.
pub(crate) fn sent(state: &mut State, reply: &MessageId) {
    state.unsaid.remove(reply);
}

/// A reply does not go out by itself, or not at all: what it says is news to the next version.
pub(crate) fn unsaid(state: &mut State, reply: &MessageId) {
    state.unsaid.insert(reply.clone());
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
