//! `config check` finds what `run` would refuse.

use std::{fs, os::unix::fs::PermissionsExt as _};

use test_case::test_case;
use tidewaiter_testkit::certificates::Certificates;

use crate::{program::Ran, scene::Scene};

const MAILBOX: &str = "[[mailboxes]]\nname = \"lists\"\nhost = \"localhost\"\nuser = \"bot\"\n\
                       password-file = \"password\"\nca-file = \"ca.pem\"\n";
const SMTP: &str = "[smtp]\nhost = \"localhost\"\nuser = \"bot\"\npassword-file = \"password\"\n\
                    ca-file = \"ca.pem\"\n";
const KEY: &str = "[files]\nkey = \"key\"\n";

/// A configuration that a daemon could start with.
fn scene() -> Scene {
    let scene = Scene::empty();
    for (name, text) in [("password", "canary\n".to_owned()), ("key", "k".repeat(32))] {
        fs::write(scene.path(name), text).unwrap();
        fs::set_permissions(scene.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    fs::write(scene.path("ca.pem"), Certificates::new().authority()).unwrap();
    scene.configure(&format!("{KEY}{MAILBOX}{SMTP}"));
    scene
}

fn ran(scene: &Scene, args: &[&str]) -> Ran {
    let output = scene.command(args).env_remove("CREDENTIALS_DIRECTORY").output().unwrap();
    scene.ran(&output)
}

#[test]
fn a_sound_one_passes() {
    let shown = scene().shown(&["config", "check"]);
    assert!(shown.starts_with("DIR/tidewaiter.toml: no mistakes\n"), "{shown}");
    assert!(!shown.contains("dry runs"), "{shown}");
}

#[test_case("", "", "a list's mode sends, and `DIR/tidewaiter.toml` has no [smtp]"; "no server")]
#[test_case(KEY, "", "names no `key` in [files]"; "no key")]
#[test_case("key = \"key\"", "key = \"none\"", "failed to read `DIR/none`: "; "no file of a key")]
#[test_case("password-file = \"password\"", "password-file = \"none\"", "failed to read `DIR/none`: "; "no password")]
#[test_case("password-file = \"password\"", "password-file = \"open\"", "others may read it (mode 644); run `chmod 600 DIR/open`"; "a password for all")]
#[test_case("key = \"key\"", "key = \"open\"", "failed to use the key in `DIR/open`: others may read it (mode 644)"; "a key for all")]
#[test_case("key = \"key\"", "key = \"password\"", "it has less than 32 bytes"; "a short key")]
#[test_case("ca-file = \"ca.pem\"", "ca-file = \"key\"", "certificate"; "no certificate")]
fn what_run_refuses_is_a_mistake(from: &str, to: &str, said: &str) {
    let scene = scene();
    fs::write(scene.path("open"), "canary canary canary canary canary\n").unwrap();
    fs::set_permissions(scene.path("open"), fs::Permissions::from_mode(0o644)).unwrap();
    let more = format!("{KEY}{MAILBOX}{SMTP}");
    let more = if from.is_empty() { more.replace(SMTP, "") } else { more.replace(from, to) };
    scene.configure(&more);
    let checked = ran(&scene, &["config", "check"]);
    assert_eq!((checked.code, checked.stdout.as_str()), (2, ""), "{}", checked.stderr);
    assert!(checked.stderr.contains(said), "{}", checked.stderr);
    assert!(!checked.stderr.contains("canary"), "{}", checked.stderr);
    // In the same words.
    let started = ran(&scene, &["run"]);
    assert!([2, 3].contains(&started.code), "{}", started.stderr);
    assert!(started.stderr.contains(said), "{}", started.stderr);
}

/// Every one at once, not the first alone.
#[test]
fn all_are_told() {
    let scene = scene();
    scene.configure(MAILBOX.replace("ca.pem", "key").as_str());
    let checked = ran(&scene, &["config", "check"]);
    assert_eq!(checked.stderr.matches("\nerror: ").count() + 1, 4, "{}", checked.stderr);
    assert!(checked.stderr.ends_with(": 3 mistakes\n"), "{}", checked.stderr);
}

#[test]
fn what_only_the_service_gets_is_not_known() {
    let scene = scene();
    let more = format!("{KEY}{MAILBOX}{SMTP}");
    let more = more.replace("password-file = \"password\"", "credential = \"password\"");
    scene.configure(&more.replace("key = \"key\"", "key-credential = \"id-key\""));
    let checked = ran(&scene, &["config", "check"]);
    assert_eq!(checked.code, 0, "{}", checked.stderr);
    assert_eq!(
        checked.stderr.matches("warning: whether `run` can use it is not known: ").count(),
        3
    );
    assert_eq!(ran(&scene, &["config", "check", "-q"]).stderr, "");
}
