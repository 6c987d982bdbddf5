//! Mails in batches: one buffer, and where in it they are.

use std::{borrow::Cow, fmt, sync::Arc};

use tidewaiter_mail::mbox::{Cut, unquote_mboxrd};

/// A git object id, SHA-1 or SHA-256.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ObjectId {
    bytes: [u8; 32],
    length: u8,
}

impl ObjectId {
    /// Reads 40 or 64 hexadecimal digits.
    pub(crate) fn parse(hex: &[u8]) -> Option<Self> {
        if !matches!(hex.len(), 40 | 64) {
            return None;
        }
        let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|value| value as u8);
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *byte = digit(high)? << 4 | digit(low)?;
        }
        Some(Self { bytes, length: (hex.len() / 2) as u8 })
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.bytes.iter().take(self.length.into());
        bytes.into_iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// Where in its source a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Offset of its `From ` line in the decompressed mbox; 0 for a file that is one mail.
    Offset(u64),
    /// The blob in a git repository.
    Object(ObjectId),
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset(offset) => offset.fmt(out),
            Self::Object(id) => id.fmt(out),
        }
    }
}

/// One mail of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMailRef<'a> {
    /// Path of the file or repository as it was reached from what was named; `-` is stdin.
    pub source: &'a Arc<str>,
    /// Where in it.
    pub place: Place,
    /// The mail, without the `From ` line of an mbox, and without mboxrd quoting if that is asked.
    pub bytes: Cow<'a, [u8]>,
    /// Only the beginning is here: the mail is over the bound, or its source broke off in it.
    pub truncated: bool,
}

impl RawMailRef<'_> {
    /// `path#offset`, or `path#object` for git.
    pub fn source_label(&self) -> String {
        format!("{}#{}", self.source, self.place)
    }
}

#[derive(Clone, Debug)]
struct Source {
    label: Arc<str>,
    mboxrd: bool,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    source: usize,
    place: Place,
    start: usize,
    end: usize,
    truncated: bool,
}

/// Consecutive mails of an archive, to be parsed by one thread.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Counts up from 0 in archive order.
    pub sequence: u64,
    buffer: Vec<u8>,
    sources: Vec<Source>,
    entries: Vec<Entry>,
}

impl Batch {
    /// The mails, in archive order.
    pub fn mails(&self) -> impl Iterator<Item = RawMailRef<'_>> {
        self.entries.iter().filter_map(|entry| {
            let source = self.sources.get(entry.source)?;
            let bytes = self.buffer.get(entry.start..entry.end)?;
            let bytes = if source.mboxrd { unquote_mboxrd(bytes) } else { Cow::Borrowed(bytes) };
            let (place, truncated) = (entry.place, entry.truncated);
            Some(RawMailRef { source: &source.label, place, bytes, truncated })
        })
    }

    /// How many mails.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Has it no mail? A reader yields no such batch.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn size(&self) -> usize {
        self.buffer.len()
    }

    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.buffer
    }

    /// Adds the mails of an mbox, without a copy if this batch is empty.
    pub(crate) fn add_cut(&mut self, label: &Arc<str>, mboxrd: bool, cut: Cut) {
        let source = self.source(label, mboxrd);
        let shift = self.buffer.len();
        self.entries.extend(cut.mails.iter().map(|mail| Entry {
            source,
            place: Place::Offset(mail.offset),
            start: shift + mail.start,
            end: shift + mail.end,
            truncated: mail.truncated,
        }));
        if shift == 0 {
            self.buffer = cut.buffer;
        } else {
            self.buffer.extend_from_slice(&cut.buffer);
        }
    }

    /// The buffer, to append one mail to.
    pub(crate) fn buffer_mut(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// The bytes from `start` to the end of the buffer are one mail.
    pub(crate) fn add_mail(&mut self, label: &Arc<str>, place: Place, start: usize, whole: bool) {
        let source = self.source(label, false);
        let end = self.buffer.len();
        self.entries.push(Entry { source, place, start, end, truncated: !whole });
    }

    fn source(&mut self, label: &Arc<str>, mboxrd: bool) -> usize {
        let last = self.sources.last();
        if !last.is_some_and(|last| Arc::ptr_eq(&last.label, label) && last.mboxrd == mboxrd) {
            self.sources.push(Source { label: Arc::clone(label), mboxrd });
        }
        self.sources.len().saturating_sub(1)
    }
}
