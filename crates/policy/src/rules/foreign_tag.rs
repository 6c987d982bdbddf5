//! Another project's tag stands on a patch for this list.

use super::{Checked, Rule, RuleInput, RuleMeta, name};
use crate::{Audience, DeclaredForm};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "foreign-tag",
        summary: "AI use is stated with another project's tag",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        let foreign = |form| form == DeclaredForm::OtherTag;
        let Some(declared) = patch.declared.iter().find(|d| d.own && foreign(d.form(input.policy)))
        else {
            continue;
        };
        let key = declared.tag.key.as_deref().unwrap_or_default();
        let why = format!("{}: line {} has `{key}`", name(patch, input), declared.tag.line);
        let (line, text) = (Some(declared.tag.line), Some(declared.text()));
        checked.found(input.finding(Some(patch.index), patch.mail, line, text), why);
    }
    checked.or("no patch has another project's tag")
}
