//! Logins that are refused, counted by account.

use std::time::Duration;

use super::support::{Consumer, config, server};
use crate::{Account, ImapConfig, Secret, Start};

fn wrong(mut config: ImapConfig) -> ImapConfig {
    config.password = Secret::new("wrong".to_owned());
    // Longer than the test.
    config.timing.retry_refused = Duration::from_secs(2);
    config
}

/// Whatever mailbox a login is for, the server counts it for the account.
#[tokio::test]
async fn five_folders_with_a_wrong_password_try_three_times() {
    let server = server();
    let account = Account::default();
    let mut all: Vec<Consumer> = (0..5)
        .map(|_| Consumer::of(wrong(config(&server)), None, Start::Now, account.clone()))
        .collect();
    for consumer in &mut all {
        let told = |all: &Consumer| all.reasons().iter().any(|r| r.needs_operator());
        consumer.until("each mailbox's operator is told", told).await;
    }
    for consumer in &mut all {
        consumer.for_some(Duration::from_millis(100)).await;
    }
    let logins = || server.commands().iter().filter(|c| c.starts_with("LOGIN")).count();
    assert_eq!(logins(), 3);
    // One try in all after the pause, whichever mailbox makes it.
    while logins() == 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(logins(), 4);
}

/// A good login lets all of them go on.
#[tokio::test]
async fn a_login_that_works_again_is_one_for_all() {
    let server = server();
    server.rule("LOGIN", 3, |reply, _| reply.end("NO [AUTHENTICATIONFAILED] not now"));
    let account = Account::default();
    let mut all: Vec<Consumer> = (0..5)
        .map(|_| {
            let start = Start::Since("2000-01-01".parse().unwrap());
            Consumer::of(config(&server), None, start, account.clone())
        })
        .collect();
    for consumer in &mut all {
        consumer.until_at(6).await;
    }
    assert_eq!(server.commands().iter().filter(|c| c.starts_with("LOGIN")).count(), 8);
}
