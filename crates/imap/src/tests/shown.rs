//! What a server says is held against what it shows: numbers, sizes, bodies, whether it pushes.

use std::time::Duration;

use test_case::test_case;
use tidewaiter_testkit::imap_script::{Mailbox, Reply, Then};

use super::{
    faults::{ends_idle, far_away, idle_refused, parser_panics},
    support::{Consumer, Seen, config, mail, server},
};
use crate::{Cursor, Reason, Start, Uid, UidValidity};

/// Behind the numbers that the server has given nothing can have been deleted: a mail that comes there
/// later is still read.
#[tokio::test]
async fn a_number_that_was_never_given_is_no_deleted_mail() {
    let server = server();
    server.rule("UID SEARCH UID 7:*", 1, far_away);
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    server.mailbox(|mailbox| mailbox.append(&mail(7, 50)));
    consumer.until_at(7).await;
    assert!(consumer.mails.keys().all(|(_, uid)| *uid <= 7), "{consumer:?}");
    assert!(consumer.reasons().is_empty(), "{consumer:?}");
    consumer.has_all_of(&server);
}

/// However many lines a search is answered with, and however long: the first mails are read.
#[tokio::test]
async fn more_than_a_mailbox_holds_is_found() {
    let server = server();
    server.rule("UID SEARCH UID 1:*", 1, |reply, _| {
        for line in 0..50 {
            let all: String = (1..1000).map(|n| format!(" {}", 1000 * line + n)).collect();
            reply.insert(0, &format!("* SEARCH{all}"));
        }
    });
    let mailbox = "INBOX".to_owned();
    let cursor = Cursor { mailbox, uid_validity: UidValidity(7), last_uid: Uid(0) };
    let mut consumer = Consumer::start(config(&server), Some(cursor), Start::Now);
    consumer.until_at(6).await;
    consumer.has_all_of(&server);
    let sizes = server.commands().into_iter().find(|c| c.contains("RFC822.SIZE")).unwrap();
    assert_eq!(sizes, "UID FETCH 1:200 (UID RFC822.SIZE INTERNALDATE)");
}

/// Puts other bytes for the body of mail 3.
fn body_of_3(reply: &mut Reply, bytes: &str) {
    for line in &mut reply.lines {
        if line.windows(7).any(|w| w == b"(UID 3 ") {
            let length = bytes.len();
            *line = format!("* 3 FETCH (UID 3 BODY[]<0> {{{length}}}\r\n{bytes})\r\n").into_bytes();
        }
    }
}

#[test_case(1; "once")]
#[test_case(4; "for two connections")]
#[tokio::test]
async fn an_empty_body_is_no_mail(times: u32) {
    let server = server();
    server.rule("BODY.PEEK[]", times, |reply, _| body_of_3(reply, ""));
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    consumer.has_all_of(&server);
    let again = consumer.reasons().iter().all(|r| matches!(r, Reason::Withheld { .. }));
    assert!(again, "{:?}", consumer.reasons());
}

#[tokio::test]
async fn an_empty_body_that_stays_empty_is_told() {
    let server = server();
    server.rule("BODY.PEEK[]", u32::MAX, |reply, _| {
        body_of_3(reply, "");
        for line in &mut reply.lines {
            // Quoted, too.
            let text = String::from_utf8_lossy(line).replace("{0}\r\n)", "\"\")");
            *line = text.into_bytes();
        }
    });
    let mut consumer = Consumer::of_all(&server);
    consumer
        .until("the operator is told", |all| all.reasons().iter().any(|r| r.needs_operator()))
        .await;
    assert_eq!(consumer.last(), Some(2));
    assert_eq!(*consumer.reasons()[2], Reason::Withheld { uid: Uid(3), tries: 3 });
}

#[tokio::test]
async fn a_body_that_was_cut_off_is_asked_for_again() {
    let server = server();
    server.rule("BODY.PEEK[]", 1, |reply, _| body_of_3(reply, "Subject: cut"));
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    consumer.has_all_of(&server);
    assert!(consumer.reasons().is_empty(), "{:?}", consumer.reasons());
}

/// Sizes need not be exact: where the same comes again it is the mail.
#[tokio::test]
async fn a_size_that_is_told_too_large_costs_one_more_fetch() {
    let server = server();
    server.rule("RFC822.SIZE", u32::MAX, |reply, _| {
        for line in &mut reply.lines {
            let text = String::from_utf8(line.clone()).unwrap();
            *line = text.replace("(UID 3 RFC822.SIZE ", "(UID 3 RFC822.SIZE 1").into_bytes();
        }
    });
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    consumer.has_all_of(&server);
    assert!(consumer.reasons().is_empty(), "{:?}", consumer.reasons());
    let fetches = server.commands().iter().filter(|c| c.contains("BODY.PEEK[]")).count();
    assert_eq!(fetches, 2);
}

#[test_case(|reply, _| reply.keep(0, Then::Close), "the server closed the connection"; "closed")]
#[test_case(parser_panics, "the parser gave up"; "not read")]
#[tokio::test]
async fn a_mail_that_breaks_every_connection_is_named(
    how: fn(&mut Reply, &mut Mailbox),
    text: &str,
) {
    let server = server();
    server.rule("BODY.PEEK[]", u32::MAX, move |reply, mailbox| {
        if reply.lines.iter().any(|line| line.windows(6).any(|w| w == b"UID 5 ")) {
            how(reply, mailbox);
        }
    });
    let mut consumer = Consumer::of_all(&server);
    let told = |all: &Consumer| all.reasons().iter().any(|r| r.needs_operator());
    consumer.until("the operator is told", told).await;
    assert_eq!(consumer.last(), Some(3));
    let reason = consumer.reasons().last().unwrap().to_string();
    assert!(
        reason.starts_with("failed to fetch the mail 5: 3 connections failed at it"),
        "{reason}"
    );
    assert!(reason.contains(text), "{reason}");
    // What follows it is read once it is deleted.
    server.mailbox(|mailbox| mailbox.mails.remove(&5));
    consumer.until_at(6).await;
    consumer.has_all_of(&server);
}

#[tokio::test]
async fn that_idle_was_refused_is_told() {
    let server = server();
    server.rule("IDLE", 1, idle_refused);
    let mut consumer = Consumer::of_all(&server);
    consumer.until("it is told", |all| all.seen.contains(&Seen::NotPushed)).await;
    assert_eq!(consumer.seen[0], Seen::Connected { idle: true });
    consumer.for_some(Duration::from_millis(100)).await;
    assert_eq!(server.commands().iter().filter(|c| *c == "IDLE").count(), 1);
}

/// A server may end an IDLE, after half an hour for instance; it pushes again afterwards.
#[tokio::test]
async fn an_idle_that_the_server_has_ended_is_begun_again() {
    let server = server();
    server.rule("IDLE", 2, ends_idle);
    let mut config = config(&server);
    // It is not the renewal that makes up for it.
    config.timing.idle_renew = Duration::from_secs(200);
    let mut consumer = Consumer::start(config, None, Start::Since("2000-01-01".parse().unwrap()));
    consumer.until_at(6).await;
    consumer.for_some(Duration::from_millis(300)).await;
    server.mailbox(|mailbox| mailbox.append(&mail(7, 50)));
    consumer.until_at(7).await;
    assert!(consumer.reasons().is_empty(), "{:?}", consumer.reasons());
    assert!(!consumer.seen.contains(&Seen::NotPushed), "{:?}", consumer.seen);
    assert!(server.commands().iter().filter(|c| *c == "IDLE").count() >= 3);
}
