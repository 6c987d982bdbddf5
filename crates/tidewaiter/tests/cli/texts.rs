//! What is printed for people.

use std::fs;

use insta::assert_snapshot;
use test_case::test_case;
use unicode_width::UnicodeWidthStr;

use crate::{SAMPLE, program::run};

const TREE: &str = "--tree=fixtures/mbox/qemu-sample.tree";

/// Standard output of a run that goes well, without how long it took.
fn shown(args: &[&str]) -> String {
    let ran = run(args);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
    let mut lines = ran.stdout.lines();
    let first = lines.next().expect("nothing was printed");
    let first = match first.rsplit_once(" in ") {
        Some((before, seconds)) if seconds.ends_with(" s") => format!("{before} in N s"),
        _ => first.to_owned(),
    };
    let rest: String = lines.map(|line| format!("{line}\n")).collect();
    format!("{first}\n{rest}")
}

fn widest(text: &str) -> usize {
    text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0)
}

#[test_case("top", &[])]
#[test_case("dry-run", &["dry-run"])]
#[test_case("parse", &["parse"])]
#[test_case("check", &["check"])]
#[test_case("explain", &["explain"])]
#[test_case("policy", &["policy"])]
#[test_case("policy-list", &["policy", "list"])]
#[test_case("policy-show", &["policy", "show"])]
#[test_case("config", &["config"])]
#[test_case("config-check", &["config", "check"])]
#[test_case("config-show", &["config", "show"])]
#[test_case("completions", &["completions"])]
#[test_case("list", &["list"])]
#[test_case("outbox", &["outbox"])]
#[test_case("outbox-list", &["outbox", "list"])]
#[test_case("outbox-release", &["outbox", "release"])]
#[test_case("outbox-resolve", &["outbox", "resolve"])]
#[test_case("stop", &["stop"])]
#[test_case("store", &["store"])]
#[test_case("store-forget", &["store", "forget"])]
#[test_case("doctor", &["doctor"])]
fn help(name: &str, command: &[&str]) {
    assert_snapshot!(format!("help-{name}"), shown(&[command, &["--help"]].concat()));
}

#[test_case("summary", &["dry-run", SAMPLE, TREE])]
#[test_case("summary-against",
    &["dry-run", SAMPLE, TREE, "--against=qemu-proposed-2026-05", "--set=limits.small-fix=50"])]
#[test_case("summary-day", &["dry-run", SAMPLE, TREE, "--until=2026-06-01"])]
#[test_case("summary-all-named", &["-v", "dry-run", SAMPLE, TREE])]
#[test_case("summary-other-list",
    &["dry-run", SAMPLE, "--config=fixtures/config/valid/one-list.toml"])]
#[test_case("parse", &["parse", "--format=text", "--limit=12", SAMPLE])]
#[test_case("policy-list", &["policy", "list"])]
#[test_case("policy-show", &["policy", "show", "qemu-proposed-2026-05"])]
#[test_case("config-show", &["config", "show"])]
#[test_case("config-show-every-key",
    &["config", "show", "--config=fixtures/config/valid/every-key.toml"])]
fn text(name: &str, args: &[&str]) {
    let text = shown(args);
    assert!(widest(&text) <= 80, "{text}");
    assert_snapshot!(format!("text-{name}"), text);
}

#[test_case("silent-24", "20260602090024.2528851-1-olena@example.net")]
#[test_case("decline", "20260602041235.1217462-1-weilanying@example.net")]
#[test_case("one-of-five", "20260603143043.934370-1-dana@example.net")]
#[test_case("raised-by-a-person", "20260604022955.1302202-1-mengxq@example.org")]
#[test_case("mark", "20260604-itrtimer-v1-1-2af37aff580f@example.com")]
#[test_case("not-this-tree", "20260603-gstage-v3-0-62cee4b57dbf@example.com")]
#[test_case("incomplete", "20260603132049.662896-1-eamon@example.org")]
#[test_case("stable", "20260604180004.267531-1-anselm@example.com")]
fn explain(name: &str, id: &str) {
    let text = shown(&["explain", id, SAMPLE, TREE, "--against=qemu-proposed-2026-05"]);
    assert!(text.lines().count() < 60, "{text}");
    assert!(widest(&text) <= 80, "{text}");
    assert_snapshot!(format!("explain-{name}"), text);
}

/// The same thread as different servers, or none, are believed.
#[test_case("agreed", "agreement-recorded/hit-agreed.mbox", "20260518.5.agreement-recorded@example.com",
    &["--trust-authserv=mx.example.net"])]
#[test_case("agreed-unverified", "agreement-recorded/hit-agreed.mbox",
    "20260518.5.agreement-recorded@example.com", &["--trust-authserv=mx.example.com"])]
#[test_case("agreed-claimed", "agreement-unverified/hit-claimed.mbox",
    "20260518.1.agreement-unverified@example.com", &["--trust-claimed"])]
fn explain_agreement(name: &str, path: &str, id: &str, options: &[&str]) {
    let path = format!("fixtures/rules/{path}");
    let maintainers = "--maintainers=fixtures/rules/agreement-recorded/MAINTAINERS";
    let args = ["explain", id, &path, "--policy=qemu-proposed-2026-05", maintainers];
    let text = shown(&[&args[..], options].concat());
    assert!(widest(&text) <= 80, "{text}");
    assert_snapshot!(format!("explain-{name}"), text);
}

#[test_case("signed", "agree")]
#[test_case("signed-by-another", "other-identity")]
fn explain_signature(name: &str, answer: &str) {
    let answer = format!("fixtures/patatt/{answer}.eml");
    let args = [
        "explain",
        "20260114-knob-1@example.com",
        "fixtures/patatt/patch.eml",
        &answer,
        "--policy=qemu-proposed-2026-05",
        "--maintainers=fixtures/patatt/MAINTAINERS",
        "--trust-keyring=fixtures/patatt/keyring",
    ];
    assert_snapshot!(format!("explain-{name}"), shown(&args));
}

#[test]
fn explain_takes_any_mail_of_a_series_with_or_without_brackets() {
    let cover = shown(&["explain", "20260602090024.2528851-1-olena@example.net", SAMPLE]);
    let patch = shown(&["explain", "<20260602090024.2528851-9-olena@example.net>", SAMPLE]);
    assert_eq!(cover, patch);
    let all = shown(&["-v", "explain", "20260602090024.2528851-1-olena@example.net", SAMPLE]);
    assert!(all.contains("  patch 24: "), "{all}");
}

/// A patch mail that states AI use, with a subject that is hostile to terminals.
fn hostile(number: usize, subject: &str) -> String {
    format!(
        "From mboxrd@z Thu Jan  1 00:00:00 1970\n\
         Message-ID: <hostile-{number}@example.org>\n\
         Date: Mon, 1 Jun 2026 0{number}:00:00 +0000\n\
         From: =?utf-8?q?Zo=C3=AB=1B=5B31m?= <zoe{number}@example.org>\n\
         To: qemu-devel@nongnu.org\n\
         Subject: [PATCH] {subject}\n\n\
         Text.\n\nAI-used-for: tests\n---\n\
         diff --git a/hw/frob.c b/hw/frob.c\n\
         --- a/hw/frob.c\n+++ b/hw/frob.c\n@@ -1 +1 @@\n-a\n+{number}\n\n"
    )
}

#[test]
fn titles_neither_steer_the_terminal_nor_overflow() {
    let subjects = [
        "漢字".repeat(60),
        "=?utf-8?q?a=1B=5B2J=07=E2=80=AE=00=0Aerror=3A_b?=".to_owned(),
        format!("{} {}", "e\u{301}".repeat(300), "wide"),
        "👩‍👩‍👧‍👦".repeat(40),
        "x".repeat(900),
    ];
    let mails: String =
        subjects.iter().enumerate().map(|(number, subject)| hostile(number, subject)).collect();
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let path = folder.path().join("hostile.mbox");
    fs::write(&path, mails).expect("failed to write");
    let path = path.to_string_lossy();
    let summary = shown(&["dry-run", &path, "--policy=qemu-2025-06"]);
    assert!(summary.contains("5  decline"), "{summary}");
    assert!(summary.contains("hostile-4@example.org"), "{summary}");
    let mut texts = vec![summary, shown(&["parse", "--format=text", &path])];
    for number in 0..subjects.len() {
        let id = format!("hostile-{number}@example.org");
        texts.push(shown(&["explain", &id, &path, "--policy=qemu-2025-06"]));
    }
    for text in texts {
        assert!(widest(&text) <= 80, "{text}");
        let steers =
            |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!text.contains(steers), "{text:?}");
        assert!(!text.contains("\nerror"), "{text}");
    }
}

/// A series of so many patches, each with three tags and twelve new files of long names.
fn long_series(patches: usize) -> String {
    let mail = |number: usize, reply: &str, text: &str| {
        format!(
            "From alice@example.org Wed Apr  1 09:56:00 2026\n\
             From: Alice Author <alice@example.org>\n\
             Subject: [PATCH {number}/{patches}] hw/misc: part {number} of a ring\n\
             Date: Wed, 1 Apr 2026 09:50:00 +0200\nMessage-ID: <{number}@example.org>\n{reply}\
             To: qemu-devel@nongnu.org\nList-Id: <qemu-devel.nongnu.org>\n\n{text}\n\n"
        )
    };
    let reply = "In-Reply-To: <0@example.org>\n";
    let mut all = mail(0, "", "A ring, written with the help of Claude.");
    for number in 1..=patches {
        let mut text = format!(
            "It is missing.\n\nAI-used-for: code\nAI-used-for: words of part {number}\n\
             Assisted-by: LLM\nSigned-off-by: Alice Author <alice@example.org>\n---\n"
        );
        for file in 0..12 {
            let path = format!("accel/tcg/a-folder-with-a-long-name-{number}/a-long-name-{file}.c");
            text += &format!(
                "diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n\
                 @@ -0,0 +1,{number} @@\n{}",
                "+    step();\n".repeat(number)
            );
        }
        all += &mail(number, reply, text.trim_end());
        for _ in 0..3 {
            all += &format!(
                "From rita@example.net Wed Apr  1 10:56:00 2026\nFrom: Rita <rita@example.net>\n\
                 Subject: Re: [PATCH {number}/{patches}] hw/misc: part {number} of a ring\n\
                 Date: Wed, 1 Apr 2026 10:50:00 +0200\nIn-Reply-To: <{number}@example.org>\n\
                 To: qemu-devel@nongnu.org\nList-Id: <qemu-devel.nongnu.org>\n\n\
                 Hm.\n\ntidewaiter: agree\n\n"
            );
        }
    }
    all
}

#[test_case(1)]
#[test_case(12)]
#[test_case(60)]
fn a_series_is_explained_in_less_than_sixty_lines(patches: usize) {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let archive = folder.path().join("long.mbox");
    fs::write(&archive, long_series(patches)).expect("failed to write the archive");
    let archive = archive.to_str().expect("a path in UTF-8");
    let policy = "--policy=qemu-proposed-2026-05";
    let text = shown(&["explain", policy, "0@example.org", archive]);
    let lines = text.lines().count();
    assert!(lines < 60 && widest(&text) <= 80, "{lines} lines\n{text}");
    assert!(text.contains("rule core-without-agreement [ask]: patch"), "{text}");
}
