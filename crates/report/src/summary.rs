//! What a dry run comes to: the last line of `--jsonl`, and the summary for people.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_engine::{Judged, Judgement};

use crate::{Difference, record::RecordType};

/// The counts of a dry run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// Always `summary`.
    #[serde(rename = "type")]
    pub record: RecordType,
    /// Mails read.
    pub mails: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Mails in which no header could be read.
    pub unparsed: u64,
    /// Mails by kind.
    pub mails_by_kind: BTreeMap<String, u64>,
    /// Series versions.
    pub series: u64,
    /// Series versions by kind: `patch`, `pull`, `stable`.
    pub by_kind: BTreeMap<String, u64>,
    /// Judged series versions by outcome.
    pub by_outcome: BTreeMap<String, u64>,
    /// Series versions that are not judged, by reason.
    pub by_not_judged: BTreeMap<String, u64>,
    /// Series versions that each rule spoke of.
    pub by_rule: BTreeMap<String, u64>,
    /// Series versions in which something is declared.
    pub declared: u64,
    /// Series versions with a mark.
    pub indicated: u64,
    /// Replies that would be sent.
    pub replies: u64,
    /// Digests that would be sent.
    #[serde(skip_serializing_if = "is_zero")]
    pub digests: u64,
    /// Replies that would be held, by reason.
    pub by_held: BTreeMap<String, u64>,
    /// Judged series versions of which nothing is sent, by reason.
    pub by_silence: BTreeMap<String, u64>,
    /// With `--against`: outcome under the first policy, then under the second.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub against: BTreeMap<String, BTreeMap<String, u64>>,
    /// With `--against`: where the two differ, versions of one series counted once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// How long it took; a caller with a clock fills it in.
    pub seconds: Option<f64>,
    /// The archive was not read to its end.
    pub interrupted: bool,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            record: RecordType::Summary,
            mails: 0,
            bytes: 0,
            unparsed: 0,
            mails_by_kind: BTreeMap::new(),
            series: 0,
            by_kind: BTreeMap::new(),
            by_outcome: BTreeMap::new(),
            by_not_judged: BTreeMap::new(),
            by_rule: BTreeMap::new(),
            declared: 0,
            indicated: 0,
            replies: 0,
            digests: 0,
            by_held: BTreeMap::new(),
            by_silence: BTreeMap::new(),
            against: BTreeMap::new(),
            difference: None,
            seconds: None,
            interrupted: false,
        }
    }
}

impl Summary {
    /// Counts one mail.
    pub fn mail(&mut self, bytes: usize, kind: tidewaiter_patch::Kind) {
        self.mails += 1;
        self.bytes += bytes as u64;
        self.unparsed += u64::from(kind == tidewaiter_patch::Kind::Unparsed);
        count(&mut self.mails_by_kind, &kind);
    }

    /// Counts one series.
    pub fn series(&mut self, judged: &Judged) {
        self.series += 1;
        count(&mut self.by_kind, &judged.series.kind);
        let Some(first) = judged.first() else { return };
        if let Some(why) = &first.not_judged {
            count(&mut self.by_not_judged, why);
        }
        if let Some(assessment) = &first.assessment {
            count(&mut self.by_outcome, &assessment.outcome);
            self.declared += u64::from(assessment.declared);
            self.indicated += u64::from(assessment.indicated);
            let mut rules: Vec<&str> =
                assessment.findings.iter().map(|f| f.rule.as_str()).collect();
            rules.sort_unstable();
            rules.dedup();
            for rule in rules {
                *self.by_rule.entry(rule.to_owned()).or_default() += 1;
            }
        }
        for judgement in &judged.judgements {
            match judgement.reply.as_ref().map(|reply| reply.held_by) {
                Some(Some(held)) => count(&mut self.by_held, &held),
                Some(None) => self.replies += 1,
                None => {}
            }
        }
        if let Some(silence) = &first.silence {
            count(&mut self.by_silence, silence);
        }
        if let Some(second) = &judged.against {
            let row = self.against.entry(word_for(first)).or_default();
            *row.entry(word_for(second)).or_default() += 1;
        }
    }
}

pub(crate) fn word_for(judgement: &Judgement) -> String {
    match judgement.outcome() {
        Some(outcome) => word(&outcome),
        None => "not-judged".to_owned(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn count(counts: &mut BTreeMap<String, u64>, key: &impl Serialize) {
    *counts.entry(word(key)).or_default() += 1;
}

/// The word that a unit variant is written as in JSON.
pub(crate) fn word(key: &impl Serialize) -> String {
    let value = serde_json::to_value(key).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
