//! AI use is stated, and no `Signed-off-by` stands on the patch.

use super::{Checked, Rule, RuleInput, RuleMeta};
use crate::Audience;

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "sign-off-missing",
        summary: "a patch states AI use and has no `Signed-off-by`",
        rationale: "Where a tool had a part in a patch, a person's sign-off says who answers for it. Patches without AI use are left to the project's own checks, such as checkpatch.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    if !input.policy.sign_off.required {
        return checked.or("the policy asks for no sign-off");
    }
    for patch in input.series.judged() {
        if input.first_content(patch).is_none() {
            continue;
        }
        let trailers = patch.mail.patch().map_or(&[][..], |patch| &patch.trailers);
        if trailers.iter().any(|trailer| trailer.is("Signed-off-by")) {
            checked.say(patch, "it is signed off");
            continue;
        }
        let why = "no Signed-off-by".to_owned();
        let text = Some("no Signed-off-by among the trailers".to_owned());
        checked.found(input.finding(Some(patch.index), patch.mail, None, text), why);
    }
    checked.or("no patch states AI use")
}
