//! The tag says something else than in the version before, and the patch is the same.

use super::{Checked, Rule, RuleInput, RuleMeta};
use crate::{Audience, assess::Declaration};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "changed-disclosure",
        summary: "the version before stated another use of AI for the same changes",
        rationale: "Whoever read the version before has read another statement about the same lines. A correction is welcome, so it is a note for those who read on, and nobody is asked.",
        audience: Audience::Maintainer,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    let Some(previous) = &input.series.previous else {
        return checked.or("no version before this one is known");
    };
    for patch in input.series.judged() {
        let Some(before) = previous.same_diff(patch) else { continue };
        let now: Vec<&Declaration<'_>> =
            patch.declared.iter().filter(|declared| declared.tag.key.is_some()).collect();
        let (Some(old), Some(new)) = (before.tags.first(), now.first()) else { continue };
        if said(before.tags.iter()) == said(now.iter().copied()) {
            checked.say(patch, format!("the same as in {}", previous.version));
            continue;
        }
        let why = format!("`{}`, {} had `{}`", new.text(), previous.version, old.text());
        let line = new.own.then_some(new.tag.line);
        let mut found = input.finding(Some(patch.index), patch.mail, line, Some(new.text()));
        found.before = Some(previous.tag(before, old));
        checked.found(found, why);
    }
    checked.or("no patch with the same diff had a tag before and has one now")
}

/// What tags say, however they are written and in whatever order.
fn said<'a>(tags: impl Iterator<Item = &'a Declaration<'a>>) -> Vec<String> {
    let mut words: Vec<String> = tags
        .flat_map(|declared| {
            let tag = declared.tag;
            let whole = (tag.uses.is_empty() && tag.tool.is_none()).then(|| tag.value.clone());
            tag.uses.iter().chain(&tag.tool).cloned().chain(whole)
        })
        .map(|word| word.to_lowercase())
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}
