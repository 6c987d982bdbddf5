//! Bytes to text: valid UTF-8 wins, then the label, then windows-1252.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Text and what it took to read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// It was not read in the charset of its label, or had no label and is not ASCII.
    pub fallback: bool,
    /// Some bytes fit no charset and became U+FFFD.
    pub lossy: bool,
}

/// Decodes a part's bytes.
///
/// Many mailers send UTF-8 with no label, `us-ascii`, or an invented one (`charset=y`); bytes
/// that are valid UTF-8 and not ASCII are hardly ever anything else. Seven-bit charsets that
/// carry their meaning in escapes (ISO-2022-JP) look like ASCII and so go by their label.
#[must_use]
pub fn decode<'a>(bytes: &'a [u8], label: Option<&str>) -> Decoded<'a> {
    let encoding = label.and_then(|l| Encoding::for_label_no_replacement(l.trim().as_bytes()));
    if let Some(named) = encoding
        && !named.is_ascii_compatible()
    {
        let (text, lossy) = named.decode_without_bom_handling(bytes);
        return Decoded { text, fallback: false, lossy };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        // Labels only matter for what is not ASCII.
        let fallback = encoding != Some(UTF_8) && !bytes.is_ascii();
        return Decoded { text: Cow::Borrowed(text), fallback, lossy: false };
    }
    if let Some(named) = encoding.filter(|e| *e != UTF_8) {
        let (text, lossy) = named.decode_without_bom_handling(bytes);
        if !lossy {
            // encoding_rs reads `us-ascii` as windows-1252, as the WHATWG labels say.
            let fallback = label.is_some_and(|l| l.trim().eq_ignore_ascii_case("us-ascii"));
            return Decoded { text, fallback, lossy: false };
        }
    }
    let (text, lossy) = lossy_utf8_or_1252(bytes);
    Decoded { text, fallback: true, lossy }
}

/// Mostly-valid UTF-8 with a stray byte stays UTF-8; all else reads as windows-1252.
fn lossy_utf8_or_1252(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    let mut good = 0_usize;
    let mut bad = 0_usize;
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    if good > bad {
        return (String::from_utf8_lossy(bytes), true);
    }
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    (text, false)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("Zażółć".as_bytes(), Some("utf-8") => ("Zażółć".into(), false, false); "utf8")]
    #[test_case("Zażółć".as_bytes(), None => ("Zażółć".into(), true, false); "unlabelled utf8")]
    #[test_case("Zażółć".as_bytes(), Some("y") => ("Zażółć".into(), true, false); "unknown label")]
    #[test_case("Zażółć".as_bytes(), Some("us-ascii") => ("Zażółć".into(), true, false); "ascii label over utf8")]
    #[test_case("é".as_bytes(), Some("iso-8859-1") => ("é".into(), true, false); "latin1 label over utf8")]
    #[test_case(b"caf\xe9", Some("iso-8859-1") => ("café".into(), false, false); "latin1")]
    #[test_case(b"caf\xe9", Some("utf-8") => ("café".into(), true, false); "utf8 label over latin1")]
    #[test_case(b"caf\xe9", None => ("café".into(), true, false); "unlabelled latin1")]
    #[test_case(b"\x93hi\x94", Some("windows-1252") => ("\u{201c}hi\u{201d}".into(), false, false); "smart quotes")]
    #[test_case(b"\xc4\xe3\xba\xc3", Some("gb2312") => ("你好".into(), false, false); "gb2312")]
    #[test_case(b"\x1b$B$\"\x1b(B", Some("iso-2022-jp") => ("あ".into(), false, false); "iso2022jp")]
    #[test_case(b"\xf0\xd2\xc9", Some("koi8-r") => ("При".into(), false, false); "koi8")]
    #[test_case(b"plain", Some("nonsense") => ("plain".into(), false, false); "ascii needs no label")]
    fn read(bytes: &[u8], label: Option<&str>) -> (String, bool, bool) {
        let d = decode(bytes, label);
        (d.text.into_owned(), d.fallback, d.lossy)
    }

    #[test]
    fn a_stray_byte_in_utf8_stays_utf8() {
        let d = decode(b"\xc5\xbb\xc3\xb3\xff", Some("utf-8"));
        assert_eq!(d.text, "Żó\u{fffd}");
        assert!(d.lossy && d.fallback);
    }
}
