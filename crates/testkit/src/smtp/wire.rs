//! A connection that counts its bytes and is cut where the script says.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use super::{Cut, Log, lock};

/// Any stream.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// The connection is over.
#[derive(Debug)]
pub(crate) struct Over;

pub(crate) struct Wire {
    pub(crate) stream: Box<dyn Stream>,
    pub(crate) log: Arc<Mutex<Log>>,
    pub(crate) cut: Option<Cut>,
    received: usize,
    sent: usize,
    buffer: Vec<u8>,
}

impl Wire {
    pub(crate) fn new(stream: Box<dyn Stream>, log: Arc<Mutex<Log>>, cut: Option<Cut>) -> Self {
        Self { stream, log, cut, received: 0, sent: 0, buffer: Vec::new() }
    }

    /// The next line without its end, however it ends.
    pub(crate) async fn line(&mut self) -> Result<Vec<u8>, Over> {
        loop {
            if let Some(at) = self.buffer.iter().position(|b| *b == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=at).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
            let mut bytes = [0; 4096];
            let most = match self.cut {
                Some(cut) if cut.from_client => {
                    cut.after.saturating_sub(self.received).min(bytes.len())
                }
                _ => bytes.len(),
            };
            if most == 0 {
                return Err(Over);
            }
            let room = bytes.get_mut(..most).unwrap_or_default();
            let count = self.stream.read(room).await.map_err(|_| Over)?;
            if count == 0 {
                return Err(Over);
            }
            self.received += count;
            lock(&self.log).from_client += count;
            self.buffer.extend(bytes.iter().take(count));
        }
    }

    pub(crate) async fn say(&mut self, text: &str) -> Result<(), Over> {
        let mut bytes = format!("{text}\r\n").into_bytes();
        let mut over = false;
        if let Some(cut) = self.cut.filter(|cut| !cut.from_client) {
            let left = cut.after.saturating_sub(self.sent);
            over = bytes.len() >= left;
            bytes.truncate(left);
        }
        self.sent += bytes.len();
        lock(&self.log).from_server += bytes.len();
        self.stream.write_all(&bytes).await.map_err(|_| Over)?;
        self.stream.flush().await.map_err(|_| Over)?;
        if over { Err(Over) } else { Ok(()) }
    }

    /// Nothing that came is left to be read.
    pub(crate) fn forget_buffer(&mut self) {
        self.buffer.clear();
    }
}

/// Makes the end of this connection a reset.
pub(crate) fn reset_at_end(stream: &TcpStream) {
    #[expect(deprecated, reason = "a linger of 0 does not block")]
    stream.set_linger(Some(std::time::Duration::ZERO)).ok();
}
