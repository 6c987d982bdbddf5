//! The text of a mail, in a transfer encoding that every relay lets through.

/// Bytes of a line (RFC 5322 section 2.1.1), without its end.
const LINE: usize = 998;
/// Bytes of an encoded line (RFC 2045 section 6.7, rule 5).
const ENCODED: usize = 76;

/// Drops control characters other than LF and tab, and ends the text with one LF.
pub(super) fn clean(text: &str) -> String {
    let mut clean: String =
        text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    if !clean.ends_with('\n') {
        clean.push('\n');
    }
    clean
}

/// Whether the text can go as it is.
pub(super) fn is_plain(text: &str) -> bool {
    text.is_ascii() && text.lines().all(|line| line.len() <= LINE)
}

/// Line ends CRLF.
pub(super) fn crlf(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

/// Quoted-printable (RFC 2045 section 6.7).
pub(super) fn quoted_printable(text: &str) -> Vec<u8> {
    let mut out = String::with_capacity(text.len() * 2);
    for line in text.lines() {
        let bytes = line.as_bytes();
        let mut column = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            let last = at + 1 == bytes.len();
            let piece = match byte {
                // mbox files would quote it, and a blank at the end gets lost.
                b'F' if at == 0 && line.starts_with("From ") => encoded(byte),
                b' ' | b'\t' if last => encoded(byte),
                b'=' => encoded(byte),
                b' '..=b'~' | b'\t' => char::from(byte).to_string(),
                _ => encoded(byte),
            };
            // The last column is for the soft break.
            if column + piece.len() > ENCODED - usize::from(!last) {
                out.push_str("=\r\n");
                column = 0;
            }
            column += piece.len();
            out.push_str(&piece);
        }
        out.push_str("\r\n");
    }
    out.into_bytes()
}

fn encoded(byte: u8) -> String {
    format!("={byte:02X}")
}
