//! An agent stands in `Signed-off-by`.

use super::{Checked, Rule, RuleInput, RuleMeta, is_agent_in, of_marks};
use crate::{Audience, Indicated, Policy, policy::AgentRole};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "agent-signed-off",
        summary: "a `Signed-off-by` names an agent",
        rationale: "A sign-off is a person's word that the patch may be passed on; a program cannot give it. The mark can be false: the name may have been added by a tool without the author's doing.",
        audience: Audience::Author,
    },
    check,
};

pub(super) fn marks(policy: &Policy, mark: &Indicated) -> bool {
    policy.forbids_agents(AgentRole::SignOff) && is_agent_in(mark, &["Signed-off-by"])
}

fn check(input: &RuleInput<'_>) -> Checked {
    of_marks(input, marks, "no sign-off is an agent's")
}
