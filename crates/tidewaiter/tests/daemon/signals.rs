//! How the daemon ends, and that there is only one of it.

use std::{
    fs,
    time::{Duration, Instant},
};

use test_case::test_case;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::proxy::{Door, End, Plan, Proxy};

use crate::{
    program::run,
    scene::{Scene, Setup},
};

/// The end of anything but a delivery.
const SOON: Duration = Duration::from_secs(10);

/// A daemon that speaks with the mail server through a proxy, and has a reply to send.
fn sending(plan: Plan) -> Option<(Scene, Proxy)> {
    let mut scene = Scene::taught(Setup::default())?;
    let smtp = Proxy::start(scene.rig.submission_port());
    scene.setup.smtp = Some(smtp.port());
    scene.configure();
    smtp.set(plan);
    scene.post_patch(1);
    scene.start();
    Some((scene, smtp))
}

fn slow(delay: Duration) -> Plan {
    Plan { delay, ..Plan::default() }
}

#[test]
fn a_reply_that_is_on_its_way_is_waited_for() {
    let Some((mut scene, smtp)) = sending(slow(Duration::from_millis(100))) else { return };
    scene.wait("it is armed", |scene| scene.replies_in(ReplyState::Armed) == 1);
    smtp.set(slow(Duration::from_secs(12)));
    scene.post_patch(2);
    let began = Instant::now();
    assert!(scene.end().success(), "{}", scene.log());
    let took = began.elapsed();
    assert!(took > SOON && took < Duration::from_secs(90), "{took:?}");
    assert_eq!(scene.replies_in(ReplyState::Sent), 1, "{}", scene.log());
    assert_eq!(scene.spoken().len(), 1);
    // And the other is sent after the next start.
    smtp.pass();
    scene.start_watching();
    scene.settle(3);
    scene.wait_for_echoes();
    assert!(scene.end().success(), "{}", scene.log());
    assert_eq!(scene.assert_whole(3).once, 2);
}

/// Takes longer than a test of every day may.
#[test]
#[ignore = "takes 95 s"]
fn a_reply_that_is_never_answered_is_in_doubt_after_90_seconds() {
    let Some((mut scene, smtp)) = sending(slow(Duration::from_millis(100))) else { return };
    scene.wait("it is armed", |scene| scene.replies_in(ReplyState::Armed) == 1);
    smtp.set(Plan { freeze: true, ..Plan::default() });
    let began = Instant::now();
    assert!(scene.end().success(), "{}", scene.log());
    let took = began.elapsed();
    println!("{took:?}");
    assert!(took > Duration::from_secs(85) && took < Duration::from_secs(99), "{took:?}");
    smtp.end(End::Reset);
    smtp.pass();
    scene.start_watching();
    assert_eq!(scene.replies_in(ReplyState::Doubt), 1);
    assert!(scene.end().success(), "{}", scene.log());
    assert_eq!(scene.assert_whole(2).doubt, 1);
}

#[test_case(Plan { door: Door::Hole, ..Plan::default() }; "no greeting")]
#[test_case(Plan { freeze: true, ..Plan::default() }; "nothing moves")]
#[test_case(Plan { door: Door::Refuse, ..Plan::default() }; "no connection")]
#[test_case(slow(Duration::from_millis(400)); "a slow one")]
fn nothing_else_is(plan: Plan) {
    let Some((mut scene, smtp)) = sending(plan) else { return };
    scene.wait("it tries", |_| smtp.counts().connections > 0);
    let began = Instant::now();
    assert!(scene.end().success(), "{}", scene.log());
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    smtp.end(End::Reset);
    smtp.pass();
    scene.start_watching();
    scene.settle(2);
    scene.wait_for_echoes();
    assert!(scene.end().success(), "{}", scene.log());
    let tally = scene.assert_whole(2);
    assert_eq!((tally.once, tally.doubt), (1, 0));
}

#[test_case(Plan { door: Door::Hole, ..Plan::default() }; "no greeting")]
#[test_case(Plan { freeze: true, ..Plan::default() }; "nothing moves")]
#[test_case(Plan { door: Door::Refuse, ..Plan::default() }; "no connection")]
#[test_case(Plan::default(); "all is well")]
fn a_mailbox_does_not_hold_it_up(plan: Plan) {
    let Some(mut scene) = Scene::new(Setup::default()) else { return };
    let imap = Proxy::start(scene.rig.imaps_port());
    scene.setup.imap = Some(imap.port());
    scene.configure();
    imap.set(plan);
    (0..100).for_each(|number| scene.post_patch(number));
    scene.start();
    scene.wait("it tries", |_| imap.counts().connections > 0);
    let began = Instant::now();
    assert!(scene.end().success(), "{}", scene.log());
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    imap.end(End::Reset);
    imap.pass();
    scene.start_watching();
    scene.wait_until_stored();
    scene.assert_cursor_is_honest();
    assert!(scene.end().success(), "{}", scene.log());
}

/// A thread that is in the middle of something, and stays there.
#[test_case("before-batch"; "that decides")]
#[test_case("before-connect"; "that sends")]
fn a_thread_that_hangs_does_not_hold_it_up(at: &str) {
    let Some(mut scene) = Scene::taught(Setup::default()) else { return };
    let hangs = scene.path("hangs");
    for (name, value) in
        [("TIDEWAITER_HANG_AT", at), ("TIDEWAITER_HANG_WHILE", hangs.to_str().unwrap())]
    {
        scene.setup.env.push((name.to_owned(), value.to_owned()));
    }
    scene.start_watching();
    fs::write(&hangs, "").unwrap();
    scene.post_patch(1);
    std::thread::sleep(Duration::from_secs(1));
    let began = Instant::now();
    assert!(scene.end().success(), "{}", scene.log());
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
    fs::remove_file(&hangs).unwrap();
    scene.start_watching();
    scene.settle(2);
    scene.wait_for_echoes();
    assert!(scene.end().success(), "{}", scene.log());
    let tally = scene.assert_whole(2);
    assert_eq!((tally.once, tally.doubt), (1, 0));
}

/// What is stored may take long to read.
#[test_case("HUP", "the configuration was read again"; "reload")]
#[test_case("USR1", "nothing is sent any more: the signal SIGUSR1 came"; "stop")]
fn a_signal_at_the_start_is_heard(signal: &str, said: &str) {
    let Some(mut scene) = Scene::new(Setup::default()) else { return };
    scene.start();
    scene.wait("it starts", |scene| scene.count_in_log("tidewaiter starts") == 1);
    scene.signal(signal);
    scene.wait("it is heard", |scene| scene.count_in_log(said) == 1);
    assert!(scene.end().success(), "{}", scene.log());
}

#[test]
fn there_is_one() {
    let Some(mut scene) = Scene::new(Setup::default()) else { return };
    scene.start_watching();
    let config = scene.path("tidewaiter.toml").display().to_string();
    let second = run(&["run", "--config", &config]);
    assert_eq!(second.code, 3, "{}", second.stderr);
    assert!(second.stderr.contains("another"), "{}", second.stderr);
    // The first does not notice.
    scene.post_patch(0);
    scene.wait_until_stored();
    assert!(scene.end().success(), "{}", scene.log());
}
