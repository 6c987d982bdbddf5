//! A throw-away mail world on loopback: Dovecot, Postfix, a list as Mailman 2.1 is, and a clock.
//!
//! People post through Postfix to the list, which delivers to the bot's INBOX with the rig's time
//! as INTERNALDATE. The bot submits through Postfix with STARTTLS and its password. Postfix takes
//! mail for the lists and for a few example domains only, looks nothing up, and hands everything
//! to this process: what goes to a list is processed, what goes to the bot is delivered, and the
//! rest is recorded. So no mail can leave the machine.

mod client;
mod clock;
mod configuration;
mod faults;
mod list;
mod lmtp;
mod mail;
mod policy;
mod post;
mod postfix;
mod records;
mod serve;
mod world;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tempfile::TempDir;

use crate::dovecot::{self, Certificate, Dovecot, PASSWORD};

pub use client::{Answer, Client};
pub use clock::Clock;
pub use faults::{Faults, Refusal, Step, Whose};
pub use list::List;
pub use mail::as_sent;
pub use policy::Tried;
pub use post::Post;
pub use records::{Accepted, Fate, Private};

/// What a test wants otherwise than usual.
#[derive(Clone, Debug)]
pub struct Options {
    /// The lists that the bot is subscribed to; people post to the first.
    pub lists: Vec<List>,
    /// Domains whose mail is taken and recorded, besides those of the lists and of the bot.
    pub domains: Vec<String>,
    /// The name under which the server in front of the mailbox writes its findings
    /// (`Authentication-Results`); without it, it writes none.
    pub authserv: Option<String>,
    /// What time it is.
    pub time: Timestamp,
    /// How Dovecot is started.
    pub dovecot: dovecot::Options,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lists: vec![List::new("qemu-devel@nongnu.org")],
            domains: ["example.org", "example.net", "example.com"].map(str::to_owned).to_vec(),
            authserv: None,
            // Any time does that is none of the machine's.
            time: Timestamp::from_second(1_780_000_000).expect("a time"),
            dovecot: dovecot::Options::default(),
        }
    }
}

/// The running world. It stops, and its folder is removed, when it is dropped.
pub struct Rig {
    // Dropped in this order: nobody is to speak to a server that is gone.
    poster: Mutex<Option<Client>>,
    postfix: postfix::Postfix,
    dovecot: Dovecot,
    world: Arc<world::World>,
    _lmtp: serve::Server,
    _policy: serve::Server,
    folder: TempDir,
}

impl Rig {
    /// Starts everything, with an empty INBOX and no faults.
    ///
    /// `None`, with a printed reason, where there is no Postfix 3 or Dovecot 2.3, or where the
    /// test does not run as root, whom Postfix needs.
    ///
    /// # Panics
    ///
    /// Where a server does not start, and where one is missing although this is CI.
    #[must_use]
    pub fn start(options: Options) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("rig").tempdir().expect("a folder");
        let root = folder.path().metadata().expect("the folder's owner").uid() == 0;
        let usable = if root { postfix::daemon_folder() } else { Err("not root".to_owned()) };
        if let Err(reason) = usable {
            assert!(std::env::var_os("CI").is_none(), "failed to test with Postfix: {reason}");
            println!("skipped: {reason}");
            return None;
        }
        let dovecot = Dovecot::start(options.dovecot)?;
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("the mode");
        write_secret(&folder.path().join("password"));
        fs::write(folder.path().join("ca.pem"), dovecot.ca()).expect("the test CA");
        let clock = Clock::new(folder.path(), options.time);
        let mut domains = options.domains;
        domains.push("bot.example".to_owned());
        domains.extend(options.lists.iter().map(|list| list.domain().to_owned()));
        domains.sort();
        domains.dedup();
        let maildrop = dovecot.maildrop();
        let world = world::World::new(options.lists, options.authserv, clock, maildrop);
        let world = Arc::new(world);
        let (lmtp, policy) = (lmtp::start(&world), policy::start(&world));
        let home = folder.path().join("postfix");
        fs::create_dir(&home).expect("a folder");
        let (to, ask) = (lmtp.port(), policy.port());
        let postfix = postfix::Postfix::start(&home, dovecot.folder(), &domains, to, ask);
        let (poster, _lmtp, _policy) = (Mutex::new(None), lmtp, policy);
        Some(Self { poster, postfix, dovecot, world, _lmtp, _policy, folder })
    }

    /// The port of IMAP with STARTTLS.
    #[must_use]
    pub fn imap_port(&self) -> u16 {
        self.dovecot.imap
    }

    /// The port of IMAP with TLS from the first byte.
    #[must_use]
    pub fn imaps_port(&self) -> u16 {
        self.dovecot.imaps
    }

    /// The port where the bot submits, with STARTTLS and its password.
    #[must_use]
    pub fn submission_port(&self) -> u16 {
        self.postfix.ports.submission
    }

    /// The same, with TLS from the first byte.
    #[must_use]
    pub fn submissions_port(&self) -> u16 {
        self.postfix.ports.submissions
    }

    /// The port where people's mail comes in, without TLS or password.
    #[must_use]
    pub fn injection_port(&self) -> u16 {
        self.postfix.ports.injection
    }

    /// The authority that signs both servers' certificates, PEM.
    #[must_use]
    pub fn ca_pem_path(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A file with the bot's password for both servers, mode 0600.
    #[must_use]
    pub fn password_file(&self) -> PathBuf {
        self.folder.path().join("password")
    }

    /// The rig's own folder, where a test may put files of its own.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The clock; a daemon reads its file.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.world.clock
    }

    /// Sets the clock.
    pub fn set_clock(&self, time: Timestamp) {
        self.world.clock.set(time);
    }

    /// The faults, to be read and set: `rig.faults().nodupes = true`.
    ///
    /// The list waits while this is held.
    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        self.world.faults()
    }

    /// Lets through all that is held for moderation, in order, and returns how many.
    pub fn release_held(&self) -> usize {
        self.world.release()
    }

    /// How many mails wait since the mailbox is over its quota.
    #[must_use]
    pub fn deferred(&self) -> usize {
        self.world.deferred()
    }

    /// Tries to deliver those again, in order, and returns how many were.
    pub fn retry_deferred(&self) -> usize {
        self.world.retry()
    }

    /// All that the lists accepted, in order.
    #[must_use]
    pub fn list_mails(&self) -> Vec<Accepted> {
        self.world.records().accepted.clone()
    }

    /// How often the lists accepted a Message-ID, which has its brackets.
    #[must_use]
    pub fn count(&self, message_id: &str) -> usize {
        let records = self.world.records();
        records.accepted.iter().filter(|m| m.message_id.as_deref() == Some(message_id)).count()
    }

    /// All mails to addresses that are no list's, one for each recipient, in order.
    #[must_use]
    pub fn private_mails(&self) -> Vec<Private> {
        self.world.records().private.clone()
    }

    /// Every recipient named at the submission ports, also those that Postfix refused.
    #[must_use]
    pub fn tried(&self) -> Vec<Tried> {
        self.world.records().tried.clone()
    }

    /// How many mails were put into the INBOX.
    #[must_use]
    pub fn delivered(&self) -> usize {
        self.world.records().delivered
    }

    /// Waits until something is so, by looking every few milliseconds; false where it never is.
    pub fn wait_for(&self, mut so: impl FnMut(&Self) -> bool, most: Duration) -> bool {
        let until = Instant::now() + most;
        loop {
            if so(self) {
                return true;
            }
            if Instant::now() > until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// The mails of the bot's INBOX by UID, as IMAP gives them (with CRLF).
    #[must_use]
    pub fn mailbox_export(&self) -> Vec<Vec<u8>> {
        self.dovecot.export("").into_iter().map(|(_, raw)| raw).collect()
    }

    /// The Dovecot: `doveadm`, `signal`, `log`, `export`, `deliver_at`.
    #[must_use]
    pub fn dovecot(&self) -> &Dovecot {
        &self.dovecot
    }

    /// Stops Dovecot with all connections, and starts it again on the same ports.
    pub fn restart_dovecot(&mut self) {
        self.dovecot.stop();
        self.dovecot.start_again();
    }

    /// Stops Dovecot with all connections.
    pub fn stop_dovecot(&mut self) {
        self.dovecot.stop();
    }

    /// Starts Dovecot again on the same ports.
    pub fn start_dovecot(&mut self) {
        self.dovecot.start_again();
    }

    /// Ends Postfix and every connection to it; what it has queued stays.
    pub fn stop_postfix(&mut self) {
        self.postfix.stop();
    }

    /// Starts Postfix again on the same ports.
    ///
    /// # Panics
    ///
    /// Where it does not start.
    pub fn start_postfix(&mut self) {
        self.postfix.start_again();
    }

    /// Puts another certificate into Dovecot, for connections from now on.
    pub fn present_imap(&self, certificate: Certificate) {
        self.dovecot.present(certificate);
    }

    /// Puts another certificate into Postfix, for connections from now on.
    pub fn present_smtp(&self, certificate: Certificate) {
        self.postfix.present(certificate);
    }

    /// What Postfix has logged.
    #[must_use]
    pub fn postfix_log(&self) -> String {
        self.postfix.log()
    }

    /// The process groups of the servers that run, to see that nothing is left of them.
    #[must_use]
    pub fn process_groups(&self) -> Vec<u32> {
        self.postfix.group().into_iter().chain([self.dovecot.group()]).collect()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // What is on its way is not to be delivered into a folder that is gone.
        self.world.end();
        self.postfix.stop();
        self.dovecot.kill();
    }
}

fn write_secret(path: &Path) {
    use std::io::Write as _;
    let mut file = fs::File::options().write(true).create_new(true).mode(0o600).open(path);
    let file = file.as_mut().expect("the password's file");
    file.write_all(format!("{PASSWORD}\n").as_bytes()).expect("the password");
}
