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

impl Address {
    /// The domain that somebody registered, as near as it can be told without a list of public
    /// suffixes: whoever has it can write, and sign, as anybody at any domain below.
    ///
    /// The last two labels, or three where two may be a country's (`co.uk`). A country's domain
    /// with a short name (`qq.cc`) has one label too many then.
    #[must_use]
    pub fn organization(&self) -> &str {
        let domain = self.domain();
        let mut dots = domain.rmatch_indices('.').map(|(at, _)| at).skip(1);
        let last = |at: Option<usize>| at.and_then(|at| domain.get(at + 1..)).unwrap_or(domain);
        let two = last(dots.next());
        if may_be_public(two) { last(dots.next()) } else { two }
    }
}

/// Two labels, the last a country's: a short first label may be no name but a kind (`com.br`).
pub(crate) fn may_be_public(domain: &str) -> bool {
    let Some((first, last)) = domain.split_once('.') else { return true };
    last.len() == 2 && first.len() <= 4
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
    let (name, _) = entry.split_at_checked(find_open_angle(entry).or_else(|| entry.find('<'))?)?;
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
    if let Some(open) = find_open_angle(entry) {
        let (before, after) = entry.split_at(open);
        let after = after.get(1..)?;
        let plain = without_comments(after);
        let (inner, rest) = plain.split_once('>').unwrap_or((&plain, ""));
        // Of two addresses another reader, such as the server that signs for one, may take the other.
        if rest.contains('<') {
            return None;
        }
        // A route (`<@relay:a@b>`) is long obsolete; the address is what follows it.
        let spec = inner.rsplit_once(':').map_or(inner, |(_, last)| last);
        let address = Address::new(&spec.split_whitespace().collect::<String>())?;
        return Some(Mailbox { name: display_name(before), address: Some(address) });
    }
    let plain = without_comments(entry);
    let address = Address::new(plain.trim().trim_matches('"'))?;
    let name = entry.split_once('(').and_then(|(_, rest)| {
        display_name(rest.rsplit_once(')').map_or(rest, |(comment, _)| comment))
    });
    Some(Mailbox { name, address: Some(address) })
}

/// What stands around a character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    Quotes,
    /// A comment, or the parenthesis that ends it (RFC 5322 section 3.2.2). Comments nest.
    Comment,
}

/// Each character with its place and with what it stands in, and what the text ends in.
fn scan(text: &str) -> (Vec<(usize, char, Within)>, Within) {
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_u32);
    let mut chars = Vec::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let mut within = match (quoted, depth) {
            (true, _) => Within::Quotes,
            (false, 0) => Within::Nothing,
            (false, _) => Within::Comment,
        };
        match c {
            _ if escaped => escaped = false,
            '\\' if within != Within::Nothing => escaped = true,
            '"' if depth == 0 => quoted = !quoted,
            _ if quoted => {}
            '(' => {
                depth += 1;
                within = Within::Comment;
            }
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        chars.push((at, c, within));
    }
    let end = match (quoted, depth) {
        (true, _) => Within::Quotes,
        (false, 0) => Within::Nothing,
        (false, _) => Within::Comment,
    };
    (chars, end)
}

/// Where the address in angle brackets begins: at the first `<` outside quotes and comments.
///
/// A quote or comment that does not end must not hide the address, if it is the only one: the last
/// `<` counts then. With another one beside it nobody can tell which of the two others read.
fn find_open_angle(text: &str) -> Option<usize> {
    let (chars, end) = scan(text);
    let open = |chars: &[(usize, char, Within)]| {
        chars.iter().find(|(_, c, within)| *c == '<' && *within == Within::Nothing).map(|c| c.0)
    };
    let lone = || text.matches('@').count() == 1;
    open(&chars).or_else(|| text.rfind('<').filter(|_| end != Within::Nothing && lone()))
}

/// The text without its comments, each a blank; one that does not end stays.
fn without_comments(text: &str) -> String {
    let (chars, end) = scan(text);
    if end == Within::Comment {
        return text.to_owned();
    }
    let plain = |(_, c, within): &(usize, char, Within)| match within {
        Within::Comment => ' ',
        Within::Nothing | Within::Quotes => *c,
    };
    chars.iter().map(plain).collect()
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
    // Who signs for eve@p.example reads comments as RFC 5322 has them.
    #[test_case("eve@p.example (<alice@p.example>)" => vec!["<alice@p.example>|eve@p.example"]; "an address in a comment")]
    #[test_case("(<alice@p.example>) eve@p.example" => vec!["<alice@p.example>|eve@p.example"]; "a comment in front")]
    #[test_case("(<alice@p.example>) Eve <eve@p.example>" => vec!["(<alice@p.example>) Eve|eve@p.example"]; "a comment in front of a name")]
    #[test_case("Eve (Alice) <eve@p.example> (<alice@p.example>)" => vec!["Eve (Alice)|eve@p.example"]; "comments all around")]
    #[test_case("eve@p.example (a (<alice@p.example>) b)" => vec!["a (<alice@p.example>) b|eve@p.example"]; "a comment in a comment")]
    #[test_case("eve@p.example (a (b) <alice@p.example>)" => vec!["a (b) <alice@p.example>|eve@p.example"]; "behind a comment in a comment")]
    #[test_case("eve@p.example (\\) <alice@p.example>)" => vec![") <alice@p.example>|eve@p.example"]; "a parenthesis that is escaped")]
    #[test_case("eve@p.example (\\( <alice@p.example>)" => vec!["( <alice@p.example>|eve@p.example"]; "an opening one that is escaped")]
    #[test_case("eve@p.example (\"<alice@p.example>\")" => vec!["<alice@p.example>|eve@p.example"]; "quotes in a comment")]
    #[test_case("eve@p.example (\") <alice@p.example>" => vec!["eve@p.example ()|alice@p.example"]; "a quote in a comment opens none")]
    #[test_case("\"(\" <eve@p.example> (<alice@p.example>)" => vec!["(|eve@p.example"]; "a parenthesis in quotes opens none")]
    #[test_case("\"\\\" (\" <eve@p.example> (<alice@p.example>)" => vec!["\" (|eve@p.example"]; "nor behind a quote that is escaped")]
    #[test_case("<eve@p.example (<alice@p.example>)>" => vec!["|eve@p.example"]; "within the brackets")]
    #[test_case("<(alice@p.example>) eve@p.example>" => vec!["|eve@p.example"]; "in front, within the brackets")]
    #[test_case("<eve(x)@p.example>" => vec!["|eve@p.example"]; "within the address")]
    // Where it cannot be told which address others read there is none.
    #[test_case("eve@p.example (<alice@p.example>" => vec!["eve@p.example (|"]; "a comment that does not end")]
    #[test_case("eve@p.example \"<alice@p.example>" => vec!["eve@p.example|"]; "a quote that does not end")]
    #[test_case("Eve (<alice@p.example> eve@p.example" => vec!["Eve (|"]; "one behind it")]
    #[test_case("Eve (<alice@p.example>, eve@p.example" => vec!["Eve (|"]; "a comma behind it")]
    #[test_case("<alice@p.example> <eve@p.example>" => vec!["|"; 0]; "two in brackets")]
    #[test_case("Alice <alice@p.example> Eve <eve@p.example>" => vec!["Alice|"]; "two with names")]
    #[test_case("Alice (work <alice@p.example>" => vec!["Alice (work|alice@p.example"]; "the only address, in a comment that does not end")]
    #[test_case("Alice) <alice@p.example>" => vec!["Alice)|alice@p.example"]; "the end of no comment")]
    fn read(raw: &str) -> Vec<String> {
        shown(raw)
    }

    #[test]
    fn bad_entries_are_told() {
        assert!(parse_mailboxes(b"nonsense, d@example.org").bad);
        assert!(!parse_mailboxes(b"undisclosed-recipients:;").bad);
    }

    #[test_case("example.org" => "example.org"; "two labels")]
    #[test_case("a.b.example.org" => "example.org"; "below it")]
    #[test_case("example.co.uk" => "example.co.uk"; "of a country")]
    #[test_case("a.example.co.uk" => "example.co.uk"; "below one of a country")]
    #[test_case("lists.example.de" => "example.de"; "of a country without kinds")]
    #[test_case("localhost" => "localhost"; "one label")]
    #[test_case("co.uk" => "co.uk"; "a country's own")]
    fn organizations(domain: &str) -> String {
        Address::new(&format!("a@{domain}")).unwrap().organization().to_owned()
    }

    #[test]
    fn case_does_not_tell_addresses_apart() {
        assert_eq!(Address::new("A@Example.org"), Address::new("a@example.ORG"));
    }
}
