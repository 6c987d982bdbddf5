//! The sender or the author of a patch has an agent's address.

use super::{Checked, Rule, RuleInput, RuleMeta, of_marks};
use crate::{Audience, Indicated, IndicatedForm, Policy, policy::AgentRole};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "agent-author",
        summary: "the sender or the author has an agent's address",
        rationale: "Projects that take patches from people alone say so. Only addresses that are an agent's own count, never a name and never a company's domain.",
        audience: Audience::Maintainer,
    },
    check,
};

pub(super) fn marks(policy: &Policy, mark: &Indicated) -> bool {
    policy.forbids_agents(AgentRole::Author) && mark.form == IndicatedForm::AgentAddress
}

fn check(input: &RuleInput<'_>) -> Checked {
    of_marks(input, marks, "no sender and no author is an agent")
}
