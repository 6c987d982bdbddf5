//! Over time.

use tidewaiter_policy::Outcome;

use super::super::{
    bins::Bins,
    chosen::Chosen,
    figure::{Figure, Key, Table, share},
    plot::{self, FIRST, SECOND, THIRD},
};

/// The series by outcome, over time.
pub(crate) fn outcomes(series: &[Chosen<'_>], bins: &Bins) -> Figure {
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
pub(crate) fn declared_share(series: &[Chosen<'_>], bins: &Bins) -> Figure {
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
