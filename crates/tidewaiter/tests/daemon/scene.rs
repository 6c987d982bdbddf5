//! The built program as a daemon in the mail world of `tidewaiter_testkit::rig`.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use tempfile::TempDir;
use tidewaiter_mail::MessageId;
use tidewaiter_store::{Beside, ReplyRow, ReplyState, View};
use tidewaiter_testkit::{
    dovecot::{self, USER},
    rig::{Accepted, List, Options, Rig},
};

use crate::program::command;

/// The name of the server that vouches for senders.
pub(crate) const AUTHSERV: &str = "mx.bot.example";
/// The list.
pub(crate) const LIST: &str = "qemu-devel@nongnu.org";
/// What anything that happens at once may take on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// How a daemon is set up.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// Lines of the list's entry besides what has to be there.
    pub(crate) list: String,
    /// `[caps]`.
    pub(crate) caps: String,
    /// Whole tables besides these.
    pub(crate) more: String,
    /// The policy of both lists.
    pub(crate) policy: String,
    /// Lines of `[files]` besides the key.
    pub(crate) files: String,
    /// What the daemon's environment has besides.
    pub(crate) env: Vec<(String, String)>,
    /// Ports of proxies in front of IMAP and SMTP.
    pub(crate) imap: Option<u16>,
    pub(crate) smtp: Option<u16>,
}

impl Default for Setup {
    /// Everything is said on the list at once.
    fn default() -> Self {
        Self {
            list: "mode = \"list\"\ndecline = \"list\"\nsettle = \"0s\"\n".to_owned(),
            caps: "hour = 100000\nday = 100000\nthread = 2\nauthor-day = 100000\n\
                   domain-day = 100000\n"
                .to_owned(),
            more: String::new(),
            policy: "qemu-2025-06".to_owned(),
            files: String::new(),
            env: Vec::new(),
            imap: None,
            smtp: None,
        }
    }
}

/// The mail world, and a daemon in it. The daemon is killed when this is dropped.
pub(crate) struct Scene {
    pub(crate) rig: Rig,
    pub(crate) setup: Setup,
    folder: TempDir,
    child: Option<Child>,
    /// How often it was started.
    starts: u32,
}

impl Scene {
    /// A world with no daemon yet; `None` where this machine cannot have one.
    pub(crate) fn new(setup: Setup) -> Option<Self> {
        Self::with(setup, dovecot::Options::default())
    }

    /// The same with another Dovecot.
    pub(crate) fn with(setup: Setup, dovecot: dovecot::Options) -> Option<Self> {
        let lists = vec![List::new(LIST), List::new("qemu-block@nongnu.org")];
        let authserv = Some(AUTHSERV.to_owned());
        let options = Options { lists, authserv, dovecot, ..Options::default() };
        let rig = Rig::start(options)?;
        let folder = tempfile::Builder::new().prefix("tw").tempdir().unwrap();
        let key = folder.path().join("key");
        fs::write(&key, [7; 32]).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let scene = Self { rig, setup, folder, child: None, starts: 0 };
        scene.configure();
        Some(scene)
    }

    /// Writes the configuration as the setup says.
    pub(crate) fn configure(&self) {
        fs::write(self.path("tidewaiter.toml"), self.configuration()).unwrap();
    }

    fn configuration(&self) -> String {
        let Setup { list, caps, more, policy, files, imap, smtp, .. } = &self.setup;
        let imap = imap.unwrap_or(self.rig.imaps_port());
        let smtp = smtp.unwrap_or(self.rig.submission_port());
        let password = self.rig.password_file().display().to_string();
        let ca = self.rig.ca_pem_path().display().to_string();
        let entry = |name: &str| {
            format!(
                "[[lists]]\nid = \"{name}.nongnu.org\"\naddress = \"{name}@nongnu.org\"\n\
                 project = \"QEMU\"\npolicy = \"{policy}\"\n{list}\n"
            )
        };
        let (first, second) = (entry("qemu-devel"), entry("qemu-block"));
        format!(
            "[identity]\naddress = \"{USER}\"\nname = \"tidewaiter\"\n\
             operator = \"Olga Operator <olga@example.net>\"\n\
             [files]\nkey = \"key\"\n{files}\n[caps]\n{caps}\n[trust]\nauthserv-ids = [\"{AUTHSERV}\"]\n\
             {first}{second}\
             [[mailboxes]]\nname = \"lists\"\nhost = \"localhost\"\nport = {imap}\n\
             user = \"{USER}\"\npassword-file = \"{password}\"\nca-file = \"{ca}\"\n\
             [smtp]\nhost = \"localhost\"\ntls = \"starttls\"\nport = {smtp}\n\
             user = \"{USER}\"\npassword-file = \"{password}\"\nca-file = \"{ca}\"\n\
             [log]\nlevel = \"info\"\n{more}"
        )
    }

    /// A file in the daemon's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts the daemon; what it says goes into [`Scene::log`].
    pub(crate) fn start(&mut self) {
        assert!(self.child.is_none(), "it runs already");
        self.starts += 1;
        let log = File::options().create(true).append(true).open(self.path("log")).unwrap();
        let config = self.path("tidewaiter.toml").display().to_string();
        let run = command(&["run", "--config", &config]);
        let watched = self.setup.env.iter().any(|(name, _)| name == "WATCHDOG_USEC");
        let mut daemon = if watched { by_service_manager(&run) } else { run };
        daemon.env("TIDEWAITER_CLOCK", self.rig.clock().file());
        daemon.envs(self.setup.env.iter().cloned());
        daemon.stdout(Stdio::null()).stderr(log);
        self.child = Some(daemon.spawn().unwrap());
    }

    /// Starts the daemon and waits until the mailbox is read.
    pub(crate) fn start_watching(&mut self) {
        let before = self.count_in_log("the mailbox is open");
        self.start();
        self.wait("the mailbox is open", |scene| {
            scene.count_in_log("the mailbox is open") > before && scene.is_trusted()
        });
    }

    fn is_trusted(&self) -> bool {
        let log = self.log();
        let start = log.rfind("tidewaiter starts").unwrap_or_default();
        log.get(start..).is_some_and(|log| {
            log.contains("past=\"known\"") || log.contains("what comes from now on is spoken of")
        })
    }

    /// Ends it as an operator does, and says how it ended.
    pub(crate) fn end(&mut self) -> ExitStatus {
        self.signal("TERM");
        let mut child = self.child.take().expect("it does not run");
        let until = Instant::now() + Duration::from_secs(100);
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "it does not end: {}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Ends it at once, without a word.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            child.wait().unwrap();
        }
    }

    /// Whether it has ended by itself; then it can be started again.
    pub(crate) fn has_ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().unwrap()?;
        self.child = None;
        Some(status)
    }

    /// The daemon's process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().expect("it does not run").id()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.pid().to_string();
        let status = Command::new("kill").args(["-s", signal, &pid]).status();
        assert!(status.unwrap().success());
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    pub(crate) fn count_in_log(&self, text: &str) -> usize {
        self.log().matches(text).count()
    }

    /// Waits until something is so.
    ///
    /// # Panics
    /// Where it is not so within [`SOON`].
    pub(crate) fn wait(&self, what: &str, so: impl Fn(&Self) -> bool) {
        self.wait_for(what, SOON, so);
    }

    pub(crate) fn wait_for(&self, what: &str, most: Duration, so: impl Fn(&Self) -> bool) {
        let until = Instant::now() + most;
        while !so(self) {
            assert!(Instant::now() < until, "never: {what}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The store beside the daemon.
    pub(crate) fn store(&self) -> Beside {
        Beside::open(&self.path("tidewaiter.sqlite")).unwrap()
    }

    /// How many mails are stored.
    pub(crate) fn stored(&self) -> u64 {
        self.store().mail_count().unwrap()
    }

    /// Waits until everything that lies in the mailbox is stored.
    pub(crate) fn wait_until_stored(&self) {
        self.wait("every mail is stored", |scene| scene.stored() >= scene.rig.delivered() as u64);
    }

    /// When the daemon last looked at what was due.
    pub(crate) fn looked(&self) -> Option<Timestamp> {
        let store = rusqlite::Connection::open(self.path("tidewaiter.sqlite")).unwrap();
        let last = "SELECT max(time) FROM events WHERE kind = 'tick'";
        let micros: Option<i64> = store.query_row(last, [], |row| row.get(0)).unwrap();
        micros.map(|micros| Timestamp::from_microsecond(micros).unwrap())
    }

    /// Waits until no reply waits to be sent.
    pub(crate) fn wait_until_nothing_waits(&self) {
        self.wait("nothing waits", |scene| {
            scene.replies_in(ReplyState::Ready) + scene.replies_in(ReplyState::Armed) == 0
        });
    }

    /// Every reply, whatever became of it.
    pub(crate) fn replies(&self) -> Vec<ReplyRow> {
        all_replies(&self.store())
    }

    pub(crate) fn replies_in(&self, state: ReplyState) -> usize {
        self.store().replies(state).unwrap().len()
    }

    /// What the list got from the bot.
    pub(crate) fn spoken(&self) -> Vec<Accepted> {
        let mut all = self.rig.list_mails();
        all.retain(|mail| mail.sender == USER);
        all
    }

    /// How often the list, or the person who got most, got a reply.
    pub(crate) fn copies(&self, id: &MessageId) -> usize {
        let id = format!("<{id}>");
        let mut people: BTreeMap<String, usize> = BTreeMap::new();
        for mail in self.rig.private_mails() {
            let own = mail.sender == USER && mail.message_id.as_ref() == Some(&id);
            *people.entry(mail.recipient).or_default() += usize::from(own);
        }
        // What a person sends on is theirs.
        let on_lists = self.spoken().iter().filter(|m| m.message_id.as_ref() == Some(&id)).count();
        people.into_values().chain([on_lists]).max().unwrap_or_default()
    }

    /// No reply reached a list more than once, and none that is not known to have been sent, or
    /// in doubt, reached it at all.
    pub(crate) fn assert_never_two(&self) {
        for reply in self.replies() {
            let copies = self.copies(&reply.id);
            assert!(copies <= 1, "{copies} copies of {}\n{}", reply.id, self.log());
            let may = matches!(
                reply.state,
                ReplyState::Armed | ReplyState::Sent | ReplyState::Seen | ReplyState::Doubt
            );
            assert!(may || copies == 0, "{} is {:?} and was sent", reply.id, reply.state);
            let must = matches!(reply.state, ReplyState::Sent | ReplyState::Seen);
            assert!(!must || copies == 1, "{} is {:?} and was not sent", reply.id, reply.state);
        }
    }

    /// Lets so much time pass.
    pub(crate) fn pass(&self, time: jiff::SignedDuration) -> Timestamp {
        let now = self.rig.clock().now() + time;
        self.rig.set_clock(now);
        now
    }
}

/// The same, with the process' own number in its environment.
fn by_service_manager(run: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "WATCHDOG_PID=$$ exec \"$0\" \"$@\""]);
    shell.arg(run.get_program()).args(run.get_args()).stdin(Stdio::null());
    shell.current_dir(run.get_current_dir().unwrap());
    shell
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            println!("{}", self.log());
        }
    }
}

pub(crate) fn all_replies(store: &View) -> Vec<ReplyRow> {
    ReplyState::ALL.iter().flat_map(|state| store.replies(*state).unwrap()).collect()
}

/// A patch that declares its use of AI.
pub(crate) fn patch(number: usize, author: &str) -> Vec<u8> {
    format!(
        "From: A. Person <{author}>\nTo: {LIST}\nSubject: [PATCH] hw/misc: frob number {number}\n\
         Message-ID: <patch-{number}@example.org>\nDate: Thu, 28 May 2026 20:00:00 +0000\n\n\
         Frob it.\n\nAI-used-for: code\nSigned-off-by: A. Person <{author}>\n---\n \
         hw/misc/frob{number}.c | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n\
         diff --git a/hw/misc/frob{number}.c b/hw/misc/frob{number}.c\nindex 1111111..2222222 100644\n\
         --- a/hw/misc/frob{number}.c\n+++ b/hw/misc/frob{number}.c\n@@ -1,3 +1,3 @@\n int a;\n\
         -int b = {number};\n+int b = {number} + 1;\n int c;\n-- \n2.40.0\n"
    )
    .into_bytes()
}
