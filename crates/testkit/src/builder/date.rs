//! Mail dates from seconds since 1970, without a clock.

/// The date of a mail that was given none: Mon, 1 Jun 2026 10:00:00 +0000.
pub(super) const BASE: i64 = 1_780_308_000;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date as `git format-patch` writes it (RFC 5322 §3.3), in UTC, from seconds since 1970.
///
/// # Panics
/// Before 1970.
#[must_use]
pub fn mail_date(seconds: i64) -> String {
    let seconds = u64::try_from(seconds).expect("a date before 1970");
    let (mut days, time) = (seconds / 86_400, seconds % 86_400);
    let weekday = DAYS.iter().cycle().nth((days % 7) as usize).expect("a cycle does not end");
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (month, length) in MONTHS.iter().zip(lengths) {
        if days < length {
            let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
            let day = days + 1;
            return format!(
                "{weekday}, {day} {month} {year} {hour:02}:{minute:02}:{second:02} +0000"
            );
        }
        days -= length;
    }
    unreachable!("the days of a year fall into its months")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(mail_date(BASE), "Mon, 1 Jun 2026 10:00:00 +0000");
        assert_eq!(mail_date(0), "Thu, 1 Jan 1970 00:00:00 +0000");
        assert_eq!(mail_date(951_782_400), "Tue, 29 Feb 2000 00:00:00 +0000");
        assert_eq!(mail_date(1_735_689_599), "Tue, 31 Dec 2024 23:59:59 +0000");
    }
}
