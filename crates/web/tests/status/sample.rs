//! Snapshots that were made up, with people of example.org.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tidewaiter_web::{
    Alarm, Cap, Connection, Counters, Hearing, Level, List, Replies, Reply, Sending, Series,
    Snapshot, Span, Stop, Watcher,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn counts(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect()
}

/// A daemon that was started this moment.
pub(crate) fn fresh() -> Snapshot {
    Snapshot {
        version: "0.1.0".into(),
        instance: "5e0ec6a1".into(),
        now: at("2026-11-22T15:41:07Z"),
        started: at("2026-11-22T15:41:06Z"),
        sending: Sending { allowed: true, why_not: vec![] },
        stop: None,
        alarms: vec![],
        watchers: vec![],
        lists: vec![],
        replies: Replies::default(),
        caps: vec![],
        series: vec![],
        counters: Counters::default(),
    }
}

/// A daemon with a busy year behind it, where several things want a person.
pub(crate) fn busy() -> Snapshot {
    Snapshot {
        started: at("2026-11-10T06:02:11Z"),
        sending: Sending { allowed: false, why_not: vec!["no mail server took a mail for 40 minutes: failed to connect to smtp.example.net, refused; tried again at 15:50".into()] },
        stop: Some(Stop {
            why: "two replies to one series would have gone to qemu-devel.example.org".into(),
            since: Some(at("2026-11-22T13:20:00Z")),
        }),
        alarms: alarms(),
        watchers: watchers(),
        lists: lists(),
        replies: replies(),
        caps: vec![
            cap(Span::Hour, None, 5, 5),
            cap(Span::Day, None, 11, 20),
            cap(Span::Day, Some("qemu-devel.example.org"), 9, 20),
        ],
        series: series(),
        counters: Counters {
            mails: 48_211,
            series: 5_301,
            outcomes: counts(&[
                ("silent", 4_710),
                ("disclosure", 122),
                ("ask", 31),
                ("decline", 17),
                ("not-judged", 421),
            ]),
            errors: counts(&[("imap", 12), ("smtp", 3)]),
            quarantined: 1,
            queue_age_seconds: Some(5_400),
        },
        ..fresh()
    }
}

/// A daemon on a good day.
pub(crate) fn calm() -> Snapshot {
    let mut calm = busy();
    calm.stop = None;
    calm.alarms.clear();
    calm.sending = Sending { allowed: true, why_not: vec![] };
    calm.watchers.truncate(1);
    calm.lists.truncate(1);
    calm.replies.doubt.clear();
    calm.replies.held.clear();
    calm.replies.by_state = counts(&[("ready", 2), ("seen", 212), ("sent", 1)]);
    calm.caps.iter_mut().for_each(|cap| cap.used = 1);
    calm.counters.errors.clear();
    calm.counters.quarantined = 0;
    calm
}

fn alarms() -> Vec<Alarm> {
    let alarm =
        |level, text: &str, since: &str| Alarm { level, text: text.into(), since: Some(at(since)) };
    vec![
        alarm(
            Level::Fault,
            "failed to log in to imap.example.net, refused 3 times in a row: mend the password",
            "2026-11-22T12:55:40Z",
        ),
        alarm(
            Level::Notice,
            "no mail came from block.example.org for 31 hours; is the account still subscribed?",
            "2026-11-22T08:00:00Z",
        ),
        alarm(
            Level::Notice,
            "the policy qemu-2025-06 was last checked 29 days ago; look at its source before Tuesday",
            "2026-11-20T00:00:00Z",
        ),
    ]
}

fn watchers() -> Vec<Watcher> {
    vec![
        Watcher {
            name: "qemu".into(),
            connection: Connection::Connected {
                since: at("2026-11-21T03:11:00Z"),
                hearing: Hearing::Idle,
            },
            failures: 0,
            reconnects: 4,
            caught_up: true,
            last_mail: Some(at("2026-11-22T15:39:20Z")),
            lag_seconds: Some(0),
            last_uid: Some(48_190),
            mails: 48_112,
        },
        Watcher {
            name: "block".into(),
            connection: Connection::Disconnected {
                since: Some(at("2026-11-22T12:55:40Z")),
                reason: "failed to log in, refused 3 times in a row: Authentication failed".into(),
                retry_at: Some(at("2026-11-22T15:55:40Z")),
            },
            failures: 9,
            reconnects: 17,
            caught_up: false,
            last_mail: Some(at("2026-11-21T08:00:00Z")),
            lag_seconds: Some(9_927),
            last_uid: Some(99),
            mails: 99,
        },
        Watcher {
            name: "spare".into(),
            connection: Connection::Connecting,
            failures: 0,
            reconnects: 0,
            caught_up: false,
            last_mail: None,
            lag_seconds: None,
            last_uid: None,
            mails: 0,
        },
    ]
}

fn lists() -> Vec<List> {
    let list = |id: &str, mode: &str, in_effect: &str, last: &str| List {
        id: id.into(),
        policy: Some("qemu-2025-06".into()),
        policy_date: Some("2025-06-24".parse().unwrap()),
        mode: mode.into(),
        mode_in_effect: in_effect.into(),
        mode_why: None,
        last_mail: Some(at(last)),
        quiet: false,
    };
    vec![
        list("qemu-devel.example.org", "list", "list", "2026-11-22T15:39:20Z"),
        List {
            mode_why: Some("a change to the policy's own text was pulled on 2026-11-19".into()),
            quiet: true,
            ..list("block.example.org", "hold", "observe", "2026-11-21T08:00:00Z")
        },
        List {
            policy: None,
            policy_date: None,
            last_mail: None,
            ..list("trivial.example.org", "observe", "observe", "2026-11-21T08:00:00Z")
        },
    ]
}

pub(crate) fn reply(id: &str, state: &str, subject: &str) -> Reply {
    Reply {
        id: id.into(),
        state: state.into(),
        subject: Some(subject.into()),
        list: Some("qemu-devel.example.org".into()),
        queued: at("2026-11-22T11:02:00Z"),
        due: None,
        held_by: None,
        note: None,
    }
}

fn replies() -> Replies {
    Replies {
        by_state: counts(&[
            ("ready", 2),
            ("sent", 1),
            ("seen", 212),
            ("doubt", 1),
            ("dead", 1),
            ("held", 3),
            ("cancelled", 40),
        ]),
        doubt: vec![Reply {
            note: Some(
                "the connection was lost after the final dot, before the server's answer".into(),
            ),
            ..reply("tw.9f2c41", "doubt", "Re: [PATCH v2 0/3] hw/misc: add frob device")
        }],
        held: vec![
            Reply {
                held_by: Some("decline".into()),
                ..reply("tw.10ab7e", "held", "Re: [PATCH] docs: mend a link")
            },
            Reply {
                held_by: Some("first-series".into()),
                ..reply(
                    "tw.66d0f3",
                    "held",
                    "Re: [PATCH 0/12] target/frob: decode the rest of the vector instructions, and test each of them",
                )
            },
        ],
        waiting: vec![Reply {
            due: Some(at("2026-11-22T23:02:00Z")),
            ..reply("tw.0c33aa", "ready", "Re: [PATCH 1/2] tests: cover the frob timer")
        }],
    }
}

fn cap(per: Span, list: Option<&str>, used: u64, limit: u64) -> Cap {
    Cap { per, list: list.map(Into::into), used, limit }
}

pub(crate) fn one(id: &str, title: &str, author: &str, outcome: &str) -> Series {
    Series {
        id: id.into(),
        title: Some(title.into()),
        author: Some(author.into()),
        version: 1,
        first: at("2026-11-22T14:02:10Z"),
        judged: Some(at("2026-11-22T14:03:00Z")),
        lists: vec!["qemu-devel.example.org".into()],
        mails: 4,
        declared: false,
        indicated: false,
        outcome: Some(outcome.into()),
        not_judged: None,
        silence: Some("nothing-to-say".into()),
        policy: Some("qemu-2025-06".into()),
        policy_date: Some("2025-06-24".parse().unwrap()),
        rules: vec![],
        reply: None,
    }
}

fn series() -> Vec<Series> {
    vec![
        Series {
            judged: None,
            outcome: None,
            silence: None,
            mails: 1,
            first: at("2026-11-22T15:39:20Z"),
            ..one("a1@example.org", "migration: name the stream's sections", "Zoë Example", "")
        },
        Series {
            version: 2,
            declared: true,
            silence: None,
            rules: vec!["declared-under-ban".into()],
            reply: Some("held".into()),
            ..one("a2@example.org", "hw/misc: add frob device", "Alice Author", "decline")
        },
        Series {
            indicated: true,
            silence: None,
            rules: vec!["mark-without-declaration".into(), "tag-order".into()],
            reply: Some("sent".into()),
            ..one(
                "a3@example.org",
                "target/frob: decode the rest of the vector instructions, and test each of them",
                "Bob Builder",
                "ask",
            )
        },
        one("a4@example.org", "block: close the file on every path", "Carol Committer", "silent"),
        Series {
            outcome: None,
            not_judged: Some("not-this-tree".into()),
            silence: None,
            lists: vec!["qemu-devel.example.org".into(), "kvm.example.org".into()],
            first: at("2026-11-21T22:10:00Z"),
            mails: 31,
            ..one("a5@example.org", "KVM: x86: frob the clock", "Dan Developer", "")
        },
        Series {
            declared: true,
            silence: Some("not-spoken-of".into()),
            first: at("2026-11-21T09:00:00Z"),
            mails: 1,
            ..one("a6@example.org", "docs: mend a link", "Erin Editor", "disclosure")
        },
    ]
}

/// Text that would like to be markup, a header or a metric.
pub(crate) const HOSTILE: [&str; 9] = [
    "</title></style><script>window.hacked=1</script>",
    "\"><img src=x onerror=window.hacked=1>",
    "' autofocus onfocus='window.hacked=1",
    "<a href=javascript:window.hacked=1>x</a><iframe src=https://example.org/></iframe>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'><base href=https://example.org/>",
    "]]></title><entry><id>x</id></entry>&nbsp;&#0;",
    "x\"} 1\ntidewaiter_stopped 1\n# TYPE x\\",
    "\u{202e}reversed\u{2066} \u{7}\u{1b}[31m\u{0}\u{fffe}\u{2028}\r\n\tx",
    "{{ 7 * 7 }} {% raw %} wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
];

/// Every text of it is hostile.
pub(crate) fn hostile() -> Snapshot {
    let mut all = busy();
    let mut next = HOSTILE.iter().cycle().map(|text| (*text).to_owned());
    let mut text = || next.next().unwrap();
    all.version = text();
    all.sending.why_not = HOSTILE.map(String::from).to_vec();
    all.stop = Some(Stop { why: text(), since: None });
    all.alarms.iter_mut().for_each(|alarm| alarm.text = text());
    for watcher in &mut all.watchers {
        watcher.name = text();
        if let Connection::Disconnected { reason, .. } = &mut watcher.connection {
            *reason = text();
        }
    }
    for list in &mut all.lists {
        (list.id, list.policy) = (text(), Some(text()));
        (list.mode, list.mode_in_effect, list.mode_why) = (text(), text(), Some(text()));
    }
    let queues = &mut all.replies;
    for queue in [&mut queues.doubt, &mut queues.held, &mut queues.waiting] {
        queue.clear();
        for bad in HOSTILE {
            let like = reply(bad, bad, bad);
            let bad = || Some(bad.to_owned());
            queue.push(Reply { list: bad(), held_by: bad(), note: bad(), ..like });
        }
    }
    all.caps.iter_mut().for_each(|cap| cap.list = Some(text()));
    all.series = HOSTILE.iter().flat_map(|bad| hostile_series(bad)).collect();
    let words: BTreeMap<String, u64> = HOSTILE.iter().map(|bad| ((*bad).to_owned(), 1)).collect();
    queues.by_state = words.clone();
    (all.counters.outcomes, all.counters.errors) = (words.clone(), words);
    all
}

fn hostile_series(bad: &str) -> [Series; 2] {
    let told = Series {
        rules: vec![bad.into()],
        reply: Some(bad.into()),
        lists: vec![bad.into()],
        policy: Some(bad.into()),
        ..one(bad, bad, bad, bad)
    };
    let silent = Series {
        outcome: None,
        reply: None,
        not_judged: Some(bad.into()),
        id: format!("{bad}2"),
        title: Some(bad.repeat(200)),
        ..told.clone()
    };
    [told, silent]
}
