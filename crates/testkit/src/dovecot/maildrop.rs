//! Puts mail into the user's Maildir as a delivery agent would.

use std::fs::{self, File, FileTimes};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Delivers from any thread; all copies of one value deliver to the same user.
#[derive(Clone, Debug)]
pub struct Maildrop {
    home: PathBuf,
    /// The owner of the mail, where that is not whoever runs the test.
    owner: Option<u32>,
    /// Mails delivered. Dovecot numbers new files in the order of their names, and this is part
    /// of the name: the lock is held until the file is there.
    delivered: Arc<Mutex<u32>>,
}

impl Maildrop {
    pub(super) fn new(home: PathBuf, owner: Option<u32>) -> Self {
        Self { home, owner, delivered: Arc::default() }
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
