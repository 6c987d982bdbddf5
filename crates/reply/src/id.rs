//! Message-IDs of replies: the same for the same occasion, and not to be guessed by others.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tidewaiter_mail::{Address, MessageId};

/// The installation's key for Message-IDs.
#[derive(Clone, PartialEq, Eq)]
pub struct IdKey(Box<[u8]>);

impl IdKey {
    /// Takes the key's bytes; `None` for fewer than 16.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        (bytes.len() >= 16).then(|| Self(bytes.into()))
    }

    /// The key of dry runs, known to all: ids made with it are never sent.
    #[must_use]
    pub fn dry_run() -> Self {
        Self((*b"tidewaiter dry run, never sent").into())
    }
}

impl fmt::Debug for IdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdKey(..)")
    }
}

/// What a reply is: never its outcome, so that a change of mind makes no second one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReplyKind {
    /// The one reply to a version of a series.
    Summary,
    /// An answer to one person who asked why.
    Why {
        /// Who asked.
        asker: Address,
    },
    /// What came up in a day or a week, to configured addresses.
    Digest {
        /// The list's address: a project may have several lists.
        list: Address,
        /// Which day or week, such as `2026-05-29` or `2026-05-25/2026-05-31`.
        period: String,
    },
}

impl ReplyKind {
    /// The word that stands for it in a reply's key.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Summary => "summary",
            Self::Why { .. } => "why",
            Self::Digest { .. } => "digest",
        }
    }

    /// The asker or the period, as they stand in a reply's key; empty for a summary.
    #[must_use]
    pub fn extra(&self) -> String {
        match self {
            Self::Summary => String::new(),
            Self::Why { asker } => asker.as_str().to_ascii_lowercase(),
            Self::Digest { list, period } => {
                format!("{} {period}", list.as_str().to_ascii_lowercase())
            }
        }
    }
}

/// The Message-ID of a reply: `tw.`, the first 32 hexadecimal digits of an HMAC-SHA256 over
/// (project, series, kind, asker or period), each with its length in front, `@`, and the domain.
///
/// `series` is the id of the version's cover letter or first patch; a digest has none. `None`
/// where the domain does not fit into a Message-ID.
#[must_use]
pub fn reply_id(
    key: &IdKey,
    domain: &str,
    project: &str,
    series: Option<&MessageId>,
    kind: &ReplyKind,
) -> Option<MessageId> {
    let fits = !domain.is_empty()
        && domain.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    if !fits {
        return None;
    }
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key.0).ok()?;
    let extra = kind.extra();
    let series = series.map_or("", MessageId::as_str);
    for part in [project, series, kind.word(), &extra] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part.as_bytes());
    }
    let digest = HEXLOWER.encode(mac.finalize().into_bytes().get(..16)?);
    MessageId::new(&format!("tw.{digest}@{domain}"))
}
