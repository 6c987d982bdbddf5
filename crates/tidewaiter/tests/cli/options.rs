//! Options that choose what is read and shown.

use std::{fs, io::Write as _, process::Stdio};

use test_case::test_case;

use crate::{
    SAMPLE, objects,
    program::{command, root, run},
};

/// The summary object of a dry run.
fn summary(args: &[&str]) -> serde_json::Value {
    let ran = run(&[&["dry-run", SAMPLE, "--format=jsonl"], args].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
    objects(&ran.stdout).pop().expect("nothing was written")
}

#[test]
fn days_divide_the_series() {
    let all = summary(&[])["series"].as_u64().expect("no count");
    let until = summary(&["--until=2026-06-02"])["series"].as_u64().expect("no count");
    let since = summary(&["--since=2026-06-03"])["series"].as_u64().expect("no count");
    assert_eq!(until + since, all);
    assert!(until > 20 && since > 20);
    assert_eq!(summary(&["--since=2027-01-01"])["series"], 0);
}

#[test_case("qemu-devel@nongnu.org")]
#[test_case("qemu-devel.nongnu.org")]
#[test_case("qemu-devel")]
fn a_list_goes_by_its_address_its_id_and_its_name(name: &str) {
    let series = summary(&["--list", name])["series"].as_u64().expect("no count");
    assert!(series > 90, "{series}");
}

#[test]
fn a_list_without_an_entry_can_be_chosen_under_a_policy() {
    let args = ["--policy=qemu-2025-06", "--list=nobody@example.org"];
    assert_eq!(summary(&args)["series"], 0);
}

#[test]
fn a_limit_is_kept() {
    assert_eq!(summary(&["--limit=40"])["mails"], 40);
    assert_eq!(summary(&["--limit=40"])["interrupted"], false);
    assert_eq!(objects(&run(&["parse", SAMPLE, "--limit=3"]).stdout).len(), 3);
}

#[test]
fn a_changed_value_changes_the_second_policy() {
    let plain = summary(&["--against=qemu-proposed-2026-05"]);
    let wide = summary(&["--against=qemu-proposed-2026-05", "--set=limits.small-fix=500"]);
    assert_eq!(plain["by_outcome"], wide["by_outcome"]);
    assert_ne!(plain["against"], wide["against"]);
}

/// With a server named nobody is believed without it, and replies wait.
#[test_case(&[], &[], &[("agree", "claimed", false)])]
#[test_case(&["--trust-claimed"], &[], &[("agree", "claimed", true)])]
#[test_case(&["--trust-authserv=mx.example.net"], &["unverified-sender"], &[("agree", "claimed", false)])]
fn whose_word_is_taken(options: &[&str], held: &[&str], wanted: &[(&str, &str, bool)]) {
    let args = [
        "dry-run",
        "fixtures/rules/agreement-unverified/hit-claimed.mbox",
        "--policy=qemu-proposed-2026-05",
        "--maintainers=fixtures/rules/agreement-unverified/MAINTAINERS",
        "--format=jsonl",
    ];
    let ran = run(&[&args[..], options].concat());
    let series = objects(&ran.stdout).swap_remove(0);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    agreements_are(&series, wanted);
    let why: Vec<String> =
        std::iter::once(text(&series["reply"]["held_by"])).filter(|h| !h.is_empty()).collect();
    assert_eq!(why, held);
}

/// How each agreement of a series is given, how far it is trusted, and whether it counts.
fn agreements_are(series: &serde_json::Value, wanted: &[(&str, &str, bool)]) {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let agreements = series["agreements"].as_array().expect("agreements").iter();
    let found: Vec<(String, String, bool)> =
        agreements.map(|a| (text(&a["how"]), text(&a["trust"]), a["counts"] == true)).collect();
    let wanted: Vec<(String, String, bool)> =
        wanted.iter().map(|(h, t, c)| ((*h).to_owned(), (*t).to_owned(), *c)).collect();
    assert_eq!(found, wanted);
}

/// A key vouches for one person; it takes nothing from the others.
#[test_case("agree", &[], ("claimed", false))]
#[test_case("agree", &[KEYRING], ("person", true))]
#[test_case("agree", &[KEYRING, "--as-configured"], ("person", true))]
#[test_case("agree", &["--config=fixtures/config/valid/every-key.toml"], ("person", true))]
#[test_case("other-identity", &[KEYRING], ("claimed", false))]
#[test_case("other-key", &[KEYRING], ("claimed", false))]
#[test_case("other-key", &[KEYRING, "--trust-claimed"], ("claimed", true))]
fn whose_key_is_known(answer: &str, options: &[&str], (trust, counts): (&str, bool)) {
    let answer = format!("fixtures/patatt/{answer}.eml");
    let args = [
        "dry-run",
        "fixtures/patatt/patch.eml",
        &answer,
        "--policy=qemu-proposed-2026-05",
        "--maintainers=fixtures/patatt/MAINTAINERS",
        "--format=jsonl",
    ];
    let series = objects(&run(&[&args[..], options].concat()).stdout).swap_remove(0);
    agreements_are(&series, &[("agree", trust, counts)]);
}

const KEYRING: &str = "--trust-keyring=fixtures/patatt/keyring";

/// A file that is no key, or whose name is no person, is told of and does no harm.
#[test]
fn a_keyring_with_odd_files() {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let key = "JeB1kooP4weRPvaCf6A6MYDZtfMpTVrlfAiLPZUVxMo=\n";
    let files = [
        ("ed25519/example.org/mia/20260101", key),
        ("ed25519/example.org/mia/other", "ssh-ed25519 AAAA"),
        ("ed25519/example.org/a b/20260101", key),
        ("ed25519/example.org/mia/folder/file", key),
        ("ed25519/README", "keys"),
        ("ed25519/example.org/.hidden/x", "x"),
        ("openpgp/example.org/mia/default", "x"),
    ];
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("failed to make a folder");
        fs::write(path, text).expect("failed to write a key");
    }
    let option = format!("--trust-keyring={}", folder.path().display());
    let args = ["explain", "20260114-knob-1@example.com", "fixtures/patatt/patch.eml"];
    let maintainers = "--maintainers=fixtures/patatt/MAINTAINERS";
    let rest =
        ["fixtures/patatt/agree.eml", "--policy=qemu-proposed-2026-05", maintainers, &option];
    let ran = run(&[&args[..], &rest].concat());
    assert!(ran.stdout.contains("(the person's own key)"), "{}", ran.stdout);
    let told = ran.stderr.replace(&*folder.path().to_string_lossy(), "KEYS");
    let first = "note: of the keyring a key was passed over: `KEYS/ed25519/example.org/a b/20260101`: \
        `a b@example.org` is no address; 2 more keys were passed over\n";
    assert_eq!(told, first);
}

#[test]
fn standard_input_is_an_archive() {
    let mut child = command(&["parse", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("failed to start the program");
    let sample = fs::read(root().join(SAMPLE)).expect("failed to read the sample");
    let mut stdin = child.stdin.take().expect("no standard input");
    let feeding = std::thread::spawn(move || stdin.write_all(&sample));
    let output = child.wait_with_output().expect("failed to wait");
    feeding.join().expect("the feeding panicked").expect("failed to feed");
    let stdout = String::from_utf8(output.stdout).expect("the output is no UTF-8");
    assert_eq!(stdout.replace("\"-#", &format!("\"{SAMPLE}#")), run(&["parse", SAMPLE]).stdout);
}

#[test]
fn an_empty_archive_is_no_mistake() {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let path = folder.path().join("empty.mbox");
    fs::write(&path, "").expect("failed to write");
    let ran = run(&["dry-run", &path.to_string_lossy()]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.ends_with(" s\n0 series versions\n"), "{}", ran.stdout);
    let ran = run(&["parse", &path.to_string_lossy()]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
}

#[test]
fn junk_in_a_folder_is_noted() {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    fs::copy(root().join(SAMPLE), folder.path().join("a.mbox")).expect("failed to copy");
    fs::write(folder.path().join("junk\u{1b}[31m.bin"), [0; 4000]).expect("failed to write");
    let path = folder.path().to_string_lossy().into_owned();
    let ran = run(&["dry-run", &path]);
    assert_eq!(ran.code, 0);
    let note = ran.stderr.replace(&path, "FOLDER");
    assert_eq!(note, "note: skipped `FOLDER/junk\\u{1b}[31m.bin`: neither an mbox nor a mail\n");
    assert!(ran.stdout.starts_with("361 mails"));
    let quiet = run(&["-q", "dry-run", &path]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
    assert!(quiet.stdout.starts_with("361 mails"));
}

#[test]
fn parse_adds_the_configured_lists_that_a_mail_is_addressed_to() {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let path = folder.path().join("one.eml");
    let mail =
        "Message-ID: <1@example.org>\nFrom: a@example.org\nTo: QEMU-devel@nongnu.org\n\nHi\n";
    fs::write(&path, mail).expect("failed to write");
    let path = path.to_string_lossy();
    let built_in = objects(&run(&["parse", &path]).stdout);
    assert_eq!(built_in[0]["lists"], serde_json::json!(["qemu-devel.nongnu.org"]));
    let other = run(&["parse", &path, "--config=fixtures/config/valid/one-list.toml"]);
    assert_eq!(objects(&other.stdout)[0]["lists"], serde_json::json!([]));
}
