//! Stands between a client and a server, reads both languages, and misbehaves at a step.
//!
//! A proxy that sees bytes can cut them; this one ends TLS on both sides, and so can answer
//! instead of the server, or swallow the server's answer, at any command of IMAP or SMTP.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _};
use tokio::io::{AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::dovecot::Certificate;
use crate::rig::Rig;

/// What happens at a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed in order.
    Close,
    /// The connection is reset.
    Reset,
    /// Nothing more is said, and nothing is passed on.
    Hang,
    /// What the client said is passed on after so long.
    Slow(Duration),
    /// This is said, with `{tag}` for the command's tag, and what the client said is not passed on.
    Say(&'static str),
    /// What the client said is passed on, and the connection is closed in place of the answer.
    CloseAfter,
    /// What the client said is passed on, and the answer never comes.
    HangAfter,
}

/// Where it happens, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// A part of the client's line; [`GREETING`], [`BODY`] or [`DOT`].
    pub at: &'static str,
    /// What happens.
    pub fault: Fault,
}

/// The connection was made, and nothing said.
pub const GREETING: &str = "<greeting>";
/// The first line of a mail.
pub const BODY: &str = "<body>";
/// The dot after a mail.
pub const DOT: &str = "<dot>";

#[derive(Debug, Default)]
struct State {
    /// Only the first can happen.
    plans: VecDeque<Plan>,
    connections: usize,
    happened: usize,
}

struct Shared {
    state: Mutex<State>,
    target: SocketAddr,
    smtp: bool,
    accept: TlsAcceptor,
    connect: TlsConnector,
    /// Raised when the connections that are open are to end.
    ended: watch::Sender<u64>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault for what the client said, counted.
    fn fault(&self, said: &str) -> Option<Fault> {
        let mut state = self.state();
        if !said.contains(state.plans.front()?.at) {
            return None;
        }
        state.happened += 1;
        state.plans.pop_front().map(|plan| plan.fault)
    }
}

/// Stands in between until it is dropped.
pub struct Steps {
    port: u16,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Steps {
    /// In front of the rig's IMAP with TLS from the first byte.
    ///
    /// # Panics
    /// Where it cannot listen.
    #[must_use]
    pub fn imap(rig: &Rig) -> Self {
        Self::start(rig, rig.imaps_port(), false)
    }

    /// In front of the rig's submission with `STARTTLS`.
    ///
    /// # Panics
    /// Where it cannot listen.
    #[must_use]
    pub fn smtp(rig: &Rig) -> Self {
        Self::start(rig, rig.submission_port(), true)
    }

    fn start(rig: &Rig, target: u16, smtp: bool) -> Self {
        let folder = rig.dovecot().folder();
        let chain = CertificateDer::from_pem_file(folder.join(Certificate::Good.file()));
        let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).expect("a key");
        let server = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_no_client_auth()
            .with_single_cert(vec![chain.expect("a certificate")], key)
            .expect("a certificate");
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_file(rig.ca_pem_path()).expect("the CA");
        roots.add(ca).expect("the CA");
        let client = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            target: SocketAddr::from((Ipv4Addr::LOCALHOST, target)),
            smtp,
            accept: TlsAcceptor::from(Arc::new(server)),
            connect: TlsConnector::from(Arc::new(client)),
            ended: watch::Sender::new(0),
        });
        let (stop, mut stopped) = watch::channel(false);
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let port = listener.local_addr().expect("the port's number").port();
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let inside = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).expect("a listener");
                loop {
                    let accepted = tokio::select! {
                        accepted = listener.accept() => accepted,
                        _ = stopped.changed() => return,
                    };
                    if let Ok((client, _)) = accepted {
                        inside.state().connections += 1;
                        tokio::spawn(serve(client, Arc::clone(&inside)));
                    }
                }
            });
        });
        Self { port, shared, stop, thread: Some(thread) }
    }

    /// The port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets something happen at a step, once, after all that was planned before.
    pub fn plan(&self, at: &'static str, fault: Fault) {
        self.shared.state().plans.push_back(Plan { at, fault });
    }

    /// What is planned and has not happened.
    #[must_use]
    pub fn planned(&self) -> Vec<Plan> {
        self.shared.state().plans.iter().cloned().collect()
    }

    /// Ends the connections that are open now.
    pub fn end(&self) {
        self.shared.ended.send_modify(|number| *number += 1);
    }

    /// How many connections were made.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.state().connections
    }

    /// How often a fault happened.
    #[must_use]
    pub fn happened(&self) -> usize {
        self.shared.state().happened
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// How a part of a connection ended.
enum Ended {
    /// For good.
    Over,
    /// By a reset.
    Reset,
    /// The client wants TLS, and the server has said yes.
    StartTls,
}

async fn serve(client: TcpStream, shared: Arc<Shared>) {
    let Ok(server) = TcpStream::connect(shared.target).await else { return };
    for stream in [&client, &server] {
        let _ = stream.set_nodelay(true);
    }
    let name = ServerName::try_from("localhost").expect("a name");
    let socket = socket2::SockRef::from(&client).try_clone();
    let mut plain = (BufReader::new(client), BufReader::new(server));
    let mut over = shared.ended.subscribe();
    let talked = async {
        if shared.smtp {
            match talk(&mut plain.0, &mut plain.1, &shared, true).await {
                Ended::StartTls => {}
                other => return other,
            }
        }
        let (client, server) = (plain.0.into_inner(), plain.1.into_inner());
        let client = shared.accept.accept(client).await;
        let server = shared.connect.connect(name, server).await;
        let (Ok(client), Ok(server)) = (client, server) else { return Ended::Over };
        let (mut client, mut server) = (BufReader::new(client), BufReader::new(server));
        let ended = talk(&mut client, &mut server, &shared, !shared.smtp).await;
        if matches!(ended, Ended::Over) {
            let _ = client.shutdown().await;
        }
        ended
    };
    let ended = tokio::select! {
        ended = talked => ended,
        _ = over.changed() => Ended::Over,
    };
    // By now both ends but this one are closed: it is the last that decides how.
    if let (Ended::Reset, Ok(socket)) = (ended, socket) {
        let _ = socket.set_linger(Some(Duration::ZERO));
    }
}

/// Passes lines of the client and bytes of the server on.
async fn talk<C, S>(client: &mut C, server: &mut S, shared: &Shared, first: bool) -> Ended
where
    C: AsyncBufRead + AsyncWrite + Unpin,
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut line = Vec::new();
    let mut bytes = vec![0; 16 * 1024];
    // The mail's own lines are none of the protocol's.
    let (mut in_mail, mut asked_data, mut upgrade) = (false, false, false);
    let mut swallow = None;
    if first && let Some(fault) = shared.fault(GREETING) {
        match said(fault, "*", client).await {
            Happens::End(ended) => return ended,
            Happens::Swallow(fault) => swallow = Some(fault),
            Happens::PassOn | Happens::Said => {}
        }
    }
    loop {
        tokio::select! {
            read = client.read_until(b'\n', &mut line) => {
                if read.is_err() || !line.ends_with(b"\n") {
                    return Ended::Over;
                }
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                let step = match (in_mail, text.as_str()) {
                    (true, ".") => DOT.to_owned(),
                    (true, _) if asked_data => BODY.to_owned(),
                    (true, _) => String::new(),
                    (false, text) => text.to_owned(),
                };
                let fault = shared.fault(&step).filter(|_| !step.is_empty());
                let mut pass_on = true;
                if let Some(fault) = fault {
                    let tag = text.split(' ').next().unwrap_or_default();
                    match said(fault, tag, client).await {
                        Happens::End(ended) => return ended,
                        Happens::Swallow(fault) => swallow = Some(fault),
                        Happens::Said => pass_on = false,
                        Happens::PassOn => {}
                    }
                }
                if in_mail {
                    asked_data = false;
                    in_mail = step != DOT;
                } else if shared.smtp && pass_on {
                    asked_data = text.eq_ignore_ascii_case("DATA");
                    upgrade = text.eq_ignore_ascii_case("STARTTLS");
                }
                if pass_on && (server.write_all(&line).await.is_err() || server.flush().await.is_err()) {
                    return Ended::Over;
                }
                line.clear();
            }
            read = server.read(&mut bytes) => {
                let count = match read {
                    Ok(count) if count > 0 => count,
                    _ => return Ended::Over,
                };
                match swallow {
                    Some(Fault::CloseAfter) => return Ended::Over,
                    Some(_) => hang().await,
                    None => {}
                }
                let said = bytes.get(..count).unwrap_or_default();
                in_mail |= asked_data && said.starts_with(b"354");
                if client.write_all(said).await.is_err() || client.flush().await.is_err() {
                    return Ended::Over;
                }
                if upgrade && said.starts_with(b"220") {
                    return Ended::StartTls;
                }
            }
        }
    }
}

/// What follows from a fault.
enum Happens {
    End(Ended),
    Swallow(Fault),
    Said,
    PassOn,
}

async fn said(fault: Fault, tag: &str, client: &mut (impl AsyncWrite + Unpin)) -> Happens {
    match fault {
        Fault::Close => Happens::End(Ended::Over),
        Fault::Reset => Happens::End(Ended::Reset),
        Fault::Hang => {
            hang().await;
            Happens::End(Ended::Over)
        }
        Fault::Slow(time) => {
            tokio::time::sleep(time).await;
            Happens::PassOn
        }
        Fault::Say(text) => {
            let text = text.replace("{tag}", tag);
            let _ = client.write_all(text.as_bytes()).await;
            let _ = client.flush().await;
            Happens::Said
        }
        Fault::CloseAfter | Fault::HangAfter => Happens::Swallow(fault),
    }
}

/// For longer than anybody waits here, and not for ever.
async fn hang() {
    tokio::time::sleep(Duration::from_secs(30)).await;
}
