//! The text of a patch mail, cut as `git mailinfo --scissors` cuts it.

use tidewaiter_mail::{MailDate, Mailbox, decode_header, ends_commit_message};

/// A patch mail's text taken apart. Lines are counted from 1 in the decoded text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body<'a> {
    /// The in-body `From:`.
    pub from: Option<Mailbox>,
    /// The in-body `Date:`.
    pub date: Option<MailDate>,
    /// The in-body `Subject:`.
    pub subject: Option<String>,
    /// The commit message without its subject.
    pub message: &'a str,
    /// The line of the text on which the message starts.
    pub message_line: usize,
    /// All from the line that ends the message on: `---`, notes, diffstat and diff.
    pub rest: &'a str,
    /// The line of the text on which `rest` starts.
    pub rest_line: usize,
    /// A scissors line was found, and what stands above it was left out.
    pub scissors: bool,
}

impl<'a> Body<'a> {
    /// Cuts a text. Follows git's `mailinfo.c`: in-body headers first, a scissors line starts
    /// over, and the message ends at `---`, `diff -`, `Index: ` or `--- file`.
    #[must_use]
    pub fn cut(text: &'a str) -> Self {
        let mut body = Self { message_line: 1, rest_line: 1, ..Self::default() };
        let mut headers = InBody::default();
        let mut in_headers = true;
        let mut message_start = None;
        let mut at = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let start = at;
            at += line.len();
            if in_headers {
                if line == "\n" {
                    if headers.open.is_some() {
                        headers.flush();
                        in_headers = false;
                    }
                    continue;
                }
                if headers.take(line) {
                    continue;
                }
                in_headers = false;
            }
            if is_scissors(line) {
                body.scissors = true;
                in_headers = true;
                headers = InBody::default();
                message_start = None;
                continue;
            }
            if ends_commit_message(line) {
                let from = message_start.map_or(start, |(from, _)| from);
                body.message = text.get(from..start).unwrap_or_default();
                body.message_line = message_start.map_or(index + 1, |(_, line)| line);
                body.rest = text.get(start..).unwrap_or_default();
                body.rest_line = index + 1;
                body.take_headers(headers);
                return body;
            }
            message_start = message_start.or(Some((start, index + 1)));
        }
        headers.flush();
        if let Some((from, line)) = message_start {
            body.message = text.get(from..).unwrap_or_default();
            body.message_line = line;
        }
        body.rest_line = text.matches('\n').count() + 1;
        body.take_headers(headers);
        body
    }

    fn take_headers(&mut self, headers: InBody) {
        self.from = headers.from.as_deref().and_then(Mailbox::parse);
        self.date = headers.date.as_deref().and_then(MailDate::parse);
        self.subject = headers.subject;
    }
}

/// The in-body headers read so far; each counts once, as in git.
#[derive(Default)]
struct InBody {
    from: Option<String>,
    date: Option<String>,
    subject: Option<String>,
    /// The header that is still being folded.
    open: Option<String>,
}

impl InBody {
    /// Takes a line as an in-body header or its continuation; false where it is neither.
    fn take(&mut self, line: &str) -> bool {
        if let Some(open) = &mut self.open
            && line.starts_with([' ', '\t'])
            && !is_scissors(line)
        {
            if open.len() < 4096 {
                open.truncate(open.trim_end_matches('\n').len());
                open.push_str(line);
            }
            return true;
        }
        self.flush();
        // `>From <id> Mon Sep 17 00:00:00 2001`, what an mbox makes of a pasted format-patch file.
        if let Some(rest) = line.strip_prefix(">From ").or_else(|| line.strip_prefix("From ")) {
            let sha = rest.split(' ').next().unwrap_or_default();
            return line.starts_with('>')
                && sha.len() >= 40
                && sha.bytes().all(|b| b.is_ascii_hexdigit());
        }
        if line.starts_with("[PATCH]")
            && line.as_bytes().get(7).is_some_and(u8::is_ascii_whitespace)
        {
            self.subject.get_or_insert_with(|| line.trim().to_owned());
            return true;
        }
        let known = |name: &str, taken: bool| {
            let value = line.get(..name.len()).filter(|n| n.eq_ignore_ascii_case(name));
            let after = line.as_bytes().get(name.len()..).unwrap_or_default();
            !taken
                && value.is_some()
                && after.first() == Some(&b':')
                && after.get(1).is_some_and(u8::is_ascii_whitespace)
        };
        let is_header = known("From", self.from.is_some())
            || known("Subject", self.subject.is_some())
            || known("Date", self.date.is_some());
        if is_header {
            self.open = Some(line.to_owned());
        }
        is_header
    }

    fn flush(&mut self) {
        let Some(line) = self.open.take() else { return };
        let Some((name, value)) = line.split_once(':') else { return };
        let (value, _) = decode_header(value.as_bytes());
        match name.to_ascii_lowercase().as_str() {
            "from" => self.from = Some(value),
            "subject" => self.subject = Some(value),
            "date" => self.date = Some(value),
            _ => {}
        }
    }
}

/// Whether this is a scissors line (git's `is_scissors_line`): at least 8 columns, more than a
/// third of them perforation, and more than half of the perforation dashes and scissors.
#[must_use]
pub fn is_scissors(line: &str) -> bool {
    let text = line.as_bytes();
    let (mut scissors, mut gap, mut perforation) = (0_usize, 0_usize, 0_usize);
    let mut in_perforation = false;
    let (mut first, mut last) = (None, 0);
    let mut at = 0;
    while let Some(&b) = text.get(at) {
        if b.is_ascii_whitespace() {
            if in_perforation {
                perforation += 1;
                gap += 1;
            }
            at += 1;
            continue;
        }
        last = at;
        first = first.or(Some(at));
        if b == b'-' {
            in_perforation = true;
            perforation += 1;
        } else if matches!(text.get(at..at + 2), Some(b">8" | b"8<" | b">%" | b"%<")) {
            in_perforation = true;
            perforation += 2;
            scissors += 2;
            at += 1;
        } else {
            in_perforation = false;
        }
        at += 1;
    }
    let Some(first) = first else { return false };
    let visible = last - first + 1;
    scissors > 0 && visible >= 8 && visible < perforation * 3 && gap * 2 < perforation
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("-- >8 --\n" => true; "shortest")]
    #[test_case("------------ 8< ------------\n" => true; "long")]
    #[test_case("---- cut here ---- 8< ----\n" => true; "with words")]
    #[test_case(">8\n" => false; "too short")]
    #[test_case("see section >8 of the long and winding manual\n" => false; "prose")]
    #[test_case("---\n" => false; "three dashes")]
    fn scissors(line: &str) -> bool {
        is_scissors(line)
    }

    #[test]
    fn plain() {
        let body = Body::cut("Why.\n\nSigned-off-by: A <a@example.org>\n---\n f | 1 +\n");
        assert_eq!(body.message, "Why.\n\nSigned-off-by: A <a@example.org>\n");
        assert_eq!((body.message_line, body.rest_line), (1, 4));
        assert!(body.rest.starts_with("---\n f"));
    }

    #[test]
    fn in_body_headers() {
        let body = Body::cut("From: Bo Builder\n <bo@example.org>\nSubject: x: y\n\nWhy.\n---\n");
        assert_eq!(body.from.unwrap().address.unwrap().as_str(), "bo@example.org");
        assert_eq!(body.subject.as_deref(), Some("x: y"));
        assert_eq!((body.message, body.message_line), ("Why.\n", 5));
    }

    #[test]
    fn scissors_start_over() {
        let body =
            Body::cut("From: a@example.org\n\nHi,\n-- >8 --\nFrom: b@example.org\n\nWhy.\n---\n");
        assert_eq!(body.from.unwrap().address.unwrap().as_str(), "b@example.org");
        assert_eq!(body.message, "Why.\n");
        assert!(body.scissors);
    }

    #[test_case("Why.\ndiff --git a/x b/x\n" => "diff --git a/x b/x\n"; "diff")]
    #[test_case("Why.\nIndex: x\n" => "Index: x\n"; "cvs")]
    #[test_case("Why.\n--- a/x\n" => "--- a/x\n"; "file")]
    #[test_case("Why.\n--- \n" => "--- \n"; "trailing space")]
    #[test_case("Why.\n----\n--- --\n" => "--- --\n"; "dashes and a word")]
    #[test_case("Why.\n---x\n" => ""; "prose")]
    fn message_ends(text: &str) -> &str {
        Body::cut(text).rest
    }

    #[test]
    fn no_patch_at_all() {
        let body = Body::cut("\n\nHello\nworld\n");
        assert_eq!((body.message, body.message_line, body.rest), ("Hello\nworld\n", 3, ""));
    }
}
