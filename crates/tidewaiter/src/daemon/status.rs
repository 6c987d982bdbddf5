//! What the status page shows: the store, and how things stand at this moment.

use std::{path::PathBuf, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tidewaiter_outbox::Clock as _;
use tidewaiter_reply::Mode;
use tidewaiter_store::{Beside, Error, Past, ReplyRow, ReplyState, SeriesRow};
use tidewaiter_web::{
    Alarm, Cap, Connection, Counters, Hearing, Level, List, Replies, Reply, Sending, Series,
    Snapshot, Source, Span, Stop, Watcher,
};

use super::{
    clock::Now,
    live::{Link, Listed, Live, State, Watching},
};

/// Series that are shown.
const SERIES: u32 = 200;
/// Alarms of these kinds mean that the daemon does not do its work.
const FAULTS: [&str; 6] = ["mailbox", "store", "outbox", "mail-server", "unread", "unsent"];

/// What the status page asks.
pub(crate) struct Status {
    pub(crate) store: PathBuf,
    pub(crate) live: Arc<Live>,
    pub(crate) clock: Arc<Now>,
}

impl Source for Status {
    fn snapshot(&self) -> Result<Snapshot, String> {
        self.look().map_err(|e| e.to_string())
    }
}

impl Status {
    fn look(&self) -> Result<Snapshot, Error> {
        let state = self.live.state().clone();
        let caught_up = self.live.caught_up();
        let now = self.clock.now();
        let store = Beside::open(&self.store)?;
        let past = store.past()?;
        let stop = store.stopped()?;
        let waiting = store.replies(ReplyState::Ready)?;
        let oldest = waiting.iter().map(|reply| reply.queued).min();
        let mut series = Vec::new();
        for row in store.last_series(SERIES)? {
            series.extend(shown(&store, &row)?);
        }
        let mut lists = Vec::new();
        for list in &state.lists {
            lists.push(listed(list, store.heard(&list.id)?, now));
        }
        let ago = |hours| now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(now);
        let cap = |per, used, limit: u32| Cap { per, list: None, used, limit: u64::from(limit) };
        let mut caps = vec![
            cap(Span::Hour, store.armed_since(ago(1))?, state.caps.hour),
            cap(Span::Day, store.armed_since(ago(24))?, state.caps.day),
        ];
        let of_lists =
            [(Span::Hour, 1, state.caps.list_hour), (Span::Day, 24, state.caps.list_day)];
        for (per, hours, limit) in of_lists {
            for list in limit.iter().flat_map(|_| &state.lists) {
                let used = store.armed_to(&list.id, ago(hours))?;
                let all = cap(per, used, limit.unwrap_or_default());
                caps.push(Cap { list: Some(list.id.clone()), ..all });
            }
        }
        let counts = store.reply_counts()?;
        let counts = counts.into_iter().map(|(state, count)| (state.as_str().to_owned(), count));
        Ok(Snapshot {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            instance: store.instance()?.unwrap_or_default(),
            now,
            started: state.started,
            sending: sending(&state, past, caught_up, stop.is_some()),
            stop: stop.map(|stop| Stop { why: stop.why, since: Some(stop.since) }),
            alarms: alarms(&state, self.live.silent(), now),
            watchers: state.watchers.iter().map(|watching| watcher(watching, now)).collect(),
            lists,
            replies: Replies {
                by_state: counts.collect(),
                doubt: replies(store.replies(ReplyState::Doubt)?),
                held: replies(store.replies(ReplyState::Held)?),
                waiting: replies(waiting),
            },
            caps,
            series,
            counters: Counters {
                mails: state.counts.mails,
                series: state.counts.series,
                outcomes: state.counts.outcomes.clone(),
                errors: state.counts.errors.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect(),
                quarantined: store.quarantined_count()?,
                queue_age_seconds: oldest.map(|at| seconds(now, at)),
            },
        })
    }
}

fn seconds(now: Timestamp, since: Timestamp) -> u64 {
    u64::try_from(now.duration_since(since).as_secs()).unwrap_or_default()
}

fn sending(state: &State, past: Past, caught_up: bool, stopped: bool) -> Sending {
    let mut why_not = Vec::new();
    if !state.can_send {
        why_not.push("every list is only observed".to_owned());
    }
    if past != Past::Known {
        why_not.push("the store does not know what was sent before it".to_owned());
    }
    if !caught_up {
        why_not.push("not every mail that came was read yet".to_owned());
    }
    // The stop switch is shown by itself.
    let shut = state.shut.iter().filter(|why| !why.starts_with("the stop switch"));
    why_not.extend(shut.cloned());
    Sending { allowed: why_not.is_empty() && !stopped, why_not }
}

/// The alarms, and what a thread that hangs cannot tell of itself.
fn alarms(state: &State, silent: Option<(&'static str, Duration)>, now: Timestamp) -> Vec<Alarm> {
    let level = |name: &str| {
        let kind = name.split(' ').next().unwrap_or_default();
        if FAULTS.contains(&kind) { Level::Fault } else { Level::Notice }
    };
    let alarm = |(name, alarm): (&String, &super::live::Alarm)| Alarm {
        level: level(name),
        text: alarm.text.clone(),
        since: Some(alarm.since),
    };
    let silent = silent.map(|(thread, silent)| Alarm {
        level: Level::Fault,
        text: format!("the thread that {thread} has done nothing for {} seconds", silent.as_secs()),
        since: before(now, silent),
    });
    silent.into_iter().chain(state.alarms.iter().map(alarm)).collect()
}

/// The time so long ago.
fn before(now: Timestamp, ago: Duration) -> Option<Timestamp> {
    SignedDuration::try_from(ago).ok().and_then(|ago| now.checked_sub(ago).ok())
}

fn watcher(watching: &Watching, now: Timestamp) -> Watcher {
    let (connection, failures) = match &watching.link {
        Link::Starting => (Connection::Connecting, 0),
        Link::Up { since, idle } => {
            let hearing = if *idle { Hearing::Idle } else { Hearing::Polling };
            (Connection::Connected { since: *since, hearing }, 0)
        }
        Link::Down { why, retry, failures } => {
            let down = watching.down.map(|at| at.elapsed()).unwrap_or_default();
            let (since, retry_at) = (before(now, down), Some(*retry));
            (Connection::Disconnected { since, reason: why.clone(), retry_at }, *failures)
        }
    };
    Watcher {
        name: watching.name.clone(),
        connection,
        failures,
        reconnects: watching.reconnects,
        caught_up: watching.caught_up,
        last_mail: watching.last_mail,
        lag_seconds: Some(watching.behind.map_or(0, |since| since.elapsed().as_secs())),
        last_uid: watching.last_uid,
        mails: watching.mails,
    }
}

fn listed(list: &Listed, heard: Option<Timestamp>, now: Timestamp) -> List {
    let mode = word(list.mode);
    let kept = list.kept.as_ref().filter(|_| list.mode != Mode::Observe);
    List {
        id: list.id.clone(),
        policy: Some(list.policy.clone()),
        policy_date: list.policy_date,
        mode_in_effect: kept.map_or_else(|| mode.clone(), |_| word(Mode::Observe)),
        mode,
        mode_why: kept.cloned(),
        last_mail: heard,
        quiet: now.duration_since(heard.unwrap_or(list.since)) > list.quiet_alarm,
    }
}

fn replies(rows: Vec<ReplyRow>) -> Vec<Reply> {
    let reply = |row: ReplyRow| Reply {
        id: row.id.as_str().to_owned(),
        state: row.state.as_str().to_owned(),
        subject: row.subject,
        list: Some(row.list.split('@').next().unwrap_or_default().to_owned()),
        queued: row.queued,
        due: (row.state == ReplyState::Ready).then_some(row.not_before),
        held_by: row.held_by,
        note: row.note.map(|note| super::logging::masked(&note)),
    };
    rows.into_iter().map(reply).collect()
}

/// A series as it was recorded; `None` where that says nothing.
fn shown(store: &Beside, row: &SeriesRow) -> Result<Option<Series>, Error> {
    let Some(record) = row.record.as_ref().and_then(|text| serde_json::from_str(text).ok()) else {
        return Ok(None);
    };
    let record: Value = record;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let field = |name: &str| text(record.get(name).unwrap_or(&Value::Null));
    let is = |name: &str| record.get(name) == Some(&Value::Bool(true));
    let number = |name: &str| {
        let number = record.get(name).and_then(Value::as_u64);
        number.and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
    };
    let each = |name: &str| record.get(name).and_then(Value::as_array).into_iter().flatten();
    let mut rules: Vec<String> =
        each("findings").filter_map(|finding| text(finding.get("rule")?)).collect();
    rules.sort();
    rules.dedup();
    let reply = record.pointer("/reply/id").and_then(Value::as_str);
    let reply = reply.and_then(tidewaiter_mail::MessageId::new);
    let reply = match reply {
        Some(id) => store.reply(&id)?.map(|row| row.state.as_str().to_owned()),
        None => None,
    };
    Ok(Some(Series {
        id: row.id.clone().unwrap_or_default(),
        title: field("title"),
        author: record.pointer("/author/name").and_then(text),
        version: number("version"),
        first: row.first,
        // What is stored was judged; when, is known by its last mail alone.
        judged: Some(row.last),
        lists: each("lists").filter_map(text).collect(),
        mails: number("received"),
        declared: is("declared"),
        indicated: is("indicated"),
        outcome: field("outcome"),
        not_judged: field("not_judged"),
        silence: field("silence"),
        policy: field("policy"),
        policy_date: field("policy_date").and_then(|day| day.parse().ok()),
        rules,
        reply,
    }))
}

fn word(mode: Mode) -> String {
    let value = serde_json::to_value(mode).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tidewaiter_store::Store;

    use super::*;

    /// The page has a connection to the store of its own and answers whatever the other threads do.
    #[test]
    fn a_thread_that_hangs_is_a_fault() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = folder.path().join("store.sqlite");
        drop(Store::open(&store).unwrap());
        let clock = Arc::new(Now::new());
        let live = Arc::new(Live::new(clock.now()));
        let status = Status { store, live: Arc::clone(&live), clock };
        assert_eq!(status.snapshot().unwrap().alarms, []);
        let Some(long_ago) = Instant::now().checked_sub(Duration::from_secs(61)) else { return };
        live.state().beat = long_ago;
        let alarms = status.snapshot().unwrap().alarms;
        let texts: Vec<&str> = alarms.iter().map(|alarm| alarm.text.as_str()).collect();
        assert_eq!(texts, ["the thread that decides has done nothing for 61 seconds"]);
        assert_eq!(alarms[0].level, Level::Fault);
        live.beat();
        assert_eq!(status.snapshot().unwrap().alarms, []);
    }

    #[test]
    fn what_keeps_replies_from_being_sent_is_a_fault() {
        let now = Timestamp::UNIX_EPOCH;
        let live = Live::new(now);
        for name in ["mail-server", "unread lists", "unsent", "stop", "policy own"] {
            live.alarm(name, name, now);
        }
        let state = live.state().clone();
        let alarms = alarms(&state, None, now).into_iter();
        let faults = alarms.filter(|a| a.level == Level::Fault).map(|a| a.text);
        assert_eq!(faults.collect::<Vec<_>>(), ["mail-server", "unread lists", "unsent"]);
    }
}
