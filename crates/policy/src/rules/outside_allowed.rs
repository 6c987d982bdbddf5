//! AI use is declared for a patch that is none of what the policy allows.

use super::{Checked, Rule, RuleInput, RuleMeta, size};
use crate::{Audience, assess::named};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "outside-allowed",
        summary: "a patch states AI use outside the kinds of changes that the policy allows",
        rationale: "The policy names the kinds of changes that need nobody's leave. What is outside them needs a maintainer's word; without AI use the rule does not look.",
        audience: Audience::Maintainer,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        let Some(declared) = input.first_content(patch) else { continue };
        let policy = input.policy;
        let Some(files) = named(patch.outside(policy).map(|file| file.path.as_str())) else {
            let why = if patch.bounded {
                "the declared use does not reach code"
            } else {
                "every file is of an allowed kind"
            };
            checked.say(patch, why);
            continue;
        };
        let lines = patch.counted(policy);
        let pass = if patch.mechanical && policy.allows_mechanical {
            Some("one repeated edit".to_owned())
        } else if policy.allows_small_fix && patch.is_small_fix(policy) {
            Some(format!("a small fix: {lines} lines"))
        } else if policy.rules.contains_key("core-without-agreement")
            && patch.needs_agreement(policy)
        {
            Some("core code: left to core-without-agreement".to_owned())
        } else if policy.rules.contains_key("small-fix-too-large")
            && policy.allows_small_fix
            && patch.is_too_large_a_fix(policy)
        {
            Some(format!("a fix of {lines} lines: left to small-fix-too-large"))
        } else if input.series.is_agreed(patch) {
            Some("a maintainer of its files has agreed".to_owned())
        } else {
            None
        };
        if let Some(pass) = pass {
            checked.say(patch, pass);
            continue;
        }
        let what = if let Some(new) = named(patch.new_files().map(|file| file.path.as_str())) {
            format!("adds {new}")
        } else if let Some(files) = named(patch.interfaces(policy).map(|file| file.path.as_str())) {
            format!("adds to an interface: {files}")
        } else {
            format!("touches {files}")
        };
        let text = format!("{}; {what}", size(patch, input));
        let why = text.clone();
        let line = declared.own.then_some(declared.tag.line);
        checked.found(input.finding(Some(patch.index), patch.mail, line, Some(text)), why);
    }
    checked.or("no patch states AI use")
}
