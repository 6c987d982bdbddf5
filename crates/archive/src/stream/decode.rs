//! Decompression, by what a file starts with rather than by its name.

use std::{
    io::{self, Cursor, Read},
    sync::Arc,
};

use flate2::read::MultiGzDecoder;
use liblzma::{read::XzDecoder, stream};

use crate::{error::Compression, progress::Progress};

/// An xz file that asks for more memory than this is refused; `xz -9` asks for 65 MB.
const XZ_MEMORY: u64 = 512 << 20;
/// Longest magic number looked for.
const MAGIC: usize = 6;

/// Counts what is read from disk.
pub(super) struct Counted<R> {
    pub(super) input: R,
    pub(super) progress: Arc<Progress>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(into)?;
        self.progress.add_bytes(length as u64);
        Ok(length)
    }
}

/// Tells a compression by its magic number.
pub(super) fn compression(head: &[u8]) -> Option<Compression> {
    match head {
        [0x1f, 0x8b, ..] => Some(Compression::Gzip),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Compression::Xz),
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => {
            Some(Compression::Zstd)
        }
        _ => None,
    }
}

/// A compression, if any, and the decompressed content.
pub(super) type Decoder = (Option<Compression>, Box<dyn Read>);

/// Finds out how some input is compressed and undoes it.
pub(super) fn decoder(mut input: impl Read + 'static) -> io::Result<Decoder> {
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
