//! Nothing is sent, and everything that is wrong is named.

use std::{fs, os::unix::fs::PermissionsExt as _};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use test_case::test_case;
use tidewaiter_store::{Cursor, NewMail, Place, Stored};
use tidewaiter_testkit::{
    certificates::{Certificates, Quality},
    dovecot::{self, Certificate, Dovecot, Options},
    smtp::{At, Fault, Script, SmtpServer, Tls},
};

use crate::{
    program,
    scene::{Scene, start},
};

const SMTP_PASSWORD: &str = "canary-smtp-7Fq";

/// Writes a password's file.
fn secret(scene: &Scene, name: &str, password: &str) {
    fs::write(scene.path(name), format!("{password}\n")).unwrap();
    fs::set_permissions(scene.path(name), fs::Permissions::from_mode(0o600)).unwrap();
}

/// A mail server that says nothing more as soon as a sender is named.
fn smtp(scene: &Scene, quality: Quality) -> (SmtpServer, String) {
    let certificates = Certificates::new();
    let server = SmtpServer::start(Script {
        tls: Tls::Implicit(certificates.acceptor(quality)),
        login: Some(("bot", SMTP_PASSWORD)),
        faults: vec![(At::Mail, Fault::Hang, 9)],
        ..Script::default()
    });
    fs::write(scene.path("smtp.pem"), certificates.authority()).unwrap();
    secret(scene, "smtp-password", SMTP_PASSWORD);
    let config = format!(
        "[smtp]\nhost = \"localhost\"\nport = {}\nuser = \"bot\"\n\
         password-file = \"smtp-password\"\nca-file = \"smtp.pem\"\n",
        server.port()
    );
    (server, config)
}

pub(crate) fn mailbox(scene: &Scene, dovecot: &Dovecot) -> String {
    fs::write(scene.path("imap.pem"), dovecot.ca()).unwrap();
    secret(scene, "imap-password", dovecot::PASSWORD);
    format!(
        "[[mailboxes]]\nname = \"lists\"\nhost = \"localhost\"\nport = {}\nuser = \"{}\"\n\
         password-file = \"imap-password\"\nca-file = \"imap.pem\"\n",
        dovecot.imaps,
        dovecot::USER
    )
}

/// The key and its line of the configuration.
fn key(scene: &Scene) -> &'static str {
    fs::write(scene.path("key"), [7; 32]).unwrap();
    fs::set_permissions(scene.path("key"), fs::Permissions::from_mode(0o600)).unwrap();
    "[files]\npolicies = \"policies\"\nkey = \"key\"\n"
}

/// The checks, and the exit code.
fn doctor(scene: &Scene) -> (i32, Vec<Value>) {
    let ran = scene.run(&["doctor", "--format=jsonl"]);
    let checks = ran.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    if ran.code == 0 {
        assert_eq!(ran.stderr, "");
    } else {
        assert!(ran.stderr.ends_with(" checks failed\n"), "{}", ran.stderr);
    }
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("canary"), "{}", ran.stdout);
    (ran.code, checks)
}

/// What is said of one part, as `status: text`.
fn of(checks: &[Value], part: &str) -> Vec<String> {
    let of_part = checks.iter().filter(|check| check["part"] == part);
    let text = |check: &Value| {
        format!("{}: {}", check["status"].as_str().unwrap(), check["text"].as_str().unwrap())
    };
    of_part.map(text).collect()
}

/// A mail of the list that came so many hours ago.
fn came(scene: &Scene, hours: i64) {
    let raw = b"Message-ID: <1@example.org>\r\nFrom: a@example.org\r\nSubject: hello\r\n\
                List-Id: <frob-devel.lists.example.org>\r\n\r\nText.\r\n";
    let time = Timestamp::now().round(jiff::Unit::Second).unwrap();
    let time = time - SignedDuration::from_hours(hours);
    let mut store = scene.open();
    let writer = store.begin().unwrap();
    let mail = NewMail {
        raw,
        time,
        content: tidewaiter_mail::ContentHash::default(),
        message_id: None,
        sender: None,
        header: None,
        quiet: false,
    };
    let (Stored::New(id) | Stored::Known(id)) = writer.mail(&mail).unwrap();
    let mailbox = "lists".to_owned();
    writer.place(&Place { mailbox: mailbox.clone(), uid_validity: 1, uid: 1 }, id).unwrap();
    writer.cursor(&Cursor { mailbox, uid_validity: 1, uid: 1 }).unwrap();
    writer.heard("frob-devel.lists.example.org", time).unwrap();
    writer.commit().unwrap();
}

#[test]
fn where_all_is_well_nothing_fails() {
    let Some(mut dovecot) = Dovecot::start(Options::default()) else { return };
    dovecot.deliver("", b"Subject: one\r\n\r\nText.\r\n");
    let scene = Scene::filled();
    came(&scene, 1);
    let (server, smtp) = smtp(&scene, Quality::Good);
    scene.configure(&format!("{}{smtp}{}", mailbox(&scene, &dovecot), key(&scene)));
    let (code, checks) = doctor(&scene);
    assert_eq!(code, 0, "{checks:#?}");
    let said = of(&checks, "mailbox lists");
    assert!(said[0].starts_with("ok: localhost:"), "{said:?}");
    assert!(
        said[0].contains("TLS, logged in, `INBOX` opened read-only: 1 mail, the newest"),
        "{said:?}"
    );
    // The cursor of the scene is of another life of the mailbox.
    assert!(said.iter().any(|text| text.contains("new numbers (UIDVALIDITY was 1)")), "{said:?}");
    let said = of(&checks, "smtp");
    assert!(said[0].ends_with("logged in; it calls itself mail.example.net. Nothing was sent."));
    let said = of(&checks, "list");
    assert!(said[0].starts_with("ok: frob-devel.lists.example.org was last heard at "), "{said:?}");
    assert_eq!(of(&checks, "daemon"), ["ok: None runs on the store."]);
    assert_eq!(
        of(&checks, "outbox")[0],
        "warn: 1 reply is in doubt: nobody knows whether it went out."
    );
    // Nothing left, and nothing changed.
    assert_eq!((server.connections(), server.taken().len(), server.dots()), (1, 0, 0));
    let flags =
        dovecot.doveadm(&["-f", "tab", "fetch", "-u", dovecot::USER, "flags", "mailbox", "INBOX"]);
    assert!(!flags.contains("Seen"), "{flags}");
    let daemon = scene.open();
    let text = scene.shown(&["doctor"]);
    assert!(text.contains("ok    daemon          One runs on the store.\n"), "{text}");
    assert!(text.contains("\nok    stop switch     It is off.\n"), "{text}");
    drop(daemon);

    dovecot.present(Certificate::Expired);
    secret(&scene, "smtp-password", "canary-wrong");
    let (code, checks) = doctor(&scene);
    assert_eq!(code, 3);
    let said = of(&checks, "mailbox lists");
    assert!(said[0].starts_with("fail: localhost:"), "{said:?}");
    assert!(said[0].contains("failed to set up TLS: "), "{said:?}");
    assert!(of(&checks, "smtp")[0].contains("failed to log in: "), "{:?}", of(&checks, "smtp"));
    let ran = scene.run(&["-q", "doctor"]);
    assert!(ran.stdout.lines().all(|line| !line.starts_with("ok")), "{}", ran.stdout);
    assert_eq!(server.taken().len(), 0);
}

#[test]
fn a_mailbox_that_is_not_there() {
    let Some(dovecot) = Dovecot::start(Options::default()) else { return };
    let scene = Scene::new();
    let there = mailbox(&scene, &dovecot);
    scene.configure(&format!("{there}mailbox = \"Lists\"\n"));
    let said = of(&doctor(&scene).1, "mailbox lists");
    assert!(said[0].contains("failed to open the mailbox: "), "{said:?}");
    secret(&scene, "imap-password", "canary-wrong");
    scene.configure(&there);
    let said = of(&doctor(&scene).1, "mailbox lists");
    assert!(said[0].contains("failed to log in, refused 1 times"), "{said:?}");
    fs::set_permissions(scene.path("imap-password"), fs::Permissions::from_mode(0o644)).unwrap();
    let said = of(&doctor(&scene).1, "mailbox lists");
    assert!(said[0].contains("others may read it (mode 644)"), "{said:?}");
}

#[test]
fn without_anything() {
    let scene = Scene::empty();
    let (code, checks) = doctor(&scene);
    assert_eq!(code, 3);
    let failed: Vec<&str> = checks
        .iter()
        .filter(|check| check["status"] == "fail")
        .map(|check| check["part"].as_str().unwrap())
        .collect();
    assert_eq!(failed, ["key", "mailbox", "smtp"], "{checks:#?}");
    assert_eq!(of(&checks, "store"), ["warn: There is no store `DIR/store` yet."]);
    assert_eq!(scene.files(), ["tidewaiter.toml"]);
    // The built-in configuration reads nothing and sends nothing.
    let ran = program::run(&["doctor"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stdout.starts_with("warn  configuration   `config/tidewaiter.toml"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("ok    smtp            None is configured"), "{}", ran.stdout);
}

#[test]
fn what_is_wrong_with_the_store_and_the_files() {
    let scene = Scene::filled();
    came(&scene, 30);
    scene.shown(&["stop", "two of one kind."]);
    fs::write(scene.path("store.stop"), "").unwrap();
    fs::write(scene.path("key"), "short").unwrap();
    fs::write(scene.path("MAINTAINERS"), "nothing\n").unwrap();
    fs::set_permissions(scene.path("store"), fs::Permissions::from_mode(0o644)).unwrap();
    scene.configure(
        "[files]\nkey = \"key\"\nmaintainers = \"MAINTAINERS\"\ntree = \"no-tree\"\n\
         [smtp]\nhost = \"127.0.0.1\"\ntls = \"none\"\nport = 9\n",
    );
    let (code, checks) = doctor(&scene);
    assert_eq!(code, 3);
    let wanted = [
        ("key", "fail: `DIR/key` has less than 32 bytes."),
        ("maintainers", "fail: `DIR/MAINTAINERS` has no section."),
        ("tree", "fail: failed to read `DIR/no-tree`: "),
        ("stop file", "warn: The file `DIR/store.stop` is there, and nothing is sent."),
        ("list", "warn: Nothing has come from frob-devel.lists.example.org since "),
        ("smtp", "fail: 127.0.0.1:9: failed to connect: "),
    ];
    for (part, text) in wanted {
        let said = of(&checks, part);
        assert!(said.len() == 1 && said[0].starts_with(text), "{part}: {said:?}");
    }
    assert_eq!(of(&checks, "store")[1], "warn: Others may read `DIR/store` (mode 644).");
    let switch = of(&checks, "stop switch");
    assert!(switch[0].ends_with("and nothing is sent: two of one kind."), "{switch:?}");
    for check in &checks {
        assert_eq!(check["advice"].is_null(), check["status"] == "ok", "{check}");
    }
}

#[test_case("2020-01-01", None, "was last held against its text on 2020-01-01, over 31 days ago."; "long ago")]
#[test_case("2999-01-01", Some("2020-01-02"), "was to be reviewed by 2020-01-02."; "review")]
#[test_case("2999-01-01", None, "is in force, and was held against its text on 2999-01-01."; "fine")]
fn the_age_of_policies(checked: &str, review_by: Option<&str>, text: &str) {
    let scene = Scene::empty();
    let policy =
        fs::read_to_string(program::root().join("config/policies/qemu-2025-06.toml")).unwrap();
    let lines = policy.lines().map(|line| match line.split(' ').next() {
        Some("checked") => format!("checked = \"{checked}\""),
        Some("review-by") => {
            review_by.map_or(String::new(), |day| format!("review-by = \"{day}\""))
        }
        _ => line.to_owned(),
    });
    let lines: Vec<String> = lines.collect();
    fs::write(scene.path("policies/qemu-2025-06.toml"), lines.join("\n")).unwrap();
    scene.configure("[files]\npolicies = \"policies\"\n");
    let said = of(&doctor(&scene).1, "policy");
    assert_eq!(said.len(), 1);
    assert!(said[0].ends_with(text), "{said:?}");
    assert_eq!(said[0].starts_with("ok"), text.contains("2999"), "{said:?}");
}

#[test]
fn a_pull_changed_the_documents_of_the_policy() {
    let scene = Scene::new();
    scene.configure("");
    let mut store = scene.open();
    let writer = store.begin().unwrap();
    writer.command("policy-changed 2999-01-02 Frob", start()).unwrap();
    writer.commit().unwrap();
    drop(store);
    let said = of(&doctor(&scene).1, "policy");
    let text = "warn: A pull of 2999-01-02 changed the documents of `qemu-2025-06`.";
    assert_eq!(said, [text]);
}

#[test]
fn a_store_that_cannot_be_read() {
    let scene = Scene::filled();
    fs::write(scene.path("store"), "no database ".repeat(500)).unwrap();
    let (code, checks) = doctor(&scene);
    assert_eq!(code, 3);
    assert!(of(&checks, "store")[0].contains("file is not a database"), "{checks:#?}");
}

#[test]
fn credentials_of_the_service_are_not_ours() {
    let scene = Scene::empty();
    let more = format!(
        "{}[smtp]\nhost = \"localhost\"\nuser = \"bot\"\ncredential = \"smtp\"\n\
         [[mailboxes]]\nname = \"lists\"\nhost = \"localhost\"\nuser = \"bot\"\n\
         credential = \"imap\"\n",
        key(&scene)
    );
    scene.configure(&more);
    let output = scene.command(&["doctor"]).env_remove("CREDENTIALS_DIRECTORY").output().unwrap();
    let ran = scene.ran(&output);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    for part in ["warn  mailbox lists ", "warn  smtp "] {
        assert!(ran.stdout.contains(part), "{}", ran.stdout);
    }
}
