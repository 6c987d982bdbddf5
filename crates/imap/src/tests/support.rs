//! A consumer that stores as the daemon does, and notices every broken promise at once.

use std::collections::BTreeMap;
use std::time::Duration;

use tidewaiter_testkit::imap_script::{ImapServer, PASSWORD, USER};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::{
    Account, Cursor, Event, ImapConfig, Item, Reason, ResetCause, Secret, Start, Tls, Watcher,
};

/// How long anything may take before a test says that it hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// The largest mail that the tests' watchers fetch.
pub(super) const MAX_MAIL: u32 = 4096;

/// A configuration for `server` in which nothing takes long.
pub(super) fn config(server: &ImapServer) -> ImapConfig {
    let mut config = ImapConfig::new("127.0.0.1", USER, Secret::new(PASSWORD.to_owned()));
    config.port = server.port();
    config.tls = Tls::Plain;
    config.max_mail = MAX_MAIL;
    let timing = &mut config.timing;
    timing.command = Duration::from_millis(250);
    timing.done = Duration::from_millis(100);
    timing.idle_renew = Duration::from_millis(150);
    timing.poll = Duration::from_millis(20);
    timing.retry_min = Duration::from_millis(1);
    timing.retry_max = Duration::from_millis(20);
    timing.retry_busy = Duration::from_millis(30);
    timing.retry_refused = Duration::from_millis(40);
    config
}

/// What happened, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    Connected { idle: bool },
    Lost(Reason, Duration),
    Reset(ResetCause),
    Batch(usize),
    CaughtUp,
    NotPushed,
}

/// A mail that was stored, by the mailbox's life and its number.
pub(super) type Key = (u32, u32);

/// A store in memory, and the watcher that fills it.
pub(super) struct Consumer {
    events: mpsc::Receiver<Event>,
    watcher: JoinHandle<()>,
    pub(super) cursor: Option<Cursor>,
    pub(super) mails: BTreeMap<Key, Item>,
    pub(super) seen: Vec<Seen>,
    /// What was there at the last reset.
    pub(super) until: u32,
    /// How many of the next batches are not stored.
    pub(super) fail: u32,
}

impl Consumer {
    pub(super) fn start(config: ImapConfig, cursor: Option<Cursor>, start: Start) -> Self {
        Self::of(config, cursor, start, Account::default())
    }

    /// One of several consumers with the same account.
    pub(super) fn of(
        config: ImapConfig,
        cursor: Option<Cursor>,
        start: Start,
        account: Account,
    ) -> Self {
        let (sender, events) = mpsc::channel(1);
        let watcher = Watcher::new(config, cursor.clone(), start, sender)
            .unwrap()
            .with_dice(|| 1.0)
            .with_account(account)
            .with_clock(|| "2026-07-20T00:00:00Z".parse().unwrap());
        let watcher = tokio::spawn(watcher.run());
        let (mails, seen) = (BTreeMap::new(), Vec::new());
        Self { events, watcher, cursor, mails, seen, until: 0, fail: 0 }
    }

    /// A consumer of everything that `server` has.
    pub(super) fn of_all(server: &ImapServer) -> Self {
        Self::start(config(server), None, Start::Since("2000-01-01".parse().unwrap()))
    }

    /// Takes events until `done`.
    pub(super) async fn until(&mut self, what: &str, done: impl Fn(&Self) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !done(self) {
            let Ok(event) = timeout_at(end, self.events.recv()).await else {
                panic!("nothing happened while waiting until {what}: {self:#?}");
            };
            self.take(event.expect("the watcher goes on"));
        }
    }

    /// Takes events for some time.
    pub(super) async fn for_some(&mut self, time: Duration) {
        let _ = timeout(time, async {
            while let Some(event) = self.events.recv().await {
                self.take(event);
            }
        })
        .await;
    }

    /// Takes events until everything up to `uid` is stored and the watcher knows it.
    pub(super) async fn until_at(&mut self, uid: u32) {
        self.until(&format!("mail {uid} is stored"), |all| {
            all.last() == Some(uid) && all.seen.last() == Some(&Seen::CaughtUp)
        })
        .await;
    }

    pub(super) fn last(&self) -> Option<u32> {
        self.cursor.as_ref().map(|cursor| cursor.last_uid.0)
    }

    pub(super) fn reasons(&self) -> Vec<&Reason> {
        self.seen
            .iter()
            .filter_map(|seen| if let Seen::Lost(reason, _) = seen { Some(reason) } else { None })
            .collect()
    }

    pub(super) fn resets(&self) -> Vec<ResetCause> {
        let cause = |seen: &Seen| if let Seen::Reset(cause) = seen { Some(*cause) } else { None };
        self.seen.iter().filter_map(cause).collect()
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Connected { idle } => self.seen.push(Seen::Connected { idle }),
            Event::Disconnected { reason, retry_in, .. } => {
                self.seen.push(Seen::Lost(reason, retry_in));
            }
            Event::CaughtUp => self.seen.push(Seen::CaughtUp),
            Event::NotPushed => self.seen.push(Seen::NotPushed),
            Event::Reset(reset) => {
                self.seen.push(Seen::Reset(reset.cause));
                assert!(reset.until >= reset.cursor.last_uid, "{reset:?}");
                self.until = reset.until.0;
                self.cursor = Some(reset.cursor);
                reset.receipt.stored();
            }
            Event::Batch(batch) => {
                let before = self.cursor.clone().expect("a batch comes under a cursor");
                let mut last = before.last_uid;
                if self.fail > 0 {
                    self.fail -= 1;
                    return;
                }
                for item in batch.items.iter().cloned() {
                    assert!(item.uid() > last, "{} after {last}", item.uid());
                    last = item.uid();
                    let key = (before.uid_validity.0, last.0);
                    assert!(self.mails.insert(key, item).is_none(), "{key:?} came twice");
                }
                assert_eq!(batch.cursor, Cursor { last_uid: last, ..before });
                self.seen.push(Seen::Batch(batch.items.len()));
                self.cursor = Some(batch.cursor);
                batch.receipt.stored();
            }
        }
    }

    /// Every mail of the server is stored, as it is there, and nothing else.
    pub(super) fn has_all_of(&self, server: &ImapServer) {
        let (validity, expected) = server.mailbox(|m| (m.uid_validity, m.mails.clone()));
        let stored: BTreeMap<u32, Vec<u8>> = self
            .mails
            .iter()
            .filter(|((life, _), _)| *life == validity)
            .filter_map(|((_, uid), item)| match item {
                Item::Fetched { raw, .. } => Some((*uid, raw.clone())),
                _ => None,
            })
            .collect();
        let expected = expected.into_iter().map(|(uid, mail)| (uid, mail.raw)).collect();
        assert_eq!(stored, expected, "{:#?}", self.seen);
    }
}

impl std::fmt::Debug for Consumer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cursor, mails, seen, .. } = self;
        let mails: Vec<&Key> = mails.keys().collect();
        f.debug_struct("Consumer")
            .field("cursor", cursor)
            .field("mails", &mails)
            .field("seen", seen)
            .finish()
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

/// A mail of about `size` bytes that says its number.
pub(super) fn mail(n: u32, size: usize) -> Vec<u8> {
    let head = format!("Subject: mail {n}\r\nMessage-ID: <{n}@example.org>\r\n\r\n");
    let body = "A line ) of {12} text, which \"ends\" here (\r\n".repeat(size / 44 + 1);
    (head + &body).into_bytes()
}

/// A server with five mails, 1, 2, 3, 5 and 6: the fourth was deleted long ago.
pub(super) fn server() -> ImapServer {
    let server = ImapServer::start();
    server.mailbox(|mailbox| {
        for n in 1..=6 {
            mailbox.append(&mail(n, 100 * n as usize));
        }
        mailbox.mails.remove(&4);
    });
    server
}
