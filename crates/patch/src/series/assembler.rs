//! Takes mails one at a time, in any order, and tells which series they make.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;
use tidewaiter_mail::{ListId, Mailbox, MessageId};

use super::{
    MailKey,
    group::{self, Member},
};
use crate::{Content, Mail, Version};

/// What a mail turned out to be when it was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New(MailKey),
    /// The same mail was there already: a cross-post, or fetched twice. Its lists were added.
    Copy(MailKey),
    /// Another mail was there under its Message-ID. Both are kept; the earlier one has its place
    /// in the series, and the series says so.
    Conflict(MailKey),
}

impl Added {
    /// The mail's key.
    #[must_use]
    pub fn key(self) -> MailKey {
        match self {
            Self::New(key) | Self::Copy(key) | Self::Conflict(key) => key,
        }
    }
}

/// A mail as the assembler keeps it.
pub(super) struct Filed {
    pub(super) mail: Arc<Mail>,
    pub(super) time: Timestamp,
    pub(super) lists: BTreeSet<ListId>,
    pub(super) conflict: bool,
    /// The set of mails that it may form a series with.
    bucket: Option<usize>,
    /// Which series of its bucket it is in.
    pub(super) group: usize,
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

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct BucketKey {
    sender: Option<Sender>,
    total: u32,
    pull: bool,
}

#[derive(Default)]
struct Bucket {
    members: Vec<MailKey>,
    /// Its series, each a list of mails by index.
    groups: Vec<Vec<MailKey>>,
    /// Mails came since the series were made.
    stale: bool,
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
    bucket_keys: HashMap<BucketKey, usize>,
    buckets: Vec<Bucket>,
    /// Comments by every mail above them.
    below: HashMap<MessageId, Vec<MailKey>>,
    /// Cover letters and first patches by every mail above them.
    pub(super) leads_below: HashMap<MessageId, Vec<MailKey>>,
    /// Covers and patches by sender and title.
    pub(super) titles: HashMap<(Sender, String), Vec<MailKey>>,
    pub(super) change_ids: HashMap<String, Vec<MailKey>>,
    /// Mails by the ids that they say they supersede.
    pub(super) superseding: HashMap<MessageId, Vec<MailKey>>,
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
            self.merge_copy(known, mail, time);
            self.settle_first(&id);
            return Added::Copy(known);
        }
        if let Some(claim) = self.claims.get_mut(&id) {
            claim.others.push(key);
        }
        if let Some(filed) = self.mails.get_mut(first.0 as usize) {
            filed.conflict = true;
        }
        self.file(mail, time, true);
        self.settle_first(&id);
        Added::Conflict(key)
    }

    fn file(&mut self, mail: Mail, time: Timestamp, conflict: bool) {
        let lists = mail.header.lists.iter().cloned().collect();
        let mail = Arc::new(mail);
        self.mails.push(Filed { mail, time, lists, conflict, bucket: None, group: 0 });
    }

    /// Of two copies the one with the author's own address is kept, else the earlier.
    fn merge_copy(&mut self, key: MailKey, mail: Mail, time: Timestamp) {
        let Some(filed) = self.mails.get_mut(key.0 as usize) else { return };
        filed.lists.extend(mail.header.lists.iter().cloned());
        let rank = |mail: &Mail, time: Timestamp| (mail.header.sender_munged, time);
        let better = rank(&mail, time) < rank(&filed.mail, filed.time);
        filed.time = filed.time.min(time);
        let placed = filed.bucket.is_some() || filed.mail.comment().is_some();
        if better {
            self.unplace(key);
            if let Some(filed) = self.mails.get_mut(key.0 as usize) {
                filed.mail = Arc::new(mail);
            }
            if placed {
                self.place(key);
            }
        }
        self.touch(key);
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
        self.unplace(old);
        self.place(best);
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

    /// The keys of all mails, in the order in which they were added.
    pub fn keys(&self) -> impl Iterator<Item = MailKey> + use<> {
        (0..u32::try_from(self.mails.len()).unwrap_or(u32::MAX)).map(MailKey)
    }

    pub(super) fn comments_below(&self, id: &MessageId) -> &[MailKey] {
        self.below.get(id).map_or(&[], Vec::as_slice)
    }

    /// Puts a mail where its kind belongs.
    fn place(&mut self, key: MailKey) {
        let Some(filed) = self.filed(key) else { return };
        let mail = Arc::clone(&filed.mail);
        if mail.comment().is_some() {
            for id in mail.header.parents() {
                self.below.entry(id.clone()).or_default().push(key);
            }
            for id in mail.links().into_iter().flat_map(|links| &links.supersedes) {
                self.superseding.entry(id.clone()).or_default().push(key);
            }
            return;
        }
        let Some(bucket_key) = bucket_key(&mail) else { return };
        let sender = bucket_key.sender.clone();
        let bucket = if bucket_key.total == 0 {
            // A patch without a number is a series by itself.
            self.buckets.push(Bucket::default());
            self.buckets.len() - 1
        } else {
            let next = self.buckets.len();
            let at = *self.bucket_keys.entry(bucket_key).or_insert(next);
            if at == next {
                self.buckets.push(Bucket::default());
            }
            at
        };
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            bucket.members.push(key);
            bucket.stale = true;
        }
        if let Some(filed) = self.mails.get_mut(key.0 as usize) {
            filed.bucket = Some(bucket);
        }
        if index_of(&mail) <= 1 {
            for id in mail.header.parents() {
                self.leads_below.entry(id.clone()).or_default().push(key);
            }
        }
        if let Some(sender) = sender {
            let title = (sender, normal_title(&mail.header.title));
            self.titles.entry(title).or_default().push(key);
        }
        if let Some(links) = mail.links() {
            if let Some(change) = &links.change_id {
                self.change_ids.entry(change.clone()).or_default().push(key);
            }
            for id in &links.supersedes {
                self.superseding.entry(id.clone()).or_default().push(key);
            }
        }
    }

    fn unplace(&mut self, key: MailKey) {
        let Some(filed) = self.mails.get_mut(key.0 as usize) else { return };
        if let Some(bucket) = filed.bucket.take().and_then(|at| self.buckets.get_mut(at)) {
            bucket.members.retain(|k| *k != key);
            bucket.stale = true;
        }
        let header = &filed.mail.header;
        for id in header.parents() {
            for index in [&mut self.below, &mut self.leads_below] {
                if let Some(keys) = index.get_mut(id) {
                    keys.retain(|k| *k != key);
                }
            }
        }
        if let Some(sender) = Sender::of(header.from.as_ref())
            && let Some(keys) = self.titles.get_mut(&(sender, normal_title(&header.title)))
        {
            keys.retain(|k| *k != key);
        }
        if let Some(links) = filed.mail.links() {
            if let Some(keys) = links.change_id.as_ref().and_then(|id| self.change_ids.get_mut(id))
            {
                keys.retain(|k| *k != key);
            }
            for id in &links.supersedes {
                if let Some(keys) = self.superseding.get_mut(id) {
                    keys.retain(|k| *k != key);
                }
            }
        }
    }

    fn touch(&mut self, key: MailKey) {
        let bucket = self.filed(key).and_then(|f| f.bucket);
        if let Some(bucket) = bucket.and_then(|at| self.buckets.get_mut(at)) {
            bucket.stale = true;
        }
    }

    /// The mails of the series that this mail is a part of, by index; `None` where it is none.
    pub(super) fn group_of(&mut self, key: MailKey) -> Option<&[MailKey]> {
        let at = self.filed(key)?.bucket?;
        self.regroup(at);
        let group = self.filed(key)?.group;
        self.buckets.get(at)?.groups.get(group).map(Vec::as_slice)
    }

    /// The key that names a mail's series: that of its cover letter or first patch.
    pub fn lead_of(&mut self, key: MailKey) -> Option<MailKey> {
        self.group_of(key)?.first().copied()
    }

    /// The leads of all series.
    pub fn leads(&mut self) -> Vec<MailKey> {
        for at in 0..self.buckets.len() {
            self.regroup(at);
        }
        self.buckets.iter().flat_map(|b| &b.groups).filter_map(|g| g.first()).copied().collect()
    }

    fn regroup(&mut self, at: usize) {
        let Some(bucket) = self.buckets.get_mut(at).filter(|b| b.stale) else { return };
        bucket.stale = false;
        let members: Vec<Member> = bucket
            .members
            .iter()
            .filter_map(|key| member(*key, self.mails.get(key.0 as usize)?))
            .collect();
        bucket.groups = group::group(members);
        for (number, group) in bucket.groups.iter().enumerate() {
            for key in group {
                if let Some(filed) = self.mails.get_mut(key.0 as usize) {
                    filed.group = number;
                }
            }
        }
    }
}

/// Two copies of one mail: the same words, from the same person as far as both tell.
fn is_copy(known: &Mail, new: &Mail) -> bool {
    let from = |mail: &Mail| mail.header.from.as_ref().and_then(|f| f.address.clone());
    let munged = known.header.sender_munged || new.header.sender_munged;
    known.header.content == new.header.content && (munged || from(known) == from(new))
}

fn member(key: MailKey, filed: &Filed) -> Option<Member> {
    let header = &filed.mail.header;
    let tag = header.tag.as_ref();
    Some(Member {
        key,
        id: header.message_id.clone(),
        content: header.content,
        time: filed.time,
        version: tag.and_then(|t| t.version),
        index: index_of(&filed.mail),
        prefixes: tag
            .map(|t| t.prefixes.iter().map(|p| p.to_lowercase()).collect())
            .unwrap_or_default(),
        parents: header.parents().cloned().collect(),
    })
}

/// A mail's place in its series; a patch without a number is the first.
pub(super) fn index_of(mail: &Mail) -> u32 {
    let lone = u32::from(mail.cover().is_none());
    mail.header.tag.as_ref().and_then(|t| t.index).unwrap_or(lone)
}

pub(super) fn version_of(mail: &Mail) -> Option<Version> {
    mail.header.tag.as_ref().and_then(|t| t.version)
}

fn bucket_key(mail: &Mail) -> Option<BucketKey> {
    let pull = match mail.content {
        Content::Patch(_) | Content::Cover(_) => false,
        Content::Pull(_) => true,
        _ => return None,
    };
    let sender = Sender::of(mail.header.from.as_ref());
    let total = mail.header.tag.as_ref().and_then(|t| t.total).unwrap_or(0);
    Some(BucketKey { sender, total, pull })
}

/// A title as two versions of a patch share it.
pub(super) fn normal_title(title: &str) -> String {
    let words: Vec<&str> = title.split_whitespace().collect();
    words.join(" ").trim_end_matches('.').to_lowercase()
}
