//! The rows of the page's tables.

use jiff::Timestamp;
use serde::Serialize;

use super::words::{grouped, sentence, spaced};
use crate::{
    Connection, Hearing, Reply, Snapshot, Span,
    when::{Moment, span},
};

/// A mailbox.
#[derive(Clone, Debug, Serialize)]
pub(super) struct WatcherRow<'a> {
    name: &'a str,
    /// `connected`, `connecting`, `disconnected`.
    state: &'static str,
    since: Option<Moment>,
    /// How new mails are heard of.
    hearing: Option<&'static str>,
    reason: Option<String>,
    retry: Option<Moment>,
    failures: u32,
    reconnects: u64,
    caught_up: bool,
    last_mail: Option<Moment>,
    lag: Option<String>,
    late: bool,
    last_uid: Option<u32>,
    mails: String,
}

pub(super) fn watchers(snapshot: &Snapshot) -> Vec<WatcherRow<'_>> {
    let moment = |at: Timestamp| Moment::new(at, snapshot.now);
    let rows = snapshot.watchers.iter().map(|watcher| {
        let (state, since, hearing, reason, retry) = match &watcher.connection {
            Connection::Connecting => ("connecting", None, None, None, None),
            Connection::Connected { since, hearing } => {
                let hearing = match hearing {
                    Hearing::Idle => "pushed",
                    Hearing::Polling => "polled",
                };
                ("connected", Some(moment(*since)), Some(hearing), None, None)
            }
            Connection::Disconnected { since, reason, retry_at } => {
                let reason = Some(sentence(reason));
                ("disconnected", since.map(moment), None, reason, retry_at.map(moment))
            }
        };
        WatcherRow {
            name: &watcher.name,
            state,
            since,
            hearing,
            reason,
            retry,
            failures: watcher.failures,
            reconnects: watcher.reconnects,
            caught_up: watcher.caught_up,
            last_mail: watcher.last_mail.map(moment),
            lag: watcher.lag_seconds.map(span),
            late: watcher.lag_seconds.is_some_and(|lag| lag >= 300),
            last_uid: watcher.last_uid,
            mails: grouped(watcher.mails),
        }
    });
    rows.collect()
}

/// A list.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ListRow<'a> {
    id: &'a str,
    policy: Option<&'a str>,
    dated: Option<String>,
    mode: &'a str,
    /// Where it is another than configured.
    in_effect: Option<&'a str>,
    why: Option<String>,
    last_mail: Option<Moment>,
    quiet: bool,
}

pub(super) fn lists(snapshot: &Snapshot) -> Vec<ListRow<'_>> {
    let rows = snapshot.lists.iter().map(|list| ListRow {
        id: &list.id,
        policy: list.policy.as_deref(),
        dated: list.policy_date.map(|date| date.to_string()),
        mode: &list.mode,
        in_effect: (list.mode != list.mode_in_effect).then_some(list.mode_in_effect.as_str()),
        why: list.mode_why.as_deref().map(sentence),
        last_mail: list.last_mail.map(|at| Moment::new(at, snapshot.now)),
        quiet: list.quiet,
    });
    rows.collect()
}

/// A reply that is not done with.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ReplyRow<'a> {
    id: &'a str,
    state: &'a str,
    subject: Option<&'a str>,
    list: Option<&'a str>,
    queued: Moment,
    due: Option<Moment>,
    held_by: Option<String>,
    note: Option<&'a str>,
}

pub(super) fn replies(replies: &[Reply], now: Timestamp) -> Vec<ReplyRow<'_>> {
    let rows = replies.iter().map(|reply| ReplyRow {
        id: &reply.id,
        state: &reply.state,
        subject: reply.subject.as_deref(),
        list: reply.list.as_deref(),
        queued: Moment::new(reply.queued, now),
        due: reply.due.map(|due| Moment::new(due, now)),
        held_by: reply.held_by.as_deref().map(spaced),
        note: reply.note.as_deref(),
    });
    rows.collect()
}

/// A series.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SeriesRow<'a> {
    title: Option<&'a str>,
    author: Option<&'a str>,
    version: Option<u32>,
    first: Moment,
    lists: String,
    mails: u32,
    says: Option<&'static str>,
    /// The word, `not-judged`, or `waiting` where it still waits to be judged.
    outcome: &'a str,
    /// That for a reader.
    outcome_name: String,
    why: Option<String>,
    policy: Option<&'a str>,
    dated: Option<String>,
    rules: &'a [String],
    reply: Option<&'a str>,
}

pub(super) fn series(snapshot: &Snapshot) -> Vec<SeriesRow<'_>> {
    let rows = snapshot.series.iter().map(|series| {
        let outcome = match (&series.outcome, &series.not_judged, series.judged) {
            (Some(outcome), _, _) => outcome,
            (None, None, None) => "waiting",
            (None, _, _) => "not-judged",
        };
        // What every row would say is said by none.
        let told = !matches!(outcome, "silent" | "not-judged" | "waiting");
        let policy = series.policy.as_deref().filter(|_| told);
        let only = matches!(&*snapshot.lists, [list] if series.lists == [list.id.as_str()]);
        SeriesRow {
            title: series.title.as_deref(),
            author: series.author.as_deref(),
            version: (series.version > 1).then_some(series.version),
            first: Moment::new(series.first, snapshot.now),
            lists: if only { String::new() } else { series.lists.join(", ") },
            mails: series.mails,
            says: match (series.declared, series.indicated) {
                (true, _) => Some("states AI use"),
                (false, true) => Some("a tool's mark"),
                (false, false) => None,
            },
            outcome,
            outcome_name: spaced(outcome),
            why: series.not_judged.as_deref().or(series.silence.as_deref()).map(spaced),
            policy,
            dated: series.policy_date.filter(|_| told).map(|date| date.to_string()),
            rules: &series.rules,
            reply: series.reply.as_deref(),
        }
    });
    rows.collect()
}

/// A cap.
#[derive(Clone, Debug, Serialize)]
pub(super) struct CapRow<'a> {
    name: &'static str,
    list: Option<&'a str>,
    used: u64,
    limit: u64,
    /// Above this the meter says much.
    low: u64,
    /// Above this it says too much.
    high: u64,
    full: bool,
}

pub(super) fn caps(snapshot: &Snapshot) -> Vec<CapRow<'_>> {
    let rows = snapshot.caps.iter().map(|cap| CapRow {
        name: match cap.per {
            Span::Hour => "in an hour",
            Span::Day => "in a day",
        },
        list: cap.list.as_deref(),
        used: cap.used,
        limit: cap.limit,
        low: cap.limit - cap.limit / 4,
        high: cap.limit.saturating_sub(1),
        full: cap.used >= cap.limit,
    });
    rows.collect()
}
