//! Puts mail into the user's Maildir as a delivery agent would, or lets Dovecot's own do it.

use std::fs::{self, File, FileTimes};
use std::io::Write as _;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::{USER, path_with_sbin};

/// What a delivery agent ends with where somebody is to try again (`EX_TEMPFAIL`, sysexits.h).
const TRY_AGAIN: i32 = 75;

/// Delivers from any thread; all copies of one value deliver to the same user.
#[derive(Clone, Debug)]
pub struct Maildrop {
    home: PathBuf,
    /// The owner of the mail, where that is not whoever runs the test.
    owner: Option<u32>,
    /// The configuration for Dovecot's own agent, where that delivers.
    agent: Option<PathBuf>,
    /// Mails delivered. Dovecot numbers new files in the order of their names, and this is part
    /// of the name: the lock is held until the file is there.
    delivered: Arc<Mutex<u32>>,
}

impl Maildrop {
    pub(super) fn new(home: PathBuf, owner: Option<u32>, agent: Option<PathBuf>) -> Self {
        Self { home, owner, agent, delivered: Arc::default() }
    }

    /// The same as [`Maildrop::deliver`], where a server with a quota may put it off; `false` if it
    /// does. That delivers into the INBOX alone, now.
    ///
    /// # Panics
    ///
    /// Where it fails otherwise.
    #[must_use]
    pub fn try_deliver(&self, mailbox: &str, raw: &[u8], time: Option<SystemTime>) -> bool {
        let Some(configuration) = &self.agent else {
            self.deliver(mailbox, raw, time);
            return true;
        };
        let _one_by_one = self.delivered.lock().unwrap_or_else(PoisonError::into_inner);
        let doveconf = Command::new("doveconf")
            .env("PATH", path_with_sbin())
            .arg("-c")
            .arg(configuration)
            .args(["-h", "libexec_dir"])
            .output()
            .expect("doveconf");
        let folder = PathBuf::from(String::from_utf8_lossy(&doveconf.stdout).trim());
        let mut agent = Command::new(folder.join("dovecot-lda"))
            .arg("-c")
            .arg(configuration)
            .args(["-d", USER, "-e"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("dovecot-lda");
        agent.stdin.take().expect("its input").write_all(raw).expect("a mail");
        let output = agent.wait_with_output().expect("dovecot-lda");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code();
        let full = code == Some(TRY_AGAIN) && said.to_ascii_lowercase().contains("quota");
        assert!(full || code == Some(0), "failed to deliver: {}: {said}", output.status);
        !full
    }

    /// Puts `raw` into the INBOX (an empty name) or into the mailbox named.
    ///
    /// `time` becomes the file's time, which Dovecot gives as INTERNALDATE; without it that is
    /// now.
    ///
    /// # Panics
    ///
    /// Where the file cannot be written.
    pub fn deliver(&self, mailbox: &str, raw: &[u8], time: Option<SystemTime>) {
        let mut delivered = self.delivered.lock().unwrap_or_else(PoisonError::into_inner);
        *delivered += 1;
        let maildir = self.maildir(mailbox);
        let name = format!("{}.M{}.test", 1_700_000_000 + *delivered, *delivered);
        let (tmp, new) = (maildir.join("tmp").join(&name), maildir.join("new").join(&name));
        fs::write(&tmp, raw).expect("a mail");
        if let Some(time) = time {
            let file = File::options().write(true).open(&tmp).expect("the mail");
            file.set_times(FileTimes::new().set_modified(time)).expect("the mail's time");
        }
        self.own(&tmp);
        fs::rename(&tmp, &new).expect("a delivered mail");
    }

    /// The Maildir of a mailbox, made where it is missing.
    pub(super) fn maildir(&self, mailbox: &str) -> PathBuf {
        let root = self.home.join("Maildir");
        let maildir =
            if mailbox.is_empty() { root.clone() } else { root.join(format!(".{mailbox}")) };
        if maildir.join("cur").exists() {
            return maildir;
        }
        for folder in ["", "tmp", "new", "cur"] {
            fs::create_dir_all(maildir.join(folder)).expect("a Maildir");
            self.own(&maildir.join(folder));
        }
        self.own(&root);
        self.own(&self.home);
        maildir
    }

    fn own(&self, path: &Path) {
        if let Some(owner) = self.owner {
            chown(path, Some(owner), Some(owner)).expect("the owner of a mail");
        }
    }
}
