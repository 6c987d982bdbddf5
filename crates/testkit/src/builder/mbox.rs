//! An mbox of built mails in mboxrd quoting.

/// An mbox that is written: `From ` lines as public-inbox writes them, body lines quoted.
#[derive(Debug, Clone, Default)]
pub struct Mbox {
    bytes: Vec<u8>,
}

impl Mbox {
    /// An mbox without a mail.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a mail: every line of `>`s and `From ` gets one `>` more, and a blank line ends it.
    pub fn push(&mut self, mail: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(b"From mboxrd@z Thu Jan  1 00:00:00 1970\n");
        for line in mail.split_inclusive(|&byte| byte == b'\n') {
            let quotes = line.iter().take_while(|&&byte| byte == b'>').count();
            if line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From ")) {
                self.bytes.push(b'>');
            }
            self.bytes.extend_from_slice(line);
        }
        if !mail.ends_with(b"\n") {
            self.bytes.push(b'\n');
        }
        self.bytes.push(b'\n');
        self
    }

    /// The bytes of the file.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl<M: AsRef<[u8]>> FromIterator<M> for Mbox {
    fn from_iter<I: IntoIterator<Item = M>>(mails: I) -> Self {
        let mut mbox = Self::new();
        for mail in mails {
            mbox.push(mail.as_ref());
        }
        mbox
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_lines_are_quoted_once_more() {
        let mbox: Mbox =
            [b"Subject: a\n\nFrom here\n>From there\n> From".as_slice(), b"Subject: b\n\n"]
                .into_iter()
                .collect();
        let expected = "From mboxrd@z Thu Jan  1 00:00:00 1970\nSubject: a\n\n>From here\n\
>>From there\n> From\n\nFrom mboxrd@z Thu Jan  1 00:00:00 1970\nSubject: b\n\n\n";
        assert_eq!(String::from_utf8(mbox.into_bytes()).unwrap(), expected);
    }
}
