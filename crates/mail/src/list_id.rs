//! List-Ids (RFC 2919).

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A list's id, such as `qemu-devel.nongnu.org`, in lower case (RFC 2919 section 6 compares
/// ids without regard to case).
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct ListId(Box<str>);

impl ListId {
    /// Takes a bare id; `None` where it is empty, too long, or holds a space or a bracket.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        let id = id.trim();
        let fits = (1..=255).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>');
        fits.then(|| Self(id.to_ascii_lowercase().into()))
    }

    /// Reads a `List-Id` header's value: what stands in the last `<...>`, else the whole value
    /// where it is one word.
    #[must_use]
    pub fn of_header(value: &str) -> Option<Self> {
        match value.rsplit_once('<') {
            Some((_, rest)) => Self::new(rest.split('>').next().unwrap_or(rest)),
            None => Self::new(value),
        }
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("<qemu-devel.nongnu.org>" => Some("qemu-devel.nongnu.org".into()); "bare")]
    #[test_case("QEMU <devel> list <QEMU-devel.nongnu.org>" => Some("qemu-devel.nongnu.org".into()); "described")]
    #[test_case("qemu-devel.nongnu.org" => Some("qemu-devel.nongnu.org".into()); "no brackets")]
    #[test_case("two words" => None; "not an id")]
    #[test_case("<>" => None; "empty")]
    fn read(value: &str) -> Option<String> {
        ListId::of_header(value).map(|id| id.to_string())
    }
}
