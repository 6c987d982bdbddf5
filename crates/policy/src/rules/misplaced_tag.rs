//! A tag stands where git does not keep it as a trailer.

use super::{Checked, Rule, RuleInput, RuleMeta};
use crate::{Audience, observe::Place};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "misplaced-tag",
        summary: "a tag stands below the `---` or away from the trailers",
        rationale: "What stands below the `---` is lost when the patch is applied, and what stands away from the trailers is not found by git.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        for declared in patch.declared.iter().filter(|d| d.own && d.tag.is_misplaced()) {
            let place = match declared.tag.place {
                Place::Notes => "below the `---`",
                _ => "not among the trailers",
            };
            let why = format!("line {} is {place}", declared.tag.line);
            let (line, text) = (Some(declared.tag.line), Some(declared.text()));
            checked.found(input.finding(Some(patch.index), patch.mail, line, text), why);
        }
    }
    checked.or("every tag stands among the trailers")
}
