//! AI use is stated in the cover letter alone.

use super::{Checked, Rule, RuleInput, RuleMeta};
use crate::Audience;

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "cover-only-disclosure",
        summary: "only the cover letter states AI use, and no patch does",
        rationale: "The cover letter is not part of any commit: what it states is gone from the history once the series is applied.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    let Some(cover) = &input.series.series.cover else {
        return checked.or("there is no cover letter");
    };
    let mut of_cover = None;
    for patch in input.series.judged() {
        for declared in patch.content(input.policy) {
            if declared.own {
                return checked.or("a patch states it itself");
            }
            let in_cover = declared.mail.header.message_id == cover.mail.header.message_id;
            of_cover = of_cover.or(in_cover.then_some(declared));
        }
    }
    if let Some(declared) = of_cover {
        let (line, text) = (Some(declared.tag.line), declared.text());
        let why = format!("the cover letter, line {}: {text}", declared.tag.line);
        checked.found(input.finding(None, &cover.mail, line, Some(text)), why);
    }
    checked.or("the cover letter states no AI use")
}
