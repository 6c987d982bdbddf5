//! The mails of a sender by thread, regrouped one thread at a time.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};

use tidewaiter_mail::MessageId;

use super::{
    MailKey,
    assembler::{Filed, Sender, member},
    chain::{Chain, Tag},
    group::{self, Order, ThreadSet},
};

/// Mails of different owners never make one series.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Owner {
    pub(super) sender: Option<Sender>,
    pub(super) pull: bool,
}

/// Mails of one owner that share ids, one with the other.
struct Thread {
    /// The thread that this one became a part of, or itself.
    up: usize,
    owner: Owner,
    members: Vec<MailKey>,
    sets: Vec<ThreadSet>,
    /// Mails came or went since the sets were made.
    stale: bool,
}

/// Which mails make which series.
#[derive(Default)]
pub(super) struct Threads {
    /// The thread that an id belongs to, by a hash of owner and id. Should two hashes be the
    /// same, two threads are looked at together, which changes no result.
    nodes: HashMap<u64, usize>,
    threads: Vec<Thread>,
    stale: Vec<usize>,
    chains: HashMap<(Owner, Tag), Chain>,
}

impl Threads {
    /// Adds a mail with its own id and those above it.
    pub(super) fn add<'a>(
        &mut self,
        key: MailKey,
        owner: Owner,
        ids: impl Iterator<Item = &'a MessageId>,
    ) -> usize {
        let mut thread = self.threads.len();
        self.threads.push(Thread {
            up: thread,
            owner: owner.clone(),
            members: vec![key],
            sets: Vec::new(),
            stale: false,
        });
        for id in ids {
            let mut hasher = DefaultHasher::new();
            (&owner, id.as_str()).hash(&mut hasher);
            let other = *self.nodes.entry(hasher.finish()).or_insert(thread);
            thread = self.unite(thread, other);
        }
        self.touch(thread);
        thread
    }

    /// Takes a mail out of its thread.
    pub(super) fn remove(&mut self, key: MailKey, thread: usize) {
        let thread = self.root(thread);
        if let Some(thread) = self.threads.get_mut(thread) {
            thread.members.retain(|member| *member != key);
        }
        self.touch(thread);
    }

    fn touch(&mut self, thread: usize) {
        if let Some(known) = self.threads.get_mut(thread)
            && !known.stale
        {
            known.stale = true;
            self.stale.push(thread);
        }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while let Some(up) = self.threads.get(at).map(|thread| thread.up)
            && up != at
        {
            let above = self.threads.get(up).map_or(up, |thread| thread.up);
            if let Some(thread) = self.threads.get_mut(at) {
                thread.up = above;
            }
            at = above;
        }
        at
    }

    fn unite(&mut self, a: usize, b: usize) -> usize {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return a;
        }
        let size = |at: usize| self.threads.get(at).map_or(0, |thread| thread.members.len());
        let (from, to) = if size(a) <= size(b) { (a, b) } else { (b, a) };
        let Some(thread) = self.threads.get_mut(from) else { return to };
        thread.up = to;
        let (members, sets) =
            (std::mem::take(&mut thread.members), std::mem::take(&mut thread.sets));
        if let Some(thread) = self.threads.get_mut(to) {
            thread.members.extend(members);
            thread.sets.extend(sets);
        }
        self.touch(to);
        to
    }

    /// Groups again what changed.
    pub(super) fn settle(&mut self, mails: &mut [Filed]) {
        let stale = std::mem::take(&mut self.stale);
        // The sets of a thread that became a part of another went with its mails.
        let changed: BTreeSet<usize> = stale.into_iter().map(|at| self.root(at)).collect();
        for at in changed {
            self.regroup(at, mails);
        }
    }

    fn regroup(&mut self, at: usize, mails: &mut [Filed]) {
        let Some(thread) = self.threads.get_mut(at) else { return };
        thread.stale = false;
        let members = thread
            .members
            .iter()
            .filter_map(|key| Some(member(*key, mails.get(key.0 as usize)?)))
            .collect();
        let sets = group::group(members);
        let mut old: HashMap<MailKey, ThreadSet> = std::mem::take(&mut thread.sets)
            .into_iter()
            .filter_map(|set| Some((set.loose.as_ref()?.order.3, set)))
            .collect();
        for (number, set) in sets.iter().enumerate() {
            for (place, key) in &set.members {
                if let Some(filed) = mails.get_mut(key.0 as usize) {
                    (filed.thread, filed.set, filed.place) = (Some(at), number, *place);
                }
            }
            let Some(loose) = &set.loose else { continue };
            let before = old.remove(&loose.order.3);
            if before.as_ref() == Some(set) {
                continue;
            }
            if let Some(before) = before.and_then(|set| set.loose)
                && (before.order != loose.order || before.tag != loose.tag)
                && let Some(chain) = self.chains.get_mut(&(thread.owner.clone(), before.tag))
            {
                chain.remove(&before.order);
            }
            let tag = (thread.owner.clone(), loose.tag.clone());
            self.chains.entry(tag).or_default().insert(loose.clone());
        }
        for loose in old.into_values().filter_map(|set| set.loose) {
            if let Some(chain) = self.chains.get_mut(&(thread.owner.clone(), loose.tag)) {
                chain.remove(&loose.order);
            }
        }
        thread.sets = sets;
    }

    /// The mails of a mail's series, by place, then time. Everything has to be settled.
    pub(super) fn group_of(&mut self, key: MailKey, mails: &[Filed]) -> Option<Vec<MailKey>> {
        let (threads, chains) = (&self.threads, &mut self.chains);
        let set_of = |key: MailKey| {
            let filed = mails.get(key.0 as usize)?;
            threads.get(filed.thread?)?.sets.get(filed.set)
        };
        let set = set_of(key)?;
        let owner = &threads.get(mails.get(key.0 as usize)?.thread?)?.owner;
        let mut group = Vec::new();
        if let Some(loose) = &set.loose
            && let Some(chain) = chains.get_mut(&(owner.clone(), loose.tag.clone()))
        {
            chain.settle(|key| Some(&set_of(key)?.indexes));
            group = chain.group(&loose.order);
        }
        if group.len() < 2 {
            return Some(set.members.iter().map(|(_, key)| *key).collect());
        }
        let members = group.into_iter().filter_map(set_of).flat_map(|set| &set.members);
        let mut members: Vec<(u32, Order)> = members
            .filter_map(|(place, key)| Some((*place, order(*key, mails.get(key.0 as usize)?))))
            .collect();
        members.sort();
        Some(members.into_iter().map(|(_, order)| order.3).collect())
    }

    /// One mail of each set.
    pub(super) fn sets(&self) -> Vec<MailKey> {
        let sets = self.threads.iter().flat_map(|thread| &thread.sets);
        sets.filter_map(|set| set.members.first()).map(|(_, key)| *key).collect()
    }
}

/// A mail's place among others of its sender.
pub(super) fn order(key: MailKey, filed: &Filed) -> Order {
    let header = &filed.mail.header;
    (filed.time, header.message_id.clone(), header.content, key)
}
