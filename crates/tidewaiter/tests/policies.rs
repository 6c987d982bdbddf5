//! `policy check` and `policy test`, and one value changed in the second of two policies.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod program;

use std::fs;

use program::{root, run};
use serde_json::Value;
use tempfile::TempDir;

const SMALL: &str = r#"id = "small"
project = "Small"
title = "a small policy"
status = "in-force"
stance = "disclose"
judges-any-tree = true
"#;

const MAIL: &str = r"
mail = '''
From: Alice Author <alice@example.org>
Subject: [PATCH] ring: read it once

Why.

Signed-off-by: Alice Author <alice@example.org>
---
diff --git a/ring.c b/ring.c
--- a/ring.c
+++ b/ring.c
@@ -1 +1,2 @@
 first
+second
'''
";

/// A policy file of this name in a folder of its own.
fn file(name: &str, text: &str) -> (TempDir, String) {
    let folder = TempDir::new().expect("no folder");
    let path = folder.path().join(name);
    fs::write(&path, text).expect("the file cannot be written");
    let path = path.to_str().expect("a path").to_owned();
    (folder, path)
}

#[test]
fn every_shipped_policy_has_no_mistake_and_passes_its_examples() {
    // One day the shipped ones are due for a check, and only then is something said of that.
    let ran = run(&["policy", "check"]);
    let mut warnings = ran.stderr.lines().filter(|line| line.starts_with("warning:"));
    let due = "warning: this policy was to be checked against its text by ";
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(warnings.all(|line| line.starts_with(due)), "{}", ran.stderr);
    let files = fs::read_dir(root().join("config/policies")).expect("the policies").count();
    assert_eq!(ran.stdout.lines().count(), files, "one line a policy:\n{}", ran.stdout);
    let ran = run(&["policy", "test"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.lines().all(|line| line.starts_with("ok    ")), "{}", ran.stdout);
    assert!(ran.stdout.lines().count() >= 3 * files);
}

#[test]
fn a_mistake_has_its_line_and_column_and_ends_with_2() {
    let (_folder, path) = file("small.toml", &format!("{SMALL}colour = 1\ndate = \"soon\"\n"));
    let ran = run(&["policy", "check", &path]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("there is no key `colour`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("small.toml:7:1"), "{}", ran.stderr);
    let ran = run(&["policy", "test", &path]);
    assert_eq!(ran.code, 2);
    let ran = run(&["policy", "check", "no-such-policy"]);
    assert_eq!(ran.code, 2);
    let ran = run(&["policy", "check", "no-such-file.toml"]);
    assert_eq!(ran.code, 3);
}

#[test]
fn what_has_no_effect_is_a_warning() {
    let text = format!("{SMALL}[core]\npaths = [\"hw/core/\", \"hw/gone/\"]\n");
    let (_folder, path) = file("small.toml", &text);
    let ran = run(&["policy", "check", &path, "--tree=fixtures/mbox/qemu-sample.tree"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("`hw/gone/` matches no file of the tree"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("`hw/core/`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("small.toml:8:22"), "{}", ran.stderr);
    let ran = run(&["-q", "policy", "check", &path, "--tree=fixtures/mbox/qemu-sample.tree"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let (_folder, path) = file("other.toml", SMALL);
    let ran = run(&["policy", "check", &path]);
    assert_eq!(ran.code, 0);
    assert!(ran.stderr.contains("the policy `small` is found as `other` alone"), "{}", ran.stderr);
}

#[test]
fn a_policy_that_was_to_be_checked_is_a_warning() {
    let text = |day: &str| format!("{SMALL}review-by = \"{day}\"\n");
    let (_folder, path) = file("small.toml", &text("2026-01-31"));
    let ran = run(&["policy", "check", &path]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stderr.contains("was to be checked against its text by 2026-01-31"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("small.toml:7:13"), "{}", ran.stderr);
    let ran = run(&["policy", "test", &path]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let (_folder, path) = file("small.toml", &text("2999-12-31"));
    let ran = run(&["policy", "check", &path]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[test]
fn an_example_that_fails_is_named_and_ends_with_2() {
    let text = format!(
        "{SMALL}[[examples]]\nname = \"clean\"\nexpect = [\"silent\"]{MAIL}\
         [[examples]]\nname = \"wrong\"\nexpect = [\"decline\"]{MAIL}"
    );
    let (_folder, path) = file("small.toml", &text);
    let ran = run(&["policy", "test", &path]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.stdout,
        "ok    small: clean\nFAIL  small: wrong: expected decline; found silent\n"
    );
    assert_eq!(ran.stderr, "error: 1 of 2 examples failed\n");
    let ran = run(&["policy", "test", &path, "--format=jsonl"]);
    let lines: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!((lines[0]["ok"].as_bool(), lines[1]["ok"].as_bool()), (Some(true), Some(false)));
    let (_folder, path) = file("small.toml", SMALL);
    let ran = run(&["policy", "test", &path]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "none  small: it has no examples\n"));
}

const ARCHIVE: [&str; 4] = [
    "dry-run",
    "fixtures/mbox/qemu-sample.mbox",
    "--tree=fixtures/mbox/qemu-sample.tree",
    "--maintainers=fixtures/maintainers/qemu-small",
];

fn series(more: &[&str]) -> Vec<Value> {
    let ran = run(&[&ARCHIVE[..], more, &["--jsonl=-"]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let records = ran.stdout.lines().map(|line| serde_json::from_str(line).expect(line));
    records.filter(|record: &Value| record["type"] == "series").collect()
}

#[test]
fn one_value_changes_the_second_policy_only() {
    let policy = "--policy=qemu-proposed-2026-05";
    let against = "--against=qemu-proposed-2026-05";
    let before = series(&[policy, against]);
    let after = series(&[policy, against, "--set", "limits.small-fix=5"]);
    assert_eq!(before.len(), after.len());
    let mut changed = 0;
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before["findings"], before["against"]["findings"], "{}", before["id"]);
        let first = |record: &Value| {
            let mut first = record.clone();
            first.as_object_mut().expect("an object").remove("against");
            first
        };
        assert_eq!(first(before), first(after), "{}", before["id"]);
        changed += usize::from(before["against"] != after["against"]);
    }
    assert!(changed > 0, "no series has a fix of 6 to 20 lines");
    let ran = run(&[&ARCHIVE[..], &[policy, against, "--set", "limits.small-fix=5"]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("with limits.small-fix = 5"), "{}", ran.stdout);
    assert!(ran.stdout.contains("Rules that make the difference"), "{}", ran.stdout);
    assert!(ran.stdout.contains("small-fix-too-large"), "{}", ran.stdout);
    assert!(ran.stdout.contains("By subsystem"), "{}", ran.stdout);
}

#[test]
fn a_policy_against_itself_makes_no_difference() {
    let ran = run(&[&ARCHIVE[..], &["--policy=gentoo", "--against=gentoo"]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("second \\ first"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("Rules that make the difference"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("By subsystem"), "{}", ran.stdout);
}
