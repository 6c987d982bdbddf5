//! What operators ask for in words.

use jiff::Timestamp;
use tidewaiter_mail::MessageId;
use tidewaiter_outbox::{Resolution, Rules, drop_reply, release, resolve, resume};
use tidewaiter_store::Store;

/// Carries out a command: a sentence about what was done, or why it was not.
pub(crate) fn apply(
    store: &mut Store,
    rules: &Rules,
    command: &str,
    now: Timestamp,
) -> Result<String, String> {
    let mut words = command.split_ascii_whitespace();
    let verb = words.next().unwrap_or_default();
    let id = words.next().and_then(MessageId::new);
    let how = words.next();
    let done = match (verb, id, how) {
        ("release", Some(id), None) => release(store, rules, &id, now),
        ("drop", Some(id), None) => drop_reply(store, &id, now),
        ("resolve", Some(id), Some("sent")) => resolve(store, &id, Resolution::Sent, now),
        ("resolve", Some(id), Some("resend")) => resolve(store, &id, Resolution::Resend, now),
        ("resolve", Some(id), Some("drop")) => resolve(store, &id, Resolution::Drop, now),
        ("resume", None, None) => resume(store, now),
        _ => return Err("failed to understand the command".to_owned()),
    };
    done.map(|()| "done".to_owned()).map_err(|e| e.to_string())
}
