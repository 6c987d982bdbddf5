//! Certificates that are not to be believed.

use std::fs;

use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{
    certificates::Certificates, dovecot::Certificate, dovecot::USER, proxy::Proxy,
};

use super::{LONG, a_while, short, watching};
use crate::scene::Scene;

const BAD: &[Certificate] = &[Certificate::Expired, Certificate::OtherHost];

#[test]
fn of_the_mailbox() {
    let Some(mut scene) = Scene::new(short()) else { return };
    let proxy = Proxy::start(scene.rig.imaps_port());
    scene.setup.imap = Some(proxy.port());
    scene.configure();
    scene.begin();
    for (number, certificate) in BAD.iter().enumerate() {
        let before = (proxy.counts().connections, scene.stored());
        scene.rig.present_imap(*certificate);
        scene.rig.dovecot().doveadm(&["kick", USER]);
        scene.wait_times_in_log("invalid peer certificate", 2 * number + 1);
        scene.wait_alarm("mailbox lists");
        scene.post(number);
        a_while();
        assert_eq!(scene.stored(), before.1, "read without TLS that can be believed");
        // Half a second is the longest pause of this test.
        assert!(proxy.counts().connections - before.0 < 30, "{:?}", proxy.counts());
        scene.rig.present_imap(Certificate::Good);
        scene.wait_answered(number);
        scene.wait_well("mailbox lists");
        scene.wait_until_stored();
    }
    scene.answers_again(BAD.len());
    scene.assert_sound(BAD.len() + 1);
}

#[test]
fn of_the_mail_server() {
    let Some(scene) = watching(short()) else { return };
    scene.answers_again(0);
    for (number, certificate) in BAD.iter().enumerate() {
        let number = number + 1;
        scene.rig.present_smtp(*certificate);
        scene.post(number);
        scene.wait_times_in_log("nothing is sent until a person has looked", 2 * number);
        assert!(scene.log().contains("certificate"), "{}", scene.log());
        a_while();
        assert_eq!(scene.state_of(number), Some(ReplyState::Ready));
        // Not tried again before a quarter of an hour has passed.
        assert_eq!(scene.count_in_log("a reply was not sent"), number);
        assert_eq!(scene.answers(number), 0);
        scene.rig.present_smtp(Certificate::Good);
        let seen = |s: &Scene| s.state_of(number) == Some(ReplyState::Seen);
        scene.wait_and_pass("the reply goes out", LONG, seen);
        scene.wait_alarm("mail-server");
        scene.wait_well("mail-server");
    }
    scene.answers_again(3);
    scene.assert_sound(4);
}

/// The system's certificates are replaced while the daemon runs, as an upgrade does.
#[test]
fn the_system_gets_other_authorities() {
    let Some(mut scene) = Scene::new(short()) else { return };
    // Trusted by the system alone, which knows another authority at first.
    let system = scene.path("system.pem");
    let trusted = system.display().to_string();
    scene.setup.env.push(("SSL_CERT_FILE".to_owned(), trusted));
    fs::write(&system, Certificates::new().authority()).unwrap();
    let config = fs::read_to_string(scene.path("tidewaiter.toml")).unwrap();
    let (mailbox, smtp) = config.split_once("[smtp]").unwrap();
    let mailbox = mailbox.replace("ca-file = ", "# ca-file = ");
    fs::write(scene.path("tidewaiter.toml"), format!("{mailbox}[smtp]{smtp}")).unwrap();
    scene.start();
    scene.wait_alarm("mailbox lists");
    assert!(scene.log().contains("UnknownIssuer"), "{}", scene.log());
    fs::copy(scene.rig.ca_pem_path(), &system).unwrap();
    scene.wait_well("mailbox lists");
    scene.introduce_alice();
    scene.answers_again(0);
    scene.assert_sound(1);
}
