//! A patch that states AI use changes the licence of a file.

use super::{Checked, Rule, RuleInput, RuleMeta, shown};
use crate::{Audience, Severity};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "licence-changed",
        summary: "a patch that states AI use changes or removes a file's licence line",
        rationale: "Only those who hold the rights may change a licence; a tool that rewrites a file may do it unasked. Imported, generated and binary files never count; without AI use the rule does not look.",
        audience: Audience::Maintainer,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        if input.first_content(patch).is_none() {
            continue;
        }
        let Some(changed) = patch.licence_changed(input.policy) else {
            checked.say(patch, "no licence line changes");
            continue;
        };
        let text = shown(&changed);
        let why = text.clone();
        let mut found = input.finding(Some(patch.index), patch.mail, None, Some(text));
        found.severity = input.at_most(Severity::Note);
        checked.found(found, why);
    }
    checked.or("no patch states AI use")
}
