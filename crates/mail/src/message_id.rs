//! Message-IDs, as they stand in `Message-ID`, `References` and `In-Reply-To`.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bounds;

/// A Message-ID without its angle brackets.
///
/// Compared byte by byte: RFC 5322 section 3.6.4 gives the left part no case folding, and two
/// ids that differ in case are two mails in public-inbox as well.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct MessageId(Box<str>);

impl MessageId {
    /// Takes an id without brackets; `None` unless it is 1 to 250 printable ASCII characters
    /// other than `<` and `>`, so that it can be written into a header as it is.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        let fits = (1..=250).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>');
        fits.then(|| Self(id.into()))
    }

    /// The id without brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Finds every `<...>` that is a Message-ID, in order, and passes over all else.
///
/// Both headers hold junk in the wild (`Your message of Monday ... <id>`),
/// commas and folded ids, so this scans instead of parsing. White space inside the brackets, as
/// folding leaves it, is taken out. Keeps [`bounds::REFERENCES`] ids, the first and the last.
/// The second value tells whether some were left out.
#[must_use]
pub fn scan_message_ids(raw: &[u8]) -> (Vec<MessageId>, bool) {
    let mut ids: Vec<MessageId> = Vec::new();
    let mut over = false;
    let mut rest = raw;
    while let Some(open) = memchr::memchr(b'<', rest) {
        rest = rest.get(open + 1..).unwrap_or_default();
        let Some(close) = memchr::memchr2(b'>', b'<', rest) else { break };
        if rest.get(close) == Some(&b'>')
            && let Some(id) = rest.get(..close).and_then(id_from_bytes)
        {
            if ids.len() == bounds::REFERENCES {
                over = true;
                // The first is the thread's root; the last ones are the nearest parents.
                ids.remove(1);
            }
            ids.push(id);
        }
        rest = rest.get(close..).unwrap_or_default();
    }
    (ids, over)
}

fn id_from_bytes(bytes: &[u8]) -> Option<MessageId> {
    if bytes.len() > 1000 {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    if text.bytes().any(|b| b.is_ascii_whitespace()) {
        let joined: String = text.split_ascii_whitespace().collect();
        // Words with spaces between them are no folded id ("<see my last mail>").
        return joined.contains('@').then(|| MessageId::new(&joined)).flatten();
    }
    MessageId::new(text)
}

/// Reads the one id of a `Message-ID` header: the first `<...>`, else the bare value where it
/// looks like an id.
#[must_use]
pub(crate) fn message_id_of(raw: &[u8]) -> Option<MessageId> {
    let (ids, _) = scan_message_ids(raw);
    ids.into_iter().next().or_else(|| {
        let text = std::str::from_utf8(raw).ok()?.trim();
        text.contains('@').then(|| MessageId::new(text.trim_matches(['<', '>']))).flatten()
    })
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("<a@b> <c@d>" => vec!["a@b", "c@d"]; "plain")]
    #[test_case("Your message of \"Mon, 1 Jan\" <a@b>, <c@d>junk" => vec!["a@b", "c@d"]; "junk")]
    #[test_case("<a@b\r\n\t.example> <broken <c@d>" => vec!["a@b.example", "c@d"]; "folded")]
    #[test_case("<see my last mail>" => Vec::<&str>::new(); "words")]
    #[test_case("<unclosed@x" => Vec::<&str>::new(); "unclosed")]
    fn scanned(raw: &str) -> Vec<&'static str> {
        scan_message_ids(raw.as_bytes())
            .0
            .into_iter()
            .map(|id| &*Box::leak(id.as_str().to_owned().into_boxed_str()))
            .collect()
    }

    #[test]
    fn first_and_last_references_are_kept() {
        let raw: String = (0..500).map(|n| format!("<{n}@x> ")).collect();
        let (ids, over) = scan_message_ids(raw.as_bytes());
        assert!(over);
        assert_eq!(ids.len(), bounds::REFERENCES);
        assert_eq!(ids[0].as_str(), "0@x");
        assert_eq!(ids.last().unwrap().as_str(), "499@x");
    }

    #[test_case("<a@b>", Some("a@b"); "bracketed")]
    #[test_case(" a@b ", Some("a@b"); "bare")]
    #[test_case("nonsense", None; "no id")]
    #[test_case("<a@b\u{e9}>", None; "not ascii")]
    fn own_id(raw: &str, expected: Option<&str>) {
        assert_eq!(message_id_of(raw.as_bytes()).as_ref().map(MessageId::as_str), expected);
    }
}
