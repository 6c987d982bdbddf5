//! Whether a reply's bytes can be sent as they are.

use std::collections::BTreeSet;

use tidewaiter_mail::Message;
use tidewaiter_reply::MOST_RECIPIENTS;

/// The longest line without its end (RFC 5322 section 2.1.1).
const LINE: usize = 998;

/// Refuses what a server could take for the end of the mail (a bare LF or CR, NUL), what it would
/// break (long lines), and a mail whose To and Cc name other people than `people`.
pub(crate) fn check(bytes: &[u8], people: &[&str]) -> Result<(), &'static str> {
    if bytes.contains(&0) {
        return Err("it holds a NUL");
    }
    let Some(text) = bytes.strip_suffix(b"\r\n") else { return Err("it does not end in CRLF") };
    for line in text.split(|b| *b == b'\n') {
        // The last line's CR is in the suffix.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > LINE {
            return Err("it holds a line that is too long");
        }
    }
    let crs = bytes.iter().filter(|b| **b == b'\r').count();
    let pairs = bytes.windows(2).filter(|pair| *pair == b"\r\n").count();
    if crs != pairs || bytes.iter().filter(|b| **b == b'\n').count() != pairs {
        return Err("it holds a bare CR or LF");
    }
    let message = Message::parse(bytes);
    let lower = |address: &str| address.to_ascii_lowercase();
    let named: BTreeSet<String> = message
        .recipients()
        .filter_map(|person| person.address.as_ref())
        .map(|address| lower(address.as_str()))
        .collect();
    let allowed: BTreeSet<String> = people.iter().map(|address| lower(address)).collect();
    if named != allowed || allowed.len() != people.len() {
        return Err("its To and Cc are not those that it may go to");
    }
    if people.len() > MOST_RECIPIENTS {
        return Err("it goes to too many people");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("To: a@x.org\r\nCc: B <b@x.org>\r\n\r\nhello\r\n" => Ok(()); "sound")]
    #[test_case("To: a@x.org, b@x.org\r\n\r\nhel\nlo\r\n" => Err("it holds a bare CR or LF"); "bare lf")]
    #[test_case("To: a@x.org, b@x.org\r\n\r\nhel\rlo\r\n" => Err("it holds a bare CR or LF"); "bare cr")]
    #[test_case("To: a@x.org, b@x.org\r\n\r\nhello\r\r\n" => Err("it holds a bare CR or LF"); "two cr")]
    #[test_case("To: a@x.org, b@x.org\r\n\r\nhel\0lo\r\n" => Err("it holds a NUL"); "nul")]
    #[test_case("To: a@x.org, b@x.org\r\n\r\nhello\n" => Err("it does not end in CRLF"); "end")]
    #[test_case("To: a@x.org\r\n\r\nhello\r\n" => Err("its To and Cc are not those that it may go to"); "one missing")]
    #[test_case("To: a@x.org, b@x.org, c@x.org\r\n\r\nhi\r\n" => Err("its To and Cc are not those that it may go to"); "one more")]
    fn checked(mail: &str) -> Result<(), &'static str> {
        check(mail.as_bytes(), &["a@x.org", "b@x.org"])
    }

    #[test]
    fn long_lines() {
        let mail = |n| format!("To: a@x.org\r\n\r\n{}\r\n", "x".repeat(n));
        assert_eq!(check(mail(998).as_bytes(), &["a@x.org"]), Ok(()));
        assert!(check(mail(999).as_bytes(), &["a@x.org"]).is_err());
    }

    #[test]
    fn nobody_and_too_many() {
        assert_eq!(check(b"Subject: x\r\n\r\nx\r\n", &[]), Ok(()));
        let many: Vec<String> = (0..9).map(|n| format!("p{n}@x.org")).collect();
        let mail = format!("To: {}\r\n\r\nx\r\n", many.join(", "));
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(check(mail.as_bytes(), &many), Err("it goes to too many people"));
    }
}
