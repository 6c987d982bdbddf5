//! `check`: a series before it is sent.

use std::{io::Write as _, process::Stdio};

use insta::assert_snapshot;
use test_case::test_case;
use unicode_width::UnicodeWidthStr;

use crate::{checkout::Checkout, objects, program::Ran};

/// The exit code and the output, without the numbers of a policy file's lines.
fn whole(ran: &Ran) -> String {
    assert_eq!(ran.stderr, "");
    let line = |line: &str| match line.split_once(".toml:") {
        Some((file, _)) if line.contains("config/policies/") => format!("{file}.toml:N\n"),
        _ => format!("{line}\n"),
    };
    let text: String = ran.stdout.lines().map(line).collect();
    format!("exit {}\n{text}", ran.code)
}

/// Widest line without links and paths, which are not broken.
fn widest(text: &str) -> usize {
    let breakable = |line: &&str| !line.contains("http") && !line.contains("-> ");
    text.lines()
        .filter(breakable)
        .filter(|l| !l.contains("::: "))
        .map(UnicodeWidthStr::width)
        .max()
        .unwrap_or(0)
}

#[test_case("in-force", &[], 80)]
#[test_case("in-force-narrow", &[], 40)]
#[test_case("proposed", &["--policy=qemu-proposed-2026-05"], 80)]
#[test_case("quiet", &["-q"], 120)]
#[test_case("verbose", &["-v", "--policy=qemu-2025-06"], 80)]
fn text(name: &str, options: &[&str], width: usize) {
    let checkout = Checkout::series();
    let files = checkout.format(&["-3", "--cover-letter"]);
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let args = [&["check"], options, &files].concat();
    let ran = checkout.ran(checkout.command(&args).env("COLUMNS", width.to_string()));
    let text = whole(&ran);
    assert!(widest(&text) <= width, "{text}");
    assert_snapshot!(format!("check-{name}"), text);
}

#[test]
fn a_range_and_its_files_come_out_alike() {
    let checkout = Checkout::series();
    // A user's settings do not change how a patch is read.
    for (key, value) in [
        ("format.attach", "true"),
        ("format.useAutoBase", "true"),
        ("format.coverLetter", "true"),
        ("format.outputDirectory", "elsewhere"),
        ("format.mboxrd", "true"),
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("color.ui", "always"),
        ("log.showSignature", "true"),
    ] {
        checkout.git(&["config", key, value]);
    }
    let ranged = checkout.run(&["check", "--git", "HEAD~3.."]);
    assert_eq!((ranged.code, ranged.stderr.as_str()), (1, ""));
    for key in ["format.attach", "format.useAutoBase", "format.outputDirectory"] {
        checkout.git(&["config", "--unset", key]);
    }
    let files = checkout.format(&["-3", "--no-cover-letter", "--src-prefix=a/", "--dst-prefix=b/"]);
    let ids = checkout.git(&["log", "--reverse", "--format=%H", "-3"]);
    let mut expected = checkout.run(&["check", "out"]).stdout;
    for (file, id) in files.iter().zip(ids.lines()) {
        let id: String = id.chars().take(12).collect();
        expected = expected.replace(file, &format!("commit {id}"));
    }
    assert_eq!(ranged.stdout, expected);
    assert!(!checkout.path().join("elsewhere").exists());
}

#[test]
fn the_line_of_the_policy_is_where_its_words_stand() {
    let checkout = Checkout::series();
    let ran = checkout.run(&["check", "--git", "HEAD~3"]);
    let file = "config/policies/qemu-2025-06.toml";
    let policy = std::fs::read_to_string(crate::program::root().join(file)).expect("no policy");
    let mut seen = 0;
    for place in ran.stdout.split(&format!("{file}:")).skip(1) {
        let (number, quoted) = place.split_once('\n').expect("no words");
        let number: usize = number.parse().expect("no number");
        let line = policy.lines().nth(number - 1).expect("no such line");
        let words: String = quoted.chars().skip_while(|c| *c != '"').take(40).collect();
        assert!(line.starts_with("text = ") && line.contains(&words), "{line}: {words}");
        seen += 1;
    }
    assert_eq!(seen, 4);
}

#[test]
fn standard_input_is_a_series() {
    let checkout = Checkout::series();
    let mbox = checkout.git(&["format-patch", "--stdout", "-3"]);
    for args in [&["check", "-q"][..], &["check", "-q", "-"]] {
        let mut command = checkout.command(args);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("failed to start the program");
        child.stdin.take().expect("no input").write_all(mbox.as_bytes()).expect("failed to feed");
        let output = child.wait_with_output().expect("failed to wait");
        let stdout = String::from_utf8(output.stdout).expect("no UTF-8");
        let places: Vec<&str> = stdout.lines().filter_map(|l| l.split(": ").next()).collect();
        // Lines are counted through the whole input.
        let line = |text: &str| 1 + mbox.lines().position(|line| line == text).expect("no line");
        let expected = ["AI-used-for: code", "Assisted-by: LLM"].map(line);
        let mark = line("Generated with [Claude Code](https://claude.ai/code)");
        let expected = [mark, expected[0], expected[1]].map(|line| format!("<stdin>:{line}"));
        assert_eq!(places, expected);
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn nothing_found_is_said_in_plain_words() {
    let checkout = Checkout::qemu();
    checkout.change("hw/misc", "hw/misc: read the ring once", "Why.\n");
    let ran = checkout.run(&["check", "--git", "HEAD~1"]);
    assert_snapshot!("check-nothing", whole(&ran));
    let ran = checkout.run(&["check", "-q", "--git", "HEAD~1"]);
    assert_eq!(whole(&ran), "exit 0\n");
    let ran = checkout.run(&["check", "-v", "--git", "HEAD~1"]);
    for word in ["approved", "clean", "passed", "OK"] {
        assert!(!ran.stdout.contains(word));
    }
}

#[test]
fn objects_are_those_of_a_dry_run() {
    let checkout = Checkout::series();
    checkout.format(&["-3", "--thread"]);
    let ran = checkout.run(&["check", "out", "--format=jsonl"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    let mut checked = objects(&ran.stdout);
    assert_eq!(checked.len(), 1);
    let tree = format!("--tree={}", checkout.path().display());
    let ran = checkout.run(&["dry-run", "out", "--policy=qemu-2025-06", &tree, "--format=jsonl"]);
    let mut judged = objects(&ran.stdout).remove(0);
    // A dry run makes a reply, or says why there is none.
    for object in [&mut checked[0], &mut judged] {
        for key in ["reply", "silence", "judgements"] {
            object[key].take();
        }
    }
    assert_eq!(checked[0], judged);
    assert_eq!(checked[0]["findings"].as_array().map(Vec::len), Some(3));
}

#[test]
fn mails_without_an_id_keep_none() {
    let checkout = Checkout::series();
    let ran = checkout.run(&["check", "--git", "HEAD~3", "--format=jsonl"]);
    let object = objects(&ran.stdout).remove(0);
    assert!(object["id"].is_null() && !ran.stdout.contains("unsent"), "{}", ran.stdout);
    assert!(object["findings"][0]["message_id"].is_null());
}

const LINUX: &[&str] = &[
    "Documentation",
    "arch/x86",
    "certs",
    "drivers/net",
    "fs",
    "init",
    "io_uring",
    "ipc",
    "kernel",
    "mm",
    "samples",
    "security",
    "sound",
    "usr",
    "virt",
];

/// The policy line that is printed for a patch in such a checkout.
#[test_case(&["hw", "qapi", "target"], &[]
    => "policy: qemu-2025-06 (in force, text of 2025-06-24), because this checkout has hw/, qapi/ and target/"; "QEMU")]
#[test_case(LINUX, &[]
    => "policy: linux-2026-08 (in force, text of 2026-08-03), because this checkout has Documentation/, arch/ and certs/"; "Linux")]
#[test_case(&["src"], &[("sendemail.to", "QEMU <qemu-devel@nongnu.org>")]
    => "policy: qemu-2025-06 (in force, text of 2025-06-24), because git's sendemail.to is qemu-devel@nongnu.org"; "git's configuration")]
#[test_case(&["src"], &[("format.to", "qemu-devel@nongnu.org")]
    => "policy: qemu-2025-06 (in force, text of 2025-06-24), because the series is addressed to qemu-devel@nongnu.org"; "format")]
#[test_case(&["src"], &[("sendemail.to", "nobody@example.org")]
    => "error: failed to tell which policy holds here: this is no checkout that a policy knows, and no known list is addressed; --policy ID says which (`tidewaiter policy list` shows them)"; "no known list")]
fn policies_are_picked(folders: &[&str], config: &[(&str, &str)]) -> String {
    let checkout = Checkout::with(folders, false);
    checkout.change(folders[0], "read it once", "Why.\n");
    for (key, value) in config {
        checkout.git(&["config", "--add", key, value]);
    }
    let ran = checkout.run(&["check", "--git", "HEAD~1"]);
    assert_eq!(ran.code, if ran.stderr.is_empty() { 0 } else { 2 }, "{}", ran.stdout);
    let text = ran.stdout + &ran.stderr;
    let (_, last) = text.rsplit_once("policy: ").unwrap_or_default();
    let line = if last.is_empty() { text } else { format!("policy: {last}") };
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_unpacked_release_is_a_checkout_as_well() {
    let checkout = Checkout::series();
    let files = checkout.format(&["-3"]);
    let whole = checkout.run(&["check", &files[0], "--policy=qemu-proposed-2026-05"]);
    for empty in [true, false] {
        std::fs::remove_dir_all(checkout.path().join(".git")).expect("failed to remove");
        if empty {
            std::fs::create_dir(checkout.path().join(".git")).expect("failed to make a folder");
        }
        let ran = checkout.run(&["check", &files[0], "--policy=qemu-proposed-2026-05"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (whole.code, ""));
        assert_eq!(ran.stdout, whole.stdout);
        let ran = checkout.run(&["check", &files[0]]);
        assert!(ran.stdout.contains("because this checkout has"), "{}", ran.stdout);
    }
}

#[test]
fn the_one_list_of_a_configuration_tells() {
    let checkout = Checkout::with(&["src"], false);
    checkout.change("src", "read it once", "Assisted-by: LLM");
    let config = crate::program::root().join("fixtures/config/valid/one-list.toml");
    let option = format!("--config={}", config.display());
    let ran = checkout.run(&["check", "--git", "HEAD~1", &option]);
    let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("has one list, frob-devel@example.org"), "{text}{}", ran.stderr);
}

#[test]
fn lists_of_two_projects_are_not_decided_between() {
    let checkout = Checkout::with(&["src"], false);
    checkout.change("src", "read it once", "Why.");
    let mut config = "[identity]\naddress = \"tidewaiter@bot.example.net\"\n\
                      name = \"tidewaiter\"\noperator = \"Olga <olga@example.net>\"\n"
        .to_owned();
    for (name, policy) in [("one", "qemu-2025-06"), ("two", "gcc-2026-07")] {
        config += &format!(
            "[[lists]]\nid = \"{name}.example.org\"\naddress = \"{name}@example.org\"\n\
             name = \"{name}\"\nproject = \"{name}\"\npolicy = \"{policy}\"\n"
        );
        checkout.git(&["config", "--add", "format.to", &format!("{name}@example.org")]);
    }
    checkout.write("config.toml", &config);
    let ran = checkout.run(&["check", "--git", "HEAD~1", "--config=config.toml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    let why = "the series goes to lists with qemu-2025-06 and gcc-2026-07; --policy ID says which";
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
}

#[test]
fn two_checkouts_are_not_decided_between() {
    let (qemu, linux) = (Checkout::series(), Checkout::with(LINUX, true));
    let files = qemu.format(&["-3"]);
    let files: Vec<String> =
        files.iter().map(|file| qemu.path().join(file).display().to_string()).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let ran = linux.run(&[&["check"][..], &files].concat());
    assert_eq!(ran.code, 2);
    let why = "the files lie in a checkout for qemu-2025-06, this is for linux-2026-08";
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
}

#[test]
fn a_subject_for_the_policy_itself_is_left_alone() {
    let checkout = Checkout::qemu();
    checkout.change("docs", "docs/devel: say more in code-provenance", "AI-used-for: docs");
    assert_snapshot!("check-about", whole(&checkout.run(&["check", "--git", "HEAD~1"])));
}

#[test_case("no-such-file", &["check", "no/such/0001-x.patch"])]
#[test_case("no-mail", &["check", "VERSION"])]
#[test_case("empty-input", &["check"])]
#[test_case("no-series", &["check", "out", "out"])]
#[test_case("empty-range", &["check", "--git", "HEAD"])]
#[test_case("no-revision", &["check", "--git", "nowhere..HEAD"])]
#[test_case("option-for-git", &["check", "--git=--output=stolen"])]
#[test_case("range-and-files", &["check", "--git", "HEAD~1", "out"])]
#[test_case("unknown-policy", &["check", "out", "--policy=none"])]
#[test_case("strict-alone", &["check", "out", "--strict"])]
#[test_case("fix-tag-under-a-ban", &["check", "out", "--fix-tag"])]
#[test_case("fix-tag-unknown-use",
    &["check", "--fix-tag", "--uses=poetry", "--policy=qemu-proposed-2026-05"])]
#[test_case("fix-tag-says-nothing", &["check", "out", "--fix-tag", "--policy=qemu-proposed-2026-05"])]
#[test_case("fix-tag-no-own-tag", &["check", "out", "--fix-tag", "--policy=git"])]
fn a_mistake_is_named(name: &str, args: &[&str]) {
    let checkout = Checkout::series();
    checkout.format(&["-3"]);
    let ran = checkout.run(args);
    assert_eq!(ran.stdout, "", "{args:?}");
    assert!(!checkout.path().join("stolen").exists());
    assert_snapshot!(format!("check-mistake-{name}"), format!("exit {}\n{}", ran.code, ran.stderr));
}

#[test]
fn outside_of_a_repository_there_is_no_range() {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let mut command = Checkout::qemu().command(&["check", "--git", "HEAD~1"]);
    let output = command.current_dir(folder.path()).output().expect("failed to start");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("`HEAD~1`: fatal: not a git repository"), "{said}");
}

#[test]
fn a_truncated_file_is_read_as_far_as_it_goes() {
    let checkout = Checkout::series();
    let files = checkout.format(&["-3"]);
    let text = std::fs::read_to_string(checkout.path().join(&files[0])).expect("failed to read");
    let (head, _) = text.split_once("\n first\n").expect("no hunk");
    checkout.write("cut/0001.patch", &format!("{head}\n"));
    let ran = checkout.run(&["check", "cut/0001.patch"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    assert!(ran.stdout.contains("1 of 3 patches were given"), "{}", ran.stdout);
    assert!(ran.stdout.contains("the diff of patch 1 is damaged"), "{}", ran.stdout);
}

#[test]
fn a_line_that_is_packed_is_shown_without_a_number() {
    let checkout = Checkout::qemu();
    let body = "=57hy.\n\nAI-used-for: c=\node\n---\ndiff --git a/hw/x.c b/hw/x.c\n\
                --- a/hw/x.c\n+++ b/hw/x.c\n@@ -1 +1,2 @@\n a\n+b\n";
    let mail = format!(
        "From: Alice Author <alice@example.org>\nSubject: [PATCH] hw: x\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: quoted-printable\n\n{body}"
    );
    for (name, mail) in [("lf", mail.clone()), ("crlf", mail.replace('\n', "\r\n"))] {
        checkout.write(&format!("{name}.eml"), &mail);
        let ran = checkout.run(&["check", &format!("{name}.eml")]);
        assert_eq!(ran.code, 1);
        let expected = format!("--> {name}.eml\n = note: AI-used-for: code\n");
        assert!(ran.stdout.contains(&expected), "{}", ran.stdout);
    }
}

#[test]
fn mails_neither_steer_the_terminal_nor_overflow() {
    let checkout = Checkout::qemu();
    let wide = "漢字".repeat(60);
    let mail = format!(
        "From: Alice Author <alice@example.org>\nSubject: [PATCH] hw: x\n\n\
         \tAI was used to write this\u{1b}[2J\u{202e}patch {wide}.\n\n\
         AI-used-for: code\u{1b}[31m {wide}\n---\n\
         diff --git a/hw/x.c b/hw/x.c\n--- a/hw/x.c\n+++ b/hw/x.c\n@@ -1 +1,2 @@\n a\n+b\n"
    );
    checkout.write("a\u{1b}[2Jb.patch", &mail);
    for policy in ["qemu-2025-06", "qemu-proposed-2026-05"] {
        for option in ["--color=never", "-q"] {
            let policy = format!("--policy={policy}");
            let ran = checkout.run(&["check", "a\u{1b}[2Jb.patch", &policy, option]);
            assert!(ran.code < 2 && ran.stderr.is_empty(), "{}{}", ran.stdout, ran.stderr);
            let steers =
                |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!ran.stdout.contains(steers), "{:?}", ran.stdout);
            assert!(option == "-q" || widest(&ran.stdout) <= 80, "{}", ran.stdout);
        }
    }
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let checkout = Checkout::series();
    let mut command = checkout.command(&["check", "--git", "HEAD~3"]);
    let (reader, writer) = std::io::pipe().expect("failed to make a pipe");
    drop(reader);
    let output = command.stdout(writer).output().expect("failed to start the program");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(1), &b""[..]));
}

#[test_case("qemu-proposed-2026-05", &["--uses=tests,Code,tests"] => "AI-used-for: tests, code\n"; "uses that are named")]
#[test_case("qemu-proposed-2026-05", &["--git=HEAD~2..HEAD~1", "--uses=docs"] => "AI-used-for: docs\n"; "uses and a range")]
#[test_case("linux-2026-08", &["--git=HEAD~3..HEAD~2"] => "Assisted-by: LLM\n"; "another project's tag")]
fn a_trailer_line(policy: &str, options: &[&str]) -> String {
    let checkout = Checkout::series();
    let policy = format!("--policy={policy}");
    let ran = checkout.run(&[&["check", "--fix-tag", &policy], options].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    ran.stdout
}

#[test]
fn the_line_goes_into_the_commit_as_it_is() {
    let checkout = Checkout::qemu();
    checkout.change("tests/unit", "tests/unit: read the ring", "Generated-by: ChatGPT for tests");
    let policy = "--policy=qemu-proposed-2026-05";
    let args = ["check", "--fix-tag", "--uses=tests", policy, "--git=HEAD~1"];
    let line = checkout.run(&args).stdout;
    checkout.git(&["commit", "-q", "--amend", "--no-edit", "--trailer", line.trim_end()]);
    let message = checkout.git(&["log", "-1", "--format=%B"]);
    assert!(message.contains("\nAI-used-for: tests\n"), "{message}");
    assert_eq!(checkout.run(&["check", "--git=HEAD~1", policy]).code, 0);
}
