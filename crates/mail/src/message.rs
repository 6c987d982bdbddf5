//! Bytes to [`Message`]: every mail gives one, whatever is wrong with it.

use std::borrow::Cow;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::{
    Address, AuthResults, Keyring, ListId, MailDate, Mailbox, MessageId, Note, Notes, Signed,
    bounds,
    headers::{self, Headers},
    message_id, mime, parse_mailboxes, patatt, pgp, scan_message_ids, sender,
};

/// A mail with its header fields read and its text decoded.
#[derive(Debug, Default)]
pub struct Message {
    /// Its Message-ID, `None` where it has none that can be read.
    pub message_id: Option<MessageId>,
    /// What its `Date` says.
    pub date: Option<MailDate>,
    /// When its topmost `Received` was written.
    pub received: Option<Timestamp>,
    /// The person who sent it; see [`Message::sender_munged`].
    pub from: Option<Mailbox>,
    /// A list or relay wrote its own address into `From`; [`Message::from`] is what the header
    /// tells of the person behind it.
    pub sender_munged: bool,
    /// How many mailboxes `From` names in all its occurrences (RFC 5322 wants one).
    pub from_count: usize,
    /// What the topmost `Authentication-Results` says; any lower one may be the sender's own.
    pub auth_results: Option<Box<AuthResults>>,
    /// Who signed it with a key of the keyring: the sender; see [`Message::parse_with`].
    pub signed: Option<Box<Signed>>,
    /// Who it is addressed to.
    pub to: Vec<Mailbox>,
    /// Who gets a copy.
    pub cc: Vec<Mailbox>,
    /// Every `List-Id`, in order, each once.
    pub lists: Vec<ListId>,
    /// The first id of `In-Reply-To`.
    pub in_reply_to: Option<MessageId>,
    /// The ids of `References`, the thread's root first.
    pub references: Vec<MessageId>,
    /// The subject, decoded and unfolded.
    pub subject: Option<String>,
    /// Why no person wrote this, where a header says so.
    pub automatic: Option<Automatic>,
    /// The addresses in `X-Loop`, by which programs know their own mail.
    pub loops: Vec<Address>,
    /// The text: prose parts in order, line ends LF, flowed text joined, inline PGP undone.
    pub body: String,
    /// Patches that came as attachments, in order.
    pub attachments: Vec<String>,
    /// What was odd about it.
    pub notes: Notes,
}

/// How a header tells that a program sent the mail (RFC 3834 section 5, RFC 6522).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automatic {
    /// `Auto-Submitted` other than `no`.
    AutoSubmitted,
    /// An empty `Return-Path`: a bounce.
    NullReturnPath,
    /// `multipart/report`: a bounce or a receipt.
    Report,
    /// `X-Auto-Response-Suppress`, `X-Autoreply` or `X-Autorespond`.
    AutoReply,
    /// `Precedence: bulk` or `junk`, and no list that could have written it.
    Bulk,
    /// It went in a circle: it carries our own `X-Loop`, or another list's `X-BeenThere` alone.
    Loop,
}

/// A hash that tells two contents under one Message-ID apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash(pub [u8; 16]);

impl Message {
    /// Reads one mail. Never fails and never panics: what cannot be read is missing and noted.
    #[must_use]
    pub fn parse(raw: &[u8]) -> Self {
        Self::parse_with(raw, None)
    }

    /// The same, and looks whether the sender signed it with a key of the keyring.
    #[must_use]
    pub fn parse_with(raw: &[u8], keyring: Option<&Keyring>) -> Self {
        let mut notes = Notes::default();
        let raw = &*line_ends(skip_from_line(raw));
        let split = headers::split(raw, &mut notes);
        let headers = Headers::parse(&split.block, &mut notes);
        if headers.is_empty() {
            notes.add(Note::Unparsed);
            // No header at all: what is there is text.
            let body = if split.body.is_empty() { raw } else { split.body };
            let text = mime::read(&headers, body, &mut notes);
            return Self { body: text.body, notes, ..Self::default() };
        }
        let whole = !notes.has(Note::OverBound) && !notes.has(Note::BadHeader);
        let text = mime::read(&headers, split.body, &mut notes);
        let mut message = Self { notes, ..Self::default() };
        message.read_identity(&headers);
        message.read_people(&headers);
        message.automatic = automatic(&headers, &message.lists, text.report);
        let loops = headers.all("X-Loop").take(10).filter_map(|raw| std::str::from_utf8(raw).ok());
        message.loops = loops.filter_map(Address::new).collect();
        message.body = match pgp::strip_inline(&text.body) {
            Some(signed) => {
                message.notes.add(Note::PgpInline);
                signed
            }
            None => text.body,
        };
        if !text.attachments.is_empty() {
            message.notes.add(Note::AttachmentPatch);
        }
        message.attachments = text.attachments;
        // A field that was not read may be one that matters.
        let signed = keyring.filter(|_| whole).and_then(|k| patatt::verify(&headers, &message, k));
        message.signed = signed.map(Box::new);
        message
    }

    fn read_identity(&mut self, headers: &Headers<'_>) {
        for name in ["Message-ID", "From", "Subject", "Date", "Content-Type"] {
            if headers.all(name).nth(1).is_some() {
                self.notes.add(Note::DuplicateHeader);
            }
        }
        let raw = headers.first("Message-ID").unwrap_or_default().trim_ascii();
        self.message_id = message_id::message_id_of(raw);
        let clean = |id: &MessageId| raw == format!("<{id}>").as_bytes();
        if !raw.is_empty() && !self.message_id.as_ref().is_some_and(clean) {
            self.notes.add(Note::BadMessageId);
        }
        if self.message_id.is_none() {
            self.notes.add(Note::NoMessageId);
        }
        self.date = headers.text("Date", &mut self.notes).and_then(|d| MailDate::parse(&d));
        if self.date.is_none() {
            self.notes.add(Note::BadDate);
        }
        self.received = headers
            .text("Received", &mut self.notes)
            .and_then(|r| MailDate::of_received(&r))
            .map(|d| d.timestamp);
        let (ids, _) = scan_message_ids(headers.first("In-Reply-To").unwrap_or_default());
        // A mail is not its own parent.
        let own = self.message_id.as_ref();
        self.in_reply_to = ids.into_iter().next().filter(|id| Some(id) != own);
        let (ids, over) = scan_message_ids(headers.first("References").unwrap_or_default());
        if over {
            self.notes.add(Note::OverBound);
        }
        self.references.reserve(ids.len());
        for id in ids {
            if Some(&id) != self.message_id.as_ref() && !self.references.contains(&id) {
                self.references.push(id);
            }
        }
        self.subject = headers.text("Subject", &mut self.notes);
    }

    fn read_people(&mut self, headers: &Headers<'_>) {
        let mut from = None;
        for raw in headers.all("From").take(10) {
            let found = self.mailboxes(raw);
            self.from_count += found.len();
            from = from.or_else(|| found.into_iter().next());
        }
        let sender = sender::resolve(headers, from);
        self.auth_results =
            headers.first("Authentication-Results").and_then(AuthResults::parse).map(Box::new);
        self.from = sender.from;
        self.sender_munged = sender.munged;
        for raw in headers.all("To").take(10) {
            let found = self.mailboxes(raw);
            self.to.extend(found.into_iter().filter(|m| m.address.is_some()));
        }
        for raw in headers.all("Cc").take(10) {
            let found = self.mailboxes(raw);
            self.cc.extend(found.into_iter().filter(|m| m.address.is_some()));
        }
        self.to.truncate(bounds::ADDRESSES);
        self.cc.truncate(bounds::ADDRESSES);
        for raw in headers.all("List-Id").take(20) {
            let (value, _) = crate::words::decode_header(raw);
            if let Some(id) = ListId::of_header(&value)
                && !self.lists.contains(&id)
            {
                self.lists.push(id);
            }
        }
    }

    fn mailboxes(&mut self, raw: &[u8]) -> Vec<Mailbox> {
        let found = parse_mailboxes(raw);
        if found.bad {
            self.notes.add(Note::BadAddress);
        }
        if found.over {
            self.notes.add(Note::OverBound);
        }
        headers::note_bytes(raw, &mut self.notes);
        found.good
    }

    /// The addresses it went to, `To` first.
    pub fn recipients(&self) -> impl Iterator<Item = &Mailbox> {
        self.to.iter().chain(&self.cc)
    }

    /// What the mail says, whoever relayed it: the subject without a list's prefix and the text
    /// without a list's footer. Two copies of one mail through two lists have the same hash.
    #[must_use]
    pub fn content_hash(&self) -> ContentHash {
        let mut hash = Sha256::new();
        let subject = self.subject.as_deref().unwrap_or("");
        hash.update(subject.split_whitespace().collect::<Vec<_>>().join(" "));
        hash.update([0]);
        hash.update(crate::strip_list_footer(&self.body).trim_end());
        for attachment in &self.attachments {
            hash.update([0]);
            hash.update(attachment);
        }
        let mut short = [0; 16];
        short.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
        ContentHash(short)
    }
}

/// A mail saved from an mbox may still have its `From ` line.
fn skip_from_line(raw: &[u8]) -> &[u8] {
    if raw.starts_with(b"From ") || raw.starts_with(b">From ") {
        let end = memchr::memchr(b'\n', raw).map_or(raw.len(), |at| at + 1);
        return raw.get(end..).unwrap_or_default();
    }
    raw
}

/// Gives LF to the lines of a mail that has only CR (a gateway, a very old Mac), and takes the
/// second CR out of `CR CR LF` (a mail that was converted twice).
fn line_ends(raw: &[u8]) -> Cow<'_, [u8]> {
    let Some(end) = memchr::memchr(b'\n', raw) else {
        if memchr::memchr(b'\r', raw).is_none() {
            return Cow::Borrowed(raw);
        }
        return Cow::Owned(raw.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect());
    };
    if !raw.get(..end).is_some_and(|line| line.ends_with(b"\r\r")) {
        return Cow::Borrowed(raw);
    }
    let mut lines = Vec::with_capacity(raw.len());
    for line in raw.split_inclusive(|b| *b == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(text) => {
                lines.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
                lines.extend_from_slice(b"\r\n");
            }
            None => lines.extend_from_slice(line),
        }
    }
    Cow::Owned(lines)
}

fn automatic(headers: &Headers<'_>, lists: &[ListId], report: bool) -> Option<Automatic> {
    let auto = headers.first("Auto-Submitted").map(|raw| raw.trim_ascii());
    if auto.is_some_and(|value| !value.is_empty() && !starts_with_no(value)) {
        return Some(Automatic::AutoSubmitted);
    }
    if report {
        return Some(Automatic::Report);
    }
    if headers.first("Return-Path").is_some_and(|raw| raw.trim_ascii() == b"<>") {
        return Some(Automatic::NullReturnPath);
    }
    let replies = ["X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress"];
    if replies.iter().any(|name| headers.first(name).is_some()) {
        return Some(Automatic::AutoReply);
    }
    // Lists write their own Precedence over the sender's, and it says nothing of people: of 21,086
    // mails of lists 16,973 have `bulk` (all that went through vger), the others but three `list`.
    let bulk = |raw: &[u8]| {
        let value = raw.trim_ascii();
        value.eq_ignore_ascii_case(b"bulk") || value.eq_ignore_ascii_case(b"junk")
    };
    if lists.is_empty() && headers.all("Precedence").any(bulk) {
        return Some(Automatic::Bulk);
    }
    been_elsewhere(headers, lists).then_some(Automatic::Loop)
}

/// Whether `X-BeenThere`, by which Mailman knows what it has sent already, names other lists than
/// the one whose copy this is. Of 1,915 such fields in mails of seven lists each names its own.
fn been_elsewhere(headers: &Headers<'_>, lists: &[ListId]) -> bool {
    let mut been = headers.all("X-BeenThere").take(20).peekable();
    // A list may have moved to another domain.
    let own = |raw: &[u8]| {
        let address = std::str::from_utf8(raw).ok().and_then(Address::new);
        address.is_none_or(|address| {
            let name = format!("{}.", address.local()).to_ascii_lowercase();
            lists.iter().any(|list| list.as_str().starts_with(&name))
        })
    };
    been.peek().is_some() && !been.any(own)
}

/// `no`, also with a parameter behind it (RFC 3834 section 5).
fn starts_with_no(value: &[u8]) -> bool {
    let word = value.split(|b| matches!(b, b';' | b' ' | b'(')).next().unwrap_or_default();
    word.eq_ignore_ascii_case(b"no")
}

#[cfg(test)]
mod tests;
