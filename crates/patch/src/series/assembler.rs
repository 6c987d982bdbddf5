//! Takes mails one at a time, in any order, and tells which series they make.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;
use tidewaiter_mail::{ListId, Mailbox, MessageId};

use super::{
    MailKey,
    group::Member,
    nearby::Nearby,
    threads::{self, Owner, Threads},
};
use crate::{Content, Mail, Version};

/// What a mail turned out to be when it was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New(MailKey),
    /// The same mail was there already: a cross-post, or fetched twice. Its lists were added.
    Copy(MailKey),
    /// The same, but nobody vouched for the one that was there, which this one took the place of.
    Vouched(MailKey),
    /// Another mail was there under its Message-ID. Both are kept; the earlier one has its place
    /// in the series, and the series says so. Answers both have their place.
    Conflict(MailKey),
}

impl Added {
    /// The mail's key.
    #[must_use]
    pub fn key(self) -> MailKey {
        match self {
            Self::New(key) | Self::Copy(key) | Self::Vouched(key) | Self::Conflict(key) => key,
        }
    }
}

/// A mail as the assembler keeps it.
pub(super) struct Filed {
    pub(super) mail: Arc<Mail>,
    pub(super) time: Timestamp,
    pub(super) lists: BTreeSet<ListId>,
    pub(super) conflict: bool,
    /// It is where its kind belongs, and not beside another mail with its Message-ID.
    placed: bool,
    /// The thread of its sender that it is in, where it is part of a series.
    pub(super) thread: Option<usize>,
    /// Which set of that thread it is in.
    pub(super) set: usize,
    /// Its place in its series.
    pub(super) place: u32,
}

/// Who sent a mail, as far as it can be compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Sender(String);

impl Sender {
    pub(super) fn of(from: Option<&Mailbox>) -> Option<Self> {
        let from = from?;
        let text = match (&from.address, &from.name) {
            (Some(address), _) => address.as_str(),
            // Rewritten by a list, and nothing but the name is left.
            (None, Some(name)) => name,
            (None, None) => return None,
        };
        Some(Self(text.to_lowercase()))
    }
}

/// The mails that claim one Message-ID.
struct Claim {
    first: MailKey,
    others: Vec<MailKey>,
}

/// Assembles series. What it tells depends on the set of mails, not on their order.
#[derive(Default)]
pub struct Assembler {
    mails: Vec<Filed>,
    claims: HashMap<MessageId, Claim>,
    threads: Threads,
    /// Comments by every mail above them.
    below: HashMap<MessageId, Vec<MailKey>>,
    /// Cover letters and first patches by every mail above them.
    pub(super) leads_below: HashMap<MessageId, Nearby>,
    /// Covers and patches by sender and title.
    pub(super) titles: HashMap<(Sender, String), Nearby>,
    pub(super) change_ids: HashMap<String, Nearby>,
    /// Mails by the ids that they say they supersede.
    pub(super) superseding: HashMap<MessageId, Nearby>,
}

impl Assembler {
    /// An empty assembler.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a mail with its event time.
    pub fn add(&mut self, mail: Mail, time: Timestamp) -> Added {
        let key = MailKey(u32::try_from(self.mails.len()).unwrap_or(u32::MAX));
        let Some(id) = mail.header.message_id.clone() else {
            self.file(mail, time, false);
            self.place(key);
            return Added::New(key);
        };
        let Some(claim) = self.claims.get(&id) else {
            self.claims.insert(id, Claim { first: key, others: Vec::new() });
            self.file(mail, time, false);
            self.place(key);
            return Added::New(key);
        };
        let first = claim.first;
        let same = std::iter::once(first)
            .chain(claim.others.iter().copied())
            .find(|known| self.filed(*known).is_some_and(|f| is_copy(&f.mail, &mail)));
        if let Some(known) = same {
            let vouched = self.merge_copy(known, mail, time);
            self.settle_first(&id);
            return if vouched { Added::Vouched(known) } else { Added::Copy(known) };
        }
        if let Some(claim) = self.claims.get_mut(&id) {
            claim.others.push(key);
        }
        if let Some(filed) = self.mails.get_mut(first.0 as usize) {
            filed.conflict = true;
        }
        let answers = mail.comment().is_some();
        self.file(mail, time, true);
        if answers {
            // Whoever has a mail before its list could else take its words away.
            self.place(key);
        }
        self.settle_first(&id);
        Added::Conflict(key)
    }

    fn file(&mut self, mail: Mail, time: Timestamp, conflict: bool) {
        let lists = mail.header.lists.iter().cloned().collect();
        let mail = Arc::new(mail);
        let place = index_of(&mail);
        let (placed, thread, set) = (false, None, 0);
        self.mails.push(Filed { mail, time, lists, conflict, placed, thread, set, place });
    }

    /// Of two copies one that is vouched for is kept, else the one with the author's own address,
    /// else the earlier. Whether it is now vouched for, and was not.
    fn merge_copy(&mut self, key: MailKey, mail: Mail, time: Timestamp) -> bool {
        let Some(filed) = self.mails.get_mut(key.0 as usize) else { return false };
        filed.lists.extend(mail.header.lists.iter().cloned());
        let rank =
            |mail: &Mail, time: Timestamp| (!mail.header.vouched, mail.header.sender_munged, time);
        let better = rank(&mail, time) < rank(&filed.mail, filed.time);
        if !better && time >= filed.time {
            return false;
        }
        let vouched = better && mail.header.vouched && !filed.mail.header.vouched;
        let placed = filed.placed;
        self.unplace(key);
        if let Some(filed) = self.mails.get_mut(key.0 as usize) {
            filed.time = filed.time.min(time);
            if better {
                filed.place = index_of(&mail);
                filed.mail = Arc::new(mail);
            }
        }
        if placed {
            self.place(key);
        }
        vouched
    }

    /// Of several contents under one id the earliest has the place in the series.
    fn settle_first(&mut self, id: &MessageId) {
        let Some(claim) = self.claims.get(id) else { return };
        let rank = |key: &MailKey| self.filed(*key).map(|f| (f.time, f.mail.header.content));
        let old = claim.first;
        let Some(best) =
            std::iter::once(&old).chain(&claim.others).min_by_key(|k| rank(k)).copied()
        else {
            return;
        };
        if best == old {
            return;
        }
        if let Some(claim) = self.claims.get_mut(id) {
            claim.others.retain(|key| *key != best);
            claim.others.push(old);
            claim.first = best;
        }
        let stays = |key| self.filed(key).is_some_and(|f| f.placed && f.mail.comment().is_some());
        let (old_stays, best_stays) = (stays(old), stays(best));
        if !old_stays {
            self.unplace(old);
        }
        if !best_stays {
            self.place(best);
        }
    }

    pub(super) fn filed(&self, key: MailKey) -> Option<&Filed> {
        self.mails.get(key.0 as usize)
    }

    /// The mail with this key.
    #[must_use]
    pub fn mail(&self, key: MailKey) -> Option<&Arc<Mail>> {
        self.filed(key).map(|f| &f.mail)
    }

    /// The mail that holds this Message-ID.
    #[must_use]
    pub fn key_of(&self, id: &MessageId) -> Option<MailKey> {
        self.claims.get(id).map(|claim| claim.first)
    }

    /// Whether another mail, of which this is no copy, has its Message-ID too.
    #[must_use]
    pub fn conflicts(&self, key: MailKey) -> bool {
        self.filed(key).is_some_and(|filed| filed.conflict)
    }

    /// The keys of all mails, in the order in which they were added.
    pub fn keys(&self) -> impl Iterator<Item = MailKey> + use<> {
        (0..u32::try_from(self.mails.len()).unwrap_or(u32::MAX)).map(MailKey)
    }

    pub(super) fn comments_below(&self, id: &MessageId) -> &[MailKey] {
        self.below.get(id).map_or(&[], Vec::as_slice)
    }

    /// Puts a mail where its kind belongs.
    fn place(&mut self, key: MailKey) {
        let Some(filed) = self.mails.get_mut(key.0 as usize) else { return };
        filed.placed = true;
        let mail = Arc::clone(&filed.mail);
        let mark = Nearby::mark(key, filed);
        for id in mail.links().into_iter().flat_map(|links| &links.supersedes) {
            self.superseding.entry(id.clone()).or_default().insert(mark);
        }
        if mail.comment().is_some() {
            for id in mail.header.parents() {
                self.below.entry(id.clone()).or_default().push(key);
            }
            return;
        }
        let Some(owner) = owner(&mail) else { return };
        if let Some(sender) = owner.sender.clone() {
            let title = (sender, normal_title(&mail.header.title));
            self.titles.entry(title).or_default().insert(mark);
        }
        let ids = mail.header.message_id.iter().chain(mail.header.parents());
        filed.thread = Some(self.threads.add(key, owner, ids));
        if index_of(&mail) <= 1 {
            for id in mail.header.parents() {
                self.leads_below.entry(id.clone()).or_default().insert(mark);
            }
        }
        if let Some(change) = mail.links().and_then(|links| links.change_id.as_ref()) {
            self.change_ids.entry(change.clone()).or_default().insert(mark);
        }
    }

    fn unplace(&mut self, key: MailKey) {
        let Some(filed) = self.mails.get_mut(key.0 as usize) else { return };
        filed.placed = false;
        if let Some(thread) = filed.thread.take() {
            self.threads.remove(key, thread);
        }
        let mark = Nearby::mark(key, filed);
        let header = &filed.mail.header;
        for id in header.parents() {
            if let Some(keys) = self.below.get_mut(id) {
                keys.retain(|k| *k != key);
            }
            if let Some(keys) = self.leads_below.get_mut(id) {
                keys.remove(mark);
            }
        }
        if let Some(sender) = Sender::of(header.from.as_ref())
            && let Some(keys) = self.titles.get_mut(&(sender, normal_title(&header.title)))
        {
            keys.remove(mark);
        }
        if let Some(links) = filed.mail.links() {
            if let Some(keys) = links.change_id.as_ref().and_then(|id| self.change_ids.get_mut(id))
            {
                keys.remove(mark);
            }
            for id in &links.supersedes {
                if let Some(keys) = self.superseding.get_mut(id) {
                    keys.remove(mark);
                }
            }
        }
    }

    /// The mails of the series that this mail is a part of, by place; `None` where it is none.
    pub(super) fn group_of(&mut self, key: MailKey) -> Option<Vec<MailKey>> {
        self.threads.settle(&mut self.mails);
        self.threads.group_of(key, &self.mails)
    }

    /// The key that names a mail's series: that of its cover letter or first patch.
    pub fn lead_of(&mut self, key: MailKey) -> Option<MailKey> {
        self.group_of(key)?.first().copied()
    }

    /// The leads of all series, each once.
    pub fn leads(&mut self) -> Vec<MailKey> {
        self.threads.settle(&mut self.mails);
        let sets = self.threads.sets();
        let leads: BTreeSet<MailKey> =
            sets.into_iter().filter_map(|key| self.lead_of(key)).collect();
        leads.into_iter().collect()
    }
}

/// Two copies of one mail: the same words in the same place, from the same person as far as both
/// tell. What a mail answers is in no hash of its text, and changes what it means.
fn is_copy(known: &Mail, new: &Mail) -> bool {
    let from = |mail: &Mail| mail.header.from.as_ref().and_then(|f| f.address.clone());
    let munged = known.header.sender_munged || new.header.sender_munged;
    known.header.content == new.header.content
        && (munged || from(known) == from(new))
        && known.header.parents().eq(new.header.parents())
}

pub(super) fn member(key: MailKey, filed: &Filed) -> Member {
    let header = &filed.mail.header;
    let tag = header.tag.as_ref();
    Member {
        order: threads::order(key, filed),
        version: tag.and_then(|t| t.version),
        index: index_of(&filed.mail),
        total: tag.and_then(|t| t.total).filter(|total| *total > 0),
        prefixes: tag
            .map(|t| t.prefixes.iter().map(|p| p.to_lowercase()).collect())
            .unwrap_or_default(),
        parents: header.parents().cloned().collect(),
    }
}

/// A mail's place in its series; a patch without a number is the first.
pub(super) fn index_of(mail: &Mail) -> u32 {
    let lone = u32::from(mail.cover().is_none());
    mail.header.tag.as_ref().and_then(|t| t.index).unwrap_or(lone)
}

pub(super) fn version_of(mail: &Mail) -> Option<Version> {
    mail.header.tag.as_ref().and_then(|t| t.version)
}

fn owner(mail: &Mail) -> Option<Owner> {
    let pull = match mail.content {
        Content::Patch(_) | Content::Cover(_) => false,
        Content::Pull(_) => true,
        _ => return None,
    };
    Some(Owner { sender: Sender::of(mail.header.from.as_ref()), pull })
}

/// A title as two versions of a patch share it.
pub(super) fn normal_title(title: &str) -> String {
    let words: Vec<&str> = title.split_whitespace().collect();
    words.join(" ").trim_end_matches('.').to_lowercase()
}
