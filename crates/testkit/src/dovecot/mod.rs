//! A real Dovecot 2.3 on loopback, with one user, in a folder that is thrown away.
//!
//! It runs as whoever runs the test; as root it reads mail as user 5000, for Dovecot refuses to do
//! that as root. Mail is put into the user's Maildir as a delivery agent would.

mod certificates;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub use certificates::Certificate;

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
}

impl Default for Options {
    fn default() -> Self {
        Self { connections: 20 }
    }
}

/// A running Dovecot, which is stopped when it is dropped.
pub struct Dovecot {
    folder: TempDir,
    master: Child,
    uid: u32,
    delivered: u32,
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
        let (imap, imaps) = (free_port(), free_port());
        write_configuration(folder.path(), options, root, uid, imap, imaps);
        let master = spawn(folder.path());
        let dovecot = Self { folder, master, uid, delivered: 0, imap, imaps };
        dovecot.maildir("");
        dovecot.wait();
        Some(dovecot)
    }

    /// The certificate that signs the server's, as PEM.
    #[must_use]
    pub fn ca(&self) -> Vec<u8> {
        fs::read(self.path("ca.crt")).expect("the test CA")
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
        self.delivered += 1;
        let maildir = self.maildir(mailbox);
        let name = format!("{}.M{}.test", 1_700_000_000 + self.delivered, self.delivered);
        let (tmp, new) = (maildir.join("tmp").join(&name), maildir.join("new").join(&name));
        fs::write(&tmp, raw).expect("a mail");
        self.own(&tmp);
        fs::rename(&tmp, &new).expect("a delivered mail");
    }

    /// Runs `doveadm` and returns what it prints.
    ///
    /// # Panics
    ///
    /// Where it fails.
    pub fn doveadm(&self, arguments: &[&str]) -> String {
        let output = Command::new("doveadm")
            .env("PATH", path_with_sbin())
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
    }

    fn end_group(&self, signal: &str) {
        let line = format!("kill -{signal} -{}", self.master.id());
        let _ = Command::new("sh").args(["-c", &line]).stderr(Stdio::null()).status();
    }

    /// Starts the server again on the same ports.
    pub fn start_again(&mut self) {
        self.master = spawn(self.folder.path());
        self.wait();
    }

    /// What the server has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The Maildir of a mailbox, made where it is missing.
    fn maildir(&self, mailbox: &str) -> PathBuf {
        let home = self.path("mail");
        let root = home.join("Maildir");
        let maildir =
            if mailbox.is_empty() { root.clone() } else { root.join(format!(".{mailbox}")) };
        for folder in ["", "tmp", "new", "cur"] {
            fs::create_dir_all(maildir.join(folder)).expect("a Maildir");
            self.own(&maildir.join(folder));
        }
        self.own(&root);
        self.own(&home);
        maildir
    }

    fn own(&self, path: &Path) {
        if self.uid == MAIL_UID {
            chown(path, Some(MAIL_UID), Some(MAIL_UID)).expect("the owner of a mail");
        }
    }

    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(10);
        for port in [self.imap, self.imaps] {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
                assert!(Instant::now() < until, "failed to start Dovecot: {}", self.log());
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}

fn path_with_sbin() -> String {
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

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port");
    listener.local_addr().expect("the port's number").port()
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

fn write_configuration(
    folder: &Path,
    options: Options,
    root: bool,
    uid: u32,
    imap: u16,
    imaps: u16,
) {
    let dir = folder.display();
    let name = |flag: &str| {
        let output = Command::new("id").arg(flag).output().expect("id");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let (user, group, login) = if root {
        ("dovecot".to_owned(), "dovecot".to_owned(), "dovenull".to_owned())
    } else {
        (name("-un"), name("-gn"), name("-un"))
    };
    let gid = if root { uid.to_string() } else { name("-g") };
    fs::create_dir_all(folder.join("run")).expect("a folder");
    fs::create_dir_all(folder.join("mail")).expect("a folder");
    fs::write(
        folder.join("users"),
        format!("{USER}:{{PLAIN}}{PASSWORD}:{uid}:{gid}::{dir}/mail::\n"),
    )
    .expect("the users");
    let connections = options.connections;
    let configuration = format!(
        "base_dir = {dir}/run
state_dir = {dir}/run
log_path = {dir}/log
listen = 127.0.0.1
protocols = imap
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:~/Maildir
auth_mechanisms = plain login
auth_failure_delay = 0
disable_plaintext_auth = yes
ssl = required
ssl_cert = <{dir}/server.crt
ssl_key = <{dir}/server.key
ssl_min_protocol = TLSv1.2
mail_max_userip_connections = {connections}
passdb {{
  driver = passwd-file
  args = {dir}/users
}}
userdb {{
  driver = passwd-file
  args = {dir}/users
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap {{
  process_min_avail = 1
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
"
    );
    fs::write(folder.join("dovecot.conf"), configuration).expect("the configuration");
}
