//! Content-Transfer-Encoding, undone as far as the bytes allow.

use std::borrow::Cow;

use data_encoding::BASE64_MIME_PERMISSIVE;

use crate::{Note, Notes};

/// Undoes a part's transfer encoding (RFC 2045 section 6); an unknown one is read as it is.
pub(crate) fn decode<'a>(
    body: &'a [u8],
    encoding: Option<&str>,
    notes: &mut Notes,
) -> Cow<'a, [u8]> {
    match encoding.map(str::trim) {
        Some(e) if e.eq_ignore_ascii_case("base64") => base64(body, notes),
        Some(e) if e.eq_ignore_ascii_case("quoted-printable") => quoted_printable(body),
        Some(e) => {
            let known = ["", "7bit", "8bit", "binary"].iter().any(|k| e.eq_ignore_ascii_case(k));
            if !known {
                notes.add(Note::UnknownEncoding);
            }
            Cow::Borrowed(body)
        }
        None => Cow::Borrowed(body),
    }
}

/// Robust mode never fails on text: a `=` that starts no code stays as it is.
fn quoted_printable(body: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'=', body).is_none() {
        return Cow::Borrowed(body);
    }
    quoted_printable::decode(body, quoted_printable::ParseMode::Robust)
        .map_or(Cow::Borrowed(body), Cow::Owned)
}

/// Decodes up to the first line that is no base64, and keeps that line and what follows as text:
/// lists append their footers in clear.
fn base64<'a>(body: &'a [u8], notes: &mut Notes) -> Cow<'a, [u8]> {
    let mut clean = Vec::with_capacity(body.len());
    let mut footer = None;
    let mut at = 0;
    for line in body.split_inclusive(|b| *b == b'\n') {
        let data = line.trim_ascii();
        let ended = clean.last() == Some(&b'=') && !data.is_empty();
        if ended || !data.iter().all(|b| is_base64(*b)) {
            footer = body.get(at..);
            break;
        }
        clean.extend_from_slice(data);
        at += line.len();
    }
    if clean.is_empty() {
        if footer.is_some() {
            notes.add(Note::TruncatedBase64);
        }
        // Labelled base64, but nothing of it is: read as it stands.
        return Cow::Borrowed(body);
    }
    let mut decoded = match BASE64_MIME_PERMISSIVE.decode(&clean) {
        Ok(decoded) => decoded,
        Err(error) => {
            notes.add(Note::TruncatedBase64);
            let whole = error.position.min(clean.len()) / 4 * 4;
            clean
                .get(..whole)
                .and_then(|groups| BASE64_MIME_PERMISSIVE.decode(groups).ok())
                .unwrap_or_default()
        }
    };
    if let Some(footer) = footer {
        notes.add(Note::Base64Footer);
        if decoded.last() != Some(&b'\n') {
            decoded.push(b'\n');
        }
        decoded.extend_from_slice(footer);
    }
    Cow::Owned(decoded)
}

fn is_base64(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(b"aGVsbG8K\n", Some("base64") => ("hello\n".to_owned(), vec![]); "base64")]
    #[test_case(b"aGVs\r\nbG8K\r\n", Some("BASE64") => ("hello\n".to_owned(), vec![]); "crlf")]
    #[test_case(b"aGVsbG8K\n_____\nlist footer\n", Some("base64") => ("hello\n_____\nlist footer\n".to_owned(), vec![Note::Base64Footer]); "footer")]
    #[test_case(b"aGVsbG8=\nfooter\n", Some("base64") => ("hello\nfooter\n".to_owned(), vec![Note::Base64Footer]); "footer of base64 letters after padding")]
    #[test_case(b"aGVsbG8Kaa", Some("base64") => ("hello\n".to_owned(), vec![Note::TruncatedBase64]); "cut")]
    #[test_case(b"plain words here\n", Some("base64") => ("plain words here\n".to_owned(), vec![Note::TruncatedBase64]); "not base64")]
    #[test_case(b"a=3Db=\nc\n", Some("quoted-printable") => ("a=bc\r\n".to_owned(), vec![]); "qp, with the line end of RFC 2045")]
    #[test_case(b"a = b\n", Some("quoted-printable") => ("a = b\r\n".to_owned(), vec![]); "bad qp")]
    #[test_case(b"x\n", Some("8bit") => ("x\n".to_owned(), vec![]); "eight bit")]
    #[test_case(b"x\n", Some("x-uue") => ("x\n".to_owned(), vec![Note::UnknownEncoding]); "unknown")]
    fn undone(body: &[u8], encoding: Option<&str>) -> (String, Vec<Note>) {
        let mut notes = Notes::default();
        let text = String::from_utf8_lossy(&decode(body, encoding, &mut notes)).into_owned();
        (text, notes.iter().collect())
    }
}
