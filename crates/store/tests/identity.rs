//! Mailboxes are known by what they are, not by their names in the configuration.

use tidewaiter_store::{Cursor, Place, Store};

fn cursor(mailbox: &str, uid: u32) -> Cursor {
    Cursor { mailbox: mailbox.to_owned(), uid_validity: 7, uid }
}

fn place(mailbox: &str, uid: u32) -> Place {
    Place { mailbox: mailbox.to_owned(), uid_validity: 7, uid }
}

#[test]
fn what_lay_under_a_name_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("s")).unwrap();
    let writer = store.begin().unwrap();
    writer.cursor(&cursor("lists", 4)).unwrap();
    writer.skip(&place("lists", 5), "too large").unwrap();
    writer.cursor(&cursor("lists", 5)).unwrap();
    writer.commit().unwrap();
    assert_eq!(store.mailbox_named("lists").unwrap(), None);

    let writer = store.begin().unwrap();
    writer.take_over("lists", "imap://here").unwrap();
    writer.name_mailbox("lists", "imap://here").unwrap();
    writer.commit().unwrap();
    assert_eq!(store.cursor("lists").unwrap(), None);
    assert_eq!(store.cursor("imap://here").unwrap(), Some(cursor("imap://here", 5)));
    assert_eq!(store.mailbox_named("lists").unwrap().as_deref(), Some("imap://here"));
    // It goes on there, and still never back.
    let writer = store.begin().unwrap();
    assert!(writer.cursor(&cursor("imap://here", 4)).is_err());
    writer.skip(&place("imap://here", 6), "gone").unwrap();
    writer.cursor(&cursor("imap://here", 6)).unwrap();
    writer.commit().unwrap();
}

#[test]
fn what_is_read_again_belongs_to_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("s")).unwrap();
    assert_eq!(store.again_until("imap://here", 7).unwrap(), 0);
    let writer = store.begin().unwrap();
    writer.read_again("imap://here", 7, 40).unwrap();
    writer.commit().unwrap();
    assert_eq!(store.again_until("imap://here", 7).unwrap(), 40);
    assert_eq!(store.again_until("imap://here", 8).unwrap(), 0);
    assert_eq!(store.again_until("imap://there", 7).unwrap(), 0);
}
