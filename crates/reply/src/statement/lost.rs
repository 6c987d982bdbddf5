//! Tags that a new version does not have any more.

use serde::Serialize;
use tidewaiter_patch::Series;
use tidewaiter_policy::Assessment;

use super::{PolicyView, facts, who::is_numbered};
use crate::text::{cite_tag, stripped};

/// A tag that the same diff had in the version before.
#[derive(Debug, Serialize)]
pub(crate) struct Lost {
    /// Where it stood: `v1 patch 3`, `v1`.
    pub(crate) before: String,
    /// The tag as it is cited.
    pub(crate) cite: String,
    /// The patch that has the same diff now: `v3 patch 3`, `v3`.
    pub(crate) now: String,
}

/// The lost tags, where a reply is about nothing else; and how many more there are than `most`.
pub(super) fn lost(
    series: &Series,
    assessment: &Assessment,
    policy: &PolicyView<'_>,
    most: usize,
) -> (Vec<Lost>, usize) {
    let all = facts::lost(assessment);
    let more = all.len().saturating_sub(most);
    let numbered = is_numbered(series);
    let lost = all.iter().take(most).map(|(finding, before)| Lost {
        before: match before.total {
            // What the cover letter stated, it stated for all.
            _ if before.whole_series => stripped(&before.version),
            1 => stripped(&before.version),
            _ => format!("{} patch {}", stripped(&before.version), before.patch),
        },
        cite: cite_tag(&before.key, &before.value, policy.may_cite),
        now: match finding.patch.filter(|_| numbered) {
            Some(patch) => format!("{} patch {patch}", series.version),
            None => series.version.to_string(),
        },
    });
    (lost.collect(), more)
}
