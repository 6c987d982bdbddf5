//! A store with replies, a server that follows a script, and a clock that stands still.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, civil::Date};
use tempfile::TempDir;
use tidewaiter_mail::{Address, Mailbox, MessageId};
use tidewaiter_outbox::{
    Clock, Halt, ListRule, Outbox, Pass, PolicyTerm, Rules, Security, Server, Timeouts,
};
use tidewaiter_reply::{Reply, ReplyKind};
use tidewaiter_store::{Limits, NewReply, Queued, ReplyRow, ReplyState, Store};
use tidewaiter_testkit::smtp::{Script, SmtpServer};

pub(crate) const LIST: &str = "frob-devel@lists.example.org";
pub(crate) const BOT: &str = "tidewaiter@bot.example.net";

/// A clock that goes when it is told to.
pub(crate) struct Hands(AtomicI64);

impl Hands {
    pub(crate) fn go(&self, by: SignedDuration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap()
    }

    fn random(&self) -> u64 {
        4
    }
}

pub(crate) struct Scene {
    folder: TempDir,
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) smtp: SmtpServer,
    pub(crate) server: Server,
    pub(crate) rules: Rules,
    pub(crate) clock: Arc<Hands>,
}

pub(crate) fn start() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join("store")
}

pub(crate) fn rules() -> Rules {
    Rules {
        halt: Halt::default(),
        stop_file: None,
        limits: Limits { hour: 50, day: 200, domain_day: 200, ..Limits::default() },
        lists: vec![ListRule {
            list: LIST.to_owned(),
            may_send: true,
            by_itself: true,
            policy: PolicyTerm {
                until: Some(Date::constant(2026, 6, 30)),
                over: "policy-not-checked",
                project: "QEMU".to_owned(),
                checked: Some(Date::constant(2026, 5, 30)),
            },
            max_age: SignedDuration::from_hours(48),
            quiet: None,
        }],
        operator: Some("olga@example.net".to_owned()),
        give_up: SignedDuration::from_hours(24),
        bounces: 3,
    }
}

/// A server on loopback without TLS, and no patience.
pub(crate) fn server(port: u16) -> Server {
    let short = Duration::from_millis(250);
    Server {
        host: "localhost".to_owned(),
        port,
        security: Security::Loopback,
        hello: "bot.example.net".to_owned(),
        login: None,
        authority: None,
        timeouts: Timeouts {
            step: short,
            before: Duration::from_secs(5),
            answer: short,
            megabyte: Duration::ZERO,
        },
    }
}

impl Scene {
    pub(crate) fn new(script: Script) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&path(folder.path())).unwrap();
        store.trust_past().unwrap();
        let smtp = SmtpServer::start(script);
        Self {
            folder,
            store: Arc::new(Mutex::new(store)),
            server: server(smtp.port()),
            smtp,
            rules: rules(),
            clock: Arc::new(Hands(AtomicI64::new(start().as_microsecond()))),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        path(self.folder.path())
    }

    pub(crate) fn store<T>(&self, doing: impl FnOnce(&mut Store) -> T) -> T {
        doing(&mut self.store.lock().unwrap())
    }

    /// Queues a reply to the list and the author of series `number`.
    pub(crate) fn queue(&self, number: u32) -> MessageId {
        let now = self.clock.now();
        self.store(|store| queue(store, number, &format!("author{number}@example.org"), now))
    }

    pub(crate) fn outbox(&self) -> Outbox {
        let (store, clock) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        Outbox::new(store, self.server.clone(), self.rules.clone(), clock).unwrap()
    }

    pub(crate) fn row(&self, id: &MessageId) -> ReplyRow {
        self.store(|store| store.reply(id).unwrap().unwrap())
    }

    pub(crate) fn state(&self, id: &MessageId) -> ReplyState {
        self.row(id).state
    }

    pub(crate) fn count(&self, id: &MessageId) -> usize {
        self.smtp.count(id.as_str())
    }
}

/// Goes through the outbox once.
pub(crate) fn pass(outbox: &mut Outbox) -> Pass {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(outbox.pass(&|| true)).unwrap()
}

/// Queues the summary of series `number`.
pub(crate) fn queue(store: &mut Store, number: u32, author: &str, now: Timestamp) -> MessageId {
    let series = MessageId::new(&format!("series{number}@example.org")).unwrap();
    let reply = Reply {
        to: vec![person(LIST)],
        cc: vec![person(&format!("Alice Author <{author}>"))],
        in_reply_to: Some(series.clone()),
        references: vec![series],
        ..reply(number, ReplyKind::Summary)
    };
    let author = Address::new(author).unwrap();
    put(store, &NewReply { author: Some(&author), ..new(&reply, now) })
}

/// Queues a digest for one reader.
pub(crate) fn queue_digest(store: &mut Store, to: &str, now: Timestamp) -> MessageId {
    let list = Address::new(LIST).unwrap();
    let kind = ReplyKind::Digest { list, period: "2026-06-01/2026-06-07".to_owned() };
    let reply = Reply { to: vec![person(to)], ..reply(1000, kind) };
    put(store, &new(&reply, now))
}

fn person(text: &str) -> Mailbox {
    Mailbox::parse(text).unwrap()
}

fn reply(number: u32, kind: ReplyKind) -> Reply {
    Reply {
        id: MessageId::new(&format!("tw.{number:032}@bot.example.net")).unwrap(),
        kind,
        list: Address::new(LIST).unwrap(),
        to: Vec::new(),
        cc: Vec::new(),
        from: person(&format!("tidewaiter <{BOT}>")),
        subject: format!("Re: [PATCH] frob {number}"),
        in_reply_to: None,
        references: Vec::new(),
        policy: "frob-2026".to_owned(),
        body: ".Patch 1 states AI use.\n..\n.\nPeople decide.\n\n-- \ntidewaiter\n".to_owned(),
        held_by: None,
    }
}

fn new(reply: &Reply, now: Timestamp) -> NewReply<'_> {
    NewReply {
        reply,
        project: "frob",
        list_id: Some("frob-devel.lists.example.org"),
        author: None,
        rules: vec!["declared-under-ban"],
        about: now,
        now,
    }
}

fn put(store: &mut Store, new: &NewReply<'_>) -> MessageId {
    let writer = store.begin().unwrap();
    assert_eq!(writer.queue(new).unwrap(), Queued::Ready);
    assert_eq!(writer.queue(new).unwrap(), Queued::Known);
    writer.commit().unwrap();
    new.reply.id.clone()
}
