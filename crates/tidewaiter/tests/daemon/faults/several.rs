//! Two mailboxes, one of whose servers is down.

use std::time::Duration;

use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{
    dovecot::USER,
    proxy::{Door, End, Plan, Proxy},
};

use super::{LONG, a_while, short};
use crate::scene::Scene;

/// A scene with a second mailbox behind a proxy.
fn two() -> Option<(Scene, Proxy)> {
    let mut scene = Scene::new(short())?;
    scene.rig.dovecot().doveadm(&["mailbox", "create", "-u", USER, "Other"]);
    let proxy = Proxy::start(scene.rig.imaps_port());
    let password = scene.rig.password_file().display().to_string();
    let ca = scene.rig.ca_pem_path().display().to_string();
    let port = proxy.port();
    let more = format!(
        "[[mailboxes]]\nname = \"other\"\nhost = \"localhost\"\nport = {port}\nuser = \"{USER}\"\n\
         mailbox = \"Other\"\npassword-file = \"{password}\"\nca-file = \"{ca}\"\n"
    );
    scene.setup.more = more;
    scene.configure();
    Some((scene, proxy))
}

/// The other goes down while the daemon runs: a mail there may make a reply needless, so a reply
/// waits for it, for an hour (four seconds in a test), and then goes out.
#[test]
fn one_server_goes_down() {
    let Some((mut scene, proxy)) = two() else { return };
    scene.begin();
    scene.answers_again(0);
    proxy.set(Plan { door: Door::Refuse, ..Plan::default() });
    proxy.end(End::Reset);
    scene.wait_in_log("the mailbox cannot be read");
    scene.post(1);
    scene.wait("it is read", |s| s.stored() == 4);
    a_while();
    assert_eq!(scene.answers(1), 0, "it waits for the other mailbox");
    scene.wait_answered(1);
    scene.wait_alarm("unread other");
    // From then on at once.
    scene.answers_again(2);
    proxy.pass();
    scene.wait_well("unread other");
    scene.answers_again(3);
    scene.assert_sound(4);
}

/// A server that lets us in and hands out nothing is down too.
#[test]
fn one_server_hangs_after_each_login() {
    let Some((mut scene, proxy)) = two() else { return };
    scene.begin();
    scene.answers_again(0);
    // Past the mailbox's opening, and short of the search.
    let whole = proxy.counts();
    assert_eq!(whole.connections, 1);
    let steps = tidewaiter_testkit::steps::Steps::imap(&scene.rig);
    for _ in 0..200 {
        steps.plan("UID SEARCH", tidewaiter_testkit::steps::Fault::Close);
    }
    let config = std::fs::read_to_string(scene.path("tidewaiter.toml")).unwrap();
    let config =
        config.replace(&format!("port = {}", proxy.port()), &format!("port = {}", steps.port()));
    std::fs::write(scene.path("tidewaiter.toml"), config).unwrap();
    scene.signal("HUP");
    scene.wait_times_in_log("failed to search for new mails", 3);
    scene.post(1);
    scene.wait_answered(1);
    scene.wait_alarm("unread other");
    scene.answers_again(2);
    assert!(steps.connections() < 120, "{}", steps.connections());
    scene.assert_sound(3);
}

/// It was down from the first start: nobody knows what was said before, so nothing is said.
#[test]
fn one_server_is_down_at_the_first_start() {
    let Some((mut scene, proxy)) = two() else { return };
    proxy.set(Plan { door: Door::Refuse, ..Plan::default() });
    scene.start();
    scene.wait_in_log("the mailbox is open");
    scene.introduce_alice();
    scene.post(0);
    scene.wait("it is judged", |s| s.state_of(0).is_some());
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(scene.state_of(0), Some(ReplyState::Ready));
    assert_eq!(scene.spoken().len(), 0);
    scene.wait_alarm("unread other");
    proxy.pass();
    scene.wait_and_pass("it is answered", LONG, |s| s.state_of(0) == Some(ReplyState::Seen));
    scene.wait_well("unread other");
    scene.answers_again(1);
    scene.assert_sound(2);
}
