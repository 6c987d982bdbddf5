//! What was meant for an agreement does not count.

use super::{Checked, Rule, RuleInput, RuleMeta, agreement_place, agreement_text};
use crate::Audience;

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "agreement-unverified",
        summary: "a word of agreement stands in the thread and does not count",
        rationale: "Anybody can write a maintainer's name into From. A word counts where a trusted server found the signature of the sender's domain, or the sender signed with a known key of theirs, in a direct answer to the patch, by a maintainer of what it touches. The operator is told of the others, and why they are none.",
        audience: Audience::Operator,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    let all = &input.series.agreements;
    for found in all {
        let Some(reason) = found.agreement.why else { continue };
        // What the author named counts by that.
        let id = found.agreement.message_id.as_ref();
        if all.iter().any(|other| other.agreement.counts && id == other.agreement.names.as_ref())
            && id.is_some()
        {
            continue;
        }
        let text = format!("{}: {reason}", agreement_text(found));
        let why = format!("{}{text}", agreement_place(found));
        let patch = found.agreement.patch;
        checked.found(input.finding(patch, found.mail, found.line, Some(text)), why);
    }
    checked.or("every agreement counts, or there is none")
}
