//! A connection of which no byte beyond the current answer is read before TLS.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// lettre reads into a buffer and keeps it over `STARTTLS`: an answer that somebody slips in before
/// TLS would be taken for the server's. So until then bytes are handed out one by one, and what
/// was slipped in spoils the handshake.
#[derive(Debug)]
pub(crate) struct Careful {
    stream: TcpStream,
    secured: Arc<AtomicBool>,
}

impl Careful {
    /// The stream, and what to set when TLS begins.
    pub(crate) fn new(stream: TcpStream) -> (Self, Arc<AtomicBool>) {
        let secured = Arc::new(AtomicBool::new(false));
        (Self { stream, secured: Arc::clone(&secured) }, secured)
    }
}

impl AsyncTokioStream for Careful {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Careful {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.secured.load(Ordering::Relaxed) || buffer.remaining() == 0 {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let mut byte = [0];
        let mut one = ReadBuf::new(&mut byte);
        let polled = Pin::new(&mut self.stream).poll_read(cx, &mut one);
        if matches!(polled, Poll::Ready(Ok(()))) {
            buffer.put_slice(one.filled());
        }
        polled
    }
}

impl AsyncWrite for Careful {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
