//! What the receiving server found out about a mail's DKIM signatures.

use std::iter::Peekable;
use std::str::Chars;

use crate::{Address, address::may_be_public};

/// Bytes of the field that are read; a longer one says nothing.
const FIELD: usize = 4 * 1024;
/// Domains that are kept.
const DOMAINS: usize = 10;

/// What one `Authentication-Results` field says of DKIM (RFC 8601 section 2.2).
///
/// Anybody can write such a field into a mail. It means something only as the topmost one of the
/// mail, and only where its [`id`](Self::id) is that of a server which the reader trusts and
/// which takes such fields out of what it is sent (RFC 8601 section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthResults {
    id: Box<str>,
    dkim: Vec<Box<str>>,
}

impl AuthResults {
    /// Reads the value of a field; `None` where anything in it is not as RFC 8601 has it.
    ///
    /// Servers copy words of the sender into the field (in comments, in `smtp.mailfrom`). So a
    /// field with a quote or comment that does not end, a result that is no result, or a version
    /// other than 1 says nothing at all, and neither does one of more than 4 kB.
    #[must_use]
    pub fn parse(raw: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(raw).ok().filter(|text| text.len() <= FIELD)?;
        let mut parts = split(text)?.into_iter();
        let mut head = parts.next()?.into_iter();
        let id = head.next()?.word()?;
        let version = head.next();
        let known = version.is_none_or(|token| token == Token::Word("1".to_owned()));
        if !Self::is_id(&id) || !known || head.next().is_some() {
            return None;
        }
        let mut dkim: Vec<Box<str>> = Vec::new();
        let mut results = 0;
        let mut none = false;
        // A semicolon at the end is no result, and many servers write one.
        for part in parts.filter(|part| !part.is_empty()) {
            if part == [Token::Word("none".to_owned())] {
                none = true;
                continue;
            }
            results += 1;
            let found = dkim_domain(&part)?;
            if let Some(domain) = found
                && dkim.len() < DOMAINS
                && !dkim.contains(&domain)
            {
                dkim.push(domain);
            }
        }
        (!none || results == 0).then(|| Self { id: id.into(), dkim })
    }

    /// Whether a text can be the name of a server (an authserv-id): a word without blanks,
    /// semicolons, quotes and brackets.
    #[must_use]
    pub fn is_id(text: &str) -> bool {
        (1..=253).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic() && !b"()<>,;:\\\"/[]?=".contains(&b))
    }

    /// The server that wrote the field, by the name that it gives itself (its authserv-id).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The domains of which a signature passed, in lower case, at most ten.
    pub fn dkim(&self) -> impl Iterator<Item = &str> {
        self.dkim.iter().map(|domain| &**domain)
    }

    /// Whether a signature is by the domain of an address, or by a domain above it.
    ///
    /// DMARC's relaxed alignment (RFC 7489 section 3.1.1) without a list of public suffixes: a
    /// domain below the one in `From` never counts, and one above it not where it may be a
    /// country's (`co.uk`).
    #[must_use]
    pub fn aligns_with(&self, address: &Address) -> bool {
        let from = address.domain().to_ascii_lowercase();
        self.dkim().any(|signer| {
            let below = from.strip_suffix(signer).is_some_and(|rest| rest.ends_with('.'));
            from == signer || below && !may_be_public(signer)
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A word, or a quoted string without its quotes.
    Word(String),
    Equals,
}

impl Token {
    fn word(self) -> Option<String> {
        match self {
            Self::Word(word) => Some(word),
            Self::Equals => None,
        }
    }
}

/// Cuts a value at semicolons into tokens, without comments. Quotes and comments hide what
/// stands in them; a quoted part and the text next to it are one word (`"a b"@example.org`).
fn split(text: &str) -> Option<Vec<Vec<Token>>> {
    let mut parts = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let part = parts.last_mut()?;
        match c {
            '"' => quoted(&mut chars, word.get_or_insert_default())?,
            // In base64 (`header.b=abc=`) it is a character of the word.
            '=' if !(word.is_some() && part.last() == Some(&Token::Equals)) => {
                part.extend(word.take().map(Token::Word));
                part.push(Token::Equals);
            }
            '(' | ';' | ' ' | '\t' | '\r' | '\n' => {
                part.extend(word.take().map(Token::Word));
                match c {
                    '(' => comment(&mut chars)?,
                    ';' => parts.push(Vec::new()),
                    _ => {}
                }
            }
            ')' => return None,
            c if c.is_control() => return None,
            c => word.get_or_insert_default().push(c),
        }
    }
    parts.last_mut()?.extend(word.map(Token::Word));
    Some(parts)
}

/// The rest of a quoted string (RFC 5322 section 3.2.4).
fn quoted(chars: &mut Peekable<Chars<'_>>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => word.push(chars.next()?),
            c => word.push(c),
        }
    }
}

/// The rest of a comment, which may hold others (RFC 5322 section 3.2.2).
fn comment(chars: &mut Peekable<Chars<'_>>) -> Option<()> {
    let mut depth = 1_u32;
    while depth > 0 {
        match chars.next()? {
            '(' => depth += 1,
            ')' => depth -= 1,
            '\\' => {
                chars.next()?;
            }
            _ => {}
        }
    }
    Some(())
}

/// The domain of a `dkim=pass`; inside, `None` for any other result. Outside, `None` where it is
/// no result: `method=result`, then `name=value` pairs.
fn dkim_domain(part: &[Token]) -> Option<Option<Box<str>>> {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    let mut rest = part;
    while !rest.is_empty() {
        let [Token::Word(name), Token::Equals, Token::Word(value), after @ ..] = rest else {
            // An empty value (`smtp.mailfrom=`, of a bounce) is none, but harms nothing.
            if let [Token::Word(_), Token::Equals] = rest {
                break;
            }
            return None;
        };
        pairs.push((name, value));
        rest = after;
    }
    let (method, result) = *pairs.first()?;
    // `dkim/1` names the method's version; there is no other.
    let method = method.strip_suffix("/1").unwrap_or(method);
    if !method.eq_ignore_ascii_case("dkim") || !result.eq_ignore_ascii_case("pass") {
        return Some(None);
    }
    let all = |wanted: &str| -> Vec<&str> {
        let named = pairs.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        named.map(|(_, value)| *value).collect()
    };
    let value = match (all("header.d").as_slice(), all("header.i").as_slice()) {
        ([d], [] | [_]) => d,
        // The domain of `i=` is that of `d=` or one below it (RFC 6376 section 3.5).
        ([], [i]) => i.rsplit_once('@').map_or(*i, |(_, domain)| domain),
        ([], []) => return Some(None),
        _ => return None,
    };
    Some(domain(value))
}

/// A domain of two labels or more, in lower case.
fn domain(text: &str) -> Option<Box<str>> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let fits = text.len() <= 253 && text.contains('.') && text.split('.').all(label);
    fits.then(|| text.to_ascii_lowercase().into())
}

#[cfg(test)]
mod tests;
