//! A reply as bytes (RFC 5322, RFC 2045, RFC 2047).

mod body;
mod header;

use jiff::tz::{Offset, TimeZone};
use tidewaiter_mail::{MailDate, MessageId};

use self::header::Headers;
pub use self::header::sendable;
use crate::{HeldBy, Reply};

/// Writes headers in a fixed order, then the text.
pub(crate) fn write(reply: &Reply, held: bool, date: Option<MailDate>) -> Vec<u8> {
    let text = body::clean(&reply.body);
    let plain = body::is_plain(&text);
    let mut headers = Headers::default();
    headers.mailboxes("From", std::slice::from_ref(&reply.from));
    headers.mailboxes("To", &reply.to);
    headers.mailboxes("Cc", &reply.cc);
    headers.text("Subject", &reply.subject);
    if let Some(date) = date.and_then(written) {
        headers.word("Date", &date);
    }
    headers.ids("In-Reply-To", reply.in_reply_to.as_slice());
    headers.ids("References", &reply.references);
    headers.ids("Message-ID", std::slice::from_ref(&reply.id));
    // RFC 3834 section 5: a digest answers nothing.
    let answers = reply.in_reply_to.is_some();
    headers.word("Auto-Submitted", if answers { "auto-replied" } else { "auto-generated" });
    headers.word("Precedence", "bulk");
    if let Some(address) = reply.from.address.as_ref().filter(|a| sendable(a)) {
        headers.word("X-Loop", address.as_str());
    }
    headers.word("X-Tidewaiter", &reply.policy);
    if let Some(why) = reply.held_by.filter(|_| held) {
        headers.word("X-Tidewaiter-Held", HeldBy::as_str(why));
    }
    headers.word("MIME-Version", "1.0");
    headers.word("Content-Type", "text/plain; charset=utf-8");
    headers.word("Content-Transfer-Encoding", if plain { "7bit" } else { "quoted-printable" });
    let mut bytes = headers.into_bytes();
    bytes.extend_from_slice(b"\r\n");
    bytes.extend(if plain { body::crlf(&text) } else { body::quoted_printable(&text) });
    debug_assert!(is_sound(&bytes), "a reply's bytes are not fit to be sent");
    bytes
}

/// Whether an id can stand in a header; one that was read back from a store need not.
fn fits(id: &MessageId) -> bool {
    MessageId::new(id.as_str()).is_some()
}

/// RFC 5322 section 3.3.
fn written(date: MailDate) -> Option<String> {
    let offset = Offset::from_seconds(date.offset_seconds).ok()?;
    let zoned = date.timestamp.to_zoned(TimeZone::fixed(offset));
    Some(zoned.strftime("%a, %d %b %Y %H:%M:%S %z").to_string())
}

/// CRLF only, no NUL, no line over 998 bytes (RFC 5322 section 2.1.1).
pub(crate) fn is_sound(bytes: &[u8]) -> bool {
    let ends = bytes.iter().filter(|b| **b == b'\n').count();
    let lines = bytes.split(|b| *b == b'\n');
    let last = lines.clone().next_back().is_some_and(<[u8]>::is_empty);
    last && !bytes.contains(&0)
        && lines.take(ends).all(|line| {
            line.last() == Some(&b'\r')
                && line.len() <= 999
                && line.iter().filter(|b| **b == b'\r').count() == 1
        })
}
