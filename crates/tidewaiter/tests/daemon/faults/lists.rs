//! A list that does not send our reply back.

use jiff::SignedDuration;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::rig::Whose;

use super::{a_while, short, watching};

#[test]
fn held_for_moderation_and_released() {
    let Some(scene) = watching(short()) else { return };
    scene.rig.faults().hold = Some(Whose::Bots);
    scene.post(0);
    scene.wait("the reply is sent", |s| s.state_of(0) == Some(ReplyState::Sent));
    scene.pass(SignedDuration::from_mins(29));
    a_while();
    assert!(!scene.log().contains("echo-late"), "too early: {}", scene.log());
    scene.pass(SignedDuration::from_mins(2));
    scene.wait_alarm("echo-late");
    scene.wait_in_log("one reply did not come back through the list: held for moderation?");
    assert_eq!(scene.rig.release_held(), 1);
    scene.wait_answered(0);
    scene.wait_well("echo-late");
    scene.rig.faults().hold = None;
    scene.answers_again(1);
    scene.assert_sound(2);
}

#[test]
fn dropped_by_the_list_and_kept_from_us() {
    let Some(scene) = watching(short()) else { return };
    scene.rig.faults().drop = Some((Whose::Bots, 1));
    scene.post(0);
    scene.wait("the first is sent", |s| s.state_of(0) == Some(ReplyState::Sent));
    {
        let mut faults = scene.rig.faults();
        (faults.notmetoo, faults.nodupes) = (true, true);
    }
    scene.post(1);
    scene.wait("the second is sent", |s| s.state_of(1) == Some(ReplyState::Sent));
    scene.pass(SignedDuration::from_mins(31));
    scene.wait_alarm("echo-late");
    scene.wait_in_log("2 replies did not come back through the list: held for moderation?");
    scene.pass(SignedDuration::from_hours(24));
    scene.wait_alarm("echo-lost");
    scene.wait_well("echo-late");
    scene.wait_in_log("2 replies did not come back through the list for a day");
    // They went out: nothing is sent again, and others are answered.
    scene.rig.faults().notmetoo = false;
    scene.rig.faults().nodupes = false;
    scene.answers_again(2);
    assert_eq!((scene.answers(0), scene.answers(1)), (1, 1));
    // A week later nobody can do anything about it any more.
    scene.pass(SignedDuration::from_hours(24 * 7));
    scene.wait_well("echo-lost");
    scene.assert_sound(3);
}
