//! A plot, its numbers as a table, and both as CSV.

use serde::Serialize;

use super::csv;

/// How many rows a table shows before it has to be opened.
const OPEN: usize = 12;

/// One plot with its numbers.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figure {
    /// Ours: letters and dashes.
    pub(super) id: &'static str,
    pub(super) title: String,
    /// What it shows, in a sentence or two.
    pub(super) lead: String,
    /// SVG as [`super::plot`] draws it; `None` where a table says it better.
    pub(super) svg: Option<String>,
    /// What the marks of the plot mean.
    pub(super) legend: Vec<Key>,
    /// What is left out or odd.
    pub(super) note: Option<String>,
    pub(super) table: Table,
}

/// One mark of a plot.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Key {
    /// The class of its colour and pattern.
    pub(super) class: &'static str,
    pub(super) text: String,
}

/// Numbers in rows.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// It is long, and opens on demand.
    pub(super) folded: bool,
    /// The file's name and its content as a link.
    pub(super) csv_name: String,
    pub(super) csv_url: String,
}

impl Table {
    /// A table; the first column names the row, the others hold numbers.
    pub(super) fn new(id: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Self {
        Self {
            csv_name: format!("{id}.csv"),
            csv_url: csv::data_url(columns, rows.iter().map(Vec::as_slice)),
            columns: columns.iter().map(|&name| name.to_owned()).collect(),
            folded: rows.len() > OPEN,
            rows,
        }
    }

    /// Opens on demand, since a plot stands above it.
    pub(super) fn below(mut self, plot: bool) -> Self {
        self.folded |= plot;
        self
    }

    /// Shows only some of the rows; the file keeps all.
    pub(super) fn showing(mut self, wanted: impl Fn(usize) -> bool) -> Self {
        let mut at = 0..;
        self.rows.retain(|_| at.next().is_some_and(&wanted));
        self.folded = self.rows.len() > OPEN;
        self
    }
}

/// `12 (3.4 %)`, or a dash of nothing.
pub(super) fn share(part: usize, whole: usize) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    format!("{:.1} %", 100.0 * part as f64 / whole as f64)
}
