//! Another project's tag stands on a patch for this list.

use super::{Checked, Rule, RuleInput, RuleMeta, elsewhere};
use crate::{Audience, DeclaredForm, assess::Declaration, policy::Here};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "foreign-tag",
        summary: "AI use is stated with another project's tag",
        rationale: "A tag that another project asks for tells that its author may not know this project's policy. It is no mistake in the patch.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        let policy = input.policy;
        let is_foreign = |declared: &&Declaration<'_>| {
            let key = declared.tag.key.as_deref().unwrap_or_default();
            let forbidden = policy.here(key) == Some(Here::Forbidden)
                && policy.rules.contains_key("forbidden-tag");
            declared.own && declared.form(policy) == DeclaredForm::OtherTag && !forbidden
        };
        let Some(declared) = patch.declared.iter().find(is_foreign) else { continue };
        let key = declared.tag.key.as_deref().unwrap_or_default();
        let why = format!("`{key}`{}", elsewhere(declared, input));
        let (line, text) = (Some(declared.tag.line), Some(declared.text()));
        checked.found(input.finding(Some(patch.index), patch.mail, line, text), why);
    }
    checked.or("no patch has another project's tag")
}
