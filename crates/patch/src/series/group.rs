//! Which mails of one sender's thread make one series.
//!
//! A function of a set: the members are put in order first, so that the order in which the mails
//! came does not matter. Every join is along an id that both mails hold, so that threads which
//! have no id in common can be looked at one by one, or together, with the same result.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use tidewaiter_mail::{ContentHash, MessageId};

use super::{MailKey, chain::Loose, sets::Sets};
use crate::Version;

/// The longest gap between two unthreaded mails of one series, in seconds. `git send-email`
/// sends a part a second; servers that throttle make it minutes.
pub(super) const WINDOW: i64 = 60 * 60;
/// The longest gap between two mails of one series that only have their thread in common.
pub(super) const THREAD_WINDOW: i64 = 24 * 60 * 60;

/// Mails in the same order whatever the order they came in; the key tells only those apart that
/// are the same in all else.
pub(super) type Order = (Timestamp, Option<MessageId>, ContentHash, MailKey);

/// One mail as grouping sees it.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) order: Order,
    /// As its subject says it, `None` where it says none.
    pub(super) version: Option<Version>,
    pub(super) index: u32,
    /// `None` for a patch without a number.
    pub(super) total: Option<u32>,
    /// The words in its tag, in lower case.
    pub(super) prefixes: Vec<String>,
    /// The mails above it, the nearest first.
    pub(super) parents: Vec<MessageId>,
}

impl Member {
    fn is_cover(&self) -> bool {
        self.index == 0 && self.total.is_some()
    }

    fn second(&self) -> i64 {
        self.order.0.as_second()
    }
}

/// The mails of one thread that make one series, or a part of one that has no thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ThreadSet {
    /// Each mail with its place in the series, by place, then time.
    pub(super) members: Vec<(u32, MailKey)>,
    pub(super) indexes: BTreeSet<u32>,
    /// How it may be joined with sets of other threads.
    pub(super) loose: Option<Loose>,
}

/// Puts the members of a thread into sets.
pub(super) fn group(mut members: Vec<Member>) -> Vec<ThreadSet> {
    members.sort_by(|a, b| a.order.cmp(&b.order));
    let mut sets = Sets::new(&members);
    let by_id: HashMap<&MessageId, usize> =
        members.iter().enumerate().filter_map(|(at, m)| Some((m.order.1.as_ref()?, at))).collect();
    let known = |id: &MessageId| by_id.get(id).copied();

    // The mail that it answers is the surest sign.
    for (at, member) in members.iter().enumerate() {
        if let Some(parent) = member.parents.first().and_then(known) {
            sets.join(at, parent, true);
        }
    }
    answers_to_cover(&members, &mut sets, known);
    // Then any mail above it.
    for (at, member) in members.iter().enumerate() {
        for parent in member.parents.iter().filter_map(known) {
            if sets.join(at, parent, false) {
                break;
            }
        }
    }
    // The cover letter went to another list, but all answer it.
    join_in_turn(&members, &mut sets, true, |m| {
        m.total.and(m.parents.first()).filter(|id| known(id).is_none()).cloned()
    });
    // Parts of a new version, each sent in answer to its own old part.
    join_in_turn(&members, &mut sets, false, |m| Some((m.parents.last()?.clone(), m.version)));
    stragglers(&members, &mut sets, known);
    let places = unnumbered(&members, &mut sets, known);
    into_sets(&members, &mut sets, &places, known)
}

/// A part sent together with the cover letter that it answers belongs to it, even where a hand
/// has edited one's version or total and not the other's.
fn answers_to_cover(
    members: &[Member],
    sets: &mut Sets,
    known: impl Fn(&MessageId) -> Option<usize>,
) {
    for (at, member) in members.iter().enumerate() {
        if member.index > 0
            && member.total.is_some()
            && let Some(parent) = member.parents.first().and_then(&known)
            && let Some(cover) = members.get(parent).filter(|cover| cover.is_cover())
            && member.second().abs_diff(cover.second()) <= WINDOW.unsigned_abs()
        {
            sets.join_answer(at, parent);
        }
    }
}

/// Joins mails with the same trait, one after the other, as long as they are near in time and
/// none claims a number that is taken: a number that comes again starts the next series. Of mails
/// sent together one may have a version of its own.
fn join_in_turn<K: std::hash::Hash + Eq>(
    members: &[Member],
    sets: &mut Sets,
    ignore_version: bool,
    key: impl Fn(&Member) -> Option<K>,
) {
    let mut last: HashMap<K, usize> = HashMap::new();
    for (at, member) in members.iter().enumerate() {
        let Some(key) = key(member) else { continue };
        if let Some(before) = last.get(&key).copied()
            && let Some(previous) = members.get(before)
            && member.second() - previous.second() <= THREAD_WINDOW
        {
            let together = member.second() - previous.second() <= WINDOW;
            let joined = sets.join(at, before, false);
            if !joined && together && ignore_version && member.total == previous.total {
                sets.join_if_free(at, before);
            }
        }
        last.insert(key, at);
    }
}

/// A single part that answers a cover letter whose number is taken is a second try at that part.
fn stragglers(members: &[Member], sets: &mut Sets, known: impl Fn(&MessageId) -> Option<usize>) {
    for (at, member) in members.iter().enumerate() {
        let parent = member.parents.first().and_then(&known);
        if let Some(parent) = parent
            && member.index > 0
            && member.total.is_some()
            && sets.size(at) == 1
            && members.get(parent).is_some_and(|p| p.is_cover() && p.total == member.total)
            && sets.versions_agree(at, parent, true)
        {
            sets.force(at, parent);
        }
    }
}

/// Patches without a number that were sent in answer to a cover letter take the places that are
/// free below it, where there are as many of them. Gives the places.
fn unnumbered(
    members: &[Member],
    sets: &mut Sets,
    known: impl Fn(&MessageId) -> Option<usize>,
) -> HashMap<usize, u32> {
    let mut below: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, member) in members.iter().enumerate() {
        if member.total.is_none()
            && let Some(parent) = member.parents.first().and_then(&known)
            && let Some(cover) = members.get(parent).filter(|cover| cover.is_cover())
            && member.second().abs_diff(cover.second()) <= WINDOW.unsigned_abs()
            && sets.versions_agree(at, parent, true)
        {
            below.entry(parent).or_default().push(at);
        }
    }
    let mut places = HashMap::new();
    for (cover, patches) in below {
        let total = members.get(cover).and_then(|m| m.total).unwrap_or(0);
        // No more are looked for than there could be.
        let most = patches.len() + 1;
        let free = sets.free(cover, total, most);
        if free.len() == patches.len() {
            for (at, place) in patches.into_iter().zip(free) {
                sets.place(at, cover, place);
                places.insert(at, place);
            }
        }
    }
    places
}

fn into_sets(
    members: &[Member],
    sets: &mut Sets,
    places: &HashMap<usize, u32>,
    known: impl Fn(&MessageId) -> Option<usize>,
) -> Vec<ThreadSet> {
    let mut order: Vec<usize> = Vec::new();
    let mut found: HashMap<usize, Vec<usize>> = HashMap::new();
    for at in 0..members.len() {
        let root = sets.root(at);
        let group = found.entry(root).or_default();
        if group.is_empty() {
            order.push(root);
        }
        group.push(at);
    }
    let mut done = Vec::with_capacity(order.len());
    for root in order {
        let group = found.remove(&root).unwrap_or_default();
        let own: Vec<&Member> = group.iter().filter_map(|at| members.get(*at)).collect();
        let loose = Loose::of(&own, |id| known(id).is_some());
        let mut placed: Vec<(u32, MailKey)> = group
            .iter()
            .zip(&own)
            .map(|(at, m)| (places.get(at).copied().unwrap_or(m.index), m.order.3))
            .collect();
        // Members are in order of time already, and sorting keeps that.
        placed.sort_by_key(|(place, _)| *place);
        let indexes = placed.iter().map(|(place, _)| *place).collect();
        done.push(ThreadSet { members: placed, indexes, loose });
    }
    done
}
