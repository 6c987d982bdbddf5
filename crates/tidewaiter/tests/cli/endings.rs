//! Ends that come too early: broken archives, closed pipes, Ctrl-C.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;
use test_case::test_case;

use crate::{
    SAMPLE, objects,
    program::{command, root, run},
};

fn sample() -> Vec<u8> {
    fs::read(root().join(SAMPLE)).expect("failed to read the sample")
}

/// The first part of the sample, packed by a program and cut short again.
fn broken(folder: &TempDir, program: &str, ending: &str) -> PathBuf {
    let output = Command::new(program).arg("-c").arg(root().join(SAMPLE)).output();
    let packed = output.expect("failed to run the packer").stdout;
    let path = folder.path().join(format!("cut.mbox.{ending}"));
    fs::write(&path, &packed[..packed.len() * 2 / 3]).expect("failed to write");
    path
}

#[test_case("gzip", "gz")]
#[test_case("xz", "xz")]
#[test_case("zstd", "zst")]
fn what_can_be_unpacked_is_judged(program: &str, ending: &str) {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let path = broken(&folder, program, ending);
    let path = path.to_string_lossy();

    let parsed = run(&["parse", &path]);
    assert_eq!(parsed.code, 3);
    let mails = objects(&parsed.stdout);
    // xz has a single block here, of which a part can be read as well.
    assert!(mails.len() > 100, "only {} mails", mails.len());

    let ran = run(&["dry-run", &path]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.starts_with("error: failed to decompress `"), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1);
    assert!(ran.stdout.starts_with(&format!("{} mails", mails.len())), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nNot read to the end: "), "{}", ran.stdout);

    let ran = run(&["dry-run", &path, "--format=jsonl"]);
    assert_eq!(ran.code, 3);
    let summary = objects(&ran.stdout).pop().expect("nothing was written");
    assert_eq!((&summary["mails"], &summary["interrupted"]), (&mails.len().into(), &true.into()));

    let id = mails[0]["message_id"].as_str().expect("no id");
    let ran = run(&["explain", id, &path]);
    assert_eq!(ran.code, 3);
    assert!(ran.stdout.contains(id));
    assert!(ran.stderr.starts_with("error: failed to decompress `"), "{}", ran.stderr);
}

#[test]
fn a_truncated_mbox_is_read_to_where_it_ends() {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let path = folder.path().join("cut.mbox");
    let sample = sample();
    let half = &sample[..sample.len() / 2];
    fs::write(&path, half).expect("failed to write");
    let ran = run(&["parse", &path.to_string_lossy()]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let starts = half.windows(6).filter(|bytes| bytes == b"\nFrom ").count() + 1;
    assert_eq!(objects(&ran.stdout).len(), starts);
}

#[test_case(&["parse", SAMPLE])]
#[test_case(&["parse", "--format=text", SAMPLE])]
#[test_case(&["dry-run", SAMPLE, "--jsonl=-"])]
fn a_closed_pipe_ends_it_quietly(args: &[&str]) {
    let mut child = command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("failed to start the program");
    let mut first = String::new();
    let stdout = child.stdout.take().expect("no standard output");
    BufReader::with_capacity(1, stdout).read_line(&mut first).expect("failed to read");
    assert!(first.len() > 1);
    let output = child.wait_with_output().expect("failed to wait");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn closed_standard_error_is_no_failure() {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    fs::write(folder.path().join("junk.bin"), [0; 4000]).expect("failed to write");
    let mut child = command(&["parse", &folder.path().to_string_lossy()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("failed to start the program");
    drop(child.stderr.take());
    assert_eq!(child.wait().expect("failed to wait").code(), Some(0));
}

/// Feeds the sample through a pipe that stays open, so that the program is in the middle of it.
fn reading(args: &[&str]) -> Child {
    let mut child = command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("failed to start the program");
    let stdin = child.stdin.as_mut().expect("no standard input");
    // Far more than all buffers on the way hold: when all is written, mails have been read.
    stdin.write_all(&sample().repeat(16)).expect("failed to feed");
    child
}

fn interrupt(child: &Child) {
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().expect("failed to run sh").success());
}

#[test]
fn ctrl_c_shows_what_was_read() {
    let mut child = reading(&["dry-run", "-"]);
    interrupt(&child);
    // Standard input stays open until the program has ended by itself.
    let stdin = child.stdin.take();
    let output = child.wait_with_output().expect("failed to wait");
    drop(stdin);
    let stdout = String::from_utf8(output.stdout).expect("the output is no UTF-8");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(130), &b""[..]), "{stdout}");
    assert!(stdout.contains("\nNot read to the end: "), "{stdout}");
    let mails: u32 =
        stdout.split(' ').next().and_then(|word| word.parse().ok()).expect("no number of mails");
    assert!((1..=16 * 361).contains(&mails), "{stdout}");
}

#[test]
fn ctrl_c_ends_parse_after_a_whole_object() {
    let mut child = reading(&["parse", "-"]);
    interrupt(&child);
    let stdin = child.stdin.take();
    let output = child.wait_with_output().expect("failed to wait");
    drop(stdin);
    assert_eq!(output.status.code(), Some(130));
    assert!(!objects(&String::from_utf8(output.stdout).expect("no UTF-8")).is_empty());
}
