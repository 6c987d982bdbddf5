//! What the outbox takes from outside: the time, and chance.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use jiff::Timestamp;

/// The time and chance, so that a test can have its own.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Any number.
    fn random(&self) -> u64;
}

/// The system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn random(&self) -> u64 {
        // Seeded by the system; nothing secret depends on it.
        RandomState::new().hash_one(0)
    }
}

/// The wait before try number `tries` + 1: `first` doubled with each, at most `longest`, of which
/// any part from the half on is left to chance, so that many who wait do not come back as one.
pub(crate) fn backoff(
    clock: &dyn Clock,
    tries: u32,
    first: Duration,
    longest: Duration,
) -> Duration {
    let doubled = first.saturating_mul(2_u32.saturating_pow(tries.min(16))).min(longest);
    let half = doubled / 2;
    let room = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
    half + Duration::from_millis(clock.random() % room.max(1))
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    struct Dice(u64);

    impl Clock for Dice {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn random(&self) -> u64 {
            self.0
        }
    }

    #[test_case(0, 0 => 150_000; "least")]
    #[test_case(0, 149_999 => 299_999; "most")]
    #[test_case(1, 0 => 300_000; "doubled")]
    #[test_case(4_000_000, 7 => 2_000_007; "longest")]
    fn waits(tries: u32, dice: u64) -> u128 {
        let (first, longest) = (Duration::from_secs(300), Duration::from_secs(4000));
        backoff(&Dice(dice), tries, first, longest).as_millis()
    }
}
