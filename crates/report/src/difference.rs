//! Where two policies differ on one archive: outcomes, rules, subsystems. Versions of one series
//! count once, as the last that was judged came out.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_engine::{Judged, Judgement};
use tidewaiter_policy::{Outcome, Severity};

pub(crate) use crate::summary::word_for as told;
use crate::versions;

/// The outcomes, from the gentlest on.
pub(crate) const COLUMNS: [&str; 5] = ["silent", "disclosure", "ask", "decline", "not-judged"];

/// Where two policies differ on one archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// Series that both looked at, each in its last judged version.
    pub series: u64,
    /// Of these, by outcome under the first policy, then under the second.
    pub outcomes: BTreeMap<String, BTreeMap<String, u64>>,
    /// Rules that found more than a note under one policy only, in series that come out otherwise.
    pub rules: BTreeMap<String, ByPolicy>,
    /// The subsystems that such series touch.
    pub subsystems: BTreeMap<String, Moved>,
}

/// Series in which a rule spoke under one policy only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ByPolicy {
    /// Under the first.
    pub first: u64,
    /// Under the second.
    pub second: u64,
}

/// Series that come out otherwise under the second policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Moved {
    /// Gentler than under the first.
    pub gentler: u64,
    /// Graver than under the first.
    pub graver: u64,
}

impl Difference {
    /// `None` where no second policy judged.
    #[must_use]
    pub fn of(all: &[Judged]) -> Option<Self> {
        let mut found = Self::default();
        for judged in last_versions(all) {
            let (Some(first), Some(second)) = (judged.first(), judged.against.as_ref()) else {
                continue;
            };
            found.series += 1;
            let row = found.outcomes.entry(told(first)).or_default();
            *row.entry(told(second)).or_default() += 1;
            if first.outcome() != second.outcome() {
                found.count_rules(first, second);
                found.count_subsystems(first, second);
            }
        }
        (found.series > 0).then_some(found)
    }

    fn count_rules(&mut self, first: &Judgement, second: &Judgement) {
        let (first, second) = (rules_of(first), rules_of(second));
        for rule in first.difference(&second) {
            self.rules.entry((*rule).to_owned()).or_default().first += 1;
        }
        for rule in second.difference(&first) {
            self.rules.entry((*rule).to_owned()).or_default().second += 1;
        }
    }

    fn count_subsystems(&mut self, first: &Judgement, second: &Judgement) {
        let assessment = first.assessment.as_ref().or(second.assessment.as_ref());
        let patches = assessment.into_iter().flat_map(|assessment| &assessment.patches);
        let names: BTreeSet<&str> =
            patches.flat_map(|patch| &patch.subsystems).map(String::as_str).collect();
        let graver = rank(second.outcome()) > rank(first.outcome());
        for name in names {
            let moved = self.subsystems.entry(name.to_owned()).or_default();
            *if graver { &mut moved.graver } else { &mut moved.gentler } += 1;
        }
    }
}

/// The series without those of which another version counts.
pub(crate) fn last_versions(all: &[Judged]) -> impl Iterator<Item = &Judged> {
    all.iter().zip(versions::counting(all)).filter(|(_, counts)| *counts).map(|(judged, _)| judged)
}

pub(crate) fn rules_of(judgement: &Judgement) -> BTreeSet<&str> {
    let findings = judgement.assessment.iter().flat_map(|assessment| &assessment.findings);
    findings.filter(|f| f.severity > Severity::Note).map(|f| f.rule.as_str()).collect()
}

/// What is not judged is the gentlest.
pub(crate) fn rank(outcome: Option<Outcome>) -> usize {
    outcome.map_or(0, |outcome| 1 + outcome as usize)
}
