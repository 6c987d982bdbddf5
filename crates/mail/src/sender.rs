//! Who sent a mail, where a list or a relay wrote its own address into `From`.

use crate::{Mailbox, headers::Headers, parse_mailboxes};

/// The person behind a mail.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    /// The person, as far as the header tells.
    pub(crate) from: Option<Mailbox>,
    /// `From` is not the person's own.
    pub(crate) munged: bool,
}

/// Undoes a rewritten `From`: `X via qemu-devel <qemu-devel@nongnu.org>` (Mailman's answer to
/// DMARC), `X via B4 Relay <devnull+x.example.org@kernel.org>`.
///
/// The original comes from `X-Original-From`, else from `Reply-To` (where Mailman moves it);
/// else only the name is known, until an in-body `From:` tells more. For showing, never for
/// trust: anybody can write these headers.
pub(crate) fn resolve(headers: &Headers<'_>, from: Option<Mailbox>) -> Sender {
    let Some(from) = from else { return Sender::default() };
    let Some(person) = rewritten_name(&from) else {
        return Sender { from: Some(from), munged: false };
    };
    let original = headers
        .first("X-Original-From")
        .and_then(|raw| parse_mailboxes(raw).good.into_iter().next())
        .or_else(|| reply_to_person(headers, &from));
    let name = (!person.is_empty()).then(|| person.to_owned());
    let from = match original {
        Some(found) => Mailbox {
            name: found.name.filter(|n| !n.contains(" via ")).or(name),
            address: found.address,
        },
        None => Mailbox { name, address: None },
    };
    Sender { from: Some(from), munged: true }
}

/// The person's own name, where this is a rewritten sender.
fn rewritten_name(from: &Mailbox) -> Option<&str> {
    let address = from.address.as_ref()?;
    let name = from.name.as_deref().unwrap_or("");
    let split = name.rsplit_once(" via ");
    if address.local().starts_with("devnull+") {
        return Some(split.map_or(name, |(person, _)| person.trim()));
    }
    if let Some(person) = name.strip_suffix(" via").filter(|_| split.is_none()) {
        return Some(person.trim());
    }
    let (person, through) = split?;
    // The list's name in the display name is the one in the address: "via qemu-devel" at
    // qemu-devel@nongnu.org. A person at their own address may call themselves anything.
    let through = through.trim().trim_end_matches("Mailing List").trim();
    let local = address.local();
    let same = through.eq_ignore_ascii_case(local)
        || through.to_ascii_lowercase().contains(&local.to_ascii_lowercase())
        || through.replace(' ', "-").eq_ignore_ascii_case(local);
    same.then_some(person.trim())
}

fn reply_to_person(headers: &Headers<'_>, from: &Mailbox) -> Option<Mailbox> {
    let raw = headers.first("Reply-To")?;
    parse_mailboxes(raw).good.into_iter().find(|m| m.address.is_some() && m.address != from.address)
}
