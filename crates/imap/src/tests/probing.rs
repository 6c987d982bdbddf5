//! One look at a mailbox.

use test_case::test_case;
use tidewaiter_testkit::imap_script::{ImapServer, Then};

use super::support::config;
use crate::{ConfigError, ImapConfig, ProbeError, Reason, Secret, Step, UidValidity, probe};

fn server(mails: u32) -> ImapServer {
    let server = ImapServer::start();
    server.mailbox(|mailbox| {
        for n in 1..=mails {
            mailbox
                .append_on(&format!("{n:02}-Jul-2026 02:44:25 +0200"), b"Subject: x\r\n\r\nx\r\n");
        }
    });
    server
}

#[tokio::test]
async fn a_good_mailbox_is_described_and_left_as_it_was() {
    let server = server(9);
    let found = probe(&config(&server)).await.unwrap();
    assert!(found.idle);
    assert_eq!(found.capabilities, ["IMAP4rev1", "IDLE"]);
    assert_eq!((found.uid_validity, found.mails), (UidValidity(7), 9));
    assert_eq!(found.newest, Some("2026-07-09T00:44:25Z".parse().unwrap()));
    let commands = server.commands();
    assert_eq!(commands.last().map(String::as_str), Some("LOGOUT"), "{commands:?}");
    let changing = ["SELECT", "STORE", "EXPUNGE", "APPEND", "CLOSE", "COPY", "MOVE", "BODY"];
    assert!(!commands.iter().any(|c| changing.iter().any(|word| c.contains(word))), "{commands:?}");
}

#[tokio::test]
async fn an_empty_mailbox_without_idle() {
    let server = server(0);
    server.mailbox(|mailbox| mailbox.idle = false);
    let found = probe(&config(&server)).await.unwrap();
    assert_eq!((found.idle, found.mails, found.newest), (false, 0, None));
}

#[test_case("GREETING", Then::Close, &Reason::Lost { step: Step::Greeting }; "no greeting")]
#[test_case("CAPABILITY", Then::Close, &Reason::Lost { step: Step::Capability }; "cut")]
#[tokio::test]
async fn a_bad_server(part: &str, then: Then, reason: &Reason) {
    let server = server(2);
    server.rule(part, 1, move |reply, _| reply.keep(0, then));
    assert_eq!(probe(&config(&server)).await, Err(reason.clone().into()));
}

#[tokio::test]
async fn a_server_that_hangs_is_left() {
    for part in ["GREETING", "LOGIN", "CAPABILITY", "EXAMINE", "SEARCH", "FETCH"] {
        let server = server(2);
        server.rule(part, 1, |reply, _| reply.keep(0, Then::Hang));
        let error = probe(&config(&server)).await.unwrap_err();
        assert!(matches!(error, ProbeError::Server(Reason::Timeout { .. })), "{part}: {error}");
    }
}

#[tokio::test]
async fn an_answer_at_which_the_parser_gives_up_is_a_reason_too() {
    let server = server(2);
    server.rule("RFC822.SIZE", 1, |reply, _| {
        reply.insert(0, "* 1 FETCH (UID 1 INTERNALDATE NIL)");
    });
    assert_eq!(probe(&config(&server)).await, Err(Reason::Unparsable.into()));
}

#[test_case(|c| c.password = Secret::new("wrong".to_owned()), "failed to log in"; "password")]
#[test_case(|c| c.mailbox = "Lists".to_owned(), "failed to open the mailbox: "; "mailbox")]
#[tokio::test]
async fn a_bad_configuration(change: fn(&mut ImapConfig), why: &str) {
    let server = server(2);
    let mut config = config(&server);
    change(&mut config);
    let error = probe(&config).await.unwrap_err().to_string();
    assert!(error.starts_with(why) && !error.contains("wrong"), "{error}");
    config.mailbox.clear();
    assert_eq!(probe(&config).await, Err(ConfigError::Mailbox.into()));
}
