//! A consumer that stores in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use tidewaiter_imap::{
    Batch, Cursor, Event, ImapConfig, Item, Reason, ResetCause, Secret, Start, Watcher,
};
use tidewaiter_testkit::dovecot::{Dovecot, PASSWORD, USER};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

/// How long anything may take before a test says that it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A configuration for `dovecot` in which a fault is noticed soon.
pub(crate) fn config(dovecot: &Dovecot) -> ImapConfig {
    let mut config = ImapConfig::new("localhost", USER, Secret::new(PASSWORD.to_owned()));
    config.port = dovecot.imaps;
    config.extra_ca = Some(dovecot.ca());
    let timing = &mut config.timing;
    timing.command = Duration::from_secs(5);
    timing.done = Duration::from_millis(500);
    timing.idle_renew = Duration::from_millis(700);
    timing.retry_min = Duration::from_millis(20);
    timing.retry_max = Duration::from_millis(200);
    timing.retry_busy = Duration::from_millis(100);
    config
}

/// A mail that says its number.
pub(crate) fn mail(n: u32) -> Vec<u8> {
    let body = "A line of a patch that is not there.\n".repeat(150);
    format!("From: A <a@example.org>\nSubject: {n}\nMessage-ID: <{n}@example.org>\n\n{body}")
        .into_bytes()
}

pub(crate) struct Consumer {
    events: mpsc::Receiver<Event>,
    watcher: JoinHandle<()>,
    cursor: Option<Cursor>,
    pub(crate) items: BTreeMap<(u32, u32), Item>,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) resets: Vec<ResetCause>,
    pub(crate) idle: Option<bool>,
}

impl Consumer {
    pub(crate) fn of_all(config: ImapConfig) -> Self {
        let (sender, events) = mpsc::channel(1);
        let start = Start::Since("2000-01-01".parse().unwrap());
        let watcher = tokio::spawn(Watcher::new(config, None, start, sender).unwrap().run());
        Self {
            events,
            watcher,
            cursor: None,
            items: BTreeMap::new(),
            reasons: Vec::new(),
            resets: Vec::new(),
            idle: None,
        }
    }

    pub(crate) async fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            if let Some(batch) = self.next(what, end).await {
                self.store(batch);
            }
        }
    }

    /// Until the mails with these subjects, and no others, are stored.
    pub(crate) async fn until_has(&mut self, subjects: RangeInclusive<u32>) {
        let all: BTreeSet<u32> = subjects.collect();
        self.until(&format!("{} mails are stored", all.len()), |consumer| {
            consumer.bodies().filter_map(subject).collect::<BTreeSet<u32>>() == all
        })
        .await;
    }

    /// Until everything up to `uid` is dealt with.
    pub(crate) async fn until_at(&mut self, uid: u32) {
        self.until(&format!("the cursor is at {uid}"), |consumer| {
            consumer.cursor.as_ref().is_some_and(|cursor| cursor.last_uid.0 == uid)
        })
        .await;
    }

    /// The next batch, not stored yet.
    pub(crate) async fn hold_batch(&mut self) -> Batch {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(batch) = self.next("a batch comes", end).await {
                return batch;
            }
        }
    }

    pub(crate) fn store(&mut self, batch: Batch) {
        let cursor = self.cursor.as_mut().expect("a batch comes under a cursor");
        for item in batch.items {
            assert!(item.uid() > cursor.last_uid);
            cursor.last_uid = item.uid();
            let key = (cursor.uid_validity.0, item.uid().0);
            assert!(self.items.insert(key, item).is_none(), "{key:?} came twice");
        }
        assert_eq!(*cursor, batch.cursor);
        batch.receipt.stored();
    }

    /// Mails whose bytes are stored.
    pub(crate) fn fetched(&self) -> usize {
        self.bodies().count()
    }

    pub(crate) fn bodies(&self) -> impl Iterator<Item = &[u8]> {
        self.items.values().filter_map(|item| match item {
            Item::Fetched { raw, .. } => Some(raw.as_slice()),
            _ => None,
        })
    }

    async fn next(&mut self, what: &str, end: Instant) -> Option<Batch> {
        let event = timeout_at(end, self.events.recv()).await.ok().flatten();
        match event.unwrap_or_else(|| panic!("waited until {what}; {:?}", self.reasons)) {
            Event::Connected { idle } => self.idle = Some(idle),
            Event::Disconnected { reason, .. } => self.reasons.push(reason),
            Event::CaughtUp | Event::NotPushed => {}
            Event::Reset(reset) => {
                self.resets.push(reset.cause);
                self.cursor = Some(reset.cursor);
                reset.receipt.stored();
            }
            Event::Batch(batch) => return Some(batch),
        }
        None
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

fn subject(raw: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(raw).ok()?;
    text.lines().find_map(|line| line.strip_prefix("Subject: "))?.parse().ok()
}
