//! Ends servers that a test started, whatever ends the test.

use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Ends a process group when this value, or the whole test process, is gone.
///
/// A test that is killed runs no `Drop`. A shell waits for the end of a pipe that only this
/// process holds, and then ends the group.
pub(crate) struct Guard {
    group: u32,
    watcher: Child,
}

impl Guard {
    /// Watches over the group that the process `leader` leads.
    ///
    /// Where the test process is gone, `folder` is removed, which nobody else does then.
    pub(crate) fn new(leader: u32, folder: &Path) -> Self {
        use std::os::unix::process::CommandExt as _;
        let script = "trap '' TERM INT HUP; read -r end; kill -KILL \"-$1\"; rm -rf -- \"$2\"";
        let watcher = Command::new("sh")
            .args(["-c", script, "sh", &leader.to_string()])
            .arg(folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh");
        Self { group: leader, watcher }
    }

    /// Sends a signal to the group. A group that is gone is no failure.
    pub(crate) fn signal(&self, signal: &str) {
        signal_to(&format!("-{}", self.group), signal);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.signal("KILL");
        // Gone already, or ended here: either way nothing is left to wait for.
        let _ = self.watcher.kill();
        let _ = self.watcher.wait();
    }
}

/// Sends a signal to a process, or to a group where the number has a minus in front.
pub(crate) fn signal_to(whom: &str, signal: &str) {
    let line = format!("kill -{signal} {whom}");
    let _ = Command::new("sh").args(["-c", &line]).stderr(Stdio::null()).status();
}
