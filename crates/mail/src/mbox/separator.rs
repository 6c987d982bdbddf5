//! Is this line the start of a mail, or a sentence in one?

use memchr::memchr;

/// Longest `From ` line; a longer one is text, which bounds how far one has to look ahead.
pub(super) const MAX_LINE: usize = 1000;
/// Longest field name looked for.
const MAX_NAME: usize = 128;
/// How many further `From ` or `>From ` lines may stand between a `From ` line and the header.
const MAX_ENVELOPE_LINES: usize = 4;

/// Field names that make a mail header of a line even after an unlikely `From ` line.
const COMMON: &[&[u8]] = &[
    b"authentication-results",
    b"bcc",
    b"cc",
    b"date",
    b"delivered-to",
    b"dkim-signature",
    b"envelope-to",
    b"errors-to",
    b"from",
    b"in-reply-to",
    b"message-id",
    b"mime-version",
    b"newsgroups",
    b"path",
    b"precedence",
    b"received",
    b"received-spf",
    b"references",
    b"reply-to",
    b"return-path",
    b"sender",
    b"subject",
    b"to",
    b"user-agent",
];
const COMMON_PREFIXES: &[&[u8]] = &[b"arc-", b"content-", b"list-", b"resent-", b"x-"];

/// What the bytes at a possible `From ` line turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A mail starts here; its first header is this many bytes on.
    Separator(usize),
    /// Text of the mail that is going on.
    Text,
    /// Not enough bytes to tell.
    More,
}

/// A field name at the start of a line.
pub(super) enum Field<'a> {
    Name(&'a [u8]),
    NotOne,
    More,
}

/// Judges the line at the start of `bytes`, which begin with `From ` at the start of a line.
pub(super) fn judge(bytes: &[u8], at_end: bool) -> Verdict {
    let line_end = match line_end(bytes) {
        Line::Ends(end) => end,
        Line::TooLong => return Verdict::Text,
        Line::More if !at_end => return Verdict::More,
        Line::More => return cut_short(bytes, bytes),
    };
    let line = bytes.get(..line_end).unwrap_or_default();
    let mut at = line_end;
    for _ in 0..MAX_ENVELOPE_LINES {
        let rest = bytes.get(at..).unwrap_or_default();
        if !rest.starts_with(b"From ") && !rest.starts_with(b">From ") {
            let short = !at_end && (b"From ".starts_with(rest) || b">From ".starts_with(rest));
            if short {
                return Verdict::More;
            }
            break;
        }
        match self::line_end(rest) {
            Line::Ends(end) => at += end,
            Line::TooLong => return Verdict::Text,
            Line::More if !at_end => return Verdict::More,
            Line::More => return cut_short(line, bytes),
        }
    }
    match field_name(bytes.get(at..).unwrap_or_default(), at_end) {
        Field::Name(name) if is_envelope(line) || is_common(name) => Verdict::Separator(at),
        Field::Name(_) | Field::NotOne => Verdict::Text,
        Field::More if !at_end => Verdict::More,
        Field::More => cut_short(line, bytes),
    }
}

/// The input ends before the header does: only a `From ` line with a time is believed.
fn cut_short(line: &[u8], bytes: &[u8]) -> Verdict {
    if has_time(line) { Verdict::Separator(line_len(bytes)) } else { Verdict::Text }
}

/// Length of the first line with its line feed, or of everything where there is none.
fn line_len(bytes: &[u8]) -> usize {
    memchr(b'\n', bytes).map_or(bytes.len(), |at| at + 1)
}

/// Where the first line of some bytes ends.
pub(super) enum Line {
    /// After this many bytes, the line feed included.
    Ends(usize),
    TooLong,
    More,
}

pub(super) fn line_end(bytes: &[u8]) -> Line {
    let head = bytes.get(..MAX_LINE).unwrap_or(bytes);
    match memchr(b'\n', head) {
        Some(at) => Line::Ends(at + 1),
        None if bytes.len() >= MAX_LINE => Line::TooLong,
        None => Line::More,
    }
}

/// Finds the field name (RFC 5322 §2.2) at the start of a line.
///
/// The scheme of a link (`https://`) is not one.
pub(super) fn field_name(line: &[u8], at_end: bool) -> Field<'_> {
    let head = line.get(..=MAX_NAME).unwrap_or(line);
    let Some(length) = head.iter().position(|byte| !matches!(byte, b'!'..=b'9' | b';'..=b'~'))
    else {
        return if line.len() > MAX_NAME || at_end && head.is_empty() {
            Field::NotOne
        } else {
            Field::More
        };
    };
    let (Some(name), Some(rest)) = (line.get(..length), line.get(length..)) else {
        return Field::NotOne;
    };
    if name.is_empty() || !rest.starts_with(b":") || rest.starts_with(b"://") {
        return Field::NotOne;
    }
    if !at_end && b"://".starts_with(rest) { Field::More } else { Field::Name(name) }
}

/// Does a `From ` line look written by a mail program: one word, or words and a time?
fn is_envelope(line: &[u8]) -> bool {
    let mut words = line
        .get(b"From ".len()..)
        .unwrap_or_default()
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    match (words.next(), words.next()) {
        (Some(word), None) => !word.ends_with(b":") && !word.ends_with(b","),
        (Some(_), Some(_)) => has_time(line),
        (None, _) => false,
    }
}

/// Is there anything like `12:34` in the line?
fn has_time(line: &[u8]) -> bool {
    line.windows(4).any(|four| {
        matches!(four, [hour, b':', tens, ones]
            if hour.is_ascii_digit() && tens.is_ascii_digit() && ones.is_ascii_digit())
    })
}

/// Is this a header that mails are known to carry?
pub(super) fn is_common(name: &[u8]) -> bool {
    COMMON.iter().any(|known| name.eq_ignore_ascii_case(known))
        || COMMON_PREFIXES.iter().any(|prefix| {
            name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        })
}
