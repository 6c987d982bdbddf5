//! What was measured, and what must not get worse.

use std::fmt;

use serde::Deserialize;

use super::{
    agreement::{Answer, FIELDS},
    series::Sums,
};

/// The recorded figures of one archive.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figures {
    name: String,
    pub(crate) mails: usize,
    /// Mails in which git reads a patch; another git may read a few more or less.
    compared: usize,
    /// Series that were put together, exactly: a change here is to be looked at, then recorded.
    series: usize,
    /// Those of them with a number and a part missing.
    incomplete: usize,
    /// Those of them that replace an older one.
    linked: usize,
    /// Percent of agreement, at least.
    diff: f64,
    author: f64,
    trailers: f64,
    message: f64,
}

#[derive(Deserialize)]
struct File {
    corpus: Vec<Figures>,
}

impl Figures {
    pub(crate) fn of(name: &str) -> Self {
        let file: File = toml::from_str(include_str!("../corpus_git.figures.toml")).unwrap();
        file.corpus.into_iter().find(|figures| figures.name == name).unwrap()
    }

    pub(crate) fn hold(&self, tally: &Tally, sums: &Sums) {
        let near = tally.compared.abs_diff(self.compared) * 100 <= self.compared;
        assert!(near, "git reads a patch in {} mails, not {}", tally.compared, self.compared);
        let ours = (sums.series, sums.incomplete, sums.linked);
        let recorded = (self.series, self.incomplete, self.linked);
        assert_eq!(ours, recorded, "series, incomplete ones, and those that replace another");
        let least = [self.diff, self.author, self.trailers, self.message];
        for ((field, least), (same, of)) in FIELDS.into_iter().zip(least).zip(tally.fields) {
            let percent = percent(same, of);
            assert!(percent >= least, "{field}: {percent:.3} % agree, {least} % were recorded");
        }
    }
}

/// How often we agree with git.
#[derive(Default)]
pub(crate) struct Tally {
    compared: usize,
    /// Agreements of comparisons, by field.
    fields: [(usize, usize); 4],
    rewritten: usize,
    no_patch: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, answer: &Answer) {
        self.compared += 1;
        self.rewritten += usize::from(answer.rewritten);
        self.no_patch += usize::from(answer.no_patch);
        for ((same, of), agrees) in self.fields.iter_mut().zip(answer.agrees) {
            *of += usize::from(agrees.is_some());
            *same += usize::from(agrees == Some(true));
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "git reads a patch in {} mails", self.compared)?;
        for (field, (same, of)) in FIELDS.into_iter().zip(self.fields) {
            writeln!(f, "{field:>8}: {same} of {of}, {:.3} %", percent(same, of))?;
        }
        write!(
            f,
            "authors whose rewritten sender we undid: {}; diffs outside of `Re:` that are no patch to us: {}",
            self.rewritten, self.no_patch
        )
    }
}

fn percent(same: usize, of: usize) -> f64 {
    100.0 * same as f64 / of.max(1) as f64
}
