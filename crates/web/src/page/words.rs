//! Words and numbers for a reader.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Replies, Snapshot};

/// How many there are of something.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Count {
    word: String,
    /// The word for a reader.
    name: String,
    count: String,
}

/// Counts in the order of a reply's life, then the others.
pub(super) fn states(replies: &Replies) -> Vec<Count> {
    const ORDER: [&str; 9] =
        ["doubt", "held", "ready", "armed", "sent", "seen", "dead", "cancelled", "dropped"];
    ordered(&replies.by_state, &ORDER)
}

/// Counts from the most to the least usual outcome.
pub(super) fn outcomes(snapshot: &Snapshot) -> Vec<Count> {
    const ORDER: [&str; 5] = ["decline", "ask", "disclosure", "silent", "not-judged"];
    ordered(&snapshot.counters.outcomes, &ORDER)
}

pub(super) fn words(counts: &BTreeMap<String, u64>) -> Vec<Count> {
    ordered(counts, &[])
}

fn ordered(counts: &BTreeMap<String, u64>, order: &[&str]) -> Vec<Count> {
    let first = order.iter().filter_map(|word| counts.get_key_value(*word));
    let others = counts.iter().filter(|(word, _)| !order.contains(&word.as_str()));
    let all = first.chain(others).filter(|(_, count)| **count > 0);
    all.map(|(word, count)| Count {
        word: word.clone(),
        name: spaced(word),
        count: grouped(*count),
    })
    .collect()
}

/// A sentence with its full stop.
pub(super) fn sentence(text: &str) -> String {
    let stop = if text.ends_with(['.', '?', '!', '…']) { "" } else { "." };
    format!("{text}{stop}")
}

/// A number with commas: `48,211`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A word of a closed set for a reader: `nothing to say`.
pub(super) fn spaced(word: &str) -> String {
    word.replace('-', " ")
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(0 => "0")]
    #[test_case(999 => "999")]
    #[test_case(1_000 => "1,000")]
    #[test_case(48_211_000 => "48,211,000")]
    fn numbers(number: u64) -> String {
        grouped(number)
    }

    #[test_case("it failed" => "it failed.")]
    #[test_case("did it fail?" => "did it fail?")]
    fn sentences(text: &str) -> String {
        sentence(text)
    }
}
