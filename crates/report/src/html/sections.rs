//! What the page counts, as figures.

use std::collections::{BTreeMap, BTreeSet};

use tidewaiter_policy::{DeclaredForm, Outcome, Policy};

use super::{
    bins::Bins,
    chosen::Chosen,
    curve::{HIGHEST, curve},
    figure::{Figure, Key, Table, share},
    plot::{self, Bar, FIRST, SECOND, THIRD},
};
use crate::summary::word;

/// How many subsystems, tags and rules have a row of their own.
const NAMED: usize = 20;

/// What the curve's table shows; the file has every limit.
const SHOWN_LIMITS: [usize; 11] = [0, 5, 10, 20, 30, 40, 50, 75, 100, 150, 200];

const OF_SERIES: &str = "series that state AI use";

/// The series by outcome, over time.
pub(super) fn outcomes(series: &[Chosen<'_>], bins: &Bins) -> Figure {
    let order = [Outcome::Decline, Outcome::Ask, Outcome::Disclosure, Outcome::Silent];
    let mut counts = vec![vec![0_usize; bins.len()]; order.len()];
    for one in series {
        let layer = order.iter().position(|outcome| *outcome == one.assessment.outcome);
        let cell = layer.and_then(|layer| counts.get_mut(layer));
        if let Some(cell) = cell.and_then(|c| c.get_mut(bins.of(one.judged.series.first))) {
            *cell += 1;
        }
    }
    let labels = bins.labels();
    let rows = labels.iter().enumerate().map(|(at, label)| {
        let cells = counts.iter().map(|layer| layer.get(at).copied().unwrap_or(0).to_string());
        std::iter::once(label.clone()).chain(cells).collect()
    });
    let name = bins.length.name();
    let table = Table::new(
        "outcomes-over-time",
        &[name, "decline", "ask", "disclosure", "silent"],
        rows.collect(),
    );
    let title = format!("Outcomes by {name}");
    let layers: Vec<_> = [FIRST, SECOND, THIRD].into_iter().zip(counts).collect();
    let any = layers.iter().any(|(_, counts)| counts.iter().any(|count| *count > 0));
    let svg = (labels.len() > 1 && any).then(|| {
        let says = "Stacked bars: series that come out as decline, ask and disclosure. \
                    The numbers are in the table below.";
        plot::stacked(("outcomes", &title, says), &labels, &layers)
    });
    let meanings = [
        ("k1", "decline: the policy declines such a contribution"),
        ("k2", "ask: it asks for something more"),
        ("k3", "disclosure: AI use is stated, and nothing is asked"),
    ];
    let drawn = layers.iter().map(|(_, counts)| counts.iter().any(|count| *count > 0));
    let legend: Vec<Key> = meanings
        .into_iter()
        .zip(drawn)
        .filter(|(_, drawn)| *drawn)
        .map(|((class, text), _)| Key { class, text: text.to_owned() })
        .collect();
    Figure {
        id: "outcomes",
        lead: "Series of which something could be said. Silent ones are in the table only."
            .to_owned(),
        note: note_on_points(labels.len(), name, any),
        legend: if svg.is_some() { legend } else { Vec::new() },
        svg: svg.flatten(),
        table,
        title,
    }
}

fn note_on_points(points: usize, name: &str, any: bool) -> Option<String> {
    match points {
        0 => Some("No series was judged.".to_owned()),
        1 => Some(format!("The archive spans one {name}: one point is no plot.")),
        _ => (!any).then(|| "There is nothing to draw.".to_owned()),
    }
}

/// Which share of the series states AI use, over time.
pub(super) fn declared_share(series: &[Chosen<'_>], bins: &Bins) -> Figure {
    let mut counts = vec![(0_usize, 0_usize, 0_usize); bins.len()];
    for one in series {
        if let Some(cell) = counts.get_mut(bins.of(one.judged.series.first)) {
            cell.0 += 1;
            cell.1 += usize::from(one.assessment.declared);
            cell.2 += usize::from(one.assessment.indicated);
        }
    }
    let (labels, name) = (bins.labels(), bins.length.name());
    let rows = labels.iter().zip(&counts).map(|(label, (all, declared, marks))| {
        vec![
            label.clone(),
            all.to_string(),
            declared.to_string(),
            share(*declared, *all),
            marks.to_string(),
        ]
    });
    let table = Table::new(
        "stated-over-time",
        &[name, "series", "state AI use", "share", "with a tool's mark"],
        rows.collect(),
    );
    let title = format!("Share of series that state AI use, by {name}");
    let shares: Vec<Option<f64>> = counts
        .iter()
        .map(|(all, declared, _)| (*all > 0).then(|| 100.0 * *declared as f64 / *all as f64))
        .collect();
    let any = shares.iter().flatten().any(|share| *share > 0.0);
    let says = "A line of percentages. The numbers are in the table below.";
    let svg =
        (labels.len() > 1 && any).then(|| plot::shares(("share", &title, says), &labels, &shares));
    Figure {
        id: "share",
        lead: "What authors state, not what they used: a series without a tag says nothing."
            .to_owned(),
        svg: svg.flatten(),
        legend: Vec::new(),
        note: note_on_points(labels.len(), name, any),
        table,
        title,
    }
}

/// A count for each name, the largest first, what is beyond [`NAMED`] together.
fn largest(counts: BTreeMap<String, (usize, usize)>) -> Vec<(String, (usize, usize))> {
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by(|(a, x), (b, y)| (y.0, y.1, a).cmp(&(x.0, x.1, b)));
    rows
}

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
pub(super) fn forms(series: &[Chosen<'_>]) -> Figure {
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
pub(super) fn uses(series: &[Chosen<'_>]) -> Figure {
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
pub(super) fn rules(series: &[Chosen<'_>]) -> Figure {
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

/// Bars of the series that state AI use, of all that there are.
fn of_all(
    id: &'static str,
    title: &str,
    lead: &str,
    first: &str,
    rows: Vec<(String, (usize, usize))>,
    note: Option<String>,
) -> Figure {
    let bars: Vec<Bar> = rows
        .iter()
        .map(|(name, (all, declared))| Bar {
            label: name.clone(),
            value: *declared,
            text: format!("{declared} of {all}"),
            colour: FIRST,
        })
        .collect();
    let says = "Bars: series that state AI use. The numbers are in the table below.";
    let any = bars.iter().any(|bar| bar.value > 0);
    let cells = rows.iter().map(|(name, (all, declared))| {
        vec![name.clone(), all.to_string(), declared.to_string(), share(*declared, *all)]
    });
    let svg = (any && bars.len() > 1).then(|| plot::bars((id, title, says), &bars)).flatten();
    Figure {
        id,
        title: title.to_owned(),
        lead: lead.to_owned(),
        legend: Vec::new(),
        note,
        table: Table::new(id, &[first, "series", "state AI use", "share"], cells.collect())
            .below(svg.is_some()),
        svg,
    }
}

/// By what the series touch, a name each of its patches' names.
fn touched<'a>(
    series: &'a [Chosen<'a>],
    names: impl Fn(&'a Chosen<'a>) -> BTreeSet<&'a str>,
) -> BTreeMap<String, (usize, usize)> {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for one in series {
        for name in names(one) {
            let (all, declared) = counts.entry(name.to_owned()).or_default();
            *all += 1;
            *declared += usize::from(one.assessment.declared);
        }
    }
    counts
}

/// By subsystem of MAINTAINERS; those with the most statements first.
pub(super) fn subsystems(series: &[Chosen<'_>], known: bool) -> Figure {
    let counts = touched(series, |one| {
        one.assessment.patches.iter().flat_map(|p| &p.subsystems).map(String::as_str).collect()
    });
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by(|(a, x), (b, y)| (y.1, y.0, a).cmp(&(x.1, x.0, b)));
    let others = rows.split_off(rows.len().min(NAMED));
    let note = match (known, others.len()) {
        (false, _) => Some("No MAINTAINERS file was given (--maintainers).".to_owned()),
        (_, 0) => None,
        (_, left) => {
            let declared = others.iter().filter(|(_, (_, declared))| *declared > 0).count();
            Some(format!(
                "{left} other subsystems are left out, {declared} of them with a series that \
                 states AI use."
            ))
        }
    };
    let lead = "Subsystems by MAINTAINERS; a series counts for each that it touches.";
    of_all("subsystem", "By subsystem", lead, "subsystem", rows, note)
}

/// By kind of file.
pub(super) fn categories(series: &[Chosen<'_>]) -> Figure {
    let counts = touched(series, |one| {
        one.assessment.patches.iter().flat_map(|p| &p.categories).map(String::as_str).collect()
    });
    let lead = "Kinds of files that the patches change, and of whole patches (mechanical, \
                small-fix); a series counts for each.";
    of_all("category", "By category", lead, "category", largest(counts), None)
}

/// By lines.
pub(super) fn sizes(series: &[Chosen<'_>], policy: Option<&Policy>) -> Figure {
    const BINS: [(u32, &str); 7] = [
        (0, "none"),
        (20, "1 to 20"),
        (50, "21 to 50"),
        (100, "51 to 100"),
        (200, "101 to 200"),
        (500, "201 to 500"),
        (u32::MAX, "over 500"),
    ];
    let mut rows: Vec<_> = BINS.iter().map(|(_, name)| ((*name).to_owned(), (0, 0))).collect();
    for one in series {
        let lines = one.counted();
        let at = BINS.iter().position(|(highest, _)| lines <= *highest);
        if let Some((_, (all, declared))) = at.and_then(|at| rows.get_mut(at)) {
            *all += 1;
            *declared += usize::from(one.assessment.declared);
        }
    }
    let lead = format!("Lines of the whole series, {}.", counting(policy));
    of_all("size", "By size", &lead, "lines", rows, None)
}

/// How a policy counts lines, in words.
fn counting(policy: Option<&Policy>) -> String {
    let Some(policy) = policy else { return "as its policy counts them".to_owned() };
    let limits = &policy.limits;
    let what = match word(&limits.count).as_str() {
        "larger" => "the greater of added and removed",
        "added" => "added ones",
        _ => "added and removed together",
    };
    let left: Vec<&str> = limits.leave_out.iter().map(|category| category.name()).collect();
    let left =
        if left.is_empty() { String::new() } else { format!(", without {}", left.join(", ")) };
    let blank = if limits.blank_lines { "" } else { ", blank lines aside" };
    format!("as {} counts them: {what}{left}{blank}", policy.id)
}

/// The limit for small fixes as a curve.
pub(super) fn limit(series: &[Chosen<'_>], policy: &Policy, second: bool) -> Figure {
    let assessments = series.iter().filter_map(|one| {
        if second { one.judged.against.as_ref()?.assessment.as_ref() } else { Some(one.assessment) }
    });
    let of_policy = assessments.filter(|assessment| assessment.policy == policy.id);
    let curve = curve(policy, of_policy);
    let own = policy.limits.small_fix.and_then(|limit| usize::try_from(limit).ok());
    let mut marks: Vec<(usize, String)> = own
        .filter(|limit| *limit <= HIGHEST)
        .map(|limit| (limit, format!("{limit}, the policy's own")))
        .into_iter()
        .collect();
    for limit in [20, 50] {
        if own.is_none_or(|own| own.abs_diff(limit) > 5) {
            marks.push((limit, limit.to_string()));
        }
    }
    let title = "How many fit under another small-fix limit".to_owned();
    let says = "Two rising curves over limits from 0 to 200 lines: series within the limit, and \
                those of them that add no file or interface either. The numbers are in the table below.";
    let lines: [(_, &[usize]); 2] = [(FIRST, &curve.within), (SECOND, &curve.and_add_nothing)];
    let svg = (curve.declared > 0).then(|| plot::curves(("limit", &title, says), &lines, &marks));
    let rows =
        curve.within.iter().zip(&curve.and_add_nothing).enumerate().map(|(limit, (all, add))| {
            vec![limit.to_string(), all.to_string(), share(*all, curve.declared), add.to_string()]
        });
    let table = Table::new(
        "small-fix-limit",
        &["limit (lines)", "series within it", "share", "and add no file or interface"],
        rows.collect(),
    );
    let key = |class, text: &str| Key { class, text: text.to_owned() };
    Figure {
        id: "limit",
        lead: format!(
            "Of {} series that state a use which the policy does not exempt: in how many is \
             every such patch within the limit? Lines {}. What else the policy asks is left aside.",
            curve.declared,
            counting(Some(policy))
        ),
        legend: if svg.is_some() {
            vec![
                key("k1 line", "every declared patch within the limit"),
                key("k2 line", "and none adds a file or interface"),
            ]
        } else {
            Vec::new()
        },
        svg: svg.flatten(),
        note: own.is_none().then(|| format!("{} sets no limit of its own.", policy.id)),
        table: table.showing(|at| SHOWN_LIMITS.contains(&at)),
        title,
    }
}
