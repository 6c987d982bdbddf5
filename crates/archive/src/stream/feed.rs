//! Reading ahead on a thread.

use std::{
    io::{self, BufRead, Read},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread,
    time::Duration,
};

use super::{
    BLOCK, Broken,
    decode::{Counted, Decoder, decoder},
};
use crate::{error::Compression, progress::Progress};

/// Blocks that may wait between a decompressor and its reader.
const WAITING: usize = 4;
/// How often a wait for data looks at the cancellation flag.
const POLL: Duration = Duration::from_millis(50);

enum Message {
    Block(Vec<u8>),
    End,
    Failed(Option<Compression>, io::Error),
}

/// Blocks that a thread reads ahead.
pub(crate) struct Feed {
    receiver: Receiver<Message>,
    pub(super) block: Vec<u8>,
    offset: u64,
    ended: bool,
}

impl Feed {
    /// Starts a thread that reads, and decompresses what is compressed.
    pub(crate) fn start(
        input: impl Read + Send + 'static,
        progress: &Arc<Progress>,
    ) -> io::Result<Self> {
        Self::spawn(Counted { input, progress: Arc::clone(progress) }, decoder)
    }

    /// Starts a thread that reads, whatever the bytes look like.
    pub(crate) fn raw(
        input: impl Read + Send + 'static,
        progress: &Arc<Progress>,
    ) -> io::Result<Self> {
        let plain = |input| Ok((None, Box::new(input) as Box<dyn Read>));
        Self::spawn(Counted { input, progress: Arc::clone(progress) }, plain)
    }

    fn spawn<R: Send + 'static>(
        input: R,
        decoder: impl FnOnce(R) -> io::Result<Decoder> + Send + 'static,
    ) -> io::Result<Self> {
        let (sender, receiver) = mpsc::sync_channel(WAITING);
        // Not joined: it may sit in a read that never returns. It ends once the receiver is gone.
        thread::Builder::new().name("archive-feed".to_owned()).spawn(move || {
            let end = match decoder(input) {
                Ok((kind, input)) => match pump(input, &sender) {
                    Ok(()) => Message::End,
                    Err(reason) => Message::Failed(kind, reason),
                },
                Err(reason) => Message::Failed(None, reason),
            };
            // Nobody waits for the end of a stream that was dropped.
            let _ = sender.send(end);
        })?;
        Ok(Self { receiver, block: Vec::new(), offset: 0, ended: false })
    }

    pub(super) fn next(&mut self, cancel: &AtomicBool) -> Result<(), Broken> {
        self.block.clear();
        while !self.ended && !cancel.load(Ordering::Relaxed) {
            match self.receiver.recv_timeout(POLL) {
                Ok(Message::Block(block)) => {
                    self.offset += block.len() as u64;
                    self.block = block;
                    return Ok(());
                }
                Ok(Message::End) => self.ended = true,
                Ok(Message::Failed(compression, reason)) => {
                    self.ended = true;
                    return Err(Broken { compression, offset: self.offset, reason });
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    self.ended = true;
                    let reason = io::Error::other("the reading thread died");
                    return Err(Broken { compression: None, offset: self.offset, reason });
                }
            }
        }
        Ok(())
    }
}

/// A [`Feed`] as a [`BufRead`] that seems to end when cancelled.
pub(crate) struct FeedReader<'c> {
    pub(crate) feed: Feed,
    pub(crate) cancel: &'c AtomicBool,
    pub(crate) at: usize,
}

impl BufRead for FeedReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.feed.block.len() {
            self.at = 0;
            self.feed.next(self.cancel).map_err(|broken| broken.reason)?;
        }
        Ok(self.feed.block.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

impl Read for FeedReader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}

/// Sends blocks until the end, or until nobody wants them.
fn pump(mut input: impl Read, sender: &SyncSender<Message>) -> io::Result<()> {
    loop {
        let mut block = Vec::with_capacity(BLOCK);
        let read = (&mut input).take(BLOCK as u64).read_to_end(&mut block);
        let full = block.len() == BLOCK;
        if !block.is_empty() && sender.send(Message::Block(block)).is_err() {
            return Ok(());
        }
        read?;
        if !full {
            return Ok(());
        }
    }
}
