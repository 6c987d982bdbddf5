//! What is kept for a list's digest, and when that is written.

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};
use tidewaiter_mail::Mailbox;
use tidewaiter_patch::Series;
use tidewaiter_policy::{Assessment, Outcome};
use tidewaiter_reply::{
    DigestDraft, DigestItem, HeldBy, ListReply, Mode, RenderError, Reply, digest,
};

use crate::{
    Context, Judgement, Silence, State,
    context::Entry,
    speak::{PolicyWords, for_the_operator_alone},
    trust::is_trusted,
};

/// Series that one digest holds, or twice as many until it is sorted out; what is more was stored and
/// is shown elsewhere.
const MOST: usize = 1_000;

/// A series that came so long before, or the list's `max-age` where that is longer, is in no digest.
const OLD: SignedDuration = SignedDuration::from_hours(7 * 24);

/// How often a digest is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// Once a day (UTC).
    Day,
    /// Once a week, from Monday to Sunday (UTC).
    #[default]
    Week,
}

/// What waits for a list's next digest.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    list: ListReply,
    to: Vec<Mailbox>,
    policy: String,
    first: Date,
    last: Date,
    /// When it is written.
    until: Timestamp,
    items: Vec<DigestItem>,
}

/// What is told of a judgement, in its own mail or in a digest.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// What tags, sentences and marks say.
    pub(crate) lines: Vec<String>,
    /// It is told in the digest.
    pub(crate) in_digest: bool,
}

/// Keeps a judgement for the digest of its list, where no mail goes out about it. Returns what is
/// told of it, so that later versions repeat nothing.
pub(crate) fn keep(
    state: &mut State,
    context: &Context,
    series: &Series,
    entry: &Entry<'_>,
    judgement: &Judgement,
    told: &[String],
) -> Kept {
    let Some(assessment) = judgement.assessment.as_ref().filter(|a| a.outcome > Outcome::Silent)
    else {
        return Kept::default();
    };
    let why = reason(judgement);
    let readers = why.and_then(|_| readers(state, context, entry));
    // What came long before it was read, as from a mailbox that was put back, is no news.
    let age = state.now.duration_since(series.first);
    let readers = readers.filter(|_| age <= entry.list.map_or(OLD, |list| list.max_age.max(OLD)));
    if readers.is_none() && judgement.reply.is_none() {
        return Kept::default();
    }
    let vouched = is_trusted(&context.trust(), series, assessment);
    let why = why.flatten().or((!vouched).then_some("nothing vouches for who sent it"));
    let Some(item) = item(context, series, entry, assessment, why, vouched) else {
        return Kept::default();
    };
    let lines = item.said().to_vec();
    let readers = readers.filter(|_| item.has_news(told));
    let in_digest = readers.is_some();
    if let Some(to) = readers {
        push(state, entry, to, item);
    }
    Kept { lines, in_digest }
}

fn push(state: &mut State, entry: &Entry<'_>, to: Vec<Mailbox>, item: DigestItem) {
    let every = entry.list.map(|list| list.digest_every).unwrap_or_default();
    let Some((first, last, until)) = period(state.now, every) else { return };
    let key = (entry.reply.project.clone(), entry.reply.list.as_str().to_owned());
    let pending = state.digests.entry(key).or_insert_with(|| Pending {
        list: entry.reply.clone(),
        to,
        policy: entry.policy.id.clone(),
        first,
        last,
        until,
        items: Vec::new(),
    });
    pending.items.push(item);
    if pending.items.len() >= 2 * MOST {
        DigestItem::keep_fairly(&mut pending.items, MOST);
    }
}

/// Who reads it: nobody in mode `observe`, the operator where a digest is wanted and nobody named,
/// and the operator alone where the policy is not to be cited to others.
fn readers(state: &State, context: &Context, entry: &Entry<'_>) -> Option<Vec<Mailbox>> {
    let named = entry.list.map_or(&[][..], |list| &list.digest_to);
    let operator = || Some(vec![context.config.identity.operator.clone()]);
    let as_configured = context.overrides.mode.is_none();
    let alone = as_configured && for_the_operator_alone(state, entry).is_some();
    match entry.reply.mode {
        Mode::Observe => None,
        Mode::Digest if named.is_empty() => operator(),
        _ if alone && !named.is_empty() => operator(),
        _ => (!named.is_empty()).then(|| named.to_vec()),
    }
}

/// Why nothing was sent about it by itself; `None` where something was, or where it is no matter
/// for a digest.
fn reason(judgement: &Judgement) -> Option<Option<&'static str>> {
    match (judgement.reply.as_ref().map(|reply| reply.held_by), judgement.silence) {
        (Some(Some(HeldBy::Digest)), _)
        | (None, Some(Silence::NotSpokenOf | Silence::SaidBefore)) => Some(None),
        (Some(Some(HeldBy::Cap)), _) => Some(Some("a cap was reached")),
        (Some(Some(HeldBy::NoMaintainer)), _) => Some(Some("no maintainer is listed")),
        (Some(Some(HeldBy::AuthorUnreachable)), _) => {
            Some(Some("the author has no address to write to"))
        }
        (None, Some(Silence::Rfc)) => Some(Some("sent for discussion")),
        (None, Some(Silence::OptOut)) => Some(Some("somebody asked for quiet")),
        _ => None,
    }
}

fn item(
    context: &Context,
    series: &Series,
    entry: &Entry<'_>,
    assessment: &Assessment,
    why: Option<&'static str>,
    vouched: bool,
) -> Option<DigestItem> {
    let words = PolicyWords::of(entry.policy)?;
    DigestItem::new(
        series,
        assessment,
        &words.view(&[], &|w| context.vocabulary.may_repeat(w)),
        why,
        vouched,
    )
}

/// The first and last day of the period that holds a time, and the moment after it.
fn period(now: Timestamp, every: Every) -> Option<(Date, Date, Timestamp)> {
    let day = now.to_zoned(TimeZone::UTC).date();
    let (first, days) = match every {
        Every::Day => (day, 0),
        Every::Week => {
            let since = i64::from(day.weekday().since(Weekday::Monday));
            (day.checked_sub(since.days()).ok()?, 6)
        }
    };
    let last = first.checked_add(i64::from(days).days()).ok()?;
    let end = last.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some((first, last, end.checked_add(SignedDuration::from_hours(24)).ok()?))
}

/// When the next digest is due.
pub(crate) fn next_due(state: &State) -> Option<Timestamp> {
    state.digests.values().map(|pending| pending.until).min()
}

/// Takes the digests that are due: all, where there is no `now`.
pub(crate) fn due(
    state: &mut State,
    context: &Context,
    now: Option<Timestamp>,
) -> Vec<Result<Reply, RenderError>> {
    let is_due = |pending: &Pending| now.is_none_or(|now| pending.until <= now);
    if !state.digests.values().any(is_due) {
        return Vec::new();
    }
    let all = std::mem::take(&mut state.digests);
    let (due, later): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, pending)| is_due(pending));
    state.digests.extend(later);
    due.iter().filter_map(|(_, pending)| write(state, context, pending)).collect()
}

/// Drops the digests that are due by a time.
pub(crate) fn leave_out(state: &mut State, now: Timestamp) {
    state.digests.retain(|_, pending| pending.until > now);
}

fn write(
    state: &State,
    context: &Context,
    pending: &Pending,
) -> Option<Result<Reply, RenderError>> {
    let refused =
        |reader: &Mailbox| reader.address.as_ref().is_some_and(|a| state.refused.contains(a));
    let to: Vec<Mailbox> = pending.to.iter().filter(|reader| !refused(reader)).cloned().collect();
    let words = PolicyWords::of(context.policy(&pending.policy)?)?;
    let may_cite = |word: &str| context.vocabulary.may_repeat(word);
    let draft = DigestDraft {
        identity: &context.config.identity,
        list: &pending.list,
        key: &context.key,
        to: &to,
        days: (pending.first.to_string(), pending.last.to_string()),
        policy: words.view(&[], &may_cite),
        items: &pending.items,
    };
    Some(digest(&context.templates, &draft))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("2026-06-03T10:00:00Z", Every::Day => "2026-06-03 2026-06-03 2026-06-04T00:00:00Z"; "a day")]
    #[test_case("2026-06-03T10:00:00Z", Every::Week => "2026-06-01 2026-06-07 2026-06-08T00:00:00Z"; "a week")]
    #[test_case("2026-06-01T00:00:00Z", Every::Week => "2026-06-01 2026-06-07 2026-06-08T00:00:00Z"; "its first moment")]
    #[test_case("2026-06-07T23:59:59Z", Every::Week => "2026-06-01 2026-06-07 2026-06-08T00:00:00Z"; "its last moment")]
    #[test_case("2026-01-01T00:00:00Z", Every::Week => "2025-12-29 2026-01-04 2026-01-05T00:00:00Z"; "over the year's end")]
    fn periods(now: &str, every: Every) -> String {
        let (first, last, until) = period(now.parse().unwrap(), every).unwrap();
        format!("{first} {last} {until}")
    }
}
