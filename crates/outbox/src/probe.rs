//! One look at the server that takes our mail; nothing is sent.

use std::time::Duration;

use lettre::transport::smtp::extension::Extension;
use tokio::time::timeout;

use crate::{
    Security, Server, ServerError,
    conversation::{Outcome, Step, Tried, connect, log_in, said_nothing, tidy},
};

/// How long a server may take to say good-bye.
const GOOD_BYE: Duration = Duration::from_secs(2);

/// What the server is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What it calls itself.
    pub name: String,
    /// The connection is secured by TLS, and the certificate is for the configured host.
    pub tls: bool,
    /// It took our user and password; `false` where none are configured.
    pub logged_in: bool,
    /// It takes mail with 8-bit characters (RFC 6152).
    pub eight_bit: bool,
}

/// Why the server could not take our mail.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It cannot be spoken to as configured.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// It did not do what it has to.
    #[error("failed to {}: {detail}", doing(.step))]
    Step {
        /// The step that failed: `connect`, `tls` or `auth`.
        step: &'static str,
        /// What the server or the connection said.
        detail: String,
        /// It is the server's settings or ours, and will not mend itself.
        ours: bool,
    },
}

fn doing(step: &str) -> &'static str {
    match step {
        "tls" => "set up TLS",
        "auth" => "log in",
        _ => "connect",
    }
}

/// Connects, sets up TLS, logs in, and leaves: no sender and no recipient is ever named.
///
/// # Errors
/// What a delivery would fail with up to there; after [`Timeouts::before`](crate::Timeouts) at the
/// latest.
pub async fn probe(server: &Server) -> Result<Probe, ProbeError> {
    let tls = server.tls()?;
    let mut step = Step::Connect;
    let work = async {
        let mut connection = connect(server, tls, &mut step).await?;
        log_in(server, &mut connection, &mut step).await?;
        let info = connection.server_info();
        let probe = Probe {
            name: tidy(info.name()),
            tls: server.security != Security::Loopback,
            logged_in: server.login.is_some(),
            eight_bit: info.supports_feature(Extension::EightBitMime),
        };
        // Whether it answers changes nothing.
        let _ = timeout(GOOD_BYE, connection.quit()).await;
        Ok(probe)
    };
    match timeout(server.timeouts.before, work).await {
        Ok(done) => done.map_err(|tried: Tried| ProbeError::Step {
            step: tried.step.as_str(),
            detail: tried.detail,
            ours: tried.outcome == Outcome::Ours,
        }),
        Err(_) => {
            Err(ProbeError::Step { step: step.as_str(), detail: said_nothing(), ours: false })
        }
    }
}
