//! The page of a dry run: what was read, what authors state, and what policies make of it.
//!
//! One file that works from a disk: no request, no framework; readable without a script. Nothing
//! from a mail is ever markup, and no name of a person stands in it unless it is asked for.

mod bins;
mod chosen;
mod compare;
mod csv;
mod curve;
mod escape;
mod facts;
mod figure;
mod mask;
mod page;
mod plot;
mod row;
mod sections;

use std::collections::BTreeMap;

use minijinja::{Environment, Value, value::Serde};
use tidewaiter_engine::{Context, Judged};

use self::row::{Rows, has_row};
use crate::Summary;

/// What a report holds at most; what is beyond is in the JSON Lines.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// Rows of a page.
    rows: usize,
    /// Bytes of its rows; the last may go over.
    bytes: usize,
    pages: usize,
}

const ROOM: Room = Room { rows: 1_000, bytes: 3_500_000, pages: 20 };

/// What was asked of a dry run, as far as its page says so.
#[derive(Clone, Copy, Debug, Default)]
pub struct HtmlAsked<'a> {
    /// What was read, by name.
    pub read: &'a [String],
    /// The options that matter, as they were given.
    pub options: &'a [String],
    /// The program and its version.
    pub program: &'a str,
    /// People's names and addresses may stand in the page.
    pub names: bool,
}

/// Why a page cannot be made; a fault of the program.
#[derive(Debug, thiserror::Error)]
#[error("failed to fill in the template of the page")]
pub struct HtmlError(#[from] minijinja::Error);

/// One file of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HtmlPage {
    /// `index.html`, `series-2.html`, ...
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The report of a dry run: one page, and more of them where there are many series.
#[derive(Debug)]
pub struct HtmlReport<'a> {
    environment: Environment<'static>,
    summary: &'a Summary,
    context: &'a Context,
    all: &'a [Judged],
    asked: HtmlAsked<'a>,
    /// The rows of each page.
    pages: Vec<Rendered>,
    /// Of each series with a row its page and number.
    places: BTreeMap<usize, (usize, usize)>,
    /// Series versions with something to show that no page has room for.
    left_out: usize,
}

/// Rows as HTML.
#[derive(Clone, Debug, Default)]
struct Rendered {
    rows: usize,
    html: String,
}

impl<'a> HtmlReport<'a> {
    /// Makes the rows, newest series first.
    ///
    /// # Errors
    /// None with the templates as they are; a test fills in each.
    pub fn new(
        summary: &'a Summary,
        context: &'a Context,
        all: &'a [Judged],
        asked: HtmlAsked<'a>,
    ) -> Result<Self, HtmlError> {
        Self::within(ROOM, summary, context, all, asked)
    }

    fn within(
        room: Room,
        summary: &'a Summary,
        context: &'a Context,
        all: &'a [Judged],
        asked: HtmlAsked<'a>,
    ) -> Result<Self, HtmlError> {
        let environment = escape::environment()?;
        let mut report = Self {
            environment,
            summary,
            context,
            all,
            asked,
            pages: vec![Rendered::default()],
            places: BTreeMap::new(),
            left_out: 0,
        };
        report.fill(room)?;
        Ok(report)
    }

    fn fill(&mut self, room: Room) -> Result<(), HtmlError> {
        let rows = Rows::new(self.context, self.asked.names);
        let newest = crate::versions::counting(self.all);
        let template = self.environment.get_template("row.html")?;
        let mut number = 0;
        for (at, judged) in self.all.iter().enumerate().rev().filter(|(_, j)| has_row(j)) {
            let full = self
                .pages
                .last()
                .is_none_or(|page| page.rows >= room.rows || page.html.len() >= room.bytes);
            if full && self.pages.len() >= room.pages {
                self.left_out += 1;
                continue;
            }
            if full {
                self.pages.push(Rendered::default());
            }
            number += 1;
            let newest = newest.get(at).copied().unwrap_or(false);
            let row = rows.row(number, judged, newest);
            let html = template.render(Value::from(Serde(row)))?;
            self.places.insert(at, (self.pages.len(), number));
            if let Some(page) = self.pages.last_mut() {
                page.rows += 1;
                page.html.push_str(&html);
            }
        }
        Ok(())
    }

    /// How many files it has.
    #[must_use]
    pub fn page_count(&self) -> usize {
        self.pages.len()
    }

    /// The files, from `index.html` on, each made when it is asked for.
    pub fn pages(&self) -> impl Iterator<Item = Result<HtmlPage, HtmlError>> + '_ {
        (1..=self.pages.len()).map(|number| self.page(number))
    }
}

fn file_name(number: usize) -> String {
    if number == 1 { "index.html".to_owned() } else { format!("series-{number}.html") }
}

#[cfg(test)]
mod tests;
