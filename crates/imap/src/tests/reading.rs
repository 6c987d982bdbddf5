//! Where reading begins, what is read, and what is only noted.

use std::time::Duration;

use test_case::test_case;
use tidewaiter_testkit::imap_script::ImapServer;

use super::support::{Consumer, MAX_MAIL, Seen, config, mail, server};
use crate::{Cursor, Item, Reason, ResetCause, Start, Step, Uid, UidValidity};

fn cursor(uid_validity: u32, last_uid: u32) -> Cursor {
    let mailbox = "INBOX".to_owned();
    Cursor { mailbox, uid_validity: UidValidity(uid_validity), last_uid: Uid(last_uid) }
}

#[tokio::test]
async fn everything_comes_once_and_in_order() {
    let server = server();
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    assert_eq!(
        consumer.seen,
        [
            Seen::Connected { idle: true },
            Seen::Reset(ResetCause::FirstStart),
            Seen::Batch(5),
            Seen::CaughtUp
        ]
    );
    server.mailbox(|mailbox| mailbox.append(&mail(7, 50)));
    consumer.until_at(7).await;
    consumer.has_all_of(&server);
    let Some(Item::Fetched { internal_date, size, raw, .. }) = consumer.mails.get(&(7, 7)) else {
        panic!("{consumer:?}");
    };
    assert_eq!(*internal_date, Some("2026-07-17T02:44:25Z".parse().unwrap()));
    assert_eq!(*size as usize, raw.len());
    let commands = server.commands();
    let changing = ["SELECT", "STORE", "EXPUNGE", "APPEND", "CLOSE", "COPY", "MOVE", "BODY["];
    assert!(!commands.iter().any(|c| changing.iter().any(|word| c.contains(word))), "{commands:?}");
}

#[test_case(Start::Now, 6; "from now")]
#[test_case(Start::Since("2026-07-17".parse().unwrap()), 0; "from the day of the first")]
#[test_case(Start::Since("2026-07-18".parse().unwrap()), 0; "the day before counts too")]
#[test_case(Start::Since("2026-07-19".parse().unwrap()), 6; "from a day without mails")]
#[tokio::test]
async fn begins(start: Start, before: u32) {
    let server = server();
    let mut consumer = Consumer::start(config(&server), None, start);
    consumer.until("the start is known", |all| all.last().is_some()).await;
    assert_eq!(consumer.last(), Some(before));
    server.mailbox(|mailbox| mailbox.append(&mail(7, 50)));
    consumer.until_at(7).await;
    assert_eq!(consumer.mails.len(), if before == 6 { 1 } else { 6 });
}

#[test_case(0; "an empty mailbox")]
#[test_case(3; "a mailbox with mails")]
#[tokio::test]
async fn begins_now_without_uidnext(mails: u32) {
    let server = ImapServer::start();
    server.mailbox(|mailbox| {
        for n in 1..=mails {
            mailbox.append(&mail(n, 9));
        }
    });
    server.rule("EXAMINE", u32::MAX, |reply, _| {
        reply.lines.retain(|line| !line.windows(7).any(|word| word == b"UIDNEXT"));
    });
    let mut consumer = Consumer::start(config(&server), None, Start::Now);
    consumer.until("the start is known", |all| all.last().is_some()).await;
    assert_eq!(consumer.last(), Some(mails));
}

#[tokio::test]
async fn goes_on_at_the_cursor() {
    let server = server();
    let start = Start::Since("2000-01-01".parse().unwrap());
    let mut consumer = Consumer::start(config(&server), Some(cursor(7, 3)), start);
    consumer.until_at(6).await;
    assert_eq!(consumer.mails.keys().copied().collect::<Vec<_>>(), [(7, 5), (7, 6)]);
    assert_eq!(consumer.resets(), []);
}

#[tokio::test]
async fn new_numbers_are_read_anew_as_far_as_they_are_recent() {
    let server = server();
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    server.mailbox(|mailbox| {
        let old: Vec<_> = std::mem::take(&mut mailbox.mails).into_values().collect();
        (mailbox.uid_validity, mailbox.uid_next) = (8, 1);
        mailbox.append_on(" 1-Jan-2020 00:00:00 +0000", &mail(100, 10));
        for mail in old {
            mailbox.append(&mail.raw);
        }
    });
    consumer.until("the new numbers are read", |all| all.mails.contains_key(&(8, 6))).await;
    let (old, new) = (UidValidity(7), UidValidity(8));
    assert!(consumer.resets().contains(&ResetCause::UidValidityChanged { old, new }));
    assert_eq!(consumer.until, 6);
    // The mail of 2020, number 1, is too old to be read again.
    assert_eq!(consumer.mails.keys().filter(|(life, _)| *life == 8).count(), 5);
    assert!(!consumer.mails.contains_key(&(8, 1)));
}

#[tokio::test]
async fn a_mailbox_from_a_backup_is_read_anew() {
    let server = server();
    server.mailbox(|mailbox| {
        mailbox.mails.retain(|uid, _| *uid < 3);
        mailbox.uid_next = 3;
    });
    let mut consumer = Consumer::start(config(&server), Some(cursor(7, 6)), Start::Now);
    consumer.until_at(2).await;
    let (last, next) = (Uid(6), Uid(3));
    assert_eq!(consumer.resets(), [ResetCause::UidNextWentBack { last, next }]);
    server.mailbox(|mailbox| mailbox.append(&mail(3, 10)));
    consumer.until_at(3).await;
    consumer.has_all_of(&server);
}

/// It happens under an open connection: a restore that keeps UIDVALIDITY.
#[test_case(true; "and there are pushes of nothing")]
#[test_case(false; "and nothing is pushed")]
#[tokio::test]
async fn a_mailbox_is_put_back_while_it_is_open(pushes: bool) {
    let server = server();
    let mut config = config(&server);
    if pushes {
        // Nothing else than a push wakes it.
        config.timing.idle_renew = Duration::from_secs(200);
        config.timing.command = Duration::from_secs(200);
    }
    let mut consumer = Consumer::start(config, Some(cursor(7, 5)), Start::Now);
    consumer.until_at(6).await;
    consumer.for_some(Duration::from_millis(50)).await;
    server.mailbox(|mailbox| {
        mailbox.mails.retain(|uid, _| *uid < 3);
        mailbox.uid_next = 3;
        mailbox.append(&mail(33, 10));
    });
    consumer.until_at(3).await;
    let (last, next) = (Uid(6), Uid(4));
    assert_eq!(consumer.resets(), [ResetCause::UidNextWentBack { last, next }]);
    assert!(consumer.reasons().is_empty(), "{:?}", consumer.reasons());
    // It reads on under the numbers of now.
    server.mailbox(|mailbox| mailbox.append(&mail(44, 10)));
    consumer.until_at(4).await;
}

/// A session that stays open may hear of it from the server at any moment.
#[tokio::test]
async fn other_numbers_are_noticed_at_the_first_word() {
    let server = server();
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    server.rule("NOOP", 1, |reply, mailbox| {
        mailbox.uid_validity = 8;
        reply.insert(0, "* OK [UIDVALIDITY 8] other numbers");
    });
    consumer.until("all are read anew", |all| all.mails.contains_key(&(8, 6))).await;
    assert_eq!(consumer.reasons(), [&Reason::UidValidityMoved { now: UidValidity(8) }]);
}

/// The server gives other numbers, and says so to those alone who open the mailbox.
#[tokio::test]
async fn other_numbers_are_noticed_without_a_word() {
    let server = server();
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    server.mailbox(|mailbox| mailbox.uid_validity = 8);
    consumer.until("all are read anew", |all| all.mails.contains_key(&(8, 6))).await;
    let (old, new) = (UidValidity(7), UidValidity(8));
    assert_eq!(consumer.resets().last(), Some(&ResetCause::UidValidityChanged { old, new }));
    assert!(consumer.reasons().is_empty(), "{:?}", consumer.reasons());
    assert_eq!(consumer.seen.last(), Some(&Seen::Batch(5)));
    consumer.until_at(6).await;
}

#[tokio::test]
async fn a_wrong_uidnext_once_changes_nothing() {
    let server = server();
    server.rule("EXAMINE", 1, |_, mailbox| mailbox.uid_next = 7);
    server.rule("EXAMINE", 1, |reply, _| {
        reply.lines.retain(|line| !line.starts_with(b"* OK [UIDNEXT"));
        reply.insert(0, "* OK [UIDNEXT 2] wrong");
    });
    let mut consumer = Consumer::start(config(&server), Some(cursor(7, 3)), Start::Now);
    consumer.until_at(6).await;
    assert_eq!(consumer.resets(), []);
    assert_eq!(consumer.mails.len(), 2);
}

#[tokio::test]
async fn a_large_mail_is_noted_with_its_header() {
    let server = server();
    let limit = MAX_MAIL as usize;
    server.mailbox(|mailbox| {
        mailbox.append(&mail(7, 10 * limit));
        mailbox.append(&mail(8, 10));
        mailbox.append(&mail(9, 2 * limit));
    });
    // The size of mail 9 is a lie: it is found out when more comes than was said.
    server.rule("RFC822.SIZE", u32::MAX, |reply, _| {
        for line in &mut reply.lines {
            let text = String::from_utf8(line.clone()).unwrap();
            if let Some((head, rest)) = text.split_once("UID 9 RFC822.SIZE ") {
                let (_, rest) = rest.split_once(' ').unwrap();
                *line = format!("{head}UID 9 RFC822.SIZE 12 {rest}").into_bytes();
            }
        }
    });
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(9).await;
    let header = |n: u32| {
        Some(mail(n, 0).split_inclusive(|b| *b == b'\n').take(3).collect::<Vec<_>>().concat())
    };
    for n in [7, 9] {
        let Some(Item::TooLarge { size, header: got, .. }) = consumer.mails.get(&(7, n)) else {
            panic!("{consumer:?}");
        };
        assert!(*size > MAX_MAIL);
        assert_eq!(*got, header(n), "{:?}", got.as_deref().map(String::from_utf8_lossy));
    }
    assert!(matches!(consumer.mails.get(&(7, 8)), Some(Item::Fetched { .. })));
    // Of a mail that is known to be too large no body is asked for.
    let commands = server.commands();
    let sets: Vec<&str> = commands
        .iter()
        .filter(|c| c.contains("BODY.PEEK[]"))
        .filter_map(|c| c.split(' ').nth(2))
        .collect();
    assert_eq!(sets, ["1:3,5:6,8:9"]);
}

#[tokio::test]
async fn a_mail_deleted_between_search_and_fetch_has_vanished() {
    let server = server();
    server.rule("BODY.PEEK[]", 1, |reply, mailbox| {
        mailbox.mails.remove(&2);
        mailbox.mails.remove(&6);
        reply.lines.retain(|line| !line.windows(6).any(|w| w == b"UID 2 " || w == b"UID 6 "));
    });
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    assert_eq!(consumer.mails.get(&(7, 2)), Some(&Item::Vanished { uid: Uid(2) }));
    assert_eq!(consumer.mails.get(&(7, 6)), Some(&Item::Vanished { uid: Uid(6) }));
    consumer.has_all_of(&server);
}

#[tokio::test]
async fn what_is_not_stored_comes_again() {
    let server = server();
    let mut consumer = Consumer::of_all(&server);
    consumer.fail = 2;
    consumer.until_at(6).await;
    assert_eq!(consumer.reasons(), [&Reason::NotStored, &Reason::NotStored]);
    consumer.has_all_of(&server);
}

#[tokio::test]
async fn nothing_more_is_fetched_before_the_receipt() {
    let server = ImapServer::start();
    server.mailbox(|mailbox| {
        for n in 1..=500 {
            mailbox.append(&mail(n, 9));
        }
    });
    let (sender, mut events) = tokio::sync::mpsc::channel(100);
    let watcher =
        crate::Watcher::new(config(&server), Some(cursor(7, 0)), Start::Now, sender).unwrap();
    let watcher = tokio::spawn(watcher.run());
    let mut held = None;
    while let Some(event) = events.recv().await {
        if let crate::Event::Batch(batch) = event {
            held = Some(batch);
            break;
        }
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let fetches = server.commands().iter().filter(|c| c.contains("BODY.PEEK[]")).count();
    assert_eq!((fetches, held.map(|batch| batch.items.len())), (1, Some(200)));
    drop(events);
    tokio::time::timeout(Duration::from_secs(5), watcher).await.unwrap().unwrap();
}

/// The UIDs of a sparse mailbox: many in the first windows of a search, none in some, few in the last.
fn sparse(server: &ImapServer) -> u32 {
    server.mailbox(|mailbox| {
        for n in 1..=340 {
            mailbox.append(&mail(n, 9));
        }
        mailbox.uid_next = 2000;
        mailbox.append(&mail(341, 9));
        mailbox.uid_next = 2500;
        mailbox.append(&mail(342, 9));
        mailbox.uid_next - 1
    })
}

#[tokio::test]
async fn a_large_mailbox_is_searched_in_windows() {
    let server = ImapServer::start();
    let last = sparse(&server);
    let mut consumer = Consumer::start(config(&server), Some(cursor(7, 0)), Start::Now);
    consumer.until_at(last).await;
    consumer.has_all_of(&server);
    let commands = server.commands();
    let searches: Vec<&str> =
        commands.iter().filter_map(|c| c.strip_prefix("UID SEARCH UID ")).take(8).collect();
    assert_eq!(
        searches,
        [
            "1:300",
            "301:600",
            "341:640",
            "641:940",
            "941:1240",
            "1241:1540",
            "1541:1840",
            "1841:2140"
        ]
    );
}

#[tokio::test]
async fn a_large_mailbox_is_searched_in_windows_without_uidnext_too() {
    let server = ImapServer::start();
    let last = sparse(&server);
    server.rule("EXAMINE", u32::MAX, |reply, _| {
        reply.lines.retain(|line| !line.starts_with(b"* OK [UIDNEXT"));
    });
    let mut consumer = Consumer::start(config(&server), Some(cursor(7, 0)), Start::Now);
    consumer.until_at(last).await;
    consumer.has_all_of(&server);
    let commands = server.commands();
    let mut searches = commands.iter().filter_map(|c| c.strip_prefix("UID SEARCH UID "));
    assert_eq!(searches.next(), Some("*"));
    assert_eq!(searches.next(), Some("1:300"));
}

#[tokio::test]
async fn a_large_mailbox_is_read_from_a_day_on() {
    let server = ImapServer::start();
    let last = sparse(&server);
    server.mailbox(|mailbox| {
        for (uid, mail) in &mut mailbox.mails {
            if *uid < 2000 {
                mail.internal_date = " 1-Jan-2020 00:00:00 +0000".to_owned();
            }
        }
    });
    let start = Start::Since("2026-07-01".parse().unwrap());
    let mut consumer = Consumer::start(config(&server), None, start);
    consumer.until_at(last).await;
    assert_eq!(consumer.mails.keys().copied().collect::<Vec<_>>(), [(7, 2000), (7, 2500)]);
}

#[tokio::test]
async fn a_batch_is_bounded_in_bytes_whatever_sizes_are_told() {
    let server = ImapServer::start();
    server.mailbox(|mailbox| {
        for n in 1..=20 {
            mailbox.append(&mail(n, 3900));
        }
    });
    let mut honest = Consumer::of_all(&server);
    honest.until_at(20).await;
    assert!(honest.seen.contains(&Seen::Batch(9)), "{:?}", honest.seen);
    server.rule("RFC822.SIZE", u32::MAX, |reply, _| {
        for line in &mut reply.lines {
            let text = String::from_utf8(line.clone()).unwrap();
            *line = text.replace("RFC822.SIZE 3", "RFC822.SIZE 0").into_bytes();
        }
    });
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(20).await;
    let over = |reason: &&Reason| matches!(reason, Reason::Oversize { step: Step::Fetch, .. });
    assert!(consumer.reasons().iter().any(over), "{:?}", consumer.reasons());
    consumer.has_all_of(&server);
    honest.has_all_of(&server);
}
