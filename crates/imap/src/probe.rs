//! One look at a mailbox: whether it could be watched.

use std::panic::AssertUnwindSafe;

use async_imap::imap_proto::{Capability, Response};
use futures_util::FutureExt as _;
use jiff::Timestamp;

use crate::config::{ConfigError, ImapConfig};
use crate::connect::{connector, open};
use crate::cursor::UidValidity;
use crate::reason::{Reason, Step, plain};
use crate::session::Session;

/// How many capabilities are told.
const MAX_CAPABILITIES: usize = 100;

/// What a mailbox and its server are like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Whether the server pushes.
    pub idle: bool,
    /// What the server says it can do once somebody is logged in, as it writes it.
    pub capabilities: Vec<String>,
    /// The mailbox's UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// How many mails it holds.
    pub mails: u32,
    /// When the server got the newest of them; `None` where there is none, or it does not say.
    pub newest: Option<Timestamp>,
}

/// Why a mailbox could not be watched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server, or the way to it, does not do.
    #[error(transparent)]
    Server(#[from] Reason),
}

/// Connects, logs in, opens the mailbox for reading alone, and leaves.
///
/// Nothing is changed: EXAMINE opens it, and of the newest mail only the date is asked for.
///
/// # Errors
/// What a [`Watcher`](crate::Watcher) would fail with. Each step has its own time; the caller bounds
/// them all together.
pub async fn probe(config: &ImapConfig) -> Result<Probe, ProbeError> {
    config.validate()?;
    let tls = connector(config)?;
    let work = async {
        let opened = open(config, &tls).await?;
        let mut session = Session::login(opened, config).await?;
        let probe = look(&mut session, config).await?;
        // It answers with BYE, which counts as an end of the connection.
        let _ = session.command(Step::Poll, "LOGOUT", |_| {}).await;
        Ok(probe)
    };
    // The parser panics at a few answers that no sane server gives.
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or(Err(Reason::Unparsable))
        .map_err(ProbeError::Server)
}

async fn look(session: &mut Session, config: &ImapConfig) -> Result<Probe, Reason> {
    let mut capabilities = Vec::new();
    session
        .command(Step::Capability, "CAPABILITY", |response| {
            if let Response::Capabilities(all) = response {
                capabilities.extend(all.iter().take(MAX_CAPABILITIES).map(word));
            }
        })
        .await?
        .ok(Step::Capability)?;
    capabilities.truncate(MAX_CAPABILITIES);
    let opening = session.examine(&config.mailbox).await?;
    let mails = session.exists;
    let newest = match session.last().await? {
        Some(last) => session.sizes(last, last).await?.remove(&last),
        None => None,
    };
    Ok(Probe {
        idle: session.idle,
        capabilities,
        uid_validity: opening.validity,
        mails,
        newest: newest.and_then(|meta| meta.internal_date),
    })
}

fn word(capability: &Capability<'_>) -> String {
    plain(&match capability {
        Capability::Imap4rev1 => "IMAP4rev1".to_owned(),
        Capability::Auth(how) => format!("AUTH={how}"),
        Capability::Atom(word) => word.to_string(),
    })
}
