//! From one state to the next.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use tidewaiter_mail::MessageId;

use super::{caps, switch};
use crate::{Error, Limits, Point, RawHash, ReplyState, Store, Writer, error::Doing, time};

/// Whether a reply may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arming {
    /// It may; it is armed, and counted.
    Armed,
    /// A cap is reached: it waits for a person.
    Held(&'static str),
    /// The stop switch is on.
    Stopped,
    /// It no longer waits to be sent.
    Gone,
}

/// One try to deliver a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// When it ended.
    pub time: Timestamp,
    /// The last step of the conversation.
    pub step: String,
    /// The state that came of it.
    pub outcome: String,
    /// What the server or the connection said.
    pub detail: Option<String>,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished<'a> {
    /// What the reply is from now on.
    pub state: ReplyState,
    /// The last step of the conversation.
    pub step: &'a str,
    /// What the server or the connection said.
    pub detail: &'a str,
    /// Where it is to be tried again: not before this.
    pub not_before: Option<Timestamp>,
    /// When.
    pub now: Timestamp,
    /// The recipients that the server would not take, where it was never armed.
    pub refused: &'a [Refused],
}

/// A recipient that the server would not take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The address.
    pub address: String,
    /// What the server said.
    pub answer: String,
    /// There is no such mailbox: it is never written to again. Else only this mail was refused.
    pub for_good: bool,
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Returned {
    /// Our own mail through its list.
    Echo,
    /// A bounce of it.
    Bounce,
    /// A mail under our address that nothing here has sent, or that says something else.
    Odd,
}

impl Returned {
    fn as_str(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Bounce => "bounce",
            Self::Odd => "odd",
        }
    }
}

/// Nobody is sending any more, so nobody knows. The engine has to hear of it: what is in doubt may have
/// been said.
pub(crate) fn doubt_armed(conn: &rusqlite::Connection) -> Result<usize, Error> {
    conn.prepare_cached(
        "INSERT INTO events (kind, time, detail)
         SELECT 'delivery', coalesce(armed, queued), id || ' doubt' FROM replies
         WHERE state = 'armed'",
    )
    .and_then(|mut insert| insert.execute([]))
    .doing("settle armed replies")?;
    conn.prepare_cached(
        "UPDATE replies SET state = 'doubt', note = 'the program ended while it was sent'
         WHERE state = 'armed'",
    )
    .and_then(|mut update| update.execute([]))
    .doing("settle armed replies")
}

impl Store {
    /// Arms a reply, if it still waits, the stop switch is off and no cap is reached, and counts
    /// it: all in one transaction, which is the last before its first byte leaves. `refused` are
    /// the recipients that the server would not take; they are left out and named here.
    ///
    /// Where another summary of its series went to its list, or more was sent in a day than may
    /// be, the stop switch is turned on. A reply that a person released is held by no cap.
    ///
    /// # Errors
    /// Where the store cannot be written to; then it is not armed.
    pub fn arm(
        &mut self,
        id: &MessageId,
        limits: &Limits,
        refused: &[Refused],
        now: Timestamp,
    ) -> Result<Arming, Error> {
        let writer = self.begin()?;
        let arming = writer.arm(id, limits, refused, now)?;
        writer.end(Point::Arm)?;
        if arming == Arming::Armed {
            // The reply is armed: what cannot be witnessed must not be sent.
            self.bear_witness()?;
        }
        Ok(arming)
    }

    /// Puts every armed reply in doubt: whoever was sending it has gone. How many there were.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn doubt_armed(&mut self) -> Result<usize, Error> {
        if !self.view.is_armed()? {
            return Ok(0);
        }
        let writer = self.begin()?;
        let count = doubt_armed(&writer.tx)?;
        writer.end(Point::Outcome)?;
        Ok(count)
    }

    /// Writes down how a try ended; what the reply is now. One that was cancelled while it was sent
    /// is not tried again, whatever the try says.
    ///
    /// # Errors
    /// Where the store cannot be written to; an armed reply is in doubt when it is opened again.
    pub fn finish(&mut self, id: &MessageId, how: &Finished<'_>) -> Result<ReplyState, Error> {
        let writer = self.begin()?;
        let state = writer.finish(id, how)?;
        writer.end(Point::Outcome)?;
        Ok(state)
    }
}

impl Writer<'_> {
    /// Ends what an operator asked for.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing was written.
    pub fn commit_operation(self) -> Result<(), Error> {
        self.end(Point::Operate)
    }

    fn arm(
        &self,
        id: &MessageId,
        limits: &Limits,
        refused: &[Refused],
        now: Timestamp,
    ) -> Result<Arming, Error> {
        let row: Option<(String, Option<i64>)> = self
            .tx
            .query_row("SELECT state, released FROM replies WHERE id = ?1", [id.as_str()], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .doing("look for a reply")?;
        let Some((_, released)) = row.filter(|(state, _)| state == "ready") else {
            return Ok(Arming::Gone);
        };
        let counted = caps::count(&self.tx, id.as_str(), now)?;
        if counted.series > 0 {
            self.stop("two replies to one series would have gone to one list", now)?;
        } else if counted.by_itself > limits.day && released.is_none() {
            self.stop("more replies were sent in a day than may be", now)?;
        }
        if switch::read(&self.tx)?.is_some() {
            return Ok(Arming::Stopped);
        }
        if let Some(why) = counted.over(limits).filter(|_| released.is_none()) {
            self.hold(id, "cap", why)?;
            return Ok(Arming::Held(why));
        }
        let left_out: Vec<String> = refused
            .iter()
            .map(|refused| format!("{} was refused: {}", refused.address, refused.answer))
            .collect();
        let note = (!left_out.is_empty()).then(|| left_out.join("; "));
        self.run(
            "UPDATE replies SET state = 'armed', armed = ?2, tries = tries + 1, note = ?3
             WHERE id = ?1",
            params![id.as_str(), time::stored(now), note],
        )?;
        self.refused(id, refused, now)?;
        let armed: Option<String> = crate::open::meta(&self.tx, "armed")?;
        let armed = armed.and_then(|text| text.parse::<u64>().ok()).unwrap_or_default() + 1;
        self.set_meta("armed", &armed.to_string())?;
        Ok(Arming::Armed)
    }

    /// Holds a reply that waits to be sent.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn hold(&self, id: &MessageId, held_by: &str, why: &str) -> Result<(), Error> {
        if self.change(id, &[ReplyState::Ready], ReplyState::Held, Some(why))? {
            self.run(
                "UPDATE replies SET held_by = ?2 WHERE id = ?1",
                params![id.as_str(), held_by],
            )?;
        }
        Ok(())
    }

    /// Lets a reply that waits to be sent wait longer.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn postpone(&self, id: &MessageId, until: Timestamp) -> Result<(), Error> {
        self.run(
            "UPDATE replies SET not_before = ?2 WHERE id = ?1 AND state = 'ready'",
            params![id.as_str(), time::stored(until)],
        )
    }

    fn finish(&self, id: &MessageId, how: &Finished<'_>) -> Result<ReplyState, Error> {
        let before = self.state_of(id)?;
        let armed = before == Some(ReplyState::Armed);
        let cancelled = armed && how.state == ReplyState::Ready && self.is_unwanted(id)?;
        let state = if cancelled { ReplyState::Cancelled } else { how.state };
        let note = if cancelled {
            format!("cancelled while it was sent; the last try: {}", how.detail)
        } else {
            how.detail.to_owned()
        };
        let now = time::stored(how.now);
        self.run(
            "INSERT INTO attempts
             SELECT ?1, 1 + count(*), ?2, ?3, ?4, ?5 FROM attempts WHERE reply = ?1",
            params![id.as_str(), now, how.step, state.as_str(), how.detail],
        )?;
        // An echo may have been faster than the server's answer, and stays.
        self.run(
            "UPDATE replies SET state = ?2, not_before = coalesce(?3, not_before),
               sent = CASE WHEN ?2 = 'sent' THEN ?4 ELSE sent END,
               tries = tries + ?6,
               note = CASE WHEN ?2 = 'sent' THEN note ELSE ?5 END
             WHERE id = ?1 AND state IN ('ready', 'armed')",
            params![
                id.as_str(),
                state.as_str(),
                how.not_before.map(time::stored),
                now,
                note,
                // One that never reached the mail server's say is no try.
                i64::from(!armed && how.not_before.is_some()),
            ],
        )?;
        self.refused(id, how.refused, how.now)?;
        match before {
            Some(ReplyState::Ready | ReplyState::Armed) | None => {}
            Some(other) => return Ok(other),
        }
        self.delivery(id, state, how.now)?;
        Ok(state)
    }

    /// Whether a reply was cancelled while it was sent, or while it was in doubt.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn is_unwanted(&self, id: &MessageId) -> Result<bool, Error> {
        self.tx
            .query_row("SELECT unwanted FROM replies WHERE id = ?1", [id.as_str()], |row| {
                row.get(0)
            })
            .optional()
            .doing("look for a reply")
            .map(Option::unwrap_or_default)
    }

    /// Stores which recipients of a reply were refused for good, as the engine reads it back.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn refused(
        &self,
        id: &MessageId,
        refused: &[Refused],
        now: Timestamp,
    ) -> Result<(), Error> {
        for refused in refused.iter().filter(|refused| refused.for_good) {
            let text = [id.as_str(), " refused ", refused.address.as_str()].concat();
            self.event("delivery", time::read(time::stored(now))?, None, Some(&text))?;
        }
        Ok(())
    }

    fn delivery(&self, id: &MessageId, state: ReplyState, now: Timestamp) -> Result<(), Error> {
        let cut = time::read(time::stored(now))?;
        let detail = [id.as_str(), " ", state.as_str()].concat();
        self.event("delivery", cut, None, Some(&detail))
    }

    /// Notes a mail of ours that came back; how many of that kind came back for this reply.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn returned(
        &self,
        raw: RawHash,
        reply: Option<&MessageId>,
        what: Returned,
        now: Timestamp,
    ) -> Result<u32, Error> {
        self.run(
            "INSERT INTO returns VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![raw.0, reply.map(MessageId::as_str), what.as_str(), time::stored(now)],
        )?;
        self.tx
            .query_row(
                "SELECT count(*) FROM returns WHERE reply IS ?1 AND kind = ?2",
                params![reply.map(MessageId::as_str), what.as_str()],
                |row| row.get(0),
            )
            .doing("count what came back")
    }

    /// How many of our mails bounced after `since`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn bounces_since(&self, since: Timestamp) -> Result<u32, Error> {
        self.tx
            .query_row(
                "SELECT count(*) FROM returns WHERE kind = 'bounce' AND time > ?1",
                [time::stored(since)],
                |row| row.get(0),
            )
            .doing("count the bounces")
    }

    /// The reply came back through the list: it went out, whatever was thought.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn seen(&self, id: &MessageId, now: Timestamp) -> Result<(), Error> {
        self.run(
            "UPDATE replies SET state = 'seen', seen = coalesce(seen, ?2) WHERE id = ?1",
            params![id.as_str(), time::stored(now)],
        )?;
        self.delivery(id, ReplyState::Seen, now)
    }

    /// A person releases a held reply: it is sent whatever its age and the caps; whether there
    /// was one.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn release(&self, id: &MessageId, now: Timestamp) -> Result<bool, Error> {
        let was = self.change(id, &[ReplyState::Held], ReplyState::Ready, Some("released"))?;
        if was {
            self.run(
                "UPDATE replies SET released = ?2, not_before = ?2, held_by = NULL WHERE id = ?1",
                params![id.as_str(), time::stored(now)],
            )?;
        }
        Ok(was)
    }

    /// Goes from one of some states to another; whether it did. The engine reads that back as an
    /// event, since what was not said is news to later versions. One that may have gone out and is
    /// dropped counts as said.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn change(
        &self,
        id: &MessageId,
        from: &[ReplyState],
        to: ReplyState,
        note: Option<&str>,
    ) -> Result<bool, Error> {
        let Some(before) = self.state_of(id)?.filter(|state| from.contains(state)) else {
            return Ok(false);
        };
        self.run(
            "UPDATE replies SET state = ?2, note = coalesce(?3, note) WHERE id = ?1",
            params![id.as_str(), to.as_str(), note],
        )?;
        let left_in_doubt = (before, to) == (ReplyState::Doubt, ReplyState::Dropped);
        if to != ReplyState::Ready && !left_in_doubt {
            // When it was is nothing that the engine asks for.
            self.run(
                "INSERT INTO events (kind, time, detail)
                 SELECT 'delivery', coalesce((SELECT time FROM events ORDER BY id DESC LIMIT 1), 0),
                   ?1",
                [[id.as_str(), " ", to.as_str()].concat()],
            )?;
        }
        Ok(true)
    }

    /// What became of a reply so far.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn state_of(&self, id: &MessageId) -> Result<Option<ReplyState>, Error> {
        let word: Option<String> = self
            .tx
            .query_row("SELECT state FROM replies WHERE id = ?1", [id.as_str()], |row| row.get(0))
            .optional()
            .doing("look for a reply")?;
        let state = |word: String| ReplyState::ALL.iter().copied().find(|s| s.as_str() == word);
        Ok(word.and_then(state))
    }
}
