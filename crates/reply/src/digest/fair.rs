//! Which series a digest tells of where there are more than it has room for.

use std::{cmp::Reverse, collections::HashMap};

use super::DigestItem;

impl DigestItem {
    /// Leaves `most` of these, in their order, so that who sends much does not hide the others.
    ///
    /// What a server vouches for comes before what anybody may have sent; then one of each domain
    /// before any domain's second; and of a domain one of each sender before any sender's second,
    /// the gravest first.
    pub fn keep_fairly(items: &mut Vec<Self>, most: usize) {
        if items.len() <= most {
            return;
        }
        let mut kept = vec![false; items.len()];
        for place in fairest(items).into_iter().take(most) {
            if let Some(kept) = kept.get_mut(place) {
                *kept = true;
            }
        }
        let mut kept = kept.into_iter();
        items.retain(|_| kept.next().unwrap_or_default());
    }
}

/// The places of the items, the first to be told of first.
fn fairest(items: &[DigestItem]) -> Vec<usize> {
    let mut order: Vec<(usize, &DigestItem)> = items.iter().enumerate().collect();
    order.sort_by_key(|(_, item)| Reverse(item.outcome));
    let mut senders: HashMap<(bool, &str), usize> = HashMap::new();
    let mut ranked: Vec<(bool, usize, usize, &DigestItem)> = Vec::new();
    for (place, item) in order {
        let count = senders.entry((item.vouched, &item.sender)).or_default();
        ranked.push((!item.vouched, *count, place, item));
        *count += 1;
    }
    ranked.sort_by_key(|(unvouched, rank, ..)| (*unvouched, *rank));
    let mut domains: HashMap<(bool, &str), usize> = HashMap::new();
    let mut places: Vec<((bool, usize), usize)> = Vec::new();
    for (unvouched, _, place, item) in ranked {
        let domain = item.sender.rsplit('@').next().unwrap_or_default();
        let count = domains.entry((unvouched, domain)).or_default();
        places.push(((unvouched, *count), place));
        *count += 1;
    }
    places.sort_by_key(|(rank, _)| *rank);
    places.into_iter().map(|(_, place)| place).collect()
}
