//! The sample archive, and how the daemon takes a mail.
#![expect(clippy::unwrap_used, reason = "test support: a failure here is the test's failure")]

use jiff::Timestamp;
use tidewaiter_engine::{
    Arrival, Config, Context, Event, Judged, Overrides, Stamps, State, config, event_times, step,
};
use tidewaiter_patch::Mail;
use tidewaiter_policy::{Policy, TreeFiles, Vocabulary, builtin_policies};
use tidewaiter_reply::{IdKey, Mode, Templates};
use tidewaiter_store::{Carried, Cursor, NewMail, Place, Store, Stored};
use tidewaiter_testkit::workspace_root;

/// Replies as in mode `list`, so that the sample queues some.
pub(crate) fn context() -> Context {
    let policies = builtin_policies().iter().map(|(_, text)| Policy::parse(text).unwrap().0);
    let paths = workspace_root().join("fixtures/mbox/qemu-sample.tree");
    let tree = TreeFiles::from_list(&std::fs::read_to_string(paths).unwrap());
    Context {
        config: Config::parse(config::BUILTIN).unwrap().0,
        policies: policies.collect(),
        against: None,
        vocabulary: Vocabulary::builtin().unwrap(),
        maintainers: None,
        tree: Some(tree),
        templates: Templates::builtin().unwrap(),
        key: IdKey::dry_run(),
        keyring: None,
        overrides: Overrides { mode: Some(Mode::List), ..Overrides::default() },
    }
}

/// The sample's mails with their event times, in order.
pub(crate) fn sample() -> Vec<(Vec<u8>, Timestamp)> {
    let path = workspace_root().join("fixtures/mbox/qemu-sample.mbox");
    let bytes = std::fs::read(path).unwrap();
    let raws = split(&bytes);
    let stamps: Vec<Stamps> = raws
        .iter()
        .map(|raw| {
            let header = Mail::parse(raw).header;
            Stamps { received: header.received, date: header.date.map(|d| d.timestamp) }
        })
        .collect();
    let mut mails: Vec<(Vec<u8>, Timestamp)> = raws.into_iter().zip(event_times(&stamps)).collect();
    mails.sort_by_key(|(_, time)| *time);
    mails
}

/// Reads, judges and stores one mail as the daemon does.
pub(crate) fn take(
    store: &mut Store,
    state: &mut State,
    context: &Context,
    (raw, time): &(Vec<u8>, Timestamp),
) -> Carried {
    let uid = store.cursor("list").unwrap().map_or(0, |cursor| cursor.uid) + 1;
    let arrival = Arrival::new(context, context.read(raw), *time);
    let writer = store.begin().unwrap();
    let stored = writer.mail(&NewMail::of(raw, &arrival)).unwrap();
    let place = Place { mailbox: "list".to_owned(), uid_validity: 7, uid };
    let (Stored::New(id) | Stored::Known(id)) = stored;
    writer.place(&place, id).unwrap();
    let effects = match stored {
        Stored::New(_) => step(state, context, Event::Mail(Box::new(arrival))),
        Stored::Known(_) => Vec::new(),
    };
    let carried = writer.carry_out(&context.config, &effects, *time, &text).unwrap();
    for event in carried.delivered() {
        step(state, context, event);
    }
    writer.cursor(&Cursor { mailbox: "list".to_owned(), uid_validity: 7, uid }).unwrap();
    writer.commit().unwrap();
    carried
}

pub(crate) fn text(judged: &Judged) -> String {
    serde_json::to_string(&tidewaiter_report::SeriesRecord::new(judged)).unwrap()
}

/// The mails of an mbox of our own making, in which no text line starts with `From `.
fn split(mbox: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8(mbox.to_vec()).unwrap();
    let mails = text.strip_prefix("From ").unwrap().split("\n\nFrom ");
    mails.map(|mail| mail.split_once('\n').unwrap().1.as_bytes().to_vec()).collect()
}
