//! AI use is declared for a fix that is larger than the policy's limit for small ones.

use super::{Checked, Rule, RuleInput, RuleMeta, size};
use crate::Audience;

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "small-fix-too-large",
        summary: "a fix that states AI use is larger than the policy's limit for small fixes",
        rationale: "A limit in lines is the policy's own measure of a small fix. The lines are counted as the policy says, and many small fixes by one tool are one large change in slices.",
        audience: Audience::Maintainer,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    let policy = input.policy;
    let Some(limit) = policy.limits.small_fix.filter(|_| policy.allows_small_fix) else {
        return checked.or("the policy has no limit for small fixes");
    };
    let (mut sum, mut small) = (0_u32, 0_u32);
    for patch in input.series.judged() {
        let Some(declared) = input.first_content(patch) else { continue };
        if patch.outside(policy).next().is_none() {
            continue;
        }
        let lines = patch.counted(policy);
        if patch.is_small_fix(policy) && input.series.is_agreed(patch) {
            checked.say(patch, "a maintainer has agreed");
        } else if patch.is_small_fix(policy) {
            small += 1;
            sum = sum.saturating_add(lines);
            checked.say(patch, format!("{lines} lines, the limit is {limit}"));
        } else if patch.is_too_large_a_fix(policy) && !patch.mechanical {
            if policy.rules.contains_key("core-without-agreement") && patch.needs_agreement(policy)
            {
                let why = "core code: left to core-without-agreement";
                checked.say(patch, why);
                continue;
            }
            if input.series.is_agreed(patch) {
                checked.say(patch, "a maintainer has agreed");
                continue;
            }
            let text = size(patch, input);
            let why = text.clone();
            let line = declared.own.then_some(declared.tag.line);
            checked.found(input.finding(Some(patch.index), patch.mail, line, Some(text)), why);
        }
    }
    // Many small fixes by the same tool are a large change in slices.
    if let Some(limit) = policy.limits.small_fix_series
        && sum > limit
        && small > 1
        && let Some(first) = input.series.series.parts().next()
    {
        let text = format!("{small} small fixes with {sum} lines together (the limit: {limit})");
        let why = format!("the series: {text}");
        checked.found(input.finding(None, &first.mail, None, Some(text)), why);
    }
    checked.or("no patch that states AI use is a fix of code")
}
