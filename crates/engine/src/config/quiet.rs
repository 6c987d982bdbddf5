//! The hours of a day in which nothing is sent.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// Hours of each day (UTC) in which nothing is sent by itself, such as `22:00-07:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// Seconds after midnight at which they begin.
    from: i64,
    /// Seconds after midnight at which they end; before `from` where midnight lies between.
    to: i64,
}

impl QuietHours {
    /// Reads `HH:MM-HH:MM`; `None` for anything else, and where both ends are the same.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (time(from)?, time(to)?);
        (from != to).then_some(Self { from, to })
    }

    /// When the quiet hours that hold a time end; `None` where it is not quiet then.
    #[must_use]
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let midnight = now.to_zoned(TimeZone::UTC).start_of_day().ok()?.timestamp();
        let at = now.duration_since(midnight).as_secs();
        let over_midnight = self.from > self.to;
        let quiet = match over_midnight {
            false => (self.from..self.to).contains(&at),
            true => at >= self.from || at < self.to,
        };
        let day = if over_midnight && at >= self.from { 86_400 } else { 0 };
        quiet.then(|| midnight.checked_add(SignedDuration::from_secs(self.to + day)).ok()).flatten()
    }
}

/// `22:00`, in seconds.
fn time(text: &str) -> Option<i64> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |digits: &str| -> Option<i64> {
        let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
        digits.parse().ok().filter(|_| plain)
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (hour < 24 && minute < 60).then_some(hour * 3_600 + minute * 60)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("22:00-07:00", "2026-06-01T21:59:59Z" => None; "before")]
    #[test_case("22:00-07:00", "2026-06-01T22:00:00Z" => Some("2026-06-02T07:00:00Z".to_owned()); "the first second")]
    #[test_case("22:00-07:00", "2026-06-30T23:59:59Z" => Some("2026-07-01T07:00:00Z".to_owned()); "before midnight")]
    #[test_case("22:00-07:00", "2026-07-01T00:00:00Z" => Some("2026-07-01T07:00:00Z".to_owned()); "midnight")]
    #[test_case("22:00-07:00", "2026-07-01T06:59:59Z" => Some("2026-07-01T07:00:00Z".to_owned()); "the last second")]
    #[test_case("22:00-07:00", "2026-07-01T07:00:00Z" => None; "the end")]
    #[test_case("12:00 - 13:30", "2026-07-01T13:29:00Z" => Some("2026-07-01T13:30:00Z".to_owned()); "within a day")]
    #[test_case("12:00-13:30", "2026-07-01T11:59:00Z" => None; "within a day, before")]
    fn ends(hours: &str, now: &str) -> Option<String> {
        let hours = QuietHours::parse(hours).unwrap();
        hours.until(now.parse().unwrap()).map(|until| until.to_string())
    }

    #[test_case(""; "nothing")]
    #[test_case("22:00"; "no end")]
    #[test_case("22-7"; "no minutes")]
    #[test_case("24:00-07:00"; "no such hour")]
    #[test_case("22:60-07:00"; "no such minute")]
    #[test_case("+2:00-07:00"; "a sign")]
    #[test_case("07:00-07:00"; "all day or never")]
    #[test_case("22:00-07:00-09:00"; "three")]
    fn no_hours(text: &str) {
        assert_eq!(QuietHours::parse(text), None);
    }
}
