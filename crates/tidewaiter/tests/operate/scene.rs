//! A folder with a configuration and a store that has replies in every state.

use std::{fs, path::PathBuf, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tidewaiter_mail::{Address, Mailbox, MessageId};
use tidewaiter_reply::{HeldBy, Reply, ReplyKind};
use tidewaiter_store::{Finished, Limits, NewReply, ReplyState, Store};

use crate::program::{self, Ran};

pub(crate) const LIST: &str = "frob-devel@lists.example.org";

const CONFIG: &str = r#"
[identity]
address = "tidewaiter@bot.example.net"
name = "tidewaiter"
operator = "Olga Operator <olga@example.net>"

[[lists]]
id = "frob-devel.lists.example.org"
address = "frob-devel@lists.example.org"
name = "frob-devel"
project = "Frob"
policy = "qemu-2025-06"
mode = "list"

[store]
file = "store"
"#;

pub(crate) struct Scene {
    folder: TempDir,
}

/// The digits of a reply's id.
fn digits(number: u32) -> String {
    format!("{:08x}", number.wrapping_mul(0x9e37_79b1)).repeat(4)
}

pub(crate) fn id(number: u32) -> MessageId {
    MessageId::new(&format!("tw.{}@bot.example.net", digits(number))).unwrap()
}

/// As an operator types it.
pub(crate) fn short(number: u32) -> String {
    format!("tw.{}", digits(number).chars().take(8).collect::<String>())
}

pub(crate) fn start() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

fn after(hours: i64) -> Timestamp {
    start() + SignedDuration::from_hours(hours)
}

impl Scene {
    /// A configuration and no store.
    pub(crate) fn empty() -> Self {
        let scene = Self { folder: tempfile::tempdir().unwrap() };
        // One that may be spoken by on any day on which the tests run.
        let name = "qemu-2025-06.toml";
        let policy = program::root().join("config/policies").join(name);
        let policy = fs::read_to_string(policy).unwrap();
        let lines = policy.lines().filter(|line| !line.starts_with("review-by"));
        let lines = lines.map(|line| match line.split(' ').next() {
            Some("checked") => "checked = \"2999-01-01\"",
            _ => line,
        });
        fs::create_dir(scene.path("policies")).unwrap();
        let policy = lines.collect::<Vec<_>>().join("\n");
        fs::write(scene.path("policies").join(name), policy).unwrap();
        scene.configure("");
        scene
    }

    /// And a store that knows its past, with nothing in it.
    pub(crate) fn new() -> Self {
        let scene = Self::empty();
        scene.open().trust_past().unwrap();
        scene
    }

    /// And replies: 1 held, 2 waiting, 3 in doubt, 4 sent, 5 dead, 6 held by a cap.
    pub(crate) fn filled() -> Self {
        let scene = Self::new();
        let mut store = scene.open();
        for number in 1..=6 {
            queue(&mut store, number, "Re: [PATCH v2 0/3] hw/misc: add frob device");
        }
        let writer = store.begin().unwrap();
        writer.hold(&id(6), "cap", "the cap of an hour is reached").unwrap();
        writer.commit_operation().unwrap();
        tried(&mut store, 3, ReplyState::Doubt, "body", "the server said nothing for too long");
        tried(&mut store, 4, ReplyState::Sent, "body", "250 2.0.0 Ok: queued as 4F1A");
        tried(&mut store, 5, ReplyState::Dead, "rcpt", "550 5.1.1 no such user");
        drop(store);
        scene
    }

    /// Writes the configuration, with more at its end.
    pub(crate) fn configure(&self, more: &str) {
        let files =
            if more.contains("[files]") { "" } else { "[files]\npolicies = \"policies\"\n" };
        fs::write(self.path("tidewaiter.toml"), format!("{CONFIG}{files}{more}")).unwrap();
    }

    /// The same, and nothing is ever sent.
    pub(crate) fn configure_observing(&self, more: &str) {
        let config = CONFIG.replace("mode = \"list\"", "mode = \"observe\"");
        fs::write(self.path("tidewaiter.toml"), format!("{config}{more}")).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The names of all files.
    pub(crate) fn files(&self) -> Vec<String> {
        let all = fs::read_dir(self.folder.path()).unwrap();
        let mut all: Vec<String> =
            all.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        all.retain(|name| name != "policies");
        all.sort();
        all
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(&self.path("store")).unwrap()
    }

    pub(crate) fn state(&self, number: u32) -> ReplyState {
        self.open().reply(&id(number)).unwrap().unwrap().state
    }

    pub(crate) fn command(&self, args: &[&str]) -> std::process::Command {
        let config = format!("--config={}", self.path("tidewaiter.toml").display());
        let mut command = program::command(&[args, &[config.as_str()]].concat());
        command.env("TIDEWAITER_PATIENCE_MS", Duration::from_secs(10).as_millis().to_string());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let output = self.command(args).output().expect("failed to start the program");
        self.ran(&output)
    }

    /// What it printed, with a short name for this folder.
    pub(crate) fn ran(&self, output: &std::process::Output) -> Ran {
        let folder = self.folder.path().to_str().unwrap();
        let text = |bytes: &[u8]| {
            String::from_utf8(bytes.to_vec())
                .expect("the output is no UTF-8")
                .replace(folder, "DIR")
        };
        Ran {
            code: output.status.code().expect("a signal ended the program"),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Standard output of a run that goes well.
    pub(crate) fn shown(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{args:?}");
        ran.stdout
    }
}

/// Queues a reply; the first one is held.
pub(crate) fn queue(store: &mut Store, number: u32, subject: &str) {
    let person = |text: &str| Mailbox::parse(text).unwrap();
    let series = MessageId::new(&format!("series{number}@example.org")).unwrap();
    let author = Address::new(&format!("alice{number}@example.org")).unwrap();
    let reply = Reply {
        id: id(number),
        kind: ReplyKind::Summary,
        list: Address::new(LIST).unwrap(),
        to: vec![person(LIST)],
        cc: vec![person(&format!("Alice Author <{author}>"))],
        from: person("tidewaiter <tidewaiter@bot.example.net>"),
        subject: subject.to_owned(),
        in_reply_to: Some(series.clone()),
        references: vec![series],
        policy: "qemu-2025-06".to_owned(),
        body: "Patch 1 states AI use.\n\nPeople decide.\n\n-- \ntidewaiter\n".to_owned(),
        held_by: (number == 1).then_some(HeldBy::FirstSeries),
    };
    let at = after(i64::from(number));
    let new = NewReply {
        reply: &reply,
        project: "Frob",
        list_id: Some("frob-devel.lists.example.org"),
        author: Some(&author),
        rules: vec!["declared-under-ban"],
        about: at,
        now: at,
    };
    let writer = store.begin().unwrap();
    writer.queue(&new).unwrap();
    writer.commit().unwrap();
}

fn tried(store: &mut Store, number: u32, state: ReplyState, step: &str, detail: &str) {
    let now = after(20 + i64::from(number));
    let limits = Limits { hour: 50, day: 200, domain_day: 200, ..Limits::default() };
    store.arm(&id(number), &limits, &[], now).unwrap();
    let how = Finished { state, step, detail, not_before: None, now, refused: &[] };
    store.finish(&id(number), &how).unwrap();
}
