//! The watchers of the mailboxes: one task each, all of them into one channel.

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use std::{collections::BTreeMap, sync::Arc};
use tidewaiter_imap::{Account, ConfigError, Event, ImapConfig, Start, Uid, UidValidity, Watcher};
use tidewaiter_outbox::Clock;
use tidewaiter_store::{Cursor, Error, Past, Store};
use tokio::{runtime::Handle, sync::mpsc, task::JoinHandle};
use tracing::warn;

use super::{clock::Now, keeper::Input};
use crate::edges;

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
    /// What the mailbox is, whatever its name in the configuration.
    pub(crate) fn identity(&self) -> String {
        let imap = &self.imap;
        edges::identity(&imap.host, imap.port, &imap.user, &imap.mailbox)
    }

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
    store: &mut Store,
    since: Option<Date>,
    clock: &Arc<Now>,
    runtime: &Handle,
    (inputs, round): (&mpsc::Sender<Input>, u64),
) -> anyhow::Result<Watchers> {
    let mut watchers = Watchers(Vec::new());
    let mut accounts: BTreeMap<_, Account> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        let (cursor, moved) = reached(store, source)?;
        let cursor = cursor.map(|cursor| tidewaiter_imap::Cursor {
            mailbox: source.imap.mailbox.clone(),
            uid_validity: UidValidity(cursor.uid_validity),
            last_uid: Uid(cursor.uid),
        });
        let rescan = moved.then_some(source.imap.max_age);
        let rescan = rescan.and_then(|age| SignedDuration::try_from(age).ok());
        let begin = begin(since, store.past(), rescan, clock.now());
        let (events, mut received) = mpsc::channel::<Event>(WAITING);
        let time = Arc::clone(clock);
        let account = (&source.imap.host, source.imap.port, &source.imap.user);
        let account = accounts.entry(account).or_default().clone();
        let watcher = Watcher::new(source.imap.clone(), cursor, begin, events)?
            .with_account(account)
            .with_clock(move || time.now());
        watchers.0.push(runtime.spawn(watcher.run()));
        let inputs = inputs.clone();
        watchers.0.push(runtime.spawn(async move {
            while let Some(event) = received.recv().await {
                if inputs.send(Input::Mailbox { round, at, event }).await.is_err() {
                    return;
                }
            }
        }));
    }
    Ok(watchers)
}

/// How far a mailbox was read; and whether it was never read while another was, under its name.
fn reached(store: &mut Store, source: &Source) -> Result<(Option<Cursor>, bool), Error> {
    let (name, identity) = (&source.name, source.identity());
    let named = store.mailbox_named(name)?;
    // An older program knew mailboxes by their names alone.
    let older = named.is_none() && store.cursor(&identity)?.is_none();
    if older && store.cursor(name)?.is_some() {
        let writer = store.begin()?;
        writer.take_over(name, &identity)?;
        writer.name_mailbox(name, &identity)?;
        writer.commit()?;
    }
    let cursor = store.cursor(&identity)?;
    if cursor.is_some() && store.mailbox_named(name)?.as_ref() != Some(&identity) {
        let noted = store.begin().and_then(|writer| {
            writer.name_mailbox(name, &identity)?;
            writer.commit()
        });
        if let Err(e) = noted {
            // Nothing but a later change hangs on it, and a full disk is told elsewhere.
            warn!(mailbox = name, "failed to note which mailbox has this name: {e}");
        }
    }
    let moved = cursor.is_none() && named.is_some();
    Ok((cursor, moved))
}

/// Where a mailbox that was never read begins. One that took another's place is read as far back as one
/// with new numbers: what came last is perhaps in neither's part that was read.
fn begin(since: Option<Date>, past: Past, rescan: Option<SignedDuration>, now: Timestamp) -> Start {
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let known = now.checked_sub((KNOWLEDGE_DAYS * 24).hours()).map(day).ok();
    let known = known.filter(|_| past != Past::Known);
    let again = rescan.and_then(|age| now.checked_sub(age).map(day).ok());
    match since.into_iter().chain(known).chain(again).min() {
        Some(day) => Start::Since(day),
        None => Start::Now,
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(None, Past::Known, None => Start::Now; "a mailbox that was added")]
    #[test_case(None, Past::Known, Some(14) => Start::Since(Date::constant(2026, 6, 1)); "one in another's place")]
    #[test_case(None, Past::Empty, None => Start::Since(Date::constant(2026, 5, 16)); "a first start")]
    #[test_case(Some("2026-06-01"), Past::Empty, None => Start::Since(Date::constant(2026, 5, 16)); "less than that")]
    #[test_case(Some("2026-01-01"), Past::Empty, None => Start::Since(Date::constant(2026, 1, 1)); "more than that")]
    #[test_case(Some("2026-01-01"), Past::Known, None => Start::Since(Date::constant(2026, 1, 1)); "added, with a day")]
    fn beginnings(since: Option<&str>, past: Past, rescan: Option<i64>) -> Start {
        let now = "2026-06-15T12:00:00Z".parse().unwrap();
        let rescan = rescan.map(|days| SignedDuration::from_hours(24 * days));
        begin(since.map(|day| day.parse().unwrap()), past, rescan, now)
    }
}
