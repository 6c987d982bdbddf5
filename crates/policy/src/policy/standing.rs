//! Whether a policy may be spoken by to others than the operator.

use jiff::{ToSpan as _, civil::Date};

use super::{Policy, Status};

/// For how many days it holds that a person held a policy's file against its text.
pub const CHECKED_FOR: i32 = 31;

/// Why a policy serves dry runs, checks, observing and the operator's digest only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// It is proposed or retired.
    NotInForce,
    /// A pull changed the documents in which it stands, and nobody has checked the file since.
    Changed,
    /// Nobody has held the file against its text for [`CHECKED_FOR`] days, or ever.
    NotChecked,
    /// It was to be reviewed by a day that is over.
    ReviewDue,
}

impl Policy {
    /// The last day (UTC) on which it may be spoken by if nothing changes, and what is so from the
    /// day after it; `None` where it may not be spoken by at all.
    #[must_use]
    pub fn until(&self) -> (Option<Date>, Reserved) {
        if self.status != Status::InForce {
            return (None, Reserved::NotInForce);
        }
        let checked = self.checked.and_then(|day| day.checked_add(CHECKED_FOR.days()).ok());
        match (checked, self.review_by) {
            (Some(checked), Some(review)) if review < checked => {
                (Some(review), Reserved::ReviewDue)
            }
            (checked, _) => (checked, Reserved::NotChecked),
        }
    }

    /// Why it serves the operator alone on a day, if it does. `changed` is the last day on which a
    /// pull changed its documents. That the file was checked after `today` is no mistake: an
    /// archive is older than the file.
    #[must_use]
    pub fn reserved(&self, today: Date, changed: Option<Date>) -> Option<Reserved> {
        let (until, over) = self.until();
        if over == Reserved::NotInForce {
            return Some(over);
        }
        if changed.is_some_and(|changed| self.checked.is_none_or(|day| day <= changed)) {
            return Some(Reserved::Changed);
        }
        until.is_none_or(|until| today > until).then_some(over)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::builtin_policies;

    fn policy(status: Status, checked: Option<&str>, review_by: Option<&str>) -> Policy {
        let (_, text) = builtin_policies()[0];
        let mut policy = Policy::parse(text).unwrap().0;
        let day = |day: &str| day.parse().unwrap();
        (policy.status, policy.checked, policy.review_by) =
            (status, checked.map(day), review_by.map(day));
        policy
    }

    #[test_case(Status::InForce, Some("2026-06-01"), None, "2026-07-02", None => None; "its last day")]
    #[test_case(Status::InForce, Some("2026-06-01"), None, "2026-07-03", None => Some(Reserved::NotChecked); "the day after")]
    #[test_case(Status::InForce, None, Some("2027-01-01"), "2026-06-01", None => Some(Reserved::NotChecked); "never checked")]
    #[test_case(Status::InForce, Some("2026-06-01"), Some("2026-06-10"), "2026-06-10", None => None; "the day of its review")]
    #[test_case(Status::InForce, Some("2026-06-01"), Some("2026-06-10"), "2026-06-11", None => Some(Reserved::ReviewDue); "past its review")]
    #[test_case(Status::InForce, Some("2026-06-01"), Some("2026-12-01"), "2026-07-03", None => Some(Reserved::NotChecked); "checked too long ago before its review")]
    #[test_case(Status::InForce, Some("2026-06-01"), None, "2026-06-05", Some("2026-06-01") => Some(Reserved::Changed); "pulled on the day of the check")]
    #[test_case(Status::InForce, Some("2026-06-02"), None, "2026-06-05", Some("2026-06-01") => None; "checked after the pull")]
    #[test_case(Status::InForce, Some("2026-06-02"), None, "2019-01-01", None => None; "an archive is older")]
    #[test_case(Status::Proposed, Some("2026-06-02"), None, "2026-06-05", Some("2026-06-04") => Some(Reserved::NotInForce); "proposed")]
    #[test_case(Status::Retired, Some("2026-06-02"), None, "2026-06-05", None => Some(Reserved::NotInForce); "retired")]
    fn reserved(
        status: Status,
        checked: Option<&str>,
        review_by: Option<&str>,
        today: &str,
        changed: Option<&str>,
    ) -> Option<Reserved> {
        let changed = changed.map(|day| day.parse().unwrap());
        policy(status, checked, review_by).reserved(today.parse().unwrap(), changed)
    }
}
