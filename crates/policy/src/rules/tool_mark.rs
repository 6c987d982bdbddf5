//! A tool left a mark, and nothing is declared. A mark can be false.

use super::{Checked, Rule, RuleInput, RuleMeta, has_own_rule};
use crate::{Audience, Indicated, IndicatedForm, Severity};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "tool-mark",
        summary: "a patch carries a mark that an AI tool leaves, and states no AI use",
        rationale: "Tools leave lines, addresses and links behind. Such a mark can be false (an editor may add it by itself), so it is asked about and never taken for the author's word.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    let mut declared = false;
    for patch in input.series.judged() {
        let own_rule = |mark: &&Indicated| has_own_rule(input.policy, mark, patch.mail);
        let left = first(patch.marks.iter().filter(|mark| !own_rule(mark)));
        let Some(mark) = left else {
            if !patch.marks.is_empty() {
                checked.say(patch, "left to the rule for its mark");
            }
            continue;
        };
        if patch.content(input.policy).next().is_some() {
            declared = true;
            checked.say(patch, "AI use is stated anyway");
            continue;
        }
        let why = text(mark);
        let mut found = input.finding(Some(patch.index), patch.mail, mark.line, Some(text(mark)));
        found.severity = severity(input, mark);
        checked.found(found, why);
    }
    let of_cover = input.series.cover_marks.iter().copied();
    if let Some(cover) = &input.series.series.cover
        && let Some(mark) = first(of_cover.filter(|m| !has_own_rule(input.policy, m, &cover.mail)))
        && !declared
    {
        let why = format!("the cover letter: {}", text(mark));
        let mut found = input.finding(None, &cover.mail, mark.line, Some(text(mark)));
        found.severity = severity(input, mark);
        checked.found(found, why);
    }
    checked.or("no patch carries a mark")
}

/// A tool's file in the diff says least: a project may want such a file.
fn severity(input: &RuleInput<'_>, mark: &Indicated) -> Severity {
    match mark.form {
        IndicatedForm::ToolFile => Severity::Note,
        _ => input.at_most(Severity::Ask),
    }
}

fn first<'a>(marks: impl Iterator<Item = &'a Indicated>) -> Option<&'a Indicated> {
    marks.min_by_key(|mark| mark.form == IndicatedForm::ToolFile)
}

pub(super) fn text(mark: &Indicated) -> String {
    match &mark.key {
        Some(key) => format!("{key}: {}", mark.value),
        None => mark.value.clone(),
    }
}
