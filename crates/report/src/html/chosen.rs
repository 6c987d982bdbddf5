//! The series that the plots count.

use tidewaiter_engine::Judged;
use tidewaiter_policy::Assessment;

use crate::versions;

/// One judged series, in the version that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen<'a> {
    pub(super) judged: &'a Judged,
    pub(super) assessment: &'a Assessment,
}

/// Every series once, as its newest judged version; then those that were not judged at all.
pub(super) fn chosen(all: &[Judged]) -> (Vec<Chosen<'_>>, Vec<&Judged>) {
    let (mut series, mut others) = (Vec::new(), Vec::new());
    for (judged, counts) in all.iter().zip(versions::counting(all)) {
        if !counts {
            continue;
        }
        match judged.first().and_then(|first| first.assessment.as_ref()) {
            Some(assessment) => series.push(Chosen { judged, assessment }),
            None => others.push(judged),
        }
    }
    (series, others)
}

impl Chosen<'_> {
    /// Its lines over all its patches, as the policy counts them.
    pub(super) fn counted(&self) -> u32 {
        self.assessment.patches.iter().fold(0, |sum: u32, p| sum.saturating_add(p.counted))
    }
}
