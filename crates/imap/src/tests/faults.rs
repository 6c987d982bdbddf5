//! What no sane server does, at every command. In the end every mail was handed on once.

use std::time::Duration;

use test_case::test_case;
use tidewaiter_testkit::imap_script::{ImapServer, Mailbox, Reply, Then};

use super::support::{Consumer, Seen, config, mail, server};
use crate::{Cursor, Reason, Start, Step, Uid, UidValidity};

/// A command and what goes wrong with its reply, so many times.
type Fault = (&'static str, u32, fn(&mut Reply, &mut Mailbox));

fn close(reply: &mut Reply, _: &mut Mailbox) {
    reply.keep(0, Then::Close);
}

fn hang(reply: &mut Reply, _: &mut Mailbox) {
    reply.keep(0, Then::Hang);
}

fn halfway(reply: &mut Reply, _: &mut Mailbox) {
    reply.keep(reply.lines.len() / 2, Then::Close);
}

fn bye(reply: &mut Reply, _: &mut Mailbox) {
    let half = reply.lines.len() / 2;
    reply.keep(half, Then::Close);
    reply.insert(half, "* BYE for now");
}

fn no(reply: &mut Reply, _: &mut Mailbox) {
    let half = reply.lines.len() / 2;
    reply.lines.drain(half..reply.lines.len() - 1);
    reply.end("NO no");
}

fn bad(reply: &mut Reply, _: &mut Mailbox) {
    let half = reply.lines.len() / 2;
    reply.lines.drain(half..reply.lines.len() - 1);
    reply.end("BAD bad");
}

fn garbage(reply: &mut Reply, _: &mut Mailbox) {
    reply.insert(0, "\x01\x02) {} garbage");
}

fn binary(reply: &mut Reply, _: &mut Mailbox) {
    reply.lines = vec![(0..=255).cycle().take(5000).collect()];
}

fn other_tag(reply: &mut Reply, _: &mut Mailbox) {
    reply.tag = "ZZ99".to_owned();
    reply.end("OK not yours");
}

fn unsolicited(reply: &mut Reply, mailbox: &mut Mailbox) {
    let exists = mailbox.mails.len();
    for line in [
        "* 2 FETCH (FLAGS (\\Seen))",
        "* 1 FETCH (UID 3 FLAGS (\\Deleted))",
        "* 77 FETCH (UID 77 RFC822.SIZE 3 INTERNALDATE \"17-Jul-2026 02:44:25 +0000\" BODY[]<0> {3}\r\nabc)",
        "* 99 EXPUNGE",
        "* 0 RECENT",
        "* OK Still here",
        "* NO [ALERT] the disk is nearly full",
        "* SEARCH 1 2 3 900000",
        "* STATUS \"INBOX\" (UIDNEXT 1 MESSAGES 0)",
        "* VANISHED 1:3",
    ] {
        reply.insert(0, line);
    }
    reply.insert(0, &format!("* {exists} EXISTS"));
    // Not the last word on the matter of how many mails there are.
    reply.insert(0, "* 0 EXISTS");
}

/// Where a search names a number that nothing has.
pub(super) fn far_away(reply: &mut Reply, _: &mut Mailbox) {
    reply.insert(0, "* SEARCH 900000");
}

fn big_literal(reply: &mut Reply, _: &mut Mailbox) {
    reply.insert(0, "* 1 FETCH (UID 1 BODY[]<0> {500000000}");
    reply.keep(1, Then::Hang);
}

fn nested(reply: &mut Reply, _: &mut Mailbox) {
    reply.insert(0, &format!("* 1 FETCH (BODYSTRUCTURE {}", "(".repeat(100_000)));
}

fn endless(reply: &mut Reply, _: &mut Mailbox) {
    reply.insert(0, &format!("* SEARCH{}", " 1".repeat(2_000_000)));
}

pub(super) fn parser_panics(reply: &mut Reply, _: &mut Mailbox) {
    reply.insert(0, "* 1 FETCH (UID 1 INTERNALDATE NIL)");
}

fn parser_slices(reply: &mut Reply, _: &mut Mailbox) {
    reply.insert(0, "* OK [ALERT]\u{e9}");
}

fn short_literal(reply: &mut Reply, _: &mut Mailbox) {
    reply.lines.insert(0, b"* 1 FETCH (UID 1 BODY[]<0> {5}\r\nthis is longer)\r\n".to_vec());
}

fn long_literal(reply: &mut Reply, _: &mut Mailbox) {
    reply.lines.insert(0, b"* 1 FETCH (UID 1 BODY[]<0> {4000}\r\nthis is shorter)\r\n".to_vec());
}

fn twice(reply: &mut Reply, _: &mut Mailbox) {
    let end = reply.lines.pop().unwrap();
    reply.lines.extend(reply.lines.clone());
    reply.lines.push(end);
}

fn twins(reply: &mut Reply, _: &mut Mailbox) {
    let half = reply.lines.len() - 1;
    let other = b"* 1 FETCH (UID 2 BODY[]<0> {7}\r\nanother)\r\n".to_vec();
    reply.lines.insert(half, other);
}

fn backwards(reply: &mut Reply, _: &mut Mailbox) {
    let half = reply.lines.len() - 1;
    reply.lines[..half].reverse();
}

fn without_first(reply: &mut Reply, _: &mut Mailbox) {
    reply.lines.remove(0);
}

fn without_all(reply: &mut Reply, _: &mut Mailbox) {
    let half = reply.lines.len() - 1;
    reply.lines.drain(..half);
}

fn nil_bodies(reply: &mut Reply, _: &mut Mailbox) {
    let half = reply.lines.len() - 1;
    for (n, line) in reply.lines[..half].iter_mut().enumerate() {
        *line = format!("* {} FETCH (UID {} BODY[]<0> NIL)\r\n", n + 1, n + 1).into_bytes();
    }
}

fn only_some(reply: &mut Reply, _: &mut Mailbox) {
    reply.lines[0] = b"* SEARCH 6\r\n".to_vec();
}

fn never_there(reply: &mut Reply, _: &mut Mailbox) {
    reply.lines[0] = b"* SEARCH 1 2 3 4 5 6 0 0\r\n".to_vec();
}

fn early_exists(reply: &mut Reply, mailbox: &mut Mailbox) {
    mailbox.append(&mail(70, 10));
    let exists = mailbox.mails.len();
    reply.insert(1, &format!("* {exists} EXISTS"));
}

fn busy(reply: &mut Reply, _: &mut Mailbox) {
    reply.lines = vec![b"* BYE [UNAVAILABLE] too many connections\r\n".to_vec()];
    reply.then = Then::Close;
}

fn busy_login(reply: &mut Reply, _: &mut Mailbox) {
    reply.end("NO [LIMIT] too many connections");
}

fn no_validity(reply: &mut Reply, _: &mut Mailbox) {
    reply.lines.retain(|line| !line.starts_with(b"* OK [UIDVALIDITY"));
}

fn no_next(reply: &mut Reply, _: &mut Mailbox) {
    reply.lines.retain(|line| !line.starts_with(b"* OK [UIDNEXT"));
}

/// The account is full, which is no matter of those who read. The server says so before the answer
/// and behind it.
fn quota(reply: &mut Reply, _: &mut Mailbox) {
    let end = reply.lines.len().saturating_sub(1);
    for at in [end, usize::from(!reply.lines.is_empty() && end > 0)] {
        reply.insert(at, "* NO [OVERQUOTA] Quota exceeded (mailbox for user is full)");
        reply.insert(at, "* OK [ALERT] quota: 101% of the mailbox is used");
        reply.insert(at, "* NO [ALERT] quota: the mailbox is full");
    }
}

fn no_size(reply: &mut Reply, _: &mut Mailbox) {
    let half = reply.lines.len() - 1;
    for line in &mut reply.lines[..half] {
        let text = String::from_utf8(line.clone()).unwrap();
        *line = text.replace("RFC822.SIZE", "X-SIZE").into_bytes();
    }
}

pub(super) fn ends_idle(reply: &mut Reply, _: &mut Mailbox) {
    let tag = reply.tag.clone();
    reply.insert(9, &format!("{tag} OK that was it"));
}

fn idle_bye(reply: &mut Reply, _: &mut Mailbox) {
    reply.insert(9, "* BYE Server shutting down.");
    reply.then = Then::Close;
}

fn idle_close(reply: &mut Reply, _: &mut Mailbox) {
    reply.then = Then::Close;
}

pub(super) fn idle_refused(reply: &mut Reply, _: &mut Mailbox) {
    reply.end("NO not for you");
}

fn idle_chatter(reply: &mut Reply, _: &mut Mailbox) {
    for _ in 0..200 {
        reply.insert(
            9,
            "* OK Still here\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* 1 EXPUNGE\r\n* 0 RECENT",
        );
    }
}

// What goes wrong, what it does in one word or two, and the mails that are there at the end.
#[test_case(&[("GREETING", 2, close)]; "greeting close")]
#[test_case(&[("GREETING", 2, hang)]; "greeting hang")]
#[test_case(&[("GREETING", 2, bye)]; "greeting bye")]
#[test_case(&[("GREETING", 2, busy)]; "greeting busy")]
#[test_case(&[("GREETING", 2, garbage)]; "greeting garbage")]
#[test_case(&[("GREETING", 1, binary)]; "greeting binary")]
#[test_case(&[("GREETING", 1, big_literal)]; "greeting big literal")]
#[test_case(&[("LOGIN", 2, close)]; "login close")]
#[test_case(&[("LOGIN", 2, hang)]; "login hang")]
#[test_case(&[("LOGIN", 2, bye)]; "login bye")]
#[test_case(&[("LOGIN", 2, no)]; "login no")]
#[test_case(&[("LOGIN", 2, bad)]; "login bad")]
#[test_case(&[("LOGIN", 2, busy_login)]; "login busy")]
#[test_case(&[("LOGIN", 2, garbage)]; "login garbage")]
#[test_case(&[("LOGIN", 2, other_tag)]; "login other tag")]
#[test_case(&[("LOGIN", 2, unsolicited)]; "login unsolicited")]
#[test_case(&[("CAPABILITY", 2, close)]; "capability close")]
#[test_case(&[("CAPABILITY", 9, no)]; "capability no")]
#[test_case(&[("CAPABILITY", 2, hang)]; "capability hang")]
#[test_case(&[("EXAMINE", 2, close)]; "examine close")]
#[test_case(&[("EXAMINE", 2, halfway)]; "examine halfway")]
#[test_case(&[("EXAMINE", 2, hang)]; "examine hang")]
#[test_case(&[("EXAMINE", 2, bye)]; "examine bye")]
#[test_case(&[("EXAMINE", 2, no)]; "examine no")]
#[test_case(&[("EXAMINE", 2, bad)]; "examine bad")]
#[test_case(&[("EXAMINE", 2, no_validity)]; "examine no validity")]
#[test_case(&[("EXAMINE", 2, unsolicited)]; "examine unsolicited")]
#[test_case(&[("EXAMINE", 2, garbage)]; "examine garbage")]
#[test_case(&[("UID SEARCH", 3, close)]; "search close")]
#[test_case(&[("UID SEARCH", 3, halfway)]; "search halfway")]
#[test_case(&[("UID SEARCH", 2, hang)]; "search hang")]
#[test_case(&[("UID SEARCH", 3, bye)]; "search bye")]
#[test_case(&[("UID SEARCH", 3, no)]; "search no")]
#[test_case(&[("UID SEARCH", 3, bad)]; "search bad")]
#[test_case(&[("UID SEARCH", 3, garbage)]; "search garbage")]
#[test_case(&[("UID SEARCH", 1, binary)]; "search binary")]
#[test_case(&[("UID SEARCH", 2, endless)]; "search endless")]
#[test_case(&[("UID SEARCH", 3, other_tag)]; "search other tag")]
#[test_case(&[("UID SEARCH UID 1:*", 9, never_there)]; "search finds too much")]
#[test_case(&[("UID SEARCH", 3, unsolicited)]; "search unsolicited")]
#[test_case(&[("UID SEARCH", u32::MAX, unsolicited)]; "search unsolicited always")]
#[test_case(&[("UID SEARCH", 3, far_away)]; "search far away")]
#[test_case(&[("UID SEARCH", u32::MAX, far_away)]; "search far away always")]
#[test_case(&[("UID SEARCH", 3, far_away), ("EXAMINE", u32::MAX, no_next)]; "search far away without uidnext")]
#[test_case(&[("EXAMINE", u32::MAX, no_next)]; "examine without uidnext")]
#[test_case(&[("UID SEARCH", 3, quota)]; "search quota")]
#[test_case(&[("RFC822.SIZE", 3, quota)]; "sizes quota")]
#[test_case(&[("BODY.PEEK[]", 3, quota)]; "fetch quota")]
#[test_case(&[("GREETING", 3, quota)]; "greeting quota")]
#[test_case(&[("LOGIN", 3, quota)]; "login quota")]
#[test_case(&[("CAPABILITY", 3, quota)]; "capability quota")]
#[test_case(&[("EXAMINE", 3, quota)]; "examine quota")]
#[test_case(&[("IDLE", 3, quota)]; "idle quota")]
#[test_case(&[("DONE", 3, quota)]; "done quota")]
#[test_case(&[("NOOP", 3, quota)]; "noop quota")]
#[test_case(&[("RFC822.SIZE", 3, close)]; "sizes close")]
#[test_case(&[("RFC822.SIZE", 3, halfway)]; "sizes halfway")]
#[test_case(&[("RFC822.SIZE", 2, hang)]; "sizes hang")]
#[test_case(&[("RFC822.SIZE", 3, no)]; "sizes no")]
#[test_case(&[("RFC822.SIZE", 3, bad)]; "sizes bad")]
#[test_case(&[("RFC822.SIZE", 3, bye)]; "sizes bye")]
#[test_case(&[("RFC822.SIZE", 3, unsolicited)]; "sizes unsolicited")]
#[test_case(&[("RFC822.SIZE", 3, no_size)]; "sizes without sizes")]
#[test_case(&[("RFC822.SIZE", 3, without_all)]; "sizes empty")]
#[test_case(&[("RFC822.SIZE", 2, parser_panics)]; "sizes parser panics")]
#[test_case(&[("RFC822.SIZE", 2, nested)]; "sizes nested")]
#[test_case(&[("BODY.PEEK[]", 3, close)]; "fetch close")]
#[test_case(&[("BODY.PEEK[]", 3, halfway)]; "fetch halfway")]
#[test_case(&[("BODY.PEEK[]", 2, hang)]; "fetch hang")]
#[test_case(&[("BODY.PEEK[]", 3, bye)]; "fetch bye")]
#[test_case(&[("BODY.PEEK[]", 3, no)]; "fetch no")]
#[test_case(&[("BODY.PEEK[]", 3, bad)]; "fetch bad")]
#[test_case(&[("BODY.PEEK[]", 3, garbage)]; "fetch garbage")]
#[test_case(&[("BODY.PEEK[]", 3, unsolicited)]; "fetch unsolicited")]
#[test_case(&[("BODY.PEEK[]", 2, big_literal)]; "fetch big literal")]
#[test_case(&[("BODY.PEEK[]", 2, short_literal)]; "fetch short literal")]
#[test_case(&[("BODY.PEEK[]", 2, long_literal)]; "fetch long literal")]
#[test_case(&[("BODY.PEEK[]", 3, twice)]; "fetch twice")]
#[test_case(&[("BODY.PEEK[]", 3, twins)]; "fetch twins")]
#[test_case(&[("BODY.PEEK[]", 3, backwards)]; "fetch backwards")]
#[test_case(&[("BODY.PEEK[]", 3, without_first)]; "fetch without the first")]
#[test_case(&[("BODY.PEEK[]", 3, without_all)]; "fetch empty")]
#[test_case(&[("BODY.PEEK[]", 3, nil_bodies)]; "fetch nil")]
#[test_case(&[("BODY.PEEK[]", 3, other_tag)]; "fetch other tag")]
#[test_case(&[("BODY.PEEK[]", 2, parser_slices)]; "fetch parser slices")]
#[test_case(&[("IDLE", 2, hang)]; "idle hang")]
#[test_case(&[("IDLE", 2, close)]; "idle close")]
#[test_case(&[("IDLE", 2, idle_close)]; "idle close later")]
#[test_case(&[("IDLE", 2, idle_bye)]; "idle bye")]
#[test_case(&[("IDLE", 2, ends_idle)]; "idle ended by the server")]
#[test_case(&[("IDLE", 9, idle_refused)]; "idle refused")]
#[test_case(&[("IDLE", 2, idle_chatter)]; "idle chatter")]
#[test_case(&[("IDLE", 2, garbage)]; "idle garbage")]
#[test_case(&[("DONE", 2, hang)]; "done hang")]
#[test_case(&[("DONE", 2, close)]; "done close")]
#[test_case(&[("DONE", 2, no)]; "done no")]
#[test_case(&[("DONE", 2, unsolicited)]; "done unsolicited")]
#[test_case(&[("NOOP", 2, hang)]; "noop hang")]
#[test_case(&[("NOOP", 2, bye)]; "noop bye")]
#[test_case(&[("NOOP", 2, bad)]; "noop bad")]
#[test_case(&[("BODY.PEEK[]", 1, halfway), ("UID SEARCH", 5, no), ("LOGIN", 3, hang), ("BODY.PEEK[]", 4, no)]; "one after another")]
#[tokio::test]
async fn every_mail_comes_once(faults: &[Fault]) {
    let server = server();
    for (part, times, change) in faults {
        server.rule(part, *times, *change);
    }
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    // Through a few waits, in which IDLE is renewed and the mailbox asked.
    consumer.for_some(Duration::from_millis(400)).await;
    server.mailbox(|mailbox| mailbox.append(&mail(7, 50)));
    consumer.until_at(7).await;
    server.mailbox(|mailbox| mailbox.append(&mail(8, 60)));
    consumer.until_at(8).await;
    consumer.has_all_of(&server);
}

#[tokio::test]
async fn a_mail_that_a_search_leaves_out_is_found_by_its_size() {
    let server = server();
    server.rule("UID SEARCH UID 1:*", 1, only_some);
    let mailbox = "INBOX".to_owned();
    let cursor = Cursor { mailbox, uid_validity: UidValidity(7), last_uid: Uid(0) };
    let mut consumer = Consumer::start(config(&server), Some(cursor), Start::Now);
    consumer.until_at(6).await;
    consumer.has_all_of(&server);
}

#[tokio::test]
async fn a_mail_that_comes_during_a_search_is_found_at_once() {
    let server = server();
    // IDLE would be renewed too late to be what finds it.
    server.rule("UID SEARCH UID 7:*", 1, early_exists);
    let mut config = config(&server);
    config.timing.idle_renew = Duration::from_secs(200);
    config.timing.command = Duration::from_secs(200);
    let mut consumer = Consumer::start(config, None, Start::Since("2000-01-01".parse().unwrap()));
    consumer.until_at(7).await;
    consumer.has_all_of(&server);
    assert!(consumer.reasons().is_empty());
}

#[test_case(idle_chatter; "chatter does not put the renewal off")]
#[test_case(|_, _| {}; "silence")]
#[tokio::test]
async fn a_push_that_never_comes_is_made_up_for(change: fn(&mut Reply, &mut Mailbox)) {
    let server = server();
    server.rule("IDLE", u32::MAX, change);
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    // Put in without any word of it.
    server.mailbox(|mailbox| {
        let mail = mailbox.mails[&1].clone();
        mailbox.mails.insert(7, mail);
        mailbox.uid_next = 8;
    });
    consumer.until_at(7).await;
    consumer.has_all_of(&server);
}

#[tokio::test]
async fn a_server_without_idle_is_asked() {
    let server = server();
    server.mailbox(|mailbox| mailbox.idle = false);
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(6).await;
    server.mailbox(|mailbox| mailbox.append(&mail(7, 50)));
    consumer.until_at(7).await;
    assert_eq!(consumer.seen[0], Seen::Connected { idle: false });
    assert!(!server.commands().iter().any(|c| c == "IDLE"));
    consumer.has_all_of(&server);
}

fn drop_uid(reply: &mut Reply, uid: u32) {
    let part = format!("(UID {uid} ").into_bytes();
    reply.lines.retain(|line| !line.windows(part.len()).any(|w| w == part));
}

#[test_case(|server| server.rule("BODY.PEEK[]", u32::MAX, |reply, _| drop_uid(reply, 3)), 2; "no body")]
#[test_case(|server| server.rule("RFC822.SIZE", u32::MAX, |reply, _| drop_uid(reply, 3)), 2; "no size")]
#[test_case(|server| server.rule("BODY.PEEK[]", u32::MAX, |reply, _| drop_uid(reply, 1)), 0; "the first")]
#[tokio::test]
async fn a_mail_that_is_there_and_does_not_come_is_never_passed(fault: fn(&ImapServer), last: u32) {
    let server = server();
    fault(&server);
    let mut consumer = Consumer::of_all(&server);
    consumer
        .until("the operator is told", |all| all.reasons().iter().any(|r| r.needs_operator()))
        .await;
    assert_eq!(consumer.last(), Some(last));
    let uid = Uid(if last == 0 { 1 } else { 3 });
    let withheld: Vec<Reason> = (1..=3).map(|tries| Reason::Withheld { uid, tries }).collect();
    assert_eq!(consumer.reasons(), withheld.iter().collect::<Vec<_>>());
    // What follows it is read once it is deleted.
    server.mailbox(|mailbox| mailbox.mails.remove(&uid.0));
    consumer.until_at(6).await;
    assert_eq!(consumer.mails.get(&(7, uid.0)), None);
    consumer.has_all_of(&server);
}

#[tokio::test]
async fn one_mail_that_breaks_the_connection_holds_up_only_what_follows_it() {
    let server = server();
    server.rule("BODY.PEEK[]", u32::MAX, |reply, mailbox| {
        let poison = mailbox.mails.contains_key(&5);
        if poison && reply.lines.iter().any(|line| line.windows(6).any(|w| w == b"UID 5 ")) {
            reply.keep(0, Then::Close);
        }
    });
    let mut consumer = Consumer::of_all(&server);
    consumer.until("the mails before it are stored", |all| all.last() == Some(3)).await;
    server.mailbox(|mailbox| mailbox.mails.remove(&5));
    consumer.until_at(6).await;
    consumer.has_all_of(&server);
}

#[tokio::test]
async fn a_server_that_ends_every_connection_is_not_hammered() {
    let server = server();
    server.rule("IDLE", u32::MAX, idle_bye);
    let mailbox = "INBOX".to_owned();
    let cursor = Cursor { mailbox, uid_validity: UidValidity(7), last_uid: Uid(6) };
    let mut consumer = Consumer::start(config(&server), Some(cursor), Start::Now);
    consumer.until("some connections", |all| all.reasons().len() == 7).await;
    let pauses: Vec<u128> = consumer
        .seen
        .iter()
        .filter_map(
            |seen| if let Seen::Lost(_, pause) = seen { Some(pause.as_millis()) } else { None },
        )
        .collect();
    assert_eq!(pauses, [1, 2, 4, 8, 16, 20, 20]);
    let text = "Server shutting down.".to_owned();
    assert_eq!(*consumer.reasons()[0], Reason::Bye { step: Step::Idle, text });
}

#[test_case("GREETING", garbage, "failed to read the greeting: the server's answer cannot be read")]
#[test_case(
    "GREETING",
    busy,
    "failed to read the greeting, the server is busy: [UNAVAILABLE] too many connections"
)]
#[test_case(
    "LOGIN",
    busy_login,
    "failed to log in, the server is busy: [LIMIT] too many connections"
)]
#[test_case("LOGIN", hang, "failed to log in: no answer within 0.25 seconds")]
#[test_case("EXAMINE", close, "failed to open the mailbox: the server closed the connection")]
#[test_case(
    "UID SEARCH",
    other_tag,
    "failed to search for new mails: the server's answer cannot be read"
)]
#[test_case("UID SEARCH", no, "failed to search for new mails: the server answered NO: no")]
#[test_case(
    "RFC822.SIZE",
    nested,
    "failed to ask for the sizes of mails: the server's answer cannot be read"
)]
#[test_case("RFC822.SIZE", parser_panics, "failed to read the server's answer: the parser gave up")]
#[test_case("BODY.PEEK[]", halfway, "failed to fetch mails: the server closed the connection")]
#[test_case("BODY.PEEK[]", bye, "failed to fetch mails, the server ended the connection: for now")]
#[test_case(
    "BODY.PEEK[]",
    big_literal,
    "failed to fetch mails: the server's answer is over the limit of 528384 bytes"
)]
#[test_case("IDLE", idle_close, "failed to wait for mails: the server closed the connection")]
#[tokio::test]
async fn says(part: &str, change: fn(&mut Reply, &mut Mailbox), text: &str) {
    let server = server();
    server.rule(part, 1, change);
    let mut consumer = Consumer::of_all(&server);
    consumer.until("it is said", |all| !all.reasons().is_empty()).await;
    assert_eq!(consumer.reasons()[0].to_string(), text);
    consumer.until_at(6).await;
    consumer.has_all_of(&server);
}

#[tokio::test]
async fn a_mail_that_was_not_asked_for_is_not_taken() {
    let server = server();
    server.rule("RFC822.SIZE", 1, |reply, _| {
        let size = "RFC822.SIZE 9 INTERNALDATE \"17-Jul-2026 02:44:25 +0000\"";
        reply.insert(0, &format!("* 2 FETCH (UID 2 {size})\r\n* 9 FETCH (UID 9 {size})"));
    });
    let mailbox = "INBOX".to_owned();
    let cursor = Cursor { mailbox, uid_validity: UidValidity(7), last_uid: Uid(3) };
    let mut consumer = Consumer::start(config(&server), Some(cursor), Start::Now);
    consumer.until_at(6).await;
    assert_eq!(consumer.mails.keys().copied().collect::<Vec<_>>(), [(7, 5), (7, 6)]);
}
