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
    let agreements = series["agreements"].as_array().expect("agreements").iter();
    let found: Vec<(String, String, bool)> =
        agreements.map(|a| (text(&a["how"]), text(&a["trust"]), a["counts"] == true)).collect();
    let wanted: Vec<(String, String, bool)> =
        wanted.iter().map(|(h, t, c)| ((*h).to_owned(), (*t).to_owned(), *c)).collect();
    assert_eq!(found, wanted);
    let why: Vec<String> =
        std::iter::once(text(&series["reply"]["held_by"])).filter(|h| !h.is_empty()).collect();
    assert_eq!(why, held);
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
