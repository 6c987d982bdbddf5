//! Replies: queued once, and what becomes of each.

mod caps;
mod change;
mod look;
mod row;
mod sound;
mod switch;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use tidewaiter_engine::{Config, Judged, Judgement};
use tidewaiter_mail::{Address, MailDate, Message, MessageId};
use tidewaiter_reply::{Reply, ReplyKind};

pub use self::{
    caps::{Counted, Limits, QuietHours},
    change::{Arming, Attempt, Finished, Refused, Returned},
    row::{ReplyRow, ReplyState},
    switch::Switch,
};
pub(crate) use self::{change::doubt_armed, switch::stop};
use crate::{Error, Writer, error::Doing, hash::text_hash, time};

/// A reply to be queued, and what the gate and the caps need to know of it.
#[derive(Clone, Debug)]
pub struct NewReply<'a> {
    /// The reply.
    pub reply: &'a Reply,
    /// The project's id, a part of its key.
    pub project: &'a str,
    /// The list's List-Id, by which its echo is known.
    pub list_id: Option<&'a str>,
    /// The series' author; of an answer to one person, that person.
    pub author: Option<&'a Address>,
    /// The rules that it speaks of.
    pub rules: Vec<&'a str>,
    /// The event time of what it answers.
    pub about: Timestamp,
    /// The time now, which becomes its `Date`.
    pub now: Timestamp,
}

/// What became of a reply that was to be queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queued {
    /// It waits to be sent.
    Ready,
    /// It waits for a person.
    Held,
    /// There is one under its key already.
    Known,
    /// Its series was decided before, and what was decided first stands.
    DecidedBefore,
}

impl<'a> NewReply<'a> {
    /// Of an effect of the engine.
    pub(crate) fn of(
        config: &'a Config,
        reply: &'a Reply,
        judged: Option<(&'a Judged, &'a Judgement)>,
        now: Timestamp,
    ) -> Self {
        let list = config.lists.iter().find(|list| list.reply.list == reply.list);
        let findings = judged.iter().flat_map(|(_, j)| &j.assessment).flat_map(|a| &a.findings);
        let author = judged.and_then(|(judged, _)| judged.series.author.as_ref());
        let author = author.and_then(|author| author.address.as_ref());
        // An answer is its asker's, who may be forgotten.
        let author = match &reply.kind {
            ReplyKind::Why { asker } => Some(asker),
            _ => author,
        };
        Self {
            reply,
            // A list without an entry has no mode that sends.
            project: list.map_or(reply.policy.as_str(), |list| list.reply.project.as_str()),
            list_id: list.map(|list| list.id.as_str()),
            author,
            rules: findings.map(|finding| finding.rule.as_str()).collect(),
            about: judged.map_or(now, |(judged, _)| judged.series.last),
            now,
        }
    }
}

impl Writer<'_> {
    /// Queues a reply, unless there is one under its key. Its bytes are made here and never again.
    ///
    /// # Errors
    /// [`Error::Unsound`] where the bytes cannot be sent as they are; where the store cannot be
    /// written to.
    pub fn queue(&self, new: &NewReply<'_>) -> Result<Queued, Error> {
        let reply = new.reply;
        let date = MailDate { timestamp: new.now, offset_seconds: 0 };
        let bytes = reply.to_eml(false, Some(date));
        let unsound = |why| Error::Unsound { id: reply.id.as_str().to_owned(), why };
        let people: Vec<&str> = reply
            .to
            .iter()
            .chain(&reply.cc)
            .filter_map(|person| person.address.as_ref())
            .map(Address::as_str)
            .collect();
        sound::check(&bytes, &people).map_err(unsound)?;
        let sender = reply.from.address.as_ref().ok_or_else(|| unsound("it has no sender"))?;
        let text = text_hash(&Message::parse(&bytes).body);
        let (kind, extra) = (reply.kind.word(), reply.kind.extra());
        // A digest answers nothing, and its project's period is its key.
        let series = reply.in_reply_to.as_ref().map_or("", MessageId::as_str);
        let held = reply.held_by.map(tidewaiter_reply::HeldBy::as_str);
        let thread = reply.references.first().or(reply.in_reply_to.as_ref());
        let done = self
            .tx
            .prepare_cached(
                "INSERT INTO replies (id, project, series, kind, extra, state, held_by, list,
                   list_id, policy, sender, recipients, subject, bytes, text_hash, thread, author,
                   rules, about, queued, not_before)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                   ?17, ?18, ?19, ?20, ?20)
                 ON CONFLICT DO NOTHING",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    reply.id.as_str(),
                    new.project,
                    series,
                    kind,
                    extra,
                    if held.is_some() { "held" } else { "ready" },
                    held,
                    reply.list.as_str(),
                    new.list_id,
                    reply.policy,
                    sender.as_str(),
                    serde_json::Value::from(people).to_string(),
                    reply.subject,
                    bytes,
                    text.0,
                    thread.map(MessageId::as_str),
                    new.author.map(|a| a.as_str().to_ascii_lowercase()),
                    new.rules.join(" "),
                    time::stored(new.about),
                    time::stored(new.now),
                ])
            })
            .doing("queue a reply")?;
        Ok(match (done, held) {
            (0, _) => Queued::Known,
            (_, Some(_)) => Queued::Held,
            (_, None) => Queued::Ready,
        })
    }

    /// Takes back a reply that has not gone out; whether there was one. One that is being sent, or
    /// of which nobody knows, is noted as no longer wanted: it is not sent again.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn cancel(&self, id: &MessageId) -> Result<bool, Error> {
        let waits = [ReplyState::Ready, ReplyState::Held];
        let cancelled = self.change(id, &waits, ReplyState::Cancelled, None)?;
        if !cancelled {
            self.run(
                "UPDATE replies SET unwanted = 1 WHERE id = ?1 AND state IN ('armed', 'doubt')",
                [id.as_str()],
            )?;
        }
        Ok(cancelled)
    }

    /// Whether a reply exists, whatever became of it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn has_reply(&self, id: &MessageId) -> Result<bool, Error> {
        self.tx
            .query_row("SELECT 1 FROM replies WHERE id = ?1", [id.as_str()], |_| Ok(()))
            .optional()
            .doing("look for a reply")
            .map(|row| row.is_some())
    }
}
