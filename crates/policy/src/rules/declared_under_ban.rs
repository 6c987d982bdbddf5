//! AI use is declared, and the policy declines such content.

use super::{Checked, Rule, RuleInput, RuleMeta, elsewhere};
use crate::Audience;

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "declared-under-ban",
        summary: "a patch states AI use, and the policy declines such content",
        rationale: "The author says it, and the policy's sentence answers. It is said once, kindly, and without a verdict: the tag may describe a use that the policy does not mean.",
        audience: Audience::Maintainer,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        let Some(declared) = input.first_content(patch) else {
            if let Some(exempt) = patch.declared.first() {
                let uses = exempt.tag.uses.join(", ");
                checked.say(patch, format!("{uses}, which the policy exempts"));
            }
            continue;
        };
        // What the cover letter says for all is found once, not on each patch.
        let on = (!declared.whole_series).then_some(patch.index);
        let id = &declared.mail.header.message_id;
        let known = checked.findings.iter().any(|found| {
            on.is_none() && found.message_id == *id && found.line == Some(declared.tag.line)
        });
        if known {
            continue;
        }
        let text = declared.text();
        let why = format!("line {}{} states AI use", declared.tag.line, elsewhere(declared, input));
        let line = Some(declared.tag.line);
        checked.found(input.finding(on, declared.mail, line, Some(text)), why);
    }
    checked.or("no patch states AI use")
}
