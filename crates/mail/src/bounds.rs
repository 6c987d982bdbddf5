//! How much of one mail is looked at. What is over a bound is noted
//! ([`Note::OverBound`](crate::Note::OverBound)); the mail itself is never dropped.

/// Bytes of the header block that are parsed; what follows is passed over.
pub const HEADER_BLOCK: usize = 256 * 1024;
/// Bytes of one header value that are decoded. Encoded words cost more than linear time in
/// some decoders, so the cut comes before any decoding.
pub const HEADER_VALUE: usize = 32 * 1024;
/// Message-IDs kept of `References`: the first and the last ones.
pub const REFERENCES: usize = 50;
/// Addresses kept of one `To` or `Cc`.
pub const ADDRESSES: usize = 500;
/// Nested multiparts that are entered.
pub const DEPTH: usize = 20;
/// Leaf parts that are read.
pub const PARTS: usize = 200;
/// Bytes of decoded text kept of one mail. The largest patch mails seen on kernel lists are
/// about 5 MB.
pub const TEXT: usize = 16 * 1024 * 1024;
/// Bytes of one line of text; what follows on that line is cut.
pub const LINE: usize = 64 * 1024;
