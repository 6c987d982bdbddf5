//! Lines that go in one place and come in another.

use std::collections::HashMap;

use super::runs::{Runs, is_blank};

/// Lines that go in one file and come in another: how often each goes and comes.
///
/// Lines that change places within a file are left out: their order may be what matters. What a
/// file includes is in no order that matters, and counts.
pub(super) struct Moves<'a>(HashMap<&'a str, (u32, u32)>);

impl<'a> Moves<'a> {
    pub(super) fn of(runs: &Runs<'a>) -> Self {
        let mut moves = Self(HashMap::new());
        let all = u64::from(runs.added) + u64::from(runs.removed);
        // Too few of one sign for moves to matter.
        if u64::from(runs.added.min(runs.removed)) * 20 < all {
            return moves;
        }
        let mut here: HashMap<&str, (u32, u32)> = HashMap::new();
        let mut file = None;
        for run in &runs.runs {
            if file != Some(run.file) {
                moves.take(&mut here);
                file = Some(run.file);
            }
            for (gone, from, to) in [(true, run.removed, run.added), (false, run.added, run.end)] {
                for line in runs.stretch(from, to).iter().filter(|line| !is_blank(line)) {
                    let (removed, added) = here.entry(line.trim_ascii()).or_default();
                    *(if gone { removed } else { added }) += 1;
                }
            }
        }
        moves.take(&mut here);
        moves
    }

    /// Takes what one file loses or gains in all.
    fn take(&mut self, file: &mut HashMap<&'a str, (u32, u32)>) {
        for (line, (removed, added)) in file.drain() {
            let within = if is_include(line) { 0 } else { removed.min(added) };
            let moved = self.0.entry(line).or_default();
            moved.0 += removed - within;
            moved.1 += added - within;
        }
    }

    pub(super) fn lines(&self) -> u64 {
        self.0.values().map(|(removed, added)| 2 * u64::from(*removed.min(added))).sum()
    }

    pub(super) fn holds(&self, line: &str) -> bool {
        self.0.get(line.trim_ascii()).is_some_and(|(removed, added)| *removed > 0 && *added > 0)
    }
}

fn is_include(line: &str) -> bool {
    ["#include", "import ", "from ", "use "].iter().any(|start| line.starts_with(start))
}
