//! A TCP proxy on loopback that breaks what goes through it.

mod pump;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Connections at once; the next waits to be accepted.
const CONNECTIONS: usize = 256;

/// Who sent the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// Who connected to the proxy.
    Client,
    /// Whom the proxy connected to.
    Server,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In order, to both sides: they read an end of stream.
    Fin,
    /// By a reset to both sides.
    Reset,
    /// Never: it stays open, and no byte goes either way any more.
    Freeze,
}

/// Something that happens at one byte of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// It ends. The bytes before are passed on.
    Cut(End),
    /// These bytes come in before it.
    Inject(Vec<u8>),
    /// Its bits with a 1 in this mask are turned over.
    Flip(u8),
}

/// What becomes of new connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    /// They are passed on.
    #[default]
    Open,
    /// They are accepted and reset at once.
    Refuse,
    /// They are accepted, and nothing happens.
    Hole,
}

/// What the proxy does. The usual: it passes everything on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What becomes of new connections.
    pub door: Door,
    /// No byte goes either way, also on connections that are open, while this is on.
    pub freeze: bool,
    /// Each piece of data waits so long.
    pub delay: Duration,
    /// Bytes a second, in each direction of a connection.
    pub rate: Option<u32>,
    /// Bytes that are written at once, at most.
    pub chunk: Option<usize>,
    /// Happens before the byte of this number (from 0) of one direction of a connection, in
    /// ascending order.
    pub events: Vec<(From, u64, Event)>,
    /// How many of the next connections the events are for; `None` for all.
    pub connections: Option<usize>,
    /// The next connections are cut so, one each; the events are for those after them.
    pub cuts: VecDeque<(From, u64, End)>,
}

/// What went through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Connections that were accepted.
    pub connections: usize,
    /// Of these, how many are still open.
    pub open: usize,
    /// Bytes that the clients sent and the server got.
    pub from_client: u64,
    /// Bytes that the server sent and the clients got.
    pub from_server: u64,
    /// Events that happened.
    pub events: usize,
}

#[derive(Debug, Default)]
struct State {
    plan: Plan,
    counts: Counts,
}

/// What the proxy's thread and its handle share.
#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Raised with each change of the plan.
    changed: watch::Sender<u64>,
    /// How connections that are open now are to end, and how often that was said.
    ended: watch::Sender<(u64, End)>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running proxy, which ends with all its connections when it is dropped.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts one in front of a port on loopback.
    ///
    /// # Panics
    ///
    /// Where there is no port to listen on.
    #[must_use]
    pub fn start(target: u16) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            changed: watch::Sender::new(0),
            ended: watch::Sender::new((0, End::Fin)),
        });
        let (stop, stopped) = watch::channel(false);
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let port = listener.local_addr().expect("the port's number").port();
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let inside = Arc::clone(&shared);
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, target));
        let thread = thread::spawn(move || {
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).expect("a listener");
                accept(listener, target, inside, stopped).await;
            });
        });
        Self { port, shared, stop, thread: Some(thread) }
    }

    /// The port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Replaces the plan. Its events are for connections from now on, the rest is for all.
    pub fn set(&self, plan: Plan) {
        self.shared.state().plan = plan;
        self.shared.changed.send_modify(|number| *number += 1);
    }

    /// Passes everything on from now on.
    pub fn pass(&self) {
        self.set(Plan::default());
    }

    /// Cuts the next connection after so many bytes of one side.
    pub fn cut_next(&self, from: From, after: u64, end: End) {
        let events = vec![(from, after, Event::Cut(end))];
        self.set(Plan { events, connections: Some(1), ..Plan::default() });
    }

    /// Cuts the next connections, each in its own way.
    pub fn cut_each(&self, cuts: impl IntoIterator<Item = (From, u64, End)>) {
        self.set(Plan { cuts: cuts.into_iter().collect(), ..Plan::default() });
    }

    /// How many of [`Proxy::cut_each`] wait for a connection.
    #[must_use]
    pub fn cuts_left(&self) -> usize {
        self.shared.state().plan.cuts.len()
    }

    /// Ends the connections that are open now.
    pub fn end(&self, end: End) {
        self.shared.ended.send_modify(|(number, how)| {
            *number += 1;
            *how = end;
        });
    }

    /// What went through so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.state().counts
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn accept(
    listener: TcpListener,
    target: SocketAddr,
    shared: Arc<Shared>,
    mut stopped: watch::Receiver<bool>,
) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let client = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopped.changed() => return,
        };
        let Ok((client, _)) = client else { continue };
        let (door, events) = {
            let mut state = shared.state();
            state.counts.connections += 1;
            state.counts.open += 1;
            let plan = &mut state.plan;
            let cut = plan.cuts.pop_front();
            let events = match &mut plan.connections {
                _ if cut.is_some() => {
                    cut.map(|(from, at, end)| (from, at, Event::Cut(end))).into_iter().collect()
                }
                Some(0) => Vec::new(),
                Some(left) => {
                    *left -= 1;
                    plan.events.clone()
                }
                None => plan.events.clone(),
            };
            (plan.door, events)
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            serve(client, target, door, events, &shared).await;
            shared.state().counts.open -= 1;
            drop(permit);
        });
    }
}

async fn serve(
    client: TcpStream,
    target: SocketAddr,
    door: Door,
    events: Vec<(From, u64, Event)>,
    shared: &Shared,
) {
    let mut ended = shared.ended.subscribe();
    ended.mark_unchanged();
    let server = match door {
        Door::Open => TcpStream::connect(target).await.ok(),
        Door::Refuse | Door::Hole => None,
    };
    let end = match (&server, door) {
        (Some(server), _) => {
            let pumped = pump::both(&client, server, events, shared);
            tokio::select! {
                end = pumped => end,
                _ = ended.changed() => ended.borrow().1,
            }
        }
        (None, Door::Hole) => End::Freeze,
        (None, _) => End::Reset,
    };
    match end {
        End::Fin => {
            if let Some(server) = &server {
                pump::finish(&client, server).await;
            }
        }
        End::Reset => {
            for stream in [Some(&client), server.as_ref()].into_iter().flatten() {
                reset_at_end(stream);
            }
        }
        End::Freeze => loop {
            // Kept open, and not read from, until the test ends it or itself.
            if ended.changed().await.is_err() {
                return;
            }
            let end = ended.borrow().1;
            if end == End::Reset {
                [Some(&client), server.as_ref()].into_iter().flatten().for_each(reset_at_end);
            }
            if end != End::Freeze {
                return;
            }
        },
    }
}

/// Makes the end of this connection a reset.
fn reset_at_end(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
}
