//! Running the built program as a user does, from the workspace's folder.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// How a run ended and what it printed.
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program with an environment that says nothing about terminals.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidewaiter"));
    command.args(args).current_dir(root()).stdin(Stdio::null());
    for name in ["NO_COLOR", "COLUMNS", "CLICOLOR_FORCE", "RUST_BACKTRACE"] {
        command.env_remove(name);
    }
    command
}

/// Runs it to its end.
pub(crate) fn run(args: &[&str]) -> Ran {
    let output = command(args).output().expect("failed to start the program");
    Ran {
        code: output.status.code().expect("a signal ended the program"),
        stdout: String::from_utf8(output.stdout).expect("the output is no UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("the errors are no UTF-8"),
    }
}

/// The workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
