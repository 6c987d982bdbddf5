//! The process dies at every point, and at any time: nothing is lost, nothing is half there.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failure of the support code is the test's failure"
)]

mod scene;

use std::{
    env,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use jiff::Timestamp;
use scene::{context, sample, take, text};
use tidewaiter_engine::{Event, State, step};
use tidewaiter_mail::{Address, MessageId};
use tidewaiter_store::{
    Arming, Beside, Finished, Limits, Look, Point, RawHash, ReplyState, Store, View,
};

const STORE: &str = "TIDEWAITER_TEST_STORE";

/// How much of the sample is taken: each mail is two commits.
const MAILS: usize = 150;

/// Runs the test `child` of this program on a store, to die at a point.
fn spawn(store: &Path, die_at: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(STORE, store)
        .env("TIDEWAITER_DIE_AT", die_at)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A start of the daemon on a store that has mails; nothing by itself.
#[test]
fn start() {
    let Ok(path) = env::var(STORE) else { return };
    let mut store = Store::open(Path::new(&path)).unwrap();
    store.rebuild_all(&mut State::new(), &context(), |_| (), || ()).unwrap();
}

#[test]
fn a_stored_mail_that_takes_a_newer_program_down_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = Store::open(&path).unwrap();
    let (context, mut state, mails) = (context(), State::new(), sample());
    for mail in &mails[..20] {
        take(&mut store, &mut state, &context, mail);
    }
    drop(store);
    let start = |die_at: &str| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "start"]).env(STORE, &path).env("TIDEWAITER_DIE_AT", die_at);
        command.output().unwrap().status.success()
    };
    for _ in 0..2 {
        assert!(!start("in-rebuild:12"));
    }
    assert!(start("nowhere"));
    let mut store = Store::open(&path).unwrap();
    let aside = store.quarantined().unwrap();
    assert_eq!(aside.len(), 1);
    assert_eq!(aside[0].time, mails[11].1);
    // It is found once and for all, and the rest is taken as ever.
    let rebuilt = store.rebuild_all(&mut State::new(), &context, |_| (), || ()).unwrap();
    assert_eq!((rebuilt.mails, store.quarantined().unwrap().len()), (19, 1));
    is_whole(&store);
}

#[test]
fn a_start_that_is_killed_again_and_again_puts_nothing_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = Store::open(&path).unwrap();
    let (context, mut state) = (context(), State::new());
    for mail in &sample()[..20] {
        take(&mut store, &mut state, &context, mail);
    }
    drop(store);
    for at in [12, 3, 7, 15, 4, 9] {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "start"]).env(STORE, &path);
        command.env("TIDEWAITER_DIE_AT", format!("in-rebuild:{at}"));
        assert!(!command.output().unwrap().status.success());
    }
    let mut store = Store::open(&path).unwrap();
    let told = std::cell::Cell::new(0);
    let each = || told.set(told.get() + 1);
    let rebuilt = store.rebuild_all(&mut State::new(), &context, |_| (), each).unwrap();
    assert_eq!((rebuilt.mails, store.quarantined().unwrap().len()), (20, 0));
    assert!(told.get() >= 20, "it goes on, and says so");
    is_whole(&store);
}

/// A series that a newer program dies over is given up, and the mail before which it was decided is
/// to blame for nothing.
#[test]
fn a_series_that_takes_a_newer_program_down_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = Store::open(&path).unwrap();
    let (context, mut state, mails) = (context(), State::new(), sample());
    for mail in &mails[..200] {
        take(&mut store, &mut state, &context, mail);
    }
    let name = store.last_series(1).unwrap().remove(0).id.unwrap();
    drop(store);
    let start = |die: &str, over: &str| {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "start"]).env(STORE, &path).env(die, over);
        command.output().unwrap().status.success()
    };
    // Once could be a kill from outside: a start that comes through forgets it.
    assert!(!start("TIDEWAITER_DIE_OVER", &name));
    assert!(start("TIDEWAITER_DIE_OVER", "nothing"));
    for _ in 0..2 {
        assert!(!start("TIDEWAITER_DIE_OVER", &name));
    }
    assert!(start("TIDEWAITER_DIE_OVER", &name));
    let mut store = Store::open(&path).unwrap();
    assert_eq!(store.given_up().unwrap(), std::slice::from_ref(&name));
    assert_eq!(store.quarantined().unwrap(), []);
    let mut anew = State::new();
    let rebuilt = store.rebuild_all(&mut anew, &context, |_| (), || ()).unwrap();
    assert_eq!((rebuilt.mails, rebuilt.given_up), (200, None));
    assert!(anew.has_given_up(&name));
    is_whole(&store);
}

/// What is decided when mails come is not theirs: the count of the mails is taken back.
#[test]
fn mails_are_innocent_of_the_series_that_is_due_before_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mail = [RawHash::of(b"innocent")];
    for round in 1..=3 {
        let mut store = Store::open(&path).unwrap();
        let rebuilt = store.rebuild_all(&mut State::new(), &context(), |_| (), || ()).unwrap();
        assert_eq!(rebuilt.given_up.as_deref(), (round == 3).then_some("a@x"), "{round}");
        assert_eq!(store.begin_parsing(&mail).unwrap(), [Look::Parse], "{round}");
        // Here it dies.
        store.begin().unwrap().deciding("a@x");
    }
    // What was decided in the end is no suspect any more.
    for name in ["b@x", "b@x", "c@x"] {
        let mut store = Store::open(&path).unwrap();
        assert_eq!(
            store.rebuild_all(&mut State::new(), &context(), |_| (), || ()).unwrap().given_up,
            None
        );
        let writer = store.begin().unwrap();
        writer.decided("b@x").unwrap();
        writer.commit().unwrap();
        store.begin().unwrap().deciding(name);
    }
    let mut store = Store::open(&path).unwrap();
    store.begin().unwrap().nothing_decided();
    assert_eq!(
        store.rebuild_all(&mut State::new(), &context(), |_| (), || ()).unwrap().given_up,
        None
    );
    assert_eq!(store.given_up().unwrap(), ["a@x"]);
}

/// What the daemon does, from wherever the store says that it is; nothing by itself.
#[test]
fn child() {
    let Ok(path) = env::var(STORE) else { return };
    let mut store = Store::open(Path::new(&path)).unwrap();
    work(&mut store);
}

/// Takes the whole sample, then sends, asks and forgets a little.
fn work(store: &mut Store) {
    let context = context();
    let mut state = State::new();
    store.rebuild(&mut state, &context, 0, |_| ()).unwrap();
    let mails = &sample()[..MAILS];
    let done = store.cursor("list").unwrap().map_or(0, |cursor| cursor.uid) as usize;
    for mail in &mails[done..] {
        let look = store.begin_parsing(&[RawHash::of(&mail.0)]).unwrap();
        assert_eq!(look, [Look::Parse]);
        take(store, &mut state, &context, mail);
    }
    let now: Timestamp = mails.last().unwrap().1 + jiff::SignedDuration::from_hours(48);
    let effects = step(&mut state, &context, Event::Tick(now));
    let writer = store.begin().unwrap();
    writer.tick(now).unwrap();
    writer.carry_out(&context.config, &effects, now, &text).unwrap();
    writer.commit().unwrap();
    store.trust_past().unwrap();
    let limits = Limits { hour: 2, ..Limits::default() };
    for reply in store.due(now, 9).unwrap() {
        if store.arm(&reply.id, &limits, &[], now).unwrap() == Arming::Armed {
            let how = Finished {
                state: ReplyState::Sent,
                step: "end",
                detail: "250 ok",
                not_before: None,
                now,
                refused: &[],
            };
            store.finish(&reply.id, &how).unwrap();
        }
    }
    let writer = store.begin().unwrap();
    writer.command("nothing", now).unwrap();
    writer.commit_operation().unwrap();
    store.purge(mails[20].1).unwrap();
    store.forget(&Address::new("nobody@example.org").unwrap()).unwrap();
}

/// Cursor, mails and events agree, and SQLite finds no fault.
fn is_whole(store: &View) {
    assert_eq!(store.integrity().unwrap(), Vec::<String>::new());
    let cursor = store.cursor("list").unwrap().map_or(0, |cursor| cursor.uid);
    assert_eq!(store.mail_count().unwrap(), u64::from(cursor));
}

#[test]
fn at_every_point() {
    let mut names: Vec<String> = Vec::new();
    for point in Point::ALL {
        let (before, after) = point.names();
        names.extend([before.to_owned(), after.to_owned()]);
    }
    names.extend([
        "before-take:100".to_owned(),
        "after-take:140".to_owned(),
        "after-migrate:2".to_owned(),
    ]);
    let mut reference: Option<Vec<(MessageId, String)>> = None;
    for name in names {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let ended = spawn(&path, &name).wait().unwrap();
        assert!(!ended.success() && ended.code().is_none(), "nothing died at {name}: {ended}");
        let mut store = Store::open(&path).unwrap();
        is_whole(&store);
        assert_eq!(store.replies(ReplyState::Armed).unwrap(), []);
        let in_doubt = store.replies(ReplyState::Doubt).unwrap().len();
        assert_eq!(
            in_doubt,
            usize::from(["after-arm", "before-outcome"].contains(&name.as_str())),
            "{name}"
        );
        work(&mut store);
        is_whole(&store);
        let mut all: Vec<(MessageId, String)> = Vec::new();
        for state in ReplyState::ALL {
            all.extend(store.replies(*state).unwrap().into_iter().map(|r| (r.id, r.series)));
        }
        all.sort();
        assert!(all.len() > 3);
        assert_eq!(*reference.get_or_insert_with(|| all.clone()), all, "{name}");
    }
}

#[test]
fn killed_at_any_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    for round in 0..12_u64 {
        let mut child = spawn(&path, "nowhere");
        thread::sleep(Duration::from_millis(30 + 23 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        if path.exists() {
            is_whole(&Store::open(&path).unwrap());
        }
    }
    let mut store = Store::open(&path).unwrap();
    work(&mut store);
    is_whole(&store);
    assert_eq!(store.mail_count().unwrap(), MAILS as u64);
}

#[test]
fn a_mail_that_takes_the_program_down_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let [poison, fine, other] = [b"poison".as_slice(), b"fine", b"other"].map(RawHash::of);
    let parse = |raws: &[RawHash]| Store::open(&path).unwrap().begin_parsing(raws).unwrap();
    // It dies over all three; each is then looked at alone, and one of them is the one. Once more
    // could be a kill from outside.
    assert_eq!(parse(&[poison, fine, other]), [Look::Parse; 3]);
    assert_eq!(parse(&[poison, fine, other]), [Look::ParseAlone; 3]);
    assert_eq!(parse(&[poison]), [Look::Parse]);
    assert_eq!(parse(&[poison, fine]), [Look::ParseAlone; 2]);
    assert_eq!(parse(&[poison]), [Look::Parse]);
    assert_eq!(parse(&[poison, fine]), [Look::Quarantine, Look::ParseAlone]);
    assert_eq!(parse(&[fine]), [Look::Parse]);
    let mut store = Store::open(&path).unwrap();
    let writer = store.begin().unwrap();
    writer.quarantine(b"poison", Timestamp::UNIX_EPOCH).unwrap();
    writer.commit().unwrap();
    assert!(matches!(store.begin_parsing(&[poison]).unwrap()[..], [Look::Known(_)]));
    assert_eq!(store.quarantined().unwrap().len(), 1);
    let mut state = State::new();
    assert_eq!(store.rebuild(&mut state, &context(), 0, |_| ()).unwrap().mails, 0);
}

/// The same bytes twice at once: a copy under another UID.
#[test]
fn two_of_the_same_at_once_are_no_crash() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("store")).unwrap();
    let [one, other] = [b"one".as_slice(), b"other"].map(RawHash::of);
    assert_eq!(store.begin_parsing(&[one, other, one]).unwrap(), [Look::Parse; 3]);
    // Counted once.
    assert_eq!(store.begin_parsing(&[one, one]).unwrap(), [Look::ParseAlone; 2]);
    assert_eq!(store.begin_parsing(&[one]).unwrap(), [Look::Parse]);
    assert_eq!(store.begin_parsing(&[one]).unwrap(), [Look::Parse]);
    assert_eq!(store.begin_parsing(&[one]).unwrap(), [Look::Quarantine]);
}

/// What a command asks for and its answer are there together, or neither.
#[test]
fn a_command_is_carried_out_and_answered_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = Store::open(&path).unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let mut beside = Beside::open(&path).unwrap();
    let ids = ["stop a", "stop b", "stop c"].map(|command| beside.ask(command, now).unwrap());
    let answer = |id: i64| beside.command(id).unwrap().unwrap().answer;
    store.answer_with_next(ids[0], "done", now);
    let writer = store.begin().unwrap();
    writer.command("stop", now).unwrap();
    assert_eq!(answer(ids[0]), None);
    writer.commit_operation().unwrap();
    assert_eq!(answer(ids[0]).as_deref(), Some("done"));
    // What is not written is not answered.
    store.answer_with_next(ids[1], "done", now);
    drop(store.begin().unwrap());
    store.answer_now().unwrap();
    assert_eq!(answer(ids[1]), None);
    store.answer_with_next(ids[1], "done", now);
    store.answer_not();
    store.answer_now().unwrap();
    assert_eq!(answer(ids[1]), None);
    store.answer_with_next(ids[2], "nothing to do", now);
    store.answer_now().unwrap();
    assert_eq!(answer(ids[2]).as_deref(), Some("nothing to do"));
}

#[test]
fn a_store_that_fails_is_no_fault_of_the_mails() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("store")).unwrap();
    let both = [b"one".as_slice(), b"two"].map(RawHash::of);
    for _ in 0..4 {
        assert_eq!(store.begin_parsing(&both).unwrap(), [Look::Parse; 2]);
        store.parsed(&both).unwrap();
    }
}

/// Each commit has its point: one place commits, every point is used, and nothing is written
/// outside a transaction.
#[test]
fn every_commit_has_a_point() {
    let mut sources = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut commits = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            let source = source.split("#[cfg(test)]").next().unwrap();
            commits.extend(source.matches("tx.commit(").map(|_| path.clone()));
            for loose in
                ["conn.execute(\n", "conn.execute_batch(", "unchecked_transaction", "savepoint"]
            {
                let found = source.matches(loose).count();
                // `stop` and `put` get a transaction as a connection.
                let allowed = ["switch.rs", "open.rs"].iter().any(|name| path.ends_with(name));
                assert!(found == 0 || allowed, "{}: {loose}", path.display());
            }
            if !path.ends_with("point.rs") {
                sources += source;
            }
        }
    }
    assert_eq!(commits.len(), 1, "{commits:?}");
    for point in Point::ALL {
        assert!(sources.contains(&format!("Point::{point:?}")), "{point:?} is used nowhere");
    }
}
