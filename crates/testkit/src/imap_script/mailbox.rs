//! The one mailbox.

use std::collections::BTreeMap;

/// A mail as it lies in the mailbox.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Its bytes.
    pub raw: Vec<u8>,
    /// When it came, as IMAP writes it: `17-Jul-2026 02:44:25 +0000`.
    pub internal_date: String,
}

/// The mailbox, and what the server says it can do.
pub struct Mailbox {
    /// Its life.
    pub uid_validity: u32,
    /// What the next mail will be numbered.
    pub uid_next: u32,
    /// Its mails by UID.
    pub mails: BTreeMap<u32, Mail>,
    /// Its name; EXAMINE of another one is refused.
    pub name: String,
    /// Whether the server has IDLE.
    pub idle: bool,
    /// Raised when connections in IDLE should be told of the mailbox's size.
    pub(super) news: u64,
}

impl Default for Mailbox {
    fn default() -> Self {
        Self {
            uid_validity: 7,
            uid_next: 1,
            mails: BTreeMap::new(),
            name: "INBOX".to_owned(),
            idle: true,
            news: 0,
        }
    }
}

impl Mailbox {
    /// A mail comes in; its UID is returned.
    pub fn append(&mut self, raw: &[u8]) -> u32 {
        self.append_on("17-Jul-2026 02:44:25 +0000", raw)
    }

    /// A mail comes in at a time as IMAP writes it.
    pub fn append_on(&mut self, internal_date: &str, raw: &[u8]) -> u32 {
        let uid = self.uid_next;
        self.uid_next += 1;
        let mail = Mail { raw: raw.to_vec(), internal_date: internal_date.to_owned() };
        self.mails.insert(uid, mail);
        self.news += 1;
        uid
    }

    /// The mails of a sequence set of UIDs, ascending. `*` is the last mail, so that `n:*` always
    /// has it (RFC 3501 section 6.4.8).
    pub(super) fn in_set(&self, set: &str) -> Vec<u32> {
        let Some(last) = self.mails.keys().last().copied() else { return Vec::new() };
        let number = |text: &str| if text == "*" { last } else { text.parse().unwrap_or(0) };
        let mut uids: Vec<u32> = Vec::new();
        for part in set.split(',') {
            let (a, b) = part.split_once(':').unwrap_or((part, part));
            let (a, b) = (number(a), number(b));
            uids.extend(self.mails.range(a.min(b)..=a.max(b)).map(|(uid, _)| *uid));
        }
        uids.sort_unstable();
        uids.dedup();
        uids
    }

    /// The sequence number of a mail.
    pub(super) fn sequence(&self, uid: u32) -> usize {
        self.mails.range(..=uid).count()
    }
}

/// The day of a date as IMAP writes it, in an order that compares.
pub(super) fn day(date: &str) -> (u32, u32, u32) {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let mut parts = date.trim().split([' ', '-']);
    let mut next = || parts.next().unwrap_or_default();
    let day = next().parse().unwrap_or(0);
    let month = MONTHS.find(next()).map_or(0, |at| at / 3 + 1);
    (next().parse().unwrap_or(0), u32::try_from(month).unwrap_or(0), day)
}
