//! How many series state AI use, month by month and subsystem by subsystem, for the terminal.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use jiff::tz::TimeZone;
use tidewaiter_engine::Judged;

use crate::{difference::last_versions, width::one_line};

/// Bars of a sparkline; an archive of more months has several of them in a bar.
const BARS: usize = 48;
/// How many subsystems are named.
const NAMED: usize = 8;
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Series, and those among them that state AI use.
#[derive(Clone, Copy, Default)]
struct Counts {
    series: u64,
    declared: u64,
}

impl Counts {
    fn add(&mut self, declared: u64) {
        self.series += 1;
        self.declared += declared;
    }
}

/// Writes both, as far as there is anything stated. Versions of a series count once, as the last
/// that was judged.
pub(crate) fn over_time(text: &mut String, all: &[Judged]) {
    let mut months: BTreeMap<i32, Counts> = BTreeMap::new();
    let mut subsystems: BTreeMap<&str, Counts> = BTreeMap::new();
    for judged in last_versions(all) {
        let Some(assessment) = judged.first().and_then(|first| first.assessment.as_ref()) else {
            continue;
        };
        let day = judged.series.first.to_zoned(TimeZone::UTC).date();
        let month = i32::from(day.year()) * 12 + i32::from(day.month()) - 1;
        let names: BTreeSet<&str> =
            assessment.patches.iter().flat_map(|p| &p.own_subsystems).map(String::as_str).collect();
        let declared = u64::from(assessment.declared);
        months.entry(month).or_default().add(declared);
        for name in names {
            subsystems.entry(name).or_default().add(declared);
        }
    }
    if months.values().any(|counts| counts.declared > 0) {
        sparkline(text, &months);
        table(text, subsystems);
    }
}

fn sparkline(text: &mut String, months: &BTreeMap<i32, Counts>) {
    let (Some((first, _)), Some((last, _))) = (months.first_key_value(), months.last_key_value())
    else {
        return;
    };
    if first == last {
        return;
    }
    let Ok(span) = usize::try_from(last - first) else { return };
    let together = span / BARS + 1;
    let mut bars = vec![0_u64; span / together + 1];
    for (month, counts) in months {
        let at = usize::try_from(month - first).unwrap_or(0) / together;
        if let Some(bar) = bars.get_mut(at) {
            *bar += counts.declared;
        }
    }
    let most = bars.iter().copied().max().unwrap_or(0);
    let drawn: String = bars.iter().map(|count| level(*count, most)).collect();
    let unit = match together {
        1 => "month".to_owned(),
        more => format!("{more} months"),
    };
    let _ = writeln!(text, "\nSeries that state AI use, each {unit} (at most {most})");
    let _ = writeln!(text, "  {}  {drawn}  {}", name(*first), name(*last));
}

/// Nothing at all is a blank, so that it is no low bar.
fn level(count: u64, most: u64) -> char {
    if count == 0 {
        return ' ';
    }
    let step = (count * LEVELS.len() as u64).div_ceil(most.max(1));
    let at = usize::try_from(step.saturating_sub(1)).unwrap_or(0);
    LEVELS.get(at).copied().unwrap_or('█')
}

/// `2026-03`.
fn name(month: i32) -> String {
    format!("{}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
}

fn table(text: &mut String, subsystems: BTreeMap<&str, Counts>) {
    let mut rows: Vec<(&str, Counts)> =
        subsystems.into_iter().filter(|(_, counts)| counts.declared > 0).collect();
    if rows.is_empty() {
        return;
    }
    rows.sort_by_key(|(name, counts)| (std::cmp::Reverse((counts.declared, counts.series)), *name));
    let _ = writeln!(text, "\nSubsystems with most series that state AI use");
    for (name, counts) in rows.iter().take(NAMED) {
        let of = format!("of {}", counts.series);
        let _ = writeln!(text, "{:>7}  {of:<9}{}", counts.declared, one_line(name));
    }
    if let Some(more) = rows.len().checked_sub(NAMED).filter(|more| *more > 0) {
        let _ = writeln!(text, "{:>9}and {more} more", "");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(declared: &[(i32, u64)]) -> String {
        let counts = |declared| Counts { series: 2 * declared, declared };
        let months = declared.iter().map(|(month, declared)| (*month, counts(*declared))).collect();
        let mut text = String::new();
        sparkline(&mut text, &months);
        text
    }

    #[test]
    fn a_bar_a_month() {
        let text = drawn(&[(24_314, 1), (24_315, 8), (24_317, 4)]);
        assert_eq!(
            text,
            "\nSeries that state AI use, each month (at most 8)\n  2026-03  ▁█ ▄  2026-06\n"
        );
        assert_eq!(drawn(&[(24_314, 9)]), "", "one month has no course");
    }

    #[test]
    fn many_years_fit_into_a_line() {
        let months: Vec<(i32, u64)> = (0..1_200).map(|month| (24_000 + month, 1)).collect();
        let text = drawn(&months);
        assert!(text.contains("each 25 months"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}
