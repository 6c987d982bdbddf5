//! A reply that cannot be sent as it is harms nothing but itself.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failure of the support code is the test's failure"
)]

use jiff::Timestamp;
use test_case::test_case;
use tidewaiter_engine::{Command, Config, Effect, config};
use tidewaiter_mail::{Address, Mailbox, MessageId};
use tidewaiter_reply::{Reply, ReplyKind};
use tidewaiter_store::{Queued, Store};

fn digest(number: u32, to: &[&str]) -> Effect {
    let person = |text: &&str| Mailbox::parse(text).unwrap();
    let list = Address::new("qemu-devel@nongnu.org").unwrap();
    Effect::Queue(Box::new(Reply {
        id: MessageId::new(&format!("tw.{number:032}@bot.example.net")).unwrap(),
        kind: ReplyKind::Digest { list: list.clone(), period: format!("2026-06-{number:02}") },
        list,
        to: to.iter().map(person).collect(),
        cc: Vec::new(),
        from: person(&"tidewaiter <bot@bot.example.net>"),
        subject: "Digest".to_owned(),
        in_reply_to: None,
        references: Vec::new(),
        policy: "qemu-2025-06".to_owned(),
        body: "Nothing.\n".to_owned(),
        held_by: None,
    }))
}

#[test_case(&["a@x.org", "b@x.org", "c@x.org", "d@x.org", "e@x.org", "f@x.org", "g@x.org", "h@x.org", "i@x.org"] => "it goes to too many people"; "nine readers")]
#[test_case(&["a@x.org", "A@x.org"] => "its To and Cc are not those that it may go to"; "one twice")]
fn the_rest_is_carried_out(to: &[&str]) -> &'static str {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("store")).unwrap();
    let config = Config::parse(config::BUILTIN).unwrap().0;
    let opt_out = Command::parse("opt-out al@example.org").unwrap();
    let effects = [digest(1, to), digest(2, &["a@x.org"]), Effect::Command(opt_out.clone())];
    let now = Timestamp::from_second(1_780_000_000).unwrap();
    let writer = store.begin().unwrap();
    let carried = writer.carry_out(&config, &effects, now, &|_| String::new()).unwrap();
    writer.commit().unwrap();
    let queued: Vec<_> = carried.queued.iter().map(|(_, queued)| *queued).collect();
    assert_eq!((queued, carried.commands), (vec![Queued::Ready], vec![opt_out]));
    assert_eq!(store.reply_ids().unwrap().len(), 1);
    assert_eq!(carried.unsound.len(), 1);
    carried.unsound[0].1
}
