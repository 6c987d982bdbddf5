//! AI use is declared for code that most other code builds on.

use super::{Checked, Rule, RuleInput, RuleMeta, size};
use crate::{Audience, assess::named};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "core-without-agreement",
        summary: "a patch that states AI use touches core code, and no maintainer has agreed",
        rationale: "Others build on such code: what goes wrong there is noticed late and is hard to take back, so the policy wants a maintainer's word first. Review by a maintainer of the touched files is that word.",
        audience: Audience::Maintainer,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    let policy = input.policy;
    for patch in input.series.judged() {
        let Some(declared) = input.first_content(patch) else { continue };
        if patch.bounded {
            checked.say(patch, "the declared use does not reach code");
            continue;
        }
        let Some(files) = named(patch.core(policy).map(|file| file.path.as_str())) else {
            checked.say(patch, "touches no core code");
            continue;
        };
        if !patch.needs_agreement(policy) {
            let what = if patch.mechanical { "one repeated edit" } else { "a small fix" };
            checked.say(patch, format!("{what} in core code ({files})"));
            continue;
        }
        if input.series.is_agreed(patch) {
            checked.say(patch, format!("a maintainer has agreed ({files})"));
            continue;
        }
        let text = format!("{}; touches core code: {files}", size(patch, input));
        let included: String =
            patch.included.iter().take(2).map(|(file, n)| included(&file.path, *n)).collect();
        let why = format!("{text}{included}");
        let line = declared.own.then_some(declared.tag.line);
        checked.found(input.finding(Some(patch.index), patch.mail, line, Some(text)), why);
    }
    checked.or("no patch states AI use")
}

/// Why a header is core. Not in the finding's text: the number changes with the tree, and the same
/// finding would be said again.
fn included(path: &str, count: u32) -> String {
    format!("; {path} is included by {count} files")
}
