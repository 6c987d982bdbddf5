//! The sender's sign-off stands before the author's.

use super::{
    Checked, Rule, RuleInput, RuleMeta,
    sign_off_not_author::{is_same, same},
};
use crate::{Audience, Severity};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "sign-off-order",
        summary: "the author's sign-off stands below that of the person who sends the patch",
        rationale: "Sign-offs stand in the order in which a patch went from hand to hand: the author's first, the sender's last. Where a co-author is named, or the two stand in turns, the order tells nothing, and the rule does not look.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        let header = &patch.mail.header;
        let Some(content) = patch.mail.patch() else { continue };
        let (Some(author), Some(sender)) = (&content.author, &header.from) else { continue };
        // Who really sent it a rewritten sender does not tell.
        if header.sender_munged || is_same(author, sender) {
            continue;
        }
        let joint = ["Co-developed-by", "Co-authored-by"];
        if content.trailers.iter().any(|trailer| joint.iter().any(|key| trailer.is(key))) {
            checked.say(patch, "it has co-authors");
            continue;
        }
        let signed = || content.trailers.iter().filter(|trailer| trailer.is("Signed-off-by"));
        let last = signed().filter(|trailer| same(trailer, sender)).map(|t| t.line).max();
        let first = signed().filter(|trailer| same(trailer, author)).map(|t| t.line).min();
        let (Some(last), Some(first)) = (last, first) else { continue };
        if first < last {
            checked.say(patch, "the author's sign-off comes first");
            continue;
        }
        let text = "the author's Signed-off-by stands below the sender's".to_owned();
        let why = text.clone();
        let mut found = input.finding(Some(patch.index), patch.mail, Some(first), Some(text));
        found.severity = input.at_most(Severity::Note);
        checked.found(found, why);
    }
    checked.or("no patch is signed by an author and by another person who sends it")
}
