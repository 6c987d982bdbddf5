//! Versions of one series, of which one counts.

use std::collections::BTreeMap;

use tidewaiter_engine::Judged;

/// For each series whether it is the version that counts: the newest that was judged, or the
/// newest of all where none was.
///
/// Linear in the number of series, however long a chain of versions is and even where it closes
/// on itself.
pub(crate) fn counting(all: &[Judged]) -> Vec<bool> {
    let places: BTreeMap<&str, usize> = all
        .iter()
        .enumerate()
        .filter_map(|(at, judged)| Some((judged.series.id.as_ref()?.as_str(), at)))
        .collect();
    let newer: Vec<Option<usize>> = all
        .iter()
        .enumerate()
        .map(|(at, judged)| {
            let newer = judged.series.superseded_by.as_ref()?;
            places.get(newer.as_str()).copied().filter(|newer| *newer != at)
        })
        .collect();
    let chosen = choose(&newer, |at| {
        all.get(at).and_then(Judged::first).is_some_and(|first| first.assessment.is_some())
    });
    let mut counts = vec![false; all.len()];
    for at in chosen {
        if let Some(counts) = counts.get_mut(at) {
            *counts = true;
        }
    }
    counts
}

/// Of each chain the last place that `judged` holds for, else the last. Several versions may
/// name one newer; the chain ends where all of them do.
fn choose(newer: &[Option<usize>], judged: impl Fn(usize) -> bool) -> Vec<usize> {
    // The end of each chain, by a walk that stops where an earlier walk has been.
    let mut end: Vec<Option<usize>> = vec![None; newer.len()];
    let mut on_path = vec![false; newer.len()];
    for start in 0..newer.len() {
        let (mut path, mut at) = (Vec::new(), start);
        let last = loop {
            if let Some(known) = end.get(at).copied().flatten() {
                break known;
            }
            if on_path.get(at).copied().unwrap_or(true) {
                break at;
            }
            if let Some(mark) = on_path.get_mut(at) {
                *mark = true;
            }
            path.push(at);
            match newer.get(at).copied().flatten() {
                Some(next) => at = next,
                None => break at,
            }
        };
        for at in path {
            if let Some(end) = end.get_mut(at) {
                *end = Some(last);
            }
        }
    }
    let mut best: BTreeMap<usize, usize> = BTreeMap::new();
    for (at, end) in end.into_iter().enumerate() {
        let Some(end) = end else { continue };
        let known = best.entry(end).or_insert(end);
        // In order of time: a later one is newer.
        let later = at > *known || !judged(*known);
        if judged(at) && later && !(judged(end)) {
            *known = at;
        }
    }
    best.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_chain_one_counts() {
        // 0 -> 1 -> 2, 3 alone, 4 -> 5 where 5 is not judged, 6 -> 7 where none is.
        let newer = [Some(1), Some(2), None, None, Some(5), None, Some(7), None];
        assert_eq!(choose(&newer, |at| at < 5), [2, 3, 4, 7]);
    }

    #[test]
    fn two_that_name_the_same_newer_count_once() {
        assert_eq!(choose(&[Some(2), Some(2), None], |_| true), [2]);
        assert_eq!(choose(&[Some(2), Some(2), None], |at| at < 2), [1]);
    }

    #[test]
    fn a_circle_ends_and_a_long_chain_is_quick() {
        assert_eq!(choose(&[Some(1), Some(0)], |_| true).len(), 1);
        let long: Vec<Option<usize>> = (1..200_000).map(Some).chain([None]).collect();
        assert_eq!(choose(&long, |at| at == 7), [7]);
    }
}
