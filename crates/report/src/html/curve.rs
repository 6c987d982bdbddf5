//! What another limit for small fixes would change.

use tidewaiter_policy::{Assessment, PatchAssessment, Policy};

/// The highest limit that the curve goes to.
pub(super) const HIGHEST: usize = 200;

/// How many series fit under each limit, from 0 to [`HIGHEST`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Curve {
    /// Series that state a use which the policy does not exempt.
    pub(super) declared: usize,
    /// Of these, how many have every declared patch within the limit.
    pub(super) within: Vec<usize>,
    /// Of those, how many add no file or interface either.
    pub(super) and_add_nothing: Vec<usize>,
}

/// The curve of these series, their lines as the policy that assessed them counts.
pub(super) fn curve<'a>(
    policy: &Policy,
    assessments: impl Iterator<Item = &'a Assessment>,
) -> Curve {
    let mut curve =
        Curve { declared: 0, within: vec![0; HIGHEST + 1], and_add_nothing: vec![0; HIGHEST + 1] };
    for assessment in assessments {
        let declared = |patch: &&PatchAssessment| {
            patch.declared.iter().any(|declared| !policy.exempts(&declared.uses))
        };
        let patches = || assessment.patches.iter().filter(declared);
        let Some(largest) = patches().map(|patch| patch.counted).max() else { continue };
        curve.declared += 1;
        let adds = patches().any(|patch| patch.counted > 0 && patch.adds_more_than_a_fix);
        let from = usize::try_from(largest).unwrap_or(usize::MAX);
        for (limit, within) in curve.within.iter_mut().enumerate() {
            *within += usize::from(limit >= from);
        }
        for (limit, within) in curve.and_add_nothing.iter_mut().enumerate() {
            *within += usize::from(limit >= from && !adds);
        }
    }
    curve
}
