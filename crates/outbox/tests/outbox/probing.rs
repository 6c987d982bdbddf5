//! A look at the server sends nothing, and names what is wrong.

use std::time::{Duration, Instant};

use test_case::test_case;
use tidewaiter_outbox::{Probe, ProbeError, Secret, Security, Server, probe};
use tidewaiter_testkit::{
    certificates::{Certificates, Quality},
    smtp::{At, Fault, Script, SmtpServer, Tls},
};

use crate::scene::server;

const PASSWORD: &str = "canary-8sQ2v";

fn look(server: &Server) -> Result<Probe, ProbeError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(probe(server))
}

/// A server over TLS from the start, which hangs as soon as a sender is named.
fn secured(quality: Quality, password: &str) -> (SmtpServer, Server) {
    let certificates = Certificates::new();
    let smtp = SmtpServer::start(Script {
        tls: Tls::Implicit(certificates.acceptor(quality)),
        login: Some(("bot", PASSWORD)),
        faults: vec![(At::Mail, Fault::Hang, 9)],
        ..Script::default()
    });
    let mut server = server(smtp.port());
    server.security = Security::Implicit;
    server.login = Some(("bot".to_owned(), Secret::new(password)));
    server.authority = Some(certificates.authority());
    server.timeouts.step = Duration::from_secs(2);
    (smtp, server)
}

#[test]
fn a_good_server() {
    let (smtp, server) = secured(Quality::Good, PASSWORD);
    let found = look(&server).unwrap();
    let name = "mail.example.net".to_owned();
    assert_eq!(found, Probe { name, tls: true, logged_in: true, eight_bit: true });
    assert_eq!((smtp.connections(), smtp.logins(), smtp.dots()), (1, (1, 0), 0));
    assert_eq!(smtp.taken(), []);
}

#[test]
fn a_server_on_this_machine() {
    let smtp = SmtpServer::start(Script::default());
    let found = look(&server(smtp.port())).unwrap();
    assert_eq!((found.tls, found.logged_in, smtp.connections()), (false, false, 1));
}

#[test_case(Quality::Expired, PASSWORD, "failed to set up TLS: "; "an expired certificate")]
#[test_case(Quality::WrongHost, PASSWORD, "failed to set up TLS: "; "a certificate for another")]
#[test_case(Quality::Good, "canary-wrong", "failed to log in: "; "a wrong password")]
fn what_will_not_mend_itself(quality: Quality, password: &str, why: &str) {
    let (smtp, server) = secured(quality, password);
    let error = look(&server).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with(why) && !text.contains("canary"), "{text}");
    assert!(matches!(error, ProbeError::Step { ours: true, .. }), "{text}");
    assert_eq!((smtp.connections(), smtp.taken().len()), (1, 0));
}

#[test_case(At::Greeting)]
#[test_case(At::Ehlo)]
fn a_server_that_hangs_is_left(at: At) {
    let faults = vec![(at, Fault::Hang, 1)];
    let smtp = SmtpServer::start(Script { faults, ..Script::default() });
    let mut server = server(smtp.port());
    server.timeouts.step = Duration::from_secs(60);
    server.timeouts.before = Duration::from_millis(300);
    let start = Instant::now();
    let text = look(&server).unwrap_err().to_string();
    assert_eq!(text, "failed to connect: the server said nothing for too long");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn nobody_is_there_and_nothing_goes_out_without_tls() {
    let mut server = server(9);
    let error = look(&server).unwrap_err();
    assert!(matches!(error, ProbeError::Step { step: "connect", ours: false, .. }), "{error}");
    server.host = "mail.example.net".to_owned();
    assert!(matches!(look(&server).unwrap_err(), ProbeError::Server(_)));
}
