//! Series without a thread: sets of one sender with the same tag, one after the other in time.
//!
//! What a chain tells is what going through all of it from its start would tell; but only what
//! changed, and what follows from that, is gone through again.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tidewaiter_mail::MessageId;

use super::{
    MailKey,
    group::{Member, Order, WINDOW},
    sets::overlap,
};
use crate::Version;

/// What unthreaded mails of one series have in common, beside their sender.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tag {
    prefixes: Vec<String>,
    version: Option<Version>,
    total: u32,
}

/// How a set may be joined with sets that it shares no id with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Loose {
    pub(super) tag: Tag,
    /// That of the mail by which it may be joined.
    pub(super) order: Order,
    /// When its last mail came.
    last: Timestamp,
    /// That mail answers nothing.
    unthreaded: bool,
    /// It is a cover letter and nothing else.
    lone_cover: bool,
    /// Where a lone cover letter's id was made, else where the id that the mail answers was.
    host: Option<String>,
}

impl Loose {
    /// A set is loose by its first mail that answers nothing, else by its first that answers
    /// nothing known.
    pub(super) fn of(members: &[&Member], known: impl Fn(&MessageId) -> bool) -> Option<Self> {
        let unknown = |m: &&&Member| m.total.is_some() && !m.parents.iter().any(&known);
        let by = members
            .iter()
            .filter(unknown)
            .find(|m| m.parents.is_empty())
            .or_else(|| members.iter().find(unknown))?;
        let lone_cover = members.len() == 1 && by.index == 0;
        let id = if lone_cover { by.order.1.as_ref() } else { by.parents.first() };
        Some(Self {
            tag: Tag { prefixes: by.prefixes.clone(), version: by.version, total: by.total? },
            order: by.order.clone(),
            last: members.iter().map(|m| m.order.0).max()?,
            unthreaded: by.parents.is_empty(),
            lone_cover,
            host: id.and_then(|id| Some(id.as_str().rsplit_once('@')?.1.to_owned())),
        })
    }

    /// Whether this one may go on the series that ends with `previous`, if no number is taken.
    ///
    /// Parts that answer an id nobody has seen, and a cover letter that nobody answers, are one
    /// where a relay gave the cover letter an id of its own. Where both ids were made in the same
    /// place it did not: the cover letter is that of another sending.
    fn follows(&self, previous: &Self, previous_starts: bool) -> bool {
        let gap = self.order.0.as_second() - previous.last.as_second();
        let cover_found = match (previous.lone_cover, self.lone_cover) {
            (true, false) => previous_starts,
            (false, true) => true,
            _ => false,
        } && self.host != previous.host;
        gap <= WINDOW && ((self.unthreaded && previous.unthreaded) || cover_found)
    }
}

#[derive(Debug)]
struct Item {
    loose: Loose,
    /// It begins a series.
    starts: bool,
}

/// The loose sets of one sender with one tag, in order.
#[derive(Debug, Default)]
pub(super) struct Chain {
    items: Vec<Item>,
    /// The first and the last item that have to be looked at again.
    dirty: Option<(usize, usize)>,
}

impl Chain {
    fn find(&self, order: &Order) -> Result<usize, usize> {
        self.items.binary_search_by(|item| item.loose.order.cmp(order))
    }

    fn touch(&mut self, at: usize) {
        let (first, last) = self.dirty.unwrap_or((at, at));
        self.dirty = Some((first.min(at), last.max(at + 1)));
    }

    pub(super) fn insert(&mut self, loose: Loose) {
        match self.find(&loose.order) {
            Ok(at) => {
                if let Some(item) = self.items.get_mut(at) {
                    item.loose = loose;
                }
                self.touch(at);
            }
            Err(at) => {
                self.items.insert(at, Item { loose, starts: true });
                if let Some((_, last)) = &mut self.dirty {
                    *last += usize::from(*last >= at);
                }
                self.touch(at);
            }
        }
    }

    pub(super) fn remove(&mut self, order: &Order) {
        if let Ok(at) = self.find(order) {
            self.items.remove(at);
            self.touch(at);
        }
    }

    /// Goes through what changed, until a series starts where one started before.
    pub(super) fn settle<'a>(&mut self, indexes: impl Fn(MailKey) -> Option<&'a BTreeSet<u32>>) {
        let Some((first, last)) = self.dirty.take() else { return };
        let mut at = self.start_of(first.saturating_sub(1));
        let mut held: BTreeSet<u32> = BTreeSet::new();
        while let Some(item) = self.items.get(at) {
            let empty = BTreeSet::new();
            let own = indexes(item.loose.order.3).unwrap_or(&empty);
            let previous = at.checked_sub(1).and_then(|before| self.items.get(before));
            let starts = (at < first && item.starts)
                || !previous.is_some_and(|p| item.loose.follows(&p.loose, p.starts))
                || overlap(&held, own);
            if at > last && starts && item.starts {
                return;
            }
            if starts {
                held.clear();
            }
            held.extend(own);
            if let Some(item) = self.items.get_mut(at) {
                item.starts = starts;
            }
            at += 1;
        }
    }

    fn start_of(&self, mut at: usize) -> usize {
        while at > 0 && self.items.get(at).is_none_or(|item| !item.starts) {
            at -= 1;
        }
        at
    }

    /// The mails by which the sets of one series are joined, given one of them.
    pub(super) fn group(&self, order: &Order) -> Vec<MailKey> {
        let Ok(at) = self.find(order) else { return Vec::new() };
        let start = self.start_of(at);
        let items = self.items.iter().skip(start);
        let group = items.enumerate().take_while(|(n, item)| *n == 0 || !item.starts);
        group.map(|(_, item)| item.loose.order.3).collect()
    }
}
