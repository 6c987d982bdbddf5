//! Which mails of one sender, all numbered out of the same total, make one series.
//!
//! A function of a set: the members are put in order first, so that the order in which the mails
//! came does not matter.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use tidewaiter_mail::{ContentHash, MessageId};

use super::MailKey;
use crate::Version;

/// The longest gap between two unthreaded mails of one series, in seconds. `git send-email`
/// sends a part a second; servers that throttle make it minutes.
const WINDOW: i64 = 60 * 60;
/// The longest gap between two mails of one series that only have their thread in common.
const THREAD_WINDOW: i64 = 24 * 60 * 60;

/// One mail as grouping sees it.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) key: MailKey,
    pub(super) id: Option<MessageId>,
    pub(super) content: ContentHash,
    pub(super) time: Timestamp,
    /// As its subject says it, `None` where it says none.
    pub(super) version: Option<Version>,
    pub(super) index: u32,
    /// The words in its tag, in lower case.
    pub(super) prefixes: Vec<String>,
    /// The mails above it, the nearest first.
    pub(super) parents: Vec<MessageId>,
}

/// Puts the members into series; each series' members are in order of index, then time.
pub(super) fn group(mut members: Vec<Member>) -> Vec<Vec<MailKey>> {
    members.sort_by(|a, b| (a.time, &a.id, a.content).cmp(&(b.time, &b.id, b.content)));
    let mut sets = Sets::new(&members);
    let by_id: HashMap<&MessageId, usize> =
        members.iter().enumerate().filter_map(|(at, m)| Some((m.id.as_ref()?, at))).collect();
    let known = |id: &MessageId| by_id.get(id).copied();

    // The mail that it answers is the surest sign, then any mail above it.
    for (at, member) in members.iter().enumerate() {
        if let Some(parent) = member.parents.first().and_then(known) {
            sets.join(at, parent, true);
        }
    }
    for (at, member) in members.iter().enumerate() {
        for parent in member.parents.iter().filter_map(known) {
            if sets.join(at, parent, false) {
                break;
            }
        }
    }
    // The cover letter went to another list, but all answer it.
    let answered = |m: &Member| m.parents.first().filter(|id| known(id).is_none()).cloned();
    join_in_turn(&members, &mut sets, THREAD_WINDOW, answered);
    // No thread at all.
    let unthreaded = |m: &Member| m.parents.is_empty().then(|| (m.prefixes.clone(), m.version));
    join_in_turn(&members, &mut sets, WINDOW, unthreaded);
    // Parts of a new version, each sent in answer to its own old part.
    let rooted = |m: &Member| m.parents.last().cloned().map(|root| (root, m.version));
    join_in_turn(&members, &mut sets, THREAD_WINDOW, rooted);
    stragglers(&members, &mut sets, &by_id);
    sets.into_groups(&members)
}

/// Joins mails with the same trait, one after the other, as long as they are near in time and
/// none claims a number that is taken: a number that comes again starts the next series.
fn join_in_turn<K: std::hash::Hash + Eq>(
    members: &[Member],
    sets: &mut Sets,
    window: i64,
    key: impl Fn(&Member) -> Option<K>,
) {
    let mut last: HashMap<K, usize> = HashMap::new();
    for (at, member) in members.iter().enumerate() {
        let Some(key) = key(member) else { continue };
        if let Some(before) = last.get(&key).copied()
            && let Some(previous) = members.get(before)
            && member.time.as_second() - previous.time.as_second() <= window
        {
            sets.join(at, before, false);
        }
        last.insert(key, at);
    }
}

/// A single part that answers a cover letter whose number is taken is a second try at that part.
fn stragglers(members: &[Member], sets: &mut Sets, by_id: &HashMap<&MessageId, usize>) {
    for (at, member) in members.iter().enumerate() {
        let parent = member.parents.first().and_then(|id| by_id.get(id).copied());
        if let Some(parent) = parent
            && member.index > 0
            && sets.size(at) == 1
            && members.get(parent).is_some_and(|p| p.index == 0)
            && sets.versions_agree(at, parent, true)
        {
            sets.force(at, parent);
        }
    }
}

/// Disjoint sets that refuse to hold one number twice.
struct Sets {
    parent: Vec<usize>,
    indexes: Vec<BTreeSet<u32>>,
    versions: Vec<Option<Version>>,
    sizes: Vec<usize>,
}

impl Sets {
    fn new(members: &[Member]) -> Self {
        Self {
            parent: (0..members.len()).collect(),
            indexes: members.iter().map(|m| BTreeSet::from([m.index])).collect(),
            versions: members.iter().map(|m| m.version).collect(),
            sizes: vec![1; members.len()],
        }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while let Some(&up) = self.parent.get(at)
            && up != at
        {
            // Halving the path keeps it short without recursion.
            let above = self.parent.get(up).copied().unwrap_or(up);
            if let Some(slot) = self.parent.get_mut(at) {
                *slot = above;
            }
            at = above;
        }
        at
    }

    fn size(&mut self, at: usize) -> usize {
        let root = self.root(at);
        self.sizes.get(root).copied().unwrap_or(1)
    }

    /// Whether two sets can be one version. A part without a version that directly answers a
    /// mail with one is of that version: some people only tag the cover letter.
    fn versions_agree(&mut self, a: usize, b: usize, direct: bool) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        let version = |at: usize| self.versions.get(at).copied().flatten();
        match (version(a), version(b)) {
            (None, Some(_)) | (Some(_), None) if direct => true,
            (a, b) => a.unwrap_or(Version::FIRST) == b.unwrap_or(Version::FIRST),
        }
    }

    fn join(&mut self, a: usize, b: usize, direct: bool) -> bool {
        let (from, to) = (self.root(a), self.root(b));
        if from == to {
            return true;
        }
        let overlap = match (self.indexes.get(from), self.indexes.get(to)) {
            (Some(one), Some(other)) if one.len() < other.len() => {
                one.iter().any(|i| other.contains(i))
            }
            (Some(one), Some(other)) => other.iter().any(|i| one.contains(i)),
            _ => true,
        };
        if overlap || !self.versions_agree(a, b, direct) {
            return false;
        }
        self.force(a, b);
        true
    }

    fn force(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        // The smaller into the larger; the set is the same either way.
        let (from, to) = if self.size(a) <= self.size(b) { (a, b) } else { (b, a) };
        let moved = self.indexes.get_mut(from).map(std::mem::take).unwrap_or_default();
        if let Some(set) = self.indexes.get_mut(to) {
            set.extend(moved);
        }
        let version = self.versions.get(from).copied().flatten();
        if let Some(slot) = self.versions.get_mut(to) {
            *slot = slot.or(version);
        }
        let size = self.sizes.get(from).copied().unwrap_or(0);
        if let Some(slot) = self.sizes.get_mut(to) {
            *slot += size;
        }
        if let Some(slot) = self.parent.get_mut(from) {
            *slot = to;
        }
    }

    fn into_groups(mut self, members: &[Member]) -> Vec<Vec<MailKey>> {
        let mut order: Vec<usize> = Vec::new();
        let mut groups: HashMap<usize, Vec<&Member>> = HashMap::new();
        for (at, member) in members.iter().enumerate() {
            let root = self.root(at);
            groups.entry(root).or_insert_with(|| {
                order.push(root);
                Vec::new()
            });
            if let Some(group) = groups.get_mut(&root) {
                group.push(member);
            }
        }
        order
            .into_iter()
            .filter_map(|root| groups.remove(&root))
            .map(|mut group| {
                // Members are in order of time already, and sorting keeps that.
                group.sort_by_key(|m| m.index);
                group.into_iter().map(|m| m.key).collect()
            })
            .collect()
    }
}
