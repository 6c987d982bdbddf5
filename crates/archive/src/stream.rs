//! A file as a stream of blocks, decompressed on a thread of its own where it is compressed.

mod decode;
mod feed;

use std::{
    fs::File,
    io::{self, Read, Seek},
    sync::{Arc, atomic::AtomicBool},
};

use decode::compression;
pub(crate) use feed::{Feed, FeedReader};

use crate::{error::Compression, progress::Progress};

const BLOCK: usize = 256 << 10;
const MIN_BLOCK: usize = 4 << 10;

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
