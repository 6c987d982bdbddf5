//! What can be said of a patch besides its own lines.

use tidewaiter_policy::{Assessment, Finding, Outcome, PatchAssessment, Severity};

use crate::text;

/// The findings that a reply is about.
pub(crate) fn speaking(assessment: &Assessment) -> impl Iterator<Item = &Finding> {
    assessment.findings.iter().filter(|finding| finding.severity >= Severity::Ask)
}

/// What rules counted in a patch, or in the whole series, such as `57 lines outside tests; touches accel/tcg`.
///
/// Nothing under a policy that declines: there it is of no use to anybody.
pub(super) fn counted(assessment: &Assessment, patch: Option<u32>) -> String {
    if assessment.outcome != Outcome::Ask {
        return String::new();
    }
    let mut parts: Vec<String> = Vec::new();
    for finding in speaking(assessment).filter(|f| f.patch == patch && f.line.is_none()) {
        if let Some(part) = finding.text.as_deref().and_then(text::counted)
            && !parts.contains(&part)
        {
            parts.push(part);
        }
    }
    parts.truncate(4);
    parts.join("; ")
}

/// `88 lines, tests only`.
pub(super) fn size(patch: &PatchAssessment) -> String {
    let lines = u64::from(patch.added) + u64::from(patch.removed);
    let unit = if lines == 1 { "line" } else { "lines" };
    let kinds: Vec<&str> = patch
        .categories
        .iter()
        .map(String::as_str)
        .filter(|kind| !matches!(*kind, "mechanical" | "small-fix"))
        .collect();
    match kinds.as_slice() {
        [only @ ("tests" | "docs")] => format!("{lines} {unit}, {only} only"),
        ["docs", "tests"] | ["tests", "docs"] => format!("{lines} {unit}, tests and docs only"),
        _ => format!("{lines} {unit}"),
    }
}
