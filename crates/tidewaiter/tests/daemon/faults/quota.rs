//! The mailbox has no room for more.

use std::time::Duration;

use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{dovecot, rig::Whose};

use super::{LONG, a_while, short};
use crate::scene::Scene;

/// Enough for every mail of a test.
const ROOM: u64 = 10_000_000;

/// What the account's server takes no mail for waits elsewhere, as a reply's echo may. The daemon is well
/// meanwhile and says nothing wrong; when there is room again everything is answered, once.
#[test]
fn the_account_is_over_its_quota() {
    let quota = dovecot::Options { quota: Some(ROOM), ..dovecot::Options::default() };
    let Some(mut scene) = Scene::with(short(), quota) else { return };
    scene.begin();
    scene.answers_again(0);
    let stored = scene.stored();
    let errors = |scene: &Scene| scene.count_in_log("ERROR");
    let before = errors(&scene);

    scene.rig.dovecot().set_quota(1);
    scene.post(1);
    scene.post(2);
    assert!(scene.rig.wait_for(|rig| rig.deferred() == 2, LONG));
    // It is read on, by a new connection too.
    scene.rig.dovecot().doveadm(&["kick", dovecot::USER]);
    scene.wait_in_log("the mailbox cannot be read");
    a_while();
    assert_eq!(scene.rig.retry_deferred(), 0, "there is no room");
    assert_eq!((scene.stored(), scene.spoken().len()), (stored, 1), "{}", scene.log());
    assert_eq!(errors(&scene), before, "{}", scene.log());
    let open = scene.log().rfind("the mailbox is open");
    assert!(open > scene.log().rfind("the mailbox cannot be read"), "{}", scene.log());

    scene.rig.dovecot().set_quota(ROOM);
    assert_eq!(scene.rig.retry_deferred(), 2);
    scene.wait_answered(1);
    scene.wait_answered(2);

    // It is full when a reply comes back: that was sent, and is not sent again.
    scene.rig.faults().delay = Some((Whose::Bots, Duration::from_millis(1500)));
    scene.post(3);
    scene.wait("it is sent", |s| s.state_of(3) == Some(ReplyState::Sent));
    scene.rig.dovecot().set_quota(1);
    assert!(scene.rig.wait_for(|rig| rig.deferred() == 1, LONG));
    a_while();
    assert_eq!((scene.state_of(3), scene.answers(3)), (Some(ReplyState::Sent), 1));
    scene.rig.dovecot().set_quota(ROOM);
    scene.rig.faults().delay = None;
    assert_eq!(scene.rig.retry_deferred(), 1);
    scene.wait_answered(3);
    scene.answers_again(4);
    scene.assert_sound(5);
    assert_eq!(errors(&scene), before, "{}", scene.log());
}
