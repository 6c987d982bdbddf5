//! A file as a stream of blocks, decompressed on a thread of its own where it is compressed.

use std::{
    fs::File,
    io::{self, BufRead, Cursor, Read, Seek},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread,
    time::Duration,
};

use flate2::read::MultiGzDecoder;
use liblzma::{read::XzDecoder, stream};

use crate::{error::Compression, progress::Progress};

const BLOCK: usize = 256 << 10;
const MIN_BLOCK: usize = 4 << 10;
/// Blocks that may wait between a decompressor and its reader.
const WAITING: usize = 4;
/// How often a wait for data looks at the cancellation flag.
const POLL: Duration = Duration::from_millis(50);
/// An xz file that asks for more memory than this is refused; `xz -9` asks for 65 MB.
const XZ_MEMORY: u64 = 512 << 20;
/// Longest magic number looked for.
const MAGIC: usize = 6;

/// What went wrong in a stream, and where.
pub(crate) struct Broken {
    pub(crate) compression: Option<Compression>,
    pub(crate) offset: u64,
    pub(crate) reason: io::Error,
}

/// Blocks of a file's decompressed content.
pub(crate) enum Stream {
    Plain(Plain),
    Fed(Feed),
}

/// An uncompressed file.
pub(crate) struct Plain {
    file: File,
    space: Vec<u8>,
    filled: usize,
    offset: u64,
    progress: Arc<Progress>,
}

impl Plain {
    fn next(&mut self) -> io::Result<()> {
        self.filled = 0;
        self.filled = loop {
            match self.file.read(&mut self.space) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.offset += self.filled as u64;
        Ok(())
    }

    fn block(&self) -> &[u8] {
        self.space.get(..self.filled).unwrap_or_default()
    }
}

impl Stream {
    /// Starts on a regular file, and reads its first block.
    pub(crate) fn file(file: File, progress: &Arc<Progress>) -> io::Result<Self> {
        // A folder of small files should not pay for large blocks.
        let size = usize::try_from(file.metadata()?.len()).unwrap_or(BLOCK);
        let space = vec![0; size.saturating_add(1).clamp(MIN_BLOCK, BLOCK)];
        let progress = Arc::clone(progress);
        let mut plain = Plain { file, space, filled: 0, offset: 0, progress };
        plain.next()?;
        if compression(plain.block()).is_some() {
            plain.file.rewind()?;
            return Feed::start(plain.file, &plain.progress).map(Self::Fed);
        }
        plain.progress.add_bytes(plain.offset);
        Ok(Self::Plain(plain))
    }

    /// Starts on stdin or a pipe, whose reading may block for ever.
    pub(crate) fn pipe(
        input: impl Read + Send + 'static,
        progress: &Arc<Progress>,
    ) -> io::Result<Self> {
        Feed::start(input, progress).map(Self::Fed)
    }

    /// Gets the first block, if that is not there yet.
    pub(crate) fn first(&mut self, cancel: &AtomicBool) -> Result<&[u8], Broken> {
        match self {
            Self::Plain(plain) => Ok(plain.block()),
            Self::Fed(_) => self.next(cancel),
        }
    }

    /// Gets the next block; empty at the end, and soon after `cancel` is set.
    pub(crate) fn next(&mut self, cancel: &AtomicBool) -> Result<&[u8], Broken> {
        match self {
            Self::Plain(plain) => {
                plain.next().map_err(|reason| Broken {
                    compression: None,
                    offset: plain.offset,
                    reason,
                })?;
                plain.progress.add_bytes(plain.filled as u64);
            }
            Self::Fed(feed) => feed.next(cancel)?,
        }
        Ok(self.block())
    }

    /// The block last got.
    pub(crate) fn block(&self) -> &[u8] {
        match self {
            Self::Plain(plain) => plain.block(),
            Self::Fed(feed) => &feed.block,
        }
    }
}

enum Message {
    Block(Vec<u8>),
    End,
    Failed(Option<Compression>, io::Error),
}

/// Blocks that a thread reads ahead.
pub(crate) struct Feed {
    receiver: Receiver<Message>,
    block: Vec<u8>,
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

    fn next(&mut self, cancel: &AtomicBool) -> Result<(), Broken> {
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

/// Counts what is read from disk.
struct Counted<R> {
    input: R,
    progress: Arc<Progress>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(into)?;
        self.progress.add_bytes(length as u64);
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

/// Tells a compression by its magic number.
fn compression(head: &[u8]) -> Option<Compression> {
    match head {
        [0x1f, 0x8b, ..] => Some(Compression::Gzip),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Compression::Xz),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            Some(Compression::Zstd)
        }
        _ => None,
    }
}

type Decoder = (Option<Compression>, Box<dyn Read>);

fn decoder(mut input: impl Read + 'static) -> io::Result<Decoder> {
    let mut head = Vec::new();
    (&mut input).take(MAGIC as u64).read_to_end(&mut head)?;
    let kind = compression(&head);
    let whole = Cursor::new(head).chain(input);
    let decoded: Box<dyn Read> = match kind {
        None => Box::new(whole),
        Some(Compression::Gzip) => Box::new(MultiGzDecoder::new(whole)),
        Some(Compression::Xz) => {
            let stream = stream::Stream::new_stream_decoder(XZ_MEMORY, stream::CONCATENATED)
                .map_err(io::Error::other)?;
            Box::new(XzDecoder::new_stream(whole, stream))
        }
        Some(Compression::Zstd) => Box::new(zstd::Decoder::new(whole)?),
    };
    Ok((kind, decoded))
}
