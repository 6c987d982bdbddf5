//! The daemon is killed at any time, again and again.

use std::{
    env, thread,
    time::{Duration, Instant},
};

use tidewaiter_store::ReplyState;
use tidewaiter_testkit::proxy::{Plan, Proxy};

use crate::{
    scene::{Scene, Setup},
    whole::Tally,
};

/// The longest life, in milliseconds.
const LIFE: u64 = 900;

/// The same numbers for the same seed (a linear congruential generator, as POSIX's `drand48`).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5_DEEC_E66D).wrapping_add(0xB) & ((1 << 48) - 1);
        (self.0 >> 17) % most
    }
}

/// So many lives, and so many series that come in each: half of them while nothing runs.
fn kill(kills: usize, each: usize) {
    let Some(mut scene) = Scene::taught(Setup::default()) else { return };
    // A delivery takes longer, so that more of them are hit.
    let smtp = Proxy::start(scene.rig.submission_port());
    smtp.set(Plan { delay: Duration::from_millis(2), ..Plan::default() });
    scene.setup.smtp = Some(smtp.port());
    scene.configure();
    let seed = env::var("TIDEWAITER_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut numbers = Numbers(seed);
    let (mut series, mut armed) = (1, 0);
    for _ in 0..kills {
        let until = Duration::from_millis(numbers.below(LIFE));
        let started = Instant::now();
        for number in 0..each {
            if number == each / 2 {
                scene.start();
            }
            scene.post_patch(series);
            series += 1;
        }
        thread::sleep(until.saturating_sub(started.elapsed()));
        scene.kill();
        armed += scene.replies_in(ReplyState::Armed);
        scene.assert_cursor_is_honest();
    }
    smtp.pass();
    scene.start_watching();
    scene.settle(series);
    scene.wait_for_echoes();
    assert!(scene.end().success(), "{}", scene.log());
    let Tally { once, doubt } = scene.assert_whole(series);
    let mails = scene.stored();
    println!(
        "{kills} kills, {armed} of them while a reply was sent; {mails} mails, {} replies: {once} on \
         the list once, {doubt} in doubt and not sent; seed {seed}",
        series - 1
    );
    assert_eq!(once + doubt, series - 1);
    assert!(once >= 100, "{once}");
}

#[test]
fn at_any_time() {
    kill(26, 5);
}

#[test]
#[ignore = "takes minutes"]
fn two_hundred_times() {
    kill(200, 2);
}
