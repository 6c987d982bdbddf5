//! What becomes of replies that wait while their policy stops being one that may be spoken by.

use std::fs;

use jiff::SignedDuration;
use test_case::test_case;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::proxy::{Door, Plan, Proxy};

use crate::{
    program::{command, root},
    scene::{LIST, Scene, Setup, patch},
};

/// The scene begins on 2026-05-28.
const CHECKED: &str = "2026-05-27";

/// A policy of the scene's own, held against its text on a day.
pub(crate) fn policy(checked: &str) -> String {
    let text = fs::read_to_string(root().join("config/policies/qemu-2025-06.toml")).unwrap();
    let text = text.replace("id = \"qemu-2025-06\"", "id = \"own\"");
    let lines = text.lines().filter(|line| !line.starts_with("review-by"));
    let checked = format!("checked = \"{checked}\"");
    let lines = lines.map(|line| match line.split(' ').next() {
        Some("checked") => checked.as_str(),
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Somebody sends a pull request that changes the policy's documents.
fn pull() -> Vec<u8> {
    let text = String::from_utf8(patch(900, "stefan@example.org")).unwrap();
    let text = text.replace("hw/misc/frob900.c", "docs/devel/code-provenance.rst");
    text.replace("[PATCH]", "[PULL 1/2]").replace("AI-used-for: code\n", "").into_bytes()
}

/// A reply waits since the mail server cannot be reached; meanwhile the policy's time is over.
#[test_case(CHECKED, |scene| { scene.rig.post(&pull()); scene.wait_until_stored(); }, "policy-changed"; "its documents are pulled")]
#[test_case("2026-04-28", |scene| { scene.pass(SignedDuration::from_hours(28)); }, "policy-not-checked"; "nobody has checked it for too long")]
fn a_reply_that_waits_does_not_go_out(checked: &str, happens: fn(&Scene), by: &str) {
    let setup = Setup {
        policy: "own".to_owned(),
        files: "policies = \"policies\"".to_owned(),
        env: vec![("TIDEWAITER_TIMEOUTS".to_owned(), "short".to_owned())],
        ..Setup::default()
    };
    let Some(mut scene) = Scene::new(setup) else { return };
    fs::create_dir(scene.path("policies")).unwrap();
    fs::write(scene.path("policies/own.toml"), policy(checked)).unwrap();
    let smtp = Proxy::start(scene.rig.submission_port());
    scene.setup.smtp = Some(smtp.port());
    scene.configure();
    scene.start_watching();
    let hello = String::from_utf8(patch(0, "alice@example.org")).unwrap();
    scene.rig.post(hello.replace("AI-used-for: code\n", "").as_bytes());
    scene.wait("the author is known", |scene| scene.log().contains("a series was judged"));
    smtp.set(Plan { door: Door::Refuse, ..Plan::default() });
    scene.rig.post(&patch(1, "alice@example.org"));
    scene.wait("a reply waits", |scene| scene.replies_in(ReplyState::Ready) == 1);

    happens(&scene);
    scene.wait("the operator is told", |scene| {
        let told = |line: &str| line.contains("ERROR") && line.contains("alarm=\"policy own\"");
        scene.log().lines().any(told)
    });
    smtp.pass();
    scene.pass(SignedDuration::from_mins(10));
    scene.wait("it is held", |scene| scene.replies_in(ReplyState::Held) == 1);
    let reply = scene.replies().remove(0);
    assert_eq!((reply.state, reply.held_by.as_deref()), (ReplyState::Held, Some(by)));

    // Not even a person lets it go, as long as nobody has read the policy again.
    let config = scene.path("tidewaiter.toml").display().to_string();
    let release = ["outbox", "release", reply.id.as_str(), "--config", &config];
    let refused = command(&release).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(scene.spoken().len(), 0);
    fs::write(scene.path("policies/own.toml"), policy("2026-05-30")).unwrap();
    scene.wait("all is well", |scene| {
        let told = |line: &&str| line.contains("alarm=\"policy own\"");
        let log = scene.log();
        log.lines().rfind(told).is_some_and(|line| line.contains("this is well again"))
    });
    assert!(command(&release).output().unwrap().status.success(), "{}", scene.log());
    scene.wait("it came back", |scene| scene.replies_in(ReplyState::Seen) == 1);
    assert_eq!(scene.spoken()[0].recipients[1], LIST);
    scene.assert_never_two();
}
