//! What is made of a mail before anything is stored, and which replies come too early.

use jiff::Timestamp;
use tidewaiter_engine::{Arrival, Context, Effect, Judged, Judgement};
use tidewaiter_imap::Item;
use tidewaiter_mail::{Message, MessageId};
use tidewaiter_patch::Mail;
use tidewaiter_report::SeriesRecord;
use tidewaiter_store::Look;

/// A mail that may be parsed, and was.
pub(super) struct Read {
    pub(super) arrival: Arrival,
    /// Kept where the mail may be ours, or a bounce.
    pub(super) message: Option<Message>,
}

/// What is made of one item of a mailbox.
pub(super) enum Taken<'i> {
    Read(&'i [u8], Box<Read>),
    Known(i64),
    PutAside(&'i [u8]),
    PassedOver(&'static str),
}

/// The bytes of a mail that was fetched.
pub(super) fn raw(item: &Item) -> Option<&[u8]> {
    match item {
        Item::Fetched { raw, .. } => Some(raw),
        Item::TooLarge { .. } | Item::Vanished { .. } => None,
    }
}

/// Parses a mail where it may be parsed. Its event time is the server's; one that is later than
/// now would let the engine decide what is not due.
pub(super) fn look_at<'i>(
    context: &Context,
    item: &'i Item,
    looks: &mut impl Iterator<Item = Look>,
    now: Timestamp,
) -> Taken<'i> {
    let (raw, internal) = match item {
        Item::Fetched { raw, internal_date, .. } => (raw, internal_date),
        Item::TooLarge { .. } => return Taken::PassedOver("it is too large"),
        Item::Vanished { .. } => return Taken::PassedOver("it was deleted before it was read"),
    };
    match looks.next() {
        Some(Look::Known(id)) => return Taken::Known(id),
        Some(Look::Quarantine) => return Taken::PutAside(raw),
        Some(Look::Parse | Look::ParseAlone) | None => {}
    }
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
    let time = internal.or(mail.header.received).unwrap_or(now).min(now);
    let time = Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(now);
    Taken::Read(raw, Box::new(Read { arrival: Arrival::new(context, mail, time), message: kept }))
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
