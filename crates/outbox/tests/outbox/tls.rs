//! TLS and passwords: what is not right is never worked around, and not hammered at.

use jiff::SignedDuration;
use test_case::test_case;
use tidewaiter_outbox::{Secret, Security};
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{
    certificates::{Certificates, Quality},
    smtp::{At, Fault, Script, Tls},
};

use crate::scene::{Scene, pass};

const PASSWORD: &str = "canary-fn3Xq";

fn scene(security: Security, tls: Tls, certificates: &Certificates, password: &str) -> Scene {
    let script = Script { tls, login: Some(("bot", PASSWORD)), ..Script::default() };
    let mut scene = Scene::new(script);
    scene.server.security = security;
    scene.server.login = Some(("bot".to_owned(), Secret::new(password)));
    scene.server.authority = Some(certificates.authority());
    scene.server.timeouts.step = std::time::Duration::from_secs(2);
    scene
}

#[test_case(Security::Implicit; "from the start")]
#[test_case(Security::StartTls; "by starttls")]
fn a_good_server(security: Security) {
    let certificates = Certificates::new();
    let acceptor = certificates.acceptor(Quality::Good);
    let tls = match security {
        Security::Implicit => Tls::Implicit(acceptor),
        _ => Tls::StartTls(acceptor),
    };
    let scene = scene(security, tls, &certificates, PASSWORD);
    let id = scene.queue(1);
    let passed = pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1), "{passed:?}");
    assert_eq!(scene.smtp.logins(), (1, 0));
}

#[test_case(Security::Implicit, Quality::Expired, "expired"; "expired from the start")]
#[test_case(Security::StartTls, Quality::Expired, "expired"; "expired by starttls")]
#[test_case(Security::Implicit, Quality::WrongHost, "not valid for name"; "wrong host from the start")]
#[test_case(Security::StartTls, Quality::WrongHost, "not valid for name"; "wrong host by starttls")]
fn a_bad_certificate(security: Security, quality: Quality, why: &str) {
    let certificates = Certificates::new();
    let acceptor = certificates.acceptor(quality);
    let tls = match security {
        Security::Implicit => Tls::Implicit(acceptor),
        _ => Tls::StartTls(acceptor),
    };
    refused(&scene(security, tls, &certificates, PASSWORD), why);
}

#[test]
fn an_unknown_authority() {
    let (ours, theirs) = (Certificates::new(), Certificates::new());
    let tls = Tls::Implicit(theirs.acceptor(Quality::Good));
    refused(&scene(Security::Implicit, tls, &ours, PASSWORD), "certificate");
}

#[test]
fn starttls_is_not_offered() {
    let scene = scene(Security::StartTls, Tls::Stripped, &Certificates::new(), PASSWORD);
    refused(&scene, "does not offer STARTTLS");
}

/// Nothing is said to such a server, and it is left alone for a while.
fn refused(scene: &Scene, why: &str) {
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    let passed = pass(&mut outbox);
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Ready, 0));
    assert_eq!(scene.smtp.logins(), (0, 0));
    let pause = outbox.pause().unwrap().clone();
    assert!(pause.ours && pause.why.contains(why), "{pause:?} {passed:?}");
    scene.clock.go(SignedDuration::from_mins(5));
    assert_eq!(pass(&mut outbox).shut, Some(pause.why));
    assert_eq!(scene.smtp.connections(), 1);
}

#[test]
fn an_answer_that_was_slipped_in_before_tls() {
    let certificates = Certificates::new();
    let tls = Tls::Injected(certificates.acceptor(Quality::Good));
    let scene = scene(Security::StartTls, tls, &certificates, PASSWORD);
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Ready, 0));
    assert_eq!(scene.smtp.logins(), (0, 0));
}

#[test]
fn a_refused_password_is_not_tried_again_soon() {
    let certificates = Certificates::new();
    let tls = Tls::Implicit(certificates.acceptor(Quality::Good));
    let scene = scene(Security::Implicit, tls, &certificates, "wrong");
    let (one, two) = (scene.queue(1), scene.queue(2));
    let mut outbox = scene.outbox();
    let passed = pass(&mut outbox);
    assert!(outbox.pause().unwrap().ours, "{passed:?}");
    for _ in 0..120 {
        scene.clock.go(SignedDuration::from_mins(1));
        pass(&mut outbox);
    }
    assert!((2..8).contains(&scene.smtp.logins().0), "{:?}", scene.smtp.logins());
    assert_eq!((scene.state(&one), scene.state(&two)), (ReplyState::Ready, ReplyState::Ready));
}

#[test]
fn a_login_that_is_wanted_later_is_no_refusal_of_the_mail() {
    let script = Script {
        faults: vec![(At::Mail, Fault::Answer("530 5.7.0 Authentication required"), 1)],
        ..Script::default()
    };
    let scene = Scene::new(script);
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    pass(&mut outbox);
    assert_eq!(scene.state(&id), ReplyState::Ready);
    assert!(outbox.pause().unwrap().ours);
    // A person has looked.
    outbox.go_on();
    pass(&mut outbox);
    assert_eq!(scene.state(&id), ReplyState::Sent);
}

/// Whatever goes wrong, the password is in nothing that the outbox says or stores.
#[test]
fn the_password_is_said_to_nobody_else() {
    let said = Said::default();
    let subscriber = said.clone();
    let certificates = Certificates::new();
    let runs: [(Tls, &str); 3] = [
        (Tls::Implicit(certificates.acceptor(Quality::Good)), PASSWORD),
        (Tls::Implicit(certificates.acceptor(Quality::Good)), "canary-fn3Xq-wrong"),
        (Tls::Implicit(certificates.acceptor(Quality::Expired)), PASSWORD),
    ];
    tracing::subscriber::with_default(subscriber, || {
        for (tls, password) in runs {
            let scene = scene(Security::Implicit, tls, &certificates, password);
            let id = scene.queue(1);
            let passed = pass(&mut scene.outbox());
            said.add(&format!("{passed:?} {:?}", scene.row(&id)));
            said.add(&format!("{:?}", scene.store(|store| store.attempts(&id).unwrap())));
        }
    });
    let text = said.text();
    let logged = Said::default();
    let answers = [
        "530 5.7.0 <author1@example.org> login first",
        "550 no author1@example.org",
        "399 author1@example.org",
    ];
    tracing::subscriber::with_default(logged.clone(), || {
        for (at, answer) in [At::Rcpt, At::Mail, At::Dot].into_iter().zip(answers) {
            let faults = vec![(at, Fault::Answer(answer), 1)];
            let scene = Scene::new(Script { faults, ..Script::default() });
            scene.queue(1);
            let passed = pass(&mut scene.outbox());
            assert!(passed.happened[0].why.contains("author1@example.org"), "{passed:?}");
        }
    });
    let log = logged.text();
    assert!(log.contains("(address)") && !log.contains("example.org"), "{log}");
    assert!(
        text.contains("a reply was sent") && text.contains("until a person has looked"),
        "{text}"
    );
    let coded = data_encoding::BASE64.encode(format!("\0bot\0{PASSWORD}").as_bytes());
    assert!(!text.contains("canary") && !text.contains(&coded), "{text}");
}

/// Keeps everything that is logged, at every level.
#[derive(Clone, Default)]
struct Said(std::sync::Arc<std::sync::Mutex<String>>);

impl Said {
    fn add(&self, text: &str) {
        self.0.lock().unwrap().push_str(text);
    }

    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl tracing::field::Visit for Said {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        self.add(&format!("{field}={value:?} "));
    }
}

impl tracing::Subscriber for Said {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
