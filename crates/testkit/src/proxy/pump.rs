//! Moves bytes from one side to the other, and lets the plan happen to them.

use std::io;
use std::time::Duration;

use tokio::io::Interest;
use tokio::net::TcpStream;

use super::{End, Event, From, Shared};

/// Bytes that are read at once.
const PIECE: usize = 16 * 1024;

/// Moves bytes both ways until one side is at its end, or an event ends both.
///
/// An end of stream of one side ends the other: the servers behind take half a connection for a
/// whole one, and the clients too.
pub(super) async fn both(
    client: &TcpStream,
    server: &TcpStream,
    events: Vec<(From, u64, Event)>,
    shared: &Shared,
) -> End {
    let of = |from: From| {
        let mut events: Vec<(u64, Event)> =
            events.iter().filter(|e| e.0 == from).map(|e| (e.1, e.2.clone())).collect();
        events.sort_by_key(|(at, _)| *at);
        events.reverse();
        events
    };
    let mut forth = Pump::new(client, server, From::Client, of(From::Client), shared);
    let mut back = Pump::new(server, client, From::Server, of(From::Server), shared);
    tokio::select! {
        end = forth.run() => end,
        end = back.run() => end,
    }
}

/// Says to both sides that no more comes, and takes what they still send until they know.
///
/// A connection that is closed with bytes unread is reset, which is another end.
pub(super) async fn finish(client: &TcpStream, server: &TcpStream) {
    let drain = async |stream: &TcpStream| {
        let _ = socket2::SockRef::from(stream).shutdown(std::net::Shutdown::Write);
        let mut buffer = vec![0; PIECE];
        while read(stream, &mut buffer).await.is_ok_and(|count| count > 0) {}
    };
    let both = async { tokio::join!(drain(client), drain(server)) };
    let _ = tokio::time::timeout(Duration::from_secs(1), both).await;
}

struct Pump<'a> {
    source: &'a TcpStream,
    target: &'a TcpStream,
    from: From,
    /// Bytes passed on, without those that were put in.
    moved: u64,
    /// The next one is last.
    events: Vec<(u64, Event)>,
    shared: &'a Shared,
}

impl<'a> Pump<'a> {
    fn new(
        source: &'a TcpStream,
        target: &'a TcpStream,
        from: From,
        events: Vec<(u64, Event)>,
        shared: &'a Shared,
    ) -> Self {
        let _ = target.set_nodelay(true);
        Self { source, target, from, moved: 0, events, shared }
    }

    async fn run(&mut self) -> End {
        match self.move_all().await {
            Ok(end) => end,
            Err(_) => End::Reset,
        }
    }

    async fn move_all(&mut self) -> io::Result<End> {
        let mut buffer = vec![0; PIECE];
        loop {
            if let Some(end) = self.happen(&mut []).await? {
                return Ok(end);
            }
            let count = read(self.source, &mut buffer).await?;
            // An end of stream, too, is not passed on while nothing is.
            self.thaw().await;
            if count == 0 {
                return Ok(End::Fin);
            }
            let mut rest = buffer.get_mut(..count).unwrap_or_default();
            while !rest.is_empty() {
                self.thaw().await;
                if let Some(end) = self.happen(rest).await? {
                    return Ok(end);
                }
                let (delay, rate, chunk) = {
                    let plan = &self.shared.state().plan;
                    (plan.delay, plan.rate, plan.chunk)
                };
                let until_event = self.events.last().map_or(u64::MAX, |(at, _)| at - self.moved);
                let most = chunk.unwrap_or(PIECE).max(1).min(rest.len());
                let most = usize::try_from(until_event).map_or(most, |until| most.min(until));
                let (piece, left) = rest.split_at_mut(most);
                if !delay.is_zero() {
                    tokio::time::sleep(delay).await;
                    self.thaw().await;
                }
                // Counted first: who has got a byte finds it counted.
                self.count(piece.len());
                write(self.target, piece).await?;
                if let Some(rate) = rate.filter(|rate| *rate > 0) {
                    let seconds = f64::from(u32::try_from(most).unwrap_or(u32::MAX));
                    tokio::time::sleep(Duration::from_secs_f64(seconds / f64::from(rate))).await;
                }
                rest = left;
            }
        }
    }

    /// Lets happen what is to happen at the byte that is next.
    ///
    /// A cut after the last byte there will be must not wait for another: so this is called with
    /// no bytes too, where all but a flip can happen.
    async fn happen(&mut self, next: &mut [u8]) -> io::Result<Option<End>> {
        while let Some((at, event)) = self.events.last() {
            let waits = matches!(event, Event::Flip(_)) && next.is_empty();
            if *at > self.moved || waits {
                break;
            }
            let Some((_, event)) = self.events.pop() else { break };
            self.shared.state().counts.events += 1;
            match event {
                Event::Cut(end) => return Ok(Some(end)),
                Event::Inject(bytes) => write(self.target, &bytes).await?,
                Event::Flip(mask) => {
                    if let Some(byte) = next.first_mut() {
                        *byte ^= mask;
                    }
                }
            }
        }
        Ok(None)
    }

    /// Waits while the plan says that nothing moves.
    async fn thaw(&self) {
        let mut changed = self.shared.changed.subscribe();
        while self.shared.state().plan.freeze {
            if changed.changed().await.is_err() {
                return;
            }
        }
    }

    fn count(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.moved += bytes;
        let counts = &mut self.shared.state().counts;
        match self.from {
            From::Client => counts.from_client += bytes,
            From::Server => counts.from_server += bytes,
        }
    }
}

async fn read(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    stream.async_io(Interest::READABLE, || stream.try_read(buffer)).await
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = stream.async_io(Interest::WRITABLE, || stream.try_write(bytes)).await?;
        bytes = bytes.get(written..).unwrap_or_default();
    }
    Ok(())
}
