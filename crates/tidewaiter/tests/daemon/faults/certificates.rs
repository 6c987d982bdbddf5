//! Certificates that are not to be believed.

use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{dovecot::Certificate, dovecot::USER, proxy::Proxy};

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
