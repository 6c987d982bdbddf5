//! Header fields: quoted, encoded and folded.

use data_encoding::BASE64;
use tidewaiter_mail::{Address, Mailbox, MessageId};

use super::fits;
use crate::text::stripped;

/// Where a header line is folded (RFC 5322 section 2.1.1).
const FOLD: usize = 78;
/// Bytes of one encoded word (RFC 2047 section 2 allows 75) that fits behind `From:`, and behind
/// `Subject: Re:`.
const NAME_WORD: usize = 72;
const SUBJECT_WORD: usize = 65;
/// Bytes of a word that is left as it is.
const PLAIN_WORD: usize = 76;
/// Characters kept of a display name.
const NAME: usize = 100;

/// The header block as it grows.
#[derive(Default)]
pub(super) struct Headers(String);

impl Headers {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    /// A value of our own that needs no folding; other than printable ASCII is dropped.
    pub(super) fn word(&mut self, name: &str, value: &str) {
        let value: String = value.chars().filter(|c| matches!(c, ' '..='~')).take(900).collect();
        self.field(name, &[value]);
    }

    /// Free text, encoded where it has to be.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        let value = stripped(value);
        let mut words: Vec<String> = value.split_whitespace().map(str::to_owned).collect();
        if !is_plain_text(&value) {
            // `Re:` stays readable, for mailers that thread by it.
            let (mut head, rest) = match value.strip_prefix("Re: ") {
                Some(rest) => (vec!["Re:".to_owned()], rest),
                None => (Vec::new(), value.as_str()),
            };
            head.extend(encoded_words(rest, SUBJECT_WORD));
            words = head;
        }
        self.field(name, &words);
    }

    /// Message-IDs in angle brackets; nothing where there is none.
    pub(super) fn ids(&mut self, name: &str, ids: &[MessageId]) {
        let words: Vec<String> =
            ids.iter().filter(|id| fits(id)).map(|id| format!("<{id}>")).collect();
        if !words.is_empty() {
            self.field(name, &words);
        }
    }

    /// Mailboxes with commas between; nothing where there is none that can be written to.
    pub(super) fn mailboxes(&mut self, name: &str, mailboxes: &[Mailbox]) {
        let mut words: Vec<String> = Vec::new();
        for mailbox in mailboxes {
            let Some(address) = mailbox.address.as_ref().filter(|a| sendable(a)) else { continue };
            if let Some(last) = words.last_mut() {
                last.push(',');
            }
            let phrase = mailbox.name.as_deref().map(phrase).unwrap_or_default();
            if phrase.is_empty() {
                words.push(address.to_string());
            } else {
                words.extend(phrase);
                words.push(format!("<{address}>"));
            }
        }
        if !words.is_empty() {
            self.field(name, &words);
        }
    }

    /// Writes a field, folded between words.
    fn field(&mut self, name: &str, words: &[String]) {
        self.0.push_str(name);
        self.0.push(':');
        let mut column = name.len() + 1;
        for (at, word) in words.iter().enumerate() {
            if at > 0 && column + 1 + word.len() > FOLD {
                self.0.push_str("\r\n");
                column = 0;
            }
            self.0.push(' ');
            self.0.push_str(word);
            column += 1 + word.len();
        }
        self.0.push_str("\r\n");
    }
}

/// Whether an address can be written into a header and an envelope by any server: ASCII, a
/// dot-atom at a domain name (RFC 5321 section 4.1.2), 64 and 255 bytes at most.
#[must_use]
pub fn sendable(address: &Address) -> bool {
    let (local, domain) = (address.local(), address.domain());
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    let label = |text: &str| {
        !text.is_empty()
            && text.len() <= 63
            && !text.starts_with('-')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    (1..=64).contains(&local.len())
        && local.bytes().all(atom)
        && local.split('.').all(|part| !part.is_empty())
        && domain.len() <= 255
        && domain.split('.').all(label)
}

/// A display name as words to fold between: atoms, a quoted string, or encoded words.
fn phrase(name: &str) -> Vec<String> {
    let name: String = stripped(name).chars().take(NAME).collect();
    let name = name.trim();
    if name.is_empty() {
        return Vec::new();
    }
    let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~ ".contains(c);
    let plain = is_plain_text(name);
    if plain && name.chars().all(atom) {
        return name.split(' ').map(str::to_owned).collect();
    }
    let quoted = format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    if plain && quoted.len() <= PLAIN_WORD {
        return vec![quoted];
    }
    encoded_words(name, NAME_WORD)
}

/// Text that can stand in a header as it is: ASCII, no word too long to fold, and nothing that
/// would be read as an encoded word.
fn is_plain_text(text: &str) -> bool {
    text.is_ascii()
        && !text.contains("=?")
        && text.split_whitespace().all(|word| word.len() <= PLAIN_WORD)
}

/// Encoded words of at most `most` bytes and of whole characters; in `Q` form where most of the
/// text stays readable in it.
///
/// Some readers put a blank between two encoded words of a name, so one is better.
fn encoded_words(text: &str, most: usize) -> Vec<String> {
    if text.chars().filter(|c| !c.is_ascii()).count() * 3 > text.chars().count() {
        return base64_words(text, most);
    }
    let mut words = Vec::new();
    let mut word = String::new();
    for piece in text.chars().map(quoted) {
        if Q.len() + word.len() + piece.len() + END.len() > most {
            words.push(format!("{Q}{word}{END}"));
            word.clear();
        }
        word.push_str(&piece);
    }
    words.push(format!("{Q}{word}{END}"));
    words
}

const Q: &str = "=?utf-8?q?";
const B: &str = "=?utf-8?b?";
const END: &str = "?=";

/// One character in `Q` form; only what RFC 2047 section 5 (3) allows in a phrase is left as it
/// is.
fn quoted(c: char) -> String {
    match c {
        ' ' => "_".to_owned(),
        c if c.is_ascii_alphanumeric() || "!*+-/".contains(c) => c.to_string(),
        c => {
            let mut utf8 = [0; 4];
            c.encode_utf8(&mut utf8).bytes().map(|byte| format!("={byte:02X}")).collect()
        }
    }
}

fn base64_words(text: &str, most: usize) -> Vec<String> {
    let most = (most - B.len() - END.len()) / 4 * 3;
    let mut words = Vec::new();
    let mut part = String::new();
    for c in text.chars().map(Some).chain([None]) {
        if c.is_none_or(|c| part.len() + c.len_utf8() > most) {
            words.push(format!("{B}{}{END}", BASE64.encode(part.as_bytes())));
            part.clear();
        }
        part.extend(c);
    }
    words
}
