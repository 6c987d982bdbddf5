//! Every reply that the fixtures and the corpora give rise to, as a hostile reader sees it: no line
//! that a tool would gather, no line too wide, no word that a reply may never say.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod program;

use std::{collections::BTreeMap, fs, io::Write, process::Stdio, sync::LazyLock};

use program::run;
use regex::Regex;
use test_case::test_case;
use tidewaiter_mail::Message;
use tidewaiter_testkit::corpus;
use unicode_width::UnicodeWidthStr;

/// How b4 and others find trailers in answers (design of the replies).
static TRAILER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*\w\S+:\s+\S").expect("an expression"));
/// Cited lines and the policy's sentences, which may go over several lines.
static QUOTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"(?s)"[^"]*""#).expect("an expression"));

const NEVER: [&str; 14] = [
    "ai-generated",
    "ai generated",
    "detected",
    "undisclosed",
    "suspicious",
    "suspect",
    "violate",
    "rejected",
    "approved",
    "agreed",
    "score",
    "thank",
    "passed",
    "dco",
];

const FIXTURES: [&str; 3] =
    ["fixtures/mbox/qemu-sample.mbox", "fixtures/rules", "fixtures/mail/replies"];
const POLICIES: [&str; 4] = ["qemu-2025-06", "qemu-proposed-2026-05", "yocto", "gcc-2026-07"];
const MODES: [&str; 5] = ["list", "author", "maintainers", "hold", "digest"];

/// The replies of a dry run by file name.
fn replies(paths: &[&str], options: &[&str]) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let out = folder.path().join("replies");
    let replies = format!("--replies={}", out.display());
    let args = [&["dry-run", "-q", replies.as_str()], paths, options].concat();
    let ran = run(&args);
    assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.stdout, ran.stderr);
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("failed to read a reply");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, Message::parse(&bytes).body)
    };
    fs::read_dir(&out).expect("failed to list the replies").map(read).collect()
}

/// Holds every reply against what no reply may be; how many there were.
fn assert_harmless(replies: &BTreeMap<String, String>, digest: bool) {
    for (name, body) in replies {
        let (text, _) = body.split_once("\n-- \n").expect("a signature");
        for line in text.lines() {
            assert!(!TRAILER.is_match(line), "{name}: `{line}`");
        }
        for line in body.lines() {
            assert!(line.width() <= 72 || line.contains("://"), "{name}: `{line}`");
            assert!(!line.chars().any(char::is_control), "{name}: {line:?}");
        }
        assert!(digest || body.lines().count() < 40, "{name}: {body}");
        // A digest names series by their titles; what is left is our own text.
        let own = text.lines().filter(|line| !line.starts_with("- ") && !line.starts_with("  <"));
        let own = own.collect::<Vec<_>>().join("\n");
        let own = QUOTED.replace_all(&own, "").to_lowercase();
        for word in NEVER {
            assert!(!own.contains(word), "{name}: {word} in {own}");
        }
    }
}

/// b4's own search for trailers in an answer, where b4 is installed.
const B4: &str = "
import sys, b4
for body in sys.stdin.read().split('\\0'):
    trailers, _ = b4.LoreMessage.find_trailers(body, followup=True)
    if trailers:
        print([t.as_string() for t in trailers], body)
";

fn assert_b4_finds_nothing(replies: &BTreeMap<String, String>) {
    let python = std::env::var("B4_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let ask = |script: &str, input: &str| {
        let mut child = std::process::Command::new(&python)
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        child.stdin.take()?.write_all(input.as_bytes()).ok()?;
        let output = child.wait_with_output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    if ask("import b4", "").is_none() {
        eprintln!("skipped: b4 is not installed");
        return;
    }
    let canary = ask(B4, "Fine.\n\nReviewed-by: Bob Helper <bob@example.net>\n");
    assert!(
        canary.is_some_and(|found| found.contains("Reviewed-by")),
        "b4 finds no trailer at all"
    );
    let bodies: Vec<&str> = replies.values().map(String::as_str).collect();
    let found = ask(B4, &bodies.join("\0")).expect("b4 failed");
    assert_eq!(found, "");
}

#[test]
fn of_the_fixtures() {
    let mut rendered = BTreeMap::new();
    let mut by_mode: BTreeMap<&str, usize> = BTreeMap::new();
    for policy in POLICIES {
        for mode in MODES {
            let options = [
                &format!("--policy={policy}"),
                &format!("--mode={mode}"),
                "--maintainers=fixtures/maintainers/qemu-small",
            ];
            let options = options.map(|option| option as &str);
            let found = replies(&FIXTURES, &options);
            assert_harmless(&found, mode == "digest");
            *by_mode.entry(mode).or_default() += found.len();
            rendered
                .extend(found.into_iter().map(|(n, body)| (format!("{policy} {mode} {n}"), body)));
        }
    }
    assert!(by_mode.values().all(|count| *count > 100), "{by_mode:?}");
    assert_b4_finds_nothing(&rendered);
}

/// The sample, in which each author asks why of each series, a day after it.
fn asked_why() -> String {
    let sample = fs::read_to_string("../../fixtures/mbox/qemu-sample.mbox").expect("the sample");
    let mut mbox = sample.clone();
    let lead = Regex::new(r"^\[[^]]*PATCH[^]]*\]").expect("an expression");
    let later = Regex::new(r"^\[[^]]*0*([2-9]|[1-9]\d+)/").expect("an expression");
    for (number, raw) in sample.split("\n\nFrom ").enumerate() {
        let mail = Message::parse(raw.split_once('\n').expect("a mail").1.as_bytes());
        let subject = mail.subject.unwrap_or_default();
        let from = mail.from.and_then(|from| from.address);
        let (Some(from), Some(id), Some(date)) = (from, mail.message_id, mail.date) else {
            continue;
        };
        if !lead.is_match(&subject) || later.is_match(&subject) {
            continue;
        }
        let day = std::time::Duration::from_hours(20);
        let date = date.timestamp.checked_add(day).expect("a day later");
        mbox += &format!(
            "\nFrom mboxrd@z Thu Jan  1 00:00:00 1970\n\
             Authentication-Results: mx.example.net; dkim=pass header.d={}\n\
             From: Somebody <{from}>\nTo: qemu-devel@nongnu.org\nDate: {}\n\
             Message-ID: <why-{number}@example.org>\nIn-Reply-To: <{id}>\nReferences: <{id}>\n\
             Subject: Re: {subject}\nList-Id: <qemu-devel.nongnu.org>\n\ntidewaiter: why\n",
            from.domain(),
            date.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        );
    }
    mbox
}

#[test]
fn answers_to_who_asks_why() {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let path = folder.path().join("asked.mbox");
    fs::write(&path, asked_why()).expect("failed to write the archive");
    let path = path.to_string_lossy();
    // The others are known by report alone, or have no date: nothing of them is cited.
    for policy in ["qemu-2025-06", "qemu-proposed-2026-05"] {
        let options = [&format!("--policy={policy}"), "--trust-authserv=mx.example.net"];
        let options = options.map(|option| option as &str);
        let all = replies(&[&path], &options);
        assert_harmless(&all, false);
        assert_b4_finds_nothing(&all);
        let answers = all.values().filter(|body| body.starts_with("Automatic answer")).count();
        assert!(answers > 50, "{policy}: {answers} of {}", all.len());
    }
}

#[test_case("lists-2026-05-07.mbox.xz", "qemu-2025-06", "list", 100)]
#[test_case("lists-2026-05-07.mbox.xz", "qemu-proposed-2026-05", "maintainers", 50)]
#[test_case("lists-2026-05-07.mbox.xz", "qemu-proposed-2026-05", "digest", 10)]
fn of_a_corpus(name: &str, policy: &str, mode: &str, least: usize) {
    let Some(path) = corpus::corpus(name) else { return };
    let path = path.to_string_lossy();
    let options = [format!("--policy={policy}"), format!("--mode={mode}")];
    let found = replies(&[&path], &[&options[0], &options[1]]);
    println!("{name} under {policy} in mode {mode}: {} replies", found.len());
    assert!(found.len() >= least, "{} replies", found.len());
    assert_harmless(&found, mode == "digest");
    assert_b4_finds_nothing(&found);
}
