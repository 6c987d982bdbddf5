//! The watcher against a real Dovecot, started for each test on loopback, over TLS.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod consumer;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use consumer::{Consumer, config, mail};
use test_case::test_case;
use tidewaiter_imap::{Item, ProbeError, Reason, ResetCause, Secret, Step, Tls, probe};
use tidewaiter_testkit::dovecot::{Certificate, Dovecot, Options, USER};

/// A Dovecot with so many mails; the test is over where there is none.
fn dovecot(mails: u32) -> Option<Dovecot> {
    let mut dovecot = Dovecot::start(Options::default())?;
    for n in 1..=mails {
        dovecot.deliver("", &mail(n));
    }
    Some(dovecot)
}

#[test_case(Tls::Implicit; "implicit TLS")]
#[test_case(Tls::StartTls; "STARTTLS")]
#[tokio::test]
async fn reads_and_is_pushed_to(tls: Tls) {
    let Some(mut dovecot) = dovecot(5) else { return };
    let mut config = config(&dovecot);
    config.tls = tls;
    config.port = if tls == Tls::Implicit { dovecot.imaps } else { dovecot.imap };
    // Renewal is far away: what comes, comes by IDLE.
    config.timing.idle_renew = Duration::from_secs(200);
    let mut consumer = Consumer::of_all(config);
    consumer.until_has(1..=5).await;
    assert_eq!(consumer.idle, Some(true));
    for n in 6..=8 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let delivered = Instant::now();
        dovecot.deliver("", &mail(n));
        consumer.until_has(1..=n).await;
        println!("mail {n} was stored {:?} after its delivery", delivered.elapsed());
    }
    assert!(consumer.reasons.is_empty(), "{:?}", consumer.reasons);
    // Nothing in the mailbox has changed.
    let flags = dovecot.doveadm(&["-f", "tab", "fetch", "-u", USER, "flags", "mailbox", "INBOX"]);
    assert_eq!(flags.lines().count(), 9);
    assert!(!flags.contains("Seen"), "{flags}");
}

#[tokio::test]
async fn a_look_changes_nothing() {
    let Some(dovecot) = dovecot(3) else { return };
    let found = probe(&config(&dovecot)).await.unwrap();
    assert_eq!((found.idle, found.mails), (true, 3));
    assert!(found.newest.is_some() && found.uid_validity.0 > 0, "{found:?}");
    assert!(found.capabilities.iter().any(|c| c == "UIDPLUS"), "{:?}", found.capabilities);
    let flags = dovecot.doveadm(&["-f", "tab", "fetch", "-u", USER, "flags", "mailbox", "INBOX"]);
    assert!(!flags.contains("Seen"), "{flags}");
    dovecot.present(Certificate::Expired);
    let error = probe(&config(&dovecot)).await.unwrap_err();
    let expired = matches!(&error, ProbeError::Server(Reason::Tls { certificate: true, .. }));
    assert!(expired, "{error}");
}

#[tokio::test]
async fn mails_deleted_between_search_and_fetch_have_vanished() {
    let Some(dovecot) = dovecot(230) else { return };
    let mut consumer = Consumer::of_all(config(&dovecot));
    let first = consumer.hold_batch().await;
    assert_eq!(first.items.len(), 200);
    let expunge = ["expunge", "-u", USER, "mailbox", "INBOX", "uid", "205,210:212,230"];
    dovecot.doveadm(&expunge);
    consumer.store(first);
    consumer.until_at(230).await;
    let vanished: Vec<u32> = consumer
        .items
        .iter()
        .filter(|(_, item)| matches!(item, Item::Vanished { .. }))
        .map(|((_, uid), _)| *uid)
        .collect();
    assert_eq!(vanished, [205, 210, 211, 212, 230]);
    assert_eq!(consumer.fetched(), 225);
    assert!(consumer.reasons.is_empty(), "{:?}", consumer.reasons);
}

#[tokio::test]
async fn new_numbers_are_noticed_and_read_anew() {
    let Some(mut dovecot) = dovecot(5) else { return };
    let mut consumer = Consumer::of_all(config(&dovecot));
    consumer.until_has(1..=5).await;
    dovecot.doveadm(&["mailbox", "update", "-u", USER, "--uid-validity", "424242", "INBOX"]);
    dovecot.deliver("", &mail(6));
    consumer
        .until("all are read anew", |all| {
            all.items.keys().filter(|(life, _)| *life == 424_242).count() == 6
        })
        .await;
    assert!(matches!(consumer.resets.last(), Some(ResetCause::UidValidityChanged { .. })));
    consumer.until_has(1..=6).await;
}

#[tokio::test]
async fn a_renamed_mailbox_is_for_the_operator_and_comes_back() {
    let Some(mut dovecot) = dovecot(0) else { return };
    (1..=3).for_each(|n| dovecot.deliver("Lists", &mail(n)));
    let mut config = config(&dovecot);
    config.mailbox = "Lists".to_owned();
    let mut consumer = Consumer::of_all(config);
    consumer.until_has(1..=3).await;
    dovecot.doveadm(&["mailbox", "rename", "-u", USER, "Lists", "Other"]);
    consumer
        .until("it is missed", |all| {
            all.reasons.iter().any(|r| matches!(r, Reason::NoMailbox { .. }))
        })
        .await;
    assert!(consumer.reasons.last().is_some_and(Reason::needs_operator));
    dovecot.doveadm(&["mailbox", "rename", "-u", USER, "Other", "Lists"]);
    dovecot.deliver("Lists", &mail(4));
    consumer.until_has(1..=4).await;
}

#[tokio::test]
async fn a_kick_and_a_restart_are_survived() {
    let Some(mut dovecot) = dovecot(3) else { return };
    let mut consumer = Consumer::of_all(config(&dovecot));
    consumer.until_has(1..=3).await;
    dovecot.doveadm(&["kick", USER]);
    dovecot.deliver("", &mail(4));
    consumer.until_has(1..=4).await;
    // Whether its good-bye is read or the next command finds nobody is a matter of moments.
    assert!(
        matches!(
            consumer.reasons[..],
            [Reason::Bye { .. } | Reason::Lost { .. } | Reason::Network { .. }]
        ),
        "{:?}",
        consumer.reasons
    );
    dovecot.stop();
    dovecot.deliver("", &mail(5));
    consumer
        .until("nobody answers", |all| {
            all.reasons.iter().any(|r| matches!(r, Reason::Network { step: Step::Connect, .. }))
        })
        .await;
    dovecot.start_again();
    consumer.until_has(1..=5).await;
}

#[tokio::test]
async fn a_server_that_hangs_is_left() {
    let Some(mut dovecot) = dovecot(3) else { return };
    let mut config = config(&dovecot);
    config.timing.command = Duration::from_secs(1);
    let mut consumer = Consumer::of_all(config);
    consumer.until_has(1..=3).await;
    dovecot.signal("STOP");
    dovecot.deliver("", &mail(4));
    consumer.until_has(1..=4).await;
    assert!(
        matches!(consumer.reasons.first(), Some(Reason::Timeout { .. })),
        "{:?}",
        consumer.reasons
    );
    dovecot.signal("CONT");
}

#[tokio::test]
async fn a_full_server_is_asked_again() {
    let Some(mut dovecot) = Dovecot::start(Options { connections: 1, ..Options::default() }) else {
        return;
    };
    dovecot.deliver("", &mail(1));
    let mut first = Consumer::of_all(config(&dovecot));
    first.until_has(1..=1).await;
    let mut second = Consumer::of_all(config(&dovecot));
    second.until("it is refused", |all| !all.reasons.is_empty()).await;
    assert!(matches!(second.reasons[0], Reason::Busy { .. }), "{:?}", second.reasons);
    drop(first);
    second.until_has(1..=1).await;
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let Some(dovecot) = dovecot(1) else { return };
    let mut config = config(&dovecot);
    config.password = Secret::new("wrong".to_owned());
    let mut consumer = Consumer::of_all(config);
    consumer.until("three refusals", |all| all.reasons.len() == 3).await;
    for (n, reason) in (1..).zip(&consumer.reasons) {
        assert!(matches!(reason, Reason::Refused { tries, .. } if *tries == n), "{reason}");
    }
    assert!(consumer.reasons[2].needs_operator());
}

#[test_case(Certificate::Expired, "invalid peer certificate: certificate expired"; "expired")]
#[test_case(Certificate::OtherHost, "invalid peer certificate: certificate not valid for name"; "of another host")]
#[tokio::test]
async fn a_wrong_certificate_is_refused(certificate: Certificate, says: &str) {
    let Some(dovecot) = dovecot(2) else { return };
    dovecot.present(certificate);
    for tls in [Tls::Implicit, Tls::StartTls] {
        let mut config = config(&dovecot);
        config.tls = tls;
        config.port = if tls == Tls::Implicit { dovecot.imaps } else { dovecot.imap };
        let mut consumer = Consumer::of_all(config);
        consumer.until("two refusals", |all| all.reasons.len() == 2).await;
        for reason in &consumer.reasons {
            let Reason::Tls { text, certificate: true } = reason else { panic!("{reason:?}") };
            assert!(text.starts_with(says), "{text}");
            assert!(reason.needs_operator());
        }
        assert!(consumer.items.is_empty());
    }
    assert!(!dovecot.log().contains("Login:"), "{}", dovecot.log());
    dovecot.present(Certificate::Good);
    Consumer::of_all(config(&dovecot)).until_has(1..=2).await;
}

#[tokio::test]
async fn an_unknown_ca_is_refused() {
    let Some(dovecot) = dovecot(1) else { return };
    let Some(other) = Dovecot::start(Options::default()) else { return };
    let mut config = config(&dovecot);
    config.extra_ca = Some(other.ca());
    let mut consumer = Consumer::of_all(config);
    consumer.until("it is refused", |all| !all.reasons.is_empty()).await;
    assert!(matches!(consumer.reasons[0], Reason::Tls { certificate: true, .. }));
}

#[tokio::test]
async fn a_backlog_is_drained() {
    let count = 10_000;
    let Some(dovecot) = dovecot(count) else { return };
    // Dovecot numbers the files of a Maildir when it first sees them; that is not ours to measure.
    dovecot.doveadm(&["mailbox", "status", "-u", USER, "messages", "INBOX"]);
    let began = Instant::now();
    let mut consumer = Consumer::of_all(config(&dovecot));
    consumer.until_at(count).await;
    let took = began.elapsed();
    let rate = f64::from(count) / took.as_secs_f64();
    println!("{count} mails in {took:?}: {rate:.0} mails a second");
    let texts: BTreeSet<&[u8]> = consumer.bodies().collect();
    assert_eq!((consumer.fetched(), texts.len()), (count as usize, count as usize));
    assert!(rate > 500.0, "{rate}");
}
