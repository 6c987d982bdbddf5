//! What the daemon says, on standard error: sentences with fields.

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::anyhow;
use tidewaiter_engine::config::daemon::{LogConfig, LogFormat, LogLevel};
use tidewaiter_mail::MessageId;
use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer as _, layer::SubscriberExt as _};

use crate::failure::Failure;

static ON: AtomicBool = AtomicBool::new(false);

/// Whether what is said goes to the log, not straight to standard error.
pub(crate) fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
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
