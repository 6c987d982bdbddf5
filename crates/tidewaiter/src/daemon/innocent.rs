//! A mail over which the store fails, whatever fails there, is not put aside.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use tidewaiter_engine::{Config, Context, Overrides, config};
use tidewaiter_imap::{Cursor, Item, Uid, UidValidity};
use tidewaiter_policy::Vocabulary;
use tidewaiter_reply::{IdKey, Templates};
use tidewaiter_store::{Look, RawHash, Store};

use super::{
    live::Live,
    take::{Mailbox, Taker},
};

fn context() -> Context {
    Context {
        config: Config::parse(config::BUILTIN).unwrap().0,
        policies: Vec::new(),
        against: None,
        vocabulary: Vocabulary::builtin().unwrap(),
        maintainers: None,
        tree: None,
        templates: Templates::builtin().unwrap(),
        key: IdKey::dry_run(),
        keyring: None,
        overrides: Overrides::default(),
    }
}

#[test]
fn a_mail_that_the_store_refuses_again_and_again_is_not_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Mutex::new(Store::open(&folder.path().join("store")).unwrap()));
    let now = Timestamp::from_second(1_780_272_000).unwrap();
    let live = Arc::new(Live::new(now));
    let mut taker = Taker::new(Arc::clone(&store), context(), live).unwrap();
    let mut take = |uid: u32, raw: &[u8]| {
        let item = Item::Fetched { uid: Uid(uid), internal_date: None, size: 9, raw: raw.to_vec() };
        let cursor = Cursor {
            mailbox: "lists".to_owned(),
            uid_validity: UidValidity(1),
            last_uid: Uid(uid),
        };
        let mailbox = Mailbox { name: "lists", identity: "imap://bot@localhost:993/INBOX" };
        taker.batch(mailbox, &[item], &cursor, now)
    };
    take(9, b"Subject: one\n\nOne.\n").unwrap();
    // Neither is the disk full nor the store busy.
    let beside = rusqlite::Connection::open(folder.path().join("store")).unwrap();
    beside.execute_batch("ALTER TABLE places RENAME TO elsewhere").unwrap();
    let other = b"Subject: two\n\nTwo.\n";
    for _ in 0..5 {
        take(10, other).unwrap_err();
    }
    beside.execute_batch("ALTER TABLE elsewhere RENAME TO places").unwrap();
    let mut store = store.lock().unwrap();
    assert_eq!(store.begin_parsing(&[RawHash::of(other)]).unwrap(), [Look::Parse]);
}
