//! The status page of a daemon that runs.

use std::{
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::scene::{SOON, Scene, Setup, patch};

/// What the page answers: its status line, and what follows the header.
fn get(port: u16, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let ask = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    stream.write_all(ask.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

/// A port that nobody listens at, and a configuration for a page there.
fn free_port() -> (u16, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (port, format!("[status]\nlisten = \"127.0.0.1:{port}\"\n"))
}

#[test]
fn it_shows_how_things_stand() {
    let (port, more) = free_port();
    let Some(mut scene) = Scene::new(Setup { more, ..Setup::default() }) else { return };
    scene.start_watching();
    scene.rig.post(&patch(0, "alice@example.org"));
    scene.wait("the first is held", |scene| scene.log().contains("a reply waits for a person"));
    scene.rig.post(&patch(1, "alice@example.org"));
    scene.wait("a reply came back", |scene| scene.log().contains("a reply came back"));
    let began = Instant::now();
    // What is shown may be a second old.
    let status = || -> Value { serde_json::from_str(&get(port, "/status.json").1).unwrap() };
    let mut json = status();
    // That what came is all, is known a moment after it was taken.
    while json["replies"]["by_state"]["seen"] != 1 || json["sending"]["allowed"] != true {
        assert!(began.elapsed() < SOON, "{json}");
        std::thread::sleep(Duration::from_millis(20));
        json = status();
    }
    assert_eq!(json["sending"]["allowed"], true, "{json}");
    assert_eq!(json["watchers"][0]["caught_up"], true, "{json}");
    assert_eq!(json["watchers"][0]["last_uid"], 3, "{json}");
    assert_eq!(json["replies"]["by_state"]["held"], 1, "{json}");
    assert_eq!(json["replies"]["held"][0]["held_by"], "first-series", "{json}");
    assert_eq!(json["series"][0]["outcome"], "decline", "{json}");
    assert_eq!(json["series"][0]["author"], "A. Person", "{json}");
    assert_eq!(json["caps"][0]["used"], 1, "{json}");
    assert_eq!(json["lists"][0]["mode_in_effect"], "list", "{json}");
    assert!(!json.to_string().contains("alice@"), "{json}");
    assert_eq!(get(port, "/healthz"), ("HTTP/1.1 200 OK".to_owned(), "ok\n".to_owned()));
    assert!(get(port, "/metrics").1.contains("\ntidewaiter_replies{state=\"seen\"} 1\n"));
    assert!(get(port, "/feed.atom").1.contains("hw/misc: frob number 1"));
    assert!(get(port, "/").1.contains("hw/misc: frob number 1"));

    // A person has to know, and a supervisor is told that all works still.
    scene.signal("USR1");
    scene.wait("it is stopped", |_| get(port, "/").1.contains("SIGUSR1"));
    assert_eq!(get(port, "/healthz").0, "HTTP/1.1 200 OK");
    scene.rig.dovecot().doveadm(&["kick", tidewaiter_testkit::dovecot::USER]);
    assert!(scene.end().success());
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
}

/// A mailbox of which nothing can be read, long before its reason needs a person.
#[test]
fn a_mailbox_that_is_not_read_is_a_fault() {
    let (port, more) = free_port();
    let env = vec![("TIDEWAITER_TIMEOUTS".to_owned(), "short".to_owned())];
    let Some(mut scene) = Scene::new(Setup { more, env, ..Setup::default() }) else { return };
    scene.start_watching();
    let health = || get(port, "/healthz");
    let lag = || -> u64 {
        let metrics = get(port, "/metrics").1;
        let (_, lag) =
            metrics.split_once("\ntidewaiter_watcher_lag_seconds{watcher=\"lists\"} ").unwrap();
        lag.lines().next().unwrap().parse().unwrap()
    };
    scene.wait("all is well", |_| health().0 == "HTTP/1.1 200 OK" && lag() == 0);
    scene.rig.stop_dovecot();
    // By real seconds: whatever a clock is set to, this many have passed.
    scene.wait("it lags", |_| lag() >= 3);
    scene.wait("it is a fault", |_| health().0 == "HTTP/1.1 503 Service Unavailable");
    assert!(
        health().1.contains("nothing could be read of the mailbox `lists`"),
        "{health:?}",
        health = health()
    );
    scene.rig.start_dovecot();
    scene.wait("all is well again", |_| {
        health() == ("HTTP/1.1 200 OK".to_owned(), "ok\n".to_owned())
    });
    scene.wait("it lags no longer", |_| lag() == 0);
    assert!(scene.end().success());
}
