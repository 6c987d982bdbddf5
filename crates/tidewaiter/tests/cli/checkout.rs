//! A small checkout that looks like QEMU's, with a series on top, and the program run in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::program::{self, Ran};

/// A git checkout in a scratch folder.
pub(crate) struct Checkout(TempDir);

const MAINTAINERS: &str = "Ring devices\nM: Mallory Maintainer <mallory@example.net>\n\
    S: Maintained\nF: hw/misc/\n\nEmulation\nM: Tara Tester <tara@example.net>\nS: Maintained\n\
    F: accel/\nF: tests/\n";

impl Checkout {
    /// With these folders, each with one file, and MAINTAINERS and VERSION where wanted.
    pub(crate) fn with(folders: &[&str], maintainers: bool) -> Self {
        let checkout = Self(tempfile::tempdir().expect("failed to make a scratch folder"));
        checkout.git(&["init", "-q", "-b", "main"]);
        for folder in folders {
            checkout.write(&format!("{folder}/file.c"), "first\n");
        }
        checkout.write("VERSION", "11.0.50\n");
        if maintainers {
            checkout.write("MAINTAINERS", MAINTAINERS);
        }
        checkout.commit("start");
        checkout
    }

    /// Part of QEMU's tree.
    pub(crate) fn qemu() -> Self {
        Self::with(&["accel/tcg", "docs", "hw/misc", "qapi", "target/arm", "tests/unit"], true)
    }

    /// The same with a branch of three patches on it: a tag, another project's, a tool's mark.
    pub(crate) fn series() -> Self {
        let checkout = Self::qemu();
        checkout.change("hw/misc", "hw/misc: read the ring once", "Why.\n\nAI-used-for: code");
        checkout.change("tests/unit", "tests/unit: read the ring", "Assisted-by: LLM");
        let mark = "Generated with [Claude Code](https://claude.ai/code)\n";
        checkout.change("accel/tcg", "accel/tcg: go faster", mark);
        checkout
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("no folder")).expect("failed to make a folder");
        fs::write(&path, text).expect("failed to write");
        path
    }

    /// Adds a line to a folder's file and commits it, signed off.
    pub(crate) fn change(&self, folder: &str, title: &str, message: &str) {
        let path = self.path().join(folder).join("file.c");
        let text = fs::read_to_string(&path).expect("failed to read") + title + "\n";
        fs::write(&path, text).expect("failed to write");
        let signed = "Signed-off-by: Alice Author <alice@example.org>";
        self.commit(&format!("{title}\n\n{message}\n{signed}\n"));
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    /// Runs git where no user's configuration reaches, and gives what it prints.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let mut command = Command::new("git");
        alone(command.args(args).current_dir(self.path()));
        let output = command.output().expect("failed to run git");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {args:?}: {said}");
        String::from_utf8(output.stdout).expect("no UTF-8")
    }

    /// Writes the last commits as files and gives their names.
    pub(crate) fn format(&self, options: &[&str]) -> Vec<String> {
        let fixed = ["format-patch", "-o", "out", "--signature=2.47.3"];
        let names = self.git(&[&fixed[..], options].concat());
        names.lines().map(str::to_owned).collect()
    }

    /// The program in this checkout.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = program::command(args);
        alone(command.current_dir(self.path()));
        command
    }

    /// Runs the program in this checkout.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.ran(&mut self.command(args))
    }

    pub(crate) fn ran(&self, command: &mut Command) -> Ran {
        let output = command.output().expect("failed to start the program");
        // A scratch folder may be reached by a link.
        let whole = self.path().canonicalize().expect("no folder");
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).expect("the output is no UTF-8");
            let text = text.replace(&*whole.to_string_lossy(), "CHECKOUT");
            text.replace(&*self.path().to_string_lossy(), "CHECKOUT")
        };
        Ran {
            code: output.status.code().expect("a signal ended the program"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

/// Neither a user's configuration nor a repository around the scratch folder counts.
fn alone(command: &mut Command) {
    command.stdin(Stdio::null()).env("GIT_CONFIG_NOSYSTEM", "1");
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CEILING_DIRECTORIES", "/");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_SENDEMAIL_FILE_COUNTER"] {
        command.env_remove(name);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Alice Author");
        command.env(format!("GIT_{who}_EMAIL"), "alice@example.org");
        command.env(format!("GIT_{who}_DATE"), "2026-06-01T10:00:00Z");
    }
}
