//! The header block: mailparse behind bounds that are checked before it decodes anything.

use std::borrow::Cow;

use mailparse::MailHeader;
use memchr::memmem;

use crate::{Note, Notes, bounds, words};

/// A header block and where the body starts.
pub(crate) struct Split<'a> {
    /// The header lines, at most [`bounds::HEADER_BLOCK`] bytes, broken lines taken out.
    pub(crate) block: Cow<'a, [u8]>,
    /// What follows the blank line.
    pub(crate) body: &'a [u8],
}

/// Cuts a mail, or one part of it, at its first blank line.
pub(crate) fn split<'a>(raw: &'a [u8], notes: &mut Notes) -> Split<'a> {
    let (block, body) = cut_at_blank_line(raw);
    let block = match block.get(..bounds::HEADER_BLOCK) {
        Some(cut) => {
            notes.add(Note::OverBound);
            cut
        }
        None => block,
    };
    Split { block: clean(block, notes), body }
}

fn cut_at_blank_line(raw: &[u8]) -> (&[u8], &[u8]) {
    if let Some(body) = raw.strip_prefix(b"\n").or_else(|| raw.strip_prefix(b"\r\n")) {
        return (&[], body);
    }
    let lf = memmem::find(raw, b"\n\n");
    // The CRLF form is only looked for in front of the LF form.
    let crlf = memmem::find(raw.get(..lf.unwrap_or(raw.len())).unwrap_or(raw), b"\n\r\n");
    let (end, start) = match (crlf, lf) {
        (Some(at), _) => (at + 1, at + 3),
        (None, Some(at)) => (at + 1, at + 2),
        (None, None) => (raw.len(), raw.len()),
    };
    (raw.get(..end).unwrap_or(raw), raw.get(start..).unwrap_or_default())
}

/// Takes out lines that are neither a field nor the continuation of one.
///
/// mailparse refuses a whole mail whose header starts with a space, and reads a line without
/// a colon as a key; RFC 5322 section 2.2 knows neither.
fn clean<'a>(block: &'a [u8], notes: &mut Notes) -> Cow<'a, [u8]> {
    if lines(block).all(|(line, _)| is_field(line) || is_continuation(line))
        && !block.first().is_some_and(|b| is_wsp(*b))
    {
        return Cow::Borrowed(block);
    }
    notes.add(Note::BadHeader);
    let mut kept = Vec::with_capacity(block.len());
    let mut in_field = false;
    for (line, whole) in lines(block) {
        in_field = is_field(line) || (in_field && is_continuation(line));
        if in_field {
            kept.extend_from_slice(whole);
        }
    }
    Cow::Owned(kept)
}

/// Lines without and with their line end.
fn lines(block: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    block.split_inclusive(|b| *b == b'\n').map(|whole| {
        let line = whole.strip_suffix(b"\n").unwrap_or(whole);
        (line.strip_suffix(b"\r").unwrap_or(line), whole)
    })
}

fn is_wsp(b: u8) -> bool {
    b == b' ' || b == b'\t'
}

fn is_continuation(line: &[u8]) -> bool {
    line.first().is_some_and(|b| is_wsp(*b))
}

/// `name:` with a name of printable ASCII (RFC 5322 section 3.6.8), blanks before the colon as
/// the obsolete syntax allows.
pub(crate) fn is_field(line: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', line.get(..line.len().min(200)).unwrap_or(line)) else {
        return false;
    };
    let name = line.get(..colon).unwrap_or_default().trim_ascii_end();
    !name.is_empty() && name.iter().all(|b| b.is_ascii_graphic())
}

/// The fields of a block.
pub(crate) struct Headers<'a>(Vec<MailHeader<'a>>);

impl<'a> Headers<'a> {
    pub(crate) fn parse(block: &'a [u8], notes: &mut Notes) -> Self {
        match mailparse::parse_headers(block) {
            Ok((fields, _)) => Self(fields),
            Err(_) => {
                notes.add(Note::BadHeader);
                Self(Vec::new())
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The raw values of a field, first to last.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        self.0
            .iter()
            .filter(move |h| h.get_key_raw().trim_ascii_end().eq_ignore_ascii_case(name.as_bytes()))
            .map(MailHeader::get_value_raw)
    }

    /// The raw value of the first field of this name.
    pub(crate) fn first(&self, name: &str) -> Option<&[u8]> {
        self.all(name).next()
    }

    /// The decoded value of the first field of this name; `None` where there is none or it is
    /// empty.
    pub(crate) fn text(&self, name: &str, notes: &mut Notes) -> Option<String> {
        let raw = self.first(name)?;
        let (text, over) = words::decode_header(raw);
        if over {
            notes.add(Note::OverBound);
        }
        note_bytes(raw, notes);
        (!text.is_empty()).then_some(text)
    }
}

/// Notes what no header may hold: NUL, and bytes that are not UTF-8 (RFC 6532 allows UTF-8).
pub(crate) fn note_bytes(raw: &[u8], notes: &mut Notes) {
    if memchr::memchr(0, raw).is_some() {
        notes.add(Note::NulByte);
    }
    if std::str::from_utf8(raw).is_err() {
        notes.add(Note::CharsetFallback);
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(b"A: b\n\nbody", b"A: b\n", b"body"; "lf")]
    #[test_case(b"A: b\r\n\r\nbody\n\nx", b"A: b\r\n", b"body\n\nx"; "crlf")]
    #[test_case(b"\nbody", b"", b"body"; "no header")]
    #[test_case(b"A: b\n", b"A: b\n", b""; "no body")]
    #[test_case(b" stray\nA: b\n c\n\nbody", b"A: b\n c\n", b"body"; "starts with a space")]
    #[test_case(b"A: b\nno colon here\n folded on\nC: d\n\n", b"A: b\nC: d\n", b""; "no colon")]
    fn cut(raw: &[u8], block: &[u8], body: &[u8]) {
        let mut notes = Notes::default();
        let split = split(raw, &mut notes);
        assert_eq!((&*split.block, split.body), (block, body));
    }

    #[test]
    fn a_long_block_is_cut_and_noted() {
        let raw = [b"A: b\n".repeat(bounds::HEADER_BLOCK), b"\nbody".to_vec()].concat();
        let mut notes = Notes::default();
        let split = split(&raw, &mut notes);
        assert_eq!(split.body, b"body");
        assert!(split.block.len() <= bounds::HEADER_BLOCK);
        assert!(notes.has(Note::OverBound));
    }
}
