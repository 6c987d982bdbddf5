//! What the system does to a store: full disks, locks, damage, old copies.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failure of the support code is the test's failure"
)]

mod scene;

use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

use jiff::Timestamp;
use scene::{context, sample, take};
use tidewaiter_engine::State;
use tidewaiter_mail::{Address, MessageId};
use tidewaiter_store::{Beside, Cursor, Error, Past, Place, ReplyState, Store};

const STORE: &str = "TIDEWAITER_TEST_STORE";

fn filled(path: &Path, mails: usize) -> Store {
    let mut store = Store::open(path).unwrap();
    let (context, mut state) = (context(), State::new());
    for mail in &sample()[..mails] {
        take(&mut store, &mut state, &context, mail);
    }
    store
}

#[test]
fn a_second_daemon_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let first = Store::open(&path).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(matches!(error, Error::Locked(_)));
    assert!(error.to_string().ends_with("another tidewaiter is running on it"), "{error}");
    // A command may look all the same, and leave a word.
    let mut beside = Beside::open(&path).unwrap();
    let id = beside.ask("stop", Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(first.commands().unwrap()[0].command, "stop");
    assert_eq!(first.commands().unwrap()[0].id, id);
    drop(first);
    let mut again = Store::open(&path).unwrap();
    let writer = again.begin().unwrap();
    writer.answer(id, "stopped", Timestamp::UNIX_EPOCH).unwrap();
    writer.commit_operation().unwrap();
    assert_eq!(beside.command(id).unwrap().unwrap().answer.as_deref(), Some("stopped"));
    assert_eq!(again.commands().unwrap(), []);
}

#[cfg(unix)]
#[test]
fn there_is_one_lock_whatever_the_store_is_called() {
    let folder = tempfile::tempdir().unwrap();
    let (disk, link) = (folder.path().join("disk"), folder.path().join("link"));
    fs::create_dir(&disk).unwrap();
    let (file, path) = (disk.join("store"), folder.path().join("store"));
    std::os::unix::fs::symlink(&disk, &link).unwrap();
    // A link to what is not there yet.
    std::os::unix::fs::symlink("disk/store", &path).unwrap();
    let mut first = Store::open(&path).unwrap();
    first.trust_past().unwrap();
    for other in [&file, &link.join("store"), &link.join("../disk/store")] {
        assert!(matches!(Store::open(other), Err(Error::Locked(_))), "{}", other.display());
        assert!(Beside::open(other).unwrap().in_use().unwrap(), "{}", other.display());
    }
    drop(first);
    assert_eq!(Store::open(&file).unwrap().past(), Past::Known);
    assert_eq!(Store::open(&path).unwrap().past(), Past::Known);
    assert!(disk.join("store.lock").exists() && !folder.path().join("store.lock").exists());
}

#[test]
fn the_past_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let past = |path: &Path| Store::open(path).unwrap().past();
    assert_eq!(past(&path), Past::Empty);
    // It stays so until somebody says otherwise.
    assert_eq!(past(&path), Past::Empty);
    Store::open(&path).unwrap().trust_past().unwrap();
    assert_eq!(past(&path), Past::Known);
    let backup = folder.path().join("backup");
    Store::open(&path).unwrap().backup(&backup).unwrap();
    assert_eq!(past(&path), Past::Known);
    // A copy elsewhere knows nothing of its past.
    let elsewhere = folder.path().join("elsewhere");
    fs::copy(&backup, &elsewhere).unwrap();
    assert_eq!(past(&elsewhere), Past::Unwitnessed);
    // An old one in its place is known for one, and stays so over restarts.
    for old in ["store-wal", "store-shm"] {
        let _ = fs::remove_file(folder.path().join(old));
    }
    fs::copy(&backup, &path).unwrap();
    assert_eq!(past(&path), Past::RolledBack);
    assert_eq!(past(&path), Past::RolledBack);
    Store::open(&path).unwrap().trust_past().unwrap();
    assert_eq!(past(&path), Past::Known);
    // Also where nothing was opened and nothing sent since it was made.
    let fresh = folder.path().join("fresh");
    let store = Store::open(&path).unwrap();
    assert_eq!(store.past(), Past::Known);
    store.backup(&fresh).unwrap();
    drop(store);
    fs::copy(&fresh, &path).unwrap();
    assert_eq!(Beside::open(&path).unwrap().past().unwrap(), Past::RolledBack);
    assert_eq!(past(&path), Past::RolledBack);
    assert_eq!(past(&path), Past::RolledBack);
    Store::open(&path).unwrap().trust_past().unwrap();
    assert_eq!(past(&path), Past::Known);
    assert_eq!(past(&fresh), Past::Unwitnessed);
    // A witness that is cut short is none.
    fs::write(folder.path().join("store.witness"), "abc 1").unwrap();
    assert_eq!(past(&path), Past::Unwitnessed);
}

#[test]
fn a_backup_is_whole_while_the_store_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = filled(&path, 30);
    let backup = folder.path().join("backup");
    let writer = store.begin().unwrap();
    Beside::open(&path).unwrap().backup(&backup).unwrap();
    drop(writer);
    assert!(store.backup(&backup).unwrap_err().to_string().contains("exists"));
    let names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_str().unwrap().contains("part")), "{names:?}");
    let copy = Store::open(&backup).unwrap();
    assert_eq!(copy.integrity().unwrap(), Vec::<String>::new());
    assert_eq!(copy.mail_count().unwrap(), 30);
    assert_eq!(copy.raw(7).unwrap(), store.raw(7).unwrap());
}

#[test]
fn a_busy_store_says_so_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = filled(&path, 3);
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.begin().unwrap_err();
    assert!(error.is_busy(), "{error}");
    drop(other);
    assert!(store.begin().is_ok());
    assert_eq!(store.mail_count().unwrap(), 3);
}

#[test]
fn what_cannot_be_written_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    drop(filled(&path, 2));
    // For a superuser no file is read-only; a log that is a folder cannot be written by anybody.
    fs::create_dir(folder.path().join("store-wal")).unwrap();
    let error = Store::open(&path).unwrap_err();
    assert!(error.is_read_only(), "{error:?}");
    fs::remove_dir(folder.path().join("store-wal")).unwrap();
    assert_eq!(Store::open(&path).unwrap().mail_count().unwrap(), 2);
    // What belongs to another program stays as it is.
    let foreign = folder.path().join("foreign");
    let conn = rusqlite::Connection::open(&foreign).unwrap();
    conn.execute_batch("CREATE TABLE x (y)").unwrap();
    drop(conn);
    let before = fs::read(&foreign).unwrap();
    assert!(matches!(Store::open(&foreign), Err(Error::NotAStore(_))));
    assert_eq!(fs::read(&foreign).unwrap(), before);
    let foreign = folder.path().join("text");
    fs::write(&foreign, "no database ".repeat(100)).unwrap();
    assert!(Store::open(&foreign).is_err());
}

/// Takes mails until the store is full.
#[test]
fn child() {
    let Ok(path) = env::var(STORE) else { return };
    let mut store = Store::open(Path::new(&path)).unwrap();
    let before = store.mail_count().unwrap();
    let mut error = None;
    for number in 0..10_000_u32 {
        let writer = store.begin().unwrap();
        let raw: Vec<u8> = (0..4000_u32)
            .map(|n| (n.wrapping_mul(n).wrapping_mul(number + 3) >> 7) as u8)
            .collect();
        let done = writer.quarantine(&raw, Timestamp::UNIX_EPOCH).and_then(|_| writer.commit());
        if let Err(e) = done {
            error = Some(e);
            break;
        }
    }
    let error = error.expect("nothing was full");
    assert!(error.is_full(), "{error:?}");
    assert!(store.mail_count().unwrap() > before);
    println!("full");
}

#[test]
fn a_full_disk_loses_nothing_that_was_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    drop(filled(&path, 20));
    // No file over 1,000 blocks of 512 bytes; the write fails instead of killing the process.
    let ended = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1000; exec \"$0\" --exact child --nocapture"])
        .arg(env::current_exe().unwrap())
        .env(STORE, &path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout);
    assert!(said.contains("full"), "{said} {}", String::from_utf8_lossy(&ended.stderr));
    let store = Store::open(&path).unwrap();
    assert_eq!(store.integrity().unwrap(), Vec::<String>::new());
    assert_eq!(store.cursor("list").unwrap().unwrap().uid, 20);
    assert!(store.mail_count().unwrap() > 20);
}

#[test]
fn a_damaged_log_leaves_a_whole_earlier_state() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = filled(&path, 25);
    // As a crash leaves them: the log is not worked in when the files are copied now.
    let wal = fs::read(folder.path().join("store-wal")).unwrap();
    let main = fs::read(&path).unwrap();
    drop(store);
    let mut counts = Vec::new();
    for cut in 1..=8 {
        let at = wal.len() * cut / 8 - 40;
        let mut damaged = wal.clone();
        damaged[at] ^= 0xff;
        let copy = folder.path().join(format!("copy{cut}"));
        fs::write(&copy, &main).unwrap();
        fs::write(folder.path().join(format!("copy{cut}-wal")), &damaged).unwrap();
        let Ok(store) = Store::open(&copy) else {
            assert!(cut < 3, "nothing is left of a log that is damaged at {cut}/8");
            continue;
        };
        assert_eq!(store.integrity().unwrap(), Vec::<String>::new());
        let cursor = store.cursor("list").unwrap().map_or(0, |cursor| cursor.uid);
        assert_eq!(store.mail_count().unwrap(), u64::from(cursor));
        counts.push(cursor);
    }
    assert!(counts.is_sorted() && counts.last() > counts.first(), "{counts:?}");
}

#[test]
fn a_cursor_goes_forward_and_past_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = filled(&folder.path().join("store"), 5);
    let at = |uid, uid_validity| Cursor { mailbox: "list".to_owned(), uid_validity, uid };
    let writer = store.begin().unwrap();
    assert!(matches!(writer.cursor(&at(4, 7)), Err(Error::Cursor { from: 5, to: 4, .. })));
    assert!(matches!(writer.cursor(&at(6, 7)), Err(Error::Cursor { from: 5, to: 6, .. })));
    let place = Place { mailbox: "list".to_owned(), uid_validity: 7, uid: 6 };
    writer.skip(&place, "it is too large").unwrap();
    writer.cursor(&at(6, 7)).unwrap();
    // Another UIDVALIDITY starts anew.
    writer.cursor(&at(1, 8)).unwrap();
    writer.commit().unwrap();
    assert_eq!(store.cursor("list").unwrap(), Some(at(1, 8)));
    assert_eq!(store.mail_at(&place).unwrap(), None);
    assert_eq!(store.passed_over(9).unwrap(), [(place, "it is too large".to_owned())]);
    assert_eq!(store.passed_over(0).unwrap(), []);
}

#[test]
fn old_mails_go_but_not_from_a_series_that_lives() {
    let folder = tempfile::tempdir().unwrap();
    let mails = sample();
    let mut store = filled(&folder.path().join("store"), mails.len());
    let before = mails[mails.len() / 2].1;
    let purged = store.purge(before).unwrap().mails;
    let old = mails.iter().filter(|mail| mail.1 < before).count() as u64;
    assert!(purged > 0 && purged < old, "{purged} of {old}");
    assert_eq!(store.purge(before).unwrap().mails, 0);
    assert_eq!(store.mail_count().unwrap(), mails.len() as u64);
    let rebuilt = store.rebuild(&mut State::new(), &context(), 0, |_| ()).unwrap();
    assert_eq!(rebuilt.mails, mails.len() as u64 - purged);
}

/// A mail of an hour: id, the ids above it, subject, text.
fn mail(hour: i64, id: &str, above: &[&str], subject: &str, text: &str) -> (Vec<u8>, Timestamp) {
    let above: Vec<String> = above.iter().map(|id| format!("<{id}@x>")).collect();
    let answers = match above.last() {
        Some(last) => format!("In-Reply-To: {last}\nReferences: {}\n", above.join(" ")),
        None => String::new(),
    };
    let raw = format!(
        "From: Al <al@example.org>\nTo: qemu-devel@nongnu.org\n{answers}Message-ID: <{id}@x>\n\
         Subject: {subject}\nList-Id: <qemu-devel.nongnu.org>\n\n{text}\n"
    );
    (raw.into_bytes(), Timestamp::from_second(1_780_272_000 + hour * 3_600).unwrap())
}

fn patch(hour: i64, id: &str, title: &str) -> (Vec<u8>, Timestamp) {
    let text = format!(
        "AI-used-for: code\nSigned-off-by: Al <al@example.org>\n---\n hw/misc/frob.c | 1 +\n\n\
         diff --git a/hw/misc/frob.c b/hw/misc/frob.c\n--- a/hw/misc/frob.c\n\
         +++ b/hw/misc/frob.c\n@@ -1 +1,2 @@\n a\n+{title}\n-- \n2.47.3"
    );
    mail(hour, id, &[], title, &text)
}

/// Which of the mails are still there.
fn left(store: &Store, ids: &[&str]) -> Vec<String> {
    let there = |id: &&&str| {
        let rows = store.mails_of(&MessageId::new(&format!("{id}@x")).unwrap()).unwrap();
        store.raw(rows[0].id).unwrap().is_some()
    };
    ids.iter().filter(there).map(|id| (*id).to_owned()).collect()
}

#[test]
fn a_wish_for_quiet_outlives_the_mails_of_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("store")).unwrap();
    let (context, mut state) = (context(), State::new());
    let day = 24;
    for mail in [
        // A first series makes the author known.
        patch(0, "first", "[PATCH] hw: zero"),
        patch(day, "one", "[PATCH] hw: one"),
        mail(2 * day, "no", &["one"], "Re: [PATCH] hw: one", "tidewaiter: no"),
        mail(2 * day, "fine", &["one", "no"], "Re: [PATCH] hw: one", "Fine."),
        patch(day, "two", "[PATCH] hw: two"),
        mail(2 * day, "gone", &["two"], "Re: [PATCH] hw: two", "Fine."),
        // Its thread lives, by an answer that says nothing and comes long after.
        patch(day, "three", "[PATCH] hw: three"),
        mail(2 * day, "other", &["three"], "Re: [PATCH] hw: three", "Hm."),
        mail(39 * day, "late", &["three", "unknown"], "Re: [PATCH] hw: three", "Ping."),
    ] {
        take(&mut store, &mut state, &context, &mail);
    }
    let ids = ["first", "one", "no", "fine", "two", "gone", "three", "other", "late"];
    assert_eq!(left(&store, &ids).len(), ids.len());
    let before = Timestamp::from_second(1_780_272_000 + 30 * day * 3_600).unwrap();
    assert_eq!(store.purge(before).unwrap().mails, 3);
    assert_eq!(left(&store, &ids), ["one", "no", "fine", "three", "other", "late"]);
    // What is rebuilt follows the wish.
    let mut state = State::new();
    store.rebuild(&mut state, &context, 0, |_| ()).unwrap();
    for (id, title) in [("v2", "[PATCH v2] hw: one"), ("n2", "[PATCH v2] hw: two")] {
        take(&mut store, &mut state, &context, &patch(40 * day, id, title));
    }
    take(&mut store, &mut state, &context, &mail(50 * day, "x", &[], "x", "x"));
    let replies: Vec<String> = ReplyState::ALL
        .iter()
        .flat_map(|state| store.replies(*state).unwrap())
        .map(|reply| reply.series)
        .collect();
    assert!(replies.contains(&"n2@x".to_owned()), "{replies:?}");
    assert!(!replies.contains(&"v2@x".to_owned()), "{replies:?}");
}

/// A row cannot be unpacked: the others are taken, and it is named.
#[test]
fn a_stored_mail_that_is_damaged_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = filled(&path, 10);
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute("UPDATE raws SET zstd = x'00112233' WHERE mail = 4", []).unwrap();
    drop(conn);
    assert_eq!(store.damaged_mails().unwrap(), [4]);
    let rebuilt = store.rebuild_all(&mut State::new(), &context(), |_| (), || ()).unwrap();
    assert_eq!((rebuilt.mails, rebuilt.damaged), (9, vec![4]));
    let aside = store.quarantined().unwrap();
    assert_eq!(aside.iter().map(|mail| mail.id).collect::<Vec<_>>(), [4]);
    let again = store.rebuild_all(&mut State::new(), &context(), |_| (), || ()).unwrap();
    assert_eq!((again.mails, again.damaged), (9, vec![]));
}

/// Somebody reads the store while a person is forgotten.
#[test]
fn a_log_that_is_read_is_emptied_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mails = sample();
    let mut store = filled(&path, 40);
    let person = tidewaiter_patch::Mail::parse(&mails[3].0).header.from.unwrap().address.unwrap();
    let log = || fs::metadata(folder.path().join("store-wal")).map_or(0, |meta| meta.len());
    let reader = rusqlite::Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM mails").unwrap();
    let forgotten = store.forget(&person).unwrap();
    assert!(forgotten.mails > 0 && forgotten.in_log && log() > 0, "{forgotten:?}");
    assert!(!store.empty_log().unwrap());
    drop(reader);
    assert!(store.empty_log().unwrap());
    assert_eq!(log(), 0);
}

#[test]
fn a_person_is_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mails = sample();
    let mut store = filled(&path, mails.len());
    let waiting = store.replies(ReplyState::Ready).unwrap();
    let reply = waiting.iter().find(|reply| reply.recipients.len() > 1).unwrap();
    let person = Address::new(&reply.recipients[1]).unwrap();
    let place = Place { mailbox: "list".to_owned(), uid_validity: 9, uid: 1 };
    let writer = store.begin().unwrap();
    writer.skip(&place, &format!("it is too large: 9 bytes, <1-2-{person}>")).unwrap();
    writer.commit().unwrap();
    let forgotten = store.forget(&person).unwrap();
    assert_eq!(store.passed_over(1).unwrap(), [(place, "forgotten".to_owned())]);
    assert!(forgotten.mails > 0 && forgotten.series > 0 && forgotten.replies > 0, "{forgotten:?}");
    let left = store.reply(&reply.id).unwrap().unwrap();
    assert_eq!((left.state, left.bytes, left.recipients.len()), (ReplyState::Cancelled, None, 0));
    assert_eq!(store.integrity().unwrap(), Vec::<String>::new());
    assert_eq!(store.forget(&person).unwrap().mails, 0);
    // The key stays, so that there is no second one.
    let mut state = State::new();
    store.rebuild(&mut state, &context(), 0, |_| ()).unwrap();
    drop(store);
    // What they wrote is gone from the files; what others quote of them stays.
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend(fs::read(folder.path().join("store-wal")).unwrap_or_default());
    let id = reply.series.as_bytes();
    let found = bytes.windows(id.len()).filter(|window| *window == id).count();
    assert!(found <= 4, "the id of their series stands {found} times");
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = filled(&path, 2);
    store.backup(&folder.path().join("backup")).unwrap();
    for name in ["store", "store-wal", "store-shm", "store.lock", "backup"] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} has {mode:o}");
    }
}

/// What cannot be read took nothing down: no mail is blamed for it, however often it is tried.
#[test]
fn an_event_that_cannot_be_read_blames_no_mail() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let mut store = filled(&path, 9);
    let beside = rusqlite::Connection::open(&path).unwrap();
    let time: i64 =
        beside.query_row("SELECT time FROM events WHERE id = 5", [], |r| r.get(0)).unwrap();
    beside.execute("UPDATE events SET time = 9223372036854775807 WHERE id = 5", []).unwrap();
    for _ in 0..4 {
        store.rebuild_all(&mut State::new(), &context(), |_| (), || ()).unwrap_err();
    }
    beside.execute("UPDATE events SET time = ?1 WHERE id = 5", [time]).unwrap();
    let rebuilt = store.rebuild_all(&mut State::new(), &context(), |_| (), || ()).unwrap();
    assert_eq!((rebuilt.mails, store.quarantined().unwrap()), (9, Vec::new()));
}
