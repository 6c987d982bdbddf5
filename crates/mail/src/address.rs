//! Addresses and mailboxes, salvaged one by one.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{bounds, words};

/// An address (addr-spec, RFC 5322 section 3.4.1) such as `alice@example.org`.
///
/// Two addresses are equal where they differ in ASCII case alone: no list treats them apart.
#[derive(Clone, Debug, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Address(Box<str>);

impl Address {
    /// Takes `local@domain`; `None` where either side is empty, or where a space, a control
    /// character, an angle bracket or a comma stands in it.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>,;()\"".contains(c);
        let fits = !local.is_empty()
            && !domain.is_empty()
            && text.len() <= 320
            && !local.contains('@')
            && !text.contains(forbidden);
        fits.then(|| Self(text.into()))
    }

    /// The address as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Hash for Address {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for b in self.0.bytes() {
            state.write_u8(b.to_ascii_lowercase());
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person or a list as a header names it; what the header does not give is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Mailbox {
    /// The display name, decoded.
    pub name: Option<String>,
    /// The address.
    pub address: Option<Address>,
}

impl Mailbox {
    /// A mailbox from the text `Name <address>`, `address`, or `address (Name)`; `None` where
    /// no address can be found in it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse_one(text)
    }
}

/// The mailboxes of an address header, and what could not be read of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailboxes {
    /// Those that could be read, in order; one with a name and a bad address has no address.
    pub good: Vec<Mailbox>,
    /// Some entry could not be read.
    pub bad: bool,
    /// There were more than [`bounds::ADDRESSES`], or too many bytes.
    pub over: bool,
}

/// Reads `From`, `To`, `Cc` or `Reply-To`: split at top-level commas, each entry by itself, so
/// that one bad address loses only itself. Groups are flattened.
#[must_use]
pub fn parse_mailboxes(raw: &[u8]) -> Mailboxes {
    let mut found = Mailboxes { over: raw.len() > bounds::HEADER_VALUE, ..Mailboxes::default() };
    let raw = raw.get(..bounds::HEADER_VALUE).unwrap_or(raw);
    // Raw bytes first: a comma inside an encoded word must not split, and decoding later keeps
    // decoded quotes and commas from being taken for syntax.
    let text = crate::charset::decode(raw, None).text;
    for entry in split_entries(&text) {
        let entry = entry.trim();
        if entry.is_empty() {
            continue;
        }
        if found.good.len() == bounds::ADDRESSES {
            found.over = true;
            break;
        }
        // `<` without `>` can be read, but should not be so.
        found.bad |= entry.contains('<') && !entry.contains('>');
        match parse_one(entry) {
            Some(mailbox) => found.good.push(mailbox),
            None => {
                found.bad = true;
                found.good.extend(name_alone(entry));
            }
        }
    }
    if let ([one], true) = (found.good.as_mut_slice(), found.bad) {
        // `Last, First <a@example.org>` without the quotes that the comma needs.
        let mut entries = text.splitn(3, ',');
        if let (Some(last), Some(first), None) = (entries.next(), entries.next(), entries.next())
            && !last.contains(['@', '<', '"'])
            && first.contains('<')
            && let (Some(last), Some(name)) = (display_name(last), &mut one.name)
        {
            *name = format!("{last}, {name}");
        }
    }
    found
}

/// The name in front of an address that cannot be read.
fn name_alone(entry: &str) -> Option<Mailbox> {
    let (name, _) = entry.split_at_checked(find_outside_quotes(entry, '<')?)?;
    Some(Mailbox { name: Some(display_name(name)?), address: None })
}

/// Cuts at commas and semicolons outside quotes, comments and angle brackets; drops group names.
fn split_entries(text: &str) -> Vec<&str> {
    let mut entries = Vec::new();
    let mut start = 0;
    let (mut quoted, mut escaped, mut comment, mut angle) = (false, false, 0_u32, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' if quoted || comment > 0 => escaped = true,
            '"' if comment == 0 => quoted = !quoted,
            _ if quoted => {}
            '(' => comment += 1,
            ')' => comment = comment.saturating_sub(1),
            _ if comment > 0 => {}
            '<' => angle = true,
            '>' => angle = false,
            ',' | ';' if !angle => {
                entries.extend(text.get(start..at));
                start = at + 1;
            }
            ':' if !angle => start = at + 1,
            _ => {}
        }
    }
    entries.extend(text.get(start..));
    entries
}

fn parse_one(entry: &str) -> Option<Mailbox> {
    let entry = entry.trim();
    if let Some(open) = find_outside_quotes(entry, '<') {
        let (before, after) = entry.split_at(open);
        let inner = after.get(1..)?;
        let inner = inner.split_once('>').map_or(inner, |(inside, _)| inside);
        // A route (`<@relay:a@b>`) is long obsolete; the address is what follows it.
        let spec = inner.rsplit_once(':').map_or(inner, |(_, last)| last);
        let address = Address::new(&spec.split_whitespace().collect::<String>())?;
        return Some(Mailbox { name: display_name(before), address: Some(address) });
    }
    let (plain, comment) = split_comment(entry);
    let address = Address::new(plain.trim().trim_matches('"'))?;
    Some(Mailbox { name: comment.and_then(display_name), address: Some(address) })
}

fn find_outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    // An unclosed quote must not hide the address: then the last one found anyway counts.
    let mut last = None;
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if c == wanted && !quoted => return Some(at),
            c if c == wanted => last = Some(at),
            _ => {}
        }
    }
    quoted.then_some(last).flatten()
}

fn split_comment(entry: &str) -> (&str, Option<&str>) {
    match entry.split_once('(') {
        Some((plain, rest)) => (plain, Some(rest.rsplit_once(')').map_or(rest, |(c, _)| c))),
        None => (entry, None),
    }
}

/// A display name: quotes and escapes undone, encoded words read, one line.
fn display_name(raw: &str) -> Option<String> {
    let raw = raw.trim();
    let mut plain = String::with_capacity(raw.len());
    let mut escaped = false;
    for c in raw.chars() {
        match c {
            _ if escaped => {
                plain.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => {}
            c => plain.push(c),
        }
    }
    // A quoted encoded word is not one by RFC 2047 section 5, but mailers read it all the same.
    let (name, _) = words::decode_header(plain.as_bytes());
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn shown(raw: &str) -> Vec<String> {
        parse_mailboxes(raw.as_bytes())
            .good
            .into_iter()
            .map(|m| {
                format!(
                    "{}|{}",
                    m.name.unwrap_or_default(),
                    m.address.map(|a| a.to_string()).unwrap_or_default()
                )
            })
            .collect()
    }

    #[test_case("Alice Author <alice@example.org>" => vec!["Alice Author|alice@example.org"]; "plain")]
    #[test_case("alice@example.org" => vec!["|alice@example.org"]; "bare")]
    #[test_case("alice@example.org (Alice A)" => vec!["Alice A|alice@example.org"]; "comment form")]
    #[test_case("\"Author, Alice\" <a@example.org>, b@example.org" => vec!["Author, Alice|a@example.org", "|b@example.org"]; "comma in quotes")]
    #[test_case("=?utf-8?q?Ren=C3=A9=2C_X?= <r@example.org>" => vec!["René, X|r@example.org"]; "comma in encoded word")]
    #[test_case("a@example.org, , d@example.org" => vec!["|a@example.org", "|d@example.org"]; "empty entry")]
    #[test_case("nonsense, d@example.org" => vec!["|d@example.org"]; "one bad")]
    #[test_case("Devs: a@example.org, b@example.org;" => vec!["|a@example.org", "|b@example.org"]; "group")]
    #[test_case("undisclosed-recipients:;" => Vec::<String>::new(); "empty group")]
    #[test_case("\"M\\\" <m@example.org>\" <x@example.net>" => vec!["M\" <m@example.org>|x@example.net"]; "name that looks like an address")]
    #[test_case("\"unclosed <u@example.org>" => vec!["unclosed|u@example.org"]; "unclosed quote")]
    #[test_case("Author, Alice <a@example.org>" => vec!["Author, Alice|a@example.org"]; "comma without quotes")]
    #[test_case("nobody, Alice <a@example.org>, b@example.org" => vec!["Alice|a@example.org", "|b@example.org"]; "no address among others")]
    #[test_case("Alice <a@b@example.org>, b@example.org" => vec!["Alice|", "|b@example.org"]; "name of a bad address")]
    #[test_case("Alice\r\n <a@example.org>" => vec!["Alice|a@example.org"]; "folded")]
    fn read(raw: &str) -> Vec<String> {
        shown(raw)
    }

    #[test]
    fn bad_entries_are_told() {
        assert!(parse_mailboxes(b"nonsense, d@example.org").bad);
        assert!(!parse_mailboxes(b"undisclosed-recipients:;").bad);
    }

    #[test]
    fn case_does_not_tell_addresses_apart() {
        assert_eq!(Address::new("A@Example.org"), Address::new("a@example.ORG"));
    }
}
