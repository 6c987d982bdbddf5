//! Certificates that are not to be believed.

use test_case::test_case;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{dovecot::Certificate, dovecot::USER, proxy::Proxy};

use super::{LONG, a_while, short, watching};
use crate::scene::Scene;

#[test_case(Certificate::Expired, "Expired"; "expired")]
#[test_case(Certificate::OtherHost, "NotValidForName"; "for another host")]
fn of_the_mailbox(certificate: Certificate, word: &str) {
    let Some(mut scene) = Scene::new(short()) else { return };
    let proxy = Proxy::start(scene.rig.imaps_port());
    scene.setup.imap = Some(proxy.port());
    scene.configure();
    scene.begin();
    scene.rig.present_imap(certificate);
    scene.rig.dovecot().doveadm(&["kick", USER]);
    scene.wait_alarm("mailbox lists");
    let line = scene.log();
    let line = line.lines().find(|l| l.contains("alarm=\"mailbox lists\"")).unwrap();
    assert!(line.to_lowercase().contains("certificate"), "{line}");
    assert!(line.contains(word) || line.contains("expired") || line.contains("name"), "{line}");
    scene.post(0);
    a_while();
    assert_eq!(scene.stored(), 1, "read without TLS that can be believed");
    // Half a second is the longest pause of this test: three in a second and its start.
    assert!(proxy.counts().connections < 30, "{:?}", proxy.counts());
    scene.rig.present_imap(Certificate::Good);
    scene.wait_answered(0);
    scene.wait_well("mailbox lists");
    scene.answers_again(1);
    scene.assert_sound(2);
}

#[test_case(Certificate::Expired; "expired")]
#[test_case(Certificate::OtherHost; "for another host")]
fn of_the_mail_server(certificate: Certificate) {
    let Some(scene) = watching(short()) else { return };
    scene.answers_again(0);
    scene.rig.present_smtp(certificate);
    scene.post(1);
    scene.wait_alarm("mail-server");
    assert!(scene.log().contains("certificate"), "{}", scene.log());
    a_while();
    assert_eq!(scene.state_of(1), Some(ReplyState::Ready));
    // Not tried again before a quarter of an hour has passed.
    assert_eq!(scene.count_in_log("a reply was not sent"), 1);
    assert_eq!(scene.answers(1), 0);
    scene.rig.present_smtp(Certificate::Good);
    scene.wait_and_pass("the reply goes out", LONG, |s| s.state_of(1) == Some(ReplyState::Seen));
    scene.wait_well("mail-server");
    scene.answers_again(2);
    scene.assert_sound(3);
}
