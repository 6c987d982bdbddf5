//! An agreement that counts stands in the thread.

use super::{Checked, Rule, RuleInput, RuleMeta, agreement_place, agreement_text};
use crate::Audience;

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "agreement-recorded",
        summary: "a maintainer of what is touched has agreed in the thread, and it counts",
        rationale: "Where a policy asks for a maintainer's word, somebody will want to find it later: this says in which mail it stands and for which patch. It is no judgement of the patch, and it never speaks by itself.",
        audience: Audience::Maintainer,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for found in &input.series.agreements {
        if !input.series.judged().any(|patch| found.covers(patch)) {
            continue;
        }
        let text = agreement_text(found);
        let trust = found.agreement.trust.words();
        let why = format!("{}{text} ({trust})", agreement_place(found));
        let patch = found.agreement.patch;
        checked.found(input.finding(patch, found.mail, found.line, Some(text)), why);
    }
    checked.or("no agreement that counts")
}
