//! What goes wrong, with which exit code and message.

use std::fs;

use insta::assert_snapshot;
use test_case::test_case;

use crate::{
    SAMPLE,
    program::{command, root, run},
};

/// The exit code and standard error; nothing may be on standard output.
fn failing(args: &[&str]) -> String {
    let ran = run(args);
    assert_eq!(ran.stdout, "", "{args:?}");
    format!("exit {}\n{}", ran.code, ran.stderr)
}

#[test_case("wrong-path", &["dry-run", "no/such/archive.mbox"])]
#[test_case("wrong-path-parse", &["parse", SAMPLE, "no/such/archive.mbox"])]
#[test_case("not-mail", &["dry-run", "Cargo.lock"])]
#[test_case("no-path", &["dry-run"])]
#[test_case("no-command", &[])]
#[test_case("unknown-command", &["dryrun", SAMPLE])]
#[test_case("unknown-option", &["dry-run", SAMPLE, "--polcy=x"])]
#[test_case("unknown-policy", &["dry-run", SAMPLE, "--policy=gcc-2026"])]
#[test_case("unknown-policy-shown", &["policy", "show", "gcc-2026"])]
#[test_case("unknown-against", &["dry-run", SAMPLE, "--against=../../etc/passwd"])]
#[test_case("unknown-list", &["dry-run", SAMPLE, "--list=frob-devel@example.org"])]
#[test_case("unknown-mode", &["dry-run", SAMPLE, "--mode=shout"])]
#[test_case("unknown-id", &["explain", "<nobody@example.org>", SAMPLE])]
#[test_case("no-id", &["explain", "<>", SAMPLE])]
#[test_case("no-date", &["dry-run", SAMPLE, "--since=yesterday"])]
#[test_case("dates-reversed", &["dry-run", SAMPLE, "--since=2026-06-03", "--until=2026-06-01"])]
#[test_case("limit-zero", &["parse", SAMPLE, "--limit=0"])]
#[test_case("jobs-zero", &["parse", SAMPLE, "--jobs=0"])]
#[test_case("set-without-value", &["dry-run", SAMPLE, "--set=limits.small-fix"])]
#[test_case("set-unknown-key",
    &["dry-run", SAMPLE, "--policy=qemu-proposed-2026-05", "--set=limits.smallfix=50"])]
#[test_case("set-wrong-type",
    &["dry-run", SAMPLE, "--policy=qemu-proposed-2026-05", "--set=limits.small-fix=many"])]
#[test_case("set-for-which-policy",
    &["dry-run", SAMPLE, "--config=fixtures/config/valid/every-key.toml", "--set=limits.small-fix=5"])]
#[test_case("no-maintainers", &["dry-run", SAMPLE, "--maintainers=README.md"])]
#[test_case("no-tree", &["dry-run", SAMPLE, "--tree=no/such/tree"])]
#[test_case("bad-authserv-id", &["dry-run", SAMPLE, "--trust-authserv=mx example"])]
#[test_case("no-keyring", &["dry-run", SAMPLE, "--trust-keyring=no/such/keyring"])]
#[test_case("keyring-without-key", &["explain", "x@example.org", SAMPLE, "--trust-keyring=fixtures/patatt/empty"])]
#[test_case("short-key", &["dry-run", SAMPLE, "--key=fixtures/.gitattributes"])]
#[test_case("no-config", &["config", "check", "--config=no/such/file.toml"])]
#[test_case("text-only", &["policy", "list", "--format=jsonl"])]
#[test_case("jsonl-over-the-archive", &["dry-run", SAMPLE, "--jsonl", SAMPLE])]
#[test_case("jsonl-nowhere", &["dry-run", SAMPLE, "--jsonl=no/such/folder/out.jsonl"])]
fn a_mistake_is_named(name: &str, args: &[&str]) {
    assert_snapshot!(format!("mistake-{name}"), failing(args));
}

#[test]
fn replies_do_not_mix_with_older_ones() {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let out = folder.path().join("out");
    let option = format!("--replies={}", out.display());
    assert_eq!(run(&["dry-run", "-q", SAMPLE, &option]).code, 0);
    let again = failing(&["dry-run", SAMPLE, &option]).replace(&*out.to_string_lossy(), "OUT");
    assert_snapshot!("mistake-replies-again", again);
}

#[test]
fn a_full_disk_is_an_error() {
    let Ok(full) = fs::File::options().write(true).open("/dev/full") else { return };
    let mut child = command(&["parse", SAMPLE]);
    let output = child.stdout(full).output().expect("failed to start the program");
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert!(message.starts_with("error: failed to write to standard output: "), "{message}");
}

/// The names of a folder of configurations.
fn configurations(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("failed to list configurations");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("failed to list configurations").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(names.len() > 2, "{names:?}");
    names
}

#[test]
fn every_mistake_in_a_configuration_is_shown_in_its_place() {
    for name in configurations("fixtures/config/invalid") {
        let option = format!("--config=fixtures/config/invalid/{name}");
        let shown = failing(&["config", "check", &option]);
        assert_eq!(shown, failing(&["dry-run", SAMPLE, &option]), "{name}");
        assert_snapshot!(format!("invalid-{}", name.trim_end_matches(".toml")), shown);
    }
}

/// What a person wrote where no password belongs is not repeated.
#[test]
fn a_password_in_the_configuration_is_not_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(root().join("config/tidewaiter.toml")).expect("the file");
    let path = folder.path().join("own.toml");
    let wrong = "\n[smtp]\nhost = \"localhost\"\nsmtp-password = \"canary-hunter2\"\n";
    fs::write(&path, format!("{text}{wrong}")).expect("a file");
    let ran = run(&["config", "check", "--config", &path.display().to_string()]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains(" smtp-password = ****"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("canary"), "{}", ran.stderr);
}

#[test]
fn valid_configurations_pass() {
    for name in configurations("fixtures/config/valid") {
        let path = format!("fixtures/config/valid/{name}");
        let ran = run(&["config", "check", "--config", &path]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{name}");
        let first = ran.stdout.lines().next();
        assert_eq!(first, Some(format!("{path}: no mistakes").as_str()));
    }
}

/// Whether a policy was checked of late changes with the days, what an observed list does not.
#[test]
fn a_valid_configuration_shows_who_would_get_what() {
    let observed = run(&["config", "check"]).stdout;
    assert_snapshot!("config-check-observe", observed);
    assert_eq!(run(&["config", "check", "-q"]).stdout, "");
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(root().join("config/tidewaiter.toml")).expect("the file");
    let path = folder.path().join("spoken.toml");
    let spoken = text.replace("mode = \"observe\"", "mode = \"list\"");
    fs::write(&path, spoken).expect("a file");
    let ran = run(&["config", "check", "--config", &path.display().to_string()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let line = "\n  states AI use for code    decline: qemu-devel@nongnu.org, once a \
                person has released it (";
    assert!(ran.stdout.contains(line), "{}", ran.stdout);
}

#[test]
fn colour_is_for_those_who_ask() {
    let args = ["config", "check", "--config=fixtures/config/invalid/wrong-mode.toml"];
    assert!(!run(&args).stderr.contains('\u{1b}'));
    assert!(run(&[&args[..], &["--color=always"]].concat()).stderr.contains("\u{1b}["));
}

/// The summary has colour where it was asked for, and nowhere else.
#[test_case(&[] => false; "not on a terminal")]
#[test_case(&["--color=never"] => false; "never")]
#[test_case(&["--color=always"] => true; "always")]
fn the_summary_has_colour(options: &[&str]) -> bool {
    let args = ["dry-run", "-q", "fixtures/mbox/qemu-sample.mbox"];
    let text = run(&[&args[..], options].concat()).stdout;
    assert!(text.contains("Outcomes"), "{text}");
    text.contains("\u{1b}[1m")
}
