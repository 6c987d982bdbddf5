//! Running git.

use std::{
    env,
    ffi::OsString,
    io::{self, Read},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    thread::{self, JoinHandle},
};

use crate::Error;

/// How much of what git says on stderr is kept.
const MAX_STDERR: u64 = 4096;

/// git on a repository, with nothing of the user's environment or configuration.
///
/// The commands used run no hook, pager or signature check, and may fetch nothing.
fn git(dir: &Path, command: &str, args: &[&str]) -> Command {
    let mut git = Command::new("git");
    let inherited = env::vars_os().map(|(name, _)| name);
    let ours = |name: &OsString| name.to_string_lossy().starts_with("GIT_");
    for name in inherited.filter(ours).filter(|name| name != "GIT_EXEC_PATH") {
        git.env_remove(name);
    }
    git.env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_NO_LAZY_FETCH", "1")
        // Older git knows only this one; unlike `protocol.allow`, no repository can override it.
        .env("GIT_ALLOW_PROTOCOL", "none")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C");
    let mut git_dir = OsString::from("--git-dir=");
    git_dir.push(dir);
    git.arg(git_dir)
        .args(["--no-pager", "--no-replace-objects"])
        .args(["-c", "safe.directory=*"])
        .args(["-c", "core.hooksPath=/dev/null"])
        .arg(command)
        .args(args)
        .stdin(Stdio::null());
    git
}

/// What a short command puts out; nothing when it fails and `may_fail`.
pub(super) fn output(
    dir: &Path,
    command: &'static str,
    args: &[&str],
    may_fail: bool,
) -> Result<Vec<u8>, Error> {
    let output = git(dir, command, args)
        .output()
        .map_err(|reason| Error::NoGit { path: dir.to_owned(), reason })?;
    // `--quiet` exits with 1 and no word where there is no such commit.
    if output.status.success() || may_fail && output.stderr.is_empty() {
        return Ok(output.stdout);
    }
    let message = message(&String::from_utf8_lossy(&output.stderr), output.status);
    Err(Error::Git { path: dir.to_owned(), command, message })
}

fn message(stderr: &str, status: ExitStatus) -> String {
    let said = stderr.trim();
    if said.is_empty() { status.to_string() } else { said.replace('\n', "; ") }
}

/// A running git, killed and reaped when dropped.
pub(super) struct Process {
    child: Child,
    command: &'static str,
    stderr: Option<JoinHandle<String>>,
}

impl Process {
    pub(super) fn start(
        dir: &Path,
        command: &'static str,
        args: &[&str],
        piped: bool,
    ) -> Result<(Self, ChildStdout, Option<ChildStdin>), Error> {
        let mut git = git(dir, command, args);
        if piped {
            git.stdin(Stdio::piped());
        }
        let child = git
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|reason| Error::NoGit { path: dir.to_owned(), reason })?;
        let mut process = Self { child, command, stderr: None };
        let (stdin, stdout) = (process.child.stdin.take(), process.child.stdout.take());
        if let Some(mut stderr) = process.child.stderr.take() {
            let thread = thread::Builder::new().name("archive-git-stderr".to_owned());
            let read = thread.spawn(move || {
                let mut said = Vec::new();
                // What can still be read of an error message is all there is to know.
                let _ = (&mut stderr).take(MAX_STDERR).read_to_end(&mut said);
                let _ = io::copy(&mut stderr, &mut io::sink());
                String::from_utf8_lossy(&said).into_owned()
            });
            process.stderr = Some(read.map_err(|reason| Error::Thread { reason })?);
        }
        let Some(stdout) = stdout else {
            let reason = io::Error::other("its output cannot be read");
            return Err(Error::NoGit { path: dir.to_owned(), reason });
        };
        Ok((process, stdout, stdin))
    }

    pub(super) fn finish(mut self, dir: &Path) -> Result<(), Error> {
        let failed = |message| Error::Git { path: dir.to_owned(), command: self.command, message };
        let status = self.child.wait().map_err(|reason| failed(reason.to_string()))?;
        let stderr = self.stderr.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
        if status.success() { Ok(()) } else { Err(failed(message(&stderr, status))) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only where the process is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
