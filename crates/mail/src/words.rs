//! RFC 2047 encoded words in header values.

use std::borrow::Cow;

use data_encoding::BASE64_MIME_PERMISSIVE;

use crate::{bounds, charset};

/// A header value as text, unfolded, encoded words read, control characters taken out.
///
/// Adjacent words of one charset are joined as bytes before decoding, since some mailers cut a
/// character in two (RFC 2047 section 5 forbids it; real mail does it). What is not a valid
/// encoded word stays as it is. Linear in the value, which is cut at
/// [`bounds::HEADER_VALUE`] first; the second value tells whether it was.
#[must_use]
pub fn decode_header(raw: &[u8]) -> (String, bool) {
    let over = raw.len() > bounds::HEADER_VALUE;
    let raw = raw.get(..bounds::HEADER_VALUE).unwrap_or(raw);
    let decoded = charset::decode(raw, None);
    let text: Cow<'_, str> = match decoded.text {
        text if text.contains("=?") => Cow::Owned(decode_words(&text)),
        text => text,
    };
    (unfold(&text), over)
}

/// Collapses folding and control characters to single spaces and trims the ends.
///
/// A decoded word may hold CR, LF or NUL (`=?utf-8?q?A=0D=0ABcc:...?=`); none may reach a header
/// that we write, nor a terminal.
pub(crate) fn unfold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars() {
        if matches!(c, '\r' | '\n') || (c == '\t') {
            gap = true;
        } else if c.is_control() {
            // Dropped, not replaced: it never was part of the visible text.
        } else {
            if gap && !out.is_empty() && !out.ends_with(' ') && c != ' ' {
                out.push(' ');
            }
            gap = false;
            out.push(c);
        }
    }
    let kept = out.trim();
    if kept.len() == out.len() { out } else { kept.to_owned() }
}

/// Bytes of one encoded word.
const MOST_WORD: usize = 2048;

struct Word<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
}

fn decode_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pending: Option<(String, Vec<u8>)> = None;
    let mut rest = text;
    while let Some(at) = rest.find("=?") {
        let (before, word_on) = rest.split_at(at);
        let Some((word, len)) = parse_word(word_on) else {
            flush(&mut out, &mut pending);
            let (mark, after) = word_on.split_at(2);
            out.push_str(before);
            out.push_str(mark);
            rest = after;
            continue;
        };
        // White space between two encoded words is not part of the text (section 6.2).
        let adjacent = pending.is_some() && before.trim().is_empty();
        if !adjacent {
            flush(&mut out, &mut pending);
            out.push_str(before);
        }
        match &mut pending {
            Some((charset, bytes))
                if charset.eq_ignore_ascii_case(word.charset) && may_join(charset) =>
            {
                bytes.extend_from_slice(&word.bytes);
            }
            _ => {
                flush(&mut out, &mut pending);
                pending = Some((word.charset.to_owned(), word.bytes));
            }
        }
        rest = word_on.get(len..).unwrap_or_default();
    }
    flush(&mut out, &mut pending);
    out.push_str(rest);
    out
}

/// Words of a charset with escapes start and end in ASCII; joined, the two escapes that meet are
/// an error to encoding_rs.
fn may_join(charset: &str) -> bool {
    !charset.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("iso-2022-"))
}

fn flush(out: &mut String, pending: &mut Option<(String, Vec<u8>)>) {
    if let Some((label, bytes)) = pending.take() {
        out.push_str(&charset::decode(&bytes, Some(&label)).text);
    }
}

/// Parses `=?charset?B|Q?text?=` at the start; the word and its length in bytes.
fn parse_word(text: &str) -> Option<(Word<'_>, usize)> {
    let inner = text.strip_prefix("=?")?;
    let (charset, _) = inner.get(..inner.floor_char_boundary(64))?.split_once('?')?;
    let rest = inner.get(charset.len() + 1..)?;
    // RFC 2231 section 5 allows a language after `*`.
    let label = charset.split('*').next().unwrap_or(charset);
    if label.is_empty() || label.len() > 60 || label.contains(char::is_whitespace) {
        return None;
    }
    let (encoding, rest) = rest.split_at_checked(1)?;
    let rest = rest.strip_prefix('?')?;
    if !["B", "b", "Q", "q"].contains(&encoding) {
        return None;
    }
    // A word may have 75 characters; many have more, but a search without end for each of many
    // broken words would take quadratic time.
    let near = rest.get(..rest.floor_char_boundary(MOST_WORD))?;
    let (data, _) = near.split_once("?=")?;
    let after = rest.get(data.len() + 2..)?;
    let bytes = match encoding {
        "B" | "b" => decode_b(data)?,
        "Q" | "q" => decode_q(data),
        _ => return None,
    };
    Some((Word { charset: label, bytes }, text.len() - after.len()))
}

fn decode_b(data: &str) -> Option<Vec<u8>> {
    let clean: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    if let Ok(bytes) = BASE64_MIME_PERMISSIVE.decode(&clean) {
        return Some(bytes);
    }
    // A word cut short: keep its whole groups.
    let whole = clean.len() / 4 * 4;
    BASE64_MIME_PERMISSIVE.decode(clean.get(..whole)?).ok().filter(|b| !b.is_empty())
}

fn decode_q(data: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut bytes = data.bytes().peekable();
    while let Some(b) = bytes.next() {
        match b {
            b'_' => out.push(b' '),
            b'=' => {
                let mut ahead = bytes.clone();
                match (ahead.next().and_then(hex), ahead.next().and_then(hex)) {
                    (Some(high), Some(low)) => {
                        out.push(high << 4 | low);
                        bytes = ahead;
                    }
                    _ => out.push(b'='),
                }
            }
            b => out.push(b),
        }
    }
    out
}

fn hex(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("plain text" => "plain text"; "plain")]
    #[test_case("=?UTF-8?q?caf=C3=A9_au_lait?=" => "café au lait"; "q")]
    #[test_case("=?utf-8?B?Y2Fmw6k=?= now" => "café now"; "b")]
    #[test_case("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=" => "café"; "character split over two words")]
    #[test_case("=?utf-8?q?a?=\r\n =?iso-8859-1?q?=E9?= b" => "aé b"; "two charsets")]
    #[test_case("=?iso-2022-jp?B?GyRCJCIbKEI=?=\r\n =?iso-2022-jp?B?GyRCJCQbKEI=?=" => "あい"; "words with escapes")]
    #[test_case("=?utf-8*en?q?hi?=" => "hi"; "language")]
    #[test_case("[PATCH] a\r\n b\r\n\tc" => "[PATCH] a b c"; "folded")]
    #[test_case("=?utf-8?q?A=0D=0ABcc:_x?=" => "A Bcc: x"; "controls")]
    #[test_case("=?broken?q?x" => "=?broken?q?x"; "unterminated")]
    #[test_case("a =? b ?= c" => "a =? b ?= c"; "not a word")]
    #[test_case("=?utf-8?B?Y2Fmw6?=" => "caf"; "cut base64")]
    fn decoded(raw: &str) -> String {
        decode_header(raw.as_bytes()).0
    }

    #[test]
    fn many_words_take_linear_time() {
        let raw = "=?utf-8?q?a?= ".repeat(60_000);
        let (text, over) = decode_header(raw.as_bytes());
        assert!(over);
        assert!(text.len() < bounds::HEADER_VALUE);
    }
}
