//! Times for a reader.

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

/// A moment as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Moment {
    /// For a machine: `2026-11-22T15:41:07Z`.
    iso: String,
    /// To the second: `2026-11-22 15:41:07 UTC`.
    exact: String,
    /// Without what is the same as now: `15:41`, `21 Nov 15:41`, `2025-11-22`.
    short: String,
    /// How long ago, or in how long: `5 min ago`, `in 2 h`, `now`.
    ago: String,
    /// How far from now: `5 min`.
    span: String,
}

impl Moment {
    /// How `then` is shown at `now`.
    pub(crate) fn new(then: Timestamp, now: Timestamp) -> Self {
        let (at, today) = (then.to_zoned(TimeZone::UTC), now.to_zoned(TimeZone::UTC));
        let format = if at.date() == today.date() {
            "%H:%M"
        } else if then <= now && now.duration_since(then).as_hours() < 24 * 300 {
            "%-d %b %H:%M"
        } else {
            "%Y-%m-%d"
        };
        let seconds = now.duration_since(then).as_secs();
        let span = span(seconds.unsigned_abs());
        let ago = match seconds {
            0 => "now".to_owned(),
            1.. => format!("{span} ago"),
            _ => format!("in {span}"),
        };
        Self {
            iso: rfc3339(then),
            exact: at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
            short: at.strftime(format).to_string(),
            ago,
            span,
        }
    }
}

/// A moment to the second, as RFC 3339 has it.
pub(crate) fn rfc3339(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A length of time in its largest unit, rounded down: `45 s`, `5 min`, `47 h`, `3 days`.
pub(crate) fn span(seconds: u64) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR.. if seconds < 2 * DAY => format!("{} h", seconds / HOUR),
        _ => format!("{} days", seconds / DAY),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(0 => "0 s")]
    #[test_case(59 => "59 s")]
    #[test_case(60 => "1 min")]
    #[test_case(3_599 => "59 min")]
    #[test_case(3_600 => "1 h")]
    #[test_case(172_799 => "47 h")]
    #[test_case(172_800 => "2 days")]
    fn spans(seconds: u64) -> String {
        span(seconds)
    }

    #[test_case("2026-11-22T15:41:07Z" => ("15:41".into(), "now".into()))]
    #[test_case("2026-11-22T15:40:07.5Z" => ("15:40".into(), "59 s ago".into()))]
    #[test_case("2026-11-21T15:41:07Z" => ("21 Nov 15:41".into(), "24 h ago".into()))]
    #[test_case("2025-11-22T15:41:07Z" => ("2025-11-22".into(), "365 days ago".into()))]
    #[test_case("2026-11-22T17:41:07Z" => ("17:41".into(), "in 2 h".into()))]
    #[test_case("2085-01-01T00:00:00Z" => ("2085-01-01".into(), "in 21224 days".into()))]
    fn moments(then: &str) -> (String, String) {
        let now = "2026-11-22T15:41:07Z".parse().unwrap();
        let moment = Moment::new(then.parse().unwrap(), now);
        (moment.short, moment.ago)
    }
}
