//! An SMTP server that follows a script: it misbehaves at any step and counts what it took.

mod session;
mod wire;

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, mpsc},
    thread::{self, JoinHandle},
};

use tokio::{net::TcpListener, sync::oneshot};
use tokio_rustls::TlsAcceptor;

/// A step of the conversation, named for what the client has just sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// Nothing yet: the connection is open.
    Greeting,
    /// `EHLO`.
    Ehlo,
    /// `STARTTLS`.
    StartTls,
    /// `AUTH`.
    Auth,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// `DATA`.
    Data,
    /// The first line of the mail.
    Body,
    /// The final dot.
    Dot,
}

impl At {
    /// Every step, in order.
    pub const ALL: &[Self] = &[
        Self::Greeting,
        Self::Ehlo,
        Self::StartTls,
        Self::Auth,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Body,
        Self::Dot,
    ];
}

/// What the server does instead of its duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Closes the connection.
    Close,
    /// Resets the connection.
    Reset,
    /// Says nothing more.
    Hang,
    /// Answers with what is no SMTP.
    Garbage,
    /// Answers so: `451 4.7.1 later`.
    Answer(&'static str),
    /// Answers so after half a second.
    Late(&'static str),
    /// Does its duty, and closes instead of saying so.
    DoneThenClose,
    /// Does its duty, and says nothing.
    DoneThenHang,
    /// Does its duty, and answers with what is no SMTP.
    DoneThenGarbage,
}

/// When a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Counted are the bytes that the client sends, else those that the server sends.
    pub from_client: bool,
    /// After so many bytes.
    pub after: usize,
    /// By a reset, else by an orderly end.
    pub reset: bool,
}

/// How a connection is secured.
#[derive(Clone, Default)]
pub enum Tls {
    /// Not at all.
    #[default]
    None,
    /// From the start.
    Implicit(TlsAcceptor),
    /// After `STARTTLS`.
    StartTls(TlsAcceptor),
    /// `STARTTLS` is not offered.
    Stripped,
    /// An answer is smuggled in behind the one to `STARTTLS`.
    Injected(TlsAcceptor),
}

/// What the server does.
#[derive(Clone, Default)]
pub struct Script {
    /// Faults by step, and at how many connections each happens.
    pub faults: Vec<(At, Fault, usize)>,
    /// Where connections are cut, and how many.
    pub cut: Option<(Cut, usize)>,
    /// Answers to `RCPT TO` by address.
    pub refused: HashMap<String, &'static str>,
    /// User and password; without them `AUTH` is not offered.
    pub login: Option<(&'static str, &'static str)>,
    /// How connections are secured.
    pub tls: Tls,
}

/// A mail that the server took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The mail, dots unstuffed.
    pub data: Vec<u8>,
}

impl Taken {
    /// What stands in its `Message-ID`, without brackets.
    #[must_use]
    pub fn message_id(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.data);
        let line = text.lines().take_while(|l| !l.is_empty()).find_map(|line| {
            line.get(..11).filter(|h| h.eq_ignore_ascii_case("message-id:")).and(line.get(11..))
        })?;
        Some(line.trim().trim_matches(['<', '>']).to_owned())
    }
}

/// What happened so far.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) taken: Vec<Taken>,
    pub(crate) connections: usize,
    pub(crate) logins: usize,
    pub(crate) plain_logins: usize,
    pub(crate) dots: usize,
    pub(crate) from_client: usize,
    pub(crate) from_server: usize,
}

/// A server on a port of its own on loopback, in a thread of its own.
pub struct SmtpServer {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    log: Arc<Mutex<Log>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl SmtpServer {
    /// Starts one.
    ///
    /// # Panics
    /// Where no port can be had.
    #[must_use]
    pub fn start(script: Script) -> Self {
        let script = Arc::new(Mutex::new(script));
        let log = Arc::new(Mutex::new(Log::default()));
        let (stop, mut stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let (its_script, its_log) = (Arc::clone(&script), Arc::clone(&log));
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("failed to start a runtime").block_on(async move {
                let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
                let listener = listener.expect("failed to listen");
                tell.send(listener.local_addr().expect("failed to read the port")).ok();
                loop {
                    tokio::select! {
                        _ = &mut stopped => break,
                        accepted = listener.accept() => {
                            let Ok((stream, _)) = accepted else { continue };
                            let (script, log) = (Arc::clone(&its_script), Arc::clone(&its_log));
                            lock(&log).connections += 1;
                            tokio::spawn(session::serve(stream, script, log));
                        }
                    }
                }
            });
        });
        let address = told.recv().expect("failed to start a server");
        Self { address, script, log, stop: Some(stop), thread: Some(thread) }
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Follows another script from the next connection on.
    pub fn follow(&self, script: Script) {
        *lock(&self.script) = script;
    }

    /// Every mail that it took.
    #[must_use]
    pub fn taken(&self) -> Vec<Taken> {
        lock(&self.log).taken.clone()
    }

    /// How often it took a mail with this Message-ID.
    #[must_use]
    pub fn count(&self, id: &str) -> usize {
        lock(&self.log).taken.iter().filter(|t| t.message_id().as_deref() == Some(id)).count()
    }

    /// How many connections there were.
    #[must_use]
    pub fn connections(&self) -> usize {
        lock(&self.log).connections
    }

    /// How many times somebody tried to log in, and how many of them without TLS.
    #[must_use]
    pub fn logins(&self) -> (usize, usize) {
        let log = lock(&self.log);
        (log.logins, log.plain_logins)
    }

    /// How many final dots came.
    #[must_use]
    pub fn dots(&self) -> usize {
        lock(&self.log).dots
    }

    /// How many bytes came from clients and went to them, TLS taken off.
    #[must_use]
    pub fn bytes(&self) -> (usize, usize) {
        let log = lock(&self.log);
        (log.from_client, log.from_server)
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("a server's thread failed")
}
