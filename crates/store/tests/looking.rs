//! What commands read beside the daemon.
#![expect(clippy::unwrap_used, reason = "a failure of the support code is the test's failure")]

mod scene;

use std::{collections::BTreeSet, fs, ops::ControlFlow, path::Path};

use jiff::Timestamp;
use scene::{context, sample, take};
use tidewaiter_engine::State;
use tidewaiter_mail::Address;
use tidewaiter_patch::Mail;
use tidewaiter_store::{Beside, Error, Past, Refused, ReplyState, SCHEMA, SeriesRow, Store, View};

fn filled(path: &Path) -> Store {
    let mut store = Store::open(path).unwrap();
    let (context, mut state) = (context(), State::new());
    for mail in &sample() {
        take(&mut store, &mut state, &context, mail);
    }
    store
}

fn all(view: &View, since: Option<Timestamp>) -> Vec<SeriesRow> {
    let mut rows = Vec::new();
    let each = |row| {
        rows.push(row);
        ControlFlow::Continue(())
    };
    view.each_series(since, each).unwrap();
    rows
}

#[test]
fn series_come_with_the_paths_that_they_touch() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(&folder.path().join("store"));
    let rows = all(&store, None);
    assert!(rows.len() > 80, "{}", rows.len());
    assert!(rows.is_sorted_by_key(|row| row.first));
    // By another way: what the patch mails of the archive touch.
    let mut wanted = BTreeSet::new();
    for (raw, _) in sample() {
        let mail = Mail::parse(&raw);
        for file in mail.diff().into_iter().flat_map(|diff| &diff.files) {
            wanted
                .extend([Some(&file.path), file.old_path.as_ref()].into_iter().flatten().cloned());
        }
    }
    let found: BTreeSet<String> = rows.iter().flat_map(|row| store.paths(row).unwrap()).collect();
    assert_eq!(found.difference(&wanted).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(found.len() > 100, "{}", found.len());
    let middle = rows[rows.len() / 2].first;
    let later = all(&store, Some(middle));
    assert_eq!(later, rows.into_iter().filter(|row| row.first >= middle).collect::<Vec<_>>());
    let mut first = 0;
    store
        .each_series(None, |_| {
            first += 1;
            ControlFlow::Break(())
        })
        .unwrap();
    assert_eq!(first, 1);
}

#[test]
fn forgotten_people_stand_in_no_command_and_no_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = filled(&path);
    let before = all(&store, None).len();
    let person = Address::new("Weilanying@example.net").unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let reply = store.replies(ReplyState::Ready).unwrap().remove(0).id;
    let writer = store.begin().unwrap();
    for address in ["Weilanying@example.net", "weilanying@example.net.example.org"] {
        let refused =
            [Refused { address: address.to_owned(), answer: "550 no".to_owned(), for_good: true }];
        writer.refused(&reply, &refused, now).unwrap();
    }
    writer.commit_operation().unwrap();
    let conn = rusqlite::Connection::open(&path).unwrap();
    let given_up = "INSERT INTO given_up SELECT message_id, 1 FROM mails
        WHERE sender = 'weilanying@example.net' UNION SELECT 'other@x', 1";
    assert!(conn.execute(given_up, []).unwrap() > 1);
    drop(conn);
    let id = Beside::open(&path).unwrap().ask("forget weilanying@Example.net", now).unwrap();
    assert!(store.forget(&person).unwrap().series > 0);
    assert_eq!(store.command(id).unwrap().unwrap().command, "forget");
    assert_eq!(store.given_up().unwrap(), ["other@x"]);
    let left = all(&store, None);
    assert!(left.len() < before);
    let (context, mut state) = (context(), State::new());
    store.rebuild(&mut state, &context, 0, |_| ()).unwrap();
    let conn = rusqlite::Connection::open(&path).unwrap();
    let named: Vec<String> = conn
        .prepare("SELECT detail FROM events WHERE detail LIKE '% refused %'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(named, [format!("{reply} refused weilanying@example.net.example.org")]);
    assert_eq!(store.integrity().unwrap(), Vec::<String>::new());
}

#[test]
fn looking_tells_the_past_and_whether_a_daemon_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = Store::open(&path).unwrap();
    let beside = Beside::open(&path).unwrap();
    assert_eq!((beside.past().unwrap(), beside.in_use().unwrap()), (Past::Empty, true));
    store.trust_past().unwrap();
    assert_eq!(beside.past().unwrap(), Past::Known);
    drop(store);
    assert!(!beside.in_use().unwrap());
    // Asking has counted nothing and left no lock behind.
    assert_eq!(Store::open(&path).unwrap().past(), Past::Known);
    fs::remove_file(folder.path().join("store.witness")).unwrap();
    assert_eq!(beside.past().unwrap(), Past::Unwitnessed);
    fs::remove_file(folder.path().join("store.lock")).unwrap();
    assert!(!beside.in_use().unwrap());
    assert!(!folder.path().join("store.lock").exists());
}

#[test]
fn an_older_schema_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    drop(Store::open(&path).unwrap());
    let conn = rusqlite::Connection::open(&path).unwrap();
    let back = "DROP TABLE paths; DROP INDEX series_by_message_id; DROP TABLE given_up;
        DROP INDEX mails_by_thread; DROP INDEX mails_that_quiet; DROP INDEX mails_put_aside; DROP INDEX replies_sent;
        ALTER TABLE mails DROP COLUMN thread; ALTER TABLE mails DROP COLUMN quiet;
        ALTER TABLE replies DROP COLUMN unwanted; PRAGMA user_version = 3";
    conn.execute_batch(back).unwrap();
    drop(conn);
    let error = Beside::open(&path).unwrap_err();
    assert!(matches!(error, Error::TooOld { found: 3, known: SCHEMA, .. }), "{error}");
    drop(Store::open(&path).unwrap());
    Beside::open(&path).unwrap();
    fs::write(&path, "").unwrap();
    assert!(matches!(Beside::open(&path).unwrap_err(), Error::TooOld { found: 0, .. }));
    fs::write(&path, "# no store").unwrap();
    Beside::open(&path).unwrap_err();
}
