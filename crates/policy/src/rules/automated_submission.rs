//! A program sent the patches.

use tidewaiter_mail::Automatic;
use tidewaiter_patch::Mail;

use super::{Checked, Rule, RuleInput, RuleMeta, agent_author, shown};
use crate::{Audience, Indicated, IndicatedForm, Policy, Severity};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "automated-submission",
        summary: "a mail's header says that a program sent it, or the sender has an agent's address",
        rationale: "Some projects take patches only from a person who sends them and answers for them. A bounce or a receipt is no submission; an agent that is the author alone is another matter. The program answers no program: of such a series nothing is sent.",
        audience: Audience::Maintainer,
    },
    check,
};

/// Whether a mark is the sender's address, and no other rule of the policy speaks of it.
pub(super) fn marks(policy: &Policy, mark: &Indicated, mail: &Mail) -> bool {
    let other = policy.rules.contains_key("agent-author") && agent_author::marks(policy, mark);
    let sender = mail.header.from.as_ref().and_then(|from| from.address.as_ref());
    mark.form == IndicatedForm::AgentAddress
        && !other
        && sender.is_some_and(|sender| sender.to_string() == mark.value)
}

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    // Once for a series: one program sends all of it.
    let cover = input.series.series.cover.as_ref().map(|cover| (None, &*cover.mail, None));
    let patches = input.series.judged().map(|patch| (Some(patch.index), patch.mail, Some(patch)));
    for (index, mail, patch) in cover.into_iter().chain(patches) {
        let place = if index.is_none() { "the cover letter: " } else { "" };
        if let Some(header) = of_header(mail) {
            let text = format!("its header says that a program sent it ({header})");
            let why = format!("{place}{text}");
            checked.found(input.finding(index, mail, None, Some(text)), why);
            break;
        }
        let own = patch.map_or(&[][..], |patch| patch.marks);
        let of_cover = input.series.cover_marks.iter().copied().filter(|_| patch.is_none());
        let mark = own.iter().chain(of_cover).find(|mark| marks(input.policy, mark, mail));
        if let Some(mark) = mark {
            let text = format!("its sender has the address of an agent: {}", shown(&mark.value));
            let why = format!("{place}{text}");
            let mut found = input.finding(index, mail, None, Some(text));
            found.severity = input.at_most(Severity::Ask);
            checked.found(found, why);
            break;
        }
    }
    checked.or("a person sent it, as far as its header says")
}

/// What in the header says that a program sent the mail; a bounce only returns it.
fn of_header(mail: &Mail) -> Option<&'static str> {
    match mail.header.automatic? {
        Automatic::AutoSubmitted => Some("Auto-Submitted"),
        Automatic::AutoReply => Some("an automatic answer's field"),
        Automatic::NullReturnPath | Automatic::Report | Automatic::Bulk | Automatic::Loop => None,
    }
}
