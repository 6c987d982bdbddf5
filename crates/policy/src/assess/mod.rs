//! A series held against a policy.

mod agreement;
mod declared;
mod patch_view;
mod previous;
mod risk;
mod scope;
mod view;

use tidewaiter_patch::{MailKey, Series};

use crate::{
    Assessment, FanIn, Finding, Outcome, PatchAssessment, Policy, Risk, RuleTrace, Severity,
    TreeVerdict, TrustRules,
    maintainers::Maintainers,
    observe::Observed,
    rules::{self, RuleInput},
};

pub use agreement::FoundAgreement;
pub use declared::Declaration;
pub use previous::{PreviousPatch, PreviousVersion};
pub(crate) use risk::named;
pub use view::{PatchView, SeriesView};

/// What else is known while a series is held against a policy.
#[derive(Clone, Copy, Debug, Default)]
pub struct PolicyContext<'a> {
    /// The list's own copy of MAINTAINERS.
    pub maintainers: Option<&'a Maintainers>,
    /// Which patches are for the policy's tree; without it all are.
    pub tree: Option<&'a TreeVerdict>,
    /// The version before the series, which [`ObservedBy`] knows too.
    pub previous: Option<&'a Series>,
    /// How often the tree's files are included.
    pub fan_in: Option<&'a FanIn>,
    /// Why each rule spoke or did not is not kept.
    pub without_trace: bool,
    /// What is believed of who sent a mail.
    pub trust: TrustRules<'a>,
}

/// What was seen in a mail, by its key.
pub type ObservedBy<'a> = dyn Fn(MailKey) -> &'a Observed + 'a;

/// Holds a series against a policy.
///
/// A pure function of its arguments: neither the order of the mails nor anything else matters.
#[must_use]
pub fn assess<'a>(
    policy: &'a Policy,
    context: &PolicyContext<'a>,
    series: &'a Series,
    observed: &ObservedBy<'a>,
) -> Assessment {
    let view = SeriesView::build(policy, context, series, observed);
    let (mut findings, mut trace) = run(policy, &view);
    if context.without_trace {
        trace = Vec::new();
    }
    findings.sort_by_key(|f| (f.patch, std::cmp::Reverse(f.severity)));
    // Another tree's patches are not this policy's to judge, not even by the kind of their files.
    let patches: Vec<PatchAssessment> =
        view.judged().map(|patch| assess_patch(policy, patch)).collect();
    let risk = patches.iter().map(|patch| patch.risk).max().unwrap_or(Risk::Low);
    let mut reasons: Vec<String> = Vec::new();
    for patch in patches.iter().filter(|patch| patch.risk == risk) {
        for reason in &patch.reasons {
            if !reasons.contains(reason) && reasons.len() < 12 {
                reasons.push(reason.clone());
            }
        }
    }
    Assessment {
        policy: policy.id.clone(),
        policy_date: policy.date.map(|date| date.to_string()),
        declared: patches.iter().any(|patch| !patch.declared.is_empty()),
        indicated: view.indicated(),
        outcome: outcome(policy, &view, &findings),
        agreements: view.agreements.iter().map(|found| found.agreement.clone()).collect(),
        patches,
        risk,
        reasons,
        findings,
        trace,
    }
}

fn run(policy: &Policy, view: &SeriesView<'_>) -> (Vec<Finding>, Vec<RuleTrace>) {
    let (mut findings, mut trace) = (Vec::new(), Vec::new());
    for rule in rules::ALL {
        let id = rule.meta.id.to_owned();
        let Some(setting) = policy.rules.get(rule.meta.id) else {
            let why = vec!["the policy does not have it".to_owned()];
            trace.push(RuleTrace { rule: id, on: false, why });
            continue;
        };
        let input = RuleInput { rule: &rule.meta, policy, setting, series: view };
        let checked = (rule.check)(&input);
        trace.push(RuleTrace { rule: id, on: true, why: checked.why(view.series.total) });
        findings.extend(checked.findings);
    }
    (findings, trace)
}

/// Notes alone never speak; exempt uses alone are silent.
fn outcome(policy: &Policy, view: &SeriesView<'_>, findings: &[Finding]) -> Outcome {
    match findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Decline) => Outcome::Decline,
        Some(Severity::Ask) => Outcome::Ask,
        _ => {
            let content = |patch: &PatchView<'_>| patch.content(policy).next().is_some();
            let something = view.indicated() || view.judged().any(content);
            if something { Outcome::Disclosure } else { Outcome::Silent }
        }
    }
}

fn assess_patch(policy: &Policy, patch: &PatchView<'_>) -> PatchAssessment {
    let (risk, reasons) = risk::of(policy, patch);
    let mut categories: Vec<String> =
        patch.categories().into_iter().map(|category| category.name().to_owned()).collect();
    if patch.mechanical {
        categories.push("mechanical".to_owned());
    }
    if patch.is_small_fix(policy) {
        categories.push("small-fix".to_owned());
    }
    let diff = patch.mail.diff();
    PatchAssessment {
        index: patch.index,
        message_id: patch.mail.header.message_id.clone(),
        title: patch.mail.header.title.clone(),
        added: diff.map_or(0, |diff| diff.added),
        removed: diff.map_or(0, |diff| diff.removed),
        counted: patch.counted(policy),
        adds_more_than_a_fix: !patch.may_be_a_fix(policy),
        declared: patch.declared.iter().map(|d| d.as_declared(policy)).collect(),
        indicated: patch.marks.to_vec(),
        categories,
        subsystems: patch.areas.iter().map(|area| area.name.clone()).collect(),
        own_subsystems: patch.own_areas.iter().map(|area| area.name.clone()).collect(),
        risk,
        reasons,
    }
}

#[cfg(test)]
mod risk_tests;
#[cfg(test)]
mod signed_tests;
#[cfg(test)]
mod spoof_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
