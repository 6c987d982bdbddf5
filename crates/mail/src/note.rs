//! Short codes for what was odd about a mail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One thing about a mail that a reader of its parse should know.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Note {
    /// Two parts of the patch came as attachments or one did.
    AttachmentPatch,
    /// An address in a header could not be read; the others were kept.
    BadAddress,
    /// `Date` is missing or is no date.
    BadDate,
    /// A header line has no colon, or starts with a space where none may.
    BadHeader,
    /// `Message-ID` is not one id in angle brackets; what can be read of it was taken.
    BadMessageId,
    /// The base64 text stopped before the part's end, by a list footer for instance.
    Base64Footer,
    /// Text was read in another charset than its label says, or had none.
    CharsetFallback,
    /// The same mail came with other content under this Message-ID.
    ConflictingMessageId,
    /// The number of parts in the subject says more than the mail's place allows (`3/2`).
    CountOverTotal,
    /// The claimed diffstat and the diff differ.
    DiffstatMismatch,
    /// A header that may stand once stands twice (`From`, `Message-ID`, `Subject`, `Date`,
    /// `Content-Type`); the first counts.
    DuplicateHeader,
    /// The text came as `format=flowed` and was joined again.
    Flowed,
    /// Some bytes fit no charset and were replaced by U+FFFD.
    LossyText,
    /// The only text is HTML, which is not read.
    HtmlOnly,
    /// The diff is damaged: a hunk does not hold what its header says.
    MangledDiff,
    /// No `Message-ID`, or none that can be read.
    NoMessageId,
    /// The text or a header held NUL bytes; they were taken out.
    NulByte,
    /// Something was larger, deeper or more than [`bounds`](crate::bounds) allow.
    OverBound,
    /// The text stood between inline PGP marks.
    PgpInline,
    /// The text was signed by PGP/MIME.
    PgpMime,
    /// The text was signed by S/MIME.
    Smime,
    /// A base64 part ended in the middle of a group.
    TruncatedBase64,
    /// A multipart without its closing boundary, or without any: then it was read as text.
    UnclosedMultipart,
    /// A transfer encoding that nobody knows; the text was taken as it stands.
    UnknownEncoding,
    /// No header could be read at all.
    Unparsed,
}

/// The notes of one mail, each once, in order of their codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Notes(Vec<Note>);

impl Notes {
    /// Adds a note, once.
    pub fn add(&mut self, note: Note) {
        if let Err(at) = self.0.binary_search(&note) {
            self.0.insert(at, note);
        }
    }

    /// Whether this note was made.
    #[must_use]
    pub fn has(&self, note: Note) -> bool {
        self.0.binary_search(&note).is_ok()
    }

    /// The notes in order.
    pub fn iter(&self) -> impl Iterator<Item = Note> + '_ {
        self.0.iter().copied()
    }

    /// Whether nothing was noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
