//! The engine's state, rebuilt from the store, is what it was.
#![expect(clippy::unwrap_used, reason = "a failure of the support code is the test's failure")]

mod scene;

use std::{collections::hash_map::DefaultHasher, fmt, hash::Hasher};

use jiff::Timestamp;
use scene::{context, sample, take, text};
use tidewaiter_engine::{Command, Config, Context, Delivery, Event, State, config, judged, step};
use tidewaiter_mail::{Address, Keyring, MessageId};
use tidewaiter_policy::maintainers::Maintainers;
use tidewaiter_reply::Mode;
use tidewaiter_report::SeriesRecord;
use tidewaiter_store::{Finished, Happened, Refused, ReplyState, Store};
use tidewaiter_testkit::workspace_root;

/// A writer that keeps nothing but a hash.
#[derive(Default)]
struct Hash(DefaultHasher);

impl fmt::Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

fn hash(state: &mut State) -> u64 {
    let mut hash = Hash::default();
    state.render(&mut hash).unwrap();
    hash.0.finish()
}

/// Everything that is judged when the archive ends here; `state` is used up by that.
fn all_judged(mut state: State) -> Vec<String> {
    let all = judged(&mut state, &context());
    all.iter().map(|judged| serde_json::to_string(&SeriesRecord::new(judged)).unwrap()).collect()
}

/// The sample's context, with a digest a day for somebody.
fn with_digests() -> Context {
    let changed = config::BUILTIN
        .replace("digest-to = []", "digest-to = [\"Jane Doe <jane@example.net>\"]")
        .replace("digest-every = \"week\"", "digest-every = \"day\"");
    Context { config: Config::parse(&changed).unwrap().0, ..context() }
}

/// A store and the engine that lives on it.
struct Living {
    store: Store,
    context: Context,
    live: State,
    /// Brought up to date after each mail.
    followed: State,
    last: i64,
    delivered: usize,
}

impl Living {
    fn mail(&mut self, mail: &(Vec<u8>, Timestamp)) {
        take(&mut self.store, &mut self.live, &self.context, mail);
    }

    /// Time goes by without a mail.
    fn tick(&mut self, before: Timestamp, now: Timestamp) {
        let effects = step(&mut self.live, &self.context, Event::Tick(now));
        let writer = self.store.begin().unwrap();
        writer.tick(before).unwrap();
        writer.tick(now).unwrap();
        let carried = writer.carry_out(&self.context.config, &effects, now, &text).unwrap();
        writer.commit().unwrap();
        for event in carried.delivered() {
            step(&mut self.live, &self.context, event);
        }
    }

    fn command(&mut self, command: Command, now: Timestamp) {
        let writer = self.store.begin().unwrap();
        writer.command(&command.to_string(), now).unwrap();
        let effects = step(&mut self.live, &self.context, Event::Operator(command));
        let carried = writer.carry_out(&self.context.config, &effects, now, &text).unwrap();
        writer.commit().unwrap();
        for event in carried.delivered() {
            step(&mut self.live, &self.context, event);
        }
    }

    /// Something becomes of the oldest reply that waits, and now and then somebody refuses it.
    fn deliver(&mut self, now: Timestamp) {
        let Some(reply) = self.store.due(now, 1).unwrap().pop() else { return };
        self.delivered += 1;
        if self.delivered.is_multiple_of(3) {
            let address = "gone@example.org".to_owned();
            let answer = "550 5.1.1 gone".to_owned();
            let refused = Refused { address: address.clone(), answer, for_good: true };
            let writer = self.store.begin().unwrap();
            writer.refused(&reply.id, &[refused], now).unwrap();
            writer.commit().unwrap();
            let refused = Delivery::Refused(Address::new(&address).unwrap());
            step(&mut self.live, &self.context, Event::Delivered(reply.id.clone(), refused));
        }
        let state = ReplyState::Sent;
        let detail = "250 ok";
        let how = Finished { state, step: "end", detail, not_before: None, refused: &[], now };
        self.store.finish(&reply.id, &how).unwrap();
        step(&mut self.live, &self.context, Event::Delivered(reply.id, Delivery::Sent));
    }

    /// What is stored now, taken up where the last look ended.
    fn assert_followed(&mut self, after: usize) {
        let (store, context) = (&self.store, &self.context);
        let followed = store.rebuild(&mut self.followed, context, self.last, |_| ()).unwrap();
        self.last = followed.last;
        assert_eq!(hash(&mut self.followed), hash(&mut self.live), "after mail {after}");
    }

    /// And from the very start.
    fn anew(&mut self) -> (State, u64) {
        let mut anew = State::new();
        let rebuilt = self.store.rebuild(&mut anew, &self.context, 0, |_| ()).unwrap();
        (anew, rebuilt.mails)
    }

    fn assert_anew(&mut self, after: usize) -> u64 {
        let (mut anew, mails) = self.anew();
        assert_eq!(hash(&mut anew), hash(&mut self.live), "anew after mail {after}");
        mails
    }

    /// Some mails are gone: the daemon makes its engine anew.
    fn after_loss(&mut self) {
        (self.live, _) = self.anew();
        (self.followed, _) = self.anew();
        self.last = self.store.last_event().unwrap();
    }
}

#[test]
fn at_every_event_of_the_sample() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("store")).unwrap();
    let mut living = Living {
        store,
        context: with_digests(),
        live: State::new(),
        followed: State::new(),
        last: 0,
        delivered: 0,
    };
    let mails = sample();
    assert!(mails.len() > 300);
    let (purged, forgotten) = (mails.len() * 2 / 3, mails.len() * 5 / 6);
    let mut gone = false;
    for (number, mail) in mails.iter().enumerate() {
        living.mail(mail);
        let minutes = |minutes| mail.1 + jiff::SignedDuration::from_mins(minutes);
        if number % 7 == 3 {
            living.tick(minutes(20), minutes(50));
        }
        if number % 11 == 5 {
            living.deliver(minutes(50));
        }
        let header = tidewaiter_patch::Mail::parse(&mail.0).header;
        let (id, author) = (header.message_id, header.from.and_then(|from| from.address));
        if let (19, Some(author)) = (number % 40, author.clone()) {
            living.command(Command::OptOut(author.clone()), mail.1);
            living.command(Command::OptIn(author), mail.1);
        }
        if let (29, Some(id)) = (number % 40, id) {
            living.command(Command::Recheck(id), mail.1);
        }
        if number == purged {
            assert!(living.store.purge(mails[number / 2].1).unwrap().mails > 20);
            living.after_loss();
            gone = true;
        }
        if number == forgotten {
            assert!(living.store.forget(&author.unwrap()).unwrap().mails > 0);
            living.after_loss();
        }
        living.assert_followed(number);
        if number % 20 == 0 || number + 1 == mails.len() {
            let rebuilt = living.assert_anew(number);
            assert!(gone || rebuilt == number as u64 + 1);
        }
    }
    let all: Vec<_> =
        ReplyState::ALL.iter().flat_map(|state| living.store.replies(*state).unwrap()).collect();
    let of = |kind: &str| all.iter().filter(|reply| reply.kind == kind).count();
    assert!(of("summary") > 10 && of("digest") > 1 && living.delivered > 5, "{}", all.len());
    let (anew, live) = (all_judged(living.anew().0), all_judged(living.live));
    assert!(live.len() >= 50, "{}", live.len());
    assert_eq!(anew, live);
}

/// Who signed a mail is found out again.
#[test]
fn a_key_counts_in_what_is_rebuilt() {
    let file = |name: &str| std::fs::read(workspace_root().join("fixtures/patatt").join(name));
    let text = |name: &str| String::from_utf8(file(name).unwrap()).unwrap();
    let mut context = context();
    context.overrides.policy = Some("qemu-proposed-2026-05".to_owned());
    context.maintainers = Some(Maintainers::parse(&text("MAINTAINERS")).0);
    let mut keyring = Keyring::default();
    let mia = Address::new("mia@example.org").unwrap();
    keyring.add(mia, "20260101", &text("keyring/ed25519/example.org/mia/20260101")).unwrap();
    context.keyring = Some(keyring);
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("store")).unwrap();
    let mut live = State::new();
    for (name, time) in [("patch.eml", 1_768_384_800), ("agree.eml", 1_768_388_400)] {
        let mail = (file(name).unwrap(), Timestamp::from_second(time).unwrap());
        take(&mut store, &mut live, &context, &mail);
    }
    let mut anew = State::new();
    store.rebuild(&mut anew, &context, 0, |_| ()).unwrap();
    for state in [&mut live, &mut anew] {
        let all = judged(state, &context);
        let [one] = all.as_slice() else { panic!("{} series", all.len()) };
        let record = serde_json::to_value(SeriesRecord::new(one)).unwrap();
        assert_eq!(record["agreements"][0]["trust"], "person");
    }
}

const HOUR: i64 = 3_600;
const START: i64 = 1_780_272_000;

/// A mail of `al@example.org` that the server vouches for: hour, id, the id it answers, subject, text.
fn mail(hour: i64, id: &str, to: &str, subject: &str, text: &str) -> (Vec<u8>, Timestamp) {
    let time = Timestamp::from_second(START + hour * HOUR).unwrap();
    let date = time.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let above = if to.is_empty() { String::new() } else { format!("In-Reply-To: <{to}@x>\n") };
    let raw = format!(
        "Authentication-Results: mx.example.net; dkim=pass header.d=example.org\n\
         From: Al <al@example.org>\nTo: qemu-devel@nongnu.org\nDate: {date}\n{above}\
         Message-ID: <{id}@x>\nSubject: {subject}\nList-Id: <qemu-devel.nongnu.org>\n\n{text}\n"
    );
    (raw.into_bytes(), time)
}

fn patch(hour: i64, id: &str, title: &str) -> (Vec<u8>, Timestamp) {
    let text = format!(
        "AI-used-for: code\nSigned-off-by: Al <al@example.org>\n---\n hw/misc/frob.c | 1 +\n\n\
         diff --git a/hw/misc/frob.c b/hw/misc/frob.c\n--- a/hw/misc/frob.c\n\
         +++ b/hw/misc/frob.c\n@@ -1 +1,2 @@\n a\n+{title}\n-- \n2.47.3"
    );
    mail(hour, id, "", &format!("[PATCH] {title}"), &text)
}

/// Commands of an operator, words of mails, and what became of replies are taken up again; what is
/// no event of the engine's is handed on.
#[test]
fn commands_and_deliveries_are_taken_again() {
    let mut context = context();
    let changed =
        config::BUILTIN.replace("authserv-ids = []", "authserv-ids = [\"mx.example.net\"]");
    context.config = Config::parse(&changed).unwrap().0;
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("store")).unwrap();
    let mut live = State::new();
    let take_all = |store: &mut Store, live: &mut State, mails: &[(Vec<u8>, Timestamp)]| {
        let mut commands = Vec::new();
        for mail in mails {
            commands.extend(take(store, live, &context, mail).commands);
        }
        commands
    };
    take_all(&mut store, &mut live, &[patch(0, "a", "one"), patch(20, "b", "two")]);
    let bo = Address::new("bo@example.org").unwrap();
    let a = MessageId::new("a@x").unwrap();
    for command in [
        Command::OptOut(bo.clone()),
        Command::OptIn(bo.clone()),
        Command::OptOut(bo),
        Command::Recheck(a.clone()),
        Command::PolicyChanged { day: "2026-06-02".parse().unwrap(), project: "QEMU".to_owned() },
        Command::Stop,
    ] {
        let now = Timestamp::from_second(START + 21 * HOUR).unwrap();
        let writer = store.begin().unwrap();
        writer.command(&command.to_string(), now).unwrap();
        let effects = step(&mut live, &context, Event::Operator(command));
        let carried = writer.carry_out(&context.config, &effects, now, &text).unwrap();
        for event in carried.delivered() {
            step(&mut live, &context, event);
        }
        writer.commit().unwrap();
    }
    let now = Timestamp::from_second(START + 22 * HOUR).unwrap();
    let cy = Refused {
        address: "cy@example.org".to_owned(),
        answer: "550 gone".to_owned(),
        for_good: true,
    };
    let writer = store.begin().unwrap();
    writer.refused(&a, &[cy], now).unwrap();
    writer.command("open the window", now).unwrap();
    writer.commit().unwrap();
    let cy = Address::new("cy@example.org").unwrap();
    step(&mut live, &context, Event::Delivered(a.clone(), Delivery::Refused(cy)));

    // By mail: the question is answered, and the wish is stored as a command.
    let said = [
        mail(23, "w", "a", "Re: [PATCH] one", "tidewaiter: why"),
        mail(24, "n", "b", "Re: [PATCH] two", "tidewaiter: never"),
    ];
    let commands = take_all(&mut store, &mut live, &said);
    assert_eq!(commands, [Command::OptOut(Address::new("al@example.org").unwrap())]);

    let mut anew = State::new();
    let mut others = Vec::new();
    store.rebuild(&mut anew, &context, 0, |happened| others.push(happened)).unwrap();
    assert_eq!(hash(&mut anew), hash(&mut live));
    assert_eq!(others, [Happened::Command(now, "open the window".to_owned())]);
    let ready = store.replies(ReplyState::Ready).unwrap();
    let to: Vec<_> =
        ready.iter().filter(|r| r.kind == "why").map(|r| r.recipients.as_slice()).collect();
    assert_eq!(to, [["al@example.org"]]);
    let asked = ready.iter().find(|r| r.kind == "why").map(|r| r.about);
    assert_eq!(asked, Timestamp::from_second(START + 23 * HOUR).ok());

    // Who is forgotten is answered no more, whoever stored the answer.
    let answer = ready.iter().find(|r| r.kind == "why").map(|r| r.id.clone()).unwrap();
    for by_name in [true, false] {
        if !by_name {
            let conn = rusqlite::Connection::open(folder.path().join("store")).unwrap();
            let back = "UPDATE replies SET state = 'ready', author = NULL, bytes = x'20',
                extra = 'Al@example.org' WHERE kind = 'why'";
            conn.execute_batch(back).unwrap();
        }
        let gone = store.forget(&Address::new("al@example.org").unwrap()).unwrap();
        assert!(gone.replies > 0, "{by_name}");
        let left = store.reply(&answer).unwrap().unwrap();
        assert_eq!((left.state, left.bytes), (ReplyState::Cancelled, None), "{by_name}");
        assert_eq!(left.recipients, Vec::<String>::new());
    }
    let conn = rusqlite::Connection::open(folder.path().join("store")).unwrap();
    let named: i64 = conn
        .query_row("SELECT count(*) FROM replies WHERE extra LIKE '%al@%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(named, 0);
    drop(conn);

    // When every mail is gone, the wish holds.
    let mut without = State::new();
    let only = |text: &str| Event::Operator(Command::parse(text).unwrap());
    step(&mut without, &context, only("opt-out al@example.org"));
    let replies =
        step_all(&mut without, &context, &[patch(40, "c", "three"), patch(80, "d", "four")]);
    assert_eq!(replies, 0);
}

/// What became of a reply, and with it what the next version is told, is taken again.
#[test]
fn what_was_not_said_is_taken_again() {
    let context = context();
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("store")).unwrap();
    let mut live = State::new();
    let mut last = 0;
    let mut same = |store: &Store, live: &mut State| {
        let mut anew = State::new();
        store.rebuild(&mut anew, &context, 0, |_| ()).unwrap();
        last = store.rebuild(live, &context, last, |_| ()).unwrap().last;
        assert_eq!(hash(&mut anew), hash(live));
    };
    for number in 0..4 {
        take(
            &mut store,
            &mut State::new(),
            &context,
            &patch(number, &format!("a{number}"), &format!("t{number}")),
        );
    }
    let tick = |store: &mut Store, live: &mut State, hour: i64| {
        let now = Timestamp::from_second(START + hour * HOUR).unwrap();
        let effects = step(live, &context, Event::Tick(now));
        let writer = store.begin().unwrap();
        writer.tick(now).unwrap();
        writer.carry_out(&context.config, &effects, now, &text).unwrap();
        writer.commit().unwrap();
    };
    same(&store, &mut live);
    tick(&mut store, &mut live, 20);
    let mut ready = store.replies(ReplyState::Ready).unwrap();
    ready.sort_by(|a, b| a.series.cmp(&b.series));
    let ids: Vec<_> = ready.into_iter().map(|reply| reply.id).collect();
    let writer = store.begin().unwrap();
    writer.hold(&ids[0], "cap", "a cap").unwrap();
    writer.change(&ids[1], &[ReplyState::Ready], ReplyState::Dropped, None).unwrap();
    assert!(writer.cancel(&ids[2]).unwrap());
    writer.commit().unwrap();
    same(&store, &mut live);
    // Each next version with the same tag is told what nobody was told.
    for (number, hour) in (0..4).zip(30..) {
        let (raw, time) = patch(hour, &format!("b{number}"), &format!("t{number}"));
        let raw = String::from_utf8(raw).unwrap().replace("[PATCH]", "[PATCH v2]").into_bytes();
        take(&mut store, &mut State::new(), &context, &(raw, time));
    }
    same(&store, &mut live);
    tick(&mut store, &mut live, 60);
    let mut told: Vec<String> = store
        .replies(ReplyState::Ready)
        .unwrap()
        .into_iter()
        .map(|reply| reply.series)
        .filter(|series| series.starts_with('b'))
        .collect();
    told.sort();
    assert_eq!(told, ["b0@x", "b1@x", "b2@x"]);
}

/// What an operator asks for by mail is done in the transaction that stores the mail.
#[test]
fn what_is_asked_by_mail_is_done() {
    let mut context = context();
    context.overrides.mode = Some(Mode::Hold);
    let changed =
        config::BUILTIN.replace("authserv-ids = []", "authserv-ids = [\"mx.example.net\"]");
    context.config = Config::parse(&changed).unwrap().0;
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("store")).unwrap();
    let mut live = State::new();
    for mail in [patch(0, "a", "one"), patch(20, "b", "two")] {
        take(&mut store, &mut live, &context, &mail);
    }
    let held = store.replies(ReplyState::Held).unwrap()[0].id.clone();
    let by_operator = |hour: i64, id: &str, words: &str| {
        let (raw, time) = mail(hour, id, "a", "Re: [PATCH] one", words);
        let raw = String::from_utf8(raw).unwrap().replace("al@example.org", "operator@example.net");
        (raw.replace("header.d=example.org", "header.d=example.net").into_bytes(), time)
    };
    let release = by_operator(21, "r", &format!("tidewaiter: release <{held}>"));
    assert_eq!(take(&mut store, &mut live, &context, &release).commands.len(), 1);
    assert!(store.reply(&held).unwrap().unwrap().released.is_some());
    assert!(store.stopped().unwrap().is_none());
    let stop = by_operator(22, "s", "tidewaiter: stop");
    assert_eq!(take(&mut store, &mut live, &context, &stop).commands, [Command::Stop]);
    assert!(store.stopped().unwrap().is_some());
    // It asks for quiet in its thread, too.
    assert_eq!(store.reply(&held).unwrap().unwrap().state, ReplyState::Cancelled);
    let mut anew = State::new();
    store.rebuild(&mut anew, &context, 0, |_| ()).unwrap();
    assert_eq!(hash(&mut anew), hash(&mut live));
}

/// How many replies come of these mails.
fn step_all(state: &mut State, context: &Context, mails: &[(Vec<u8>, Timestamp)]) -> usize {
    let mut effects = Vec::new();
    for (raw, time) in mails {
        let arrival = tidewaiter_engine::Arrival::new(context, context.read(raw), *time);
        effects.extend(step(state, context, Event::Mail(Box::new(arrival))));
    }
    effects.iter().filter(|effect| matches!(effect, tidewaiter_engine::Effect::Queue(_))).count()
}

#[test]
fn the_hash_sees_a_difference() {
    let context = context();
    let mut state = State::new();
    let before = hash(&mut state);
    step(&mut state, &context, Event::Tick(Timestamp::from_second(5).unwrap()));
    assert_ne!(hash(&mut state), before);
}

#[test]
fn the_next_wake_is_known_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("store")).unwrap();
    let context = context();
    let mut live = State::new();
    let mails = sample();
    let mut wake = None;
    for mail in &mails[..40] {
        let carried = take(&mut store, &mut live, &context, mail);
        wake = carried.wake.into_iter().chain(wake).filter(|w| *w > mail.1).min();
    }
    let rebuilt = store.rebuild(&mut State::new(), &context, 0, |_| ()).unwrap();
    assert!(wake.is_some());
    // A wake that was asked for and passed may be asked for anew, never one missed.
    assert!(rebuilt.wake <= wake, "{:?} {wake:?}", rebuilt.wake);
}

/// How many mails a second are stored and taken: `--run-ignored only how_fast --no-capture`.
#[test]
#[ignore = "it measures, and proves nothing"]
fn how_fast() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("store")).unwrap();
    let (context, mails) = (context(), sample());
    for (how, batch) in [("one by one", 1), ("in batches of 50", 50)] {
        let (mut live, mut bytes) = (State::new(), 0);
        let began = std::time::Instant::now();
        for chunk in mails.chunks(batch) {
            let raws: Vec<Vec<u8>> = chunk
                .iter()
                .map(|(raw, _)| [format!("X-Batch: {batch}\n").as_bytes(), raw].concat())
                .collect();
            let hashes: Vec<_> =
                raws.iter().map(|raw| tidewaiter_store::RawHash::of(raw)).collect();
            store.begin_parsing(&hashes).unwrap();
            let writer = store.begin().unwrap();
            for (raw, (_, time)) in raws.iter().zip(chunk) {
                bytes += raw.len();
                let mail = tidewaiter_patch::Mail::parse(raw);
                let arrival = tidewaiter_engine::Arrival::new(&context, mail, *time);
                writer.mail(&tidewaiter_store::NewMail::of(raw, &arrival)).unwrap();
                let effects = step(&mut live, &context, Event::Mail(Box::new(arrival)));
                writer.carry_out(&context.config, &effects, *time, &text).unwrap();
            }
            writer.commit().unwrap();
        }
        let rate = mails.len() as f64 / began.elapsed().as_secs_f64();
        println!("{how}: {rate:.0} mails a second, {} bytes a mail", bytes / mails.len());
    }
}

const STORE: &str = "TIDEWAITER_TEST_STORE";

/// A start on a large store, in a process of its own; nothing by itself.
#[test]
fn start() {
    let Ok(path) = std::env::var(STORE) else { return };
    let mut store = Store::open(std::path::Path::new(&path)).unwrap();
    let began = std::time::Instant::now();
    let mut state = State::new();
    let rebuilt = store.rebuild_all(&mut state, &context(), |_| (), || ()).unwrap();
    let took = began.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let most = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    let rate = rebuilt.mails as f64 / took;
    println!("rebuilt: {} mails in {took:.1} s, {rate:.0} a second, {most}", rebuilt.mails);
}

/// How long a start takes that reads so many mails: `--run-ignored only a_start --no-capture`.
#[test]
#[ignore = "it measures, and proves nothing"]
fn a_start_on_a_large_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let (context, mails) = (context(), sample());
    let (mut live, mut count, mut next) = (State::new(), 0, 20_000);
    for copy in 0_i64.. {
        let mut store = Store::open(&path).unwrap();
        for chunk in mails.chunks(50) {
            let writer = store.begin().unwrap();
            for (raw, time) in chunk {
                // Two weeks later, under other ids, with other lines.
                let time = *time + jiff::SignedDuration::from_hours(24 * 14 * copy);
                let raw = other(raw, copy);
                let arrival = tidewaiter_engine::Arrival::new(&context, context.read(&raw), time);
                writer.mail(&tidewaiter_store::NewMail::of(&raw, &arrival)).unwrap();
                let effects = step(&mut live, &context, Event::Mail(Box::new(arrival)));
                writer.carry_out(&context.config, &effects, time, &text).unwrap();
                count += 1;
            }
            writer.commit().unwrap();
        }
        drop(store);
        if count >= next {
            let mut command = std::process::Command::new(std::env::current_exe().unwrap());
            command.args(["--exact", "start", "--nocapture"]).env(STORE, &path);
            let said = command.output().unwrap().stdout;
            let said = String::from_utf8(said).unwrap();
            println!("{}", said.lines().find(|line| line.contains("rebuilt")).unwrap());
            next = if next < 50_000 { 50_000 } else { return };
        }
    }
}

/// The mail as another one.
fn other(raw: &[u8], copy: i64) -> Vec<u8> {
    let text = String::from_utf8_lossy(raw);
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let head = head
        .replace('<', &format!("<{copy}-"))
        .replace(&format!("<{copy}-qemu-devel"), "<qemu-devel");
    let line = |line: &str| match line.strip_prefix('+').filter(|_| !line.starts_with("+++")) {
        Some(rest) => format!("+{copy} {rest}\n"),
        None => format!("{line}\n"),
    };
    let body: String = body.lines().map(line).collect();
    format!("{head}\n\n{body}").into_bytes()
}
