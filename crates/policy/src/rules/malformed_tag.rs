//! The value of the project's own tag has not the form that the policy gives it.

use super::{Checked, Rule, RuleInput, RuleMeta};
use crate::{Audience, DeclaredForm, observe::Malformed};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "malformed-tag",
        summary: "the project's own tag has another form than the policy gives it",
        rationale: "People and scripts search for the tag in its one form. A value that names a person, says that no AI was used, or is empty is not looked at.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        for declared in patch.declared.iter().filter(|declared| declared.own) {
            if declared.form(input.policy) != DeclaredForm::Tag {
                continue;
            }
            let key = declared.tag.key.as_deref().unwrap_or_default();
            let Some(tag) = input.policy.own_tag(key) else { continue };
            let line = declared.tag.line;
            let written = declared.tag.malformed.map(|malformed| match malformed {
                Malformed::Colon => "no colon stands behind the key".to_owned(),
                Malformed::Key => format!("the key is written `{}`", tag.key),
                Malformed::Doubled => "the key stands twice".to_owned(),
                Malformed::Empty => "no value stands there".to_owned(),
            });
            let Some(mistake) = written.or_else(|| tag.mistake(&declared.tag.value)) else {
                checked.say(patch, format!("line {line} has the form"));
                continue;
            };
            let why = format!("line {line}: {mistake}");
            let text = Some(declared.text());
            checked.found(input.finding(Some(patch.index), patch.mail, Some(line), text), why);
        }
    }
    checked.or("no patch has the project's own tag")
}
