//! A series that takes the program down when it is decided: it alone is given up.

use jiff::SignedDuration;
use tidewaiter_mail::MessageId;
use tidewaiter_store::ReplyState;

use super::short;
use crate::scene::{Scene, Setup};

/// The mail of the first patch takes the program down once its series is due.
fn fallen(how: &str) -> Option<Scene> {
    let list = "mode = \"list\"\ndecline = \"list\"\nsettle = \"1h\"\n".to_owned();
    let mut setup = Setup { list, ..short() };
    setup.env.push((how.to_owned(), "patch-0@example.org".to_owned()));
    Scene::new(setup)
}

impl Scene {
    /// The others are answered, the one is recorded, and no mail is put aside.
    fn assert_one_was_given_up(&self) {
        self.wait_answered(1);
        self.wait_alarm("not-judged");
        let id = MessageId::new("patch-0@example.org").unwrap();
        self.wait("it is recorded", |s| s.store().series(&id).unwrap().is_some());
        let store = self.store();
        let record = store.series(&id).unwrap().unwrap();
        assert!(record.contains("\"not_judged\":\"failed\""), "{record}");
        assert_eq!(self.state_of(0), None);
        assert_eq!(store.quarantined().unwrap(), []);
        assert_eq!(store.given_up().unwrap(), ["patch-0@example.org"]);
        assert_eq!(self.stored(), self.rig.delivered() as u64, "{}", self.log());
    }
}

#[test]
fn a_series_that_makes_the_daemon_panic_is_not_judged() {
    let Some(mut scene) = fallen("TIDEWAITER_FALL_OVER") else { return };
    scene.begin();
    scene.post(0);
    scene.post(1);
    scene.wait("they are stored", |s| s.stored() == 3);
    scene.pass(SignedDuration::from_hours(2));
    scene.assert_one_was_given_up();
    // And the daemon goes on as ever, also after a start.
    assert!(scene.end().success());
    scene.start_watching();
    scene.post(2);
    scene.wait("it is stored", |s| s.replies_in(ReplyState::Seen) == 1 && s.stored() >= 4);
    scene.pass(SignedDuration::from_hours(2));
    scene.wait_answered(2);
    assert_eq!(scene.store().given_up().unwrap().len(), 1);
}

/// The mails that come when it is due are to blame for nothing.
#[test]
fn mails_that_come_when_a_series_panics_are_innocent() {
    let Some(mut scene) = fallen("TIDEWAITER_FALL_OVER") else { return };
    scene.begin();
    scene.post(0);
    scene.wait("it is stored", |s| s.stored() == 2);
    assert!(scene.end().success());
    // They come while nobody looks, and are taken before the daemon has time for what is due.
    scene.pass(SignedDuration::from_hours(2));
    for number in [1, 3, 4] {
        scene.post(number);
    }
    scene.start_watching();
    scene.wait("they are stored", |s| s.stored() == 5);
    scene.pass(SignedDuration::from_hours(2));
    scene.assert_one_was_given_up();
}

#[test]
fn a_series_that_kills_the_daemon_is_not_judged() {
    let Some(mut scene) = fallen("TIDEWAITER_DIE_OVER") else { return };
    scene.begin();
    scene.post(0);
    scene.wait("it is stored", |s| s.stored() == 2);
    scene.pass(SignedDuration::from_hours(2));
    scene.post(1);
    for _ in 0..2 {
        while scene.has_ended().is_none() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        scene.start();
    }
    scene.wait("the other is stored", |s| s.stored() == 3);
    scene.pass(SignedDuration::from_hours(2));
    scene.assert_one_was_given_up();
}
