//! Some patches of a series state AI use, others of the same kind do not.

use super::{Checked, Rule, RuleInput, RuleMeta};
use crate::Audience;

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "partial-disclosure",
        summary: "some patches of a series state AI use, and others do not",
        rationale: "Mostly that is just how it was, and a tag is meant to tell patches apart: absence is no finding. It is for whoever runs the program and wants to see how tags are used; nobody is written to about it.",
        audience: Audience::Operator,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    let (mut with, mut without) = (Vec::new(), 0_usize);
    for patch in input.series.judged() {
        match patch.content(input.policy).next() {
            Some(declared) if declared.whole_series => {
                return checked.or("it is stated for the whole series");
            }
            Some(declared) => with.push((patch, declared)),
            None => without += 1,
        }
    }
    if without > 0
        && let Some((patch, declared)) = with.first()
    {
        let text = format!("{} of {} patches", with.len(), with.len() + without);
        let why = format!("the first of those that state AI use, {text}");
        let line = declared.own.then_some(declared.tag.line);
        checked.found(input.finding(Some(patch.index), patch.mail, line, Some(text)), why);
    }
    checked.or(if with.is_empty() { "no patch states AI use" } else { "all patches state it" })
}
