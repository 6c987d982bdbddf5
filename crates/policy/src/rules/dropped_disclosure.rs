//! A tag that the version before had is gone, and the patch is the same.

use super::{Checked, Rule, RuleInput, RuleMeta};
use crate::{Audience, DeclaredForm, assess::Declaration, policy::Stance};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "dropped-disclosure",
        summary: "the version before stated AI use for the same changes, and this one does not",
        rationale: "A rebase or an editor can lose a line. Only the same diff is asked about, only the project's own tag (no sentence, and no tag that it never asked for), and only where neither the patch nor the cover letter says a word of it: whoever rewrote the code, or took a wrong tag back, is left alone. Under a policy that declines such content it would read as a reproach, so it is not asked there.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    if input.policy.stance == Stance::Decline {
        return checked.or("the policy declines such content: nothing is asked");
    }
    let Some(previous) = &input.series.previous else {
        return checked.or("no version before this one is known");
    };
    for patch in input.series.judged() {
        let Some(before) = previous.same_diff(patch) else { continue };
        let own = |d: &&Declaration<'_>| d.form(input.policy) == DeclaredForm::Tag;
        let Some(tag) = before.content(input.policy).find(own) else { continue };
        let stated = patch.declared.iter().any(|declared| declared.tag.key.is_some());
        if stated || patch.says_none {
            checked.say(patch, format!("{} had a tag, and so has this one", previous.version));
        } else if patch.speaks_of_it {
            checked.say(patch, "the author speaks of it in this version");
        } else {
            let why = format!("{} had `{}`", previous.version, tag.text());
            let mut found = input.finding(Some(patch.index), patch.mail, None, Some(tag.text()));
            found.before = Some(previous.tag(before, tag));
            checked.found(found, why);
        }
    }
    checked.or("no patch with the same diff had a tag before")
}
