//! The signature's own field: `tag=value` pairs, as in DKIM.

use data_encoding::BASE64;
use jiff::Timestamp;

use crate::Address;

/// Bytes of the field that are read; patatt writes about 400. A longer one says nothing.
const LONGEST: usize = 4 * 1024;
/// Tags of one field.
const MOST_TAGS: usize = 20;
/// Header fields that one signature covers.
const MOST_NAMES: usize = 20;
/// A signature without these could be put on another mail.
const NEEDED: [&str; 3] = ["from", "subject", "message-id"];

/// What a field says; nothing of it is verified.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// `i=`: who says to have signed.
    pub(super) by: Address,
    /// `s=`: which of their keys; patatt's `default` where there is none.
    pub(super) selector: String,
    /// `t=`: when.
    pub(super) time: Timestamp,
    /// `l=`: bytes of the text. All of it is hashed whatever stands here.
    pub(super) length: Option<usize>,
    /// `h=`: the header fields that are signed, in lower case, with colons between them.
    pub(super) signed: String,
    /// `bh=`: the SHA-256 of the text, in base64.
    pub(super) body_hash: String,
    /// The field up to and with `b=`, as it was signed.
    pub(super) unsigned: String,
    /// `b=`: 64 bytes of signature, 32 bytes of what it signs.
    pub(super) signature: Vec<u8>,
}

impl Field {
    /// Reads the value of a field; `None` where it is no `ed25519-sha256` signature, where a tag
    /// stands twice, or where anything is not as patatt writes it.
    pub(super) fn parse(raw: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(raw).ok().filter(|t| t.len() <= LONGEST && t.is_ascii())?;
        let text = relaxed(text);
        // It is the last tag, and nothing but its value follows.
        let (head, last) = text.rsplit_once(';')?;
        let signature = last.trim_start().strip_prefix("b=")?;
        let signature = BASE64.decode(without_blanks(signature).as_bytes()).ok()?;
        let before = text.len().checked_sub(last.trim_start().len())? + "b=".len();
        let unsigned = text.get(..before)?.to_owned();

        let mut tags: Vec<(&str, String)> = Vec::new();
        for tag in head.split(';') {
            let (name, value) = tag.split_once('=')?;
            let name = name.trim();
            let twice = name == "b" || tags.iter().any(|(known, _)| *known == name);
            if twice || tags.len() == MOST_TAGS {
                return None;
            }
            tags.push((name, without_blanks(value)));
        }
        let get = |name: &str| tags.iter().find(|(tag, _)| *tag == name).map(|(_, v)| v.as_str());
        if get("v") != Some("1") || get("a") != Some("ed25519-sha256") || text.contains("?q?") {
            return None;
        }
        let signed = get("h")?.to_owned();
        let names: Vec<&str> = signed.split(':').collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        let lower = |name: &&str| !name.bytes().any(|b| b.is_ascii_uppercase());
        if names.len() > MOST_NAMES
            || once.len() != names.len()
            || !names.iter().all(lower)
            || !NEEDED.iter().all(|name| names.contains(name))
        {
            return None;
        }
        let length = match get("l") {
            Some(length) => Some(usize::try_from(number(length)?).ok()?),
            None => None,
        };
        Some(Self {
            by: Address::new(get("i")?)?,
            selector: get("s").filter(|s| !s.is_empty()).unwrap_or("default").to_owned(),
            time: Timestamp::from_second(number(get("t")?)?).ok()?,
            length,
            body_hash: get("bh")?.to_owned(),
            signed,
            unsigned,
            signature,
        })
    }
}

/// Digits alone, at most eleven: seconds up to the year 5138.
fn number(text: &str) -> Option<i64> {
    let digits = (1..=11).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\x0b' | '\x0c')
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !is_blank(*c)).collect()
}

/// A field's value as it is hashed: unfolded, one space for any run of blanks, none at the ends
/// (RFC 6376 section 3.4.2).
pub(super) fn relaxed(value: &str) -> String {
    let unfolded = value.replace(['\r', '\n'], "");
    unfolded.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}
