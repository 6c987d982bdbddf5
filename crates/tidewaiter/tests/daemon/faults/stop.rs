//! The stop switch: its file, its signal, its command.

use std::{
    fs,
    time::{Duration, Instant},
};

use jiff::SignedDuration;
use test_case::test_case;
use tidewaiter_store::ReplyState;

use super::{a_while, short, watching};
use crate::{program::run, scene::Scene};

/// How sending is stopped, and let go on.
#[derive(Clone, Copy, Debug)]
enum By {
    File,
    Signal,
    Command,
}

impl Scene {
    fn stop(&self, by: By) {
        let config = self.path("tidewaiter.toml").display().to_string();
        match by {
            By::File => fs::write(self.path("tidewaiter.sqlite.stop"), "").unwrap(),
            By::Signal => self.signal("USR1"),
            By::Command => assert_eq!(run(&["stop", "--config", &config]).code, 0),
        }
    }

    fn resume(&self, by: By) {
        let config = self.path("tidewaiter.toml").display().to_string();
        match by {
            By::File => fs::remove_file(self.path("tidewaiter.sqlite.stop")).unwrap(),
            By::Signal | By::Command => {
                let ran = run(&["resume", "--config", &config]);
                assert_eq!(ran.code, 0, "{}", ran.stderr);
            }
        }
    }
}

#[test_case(By::File, "stop-file"; "file")]
#[test_case(By::Signal, "stop"; "signal")]
#[test_case(By::Command, "stop"; "command")]
fn nothing_leaves_and_what_waits_goes_out_later(by: By, alarm: &str) {
    let Some(scene) = watching(short()) else { return };
    // In the middle of a stream.
    let count = 12;
    for number in 0..count {
        scene.post(number);
    }
    scene.wait("some are answered", |s| !s.spoken().is_empty());
    scene.stop(by);
    let stopped = Instant::now();
    for number in count..count + 4 {
        scene.post(number);
    }
    scene.wait_alarm(alarm);
    scene.wait("all are judged", |s| s.replies().len() == count + 4);
    a_while();
    let second = stopped + Duration::from_secs(1);
    let late = scene.spoken().iter().filter(|mail| mail.at > second).count();
    assert_eq!(late, 0, "sent after the stop: {}", scene.log());
    let waiting = scene.replies_in(ReplyState::Ready);
    assert!(waiting >= 4, "{waiting}");
    // Also over a restart.
    let mut scene = scene;
    assert!(scene.end().success());
    scene.start_watching();
    a_while();
    assert_eq!(scene.replies_in(ReplyState::Ready), waiting);
    scene.resume(by);
    scene.wait("all come back", |s| s.replies_in(ReplyState::Seen) == count + 4);
    scene.wait_well(alarm);
    scene.wait_until_stored();
    scene.answers_again(count + 4);
    scene.assert_sound(count + 5);
}

#[test]
fn what_waited_for_too_long_is_not_sent() {
    let Some(scene) = watching(short()) else { return };
    scene.stop(By::Command);
    scene.wait_alarm("stop");
    scene.post(0);
    scene.wait("it is judged", |s| s.state_of(0) == Some(ReplyState::Ready));
    scene.pass(SignedDuration::from_hours(49));
    scene.resume(By::Command);
    scene.wait("it is held", |s| s.state_of(0) == Some(ReplyState::Held));
    assert_eq!(scene.reply_to_patch(0).unwrap().held_by.as_deref(), Some("age"));
    scene.wait_well("stop");
    scene.answers_again(1);
    assert_eq!(scene.answers(0), 0);
    scene.assert_sound(2);
}

/// Another program writes to the store for longer than the daemon waits for it.
#[test]
fn a_signal_is_heard_while_the_store_is_locked() {
    let Some(scene) = watching(short()) else { return };
    scene.answers_again(0);
    let other = rusqlite::Connection::open(scene.path("tidewaiter.sqlite")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    scene.stop(By::Signal);
    scene.wait_alarm("stop");
    scene.post(1);
    // It was tried, and it failed.
    scene.wait_alarm("store");
    assert_eq!(scene.store().stopped().unwrap(), None);
    other.execute_batch("ROLLBACK").unwrap();
    scene.wait("it is written down", |s| s.store().stopped().unwrap().is_some());
    scene.wait("it is judged", |s| s.state_of(1) == Some(ReplyState::Ready));
    scene.wait_well("store");
    a_while();
    assert_eq!(scene.answers(1), 0, "sent after the stop: {}", scene.log());
    assert_eq!(scene.count_in_log("alarm=\"stop\""), 1, "{}", scene.log());
    scene.resume(By::Signal);
    scene.wait_answered(1);
    scene.wait_well("stop");
    scene.assert_sound(2);
}
