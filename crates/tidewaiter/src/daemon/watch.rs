//! The watchers of the mailboxes: one task each, all of them into one channel.

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use std::{collections::BTreeMap, sync::Arc};
use tidewaiter_imap::{Account, ConfigError, Event, ImapConfig, Start, Uid, UidValidity, Watcher};
use tidewaiter_outbox::Clock;
use tidewaiter_store::{Past, Store};
use tokio::{runtime::Handle, sync::mpsc, task::JoinHandle};

use super::{clock::Now, keeper::Input};

/// How far back a store that does not know its past reads: own mails of that time are found, and
/// authors and versions are known.
const KNOWLEDGE_DAYS: i64 = 30;
/// Events of a mailbox that wait to be taken; each may hold a batch of mails.
const WAITING: usize = 2;

/// One mailbox that is to be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Its name in the configuration.
    pub(crate) name: String,
    pub(crate) imap: ImapConfig,
}

impl Source {
    /// Whether it can be watched as configured, before anything that works is given up for it.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let (events, _) = mpsc::channel(1);
        Watcher::new(self.imap.clone(), None, Start::Now, events).map(drop)
    }
}

/// The watchers; they end when this is dropped.
pub(crate) struct Watchers(Vec<JoinHandle<()>>);

impl Drop for Watchers {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

/// Watches mailboxes from where the store says that they were read to.
pub(crate) fn start(
    sources: &[Source],
    store: &Store,
    since: Option<Date>,
    clock: &Arc<Now>,
    runtime: &Handle,
    (inputs, round): (&mpsc::Sender<Input>, u64),
) -> anyhow::Result<Watchers> {
    let mut watchers = Watchers(Vec::new());
    for (at, source) in sources.iter().enumerate() {
        let cursor = store.cursor(&source.name)?.map(|cursor| tidewaiter_imap::Cursor {
            mailbox: source.imap.mailbox.clone(),
            uid_validity: UidValidity(cursor.uid_validity),
            last_uid: Uid(cursor.uid),
        });
        let begin = begin(since, store.past(), clock.now());
    let mut accounts: BTreeMap<_, Account> = BTreeMap::new();
        let (events, mut received) = mpsc::channel::<Event>(WAITING);
        let time = Arc::clone(clock);
        let watcher = Watcher::new(source.imap.clone(), cursor, begin, events)?
            .with_clock(move || time.now());
        watchers.0.push(runtime.spawn(watcher.run()));
        let inputs = inputs.clone();
        watchers.0.push(runtime.spawn(async move {
            while let Some(event) = received.recv().await {
                if inputs.send(Input::Mailbox { round, at, event }).await.is_err() {
                    return;
                }
            }
        let account = (&source.imap.host, source.imap.port, &source.imap.user);
        let account = accounts.entry(account).or_default().clone();
        }));
            .with_account(account)
    }
    Ok(watchers)
}

/// Where a mailbox that was never read begins.
fn begin(since: Option<Date>, past: Past, now: Timestamp) -> Start {
    let known = now
        .checked_sub((KNOWLEDGE_DAYS * 24).hours())
        .map(|at| at.to_zoned(TimeZone::UTC).date())
        .ok()
        .filter(|_| past != Past::Known);
    match since.into_iter().chain(known).min() {
        Some(day) => Start::Since(day),
        None => Start::Now,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(None, Past::Known => Start::Now; "a mailbox that was added")]
    #[test_case(None, Past::Empty => Start::Since(Date::constant(2026, 5, 16)); "a first start")]
    #[test_case(Some("2026-06-01"), Past::Empty => Start::Since(Date::constant(2026, 5, 16)); "less than that")]
    #[test_case(Some("2026-01-01"), Past::Empty => Start::Since(Date::constant(2026, 1, 1)); "more than that")]
    #[test_case(Some("2026-01-01"), Past::Known => Start::Since(Date::constant(2026, 1, 1)); "added, with a day")]
    fn beginnings(since: Option<&str>, past: Past) -> Start {
        let now = "2026-06-15T12:00:00Z".parse().unwrap();
        begin(since.map(|day| day.parse().unwrap()), past, now)
    }
}
