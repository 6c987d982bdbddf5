//! Tables as CSV (RFC 4180) inside a link, so that a page needs no file beside it.

use std::fmt::Write;

/// A table as a `data:` URL.
#[must_use]
pub(super) fn data_url<'a>(header: &[&str], rows: impl Iterator<Item = &'a [String]>) -> String {
    let mut text = String::new();
    line(&mut text, header.iter().copied());
    for row in rows {
        line(&mut text, row.iter().map(String::as_str));
    }
    let mut url = "data:text/csv;charset=utf-8,".to_owned();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b',' => {
                url.push(char::from(byte));
            }
            byte => {
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
    url
}

fn line<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        // A spreadsheet takes a cell that starts so for a formula, quoted or not.
        let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let quoted = formula || cell.contains([',', '"', '\n', '\r']);
        if quoted {
            text.push('"');
        }
        if formula {
            text.push('\'');
        }
        text.push_str(&cell.replace('"', "\"\""));
        if quoted {
            text.push('"');
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let rows = [vec!["a,b".to_owned(), "say \"x\"".to_owned()], vec!["=1+1".to_owned()]];
        let mut text = String::new();
        line(&mut text, rows[0].iter().map(String::as_str));
        line(&mut text, rows[1].iter().map(String::as_str));
        assert_eq!(text, "\"a,b\",\"say \"\"x\"\"\"\r\n\"'=1+1\"\r\n");
    }

    #[test]
    fn a_url_has_no_character_that_means_something() {
        let row = vec!["<a href=\"x\">é#?&".to_owned()];
        let url = data_url(&["n"], std::iter::once(row.as_slice()));
        assert_eq!(
            url,
            "data:text/csv;charset=utf-8,n%0D%0A%22%3Ca%20href%3D%22%22x%22%22%3E%C3%A9%23%3F%26%22%0D%0A"
        );
    }
}
