//! An AI tool's own file or folder is part of a patch.

use super::{Checked, Rule, RuleInput, RuleMeta, shown};
use crate::{Audience, Indicated, IndicatedForm, Policy, Severity, assess::named};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "tool-folder",
        summary: "a patch adds or changes an AI tool's own file or folder",
        rationale: "Such a file is often committed by mistake, and it says nothing of how the rest was made. A project may want it, too: this is never more than a note.",
        audience: Audience::Author,
    },
    check,
};

pub(super) fn marks(_policy: &Policy, mark: &Indicated) -> bool {
    mark.form == IndicatedForm::ToolFile
}

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        let files = patch.marks.iter().filter(|mark| marks(input.policy, mark));
        let Some(files) = named(files.map(|mark| mark.value.as_str())) else { continue };
        let text = shown(&files);
        let why = text.clone();
        let mut found = input.finding(Some(patch.index), patch.mail, None, Some(text));
        found.severity = input.at_most(Severity::Note);
        checked.found(found, why);
    }
    checked.or("no patch holds a tool's own file")
}
