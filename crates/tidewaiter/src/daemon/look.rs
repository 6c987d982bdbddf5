//! What is made of a mail before anything is stored, and which replies come too early.

use std::panic::catch_unwind;

use jiff::{SignedDuration, Timestamp};
use tidewaiter_engine::{Arrival, Context, Effect, Judged, Judgement};
use tidewaiter_imap::Item;
use tidewaiter_mail::{ListId, Message, MessageId};
use tidewaiter_patch::Mail;
use tidewaiter_report::SeriesRecord;
use tidewaiter_store::{Look, point};

/// How much later than it was sent to us a mail may lie in the mailbox. What is later was not held up
/// on its way: it was put there again.
const LATE: SignedDuration = SignedDuration::from_hours(24);

/// A mail that may be parsed, and was.
pub(super) struct Read {
    pub(super) arrival: Arrival,
    /// Kept where the mail may be ours, or a bounce.
    pub(super) message: Option<Message>,
    /// It came long before the server says that it did.
    pub(super) is_old: bool,
}

/// What is made of one item of a mailbox.
pub(super) enum Taken<'i> {
    Read(&'i [u8], Box<Read>),
    Known(i64),
    PutAside(&'i [u8]),
    PassedOver(Box<Passed>),
}

/// A mail that is not read, and what is known of it.
pub(super) struct Passed {
    pub(super) why: &'static str,
    /// Its size in bytes, as the server has it.
    pub(super) size: Option<u32>,
    pub(super) id: Option<MessageId>,
    /// The lists that it came through.
    pub(super) lists: Vec<ListId>,
    pub(super) time: Timestamp,
}

impl Passed {
    fn new(why: &'static str, time: Timestamp) -> Box<Self> {
        Box::new(Self { why, size: None, id: None, lists: Vec::new(), time })
    }

    /// As it is noted in the store.
    pub(super) fn note(&self) -> String {
        let size = self.size.map(|size| format!("{size} bytes"));
        let known: Vec<String> =
            size.into_iter().chain(self.id.as_ref().map(|id| format!("<{id}>"))).collect();
        let colon = if known.is_empty() { "" } else { ": " };
        format!("{}{colon}{}", self.why, known.join(", "))
    }
}

/// A mail of which the header alone came. Nothing of it is counted, since nothing of it is parsed but
/// that; where even this fails, its size is known still.
fn too_large(size: u32, header: Option<&[u8]>, time: Timestamp) -> Taken<'static> {
    let header = header.and_then(|raw| catch_unwind(|| Message::parse(raw)).ok());
    let (id, lists) = header.map(|header| (header.message_id, header.lists)).unwrap_or_default();
    let passed = Passed::new("it is too large", time);
    Taken::PassedOver(Box::new(Passed { size: Some(size), id, lists, ..*passed }))
}

/// The bytes of a mail that was fetched.
pub(super) fn raw(item: &Item) -> Option<&[u8]> {
    match item {
        Item::Fetched { raw, .. } => Some(raw),
        Item::TooLarge { .. } | Item::Vanished { .. } => None,
    }
}

/// Parses a mail where it may be parsed. One up to the number `again` may have been here before.
pub(super) fn look_at<'i>(
    context: &Context,
    item: &'i Item,
    looks: &mut impl Iterator<Item = Look>,
    again: u32,
    now: Timestamp,
) -> Taken<'i> {
    let (raw, internal) = match item {
        Item::Fetched { raw, internal_date, .. } => (raw, internal_date),
        Item::TooLarge { size, internal_date, header, .. } => {
            return too_large(*size, header.as_deref(), internal_date.unwrap_or(now).min(now));
        }
        Item::Vanished { .. } => {
            return Taken::PassedOver(Passed::new("it was deleted before it was read", now));
        }
    };
    match looks.next() {
        Some(Look::Known(id)) => return Taken::Known(id),
        Some(Look::Quarantine) => return Taken::PutAside(raw),
        Some(Look::Parse | Look::ParseAlone) | None => {}
    }
    point::choke(raw);
    let message = Message::parse_with(raw, context.keyring.as_ref());
    let own = &context.config.identity;
    let ours = message.automatic.is_some()
        || message.message_id.as_ref().is_some_and(|id| {
            id.as_str()
                .rsplit('@')
                .next()
                .is_some_and(|d| d.eq_ignore_ascii_case(&own.message_id_domain))
        })
        || message.from.as_ref().and_then(|f| f.address.as_ref()) == Some(&own.address);
    // Read a second time: few are.
    let kept = ours.then(|| Message::parse(raw));
    let mail = Mail::from_message(message);
    let date = mail.header.date.as_ref().map(|date| date.timestamp);
    let said = said(mail.header.received, date, item.uid().0 <= again);
    let (time, is_old) = came(internal.or(mail.header.received), said, now);
    let time = Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(now);
    let arrival = Arrival::new(context, mail, time);
    Taken::Read(raw, Box::new(Read { arrival, message: kept, is_old }))
}

/// When a mail came, as far as it says so itself: its topmost `Received`, which the server on our side
/// wrote, else its `Date`. What lay in a mailbox when that was read anew may have been delivered a second
/// time, and was not sent later than it says.
fn said(received: Option<Timestamp>, date: Option<Timestamp>, again: bool) -> Option<Timestamp> {
    if again { received.into_iter().chain(date).min() } else { received.or(date) }
}

/// A mail's event time: when the server received it. One that is later than now would let the engine
/// decide what is not due.
///
/// A mailbox that was put back from a copy has the day of the copy for every mail. So a mail is as old
/// as it says, where that is more than a day before. Whoever forges it makes us quieter about that
/// mail alone.
fn came(internal: Option<Timestamp>, said: Option<Timestamp>, now: Timestamp) -> (Timestamp, bool) {
    let time = internal.unwrap_or(now).min(now);
    match said {
        Some(said) if time.duration_since(said) > LATE => (said, true),
        _ => (time, false),
    }
}

/// A reply to a series that came before the daemon began to speak, or a digest of that time.
pub(super) fn too_early<'e>(
    effect: &'e Effect,
    from: Timestamp,
    time: Timestamp,
    effects: &[Effect],
) -> Option<&'e MessageId> {
    let Effect::Queue(reply) = effect else { return None };
    let judged = effects.iter().find_map(|effect| match effect {
        Effect::Record(judged) => {
            let is = |j: &Judgement| j.reply.as_ref().is_some_and(|own| own.id == reply.id);
            judged.judgements.iter().any(is).then_some(judged)
        }
        _ => None,
    });
    let about = judged.map_or(time, |judged| judged.series.first);
    (about < from).then_some(&reply.id)
}

pub(super) fn record(judged: &Judged) -> String {
    serde_json::to_string(&SeriesRecord::new(judged)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("15T09:00", "15T08:59", "15T08:58", false => ("15T09:00".to_owned(), false); "a usual mail")]
    #[test_case("15T09:00", "14T21:00", "10T09:00", false => ("15T09:00".to_owned(), false); "held by a moderator and on its way")]
    #[test_case("15T09:00", "13T09:00", "13T08:00", false => ("13T09:00".to_owned(), true); "put back")]
    #[test_case("15T09:00", "", "01T09:00", false => ("01T09:00".to_owned(), true); "put back without a Received")]
    #[test_case("15T09:00", "15T08:59", "01T09:00", false => ("15T09:00".to_owned(), false); "an old Date alone")]
    #[test_case("15T09:00", "15T08:59", "01T09:00", true => ("01T09:00".to_owned(), true); "delivered a second time")]
    #[test_case("15T09:00", "01T09:00", "15T08:59", true => ("01T09:00".to_owned(), true); "read again")]
    #[test_case("15T09:00", "15T08:59", "", true => ("15T09:00".to_owned(), false); "read again and new")]
    #[test_case("", "15T09:00", "", false => ("15T09:00".to_owned(), false); "no INTERNALDATE")]
    #[test_case("29T09:00", "29T09:00", "29T09:00", false => ("15T12:00".to_owned(), false); "the future")]
    fn event_times(internal: &str, received: &str, date: &str, again: bool) -> (String, bool) {
        let at = |day: &str| format!("2026-06-{day}:00Z").parse::<Timestamp>().ok();
        let now = at("15T12:00").unwrap();
        let said = said(at(received), at(date), again);
        let (time, is_old) = came(at(internal).or(at(received)), said, now);
        let time = time.to_string();
        (time.strip_prefix("2026-06-").unwrap().strip_suffix(":00Z").unwrap().to_owned(), is_old)
    }
}
