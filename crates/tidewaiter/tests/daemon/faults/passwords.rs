//! Passwords that the servers refuse.

use std::{fs, os::unix::fs::PermissionsExt as _, time::Duration};

use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{
    dovecot::{PASSWORD, USER},
    proxy::{End, Proxy},
};

use super::{a_while, short};
use crate::scene::Scene;

fn password(scene: &Scene, text: &str) {
    let file = scene.rig.password_file();
    fs::write(&file, format!("{text}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn of_the_mailbox() {
    let Some(mut scene) = Scene::new(short()) else { return };
    let proxy = Proxy::start(scene.rig.imaps_port());
    scene.setup.imap = Some(proxy.port());
    scene.configure();
    scene.begin();
    scene.answers_again(0);
    let before = proxy.counts().connections;
    password(&scene, "not-the-canary");
    scene.signal("HUP");
    scene.wait_alarm("mailbox lists");
    // Three quick tries, and then one in two seconds (a quarter of an hour where no test runs).
    let quick = proxy.counts().connections - before;
    assert_eq!(quick, 3);
    std::thread::sleep(Duration::from_millis(1000));
    assert_eq!(proxy.counts().connections - before, 3);
    scene.post(1);
    password(&scene, PASSWORD);
    scene.signal("HUP");
    scene.wait_answered(1);
    scene.wait_well("mailbox lists");
    assert!(!scene.log().contains("canary"), "a password in the log");
    scene.assert_sound(2);
}

/// A server that locks accounts counts what it refuses by account, not by mailbox.
#[test]
fn of_five_mailboxes() {
    let Some(mut scene) = Scene::new(short()) else { return };
    let proxy = Proxy::start(scene.rig.imaps_port());
    scene.setup.imap = Some(proxy.port());
    let others = ["One", "Two", "Three", "Four"];
    let (file, ca) = (scene.rig.password_file(), scene.rig.ca_pem_path());
    for name in others {
        scene.rig.dovecot().doveadm(&["mailbox", "create", "-u", USER, name]);
        scene.setup.more += &format!(
            "[[mailboxes]]\nname = \"{name}\"\nhost = \"localhost\"\nport = {}\nuser = \"{USER}\"\n\
             mailbox = \"{name}\"\npassword-file = \"{}\"\nca-file = \"{}\"\n",
            proxy.port(),
            file.display(),
            ca.display(),
        );
    }
    scene.configure();
    scene.begin();
    let before = proxy.counts().connections;
    password(&scene, "not-the-canary");
    scene.signal("HUP");
    for name in others.iter().chain(&["lists"]) {
        scene.wait_alarm(&format!("mailbox {name}"));
    }
    // Three for all of them, and then one in two seconds.
    std::thread::sleep(Duration::from_millis(500));
    let tries = proxy.counts().connections - before;
    assert!((3..=4).contains(&tries), "{tries}: {}", scene.log());
    password(&scene, PASSWORD);
    scene.signal("HUP");
    for name in others.iter().chain(&["lists"]) {
        scene.wait_well(&format!("mailbox {name}"));
    }
    scene.answers_again(0);
    scene.assert_sound(1);
}

#[test]
fn of_the_mail_server() {
    let Some(mut scene) = Scene::new(short()) else { return };
    let proxy = Proxy::start(scene.rig.submission_port());
    scene.setup.smtp = Some(proxy.port());
    // The mailbox has its own.
    let own = scene.path("smtp-password");
    fs::write(&own, "not-the-canary\n").unwrap();
    fs::set_permissions(&own, fs::Permissions::from_mode(0o600)).unwrap();
    scene.configure();
    let config = fs::read_to_string(scene.path("tidewaiter.toml")).unwrap();
    let (first, smtp) = config.split_once("[smtp]").unwrap();
    let shared = scene.rig.password_file().display().to_string();
    let smtp = smtp.replace(&shared, &own.display().to_string());
    fs::write(scene.path("tidewaiter.toml"), format!("{first}[smtp]{smtp}")).unwrap();
    scene.begin();
    scene.post(0);
    scene.wait_alarm("mail-server");
    scene.post(1);
    a_while();
    a_while();
    assert_eq!(proxy.counts().connections, 1, "a refused password was tried again");
    assert_eq!(scene.state_of(0), Some(ReplyState::Ready));
    // Nor is it because something else was read again.
    scene.signal("HUP");
    scene.wait_in_log("the configuration was read again and is in force");
    a_while();
    assert_eq!(proxy.counts().connections, 1, "a refused password was tried again");
    fs::write(&own, format!("{PASSWORD}\n")).unwrap();
    scene.signal("HUP");
    scene.wait_answered(0);
    scene.wait_answered(1);
    scene.wait_well("mail-server");
    assert!(!scene.log().contains("canary"), "a password in the log");
    proxy.end(End::Fin);
    scene.answers_again(2);
    scene.assert_sound(3);
}
