//! What the daemon says, on standard error: sentences with fields.

use std::{
    io::{self, IsTerminal as _},
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::anyhow;
use tidewaiter_engine::config::daemon::{LogConfig, LogFormat, LogLevel};
use tidewaiter_mail::MessageId;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer as _, layer::SubscriberExt as _};

use crate::failure::Failure;

static ON: AtomicBool = AtomicBool::new(false);
static FOR_A_LOG: AtomicBool = AtomicBool::new(false);

/// Whether what is said goes to the log, not straight to standard error.
pub(crate) fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Whether what is said ends up in a log, which others read too: mistakes in the configuration are
/// then told without the lines that they stand on.
pub(crate) fn is_for_a_log() -> bool {
    is_on() || FOR_A_LOG.load(Ordering::Relaxed)
}

/// This process is the daemon: what it says before its log is on is for a log as well, unless a person
/// sits in front of it.
pub(crate) fn before_start() {
    FOR_A_LOG.store(!io::stderr().is_terminal(), Ordering::Relaxed);
}

/// Starts the log of this process.
pub(crate) fn start(config: LogConfig) -> Result<(), Failure> {
    let level = match config.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    let all: Box<dyn Subscriber + Send + Sync> = match config.format {
        LogFormat::Text => Box::new(
            tracing_subscriber::registry().with(lines.with_target(false).with_filter(level)),
        ),
        LogFormat::Json => Box::new(
            tracing_subscriber::registry()
                .with(lines.json().flatten_event(true).with_filter(level)),
        ),
    };
    tracing::subscriber::set_global_default(all)
        .map_err(|e| Failure::Internal(anyhow!("failed to start the log: {e}")))?;
    ON.store(true, Ordering::Relaxed);
    Ok(())
}

/// A series' or a mail's id fit for the log: what stands behind the `@` is left out, since
/// `git send-email` writes the sender's address into it.
pub(crate) fn short(id: Option<&MessageId>) -> String {
    let id = id.map(MessageId::as_str).unwrap_or("(none)");
    id.split('@').next().unwrap_or_default().to_owned()
}

/// Text of others fit for the log: one line, no address.
pub(crate) fn masked(text: &str) -> String {
    let word = |word: &str| if word.contains('@') { "(address)" } else { word }.to_owned();
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_is_left() {
        assert_eq!(
            masked("550 <alice@example.org>:\r\nno\tsuch user"),
            "550 (address) no such user"
        );
        let id = MessageId::new("20260529.1-2-alice@example.org").unwrap();
        assert_eq!(short(Some(&id)), "20260529.1-2-alice");
    }
}
