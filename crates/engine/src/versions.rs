//! Which versions of a series are its author's.
//!
//! Versions are linked by what their mails say, and anybody can write a mail in a person's name. So
//! what nothing vouches for replaces nothing that a server vouches for, and is held against nothing
//! of that kind.

use tidewaiter_mail::MessageId;
use tidewaiter_patch::{Header, MailKey, Series};
use tidewaiter_policy::Trust;

use crate::{Context, State};

/// How many versions are looked at.
const MOST: usize = 20;

/// How far the first mail of a series is believed; all alike where an archive's word is enough.
fn level(context: &Context, series: &Series) -> Trust {
    let trust = context.trust();
    let lead = series.parts().next().filter(|_| trust.strict);
    lead.map_or(Trust::Domain, |lead| trust.of(&lead.mail.header).min(Trust::Domain))
}

/// Whether the first mail of a series shows that its author is known from then on. Where no server
/// and no key is trusted nothing can, and each reply waits for that already.
pub(crate) fn is_vouched(context: &Context, series: &Series) -> bool {
    let nobody = context.config.trust.authserv_ids.is_empty() && context.keyring.is_none();
    nobody || level(context, series) >= Trust::Domain
}

/// Whether a mail shows that an earlier one in the same name need not be from that person: a server
/// vouches for this one alone.
pub(crate) fn disowns(state: &State, context: &Context, mail: MailKey, earlier: MailKey) -> bool {
    let trust = context.trust();
    let header = |key| state.assembler.mail(key).map(|mail| &mail.header);
    let (Some(mail), Some(earlier)) = (header(mail), header(earlier)) else { return false };
    let from = |header: &Header| header.from.as_ref().and_then(|from| from.address.clone());
    let vouched = |header: &Header| trust.of(header) >= Trust::Domain;
    trust.strict && from(mail) == from(earlier) && vouched(mail) && !vouched(earlier)
}

fn version(state: &mut State, id: Option<&MessageId>) -> Option<(MailKey, Series)> {
    let key = state.assembler.key_of(id?)?;
    Some((key, state.assembler.series_of(key)?))
}

/// The next version of a series that is vouched for as it is.
pub(crate) fn newer(state: &mut State, context: &Context, series: &Series) -> Option<MessageId> {
    let own = level(context, series);
    let mut next = series.superseded_by.clone();
    for _ in 0..MOST {
        let (_, newer) = version(state, next.as_ref())?;
        if level(context, &newer) >= own {
            return next;
        }
        next = newer.superseded_by;
    }
    None
}

/// The version before a series that is vouched for as it is.
pub(crate) fn before(state: &mut State, context: &Context, series: &Series) -> Option<Series> {
    let own = level(context, series);
    let mut next = series.supersedes.clone();
    for _ in 0..MOST {
        let (_, older) = version(state, next.as_ref())?;
        if level(context, &older) >= own {
            return Some(older);
        }
        next = older.supersedes;
    }
    None
}

/// Goes through the versions before a series, the nearest first and whoever vouches for them, until
/// something is found.
pub(crate) fn find_older<T>(
    state: &mut State,
    series: &Series,
    mut look: impl FnMut(&State, &Series) -> Option<T>,
) -> Option<T> {
    let mut next = series.supersedes.clone();
    for _ in 0..MOST {
        let (_, older) = version(state, next.as_ref())?;
        if let Some(found) = look(state, &older) {
            return Some(found);
        }
        next = older.supersedes;
    }
    None
}

/// The place of the decision about the nearest version before a series that was decided, and is
/// vouched for as it is.
pub(crate) fn decided_before(
    state: &mut State,
    context: &Context,
    series: &Series,
) -> Option<usize> {
    let own = level(context, series);
    find_older(state, series, |state, older| {
        let at = older.parts().find_map(|part| state.decided.get(&part.key).copied())?;
        (level(context, older) >= own).then_some(at)
    })
}

/// The versions after the series of a mail, whoever vouches for them.
pub(crate) fn all_newer(state: &mut State, of: MailKey) -> Vec<MailKey> {
    let mut all = Vec::new();
    let mut next = state.assembler.series_of(of).and_then(|series| series.superseded_by);
    for _ in 0..MOST {
        let Some((key, newer)) = version(state, next.as_ref()) else { break };
        all.push(key);
        next = newer.superseded_by;
    }
    all
}

/// The versions that a series replaces: up to one that is vouched for as it is, which has replaced
/// those before itself.
pub(crate) fn replaced(state: &mut State, context: &Context, series: &Series) -> Vec<MailKey> {
    let own = level(context, series);
    let mut all = Vec::new();
    let mut next = series.supersedes.clone();
    for _ in 0..MOST {
        let Some((key, older)) = version(state, next.as_ref()) else { break };
        let theirs = level(context, &older);
        if own >= theirs {
            all.push(key);
        }
        if theirs >= own {
            break;
        }
        next = older.supersedes;
    }
    all
}
