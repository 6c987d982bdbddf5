//! The changed lines of a diff.

/// The changed lines of a diff, hunk by hunk, in runs of removed and added ones.
#[derive(Default)]
pub(in crate::diff_facts) struct Runs<'a> {
    pub(super) lines: Vec<&'a str>,
    pub(super) runs: Vec<Run>,
    /// How many lines that are not blank go, and come.
    pub(super) removed: u32,
    pub(super) added: u32,
    open: bool,
    whole: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Run {
    pub(super) file: u32,
    /// The whole file comes or goes: nothing is edited there.
    pub(super) whole: bool,
    /// Places in the lines: where the removed begin, where the added begin, where they end.
    pub(super) removed: usize,
    pub(super) added: usize,
    pub(super) end: usize,
}

impl<'a> Runs<'a> {
    /// Begins a file, which comes or goes as a whole or not.
    pub(in crate::diff_facts) fn file(&mut self, whole: bool) {
        self.open = false;
        self.whole = whole;
    }

    /// Ends the run: a line stays, or a hunk begins.
    pub(in crate::diff_facts) fn stop(&mut self) {
        self.open = false;
    }

    pub(in crate::diff_facts) fn line(&mut self, file: u32, added: bool, line: &'a str) {
        let at = self.lines.len();
        let follows = |run: &&mut Run| added || run.added == run.end;
        let open = self.runs.last_mut().filter(|_| self.open).filter(follows);
        if let Some(run) = open {
            run.end = at + 1;
            run.added += usize::from(!added);
        } else {
            let start = at + usize::from(!added);
            self.runs.push(Run { file, whole: self.whole, removed: at, added: start, end: at + 1 });
        }
        self.open = true;
        self.lines.push(line);
        if !is_blank(line) {
            *(if added { &mut self.added } else { &mut self.removed }) += 1;
        }
    }

    pub(super) fn stretch(&self, from: usize, to: usize) -> &[&'a str] {
        self.lines.get(from..to).unwrap_or_default()
    }

    /// Lines that come or go where no other stands against them.
    pub(super) fn alone(&self) -> u64 {
        let alone = self.runs.iter().filter(|run| run.removed == run.added || run.added == run.end);
        alone
            .flat_map(|run| self.stretch(run.removed, run.end))
            .map(|line| u64::from(!is_blank(line)))
            .sum()
    }
}

pub(super) fn is_blank(line: &str) -> bool {
    line.trim_ascii().is_empty()
}
