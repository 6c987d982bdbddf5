//! How long to wait before the next connection.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use crate::config::Timing;
use crate::reason::{PATIENCE_LOGIN, Reason};

/// A number from 0 up to 1, another one each time.
pub(crate) type Dice = Box<dyn FnMut() -> f64 + Send>;

/// Counts failures in a row and tells the pause after each.
pub(crate) struct Backoff {
    failures: u32,
    dice: Dice,
}

impl Backoff {
    pub(crate) fn new(dice: Dice) -> Self {
        Self { failures: 0, dice }
    }

    /// A connection was good: the next pause is short again.
    pub(crate) fn good(&mut self) {
        self.failures = 0;
    }

    /// How many in a row.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// The pause after `reason`: up to `retry_min` doubled with every failure in a row, anywhere in
    /// between ("full jitter"), so that many that lost one server do not come back together.
    pub(crate) fn pause(&mut self, reason: &Reason, timing: &Timing) -> Duration {
        let doubled = 2_u32.saturating_pow(self.failures.min(31));
        self.failures = self.failures.saturating_add(1);
        let ceiling = timing.retry_min.saturating_mul(doubled).min(timing.retry_max);
        let jittered = ceiling.mul_f64((self.dice)().clamp(0.0, 1.0)).max(timing.retry_min);
        match reason {
            Reason::Busy { .. } => jittered.max(timing.retry_busy),
            Reason::Refused { tries, .. } if *tries >= PATIENCE_LOGIN => timing.retry_refused,
            _ => jittered,
        }
    }
}

/// Good enough to spread reconnections; nothing secret hangs on it.
pub(crate) fn dice() -> Dice {
    Box::new(|| {
        let random = RandomState::new().build_hasher().finish();
        f64::from(u32::try_from(random >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reason::Step;

    const LOST: Reason = Reason::Lost { step: Step::Idle };

    #[test]
    fn doubles_up_to_five_minutes_and_begins_anew() {
        let timing = Timing::default();
        let mut backoff = Backoff::new(Box::new(|| 1.0));
        let pauses: Vec<u64> = (0..12).map(|_| backoff.pause(&LOST, &timing).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(backoff.failures(), 12);
        backoff.good();
        assert_eq!(backoff.pause(&LOST, &timing).as_secs(), 1);
    }

    #[test]
    fn is_never_under_a_second_and_spreads_over_the_rest() {
        let timing = Timing::default();
        let mut low = Backoff::new(Box::new(|| 0.0));
        assert!((0..100).all(|_| low.pause(&LOST, &timing) == timing.retry_min));
        let mut real = Backoff::new(dice());
        let pauses: Vec<Duration> = (0..200).map(|_| real.pause(&LOST, &timing)).skip(20).collect();
        assert!(pauses.iter().all(|p| (timing.retry_min..=timing.retry_max).contains(p)));
        assert!(pauses.iter().any(|p| *p < timing.retry_max / 3));
        assert!(pauses.iter().any(|p| *p > timing.retry_max * 2 / 3));
    }

    #[test]
    fn a_busy_server_and_a_refused_login_have_their_own() {
        let timing = Timing::default();
        let mut backoff = Backoff::new(Box::new(|| 0.0));
        let busy = Reason::Busy { step: Step::Login, text: String::new() };
        assert_eq!(backoff.pause(&busy, &timing), timing.retry_busy);
        let refused = |tries| Reason::Refused { tries, text: String::new() };
        assert_eq!(backoff.pause(&refused(2), &timing), timing.retry_min);
        assert_eq!(backoff.pause(&refused(3), &timing), timing.retry_refused);
        assert!(refused(3).needs_operator() && !refused(2).needs_operator());
    }
}
