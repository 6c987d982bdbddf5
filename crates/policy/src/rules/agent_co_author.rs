//! An agent stands in `Co-authored-by` or `Co-developed-by`.

use super::{Checked, Rule, RuleInput, RuleMeta, is_agent_in, of_marks};
use crate::{Audience, Indicated, Policy, policy::AgentRole};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "agent-co-author",
        summary: "a `Co-authored-by` or `Co-developed-by` names an agent",
        rationale: "Some projects do not take a program for an author. Editors add such lines by themselves, so the line is asked about and nothing is concluded from it.",
        audience: Audience::Author,
    },
    check,
};

pub(super) fn marks(policy: &Policy, mark: &Indicated) -> bool {
    policy.forbids_agents(AgentRole::CoAuthor)
        && is_agent_in(mark, &["Co-authored-by", "Co-developed-by"])
}

fn check(input: &RuleInput<'_>) -> Checked {
    of_marks(input, marks, "no co-author is an agent")
}
