//! A tag stands on a patch that must not stand there on this list.

use super::{Checked, Rule, RuleInput, RuleMeta, elsewhere, has_own_rule, tool_mark};
use crate::{Audience, Indicated, Severity, policy::Here};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "forbidden-tag",
        summary: "a tag is there that this project does not take",
        rationale: "The same tag is required on one list and forbidden on another. Only a line that states AI use counts: a person named in it is credited as ever.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        for declared in patch.declared.iter().filter(|declared| declared.own) {
            let Some(key) = declared.tag.key.as_deref() else { continue };
            if input.policy.here(key) != Some(Here::Forbidden) {
                continue;
            }
            let why =
                format!("line {}{} has `{key}`", declared.tag.line, elsewhere(declared, input));
            let (line, text) = (Some(declared.tag.line), Some(declared.text()));
            checked.found(input.finding(Some(patch.index), patch.mail, line, text), why);
        }
        let forbidden = |mark: &&Indicated| {
            let key = mark.key.as_deref();
            key.is_some_and(|key| input.policy.here(key) == Some(Here::Forbidden))
                && !has_own_rule(input.policy, mark, patch.mail)
        };
        for mark in patch.marks.iter().filter(forbidden) {
            let text = tool_mark::text(mark);
            let why = text.clone();
            let mut found = input.finding(Some(patch.index), patch.mail, mark.line, Some(text));
            found.severity = input.at_most(Severity::Ask);
            checked.found(found, why);
        }
    }
    checked.or("no patch has such a tag")
}
