//! The process dies at every point of a delivery: the reply goes out exactly once, or is in doubt
//! and not sent again.

use std::{
    env,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use crate::scene::{pass, path, queue, rules, server, start};
use jiff::Timestamp;
use test_case::test_case;
use tidewaiter_mail::MessageId;
use tidewaiter_outbox::{Clock, Outbox};
use tidewaiter_store::{ReplyState, Store};
use tidewaiter_testkit::smtp::{At, Fault, Script, SmtpServer};

const STORE: &str = "TIDEWAITER_TEST_STORE";
const PORT: &str = "TIDEWAITER_TEST_PORT";

/// A little after the reply was queued.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        start() + jiff::SignedDuration::from_secs(60)
    }

    fn random(&self) -> u64 {
        0
    }
}

/// One life of the daemon; nothing by itself.
#[test]
fn life() {
    let (Ok(store), Ok(port)) = (env::var(STORE), env::var(PORT)) else { return };
    let store = Store::open(Path::new(&store)).unwrap();
    let mut server = server(port.parse().unwrap());
    server.timeouts.answer = Duration::from_secs(20);
    let store = Arc::new(Mutex::new(store));
    let mut outbox = Outbox::new(store, server, rules(), Arc::new(Still)).unwrap();
    pass(&mut outbox);
}

fn spawn(store: &Path, port: u16, die_at: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::life", "--nocapture"])
        .env(STORE, store)
        .env(PORT, port.to_string())
        .env("TIDEWAITER_DIE_AT", die_at)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn prepared(store: &Path) -> MessageId {
    let mut store = Store::open(store).unwrap();
    store.trust_past().unwrap();
    queue(&mut store, 1, "author@example.org", start())
}

/// What is stored and what the server has, after more lives than are needed.
fn afterwards(path: &Path, smtp: &SmtpServer, id: &MessageId) -> (ReplyState, usize) {
    for _ in 0..3 {
        assert!(spawn(path, smtp.port(), "nowhere").wait().unwrap().success());
    }
    let state = Store::open(path).unwrap().reply(id).unwrap().unwrap().state;
    (state, smtp.count(id.as_str()))
}

#[test_case("before-connect", ReplyState::Sent, 1; "before connecting")]
#[test_case("after-auth", ReplyState::Sent, 1; "after auth")]
#[test_case("after-mail", ReplyState::Sent, 1; "after mail")]
#[test_case("after-rcpt", ReplyState::Sent, 1; "after rcpt")]
#[test_case("after-354", ReplyState::Sent, 1; "after 354")]
#[test_case("before-arm", ReplyState::Sent, 1; "before it is armed")]
#[test_case("after-arm", ReplyState::Doubt, 0; "after it is armed")]
#[test_case("mid-body", ReplyState::Doubt, 0; "in the mail")]
#[test_case("before-dot", ReplyState::Doubt, 0; "before the dot")]
#[test_case("after-answer", ReplyState::Doubt, 1; "after the answer")]
#[test_case("before-outcome", ReplyState::Doubt, 1; "before it is written down")]
#[test_case("after-outcome", ReplyState::Sent, 1; "after it is written down")]
fn dies(at: &str, state: ReplyState, copies: usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = path(folder.path());
    let id = prepared(&path);
    let smtp = SmtpServer::start(Script::default());
    let ended = spawn(&path, smtp.port(), at).wait().unwrap();
    assert_eq!(ended.signal(), Some(6), "nothing died at {at}: {ended}");
    assert_eq!(afterwards(&path, &smtp, &id), (state, copies));
}

/// Between the dot and its answer there is no point in the program: it is killed from outside.
#[test]
fn dies_after_the_dot() {
    let folder = tempfile::tempdir().unwrap();
    let path = path(folder.path());
    let id = prepared(&path);
    let script = Script { faults: vec![(At::Dot, Fault::DoneThenHang, 1)], ..Script::default() };
    let smtp = SmtpServer::start(script);
    let mut child = spawn(&path, smtp.port(), "nowhere");
    let began = Instant::now();
    while smtp.dots() == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "no dot came");
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(afterwards(&path, &smtp, &id), (ReplyState::Doubt, 1));
}

/// Every point that the sources name is one that a test dies at.
#[test]
fn every_point_is_tried() {
    let source = include_str!("../../src/conversation.rs");
    let tests = include_str!("crash.rs");
    let mut named = 0;
    for line in source.lines() {
        let points = line.split('"').skip(1).step_by(2);
        if line.contains("reach(\"") || line.contains("let points") {
            for point in points {
                named += 1;
                assert!(tests.contains(&format!("test_case(\"{point}\"")), "{point}");
            }
        }
    }
    assert!(named >= 8, "{named}");
}

/// Twenty replies and a kill at any time, again and again; `TIDEWAITER_KILLS=200` for more.
#[test]
fn killed_at_any_time() {
    let kills = env::var("TIDEWAITER_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(15_u64);
    let folder = tempfile::tempdir().unwrap();
    let path = path(folder.path());
    let smtp = SmtpServer::start(Script::default());
    let mut ids = vec![prepared(&path)];
    for round in 0..kills {
        let mut store = Store::open(&path).unwrap();
        let number = u32::try_from(round).unwrap() + 2;
        ids.push(queue(&mut store, number, &format!("a{number}@example.org"), start()));
        drop(store);
        let mut child = spawn(&path, smtp.port(), "nowhere");
        thread::sleep(Duration::from_millis(5 + round * 7919 % 60));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    // The caps of the test let fifty an hour out.
    for _ in 0..1 + kills / 20 {
        assert!(spawn(&path, smtp.port(), "nowhere").wait().unwrap().success());
    }
    let store = Store::open(&path).unwrap();
    let mut doubts = 0;
    for id in &ids {
        let copies = smtp.count(id.as_str());
        match store.reply(id).unwrap().unwrap().state {
            ReplyState::Sent => assert_eq!(copies, 1, "{id}"),
            ReplyState::Doubt => {
                doubts += 1;
                assert!(copies <= 1, "{id}");
            }
            ReplyState::Held => assert_eq!(copies, 0, "{id}"),
            state => panic!("{id} is {state:?}"),
        }
    }
    println!("{} replies, {kills} kills, {doubts} in doubt", ids.len());
}
