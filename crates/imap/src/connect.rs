//! From a host's name to a connection that nobody can read.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

use crate::config::{ConfigError, ImapConfig, Tls};
use crate::fence::Fence;
use crate::reason::{Reason, Step, plain};

/// The longest line that a server may send before TLS.
const MAX_PLAIN_LINE: usize = 8 * 1024;
/// How many lines a server may send in answer to STARTTLS.
const MAX_PLAIN_LINES: usize = 16;

/// What the IMAP parser reads from.
pub(crate) type Stream = Fence<Box<dyn Wire>>;

/// A connection, protected or, in this crate's own tests, plain.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection, and whether the server's greeting was read already.
pub(crate) struct Opened {
    pub(crate) stream: Stream,
    pub(crate) greeted: bool,
}

/// Trusts the system's certificates and the configured ones.
pub(crate) fn connector(config: &ImapConfig) -> Result<TlsConnector, ConfigError> {
    let mut roots = RootCertStore::empty();
    // A system may well carry a certificate that cannot be read: the others still count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = &config.extra_ca {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            certificate
                .map_err(|e| e.to_string())
                .and_then(|der| roots.add(der).map_err(|e| e.to_string()))
                .map_err(ConfigError::ExtraCa)?;
        }
        if roots.len() == before {
            return Err(ConfigError::ExtraCa("there is no certificate in them".to_owned()));
        }
    }
    if roots.is_empty() {
        return Err(ConfigError::NoRoots);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| ConfigError::ExtraCa(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(client)))
}

/// Connects and sets up TLS.
pub(crate) async fn open(config: &ImapConfig, tls: &TlsConnector) -> Result<Opened, Reason> {
    let limit = config.timing.connect;
    let mut tcp = dial(config).await?;
    let (wire, greeted): (Box<dyn Wire>, bool) = match config.tls {
        Tls::Implicit => (Box::new(handshake(config, tls, tcp).await?), false),
        Tls::StartTls => {
            within(Step::StartTls, limit, start_tls(&mut tcp)).await?;
            (Box::new(handshake(config, tls, tcp).await?), true)
        }
        #[cfg(test)]
        Tls::Plain => (Box::new(tcp), false),
    };
    Ok(Opened { stream: Fence::new(wire, config.max_mail), greeted })
}

async fn dial(config: &ImapConfig) -> Result<TcpStream, Reason> {
    let limit = config.timing.connect;
    let lookup = async {
        lookup_host((config.host.as_str(), config.port))
            .await
            .map_err(|e| network(Step::Connect, &e))
    };
    let addresses: Vec<SocketAddr> = within(Step::Connect, limit, lookup).await?.take(8).collect();
    let mut reason =
        Reason::Network { step: Step::Connect, text: "the host has no address".to_owned() };
    for address in addresses {
        let connect = async {
            let tcp = TcpStream::connect(address).await?;
            keep_alive(&tcp)?;
            Ok(tcp)
        };
        match within(Step::Connect, limit, async {
            connect.await.map_err(|e: io::Error| network(Step::Connect, &e))
        })
        .await
        {
            Ok(tcp) => return Ok(tcp),
            Err(failed) => reason = failed,
        }
    }
    Err(reason)
}

/// A peer that is gone is noticed in two minutes, instead of hours or, while nothing is sent, never.
fn keep_alive(tcp: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(tcp);
    socket.set_tcp_keepalive(
        &TcpKeepalive::new()
            .with_time(Duration::from_secs(60))
            .with_interval(Duration::from_secs(20))
            .with_retries(3),
    )?;
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(Duration::from_secs(120)))?;
    tcp.set_nodelay(true)
}

async fn handshake(
    config: &ImapConfig,
    tls: &TlsConnector,
    tcp: TcpStream,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, Reason> {
    let name = ServerName::try_from(config.host.clone())
        .map_err(|e| Reason::Tls { text: e.to_string(), certificate: false })?;
    within(Step::Tls, config.timing.connect, async {
        tls.connect(name, tcp).await.map_err(|e| tls_failure(&e))
    })
    .await
}

/// The STARTTLS command (RFC 3501 section 6.2.1). Read byte by byte, so that nothing which was sent
/// in clear can be taken for an answer under TLS.
async fn start_tls(tcp: &mut TcpStream) -> Result<(), Reason> {
    let refused = |line: &str| Reason::NoStartTls { text: plain(line) };
    let greeting = plain_line(tcp).await?;
    // PREAUTH would end the chance to start TLS: it is how a man in the middle strips it.
    if word(&greeting, 0) != "*" || word(&greeting, 1) != "OK" {
        return Err(refused(&greeting));
    }
    tcp.write_all(b"T STARTTLS\r\n").await.map_err(|e| network(Step::StartTls, &e))?;
    for _ in 0..MAX_PLAIN_LINES {
        let line = plain_line(tcp).await?;
        match (word(&line, 0).as_str(), word(&line, 1).as_str()) {
            ("T", "OK") => return Ok(()),
            ("*", "BYE") => return Err(refused(&line)),
            ("*", _) => {}
            _ => return Err(refused(&line)),
        }
    }
    Err(Reason::Garbage { step: Step::StartTls })
}

fn word(line: &str, n: usize) -> String {
    line.split_whitespace().nth(n).unwrap_or_default().to_ascii_uppercase()
}

async fn plain_line(tcp: &mut TcpStream) -> Result<String, Reason> {
    let mut line = Vec::new();
    while line.last() != Some(&b'\n') {
        if line.len() == MAX_PLAIN_LINE {
            return Err(Reason::Oversize { step: Step::StartTls, limit: MAX_PLAIN_LINE });
        }
        line.push(tcp.read_u8().await.map_err(|e| network(Step::StartTls, &e))?);
    }
    Ok(String::from_utf8_lossy(&line).into_owned())
}

async fn within<T>(
    step: Step,
    limit: Duration,
    work: impl Future<Output = Result<T, Reason>>,
) -> Result<T, Reason> {
    timeout(limit, work).await.unwrap_or(Err(Reason::Timeout { step, after: limit }))
}

/// What a failed read or write means.
pub(crate) fn network(step: Step, error: &io::Error) -> Reason {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Reason::Lost { step },
        _ => Reason::Network { step, text: plain(&error.to_string()) },
    }
}

fn tls_failure(error: &io::Error) -> Reason {
    match rustls_error(error) {
        Some(tls) => Reason::Tls {
            text: plain(&tls.to_string()),
            certificate: matches!(tls, rustls::Error::InvalidCertificate(_)),
        },
        // The network gave way in the handshake: it says nothing of the server's TLS.
        None => network(Step::Tls, error),
    }
}

fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken() -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError)
    }

    #[test]
    fn tls_that_breaks_later_is_a_connection_that_broke() {
        let reason = network(Step::Fetch, &broken());
        assert!(reason.to_string().starts_with("failed to fetch mails: "), "{reason}");
        assert!(!reason.needs_operator() && reason.of_fetching());
        assert!(tls_failure(&broken()).needs_operator(), "in the handshake it is the server's TLS");
    }
}
