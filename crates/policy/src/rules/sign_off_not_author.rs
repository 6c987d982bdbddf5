//! AI use is stated, and no sign-off is the author's.

use tidewaiter_mail::Mailbox;
use tidewaiter_patch::Trailer;

use super::{Checked, Rule, RuleInput, RuleMeta};
use crate::{Audience, Severity};

pub(super) const RULE: Rule = Rule {
    meta: RuleMeta {
        id: "sign-off-not-author",
        summary: "a patch states AI use, and none of its sign-offs is the author's",
        rationale: "The person who answers for a patch is its author. People have several addresses, so this is never more than a note.",
        audience: Audience::Author,
    },
    check,
};

fn check(input: &RuleInput<'_>) -> Checked {
    let mut checked = Checked::default();
    if !input.policy.sign_off.by_author {
        return checked.or("the policy does not ask whose sign-off it is");
    }
    for patch in input.series.judged() {
        if input.first_content(patch).is_none() {
            continue;
        }
        let Some(content) = patch.mail.patch() else { continue };
        let Some(author) = content.author.as_ref().or(patch.mail.header.from.as_ref()) else {
            continue;
        };
        let mut signed = content.trailers.iter().filter(|t| t.is("Signed-off-by")).peekable();
        if signed.peek().is_none() {
            checked.say(patch, "no sign-off to compare");
            continue;
        }
        if signed.any(|trailer| same(trailer, author)) {
            checked.say(patch, "a sign-off is the author's");
            continue;
        }
        let text = "no Signed-off-by with the author's name or address".to_owned();
        let why = text.clone();
        let mut found = input.finding(Some(patch.index), patch.mail, None, Some(text));
        found.severity = input.at_most(Severity::Note);
        checked.found(found, why);
    }
    checked.or("no patch states AI use")
}

/// Whether a trailer names this person.
pub(super) fn same(trailer: &Trailer, person: &Mailbox) -> bool {
    Mailbox::parse(&trailer.value).is_some_and(|named| is_same(&named, person))
}

/// The same address, or the same name under another.
pub(super) fn is_same(one: &Mailbox, other: &Mailbox) -> bool {
    let name = |mailbox: &Mailbox| mailbox.name.as_ref().map(|name| name.to_lowercase());
    (one.address.is_some() && one.address == other.address)
        || (name(one).is_some() && name(one) == name(other))
}
