//! A real Postfix on loopback, in a folder that is thrown away.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::configuration::Setting;
use crate::dovecot::{Certificate, path_with_sbin};
use crate::guard::{Guard, signal_to};
use crate::ports::Port;

#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) submission: u16,
    pub(super) submissions: u16,
    pub(super) injection: u16,
}

pub(super) struct Postfix {
    folder: PathBuf,
    dovecot: PathBuf,
    pub(super) ports: Ports,
    _claims: [Port; 3],
    running: Option<(Child, Guard)>,
}

impl Postfix {
    /// Starts a server whose mail goes to the port `lmtp`.
    pub(super) fn start(
        folder: &Path,
        dovecot: &Path,
        domains: &[String],
        lmtp: u16,
        policy: u16,
    ) -> Self {
        let claims = [Port::claim(), Port::claim(), Port::claim()];
        let [submission, submissions, injection] = claims.each_ref().map(|port| port.number);
        let ports = Ports { submission, submissions, injection };
        Setting { folder, dovecot, domains, ports, lmtp, policy }.write();
        let mut postfix = Self {
            folder: folder.to_owned(),
            dovecot: dovecot.to_owned(),
            ports,
            _claims: claims,
            running: None,
        };
        postfix.copy(Certificate::Good);
        postfix.start_again();
        postfix
    }

    /// Starts it on the same ports.
    pub(super) fn start_again(&mut self) {
        if self.running.is_some() {
            return;
        }
        let errors = fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("start.log"))
            .expect("a log");
        // `postfix start` would first check the installation for two seconds.
        let child = Command::new(Path::new(&daemon_folder().expect("Postfix")).join("master"))
            .arg("-c")
            .arg(self.folder.join("etc"))
            .env("PATH", path_with_sbin())
            .env("MAIL_CONFIG", self.folder.join("etc"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(errors)
            .spawn()
            .expect("Postfix's master");
        // The master makes a session, and so a group, of its own.
        let whole = self.folder.parent().unwrap_or(&self.folder);
        let guard = Guard::new(child.id(), whole);
        let (child, _) = self.running.insert((child, guard));
        let until = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.ports.submission)).is_err() {
            let ended = child.try_wait().is_ok_and(|status| status.is_some());
            let runs = !ended && Instant::now() < until;
            assert!(runs, "failed to start Postfix: {}", read_logs(&self.folder));
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it, with every connection to it. What it has queued stays queued.
    pub(super) fn stop(&mut self) {
        let Some((mut child, guard)) = self.running.take() else { return };
        drop(guard);
        // The group may not be one yet, where the master had just been started.
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Shows another certificate, for connections from now on.
    pub(super) fn present(&self, certificate: Certificate) {
        self.copy(certificate);
        if let Some((child, _)) = &self.running {
            signal_to(&child.id().to_string(), "HUP");
            // A process that waits for a connection ends when it sees that the master is new.
            std::thread::sleep(Duration::from_millis(300));
        }
    }

    fn copy(&self, certificate: Certificate) {
        let from = self.dovecot.join(certificate.file());
        fs::copy(from, self.folder.join("server.crt")).expect("a certificate");
    }

    pub(super) fn group(&self) -> Option<u32> {
        self.running.as_ref().map(|(child, _)| child.id())
    }

    pub(super) fn log(&self) -> String {
        read_logs(&self.folder)
    }
}

/// What the master said before it had a log, and the log.
fn read_logs(folder: &Path) -> String {
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    read("start.log") + &read("log")
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where Postfix has its programs, or why it cannot be run here.
pub(super) fn daemon_folder() -> Result<String, String> {
    let output = Command::new("postconf")
        .env("PATH", path_with_sbin())
        .args(["-d", "-h", "mail_version", "daemon_directory"])
        .stderr(Stdio::null())
        .output()
        .map_err(|e| format!("failed to run postconf, is Postfix there: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines = text.lines();
    let (version, folder) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let old = version.split('.').next().and_then(|v| v.parse::<u32>().ok()).is_none_or(|v| v < 3);
    if old || !Path::new(folder).join("master").exists() {
        return Err(format!("the configuration is for Postfix 3, and this is {version:?}"));
    }
    Ok(folder.to_owned())
}
