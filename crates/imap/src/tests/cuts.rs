//! The connection ends after every byte of a whole conversation.
//!
//! Every 16th byte by default; `TIDEWAITER_EVERY_CUT=1 cargo nextest run -p tidewaiter-imap cuts`
//! cuts after every one.

use std::time::Duration;

use futures_util::future::join_all;
use test_case::test_case;
use tidewaiter_testkit::imap_script::{Cut, ImapServer, Then};

use super::support::{Consumer, config, mail};
use crate::Start;

/// Three mails, one of them too large, and one that comes later.
fn small_server() -> ImapServer {
    let server = ImapServer::start();
    server.mailbox(|mailbox| {
        mailbox.append(&mail(1, 20));
        mailbox.append(&mail(2, 5000));
        mailbox.append(&mail(3, 60));
    });
    server
}

/// From the greeting until the fourth mail, which is pushed, is stored.
async fn converse(server: &ImapServer, consumer: &mut Consumer) {
    consumer.until_at(3).await;
    server.mailbox(|mailbox| mailbox.append(&mail(4, 30)));
    consumer.until_at(4).await;
    // The large one is noted; a mailbox without it has all the others.
    assert_eq!(consumer.mails.len(), 4);
    server.mailbox(|mailbox| mailbox.mails.remove(&2));
    consumer.mails.remove(&(7, 2));
    consumer.has_all_of(server);
}

fn consumer(server: &ImapServer) -> Consumer {
    let mut config = config(server);
    config.timing.command = Duration::from_millis(60);
    config.timing.done = Duration::from_millis(40);
    config.timing.idle_renew = Duration::from_millis(80);
    Consumer::start(config, None, Start::Since("2000-01-01".parse().unwrap()))
}

#[test_case(true, Then::Close; "to the client")]
#[test_case(false, Then::Close; "from the client")]
#[test_case(true, Then::Hang; "frozen to the client")]
#[test_case(false, Then::Hang; "frozen from the client")]
#[tokio::test]
async fn every_mail_comes_once_over_all_cuts(to_client: bool, then: Then) {
    let step = if std::env::var_os("TIDEWAITER_EVERY_CUT").is_some() { 1 } else { 16 };
    let server = small_server();
    let mut whole = consumer(&server);
    converse(&server, &mut whole).await;
    drop(whole);
    let (sent, received) = server.bytes()[0];
    let end = if to_client { sent } else { received };
    assert!(end > 200, "{end} bytes are no conversation");
    let cuts: Vec<usize> = (1..=end).step_by(step).collect();
    // Most of the time is spent waiting for timeouts: several at once.
    for some in cuts.chunks(16) {
        join_all(some.iter().map(|at| async {
            let server = small_server();
            let (sent, received) = if to_client { (Some(*at), None) } else { (None, Some(*at)) };
            server.cut(Cut { sent, received, then });
            let mut consumer = consumer(&server);
            converse(&server, &mut consumer).await;
        }))
        .await;
    }
    let cuts = cuts.len();
    println!("{cuts} cuts in {end} bytes");
}
