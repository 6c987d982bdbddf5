//! An IMAP server for tests, which does as told: also what no sane server does.
//!
//! It serves one mailbox of one user, in clear, on a loopback port. What it answers by itself is
//! right; a [`Reply`] is then handed to the rules that match its command, and they may change it.
//! A connection can also be cut after any byte.

mod answer;
mod connection;
mod mailbox;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

pub use mailbox::{Mail, Mailbox};

/// The user that the server knows.
pub const USER: &str = "bot@bot.example";
/// The user's password.
pub const PASSWORD: &str = "canary-\"42\\";

/// What a command is answered with: whole responses, each with its line end.
pub struct Reply {
    /// The command's tag.
    pub tag: String,
    /// The responses, the tagged one last.
    pub lines: Vec<Vec<u8>>,
    /// What follows.
    pub then: Then,
}

impl Reply {
    /// Puts other text for the tagged response: `NO no`.
    pub fn end(&mut self, status: &str) {
        self.lines.pop();
        self.lines.push(format!("{} {status}\r\n", self.tag).into_bytes());
    }

    /// Puts a response in before the one at `at`.
    pub fn insert(&mut self, at: usize, line: &str) {
        self.lines.insert(at.min(self.lines.len()), format!("{line}\r\n").into_bytes());
    }

    /// Sends the first `count` responses alone.
    pub fn keep(&mut self, count: usize, then: Then) {
        self.lines.truncate(count);
        self.then = then;
    }
}

/// What follows a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The next command.
    GoOn,
    /// The end of the connection.
    Close,
    /// Nothing, on an open connection.
    Hang,
}

/// Where a connection ends.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// After so many bytes to the client.
    pub sent: Option<usize>,
    /// After so many bytes from the client.
    pub received: Option<usize>,
    /// How.
    pub then: Then,
}

type Change = Box<dyn FnMut(&mut Reply, &mut Mailbox) + Send>;

struct Rule {
    part: String,
    times: u32,
    change: Change,
}

/// What the connections share.
#[derive(Default)]
struct Shared {
    mailbox: Mailbox,
    rules: Vec<Rule>,
    cuts: Vec<Cut>,
    commands: Vec<String>,
    /// Bytes sent and received on each finished or running connection.
    bytes: Vec<(usize, usize)>,
}

/// A running server, which ends when it is dropped.
pub struct ImapServer {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    stop: Arc<AtomicBool>,
    accept: Option<JoinHandle<()>>,
}

impl ImapServer {
    /// Starts a server with an empty mailbox.
    ///
    /// # Panics
    ///
    /// Where no loopback port can be had.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port");
        let address = listener.local_addr().expect("the port's number");
        let shared = Arc::new(Mutex::new(Shared::default()));
        let stop = Arc::new(AtomicBool::new(false));
        let (all, ends) = (Arc::clone(&shared), Arc::clone(&stop));
        let accept = std::thread::spawn(move || {
            for tcp in listener.incoming() {
                if ends.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(tcp) = tcp else { continue };
                let (all, ends) = (Arc::clone(&all), Arc::clone(&ends));
                std::thread::spawn(move || connection::serve(tcp, &all, &ends));
            }
        });
        Self { address, shared, stop, accept: Some(accept) }
    }

    /// The loopback port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Reads or changes the mailbox.
    pub fn mailbox<T>(&self, work: impl FnOnce(&mut Mailbox) -> T) -> T {
        work(&mut lock(&self.shared).mailbox)
    }

    /// Changes the next `times` replies to commands that contain `part`.
    ///
    /// The greeting is a reply to `GREETING`.
    pub fn rule(
        &self,
        part: &str,
        times: u32,
        change: impl FnMut(&mut Reply, &mut Mailbox) + Send + 'static,
    ) {
        let rule = Rule { part: part.to_owned(), times, change: Box::new(change) };
        lock(&self.shared).rules.push(rule);
    }

    /// Cuts the next connection that no earlier call has named.
    pub fn cut(&self, cut: Cut) {
        lock(&self.shared).cuts.push(cut);
    }

    /// Every command so far, without tags.
    #[must_use]
    pub fn commands(&self) -> Vec<String> {
        lock(&self.shared).commands.clone()
    }

    /// The bytes to and from the client on each connection so far.
    #[must_use]
    pub fn bytes(&self) -> Vec<(usize, usize)> {
        lock(&self.shared).bytes.clone()
    }
}

impl Drop for ImapServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // The accepting thread waits for somebody to come.
        let _ = TcpStream::connect(self.address);
        if let Some(accept) = self.accept.take() {
            let _ = accept.join();
        }
    }
}

/// A test that failed while it held the lock has failed already.
fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
