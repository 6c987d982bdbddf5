//! What the log says, and what it never says.

use regex::Regex;
use serde_json::Value;
use test_case::test_case;
use tidewaiter_testkit::{
    dovecot::PASSWORD,
    rig::{Post, Refusal, Step},
};

use crate::{
    program::run,
    scene::{Scene, Setup, patch},
};

/// Much happens: a reply is held, sent, refused; the mail server refuses a recipient by name; people
/// answer; a configuration is wrong. None of it names a person.
#[test_case("text"; "text")]
#[test_case("json"; "json")]
fn nobody_is_named(format: &str) {
    let more = format!("format = \"{format}\"\n");
    let Some(mut scene) = Scene::new(Setup { more, ..Setup::default() }) else { return };
    scene.start_watching();
    scene.rig.post(&patch(0, "alice@example.org"));
    scene.wait("the first is held", |scene| scene.log().contains("a reply waits for a person"));
    scene.rig.post(&patch(1, "alice@example.org"));
    scene.wait("a reply is sent", |scene| scene.log().contains("a reply came back"));
    scene.rig.faults().refusals = vec![Refusal {
        step: Step::Rcpt,
        recipient: None,
        answer: "550 5.1.1 <qemu-devel@nongnu.org> and alice@example.org are unknown".to_owned(),
        times: None,
    }];
    scene.rig.post(&patch(2, "alice@example.org"));
    scene.wait("a reply is refused", |scene| scene.log().contains("a reply was refused"));
    let answer = "From: Bob <bob@example.com>\nTo: qemu-devel@nongnu.org\nSubject: Re: [PATCH] x\n\
                  Message-ID: <canary-id-bob@example.com>\nIn-Reply-To: <patch-1@example.org>\n\n\
                  canary-body tidewaiter: sing\ntidewaiter: sing\n";
    scene.rig.send(Post::new(answer.as_bytes()));
    scene.wait("the answer is taken", |scene| scene.log().contains("a word that it does not know"));
    let file = scene.path("tidewaiter.toml");
    let good = std::fs::read_to_string(&file).unwrap();
    // Not TOML; a password where none belongs; an address that is none; and one where none belongs.
    let all = [
        (format!("{}\n[nonsense]\n", file.display()), "tidewaiter.toml:1:"),
        (good.replace("[smtp]\n", "[smtp]\npassword = \"canary-hunter2\"\n"), "`smtp.password`"),
        (good.replace("<olga@example.net>", "olga@example.net, x@"), "is no mailbox"),
        (format!("{good}listen = \"canary@example.org\"\n"), "`log.listen`"),
    ];
    for (wrong, said) in &all {
        std::fs::write(&file, wrong).unwrap();
        scene.signal("HUP");
        scene.wait(said, |scene| scene.log().contains(said));
    }
    scene.wait("it is refused", |scene| scene.log().contains("the old one stays"));
    assert!(scene.end().success());
    // The same at a start: standard error is no terminal.
    std::fs::write(&file, &all[1].0).unwrap();
    let ran = run(&["run", "--config", &file.display().to_string()]);
    assert_eq!(ran.code, 2);

    let log = scene.log();
    for secret in [PASSWORD, "canary-body", "canary-hunter2"] {
        assert!(!log.contains(secret) && !ran.stderr.contains(secret), "{log}{}", ran.stderr);
    }
    assert!(ran.stderr.contains("tidewaiter.toml:"), "{}", ran.stderr);
    let address = Regex::new(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+").unwrap();
    // Our own replies' ids are nobody's address.
    let own = |found: &str| found.starts_with("tw.") && found.ends_with("@bot.example");
    let named: Vec<&str> =
        address.find_iter(&log).map(|m| m.as_str()).filter(|found| !own(found)).collect();
    assert!(named.is_empty(), "{named:?}\n{log}");
    if format == "json" {
        for line in log.lines() {
            let line: Value = serde_json::from_str(line).expect(line);
            assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
            assert!(line["message"].as_str().is_some_and(|text| !text.is_empty()), "{line}");
        }
    }
}

/// What a panic says may quote a mail: where it came up is enough.
#[test]
fn a_panic_quotes_nothing() {
    let env = vec![("TIDEWAITER_PANIC_AT".to_owned(), "in-configure".to_owned())];
    let Some(mut scene) = Scene::new(Setup { env, ..Setup::default() }) else { return };
    scene.start_watching();
    scene.signal("HUP");
    scene.wait("it ends", |scene| scene.log().contains("the daemon ends"));
    let log = scene.log();
    let line = log.lines().find(|line| line.contains("the program failed")).expect(&log);
    assert!(line.contains("ERROR") && line.contains("thread=\"decides\""), "{line}");
    assert!(line.contains("point.rs:"), "{line}");
    assert!(!log.contains("canary") && !log.contains("panicked at"), "{log}");
}
