//! What differs between two runs of tokens.

use std::ops::Range;

/// How many pairs of tokens one alignment compares at most.
const PAIRS: usize = 40_000;

/// Compares runs of tokens; keeps its room from one to the next, and a budget for all.
pub(super) struct Aligner {
    budget: usize,
    above: Vec<u32>,
    here: Vec<u32>,
}

/// Where two runs differ: places in the first, places in the second.
pub(super) type Difference = (Range<usize>, Range<usize>);

/// A common part: its starts in both runs, and its length.
type Common = (usize, usize, usize);

impl Aligner {
    pub(super) fn new(budget: usize) -> Self {
        Self { budget, above: Vec::new(), here: Vec::new() }
    }

    /// The differences in order, `None` where there is too much to compare.
    ///
    /// Looks for the longest common part, then left and right of it, as people do; a shortest
    /// edit script would match brackets and commas across unrelated calls.
    pub(super) fn differences(&mut self, a: &[u32], b: &[u32]) -> Option<Vec<Difference>> {
        let start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let (rest_a, rest_b) = (a.get(start..)?, b.get(start..)?);
        let end = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(a, b)| a == b).count();
        let all = (start..a.len() - end, start..b.len() - end);
        if all.0.len().saturating_mul(all.1.len()) > PAIRS {
            return None;
        }
        let mut open = vec![all];
        let mut common: Vec<Common> = Vec::new();
        while let Some((in_a, in_b)) = open.pop() {
            let cost = in_a.len() * in_b.len();
            if cost == 0 {
                continue;
            }
            self.budget = self.budget.checked_sub(cost)?;
            let Some((i, j, length)) = self.longest(a, b, &in_a, &in_b) else { continue };
            common.push((i, j, length));
            open.push((in_a.start..i, in_b.start..j));
            open.push((i + length..in_a.end, j + length..in_b.end));
        }
        common.sort_unstable();
        common.push((a.len() - end, b.len() - end, 0));
        let (mut i, mut j) = (start, start);
        let mut found = Vec::new();
        for (next_i, next_j, length) in common {
            if i < next_i || j < next_j {
                found.push((i..next_i, j..next_j));
            }
            (i, j) = (next_i + length, next_j + length);
        }
        Some(found)
    }

    /// The longest common part of two stretches, the first of several.
    fn longest(
        &mut self,
        a: &[u32],
        b: &[u32],
        in_a: &Range<usize>,
        in_b: &Range<usize>,
    ) -> Option<Common> {
        let (part_a, part_b) = (a.get(in_a.clone())?, b.get(in_b.clone())?);
        self.above.clear();
        self.above.resize(part_b.len() + 1, 0);
        let mut best: Option<Common> = None;
        for (i, token) in part_a.iter().enumerate() {
            self.here.clear();
            self.here.push(0);
            let lengths = part_b.iter().zip(&self.above);
            self.here.extend(lengths.map(|(b, above)| if b == token { above + 1 } else { 0 }));
            for (j, length) in self.here.iter().enumerate().skip(1) {
                let length = *length as usize;
                if length > best.map_or(0, |(_, _, longest)| longest) {
                    best = Some((in_a.start + i + 1 - length, in_b.start + j - length, length));
                }
            }
            std::mem::swap(&mut self.above, &mut self.here);
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("abc", "abc", &[]; "same")]
    #[test_case("abc", "axc", &[(1..2, 1..2)]; "one other")]
    #[test_case("abc", "abxc", &[(2..2, 2..3)]; "one more")]
    #[test_case("f(x,y)", "g(x)", &[(0..1, 0..1), (3..5, 3..3)]; "two")]
    #[test_case("", "ab", &[(0..0, 0..2)]; "from nothing")]
    fn differ(a: &str, b: &str, expected: &[Difference]) {
        let ids = |text: &str| text.bytes().map(u32::from).collect::<Vec<_>>();
        let found = Aligner::new(1_000).differences(&ids(a), &ids(b));
        assert_eq!(found.as_deref(), Some(expected));
    }

    #[test]
    fn too_much_is_left() {
        let (a, b) = (vec![1; 300], vec![2; 300]);
        assert_eq!(Aligner::new(1_000_000).differences(&a, &b), None);
        assert_eq!(Aligner::new(100).differences(&a[..20], &b[..20]), None);
    }
}
