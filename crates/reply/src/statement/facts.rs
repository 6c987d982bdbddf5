//! What can be said of a patch besides its own lines.

use std::collections::HashSet;

use tidewaiter_policy::{Assessment, Finding, Outcome, PatchAssessment, Severity, TagBefore};

use crate::text;

/// The findings that a reply is about.
pub(crate) fn speaking(assessment: &Assessment) -> impl Iterator<Item = &Finding> {
    grave(assessment).filter(|finding| finding.before.is_none())
}

/// The findings of tags that a version lost, where nothing else is to be said: they are the
/// author's business alone, so in a mail to others nothing stands of them.
pub(crate) fn lost(assessment: &Assessment) -> Vec<(&Finding, &TagBefore)> {
    if speaking(assessment).next().is_some() {
        return Vec::new();
    }
    grave(assessment).filter_map(|finding| Some((finding, finding.before.as_ref()?))).collect()
}

fn grave(assessment: &Assessment) -> impl Iterator<Item = &Finding> {
    assessment.findings.iter().filter(|finding| finding.severity >= Severity::Ask)
}

/// What rules counted in a patch, or in the whole series, such as `57 lines outside tests; touches accel/tcg`.
///
/// Nothing under a policy that declines: there it is of no use to anybody.
pub(super) fn counted(assessment: &Assessment, patch: Option<u32>) -> String {
    if assessment.outcome != Outcome::Ask {
        return String::new();
    }
    let cited = cited(assessment, patch);
    let mut parts: Vec<String> = Vec::new();
    for finding in speaking(assessment).filter(|finding| finding.patch == patch) {
        let Some(text) = finding.text.as_deref().filter(|text| !cited.contains(*text)) else {
            continue;
        };
        for part in text.split("; ").filter(|part| is_counted(part)).filter_map(text::counted) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    parts.truncate(4);
    parts.join("; ")
}

/// The lines of mails that a finding may hold instead of a count.
fn cited(assessment: &Assessment, patch: Option<u32>) -> HashSet<String> {
    let mut cited = HashSet::new();
    let of = |known: &&PatchAssessment| patch.is_none_or(|patch| known.index == patch);
    let mut add = |key: Option<&str>, value: &str| {
        cited.insert(key.map_or_else(|| value.to_owned(), |key| format!("{key}: {value}")));
    };
    for patch in assessment.patches.iter().filter(of) {
        patch.declared.iter().for_each(|d| add(d.key.as_deref(), &d.value));
        patch.indicated.iter().for_each(|m| add(m.key.as_deref(), &m.value));
    }
    cited
}

/// How rules begin what they counted; a second guard against repeating a mail's own words.
fn is_counted(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_digit())
        || ["touches ", "adds "].iter().any(|start| part.starts_with(start))
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
