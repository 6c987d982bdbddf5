//! What is stated and found.

use std::collections::{BTreeMap, BTreeSet};

use tidewaiter_policy::DeclaredForm;

use super::{
    super::{
        chosen::Chosen,
        figure::{Figure, Table},
        plot::{self, Bar, FIRST},
    },
    NAMED, largest,
};

const OF_SERIES: &str = "series that state AI use";

/// Bars of one count a name.
fn simple(
    id: &'static str,
    title: &str,
    lead: &str,
    columns: [&str; 2],
    counts: BTreeMap<String, usize>,
) -> Figure {
    let rows = largest(counts.into_iter().map(|(name, count)| (name, (count, 0))).collect());
    let bars: Vec<Bar> = rows
        .iter()
        .take(NAMED)
        .map(|(name, (count, _))| Bar {
            label: name.clone(),
            value: *count,
            text: count.to_string(),
            colour: FIRST,
        })
        .collect();
    let says = "Bars from left to right. The numbers are in the table below.";
    let left = rows.len().saturating_sub(NAMED);
    let cells = rows.iter().map(|(name, (count, _))| vec![name.clone(), count.to_string()]);
    let svg = (bars.len() > 1).then(|| plot::bars((id, title, says), &bars)).flatten();
    Figure {
        id,
        title: title.to_owned(),
        lead: lead.to_owned(),
        legend: Vec::new(),
        note: match (rows.is_empty(), left) {
            (true, _) => Some("None.".to_owned()),
            (_, 0) => None,
            _ => Some(format!("{left} more are in the file.")),
        },
        table: Table::new(id, &columns, cells.collect())
            .showing(|at| at < NAMED)
            .below(svg.is_some()),
        svg,
    }
}

/// How the statements are made.
pub(crate) fn forms(series: &[Chosen<'_>]) -> Figure {
    let mut counts = BTreeMap::new();
    for one in series {
        let mut here = BTreeSet::new();
        for declared in one.assessment.patches.iter().flat_map(|patch| &patch.declared) {
            // The key is one that the policy or the vocabulary knows, in whatever case.
            let key = declared.key.as_deref().map(capitalised).unwrap_or_default();
            here.insert(match declared.form {
                DeclaredForm::Tag => format!("{key} (the list's own)"),
                DeclaredForm::OtherTag => format!("{key} (another project's)"),
                DeclaredForm::Prose => "in a sentence".to_owned(),
            });
        }
        for form in here {
            *counts.entry(form).or_default() += 1;
        }
    }
    simple(
        "tag-form",
        "By form of the statement",
        "The list's own tag, another project's tag, or a sentence in the author's words; a series that uses several counts for each.",
        ["form", OF_SERIES],
        counts,
    )
}

/// `Assisted-by` of `ASSISTED-BY`.
fn capitalised(key: &str) -> String {
    let lower = key.to_ascii_lowercase();
    let mut letters = lower.chars();
    letters
        .next()
        .map(|c| c.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect::<String>()
        .replace("Ai-", "AI-")
}

/// What for.
pub(crate) fn uses(series: &[Chosen<'_>]) -> Figure {
    const KNOWN: [&str; 5] = ["code", "tests", "docs", "commit-message", "research"];
    let mut counts = BTreeMap::new();
    for one in series {
        let mut here = BTreeSet::new();
        for declared in one.assessment.patches.iter().flat_map(|patch| &patch.declared) {
            if declared.uses.is_empty() {
                here.insert("not said");
            }
            for used in &declared.uses {
                let known = KNOWN.into_iter().find(|known| known == used);
                here.insert(known.unwrap_or("other words"));
            }
        }
        for used in here {
            *counts.entry(used.to_owned()).or_default() += 1;
        }
    }
    simple(
        "use",
        "By stated use",
        "Uses as the tags name them; most tags of other projects name a tool and no use.",
        ["use", OF_SERIES],
        counts,
    )
}

/// Which rules found something.
pub(crate) fn rules(series: &[Chosen<'_>]) -> Figure {
    let mut counts = BTreeMap::new();
    for one in series {
        let rules: BTreeSet<&str> =
            one.assessment.findings.iter().map(|f| f.rule.as_str()).collect();
        for rule in rules {
            *counts.entry(rule.to_owned()).or_default() += 1;
        }
    }
    let lead = "Rules that found something, notes included.";
    simple("rule", "By rule", lead, ["rule", "series"], counts)
}
