//! Who gets a reply.

mod maintainers;

use std::fmt;

use serde::Serialize;
use tidewaiter_mail::{Address, Mailbox};
use tidewaiter_patch::{Header, Series};
use tidewaiter_policy::{Assessment, Outcome, maintainers::Maintainers};

use crate::{HeldBy, ListReply, Mode, eml::sendable, statement::facts as said};

/// The most recipients of one mail; Mailman holds mails with ten.
pub const MOST_RECIPIENTS: usize = 8;

/// What is known of a series' author from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthorFacts {
    /// Mail to the author's address has not bounced.
    pub reachable: bool,
    /// DKIM passed for the author's domain, or the list vouches for the sender.
    pub trusted: bool,
    /// A series from this address was seen before.
    pub known: bool,
}

/// Who would get a reply, and what keeps it from going out by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Recipients {
    /// Who it goes to, once nothing holds it.
    pub to: Vec<Mailbox>,
    /// Who gets a copy.
    pub cc: Vec<Mailbox>,
    /// What holds it back: the first reason found.
    pub held_by: Option<HeldBy>,
    /// Who was left out, and why.
    pub notes: Vec<RecipientNote>,
}

/// Why somebody does not get a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecipientNote {
    /// The author's mail came through a relay, or a list wrote its own address over it.
    RewrittenSender,
    /// The author's address takes no mail from programs.
    NoMailAddress(Address),
    /// `From` does not name exactly one mailbox.
    SeveralSenders,
    /// Mail to the author bounced.
    Bounced(Address),
    /// Nothing vouches for the author's address.
    Unverified(Address),
    /// The configuration says never to write to it.
    Never(Address),
    /// A list on an `M:` line.
    ListAsMaintainer(Address),
    /// The author is the maintainer.
    AuthorIsMaintainer(Address),
    /// There are more maintainers than get a mail.
    MoreMaintainers(usize),
    /// Nobody looks after this section.
    Orphan(String),
}

impl fmt::Display for RecipientNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RewrittenSender => f.write_str("the author's own address is not in From"),
            Self::NoMailAddress(address) => write!(f, "{address} takes no mail from programs"),
            Self::SeveralSenders => f.write_str("From does not name exactly one mailbox"),
            Self::Bounced(address) => write!(f, "mail to {address} bounced"),
            Self::Unverified(address) => write!(f, "nothing vouches for mail from {address}"),
            Self::Never(address) => write!(f, "the configuration says never to write to {address}"),
            Self::ListAsMaintainer(address) => write!(f, "{address} on an M: line is a list"),
            Self::AuthorIsMaintainer(address) => write!(f, "{address} is the series' author"),
            Self::MoreMaintainers(more) => write!(f, "{more} more maintainers are left out"),
            Self::Orphan(section) => write!(f, "nobody looks after \"{}\"", section.escape_debug()),
        }
    }
}

/// Decides who gets a reply to a series.
///
/// Addresses come from `list`, from `maintainers` (the operator's copy, never as the series
/// patches it), and from the author's own `From`; never from `Reply-To`, `To` or `Cc`. What holds
/// the reply is told with those who would get it once released. `maintainers` is only looked at
/// where the mode asks for them.
#[must_use]
pub fn recipients(
    list: &ListReply,
    series: &Series,
    assessment: &Assessment,
    maintainers: Option<&Maintainers>,
    facts: AuthorFacts,
) -> Recipients {
    let mut found = Recipients::default();
    let (mut mode, mut held) = mode_of(list, assessment.outcome);
    let mut hold = |why| held = held.or(Some(why));
    if assessment.indicated && !assessment.declared && mode > Mode::Author {
        // A mark can be false, so it is nobody's business but the author's.
        hold(HeldBy::MarkOnly);
        mode = Mode::Author;
    }
    if mode > Mode::Author && !said::lost(assessment).is_empty() {
        // A line that got lost is between the author and nobody.
        mode = Mode::Author;
    }
    let author = author(list, series, facts, &mut found.notes);
    let people = |notes: &mut Vec<RecipientNote>| {
        maintainers.map(|m| maintainers::of(m, list, series, assessment, notes)).unwrap_or_default()
    };
    match mode {
        Mode::Observe | Mode::Hold | Mode::Digest => {}
        Mode::Author => {
            if author.is_none() {
                hold(HeldBy::AuthorUnreachable);
            }
            found.to.extend(author);
        }
        Mode::Maintainers => {
            found.to = people(&mut found.notes);
            if found.to.is_empty() {
                hold(HeldBy::NoMaintainer);
            }
        }
        Mode::List => {
            found.to.push(Mailbox { name: None, address: Some(list.list.clone()) });
            found.cc.extend(author);
            if list.cc_maintainers {
                found.cc.extend(people(&mut found.notes));
            }
        }
    }
    if !facts.known {
        hold(HeldBy::FirstSeries);
    }
    if !facts.trusted {
        hold(HeldBy::UnverifiedSender);
    }
    tidy(&mut found, list);
    if found.to.is_empty() {
        hold(HeldBy::NoRecipient);
    }
    found.held_by = held;
    found
}

/// The person who asked something, where an answer may go to them alone: one person in `From`, as
/// it was sent, with an address that takes mail.
#[must_use]
pub(crate) fn asker(list: &ListReply, series: &Series, asked: &Header) -> Option<Mailbox> {
    let mailbox = asked.from.clone()?;
    let via = mailbox.name.as_deref().is_some_and(|name| name.contains(" via "));
    let address = mailbox.address.as_ref()?;
    let fits = !via
        && !asked.sender_munged
        && asked.from_count == 1
        && *address != list.list
        && !is_list(address, series)
        && !takes_no_mail(address)
        && !list.never_to.contains(address);
    fits.then_some(mailbox)
}

/// What the settings hold an answer to one person by; `None` where the mode has no such mails.
pub(crate) fn answer_mode(list: &ListReply, outcome: Outcome) -> Option<Option<HeldBy>> {
    match mode_of(list, outcome) {
        (Mode::Observe | Mode::Digest, _) => None,
        (_, held) => Some(held),
    }
}

/// Who would get it once released, and what the settings hold it by.
fn mode_of(list: &ListReply, outcome: Outcome) -> (Mode, Option<HeldBy>) {
    let quiet = |mode| match mode {
        Mode::Observe => Some((Mode::Observe, Some(HeldBy::Observe))),
        Mode::Digest => Some((Mode::Digest, Some(HeldBy::Digest))),
        Mode::Hold => Some((Mode::List, Some(HeldBy::Hold))),
        Mode::Author | Mode::Maintainers | Mode::List => None,
    };
    if let Some(quiet) = quiet(list.mode) {
        return quiet;
    }
    if outcome != Outcome::Decline {
        return (list.mode, None);
    }
    match list.decline {
        Mode::Hold => (list.mode, Some(HeldBy::Decline)),
        mode => quiet(mode).unwrap_or((mode, None)),
    }
}

/// The author's mailbox, where it may be written to.
fn author(
    list: &ListReply,
    series: &Series,
    facts: AuthorFacts,
    notes: &mut Vec<RecipientNote>,
) -> Option<Mailbox> {
    let mut lead = series.parts().filter(|part| part.mail.header.message_id == series.id);
    let header = &lead.next()?.mail.header;
    let mailbox = header.from.clone()?;
    let via = mailbox.name.as_deref().is_some_and(|name| name.contains(" via "));
    if header.sender_munged || via {
        notes.push(RecipientNote::RewrittenSender);
        return None;
    }
    if header.from_count != 1 {
        notes.push(RecipientNote::SeveralSenders);
        return None;
    }
    let address = mailbox.address.clone()?;
    let note = if address == list.list || is_list(&address, series) || takes_no_mail(&address) {
        RecipientNote::NoMailAddress(address)
    } else if list.never_to.contains(&address) {
        RecipientNote::Never(address)
    } else if !facts.reachable {
        RecipientNote::Bounced(address)
    } else if !facts.trusted {
        RecipientNote::Unverified(address)
    } else {
        return Some(mailbox);
    };
    notes.push(note);
    None
}

/// Whether a list that the series went to has this address: `a@b.org` and `a.b.org`.
fn is_list(address: &Address, series: &Series) -> bool {
    let id = address.as_str().replace('@', ".").to_ascii_lowercase();
    series.lists.iter().any(|list| list.as_str() == id)
}

/// Relays, forges' stand-ins, and addresses that cannot be written into an envelope.
fn takes_no_mail(address: &Address) -> bool {
    let local = address.local().to_ascii_lowercase();
    let domain = address.domain().to_ascii_lowercase();
    let stand_in = ["users.noreply.github.com", "noreply.github.com", "users.noreply.gitlab.com"]
        .iter()
        .any(|name| domain == *name || domain.ends_with(&format!(".{name}")));
    stand_in
        || local.starts_with("devnull+")
        || ["noreply", "no-reply", "donotreply", "do-not-reply", "devnull", "mailer-daemon"]
            .contains(&local.as_str())
        || domain.split('.').any(|label| label == "noreply")
        || !sendable(address)
}

/// Each address once, the ones never to be written to out, and not too many.
fn tidy(found: &mut Recipients, list: &ListReply) {
    let mut seen: Vec<Address> = Vec::new();
    let mut keep = |mailbox: &Mailbox| {
        let Some(address) = &mailbox.address else { return false };
        let fits = sendable(address)
            && !list.never_to.contains(address)
            && !seen.contains(address)
            && seen.len() < MOST_RECIPIENTS;
        if fits {
            seen.push(address.clone());
        }
        fits
    };
    found.to.retain(&mut keep);
    found.cc.retain(&mut keep);
}
