//! Two recorded weeks through Postfix, the lists and Dovecot: the daemon sends what a dry run of
//! the same mails writes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use jiff::{SignedDuration, Timestamp};
use tidewaiter_mail::{Message, MessageId, mbox::Splitter};
use tidewaiter_store::{ReplyRow, ReplyState};
use tidewaiter_testkit::{
    dovecot::USER,
    rig::{Post, as_sent},
};

use crate::{
    program::{root, run},
    scene::{AUTHSERV, Scene, Setup},
};

/// How long a series settles.
const SETTLE: SignedDuration = SignedDuration::from_hours(12);
/// The longest time between two looks.
const STEP: SignedDuration = SignedDuration::from_hours(12);

/// A mail of the sample: when it came, to which list, and as its author sent it.
struct Recorded {
    time: Timestamp,
    id: Option<MessageId>,
    list: String,
    raw: Vec<u8>,
}

fn recorded() -> Vec<Recorded> {
    let archive = fs::read(root().join("fixtures/mbox/qemu-sample.mbox")).unwrap();
    let mut splitter = Splitter::new(16 << 20);
    splitter.feed(&archive);
    splitter.finish();
    let mut all = Vec::new();
    while let Some(cut) = splitter.take() {
        for (_, raw) in cut.iter() {
            let message = Message::parse(raw);
            let date = message.date.as_ref().map(|date| date.timestamp);
            let Some(time) = message.received.or(date) else { continue };
            let list = message.lists.first().map_or("qemu-devel.nongnu.org", |list| list.as_str());
            let list = list.replacen('.', "@", 1);
            let id = message.message_id.clone();
            all.push(Recorded { time, id, list, raw: as_sent(raw) });
        }
    }
    all.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    all
}

/// When something is to be said, as a dry run of the sample has it: nothing that comes later may
/// be known by then.
fn moments(scene: &Scene, mails: &[Recorded]) -> BTreeSet<Timestamp> {
    let times: BTreeMap<&str, Timestamp> =
        mails.iter().filter_map(|mail| Some((mail.id.as_ref()?.as_str(), mail.time))).collect();
    let config = scene.path("tidewaiter.toml").display().to_string();
    let sample = "fixtures/mbox/qemu-sample.mbox";
    let args = ["dry-run", sample, "--config", &config, "--as-configured", "--jsonl=-", "-q"];
    let ran = run(&args);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let moment = |line: &str| -> Option<Timestamp> {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        record["reply"].as_object()?;
        let patches = record["patches"].as_array()?.iter().map(|patch| &patch["message_id"]);
        let ids = patches.chain([&record["id"]]).filter_map(|id| times.get(id.as_str()?));
        Some(*ids.max()? + SETTLE)
    };
    ran.stdout.lines().filter_map(moment).collect()
}

/// A reply without what differs by nature: its Date, and how a field is folded on the way.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    answers: Option<MessageId>,
    to: Vec<String>,
    cc: Vec<String>,
    subject: String,
    fields: BTreeMap<String, String>,
    text: String,
}

fn said(raw: &[u8]) -> (MessageId, Said) {
    let message = Message::parse(raw);
    let id = message.message_id.clone().unwrap();
    let people = |all: &[tidewaiter_mail::Mailbox]| {
        all.iter().map(|m| m.address.as_ref().unwrap().as_str().to_owned()).collect()
    };
    let head = String::from_utf8_lossy(raw).replace("\r\n", "\n");
    let head = head.split("\n\n").next().unwrap().replace("\n ", " ").replace("\n\t", " ");
    let wanted = ["auto-submitted", "precedence", "x-loop", "x-tidewaiter", "references"];
    let fields = head.lines().filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        let name = name.to_ascii_lowercase();
        wanted.contains(&name.as_str()).then(|| (name, value.trim().to_owned()))
    });
    let said = Said {
        answers: message.in_reply_to.clone(),
        to: people(&message.to),
        cc: people(&message.cc),
        subject: message.subject.clone().unwrap(),
        fields: fields.collect(),
        text: message.body.replace("\r\n", "\n").trim_end().to_owned(),
    };
    (id, said)
}

impl Scene {
    /// Runs the daemon until it has taken all that came, and looked at what is due at a time.
    fn look_until(&mut self, time: Timestamp, due: bool) {
        self.start_watching();
        self.wait_until_stored();
        if due {
            self.wait("what is due is looked at", |scene| scene.looked() >= Some(time));
        }
        self.wait_until_nothing_waits();
        // What it has sent comes back.
        self.wait_until_stored();
        assert!(self.end().success(), "{}", self.log());
    }
}

#[test]
fn two_recorded_weeks_are_answered_as_a_dry_run_says() {
    let list = "mode = \"list\"\ndecline = \"list\"\nspeak-on = [\"decline\", \"ask\", \"disclosure\"]\n\
                digest-to = [\"readers@example.net\"]\n";
    let setup = Setup { list: list.to_owned(), ..Setup::default() };
    let Some(mut scene) = Scene::new(setup) else { return };
    let mails = recorded();
    assert!(mails.len() > 300, "{}", mails.len());
    let first = mails.first().unwrap().time;
    scene.rig.set_clock(first - SignedDuration::from_secs(1));
    scene.start_watching();
    assert!(scene.end().success(), "{}", scene.log());

    // Whatever is said is said before a later mail comes, as it would be.
    let moments = moments(&scene, &mails);
    let last = mails.last().unwrap().time;
    let mut rest = mails.iter().peekable();
    let mut now = first;
    while let Some(next) = rest.peek() {
        let until = moments.range(next.time..).next().copied().unwrap_or(last);
        let until = until.min(now + STEP).max(next.time);
        // While it does not run: the clock goes on by hours at once, and the daemon is not to look at
        // what is due before it has seen what came by then.
        scene.rig.set_clock(until);
        while let Some(mail) = rest.next_if(|mail| mail.time <= until) {
            scene.rig.send_in_order(Post::new(&mail.raw).to(&mail.list).at(mail.time));
        }
        scene.look_until(until, moments.contains(&until));
        now = until;
    }
    for moment in moments.range(last..).filter(|moment| **moment > last) {
        scene.rig.set_clock(*moment);
        scene.look_until(*moment, true);
    }
    // The digest of the last week is due when that is over.
    let now = scene.pass(SignedDuration::from_hours(24 * 7));
    scene.look_until(now, true);

    // The same mails, as the mailbox has them, through a dry run.
    let folder = scene.path("mails");
    fs::create_dir(&folder).unwrap();
    let mut kept = 0;
    for (number, raw) in scene.rig.mailbox_export().iter().enumerate() {
        let from = Message::parse(raw).from.and_then(|from| from.address);
        if from.is_none_or(|from| from.as_str() != USER) {
            kept += 1;
            fs::write(folder.join(format!("{number:04}.eml")), raw).unwrap();
        }
    }
    assert_eq!(kept, mails.len());
    let path = |name: &str| scene.path(name).display().to_string();
    let trust = format!("--trust-authserv={AUTHSERV}");
    let (config, key) = (path("tidewaiter.toml"), format!("--key={}", path("key")));
    let replies = format!("--replies={}", path("replies"));
    let (mails, jsonl) = (path("mails"), format!("--jsonl={}", path("jsonl")));
    let ran = run(&[
        "dry-run",
        &mails,
        "--config",
        &config,
        "--as-configured",
        &trust,
        &key,
        &replies,
        &jsonl,
        "-q",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);

    let mut wanted = BTreeMap::new();
    let mut held = BTreeSet::new();
    for entry in fs::read_dir(scene.path("replies")).unwrap() {
        let raw = fs::read(entry.unwrap().path()).unwrap();
        let (id, said) = said(&raw);
        if raw.windows(19).any(|w| w == b"X-Tidewaiter-Held: ") {
            held.insert(id);
        } else {
            wanted.insert(id, said);
        }
    }
    let list_got = scene.spoken().into_iter().map(|mail| mail.raw);
    let people_got = scene.rig.private_mails().into_iter().filter(|m| m.sender == USER);
    let got: BTreeMap<MessageId, Said> =
        list_got.chain(people_got.map(|mail| mail.raw)).map(|raw| said(&raw)).collect();
    let summaries = wanted.keys().filter(|id| scene.store().reply(id).unwrap().is_some()).count();
    println!("{} replies were sent, {} held", got.len(), held.len());
    assert_eq!(summaries, wanted.len());
    assert!(wanted.len() >= 10, "{}", wanted.len());
    for (id, said) in &wanted {
        assert_eq!(got.get(id), Some(said), "{id}");
    }
    assert_eq!(got.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    // One that waited for a person may be no longer wanted, which a dry run does not tell.
    let waits = |row: &&ReplyRow| matches!(row.state, ReplyState::Held | ReplyState::Cancelled);
    let rows = scene.replies();
    let waited: BTreeSet<&MessageId> = rows.iter().filter(waits).map(|row| &row.id).collect();
    assert_eq!(waited, held.iter().collect());
    scene.assert_never_two();
}
