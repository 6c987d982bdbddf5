//! Disjoint sets that refuse to hold one number twice.

use std::collections::BTreeSet;

use super::group::Member;
use crate::Version;

pub(super) struct Sets {
    parent: Vec<usize>,
    indexes: Vec<BTreeSet<u32>>,
    versions: Vec<Option<Version>>,
    totals: Vec<Option<u32>>,
    sizes: Vec<usize>,
}

impl Sets {
    pub(super) fn new(members: &[Member]) -> Self {
        Self {
            parent: (0..members.len()).collect(),
            indexes: members.iter().map(|m| BTreeSet::from([m.index])).collect(),
            versions: members.iter().map(|m| m.version).collect(),
            totals: members.iter().map(|m| m.total).collect(),
            sizes: vec![1; members.len()],
        }
    }

    pub(super) fn root(&mut self, mut at: usize) -> usize {
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

    pub(super) fn size(&mut self, at: usize) -> usize {
        let root = self.root(at);
        self.sizes.get(root).copied().unwrap_or(1)
    }

    /// Whether `a` can be of the version of `b`. A part without a version that directly answers a
    /// mail with one is of that version: some people only tag the cover letter.
    pub(super) fn versions_agree(&mut self, a: usize, b: usize, direct: bool) -> bool {
        let (a, b) = (self.root(a), self.root(b));
        let version = |at: usize| self.versions.get(at).copied().flatten();
        match (version(a), version(b)) {
            (None, Some(_)) if direct => true,
            (a, b) => a.unwrap_or(Version::FIRST) == b.unwrap_or(Version::FIRST),
        }
    }

    /// Joins two sets of one total, where they can be one version and share no number.
    pub(super) fn join(&mut self, a: usize, b: usize, direct: bool) -> bool {
        let (from, to) = (self.root(a), self.root(b));
        let total = |at: usize| self.totals.get(at).copied().flatten();
        let same_total = total(from).is_some() && total(from) == total(to);
        from == to || (same_total && self.versions_agree(a, b, direct) && self.join_if_free(a, b))
    }

    /// Joins two sets that share no number, whatever their versions and totals.
    pub(super) fn join_if_free(&mut self, a: usize, b: usize) -> bool {
        let (from, to) = (self.root(a), self.root(b));
        let overlap = match (self.indexes.get(from), self.indexes.get(to)) {
            (Some(one), Some(other)) => overlap(one, other),
            _ => true,
        };
        if from != to && !overlap {
            self.force(a, b);
        }
        from == to || !overlap
    }

    /// Joins a part to the cover letter that it answers; of a cover letter without parts the tag
    /// gives way to the part's.
    pub(super) fn join_answer(&mut self, part: usize, cover: usize) {
        let lone = self.size(cover) == 1;
        let (from, own) = (self.root(part), self.root(cover));
        let version = self.versions.get(from).copied().flatten();
        let total = self.totals.get(from).copied().flatten();
        if from != own && self.join_if_free(part, cover) && lone {
            let root = self.root(cover);
            if let Some(slot) = self.versions.get_mut(root).filter(|_| version.is_some()) {
                *slot = version;
            }
            if let Some(slot) = self.totals.get_mut(root) {
                *slot = total;
            }
        }
    }

    pub(super) fn force(&mut self, a: usize, b: usize) {
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

    /// The first `most` numbers from 1 to `total` that a set does not hold.
    pub(super) fn free(&mut self, at: usize, total: u32, most: usize) -> Vec<u32> {
        let root = self.root(at);
        let Some(held) = self.indexes.get(root) else { return Vec::new() };
        (1..=total).filter(|number| !held.contains(number)).take(most).collect()
    }

    /// Joins a patch without a number at a place.
    pub(super) fn place(&mut self, at: usize, with: usize, place: u32) {
        let root = self.root(at);
        if let Some(indexes) = self.indexes.get_mut(root) {
            *indexes = BTreeSet::from([place]);
        }
        self.force(at, with);
    }
}

/// Whether two sets share a number.
pub(super) fn overlap(one: &BTreeSet<u32>, other: &BTreeSet<u32>) -> bool {
    let (few, many) = if one.len() < other.len() { (one, other) } else { (other, one) };
    few.iter().any(|number| many.contains(number))
}
