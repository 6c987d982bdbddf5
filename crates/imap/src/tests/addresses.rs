//! Who is connected to, and when it is refused.

use std::time::Duration;

use test_case::test_case;

use super::support::{Consumer, Seen, config, mail, server};
use crate::{ConfigError, Cursor, Reason, Secret, Start, Step, Tls, Uid, UidValidity, Watcher};

#[tokio::test]
async fn a_wrong_password_is_tried_three_times_and_then_rarely() {
    let server = server();
    let mut config = config(&server);
    config.password = Secret::new("wrong".to_owned());
    config.timing.retry_refused = Duration::from_millis(150);
    let pause = config.timing.retry_refused;
    let mut consumer = Consumer::start(config, None, Start::Now);
    consumer.until("five refusals", |all| all.reasons().len() == 5).await;
    let refused: Vec<(u32, bool, bool)> = consumer
        .seen
        .iter()
        .map(|seen| match seen {
            Seen::Lost(reason @ Reason::Refused { tries, text }, retry) => {
                assert_eq!(text, "[AUTHENTICATIONFAILED] not with this password");
                (*tries, reason.needs_operator(), *retry == pause)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        refused,
        [(1, false, false), (2, false, false), (3, true, true), (4, true, true), (5, true, true)]
    );
}

#[tokio::test]
async fn a_server_without_tls_is_left_before_anything_is_said() {
    let server = server();
    let mut config = config(&server);
    config.tls = Tls::StartTls;
    let mut consumer = Consumer::start(config.clone(), None, Start::Now);
    consumer.until("it is left", |all| all.reasons().len() == 2).await;
    for reason in consumer.reasons() {
        assert!(matches!(reason, Reason::NoStartTls { .. }) && reason.needs_operator(), "{reason}");
    }
    drop(consumer);
    config.tls = Tls::Implicit;
    let mut consumer = Consumer::start(config, None, Start::Now);
    consumer.until("it is left", |all| all.reasons().len() == 2).await;
    assert!(matches!(consumer.reasons()[0], Reason::Tls { certificate: false, .. }));
    let said = server.commands();
    assert!(said.iter().all(|c| c == "GREETING" || c == "STARTTLS" || !c.is_ascii()), "{said:?}");
}

#[test_case("* PREAUTH you are in"; "a stripped login")]
#[test_case("* BYE not now"; "a good-bye")]
#[test_case("* OK\r\nT OK begin\r\n* OK smuggled"; "answers sent ahead")]
#[tokio::test]
async fn start_tls_is_not_fooled(greeting: &'static str) {
    let server = server();
    server.rule("GREETING", u32::MAX, move |reply, _| {
        reply.lines = vec![format!("{greeting}\r\n").into_bytes()];
    });
    let mut config = config(&server);
    config.tls = Tls::StartTls;
    let mut consumer = Consumer::start(config, None, Start::Now);
    consumer.until("it is left", |all| all.reasons().len() == 2).await;
    assert!(!server.commands().iter().any(|c| c.starts_with("LOGIN")));
    assert!(consumer.mails.is_empty());
}

#[tokio::test]
async fn one_mailbox_that_fails_does_not_hold_up_another() {
    let (good, bad) = (server(), server());
    bad.rule("GREETING", u32::MAX, |reply, _| {
        reply.keep(0, tidewaiter_testkit::imap_script::Then::Hang)
    });
    let mut failing = Consumer::of_all(&bad);
    let mut working = Consumer::of_all(&good);
    working.until_at(6).await;
    good.mailbox(|mailbox| mailbox.append(&mail(7, 50)));
    working.until_at(7).await;
    working.has_all_of(&good);
    assert_eq!(working.reasons(), Vec::<&Reason>::new());
    failing.until("it has failed", |all| !all.reasons().is_empty()).await;
    assert!(
        failing.reasons().iter().all(|r| matches!(r, Reason::Timeout { step: Step::Greeting, .. }))
    );
}

#[tokio::test]
async fn nobody_listens() {
    let config = {
        let gone = server();
        config(&gone)
    };
    let mut consumer = Consumer::start(config, None, Start::Now);
    consumer.until("it is refused", |all| all.reasons().len() == 3).await;
    assert!(matches!(consumer.reasons()[0], Reason::Network { step: Step::Connect, .. }));
    let pauses: Vec<u128> = consumer
        .seen
        .iter()
        .filter_map(
            |seen| if let Seen::Lost(_, pause) = seen { Some(pause.as_millis()) } else { None },
        )
        .collect();
    assert_eq!(pauses, [1, 2, 4]);
}

#[tokio::test]
async fn a_mailbox_that_is_gone_is_for_the_operator() {
    let server = server();
    server.mailbox(|mailbox| mailbox.name = "Lists".to_owned());
    let mut consumer = Consumer::of_all(&server);
    consumer.until("it is missed", |all| all.reasons().len() == 2).await;
    assert!(consumer.reasons().iter().all(|r| r.needs_operator()));
    assert_eq!(
        consumer.reasons()[0].to_string(),
        "failed to open the mailbox: there is no such mailbox"
    );
    server.mailbox(|mailbox| mailbox.name = "INBOX".to_owned());
    consumer.until_at(6).await;
    consumer.has_all_of(&server);
}

#[test]
fn a_cursor_of_another_mailbox_is_refused() {
    let server = server();
    let cursor =
        Cursor { mailbox: "Lists".to_owned(), uid_validity: UidValidity(7), last_uid: Uid(3) };
    let (sender, _events) = tokio::sync::mpsc::channel(1);
    let error = Watcher::new(config(&server), Some(cursor.clone()), Start::Now, sender).err();
    assert_eq!(
        error,
        Some(ConfigError::OtherMailbox { mailbox: "INBOX".to_owned(), cursor: "Lists".to_owned() })
    );
    let text = serde_json::to_string(&cursor).unwrap();
    assert_eq!(text, r#"{"mailbox":"Lists","uid_validity":7,"last_uid":3}"#);
    assert_eq!(serde_json::from_str::<Cursor>(&text).unwrap(), cursor);
}

#[test_case(b"", "there is no certificate in them"; "nothing")]
#[test_case(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "invalid peer certificate: BadEncoding"; "no certificate")]
fn a_bad_extra_certificate_is_refused(pem: &[u8], text: &str) {
    let server = server();
    let mut config = config(&server);
    config.extra_ca = Some(pem.to_vec());
    let (sender, _events) = tokio::sync::mpsc::channel(1);
    let error = Watcher::new(config, None, Start::Now, sender).err();
    assert_eq!(error, Some(ConfigError::ExtraCa(text.to_owned())));
}
