//! Our own mails coming back: through the list, or as bounces.

use jiff::{SignedDuration, Timestamp};
use tidewaiter_mail::{Address, Automatic, Message, MessageId, scan_message_ids};
use tidewaiter_store::{
    Error, RawHash, Refused, ReplyRow, ReplyState, Returned, View, Writer, text_hash,
};

/// How much of a bounce is searched for our ids.
const SEARCHED: usize = 256 << 10;

/// How many recipients of a bounce are looked at; no reply has more.
const RECIPIENTS: usize = 20;

/// Who we are.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// Our address.
    pub address: &'a Address,
    /// What stands behind the `@` in our Message-IDs.
    pub domain: &'a str,
    /// So many bounces in a day turn the stop switch on.
    pub bounces: u32,
    /// The store does not know its past and reads its own mails from the list: a mail of ours that
    /// it does not know is no alarm.
    pub importing: bool,
}

/// What a mail means to the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CameBack {
    /// Nothing: other people's mail.
    No,
    /// A reply of ours came back through its list: it was sent.
    Seen(MessageId),
    /// A reply of ours came back a second time; the stop switch is on.
    Twice(MessageId),
    /// It has a reply's Message-ID and is not that reply: somebody forged it, or a relay changed
    /// it. Nothing changed.
    Odd(MessageId),
    /// It is under our address and nothing here has sent it; the stop switch is on.
    Stranger,
    /// A mail of ours bounced, for these recipients for good: they are never written to again.
    Bounced(MessageId, Vec<Address>),
}

impl CameBack {
    /// Whether the stop switch was turned on for it.
    #[must_use]
    pub fn stops(&self) -> bool {
        matches!(self, Self::Twice(_) | Self::Stranger)
    }
}

/// What was found before writing.
struct Found {
    reply: Option<ReplyRow>,
    /// A reply that bounced, and whom the bounce names.
    bounced: Option<(ReplyRow, Vec<Address>)>,
}

fn find(view: &View, raw: &[u8], message: &Message, own: &Own<'_>) -> Result<Found, Error> {
    let ours = |id: &MessageId| {
        id.as_str().rsplit('@').next().is_some_and(|d| d.eq_ignore_ascii_case(own.domain))
    };
    let reply = match message.message_id.as_ref().filter(|id| ours(id)) {
        Some(id) => view.reply(id)?,
        None => None,
    };
    let mut bounced = None;
    if let Some(named) = bounce(raw, message).filter(|_| reply.is_none()) {
        let searched = raw.get(..raw.len().min(SEARCHED)).unwrap_or_default();
        // Only who has seen the reply knows its id.
        for id in scan_message_ids(searched).0.iter().filter(|id| ours(id)) {
            let known = view.reply(id)?.filter(|row| row.armed.is_some());
            bounced = bounced.or(known.map(|row| (row, named.clone())));
        }
    }
    Ok(Found { reply, bounced })
}

/// Looks at a mail that came, and writes what it means beside the mail itself. Call it for every
/// mail that is new.
///
/// An echo counts only where Message-ID, List-Id, From and text are those of the reply.
///
/// # Errors
/// Where the store cannot be read or written to.
pub fn come_back(
    writer: &Writer<'_>,
    raw: &[u8],
    message: &Message,
    own: &Own<'_>,
    now: Timestamp,
) -> Result<CameBack, Error> {
    let found = find(writer.view(), raw, message, own)?;
    let hash = RawHash::of(raw);
    if let Some(reply) = found.reply {
        if !is_echo(&reply, message) {
            writer.returned(hash, Some(&reply.id), Returned::Odd, now)?;
            return Ok(CameBack::Odd(reply.id));
        }
        let times = writer.returned(hash, Some(&reply.id), Returned::Echo, now)?;
        writer.seen(&reply.id, now)?;
        if times > 1 {
            writer.stop("a reply came back through its list twice", now)?;
            return Ok(CameBack::Twice(reply.id));
        }
        return Ok(CameBack::Seen(reply.id));
    }
    if let Some((reply, named)) = found.bounced {
        let id = reply.id.clone();
        writer.returned(hash, Some(&id), Returned::Bounce, now)?;
        let refused = refused(&reply, &named);
        writer.refused(&id, &refused.1, now)?;
        let since = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
        if writer.bounces_since(since)? >= own.bounces {
            writer.stop("too many replies bounced in a day", now)?;
        }
        return Ok(CameBack::Bounced(id, refused.0));
    }
    let from = message.from.as_ref().and_then(|from| from.address.as_ref());
    if from == Some(own.address) && message.automatic.is_none_or(|a| a == Automatic::AutoSubmitted)
    {
        writer.returned(hash, None, Returned::Odd, now)?;
        if own.importing {
            return Ok(CameBack::No);
        }
        writer.stop("a mail came under our address that nothing here has sent", now)?;
        return Ok(CameBack::Stranger);
    }
    Ok(CameBack::No)
}

/// Those of a reply's recipients whom a bounce names. Nothing vouches for a bounce, so that it can
/// do no more than keep us from writing to one to whom we have written; a list is one all the same.
fn refused(reply: &ReplyRow, named: &[Address]) -> (Vec<Address>, Vec<Refused>) {
    let is_named = |recipient: &String| {
        let same = |address: &Address| address.as_str().eq_ignore_ascii_case(recipient);
        !recipient.eq_ignore_ascii_case(&reply.list) && named.iter().any(same)
    };
    let recipients = reply.recipients.iter().filter(|recipient| is_named(recipient));
    let addresses: Vec<Address> = recipients.filter_map(|one| Address::new(one)).collect();
    let refused = addresses.iter().map(|address| Refused {
        address: address.as_str().to_owned(),
        answer: "it bounced".to_owned(),
        for_good: true,
    });
    let refused = refused.collect();
    (addresses, refused)
}

/// Whether a mail is a bounce: a report of a failure (RFC 3464), or, of an old server, any mail with
/// nobody in its envelope. Gives whom the report names as failed for good.
///
/// What a program answers for a person on holiday has nobody there either (RFC 3834 section 3.3), but
/// it names what it answers; or every author who is away would count as one. A report of a delay or
/// of success, and a receipt, are none.
fn bounce(raw: &[u8], message: &Message) -> Option<Vec<Address>> {
    message.automatic?;
    let read = raw.get(..raw.len().min(SEARCHED)).unwrap_or_default();
    let read = String::from_utf8_lossy(read).to_ascii_lowercase();
    let mut lines = read.lines();
    let (mut report, mut receipt, mut nobody) = (false, false, false);
    let mut field = "";
    for line in lines.by_ref().take_while(|line| !line.trim().is_empty()) {
        if !line.starts_with([' ', '\t']) {
            field = line.split(':').next().unwrap_or_default();
        }
        match field {
            "content-type" => {
                report |= line.contains("multipart/report");
                receipt |= line.contains("disposition-notification");
            }
            "return-path" => nobody |= line.trim_end().ends_with("<>"),
            _ => {}
        }
    }
    if report {
        let mut actions = lines.clone().filter_map(|line| line.strip_prefix("action:")).peekable();
        let failed = |action: &str| action.trim_start().starts_with("failed");
        let failure = !receipt && (actions.peek().is_none() || actions.any(failed));
        return failure.then(|| failed_for_good(lines));
    }
    (nobody && message.in_reply_to.is_none()).then(Vec::new)
}

/// The recipients that a report names as failed, other than for a time.
fn failed_for_good<'l>(lines: impl Iterator<Item = &'l str>) -> Vec<Address> {
    let mut all: Vec<Address> = Vec::new();
    let (mut named, mut failed, mut for_now) = (Vec::new(), false, false);
    // A group of fields ends with an empty line.
    for line in lines.chain([""]) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.trim();
        match field.trim_end() {
            "final-recipient" | "original-recipient" => {
                let address = value.split_once(';').map(|(_, address)| address.trim());
                named.extend(address.and_then(|a| Address::new(a.trim_matches(['<', '>']))));
            }
            "action" => failed = value.starts_with("failed"),
            "status" => for_now = value.starts_with('4'),
            "" => {
                let found = named.drain(..).filter(|_| failed && !for_now);
                for address in found {
                    if all.len() < RECIPIENTS && !all.contains(&address) {
                        all.push(address);
                    }
                }
                (failed, for_now) = (false, false);
            }
            _ => {}
        }
    }
    all
}

/// Whether a mail is the reply as its list sends it on.
fn is_echo(reply: &ReplyRow, message: &Message) -> bool {
    let left = !matches!(reply.state, ReplyState::Held | ReplyState::Cancelled);
    let list = reply.list_id.as_deref();
    let through = list
        .is_some_and(|list| message.lists.iter().any(|l| l.as_str().eq_ignore_ascii_case(list)));
    let from = message.from.as_ref().and_then(|from| from.address.as_ref());
    let ours = from.is_some_and(|from| from.as_str().eq_ignore_ascii_case(&reply.sender));
    left && through && ours && reply.text_hash == Some(text_hash(&message.body))
}
