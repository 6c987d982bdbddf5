//! When the mails of an archive came.
//!
//! Over IMAP the server says so (INTERNALDATE). An archive has the topmost `Received`, written by
//! the archive's own server, else the `Date` that the sender's machine wrote, which may be
//! anything.

use jiff::{SignedDuration, Timestamp};

/// What a mail in an archive says of its time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamps {
    /// When its topmost `Received` was written.
    pub received: Option<Timestamp>,
    /// Its `Date`.
    pub date: Option<Timestamp>,
}

/// How many mails on either side of a mail are its neighbours.
const NEIGHBOURS: usize = 5;
const NEAR: SignedDuration = SignedDuration::from_hours(48);
/// How long after the middle of an archive a date can be, where the archive is in no order.
const LATE: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);

/// The event time of each mail, in the archive's order.
///
/// `Received` counts as it is. A `Date` counts where it is within two days of one of its
/// neighbours; else the mail has the time of the one before it, so that one mail from 2085 moves
/// nothing. In an archive that is in no order of time (most of its dates are far from their
/// neighbours), every date counts that is not years behind the middle one.
///
/// Where no mail of the archive says any time, all have the same.
#[must_use]
pub fn event_times(stamps: &[Stamps]) -> Vec<Timestamp> {
    let believed = believed(stamps);
    let first = believed.iter().flatten().next().copied();
    let mut before = first.unwrap_or(Timestamp::UNIX_EPOCH);
    believed
        .into_iter()
        .map(|time| {
            before = time.unwrap_or(before);
            before
        })
        .collect()
}

fn believed(stamps: &[Stamps]) -> Vec<Option<Timestamp>> {
    let said: Vec<Option<Timestamp>> = stamps.iter().map(|s| s.received.or(s.date)).collect();
    let near: Vec<bool> = (0..stamps.len()).map(|at| near_a_neighbour(&said, at)).collect();
    let dated = stamps.iter().zip(&near).filter(|(s, _)| s.received.is_none() && s.date.is_some());
    let (agree, all) = dated
        .fold((0_usize, 0_usize), |(agree, all), (_, near)| (agree + usize::from(*near), all + 1));
    let in_order = agree * 2 >= all && all > 1;
    let middle = middle(&said);
    stamps
        .iter()
        .zip(near)
        .map(|(stamp, near)| {
            let date = stamp.date.filter(|date| {
                if in_order { near } else { middle.is_none_or(|m| *date <= m + LATE) }
            });
            stamp.received.or(date)
        })
        .collect()
}

fn near_a_neighbour(said: &[Option<Timestamp>], at: usize) -> bool {
    let Some(own) = said.get(at).copied().flatten() else { return false };
    let from = at.saturating_sub(NEIGHBOURS);
    said.iter()
        .enumerate()
        .take(at + NEIGHBOURS + 1)
        .skip(from)
        .filter(|(other, _)| *other != at)
        .filter_map(|(_, time)| *time)
        .any(|time| time.duration_since(own).abs() <= NEAR)
}

fn middle(said: &[Option<Timestamp>]) -> Option<Timestamp> {
    let mut known: Vec<Timestamp> = said.iter().flatten().copied().collect();
    let half = known.len() / 2;
    (!known.is_empty()).then(|| *known.select_nth_unstable(half).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn dated(text: &str) -> Stamps {
        Stamps { received: None, date: Some(at(text)) }
    }

    #[test]
    fn received_counts_before_date() {
        let stamps = [Stamps {
            received: Some(at("2026-06-01T10:00:00Z")),
            date: Some(at("1999-01-01T00:00:00Z")),
        }];
        assert_eq!(event_times(&stamps), [at("2026-06-01T10:00:00Z")]);
    }

    #[test]
    fn one_mail_from_the_future_moves_nothing() {
        let stamps = [
            dated("2026-06-01T10:00:00Z"),
            dated("2085-06-18T15:57:20Z"),
            dated("2026-06-01T11:00:00Z"),
            Stamps::default(),
        ];
        assert_eq!(
            event_times(&stamps),
            [
                at("2026-06-01T10:00:00Z"),
                at("2026-06-01T10:00:00Z"),
                at("2026-06-01T11:00:00Z"),
                at("2026-06-01T11:00:00Z"),
            ]
        );
    }

    #[test]
    fn an_archive_in_no_order_keeps_its_dates() {
        let stamps = [
            dated("2026-06-01T10:00:00Z"),
            dated("2019-06-01T10:00:00Z"),
            dated("2023-06-01T10:00:00Z"),
            dated("2085-06-01T10:00:00Z"),
        ];
        let times = event_times(&stamps);
        assert_eq!(times[1], at("2019-06-01T10:00:00Z"));
        assert_eq!(times[3], times[2]);
    }

    #[test]
    fn a_first_mail_without_a_time_has_the_next_one_s() {
        let stamps =
            [Stamps::default(), dated("2026-06-01T10:00:00Z"), dated("2026-06-01T10:00:00Z")];
        assert_eq!(event_times(&stamps)[0], at("2026-06-01T10:00:00Z"));
    }
}
