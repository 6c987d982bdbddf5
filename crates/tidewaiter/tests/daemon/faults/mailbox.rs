//! What an IMAP server does with a mailbox: restarts, new numbers, names, deleted mails, limits.

use std::time::Duration;

use test_case::test_case;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{
    dovecot::USER,
    proxy::{Door, End, Plan, Proxy},
    rig::Whose,
};

use super::{LONG, a_while, short, watching};
use crate::scene::Scene;

#[test]
fn dovecot_and_postfix_are_restarted() {
    let Some(mut scene) = watching(short()) else { return };
    scene.answers_again(0);
    scene.rig.stop_dovecot();
    scene.post(1);
    scene.wait_in_log("the mailbox cannot be read");
    a_while();
    assert_eq!(scene.state_of(1), None);
    scene.rig.start_dovecot();
    scene.wait_answered(1);
    // On its way while Postfix goes.
    scene.rig.faults().delay = Some((Whose::All, Duration::from_millis(500)));
    scene.post(2);
    scene.rig.wait_for(|rig| rig.count("<patch-2@example.org>") == 1, LONG);
    scene.rig.stop_postfix();
    scene.wait_in_log("the mail server cannot be reached");
    scene.rig.faults().delay = None;
    assert_eq!(scene.state_of(2), Some(ReplyState::Ready));
    scene.rig.start_postfix();
    scene.wait_and_pass("it goes out", LONG, |s| s.state_of(2) == Some(ReplyState::Seen));
    scene.answers_again(3);
    scene.assert_sound(4);
}

#[test]
fn the_mailbox_gets_new_numbers() {
    let Some(scene) = watching(short()) else { return };
    scene.answers_again(0);
    for (number, validity) in [(1, "1000000007"), (2, "1000000009")] {
        let update = ["mailbox", "update", "-u", USER, "--uid-validity", validity, "INBOX"];
        scene.rig.dovecot().doveadm(&update);
        scene.rig.dovecot().doveadm(&["kick", USER]);
        scene.wait_times_in_log("given the mailbox new numbers", number);
        scene.answers_again(number);
    }
    scene.assert_sound(3);
    // Everything was read again, and nothing was judged or said again.
    assert_eq!(scene.replies().len(), 3);
    assert!(!scene.log().contains("stop switch"), "{}", scene.log());
}

/// With a second mailbox, whose name can change: an INBOX is always there.
fn with_another(scene: &Scene) -> String {
    let password = scene.rig.password_file().display().to_string();
    let ca = scene.rig.ca_pem_path().display().to_string();
    let port = scene.rig.imaps_port();
    format!(
        "[[mailboxes]]\nname = \"other\"\nhost = \"localhost\"\nport = {port}\nuser = \"{USER}\"\n\
         mailbox = \"Other\"\npassword-file = \"{password}\"\nca-file = \"{ca}\"\n"
    )
}

#[test]
fn a_mailbox_is_renamed_and_renamed_back() {
    let Some(mut scene) = Scene::new(short()) else { return };
    scene.rig.dovecot().doveadm(&["mailbox", "create", "-u", USER, "Other"]);
    scene.setup.more = with_another(&scene);
    scene.configure();
    scene.begin();
    scene.answers_again(0);
    scene.rig.dovecot().doveadm(&["mailbox", "rename", "-u", USER, "Other", "Elsewhere"]);
    scene.rig.dovecot().doveadm(&["kick", USER]);
    scene.wait_alarm("mailbox other");
    scene.wait_in_log("failed to open the mailbox");
    // It is not made anew.
    let listed = scene.rig.dovecot().doveadm(&["mailbox", "list", "-u", USER]);
    assert!(!listed.contains("Other"), "{listed}");
    // The first is read on; what was written there may make a reply needless, so one waits until
    // the other has been gone for long.
    scene.post(1);
    scene.wait("it is judged", |s| s.state_of(1).is_some());
    scene.rig.dovecot().doveadm(&["mailbox", "rename", "-u", USER, "Elsewhere", "Other"]);
    scene.wait_answered(1);
    scene.wait_well("mailbox other");
    scene.answers_again(2);
    scene.assert_sound(3);
}

#[test]
fn mails_are_deleted_before_and_after_they_are_read() {
    let Some(mut scene) = Scene::new(short()) else { return };
    let proxy = Proxy::start(scene.rig.imaps_port());
    scene.setup.imap = Some(proxy.port());
    scene.configure();
    scene.begin();
    scene.answers_again(0);
    // After.
    scene.rig.dovecot().doveadm(&["expunge", "-u", USER, "mailbox", "INBOX", "all"]);
    scene.answers_again(1);
    // Before: they come while nothing can be read.
    proxy.set(Plan { door: Door::Refuse, ..Plan::default() });
    proxy.end(End::Reset);
    scene.post(2);
    scene.post(3);
    scene.rig.wait_for(|rig| rig.delivered() >= 7, LONG);
    let delete = ["mailbox", "INBOX", "header", "Message-ID", "patch-2@example.org"];
    scene.rig.dovecot().doveadm(&[&["expunge", "-u", USER][..], &delete].concat());
    proxy.pass();
    scene.wait_answered(3);
    scene.answers_again(4);
    assert_eq!(scene.state_of(2), None);
    assert_eq!(scene.stored() + 1, scene.rig.delivered() as u64);
    scene.assert_never_two();
}

#[test]
fn the_server_allows_no_more_connections() {
    let Some(mut scene) = Scene::new(short()) else { return };
    let proxy = Proxy::start(scene.rig.imaps_port());
    scene.setup.imap = Some(proxy.port());
    scene.configure();
    scene.begin();
    // As many as the server allows, by others, who come while ours is gone.
    proxy.set(Plan { door: Door::Refuse, ..Plan::default() });
    proxy.end(End::Reset);
    scene.wait_in_log("the mailbox cannot be read");
    let (password, ca) = (scene.rig.password_file(), scene.rig.ca_pem_path());
    let port = scene.rig.imaps_port();
    let others: Vec<Held> = (0..20).map(|_| hold(port, &ca, &password)).collect();
    proxy.pass();
    scene.wait_in_log("the server is busy");
    let before = proxy.counts().connections;
    scene.post(0);
    a_while();
    // Half a second between two tries (a minute where no test runs).
    assert!(proxy.counts().connections - before <= 3, "{:?}", proxy.counts());
    assert_eq!(scene.stored(), 1);
    drop(others);
    scene.wait_answered(0);
    scene.answers_again(1);
    scene.assert_sound(2);
}

#[test_case(&Plan { door: Door::Refuse, ..Plan::default() }; "refused")]
#[test_case(&Plan { door: Door::Hole, ..Plan::default() }; "swallowed")]
#[test_case(&Plan { freeze: true, ..Plan::default() }; "frozen")]
#[test_case(&Plan { delay: Duration::from_millis(30), chunk: Some(200), ..Plan::default() }; "slow")]
fn both_servers_at_once(plan: &Plan) {
    let Some(mut scene) = Scene::new(short()) else { return };
    let imap = Proxy::start(scene.rig.imaps_port());
    let smtp = Proxy::start(scene.rig.submission_port());
    (scene.setup.imap, scene.setup.smtp) = (Some(imap.port()), Some(smtp.port()));
    scene.configure();
    scene.begin();
    scene.answers_again(0);
    let slow = !plan.delay.is_zero();
    let before = imap.counts().connections;
    imap.set(plan.clone());
    smtp.set(plan.clone());
    if plan.door != Door::Open {
        imap.end(End::Reset);
    }
    scene.post(1);
    if slow {
        scene.wait_answered(1);
    } else {
        scene.wait_in_log("the mailbox cannot be read");
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(scene.state_of(1), None);
        // Four tries until half a second is reached, then two a second or fewer.
        let tries = imap.counts().connections - before;
        assert!(tries < 40, "{tries}");
        imap.pass();
        // The mail is read, and cannot be answered.
        scene.wait("it is judged", |s| s.state_of(1).is_some());
        scene.wait_in_log("the mail server cannot be reached");
        assert_eq!(scene.state_of(1), Some(ReplyState::Ready));
    }
    imap.pass();
    smtp.pass();
    scene.wait_and_pass("it goes out", LONG, |s| s.state_of(1) == Some(ReplyState::Seen));
    scene.answers_again(2);
    scene.assert_sound(3);
}

/// A connection of somebody else that is logged in, until it is dropped.
struct Held(std::process::Child);

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn hold(port: u16, ca: &std::path::Path, password: &std::path::Path) -> Held {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::process::{Command, Stdio};
    let mut child = Command::new("openssl")
        .args(["s_client", "-quiet", "-connect", &format!("localhost:{port}"), "-CAfile"])
        .arg(ca)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    let secret = std::fs::read_to_string(password).unwrap();
    let stdin = child.stdin.as_mut().unwrap();
    stdin.write_all(format!("a LOGIN {USER} {}\r\n", secret.trim()).as_bytes()).unwrap();
    stdin.flush().unwrap();
    while !line.starts_with("a ") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "no answer");
    }
    assert!(line.starts_with("a OK"), "{line}");
    child.stdout = Some(lines.into_inner());
    Held(child)
}
