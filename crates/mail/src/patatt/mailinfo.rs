//! What `git mailinfo --encoding=utf-8 --no-scissors` makes of a mail, as far as it is signed.

use sha2::{Digest, Sha256};

/// A text taken apart as git does it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signable<'a> {
    /// The value of the in-body `From:`.
    pub(super) from: Option<&'a str>,
    /// The value of the in-body `Subject:`.
    pub(super) subject: Option<&'a str>,
    /// All that is hashed.
    pub(super) text: &'a str,
}

impl<'a> Signable<'a> {
    /// Takes a text apart; `None` where it has in-body headers that no signature covers.
    ///
    /// git takes them out of the text, so whoever relays a signed mail can put them in: git then
    /// tells `From:` and `Subject:` of a patch, which are signed, and of a mail without a patch
    /// neither. What else git takes out (`Date:`, folded lines) is left in and hashed: no
    /// signature holds over it.
    pub(super) fn of(body: &'a str) -> Option<Self> {
        let mut found = Self { from: None, subject: None, text: body };
        while let Some(line) = found.text.split_inclusive('\n').next() {
            if line == "\n" {
                let ends = found.is_headed();
                found.skip(line);
                if ends {
                    break;
                }
            } else if let Some(from) = value(line, "From").filter(|_| found.from.is_none()) {
                found.from = Some(from);
                found.skip(line);
            } else if let Some(name) = value(line, "Subject").filter(|_| found.subject.is_none()) {
                found.subject = Some(name);
                found.skip(line);
            } else {
                break;
            }
        }
        let is_patch = || found.text.split_inclusive('\n').any(ends_commit_message);
        (!found.is_headed() || is_patch()).then_some(found)
    }

    fn skip(&mut self, line: &str) {
        self.text = self.text.get(line.len()..).unwrap_or_default();
    }

    fn is_headed(&self) -> bool {
        self.from.is_some() || self.subject.is_some()
    }

    /// The length and SHA-256 of the text: lines end in CRLF, the last one too, and no blank
    /// lines follow it.
    pub(super) fn hash(&self) -> (usize, [u8; 32]) {
        let mut hash = Sha256::new();
        let mut length = 0;
        for line in self.text.trim_end_matches(['\r', '\n']).split('\n') {
            let line = line.trim_end_matches('\r');
            hash.update(line);
            hash.update("\r\n");
            length += line.len() + 2;
        }
        (length, hash.finalize().into())
    }
}

fn is_space(b: u8) -> bool {
    b.is_ascii_whitespace() || b == 0x0b
}

/// The value of an in-body header of this name.
fn value<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let rest = line.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
    let value = line.get(rest?.len()..)?.strip_prefix(':')?;
    value.bytes().next().is_some_and(is_space).then_some(value)
}

/// Whether this line ends the commit message (git's `patchbreak`).
#[must_use]
pub fn ends_commit_message(line: &str) -> bool {
    if line.starts_with("diff -") || line.starts_with("Index: ") {
        return true;
    }
    let Some(after) = line.strip_prefix("---") else { return false };
    if let Some(name) = after.strip_prefix(' ')
        && name.starts_with(|c: char| !c.is_ascii_whitespace())
    {
        return true;
    }
    // The last line of a text may lack its newline; git then takes it for prose.
    after.ends_with('\n') && after.trim_ascii().is_empty()
}

/// The name and address of a decoded `From`, as git tells them.
pub(super) fn person(from: &str) -> Option<(String, String)> {
    let text = unquoted(from);
    let at = text.find('@')?;
    let blank = |c: char| c.is_ascii() && is_space(c as u8);
    let before = text.get(..at)?;
    let start = before.rfind(|c| c == '<' || blank(c)).map_or(0, |found| found + 1);
    let from_start = text.get(start..)?;
    let end = from_start.find(|c| c == '>' || blank(c)).unwrap_or(from_start.len());
    let (address, after) = from_start.split_at_checked(end)?;
    let before = text.get(..start)?;
    let before = before.strip_suffix('<').unwrap_or(before);
    // One character ends the address and goes with it.
    let mut after = after.chars();
    after.next();
    let name = format!("{before} {}", after.as_str());
    let name = name.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let name = name.strip_prefix('(').and_then(|n| n.strip_suffix(')')).unwrap_or(&name);
    // git takes no name that is very long, or like an address.
    let odd = !(1..=60).contains(&name.len()) || name.contains(['@', '<', '>']);
    Some((if odd { address } else { name }.to_owned(), address.to_owned()))
}

/// Without the quotes of quoted strings, and the backslashes in them and in comments.
fn unquoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut depth) = (false, 0_usize);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if quoted || depth > 0 => out.extend(chars.next()),
            '"' if depth == 0 => quoted = !quoted,
            _ => {
                match c {
                    '(' if !quoted => depth += 1,
                    ')' if !quoted => depth = depth.saturating_sub(1),
                    _ => {}
                }
                out.push(c);
            }
        }
    }
    out
}

/// A decoded subject without what git takes off its start: `Re:`, colons, and brackets.
pub(super) fn subject(text: &str) -> String {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ':']);
        let reply = rest.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:"));
        rest = match rest.split_once(']') {
            _ if reply && rest.len() > 3 => rest.get(3..).unwrap_or_default(),
            Some((_, after)) if rest.starts_with('[') => after,
            _ => return rest.to_owned(),
        };
    }
}
