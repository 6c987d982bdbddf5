//! Telling an mbox from a single mail from anything else by its first bytes.

use super::separator::{Field, Line, Verdict, field_name, is_common, judge, line_end};

/// How many header lines are looked at before giving up.
const MAX_HEADER_LINES: usize = 64;

/// What a file seems to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// No byte but line ends: an empty archive.
    Empty,
    /// It starts with a `From ` line and a header.
    Mbox,
    /// It starts with a `From ` line, but no header follows.
    Doubtful,
    /// It starts with a header block that has at least one header known from mails.
    Mail,
    /// Something else.
    Other,
}

/// Guesses the shape of a file from its start; a few kilobytes are plenty.
pub fn sniff(head: &[u8]) -> Shape {
    let text = skip_blank(head);
    if text.is_empty() {
        return Shape::Empty;
    }
    if text.starts_with(b"From ") {
        return match judge(text, true) {
            Verdict::Separator(_) => Shape::Mbox,
            Verdict::Text | Verdict::More => Shape::Doubtful,
        };
    }
    if is_header_block(text) { Shape::Mail } else { Shape::Other }
}

/// Is the first line that is not blank a header of some name?
pub fn starts_like_mail(head: &[u8]) -> bool {
    matches!(field_name(skip_blank(head), true), Field::Name(_))
}

/// What follows a byte order mark and blank lines.
pub(super) fn skip_blank(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.strip_prefix(BOM).unwrap_or(bytes);
    let text = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    text.and_then(|at| bytes.get(at..)).unwrap_or_default()
}

/// UTF-8's byte order mark, which some editors leave in front.
pub(super) const BOM: &[u8] = b"\xef\xbb\xbf";

/// Are the lines up to the first blank one headers, and is one of them known from mails?
fn is_header_block(text: &[u8]) -> bool {
    let mut rest = text;
    let mut known = false;
    for number in 0..MAX_HEADER_LINES {
        if matches!(rest, [] | [b'\n', ..] | [b'\r', b'\n', ..]) {
            break;
        }
        match field_name(rest, true) {
            Field::Name(name) => known |= is_common(name),
            Field::NotOne if number > 0 && matches!(rest, [b' ' | b'\t', ..]) => {}
            Field::More => break,
            Field::NotOne => return false,
        }
        match line_end(rest) {
            Line::Ends(end) => rest = rest.get(end..).unwrap_or_default(),
            Line::TooLong | Line::More => break,
        }
    }
    known
}
