//! Hashes of mails.

use sha2::{Digest, Sha256};
use tidewaiter_mail::strip_signature;

/// SHA-256 of a mail's bytes as they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RawHash(pub [u8; 32]);

impl RawHash {
    /// Of these bytes.
    #[must_use]
    pub fn of(raw: &[u8]) -> Self {
        Self(Sha256::digest(raw).into())
    }

    /// A part of it as a number.
    pub(crate) fn number(self) -> i64 {
        self.0.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
    }
}

/// SHA-256 of what a reply says, whatever a list adds below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextHash(pub [u8; 32]);

/// The hash of a text up to its signature, every run of white space counted as one space: a list
/// adds a footer, and a server may break lines and drop spaces at their ends.
#[must_use]
pub fn text_hash(text: &str) -> TextHash {
    let mut hash = Sha256::new();
    for word in strip_signature(text).split_whitespace() {
        hash.update(word);
        hash.update(b" ");
    }
    TextHash(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("a b\nc\n-- \nme\n", true; "itself")]
    #[test_case("a b \r\nc\r\n-- \r\nme\r\n", true; "line ends and spaces")]
    #[test_case("a b\nc\n-- \nme\n____________________\nl mailing list\nl@x.org\n", true; "a footer")]
    #[test_case("a b\nc d\n-- \nme\n", false; "another word")]
    #[test_case("a bc\n-- \nme\n", false; "words joined")]
    fn the_same_text(other: &str, same: bool) {
        assert_eq!(text_hash(other) == text_hash("a b\nc\n-- \nme\n"), same);
    }
}
