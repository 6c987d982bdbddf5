//! A patch that states AI use adds a file that says nothing of its licence.

use super::{Checked, Rule, RuleInput, RuleMeta, shown};
use crate::{Audience, Severity, assess::named};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "licence-missing",
        summary: "a patch that states AI use adds a file without a licence in its first lines",
        rationale: "Where a new file comes from is what these policies worry about, and its first lines are where it says so. Imported, generated and binary files never count; without AI use the rule does not look.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        if input.first_content(patch).is_none() {
            continue;
        }
        let files = patch.licence_missing(input.policy).map(|file| file.path.as_str());
        let Some(files) = named(files) else {
            checked.say(patch, "adds no file without a licence");
            continue;
        };
        let text = shown(&format!("says nothing of a licence: {files}"));
        let why = text.clone();
        let mut found = input.finding(Some(patch.index), patch.mail, None, Some(text));
        found.severity = input.at_most(Severity::Note);
        checked.found(found, why);
    }
    checked.or("no patch states AI use")
}
