//! A real Dovecot 2.3 on loopback, with one user, in a folder that is thrown away.
//!
//! It runs as whoever runs the test; as root it reads mail as user 5000, for Dovecot refuses to do
//! that as root. Mail is put into the user's Maildir as a delivery agent would.

mod certificates;
mod configuration;
mod maildrop;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use tempfile::TempDir;

use crate::guard::Guard;
use crate::ports::Port;

pub use certificates::Certificate;
pub use maildrop::Maildrop;

/// The user that the server knows.
pub const USER: &str = "bot@bot.example";
/// The user's password.
pub const PASSWORD: &str = "canary-pw";

/// The user that reads mail where the tests run as root.
const MAIL_UID: u32 = 5000;

/// What a test wants otherwise than usual.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Connections that the user may have at once.
    pub connections: u32,
    /// The bytes that the user's mailboxes may hold. With a quota mail is delivered by Dovecot's own
    /// agent, which keeps to it.
    pub quota: Option<u64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { connections: 20, quota: None }
    }
}

/// A running Dovecot, which is stopped when it is dropped.
pub struct Dovecot {
    folder: TempDir,
    master: Child,
    guard: Option<Guard>,
    maildrop: Maildrop,
    _ports: [Port; 2],
    /// The port for STARTTLS.
    pub imap: u16,
    /// The port for TLS from the first byte.
    pub imaps: u16,
}

impl Dovecot {
    /// Starts a server with an empty INBOX and a good certificate.
    ///
    /// `None`, with a printed reason, where there is no Dovecot 2.3 or no OpenSSL on this machine.
    ///
    /// # Panics
    ///
    /// Where Dovecot does not start, and where it is missing although this is CI.
    #[must_use]
    pub fn start(options: Options) -> Option<Self> {
        if let Err(reason) = usable() {
            assert!(std::env::var_os("CI").is_none(), "failed to test with Dovecot: {reason}");
            println!("skipped: {reason}");
            return None;
        }
        let folder = tempfile::Builder::new().prefix("dc").tempdir().expect("a folder");
        let mut uid = folder.path().metadata().expect("the folder's owner").uid();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("the mode");
        let root = uid == 0;
        if root {
            uid = MAIL_UID;
        }
        certificates::make(folder.path());
        let ports = [Port::claim(), Port::claim()];
        let [imap, imaps] = ports.each_ref().map(|port| port.number);
        configuration::write(folder.path(), options, root, uid, imap, imaps);
        let master = spawn(folder.path());
        let guard = Some(Guard::new(master.id(), folder.path()));
        let agent = options.quota.map(|_| folder.path().join("dovecot.conf"));
        let maildrop = Maildrop::new(folder.path().join("mail"), root.then_some(uid), agent);
        maildrop.maildir("");
        let dovecot = Self { folder, master, guard, maildrop, _ports: ports, imap, imaps };
        dovecot.wait();
        Some(dovecot)
    }

    /// The certificate that signs the server's, as PEM.
    #[must_use]
    pub fn ca(&self) -> Vec<u8> {
        fs::read(self.path("ca.crt")).expect("the test CA")
    }

    /// Changes the quota of a server that was started with one, for deliveries from now on.
    pub fn set_quota(&self, bytes: u64) {
        configuration::set_quota(self.folder.path(), bytes);
        // The server looks whether the file has changed once a second.
        std::thread::sleep(Duration::from_millis(1100));
    }

    /// Puts another certificate in, for connections from now on.
    pub fn present(&self, certificate: Certificate) {
        certificates::present(self.folder.path(), certificate);
        self.doveadm(&["reload"]);
        // Told to the login process, which takes it up with the next connection but not at once.
        std::thread::sleep(Duration::from_millis(300));
    }

    /// Puts `raw` into the INBOX, or into the mailbox named.
    pub fn deliver(&mut self, mailbox: &str, raw: &[u8]) {
        self.maildrop.deliver(mailbox, raw, None);
    }

    /// Puts `raw` into the INBOX, or into the mailbox named, as if it had come at `time`: that
    /// is its INTERNALDATE.
    pub fn deliver_at(&self, mailbox: &str, raw: &[u8], time: SystemTime) {
        self.maildrop.deliver(mailbox, raw, Some(time));
    }

    /// Delivers from any thread.
    #[must_use]
    pub fn maildrop(&self) -> Maildrop {
        self.maildrop.clone()
    }

    /// The mails of a mailbox by ascending UID, with the line ends that IMAP has (CRLF).
    ///
    /// An empty name is the INBOX.
    #[must_use]
    pub fn export(&self, mailbox: &str) -> Vec<(u32, Vec<u8>)> {
        let name = if mailbox.is_empty() { "INBOX" } else { mailbox };
        let fetch = ["-f", "tab", "fetch", "-u", USER, "uid guid", "mailbox", name, "all"];
        let listed = self.doveadm(&fetch);
        let maildir = self.maildrop.maildir(mailbox);
        // Dovecot's guid of a mail in a Maildir is its file name up to the flags.
        let mut files = HashMap::new();
        for folder in ["new", "cur"] {
            for entry in fs::read_dir(maildir.join(folder)).expect("a Maildir").flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let guid = name.split(':').next().unwrap_or_default().to_owned();
                files.insert(guid, entry.path());
            }
        }
        let mut mails: Vec<(u32, Vec<u8>)> = listed
            .lines()
            .skip(1)
            .filter_map(|line| {
                let (uid, guid) = line.split_once('\t')?;
                let raw = fs::read(files.get(guid.trim())?).ok()?;
                Some((uid.trim().parse().ok()?, crlf(&raw)))
            })
            .collect();
        mails.sort_by_key(|(uid, _)| *uid);
        mails
    }

    /// Runs `doveadm` and returns what it prints, with times in UTC.
    ///
    /// # Panics
    ///
    /// Where it fails.
    pub fn doveadm(&self, arguments: &[&str]) -> String {
        let output = Command::new("doveadm")
            .env("PATH", path_with_sbin())
            .env("TZ", "UTC")
            .arg("-c")
            .arg(self.path("dovecot.conf"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("doveadm");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "doveadm {arguments:?}: {text} {}", self.log());
        text
    }

    /// Sends `signal` to the processes that serve the user.
    pub fn signal(&self, signal: &str) {
        let who = self.doveadm(&["-f", "tab", "who", "-1", USER]);
        let pids: Vec<&str> = who.lines().skip(1).filter_map(|l| l.split('\t').nth(2)).collect();
        assert!(!pids.is_empty(), "nobody is connected: {who}");
        for pid in pids {
            let line = format!("kill -{signal} {pid}");
            let status = Command::new("sh").args(["-c", &line]).status().expect("sh");
            assert!(status.success(), "{line}");
        }
    }

    /// Stops the server and every connection to it; it can be started again.
    ///
    /// The master leads a process group. Asked alone it would leave processes that serve a client.
    pub fn stop(&mut self) {
        self.end_group("TERM");
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            if self.master.try_wait().is_ok_and(|status| status.is_some()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.end_group("KILL");
        // Ended already, unless the line before was refused: nothing may be waited for in vain.
        let _ = self.master.kill();
        let _ = self.master.wait();
        self.guard = None;
    }

    /// Ends everything at once, as a power cut would.
    pub fn kill(&mut self) {
        self.end_group("KILL");
        let _ = self.master.wait();
        self.guard = None;
    }

    fn end_group(&self, signal: &str) {
        if let Some(guard) = &self.guard {
            guard.signal(signal);
        }
    }

    /// Starts the server again on the same ports.
    pub fn start_again(&mut self) {
        self.master = spawn(self.folder.path());
        self.guard = Some(Guard::new(self.master.id(), self.folder.path()));
        self.wait();
    }

    /// What the server has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// The folder that holds its files: certificates, sockets, mail.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The process group of the server.
    pub(crate) fn group(&self) -> u32 {
        self.master.id()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(10);
        let port = |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        // After a restart the old socket's file is there before the new server listens.
        let socket = || UnixStream::connect(self.path("run/auth-smtp")).is_ok();
        while !(port(self.imap) && port(self.imaps) && socket()) {
            assert!(Instant::now() < until, "failed to start Dovecot: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}

/// `raw` with every line ended by CRLF.
fn crlf(raw: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(raw.len() + raw.len() / 32);
    let mut before = 0;
    for &byte in raw {
        if byte == b'\n' && before != b'\r' {
            lines.push(b'\r');
        }
        lines.push(byte);
        before = byte;
    }
    lines
}

pub(crate) fn path_with_sbin() -> String {
    format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default())
}

fn usable() -> Result<(), String> {
    let version = |program: &str, argument: &str| {
        let output = Command::new(program).env("PATH", path_with_sbin()).arg(argument).output();
        match output {
            Ok(output) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(format!("there is no {program}")),
            Err(e) => Err(format!("failed to run {program}: {e}")),
        }
    };
    version("openssl", "version")?;
    let dovecot = version("dovecot", "--version")?;
    if dovecot.starts_with("2.3.") {
        Ok(())
    } else {
        Err(format!("the configuration is for Dovecot 2.3, and this is {}", dovecot.trim()))
    }
}

fn spawn(folder: &Path) -> Child {
    let log = || fs::File::options().create(true).append(true).open(folder.join("start.log"));
    Command::new("dovecot")
        .env("PATH", path_with_sbin())
        .arg("-F")
        .arg("-c")
        .arg(folder.join("dovecot.conf"))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(log().expect("a log"))
        .stderr(log().expect("a log"))
        .spawn()
        .expect("dovecot")
}
