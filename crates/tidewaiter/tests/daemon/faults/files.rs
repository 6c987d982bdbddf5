//! The disk under the store, the store's lock, and the clock.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::proxy::{Door, Plan, Proxy};

use super::{
    a_while,
    disks::{Breakable, Disk},
    short, watching,
};
use crate::scene::{Scene, Setup};

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[test]
fn the_disk_is_full() {
    let list = "mode = \"list\"\ndecline = \"list\"\nsettle = \"1h\"\n".to_owned();
    let Some(mut scene) = Scene::new(Setup { list, ..short() }) else { return };
    let Some(disk) = Disk::new(&scene) else { return };
    scene.begin();
    scene.post(0);
    scene.wait("it is stored", |s| s.stored() == 2);
    disk.fill();
    // A mail comes that cannot be stored, and a series falls due that cannot be decided.
    scene.post(1);
    scene.wait_alarm("store");
    scene.pass(SignedDuration::from_hours(2));
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(scene.stored(), 2);
    assert_eq!(scene.spoken().len(), 0, "sent what was not stored");
    // It neither floods the log nor reads everything again and again.
    let (lines, read) =
        (scene.log().lines().count(), scene.count_in_log("what was stored was read"));
    assert!(lines < 120 && read < 20, "{lines} lines, read {read} times: {}", scene.log());
    // That mails come does not make the mailbox readable: none of them can be stored.
    scene.wait_alarm("unread lists");
    disk.free();
    scene.wait("the mail is stored", |s| s.stored() >= 3);
    scene.wait_answered(0);
    scene.wait_well("store");
    scene.pass(SignedDuration::from_hours(2));
    scene.wait_answered(1);
    scene.post(2);
    scene.wait("the third is stored", |s| s.stored() >= 6);
    scene.pass(SignedDuration::from_hours(2));
    scene.wait_answered(2);
    scene.wait_until_stored();
    scene.assert_sound(3);
    drop(scene);
    drop(disk);
}

#[test]
fn the_store_may_only_be_read() {
    let Some(mut scene) = Scene::new(short()) else { return };
    let Some(disk) = Disk::new(&scene) else { return };
    scene.begin();
    scene.answers_again(0);
    assert!(scene.end().success());
    disk.remount("ro");
    scene.start();
    let status = loop {
        if let Some(status) = scene.has_ended() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(!status.success());
    let log = scene.log();
    assert!(log.lines().last().unwrap().contains("failed to"), "{log}");
    scene.post(1);
    disk.remount("rw");
    scene.start_watching();
    scene.wait_answered(1);
    scene.assert_sound(2);
    drop(scene);
    drop(disk);
}

/// The file system under the store breaks while the daemon runs: files that are open can be written to no
/// more. Nothing is sent that is not stored, it ends when it is told to, and goes on after a repair.
#[test]
fn the_file_system_turns_read_only() {
    let Some(mut scene) = Scene::new(short()) else { return };
    let Some(disk) = Breakable::new(&scene) else { return };
    scene.begin();
    scene.answers_again(0);
    disk.breaks();
    scene.post(1);
    scene.wait_alarm("store");
    a_while();
    assert_eq!((scene.answers(1), scene.spoken().len()), (0, 1), "sent what was not stored");
    let told = Instant::now();
    scene.end();
    assert!(told.elapsed() < Duration::from_secs(10), "{:?}: {}", told.elapsed(), scene.log());
    scene.post(2);
    disk.mend();
    scene.start_watching();
    scene.wait_answered(1);
    scene.wait_answered(2);
    scene.answers_again(3);
    scene.wait_until_stored();
    scene.assert_sound(4);
    assert_eq!(scene.store().integrity().unwrap(), Vec::<String>::new());
    drop(scene);
    drop(disk);
}

/// Another program writes to the store for longer than the daemon waits for it.
#[test]
fn the_store_is_locked() {
    let Some(scene) = watching(short()) else { return };
    scene.answers_again(0);
    let other = rusqlite::Connection::open(scene.path("tidewaiter.sqlite")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    scene.post(1);
    scene.wait_alarm("store");
    assert_eq!(scene.answers(1), 0);
    other.execute_batch("ROLLBACK").unwrap();
    scene.wait_answered(1);
    scene.wait_well("store");
    scene.answers_again(2);
    scene.assert_sound(3);
}

/// What is old is so by the mails that came, not by the clock alone.
#[test]
fn the_clock_is_a_year_ahead_for_a_while() {
    let Some(scene) = watching(short()) else { return };
    scene.answers_again(0);
    scene.wait_until_stored();
    let (stored, time) = (scene.stored(), scene.rig.clock().now());
    scene.pass(DAY * 400);
    scene.wait_in_log("the clock was set, or the machine slept");
    a_while();
    assert_eq!(scene.stored(), stored);
    scene.rig.set_clock(time);
    scene.answers_again(1);
    scene.assert_sound(2);
}

#[test]
fn the_clock_jumps_by_a_day_while_series_settle() {
    let list = "mode = \"list\"\ndecline = \"list\"\nsettle = \"12h\"\n".to_owned();
    let Some(mut scene) = Scene::new(Setup { list, ..short() }) else { return };
    let smtp = Proxy::start(scene.rig.submission_port());
    scene.setup.smtp = Some(smtp.port());
    scene.configure();
    scene.begin();
    // What came before the first start is never spoken of.
    let start = scene.pass(DAY * 2);
    scene.post(0);
    scene.wait("it is stored", |s| s.stored() == 2);
    // Back: it settles for longer, and is not forgotten.
    scene.pass(-DAY);
    scene.wait_in_log("the clock was set, or the machine slept");
    scene.post(1);
    scene.wait("it is stored", |s| s.stored() == 3);
    assert_eq!(scene.spoken().len(), 0);
    scene.rig.set_clock(start);
    scene.wait_answered(1);
    assert_eq!(scene.state_of(0), None);
    // Forward: it has settled. The server cannot be reached, and is to be tried a little later by
    // a clock that is then set back.
    smtp.set(Plan { door: Door::Refuse, ..Plan::default() });
    scene.rig.set_clock(start + DAY);
    scene.wait_in_log("the mail server cannot be reached");
    scene.rig.set_clock(start);
    smtp.pass();
    scene.wait_answered(0);
    // What was decided a day ahead does not hold up what comes now.
    scene.post(2);
    scene.wait("it is stored", |s| s.stored() == 6);
    assert_eq!(scene.state_of(2), None);
    scene.pass(SignedDuration::from_hours(13));
    scene.wait_answered(2);
    scene.wait_until_stored();
    assert!(scene.state_of(2) == Some(ReplyState::Seen));
    scene.assert_sound(3);
}
