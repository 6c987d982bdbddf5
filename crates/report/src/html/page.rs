//! What the pages show, filled into their template.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use minijinja::{Value, context, value::Serde};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tidewaiter_engine::Judged;
use tidewaiter_policy::Policy;

use super::{
    HtmlError, HtmlPage, HtmlReport, Rendered,
    bins::{self, Bins},
    chosen::{Chosen, chosen},
    compare, facts,
    figure::Figure,
    file_name,
    row::Rows,
    sections,
};

const STYLE: &str = include_str!("../../templates/style.css");
const SCRIPT: &str = include_str!("../../templates/script.js");

/// How many series that come out otherwise are listed beside the two policies.
const CHANGED: usize = 100;

/// A series that comes out otherwise under the second policy.
#[derive(Clone, Debug, Serialize)]
struct Changed {
    date: String,
    first: String,
    second: String,
    title: String,
    href: Option<String>,
}

impl HtmlReport<'_> {
    pub(super) fn page(&self, number: usize) -> Result<HtmlPage, HtmlError> {
        let (style, script) = (tidy(STYLE), tidy(SCRIPT));
        let rows = |pages: &[Rendered]| pages.iter().map(|page| page.rows).sum::<usize>();
        let (before, from_here) =
            self.pages.split_at_checked(number - 1).unwrap_or((&self.pages, &[]));
        let here = from_here.first();
        let (total, before) = (rows(&self.pages), rows(before));
        let span = facts::span(self.all).map(|(first, last)| {
            if first == last { first.to_string() } else { format!("{first} to {last}") }
        });
        let view = context! {
            number => number,
            pages => (1..=self.pages.len()).map(file_name).collect::<Vec<_>>(),
            style_hash => hash(&style),
            script_hash => hash(&script),
            style => Value::from_safe_string(style),
            script => Value::from_safe_string(script),
            span => span,
            names => self.asked.names,
            two => self.context.against.is_some(),
            first => if number == 1 { self.first_page() } else { Value::from(()) },
            rows => Value::from_safe_string(here.map(|p| p.html.clone()).unwrap_or_default()),
            from => before + 1,
            to => before + here.map_or(0, |page| page.rows),
            total => total,
            silent => self.all.len() - total - self.left_out,
            left_out => self.left_out,
        };
        let text = self.environment.get_template("page.html")?.render(view)?;
        Ok(HtmlPage { name: file_name(number), text })
    }

    /// What only the first page has: facts and figures.
    fn first_page(&self) -> Value {
        let (series, others) = chosen(self.all);
        context! {
            facts => Value::from(Serde(facts::read(self.summary, self.all, &self.asked))),
            policies => Value::from(Serde(facts::policies(self.context, self.all))),
            numbers => Value::from(Serde(facts::numbers(self.summary, &series, others.len()))),
            said => Value::from(Serde(facts::said(self.summary))),
            sections => self.sections(&series),
            comparison => self.comparison(&series, &others),
        }
    }

    fn sections(&self, series: &[Chosen<'_>]) -> Value {
        let bins = Bins::new(series.iter().map(|one| one.judged.series.first));
        let policy = self.policy(series);
        let section = |id: &str, title: &str, figures: Vec<Figure>| {
            context! { id => id, title => title, figures => Value::from(Serde(figures)) }
        };
        let mut all = vec![
            section(
                "time",
                "Over time",
                vec![sections::declared_share(series, &bins), sections::outcomes(series, &bins)],
            ),
            section(
                "stated",
                "What is stated",
                vec![sections::forms(series), sections::uses(series), sections::rules(series)],
            ),
            section(
                "touched",
                "What is touched",
                vec![
                    sections::subsystems(series, self.context.maintainers.is_some()),
                    sections::categories(series),
                    sections::sizes(series, policy),
                ],
            ),
        ];
        // The second policy's limit, where the first has none.
        let second = self.context.against.as_ref();
        let limited = |policy: &&Policy| policy.limits.small_fix.is_some();
        let figure = match (policy.filter(limited), second.filter(limited)) {
            (Some(first), _) => Some(sections::limit(series, first, false)),
            (None, Some(second)) => Some(sections::limit(series, second, true)),
            (None, None) => policy.map(|policy| sections::limit(series, policy, false)),
        };
        all.push(section("small-fixes", "The small-fix limit", figure.into_iter().collect()));
        Value::from(all)
    }

    /// The policy that judged the most series.
    fn policy(&self, series: &[Chosen<'_>]) -> Option<&Policy> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for one in series {
            *counts.entry(&one.assessment.policy).or_default() += 1;
        }
        let (id, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        self.context.policy(id)
    }

    fn comparison(&self, series: &[Chosen<'_>], others: &[&Judged]) -> Value {
        let Some(second) = &self.context.against else { return Value::from(()) };
        let pairs =
            compare::pairs(series.iter().map(|one| one.judged).chain(others.iter().copied()));
        let first = self.policy(series).map_or("the first policy", |policy| &policy.id);
        // The same policy with one value changed.
        let second =
            if second.id == first { format!("{first}, changed") } else { second.id.clone() };
        let rows = Rows::new(self.context, self.asked.names);
        let counting = crate::versions::counting(self.all);
        let moved: Vec<usize> = counting
            .iter()
            .enumerate()
            .rev()
            .filter(|(at, counts)| **counts && self.all.get(*at).is_some_and(compare::differs))
            .map(|(at, _)| at)
            .collect();
        let graver = |at: &usize| {
            let judged = self.all.get(*at);
            judged.and_then(|j| Some(compare::graver(j.first()?, j.against.as_ref()?) > 0))
        };
        let gentler = moved.iter().filter(|at| graver(at) == Some(false)).count();
        let changed = moved.iter().take(CHANGED).filter_map(|at| {
            let judged = self.all.get(*at)?;
            Some(Changed {
                date: bins::day(judged.series.first).to_string(),
                first: crate::difference::told(judged.first()?),
                second: crate::difference::told(judged.against.as_ref()?),
                title: rows.title(judged),
                href: self.places.get(at).map(|(page, number)| match page {
                    1 => format!("#s{number}"),
                    page => format!("{}#s{number}", file_name(*page)),
                }),
            })
        });
        let changed: Vec<Changed> = changed.collect();
        let figures = vec![
            compare::outcomes(&pairs, first, &second),
            compare::matrix(&pairs, first, &second),
            compare::rules(&pairs, first, &second),
        ];
        context! {
            first => first,
            second => second,
            figures => Value::from(Serde(figures)),
            count => moved.len(),
            gentler => gentler,
            of => pairs.len(),
            left => moved.len() - changed.len(),
            changed => Value::from(Serde(changed)),
        }
    }
}

/// What the page holds is what is hashed: without the comments and indentation of the source.
fn tidy(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A hash for the page's Content-Security-Policy.
pub(super) fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text.as_bytes())))
}
