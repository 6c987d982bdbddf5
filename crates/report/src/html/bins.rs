//! Time in weeks, months, quarters or years, as an archive's span asks for.

use jiff::{Timestamp, ToSpan, Unit, civil::Date, tz::TimeZone};

/// No plot has more points; a longer span gets longer bins.
const MOST: usize = 400;

/// How long a bin is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Week,
    Month,
    Quarter,
    Year,
}

impl Length {
    /// `week`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The first day of the bin that a day is in; weeks start on Monday.
    fn start(self, day: Date) -> Date {
        let month = |month| Date::new(day.year(), month, 1).unwrap_or(day);
        match self {
            Self::Week => {
                let back = day.weekday().to_monday_zero_offset();
                day.checked_sub(i64::from(back).days()).unwrap_or(day)
            }
            Self::Month => month(day.month()),
            Self::Quarter => month((day.month() - 1) / 3 * 3 + 1),
            Self::Year => month(1),
        }
    }

    fn next(self, start: Date) -> Option<Date> {
        let span = match self {
            Self::Week => 1.week(),
            Self::Month => 1.month(),
            Self::Quarter => 3.months(),
            Self::Year => 1.year(),
        };
        start.checked_add(span).ok()
    }

    fn label(self, start: Date) -> String {
        match self {
            Self::Week => start.to_string(),
            Self::Month => format!("{}-{:02}", start.year(), start.month()),
            Self::Quarter => format!("{} Q{}", start.year(), (start.month() - 1) / 3 + 1),
            Self::Year => start.year().to_string(),
        }
    }
}

/// The bins of an archive, without a gap.
#[derive(Clone, Debug)]
pub(super) struct Bins {
    pub(super) length: Length,
    starts: Vec<Date>,
}

/// The day in UTC.
pub(super) fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

impl Bins {
    /// Bins from the first to the last of these times: weeks for less than four months, months
    /// for up to six years, else quarters, else years.
    pub(super) fn new(times: impl Iterator<Item = Timestamp> + Clone) -> Self {
        let (Some(first), Some(last)) = (times.clone().min(), times.max()) else {
            return Self { length: Length::Week, starts: Vec::new() };
        };
        let (first, last) = (day(first), day(last));
        let months = first
            .until((Unit::Month, last))
            .map_or(0, |s| i32::from(s.get_years()) * 12 + s.get_months());
        let wanted = match months {
            ..4 => Length::Week,
            4..72 => Length::Month,
            72..1200 => Length::Quarter,
            _ => Length::Year,
        };
        let mut bins = Self { length: wanted, starts: Vec::new() };
        let mut next = Some(wanted.start(first));
        while let Some(start) = next.filter(|start| *start <= last && bins.starts.len() < MOST) {
            bins.starts.push(start);
            next = wanted.next(start);
        }
        bins
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    /// Their names, in order.
    pub(super) fn labels(&self) -> Vec<String> {
        self.starts.iter().map(|start| self.length.label(*start)).collect()
    }

    /// Which one a time is in; what lies beyond the last is counted there.
    pub(super) fn of(&self, time: Timestamp) -> usize {
        let start = self.length.start(day(time));
        self.starts.partition_point(|bin| *bin <= start).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(days: &[&str]) -> Vec<Timestamp> {
        days.iter().map(|day| format!("{day}T12:00:00Z").parse().expect("a time")).collect()
    }

    fn labels(days: &[&str]) -> Vec<String> {
        Bins::new(times(days).into_iter()).labels()
    }

    #[test]
    fn weeks_start_on_monday() {
        let days = ["2026-05-07", "2026-05-20", "2026-05-25"];
        assert_eq!(labels(&days), ["2026-05-04", "2026-05-11", "2026-05-18", "2026-05-25"]);
        let bins = Bins::new(times(&days).into_iter());
        let places: Vec<_> = times(&days).into_iter().map(|time| bins.of(time)).collect();
        assert_eq!(places, [0, 2, 3]);
    }

    #[test]
    fn longer_spans_have_longer_bins() {
        assert_eq!(labels(&["2026-01-31", "2026-05-31"]).len(), 5);
        assert_eq!(labels(&["2026-01-31", "2026-05-30"]).len(), 18);
        assert_eq!(labels(&["2026-01-31", "2026-06-01"])[5], "2026-06");
        assert_eq!(labels(&["2019-02-01", "2026-06-01"]).last().expect("a bin"), "2026 Q2");
        assert_eq!(labels(&["0001-01-01", "9999-01-01"]).len(), MOST);
        assert!(labels(&[]).is_empty());
    }

    #[test]
    fn nothing_falls_outside() {
        let bins = Bins::new(times(&["2026-05-07", "2026-05-20"]).into_iter());
        let around = times(&["1970-01-01", "2100-01-01"]);
        assert_eq!(around.iter().map(|t| bins.of(*t)).collect::<Vec<_>>(), [0, bins.len() - 1]);
    }
}
