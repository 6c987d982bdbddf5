//! What git is asked: the patches of a range, where a series would be sent.

use std::{
    io::Read,
    path::PathBuf,
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context as _, anyhow};
use tidewaiter_mail::mbox::unquote_mboxrd;

use super::input::{LARGEST, Source, mbox, too_much};
use crate::failure::Failure;

/// Options that keep a user's configuration from changing what a patch looks like; what changes
/// its words (sign-off, notes, prefixes, addresses) stays as it would be sent.
const FORMAT: &[&str] = &[
    "--no-pager",
    "-c",
    "log.showSignature=false",
    "-c",
    "diff.relative=false",
    "format-patch",
    "--stdout",
    // With `From ` at the start of a line quoted: else a commit message could end its mail.
    "--pretty=mboxrd",
    "--no-attach",
    "--no-base",
    "--no-color",
    "--no-cover-letter",
    "--no-ext-diff",
    "--no-signature",
    "--no-textconv",
    "--no-thread",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--submodule=short",
    "-O/dev/null",
    "--end-of-options",
];

/// The commits of a range as mails, each called by its commit.
pub(super) fn patches(range: &str) -> Result<Vec<Source>, Failure> {
    if range.starts_with('-') || range.is_empty() {
        return Err(Failure::usage(anyhow!("`{range}` names no commits")));
    }
    let mut command = Command::new("git");
    // Nothing is a path behind `--`.
    command.args(FORMAT).args([range, "--"]).env("LC_ALL", "C");
    for name in ["GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().context("failed to run git").map_err(Failure::Io)?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    // What git says is read beside what it prints, so that neither waits for the other.
    let said = thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.by_ref().take(4096).read_to_end(&mut said);
            let _ = std::io::copy(&mut stderr, &mut std::io::sink());
        }
        String::from_utf8_lossy(&said).into_owned()
    });
    let mut bytes = Vec::new();
    let read = stdout.map_or(Ok(0), |out| out.take(LARGEST + 1).read_to_end(&mut bytes));
    let over = u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LARGEST;
    if over || read.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().context("failed to wait for git").map_err(Failure::Io)?;
    read.context("failed to read from git").map_err(Failure::Io)?;
    if over {
        return Err(too_much(range));
    }
    if !status.success() {
        let said = said.join().unwrap_or_default();
        let said = said.lines().next().unwrap_or("it said nothing");
        return Err(Failure::usage(anyhow!("failed to read the commits of `{range}`: {said}")));
    }
    let mut sources = mbox(&bytes, commit, false);
    for source in &mut sources {
        source.raw = unquote_mboxrd(&source.raw).into_owned();
    }
    if sources.is_empty() {
        let alone = if range.contains("..") { "" } else { " after that one" };
        return Err(Failure::usage(anyhow!(
            "there is nothing to send in `{range}`: it has no commits{alone}, or only merges"
        )));
    }
    Ok(sources)
}

/// `From 1234... Mon Sep 17 00:00:00 2001` to `commit 123456789abc`.
fn commit(from: &[u8]) -> String {
    let id = from.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    format!("commit {}", String::from_utf8_lossy(id.get(..12).unwrap_or(id)))
}

/// The values of a key of git's configuration; none where there is no git or no such key.
pub(super) fn config(key: &str) -> Vec<String> {
    let output = Command::new("git")
        .args(["config", "--get-all", key])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let Ok(output) = output else { return Vec::new() };
    String::from_utf8_lossy(&output.stdout).lines().take(100).map(str::to_owned).collect()
}

/// A path in the repository's own folder; `None` outside of one.
pub(super) fn own_path(name: &str) -> Option<PathBuf> {
    let output = Command::new("git")
        .args(["rev-parse", "--git-path", name])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let output = output.ok().filter(|output| output.status.success())?;
    let path = String::from_utf8(output.stdout).ok()?;
    let path = path.trim_end_matches(['\r', '\n']);
    (!path.is_empty()).then(|| PathBuf::from(path))
}
