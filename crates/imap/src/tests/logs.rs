//! No log has the password, at any level, whatever happens.

use std::fmt::Debug;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use tidewaiter_testkit::imap_script::{PASSWORD, USER};
use tracing::field::{Field, Visit};
use tracing::span;

use super::support::{Consumer, config, mail, server};
use crate::{Reason, Secret, Start};

static LINES: OnceLock<Mutex<Vec<String>>> = OnceLock::new();

fn lines() -> std::sync::MutexGuard<'static, Vec<String>> {
    LINES.get_or_init(Mutex::default).lock().unwrap()
}

/// Keeps everything that anybody logs through `log`.
struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        lines().push(format!("{} {}", record.level(), record.args()));
    }

    fn flush(&self) {}
}

/// Keeps everything that anybody logs through `tracing`.
struct Trace;

struct Text<'t>(&'t mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!("{field}={value:?} "));
    }
}

impl tracing::Subscriber for Trace {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let mut text = String::new();
        attributes.record(&mut Text(&mut text));
        lines().push(text);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = String::new();
        event.record(&mut Text(&mut text));
        lines().push(text);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn neither_password_nor_mail_is_logged() {
    log::set_logger(&Log).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    tracing::subscriber::set_global_default(Trace).unwrap();
    log::error!("the logger of the test works");
    tracing::trace!("the subscriber of the test works");
    let server = server();
    let canary = b"Subject: x\r\n\r\nbody-canary\r\n";
    server.mailbox(|mailbox| mailbox.append(canary));
    // A server that repeats what it was sent, and one whose answer the parser chokes on.
    server.rule("LOGIN", 2, |reply, _| {
        reply.end(&format!("NO failed for {USER} with {PASSWORD} [ALERT]"));
    });
    server.rule("EXAMINE", 2, |reply, _| {
        reply.insert(0, &format!("* OK [ALERT] {PASSWORD}"));
        reply.insert(0, &format!("* BYE {PASSWORD}"));
    });
    // A message for the operator is one with NO, too.
    server.rule("UID SEARCH", 9, |reply, _| reply.insert(0, "* NO [ALERT] the mailbox is full"));
    server.rule("BODY.PEEK[]", 2, |reply, _| reply.insert(99, "\x01 body-canary {)"));
    let mut consumer = Consumer::of_all(&server);
    consumer.until_at(7).await;
    server.mailbox(|mailbox| mailbox.append(&mail(8, 10)));
    consumer.until_at(8).await;
    let mut config = config(&server);
    config.password = Secret::new("canary-wrong".to_owned());
    let shown = format!("{config:?}");
    let mut wrong = Consumer::start(config, None, Start::Now);
    wrong.until("three refusals", |all| all.reasons().len() == 3).await;
    tokio::time::sleep(Duration::from_millis(20)).await;

    let reasons: Vec<&Reason> = consumer.reasons().into_iter().chain(wrong.reasons()).collect();
    assert!(reasons.len() >= 9, "{reasons:?}");
    let told = reasons.iter().map(|reason| format!("{reason} {reason:?}"));
    let logged = lines().clone();
    assert!(logged.iter().any(|line| line.contains("logger of the test")), "{logged:?}");
    assert!(logged.iter().any(|line| line.contains("subscriber of the test")), "{logged:?}");
    // Once a connection, however often it is said.
    let full = logged.iter().filter(|line| line.contains("the mailbox is full")).count();
    let connections = server.commands().iter().filter(|c| c.starts_with("LOGIN")).count();
    assert!((1..=connections).contains(&full), "{full} in {connections}");
    for line in logged.into_iter().chain(told).chain([shown]) {
        assert!(!line.contains("canary"), "{line}");
        assert!(!line.contains("LOGIN"), "{line}");
    }
}
