//! What the series touch.

use std::collections::{BTreeMap, BTreeSet};

use tidewaiter_policy::Policy;

use super::{
    super::{
        chosen::Chosen,
        figure::{Figure, Table, share},
        plot::{self, Bar, FIRST},
    },
    NAMED, counting, largest,
};

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
pub(crate) fn subsystems(series: &[Chosen<'_>], known: bool) -> Figure {
    let counts = touched(series, |one| {
        one.assessment.patches.iter().flat_map(|p| &p.own_subsystems).map(String::as_str).collect()
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
pub(crate) fn categories(series: &[Chosen<'_>]) -> Figure {
    let counts = touched(series, |one| {
        one.assessment.patches.iter().flat_map(|p| &p.categories).map(String::as_str).collect()
    });
    let lead = "Kinds of files that the patches change, and of whole patches (mechanical, \
                small-fix); a series counts for each.";
    of_all("category", "By category", lead, "category", largest(counts), None)
}

/// By lines.
pub(crate) fn sizes(series: &[Chosen<'_>], policy: Option<&Policy>) -> Figure {
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
