//! Alarms are over when what they are about is.

use std::fs;

use jiff::SignedDuration;
use tidewaiter_store::{ReplyState, Store};
use tidewaiter_testkit::{
    dovecot::USER,
    proxy::{Door, Plan, Proxy},
};

use super::{LONG, a_while, short, watching};
use crate::scene::{Scene, Setup};

impl Scene {
    /// What an alarm was about is configured no longer.
    fn wait_forgotten(&self, name: &str) {
        let text = format!("alarm=\"{name}\"");
        self.wait(&format!("the alarm {name} is forgotten"), |scene| {
            let log = scene.log();
            let last = log.lines().rfind(|line| line.contains(&text));
            last.is_some_and(|line| line.contains("this is configured no longer"))
        });
    }

    /// How often it was said that an alarm is over.
    fn times_well(&self, name: &str) -> usize {
        let text = format!("alarm=\"{name}\"");
        let log = self.log();
        let lines = log.lines().filter(|line| line.contains("this is well again"));
        lines.filter(|line| line.contains(&text)).count()
    }
}

#[test]
fn alarms_about_what_is_no_longer_configured() {
    let list = format!("{}quiet-alarm = \"1h\"\n", Setup::default().list);
    let Some(mut scene) = Scene::new(Setup { list, ..short() }) else { return };
    let password = scene.rig.password_file().display().to_string();
    let ca = scene.rig.ca_pem_path().display().to_string();
    let port = scene.rig.imaps_port();
    scene.setup.more = format!(
        "[[mailboxes]]\nname = \"other\"\nhost = \"localhost\"\nport = {port}\nuser = \"{USER}\"\n\
         mailbox = \"NotThere\"\npassword-file = \"{password}\"\nca-file = \"{ca}\"\n"
    );
    scene.configure();
    scene.start();
    scene.wait_alarm("mailbox other");
    scene.wait_alarm("unread other");
    scene.pass(SignedDuration::from_hours(2));
    scene.wait_alarm("quiet qemu-block.nongnu.org");
    scene.setup.more = String::new();
    scene.configure();
    scene.edit(|text| {
        let (first, rest) = text.rsplit_once("[[lists]]").unwrap();
        let (_, rest) = rest.split_once("[[mailboxes]]").unwrap();
        format!("{first}[[mailboxes]]{rest}")
    });
    scene.reload();
    scene.wait_forgotten("mailbox other");
    scene.wait_forgotten("unread other");
    scene.wait_forgotten("quiet qemu-block.nongnu.org");
    a_while();
    scene.wait_forgotten("unread other");
}

/// Nothing can have come from it before.
#[test]
fn a_list_that_is_added_late_is_not_quiet_yet() {
    let list = format!("{}quiet-alarm = \"1h\"\n", Setup::default().list);
    let Some(mut scene) = Scene::new(Setup { list, ..short() }) else { return };
    scene.edit(|text| {
        let (first, rest) = text.rsplit_once("[[lists]]").unwrap();
        let (_, rest) = rest.split_once("[[mailboxes]]").unwrap();
        format!("{first}[[mailboxes]]{rest}")
    });
    scene.start_watching();
    scene.pass(SignedDuration::from_hours(2));
    scene.wait_alarm("quiet qemu-devel.nongnu.org");
    scene.configure();
    scene.reload();
    a_while();
    assert_eq!(scene.count_in_log("alarm=\"quiet qemu-block.nongnu.org\""), 0);
    scene.pass(SignedDuration::from_hours(2));
    scene.wait_alarm("quiet qemu-block.nongnu.org");
}

#[test]
fn a_file_that_is_named_no_longer() {
    let files = "maintainers = \"MAINTAINERS\"\n".to_owned();
    let Some(mut scene) = Scene::new(Setup { files, ..short() }) else { return };
    let section = "Maintainers\n===========\n\nFrobs\nM: A <a@example.org>\nF: hw/misc/\n";
    fs::write(scene.path("MAINTAINERS"), section).unwrap();
    scene.start_watching();
    fs::write(scene.path("MAINTAINERS"), "none\n").unwrap();
    scene.wait_alarm("files");
    scene.setup.files = String::new();
    scene.configure();
    scene.reload();
    scene.wait_well("files");
}

#[test]
fn what_could_not_be_sent_where_nothing_is_sent_any_more() {
    let Some(mut scene) = Scene::new(short()) else { return };
    let smtp = Proxy::start(scene.rig.submission_port());
    scene.setup.smtp = Some(smtp.port());
    scene.configure();
    scene.begin();
    smtp.set(Plan { door: Door::Refuse, ..Plan::default() });
    scene.post(0);
    scene.wait_in_log("the mail server cannot be reached");
    let other = rusqlite::Connection::open(scene.path("tidewaiter.sqlite")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    scene.pass(SignedDuration::from_hours(2));
    scene.wait_for("the alarm outbox", LONG, |scene| scene.log().contains("alarm=\"outbox\""));
    scene.setup.list = "mode = \"observe\"\nsettle = \"0s\"\n".to_owned();
    scene.configure();
    scene.reload();
    scene.wait_well("outbox");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(scene.state_of(0), Some(ReplyState::Ready));
}

/// The store can be written to, and some of it cannot be read.
#[test]
fn half_a_store_is_not_well() {
    let Some(scene) = watching(short()) else { return };
    let other = rusqlite::Connection::open(scene.path("tidewaiter.sqlite")).unwrap();
    let rename = |from: &str, to: &str| {
        other.execute_batch(&format!("ALTER TABLE {from} RENAME TO {to}")).unwrap();
    };
    rename("replies", "elsewhere");
    scene.wait_alarm("store");
    // Several looks, each after a third of a second.
    a_while();
    assert_eq!(scene.times_well("store"), 0, "{}", scene.log());
    rename("elsewhere", "replies");
    scene.wait_well("store");
    scene.answers_again(0);
    scene.assert_sound(1);
}

#[test]
fn a_mail_that_was_put_aside_before_the_start() {
    let Some(mut scene) = watching(short()) else { return };
    assert!(scene.end().success());
    let mut store = Store::open(&scene.path("tidewaiter.sqlite")).unwrap();
    let writer = store.begin().unwrap();
    writer.quarantine(b"Message-ID: <odd@example.org>\n\nx\n", scene.rig.clock().now()).unwrap();
    writer.commit().unwrap();
    drop(store);
    scene.start_watching();
    scene.wait_alarm("quarantine");
    scene.wait_in_log("one mail was put aside, having taken the program down");
}
