//! What stands between the server's bytes and the IMAP parser.
//!
//! The parser makes room for as many bytes as a literal announces, before one has come, up to 512
//! MiB; it recurses into nested lists until the stack is gone. So answers are measured first.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How deep an answer may nest lists. What is asked for nests two deep.
const MAX_DEPTH: u32 = 16;
/// The longest line outside literals: more than the answer to a search over a full window. The
/// parser begins a line anew with every few kilobytes of it, so that long ones cost much.
const MAX_LINE: u64 = 512 * 1024;
/// As much of a line's beginning as tells whether it may hold a literal.
const HEAD: usize = 10;

/// Why an answer was not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FenceError {
    #[error("failed to read an answer over the limit of {limit} bytes")]
    Oversize { limit: u64 },
    #[error("failed to read an answer of lists in lists")]
    TooDeep,
}

/// A connection whose answers are measured before anybody parses them.
pub(crate) struct Fence<S> {
    inner: S,
    gauge: Gauge,
}

impl<S> Fence<S> {
    /// Measures what comes from `inner`; a mail of `max_mail` bytes is let through.
    pub(crate) fn new(inner: S, max_mail: u32) -> Self {
        Self { inner, gauge: Gauge::new(u64::from(max_mail) + MAX_LINE) }
    }
}

impl<S> fmt::Debug for Fence<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fence")
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Fence<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
        let new = buf.filled().get(before..).unwrap_or_default();
        Poll::Ready(this.gauge.feed(new).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e)))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Fence<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// Follows the server's bytes closely enough to know lines, literals and nesting.
struct Gauge {
    limit: u64,
    /// Bytes of the answer so far, announced literals included.
    total: u64,
    /// Bytes of the answer so far outside literals.
    line: u64,
    /// Bytes of the literal that are still to come.
    literal: u64,
    head: Vec<u8>,
    depth: u32,
    quote: Quote,
    brace: Brace,
}

#[derive(Clone, Copy, PartialEq)]
enum Quote {
    Outside,
    Inside,
    Escaped,
}

/// How far `{123}` at the end of a line was read.
#[derive(Clone, Copy, PartialEq)]
enum Brace {
    None,
    Open(u64),
    Closed(u64),
    Return(u64),
}

impl Gauge {
    fn new(limit: u64) -> Self {
        Self {
            limit,
            total: 0,
            line: 0,
            literal: 0,
            head: Vec::with_capacity(HEAD),
            depth: 0,
            quote: Quote::Outside,
            brace: Brace::None,
        }
    }

    fn feed(&mut self, mut bytes: &[u8]) -> Result<(), FenceError> {
        while let Some((&byte, rest)) = bytes.split_first() {
            if self.literal > 0 {
                let skip = self.literal.min(bytes.len() as u64);
                self.literal -= skip;
                bytes = bytes.get(usize::try_from(skip).unwrap_or(bytes.len())..).unwrap_or(&[]);
                continue;
            }
            bytes = rest;
            self.total += 1;
            self.line += 1;
            self.within(self.line, MAX_LINE)?;
            if self.head.len() < HEAD {
                self.head.push(byte);
            }
            if byte == b'\n' {
                self.end_of_line()?;
            } else {
                self.look(byte)?;
            }
        }
        Ok(())
    }

    fn look(&mut self, byte: u8) -> Result<(), FenceError> {
        self.brace = match (self.brace, byte) {
            (_, b'{') => Brace::Open(0),
            (Brace::Open(n), b'0'..=b'9') => {
                Brace::Open(n.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
            }
            (Brace::Open(n), b'}') => Brace::Closed(n),
            (Brace::Closed(n), b'\r') => Brace::Return(n),
            _ => Brace::None,
        };
        self.quote = match (self.quote, byte) {
            (Quote::Outside, b'"') => Quote::Inside,
            (Quote::Inside, b'\\') => Quote::Escaped,
            (Quote::Inside, b'"') => Quote::Outside,
            (Quote::Escaped, _) => Quote::Inside,
            (quote, _) => quote,
        };
        if self.quote == Quote::Outside {
            match byte {
                b'(' => self.depth += 1,
                b')' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        if self.depth > MAX_DEPTH && self.is_data() {
            return Err(FenceError::TooDeep);
        }
        Ok(())
    }

    fn end_of_line(&mut self) -> Result<(), FenceError> {
        if let Brace::Return(announced) = self.brace
            && self.is_data()
        {
            self.total = self.total.saturating_add(announced);
            self.within(self.total, self.limit)?;
            self.literal = announced;
        } else {
            self.total = 0;
            self.line = 0;
            self.head.clear();
            self.depth = 0;
        }
        self.quote = Quote::Outside;
        self.brace = Brace::None;
        Ok(())
    }

    fn within(&self, bytes: u64, limit: u64) -> Result<(), FenceError> {
        if bytes > limit { Err(FenceError::Oversize { limit }) } else { Ok(()) }
    }

    /// Whether the line is one in which the parser would see lists and literals: not a text for
    /// people (`* OK ...`, `+ ...`, `A1 NO ...`).
    fn is_data(&self) -> bool {
        let Some(rest) = self.head.strip_prefix(b"* ") else { return false };
        let word = rest.split(|b| !b.is_ascii_alphabetic()).next().unwrap_or_default();
        !["OK", "NO", "BAD", "BYE", "PREAUTH"]
            .iter()
            .any(|status| word.eq_ignore_ascii_case(status.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const LIMIT: u64 = 1000;

    /// What the gauge says, fed whole; fed byte by byte it must say the same.
    fn gauge(bytes: &[u8]) -> Result<(), FenceError> {
        let whole = Gauge::new(LIMIT).feed(bytes);
        let mut slow = Gauge::new(LIMIT);
        assert_eq!(bytes.iter().try_for_each(|b| slow.feed(&[*b])), whole);
        whole
    }

    #[test_case(b"* 1 FETCH (BODY[] {5}\r\n((({9)\r\n* 2 EXISTS\r\n"; "a literal is not looked into")]
    #[test_case(b"* 1 FETCH (BODY[] {900}\r\n"; "a literal under the limit")]
    #[test_case(b"* 1 FETCH (BODY[] {0}\r\n)\r\n"; "an empty literal")]
    #[test_case(b"* OK ((((((((((((((((((((((((((((( {99999999}\r\n"; "a text for people")]
    #[test_case(b"A1 NO {99999999}\r\n"; "a tagged text for people")]
    #[test_case(b"* LIST () \"/\" \"(((((((((((((((((((((((((((\\\"(((\"\r\n"; "a quoted string")]
    #[test_case(b"* 1 FETCH (UID 99999999)\r\n"; "a number")]
    fn lets_through(bytes: &[u8]) {
        assert_eq!(gauge(bytes), Ok(()));
    }

    #[test_case(b"* 1 FETCH (BODY[] {1000}\r\n"; "one literal")]
    #[test_case(b"* 1 FETCH (BODY[] {99999999999999999999999999}\r\n"; "more than a number holds")]
    #[test_case(b"* 1 FETCH (A {600}\r\n"; "two literals")]
    #[test_case(b"* OK x {700}\r\n* 1 FETCH (BODY[] {5000}\r\n"; "a text cannot hide a literal")]
    #[test_case(b"* NOTE x {5000}\r\n"; "a word that only begins like a status")]
    fn stops_what_is_too_large(bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        if bytes.ends_with(b"{600}\r\n") {
            bytes.extend([b'x'; 600]);
            bytes.extend(b" B {600}\r\n");
        }
        assert_eq!(gauge(&bytes), Err(FenceError::Oversize { limit: LIMIT }));
    }

    #[test]
    fn stops_lists_in_lists_and_endless_lines() {
        let deep = format!("* 1 FETCH (BODYSTRUCTURE {}", "(".repeat(40));
        assert_eq!(gauge(deep.as_bytes()), Err(FenceError::TooDeep));
        let mut gauge = Gauge::new(LIMIT);
        let long = vec![b'7'; usize::try_from(MAX_LINE).unwrap() + 1];
        assert_eq!(gauge.feed(&long), Err(FenceError::Oversize { limit: MAX_LINE }));
    }
}
