//! The store's own commands, and stores that are not as they should be.

use std::fs;

use insta::assert_snapshot;
use test_case::test_case;
use tidewaiter_store::{ReplyState, Store};

use crate::scene::{Scene, short};

#[test_case(&["list"])]
#[test_case(&["outbox", "list"])]
#[test_case(&["outbox", "show", "tw.1"])]
#[test_case(&["outbox", "release", "tw.1"])]
#[test_case(&["outbox", "resolve", "tw.1", "--drop"])]
#[test_case(&["stop"])]
#[test_case(&["resume"])]
#[test_case(&["store", "backup", "copy"])]
#[test_case(&["store", "check"])]
#[test_case(&["store", "forget", "a@example.org"])]
fn without_a_store_nothing_is_made(args: &[&str]) {
    for content in [None, Some("")] {
        let scene = Scene::empty();
        if let Some(content) = content {
            fs::write(scene.path("store"), content).unwrap();
        }
        let before = scene.files();
        let ran = scene.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
        assert!(
            ran.stderr.starts_with("error: failed to open the store `DIR/store`: there is none;"),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stderr.contains("the file `DIR/store.stop` exists"), args == ["stop"]);
        assert_eq!(scene.files(), before);
    }
}

#[test]
fn a_backup_is_whole_and_never_over_another() {
    let scene = Scene::filled();
    let daemon = scene.open();
    let copy = scene.path("copy");
    let args = ["store", "backup", copy.to_str().unwrap()];
    let text = scene.shown(&args);
    assert!(text.starts_with("`DIR/copy` is a whole copy of the store, "), "{text}");
    let again = scene.run(&args);
    assert_eq!((again.code, again.stdout.as_str()), (3, ""));
    assert!(again.stderr.contains("failed to write a backup to `DIR/copy`: "), "{}", again.stderr);
    drop(daemon);
    let copy = Store::open(&copy).unwrap();
    assert_eq!(copy.replies(ReplyState::Held).unwrap().len(), 2);
}

#[test]
fn a_whole_store() {
    let scene = Scene::filled();
    let text = scene.shown(&["store", "check"]);
    // Where a line ends depends on the folder's name.
    let words: Vec<&str> = text.split_whitespace().collect();
    assert_eq!(
        words.join(" "),
        "ok store `DIR/store` is whole: schema 7, 0 mails, 6 replies. \
         ok past It is the store that was here last."
    );
    let daemon = scene.open();
    assert_snapshot!("store-check-jsonl", scene.shown(&["store", "check", "--format=jsonl"]));
    assert_eq!(scene.shown(&["-q", "store", "check"]), "");
    drop(daemon);
}

#[test]
fn a_store_that_was_put_back() {
    let scene = Scene::filled();
    let old = scene.path("old");
    scene.shown(&["store", "backup", old.to_str().unwrap()]);
    drop(scene.open());
    fs::copy(&old, scene.path("store")).unwrap();
    let text = scene.shown(&["store", "check"]);
    assert!(text.contains("(rolled-back)"), "{text}");
    let ran = scene.run(&["outbox", "release", &short(1)]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.ends_with("the store is older than what was here last\n"), "{}", ran.stderr);
    assert_eq!(scene.state(1), ReplyState::Held);
    // Dropping sends nothing.
    scene.shown(&["outbox", "drop", &short(1)]);
}

#[test]
fn a_damaged_store() {
    let scene = Scene::filled();
    let mut bytes = fs::read(scene.path("store")).unwrap();
    let text = b"frob-devel.lists.example.org";
    let at = bytes.windows(text.len()).position(|window| window == text).unwrap();
    // A page of the replies' table.
    let page = at / 4096 * 4096;
    bytes[page..page + 8].fill(0xff);
    fs::write(scene.path("store"), &bytes).unwrap();
    let ran = scene.run(&["store", "check"]);
    assert_eq!(ran.code, 3, "{}", ran.stdout);
    assert!(ran.stdout.starts_with("fail  store "), "{}", ran.stdout);
    let words: Vec<&str> = ran.stdout.split_whitespace().collect();
    let advice =
        "move `DIR/store`, `DIR/store-wal` and `DIR/store-shm` away, all three, and put a backup";
    assert!(words.join(" ").contains(advice), "{}", ran.stdout);
    assert!(ran.stderr.ends_with("checks failed\n"), "{}", ran.stderr);
    fs::write(scene.path("store"), "This is no database at all. ".repeat(99)).unwrap();
    for args in [&["store", "check"][..], &["outbox", "list"], &["resume"]] {
        let ran = scene.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("file is not a database"), "{}", ran.stderr);
    }
}

/// With nothing opened and nothing sent since the backup was made.
#[test]
fn a_backup_that_is_put_back_at_once() {
    let scene = Scene::filled();
    let old = scene.path("old");
    scene.shown(&["store", "backup", old.to_str().unwrap()]);
    fs::copy(&old, scene.path("store")).unwrap();
    let text = scene.shown(&["store", "check"]);
    assert!(text.contains("(rolled-back)"), "{text}");
    assert_eq!(scene.run(&["outbox", "release", &short(1)]).code, 2);
    assert_eq!(scene.state(1), ReplyState::Held);
}

/// What is put back as the advice says holds nothing of what came after.
#[test]
fn a_backup_is_put_back_where_a_log_was_left() {
    let scene = Scene::filled();
    let old = scene.path("old");
    scene.shown(&["store", "backup", old.to_str().unwrap()]);
    let mut store = scene.open();
    store.trust_past().unwrap();
    // As after a kill: the log is not worked into the file.
    let log = fs::read(scene.path("store-wal")).unwrap();
    assert!(!log.is_empty());
    drop(store);
    fs::write(scene.path("store-wal"), log).unwrap();
    for name in ["store", "store-wal", "store-shm"] {
        let _ = fs::rename(scene.path(name), scene.path(&format!("away-{name}")));
    }
    fs::copy(&old, scene.path("store")).unwrap();
    let text = scene.shown(&["store", "check"]);
    assert!(text.contains("is whole") && text.contains("(rolled-back)"), "{text}");
}

#[test]
fn stored_mails_that_are_damaged_are_named() {
    let scene = Scene::filled();
    let mut store = scene.open();
    let writer = store.begin().unwrap();
    writer.quarantine(b"one", jiff::Timestamp::UNIX_EPOCH).unwrap();
    writer.commit().unwrap();
    drop(store);
    let conn = rusqlite::Connection::open(scene.path("store")).unwrap();
    conn.execute("UPDATE raws SET zstd = x'0011'", []).unwrap();
    drop(conn);
    let ran = scene.run(&["store", "check"]);
    assert_eq!(ran.code, 3);
    assert!(ran.stdout.contains("1 stored mail is damaged: 1."), "{}", ran.stdout);
}

/// Whoever does not judge it tells of it.
#[test]
fn series_that_were_given_up_are_named() {
    let scene = Scene::filled();
    let conn = rusqlite::Connection::open(scene.path("store")).unwrap();
    conn.execute("INSERT INTO given_up VALUES ('series@example.org', 1)", []).unwrap();
    drop(conn);
    let text = scene.shown(&["store", "check"]);
    let words: Vec<&str> = text.split_whitespace().collect();
    let told = "What took the program down twice is not judged: series@example.org.";
    assert!(words.join(" ").contains(told), "{text}");
}

#[test]
fn the_stop_switch() {
    let scene = Scene::filled();
    assert_eq!(scene.shown(&["resume"]), "Sending was not stopped.\n");
    scene.shown(&["stop"]);
    assert_eq!(scene.open().stopped().unwrap().unwrap().why, "stopped by hand");
    assert_eq!(scene.shown(&["resume"]), "Sending goes on.\n");
    assert_eq!(scene.open().stopped().unwrap(), None);
    scene.shown(&["-q", "stop"]);
    fs::write(scene.path("store.stop"), "").unwrap();
    assert_eq!(
        scene.shown(&["resume"]),
        "The stop switch is off, but nothing is sent while the file `DIR/store.stop` exists.\n"
    );
    assert_eq!(scene.state(1), ReplyState::Held);
}

#[test_case("everybody"; "no address")]
#[test_case("a b@example.org"; "a space")]
fn only_an_address_is_forgotten(text: &str) {
    let ran = Scene::filled().run(&["store", "forget", text]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("expected an address such as"), "{}", ran.stderr);
}
