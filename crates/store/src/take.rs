//! One transaction for all that belongs together.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Params, Transaction, TransactionBehavior, params};
use tidewaiter_engine::{Arrival, Command, Config, Delivery, Effect, Event, Judged, Notice};
use tidewaiter_mail::MessageId;
use tidewaiter_reply::{Reply, ReplyKind};

use crate::{
    Error, NewMail, NewReply, Place, Point, Queued, Store, View,
    commands::Answer,
    error::Doing,
    open::put,
    point::{commit, reach},
    reading::Reading,
    time,
};

/// Everything that is written until [`Writer::commit`] is there together, or not at all.
#[derive(Debug)]
pub struct Writer<'s> {
    view: &'s View,
    pub(crate) reading: &'s Reading,
    /// The command that is carried out by this.
    answer: Option<Answer>,
    pub(crate) tx: Transaction<'s>,
}

/// How far a mailbox was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The account and the mailbox: server, user, name there.
    pub mailbox: String,
    /// Its UIDVALIDITY.
    pub uid_validity: u32,
    /// The last UID that was dealt with; 0 before the first.
    pub uid: u32,
}

/// What is left to do of the engine's effects once they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Each reply that was to be queued, and what became of that.
    pub queued: Vec<(MessageId, Queued)>,
    /// Replies that cannot be sent as they are, and why; they are not stored.
    pub unsound: Vec<(MessageId, &'static str)>,
    /// Replies that wait no longer. That is stored as an event of its own behind those that caused
    /// it; an engine that goes on takes [`Delivery::Cancelled`] for each.
    pub cancelled: Vec<MessageId>,
    /// When the engine wants to be called again; the earliest.
    pub wake: Option<Timestamp>,
    /// What the operator is to be told.
    pub notices: Vec<Notice>,
    /// Commands that came by mail. They are stored, and carried out as far as the store can: the
    /// stop switch is on, and a reply that was held is released.
    pub commands: Vec<Command>,
}

impl Carried {
    /// What has to be told to the engine that went on meanwhile.
    pub fn delivered(&self) -> impl Iterator<Item = Event> {
        let cancelled = self.cancelled.iter();
        cancelled.map(|id| Event::Delivered(id.clone(), Delivery::Cancelled))
    }
}

impl<'a> NewMail<'a> {
    /// A mail as the engine takes it; call it before the engine does.
    #[must_use]
    pub fn of(raw: &'a [u8], arrival: &'a Arrival) -> Self {
        let header = &arrival.mail.header;
        Self {
            raw,
            time: arrival.time,
            content: header.content,
            message_id: header.message_id.as_ref(),
            sender: header.from.as_ref().and_then(|from| from.address.as_ref()),
            header: Some(header),
            quiet: header.automatic.is_none() && arrival.observed.asks_for_quiet(),
        }
    }
}

impl Store {
    /// Starts to write. What is not committed when the [`Writer`] goes is forgotten.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn begin(&mut self) -> Result<Writer<'_>, Error> {
        // Unchecked, so that what was written can be read; `&mut self` keeps it the only one.
        let tx = Transaction::new_unchecked(&self.view.conn, TransactionBehavior::Immediate)
            .doing("start to write to the store")?;
        let answer = self.answer.take();
        Ok(Writer { view: &self.view, reading: &self.reading, answer, tx })
    }
}

impl Writer<'_> {
    /// Writes everything.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing was written. An engine that has taken
    /// the events is ahead of the store and has to be rebuilt from it.
    pub fn commit(self) -> Result<(), Error> {
        self.end(Point::Take)
    }

    pub(crate) fn end(self, point: Point) -> Result<(), Error> {
        if let Some(Answer { command, text, now }) = &self.answer {
            reach("before-answer");
            self.answer(*command, text, *now)?;
        }
        commit(self.tx, point)
    }

    pub(crate) fn run(&self, sql: &'static str, with: impl Params) -> Result<(), Error> {
        let done = self.tx.prepare_cached(sql).and_then(|mut s| s.execute(with));
        done.doing("write to the store").map(|_| ())
    }

    /// The store with what was written so far.
    #[must_use]
    pub fn view(&self) -> &View {
        self.view
    }

    pub(crate) fn set_meta(&self, key: &str, value: &str) -> Result<(), Error> {
        put(&self.tx, key, value)
    }

    /// Notes the configuration that is in force from now on.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn config_version(&self, version: &str) -> Result<(), Error> {
        self.set_meta("config", version)
    }

    /// Says that series whose first mail came before `from` are never answered.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn speak_from(&self, from: Timestamp) -> Result<(), Error> {
        self.set_meta("speak-from", &time::stored(from).to_string())
    }

    /// Notes when the last mail of a list came.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn heard(&self, list: &str, at: Timestamp) -> Result<(), Error> {
        self.set_meta(&["heard ", list].concat(), &time::stored(at).to_string())
    }

    /// Moves a mailbox's cursor. Under one UIDVALIDITY it only goes forward, and never past a
    /// mail of [`Writer::place`] or [`Writer::skip`] that there is none of.
    ///
    /// # Errors
    /// [`Error::Cursor`]; where the store cannot be written to.
    pub fn cursor(&self, cursor: &Cursor) -> Result<(), Error> {
        let before = read_cursor(&self.tx, &cursor.mailbox)?
            .filter(|before| before.uid_validity == cursor.uid_validity);
        let from = before.as_ref().map_or(0, |before| before.uid);
        let refused = || Error::Cursor { mailbox: cursor.mailbox.clone(), from, to: cursor.uid };
        if cursor.uid < from {
            return Err(refused());
        }
        // A first cursor may start anywhere: what lies before it is not read.
        if before.is_some() && cursor.uid > from {
            let there = self
                .tx
                .query_row(
                    "SELECT count(*) FROM places
                     WHERE mailbox = ?1 AND uid_validity = ?2 AND uid = ?3",
                    params![cursor.mailbox, cursor.uid_validity, cursor.uid],
                    |row| row.get::<_, i64>(0),
                )
                .doing("look for a mail's place")?;
            if there == 0 {
                return Err(refused());
            }
        }
        self.run(
            "INSERT INTO cursors VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE
             SET uid_validity = excluded.uid_validity, uid = excluded.uid",
            params![cursor.mailbox, cursor.uid_validity, cursor.uid],
        )
    }

    /// Lets a mailbox begin anew, wherever its next cursor stands: its server has given it other
    /// numbers.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn forget_cursor(&self, mailbox: &str) -> Result<(), Error> {
        self.run("DELETE FROM cursors WHERE mailbox = ?1", [mailbox])
    }

    /// Stores that time went by. Ticks that follow each other are kept as the last of them: the
    /// engine is then where it was after all of them.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn tick(&self, now: Timestamp) -> Result<(), Error> {
        let last: Option<(i64, String)> = self
            .tx
            .prepare_cached("SELECT id, kind FROM events ORDER BY id DESC LIMIT 1")
            .and_then(|mut s| s.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional())
            .doing("read the events")?;
        match last {
            Some((id, kind)) if kind == "tick" => self.run(
                "UPDATE events SET time = max(time, ?2) WHERE id = ?1",
                params![id, time::exact(now)?],
            ),
            _ => self.event("tick", now, None, None),
        }
    }

    /// Stores that an operator's command was carried out.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn command(&self, command: &str, now: Timestamp) -> Result<(), Error> {
        self.event("command", time::read(time::stored(now))?, None, Some(command))
    }

    pub(crate) fn event(
        &self,
        kind: &'static str,
        at: Timestamp,
        mail: Option<i64>,
        detail: Option<&str>,
    ) -> Result<(), Error> {
        self.run(
            "INSERT INTO events (kind, time, mail, detail) VALUES (?1, ?2, ?3, ?4)",
            params![kind, time::exact(at)?, mail, detail],
        )
    }

    /// Stores what the engine decided: series, replies, cancelled replies, and commands that came by
    /// mail.
    ///
    /// `record` gives the JSON of a series that is kept beside its columns. A reply whose key is
    /// taken is not queued, nor one to a series that was decided at an earlier event.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn carry_out(
        &self,
        config: &Config,
        effects: &[Effect],
        now: Timestamp,
        record: &dyn Fn(&Judged) -> String,
    ) -> Result<Carried, Error> {
        let mut carried = Carried::default();
        let judged = |reply: &Reply| {
            effects.iter().find_map(|effect| match effect {
                Effect::Record(judged) => {
                    let of = |j: &&_| is_of(j, reply);
                    judged.judgements.iter().find(of).map(|j| (&**judged, j))
                }
                _ => None,
            })
        };
        for effect in effects {
            match effect {
                Effect::Queue(reply) => {
                    let mut new = NewReply::of(config, reply, judged(reply), now);
                    if let Some(asked) = self.asked(reply)? {
                        new.about = asked;
                    }
                    let queued = if self.was_decided(reply)? {
                        Queued::DecidedBefore
                    } else {
                        match self.queue(&new) {
                            Ok(queued) => queued,
                            // A reply's own fault: what was decided is stored all the same, and
                            // the operator is told.
                            Err(Error::Unsound { why, .. }) => {
                                carried.unsound.push((reply.id.clone(), why));
                                continue;
                            }
                            Err(e) => return Err(e),
                        }
                    };
                    carried.queued.push((reply.id.clone(), queued));
                }
                Effect::Cancel(id) => {
                    if self.cancel(id)? {
                        carried.cancelled.push(id.clone());
                    }
                }
                Effect::WakeAt(at) => {
                    carried.wake = Some(carried.wake.map_or(*at, |wake| wake.min(*at)));
                }
                Effect::Tell(notice) => carried.notices.push(notice.clone()),
                Effect::Command(command) => {
                    match command {
                        Command::Stop => self.stop("an operator's mail says so", now)?,
                        Command::Release(id) => {
                            self.release(id, now)?;
                        }
                        _ => {}
                    }
                    self.command(&command.to_string(), now)?;
                    carried.commands.push(command.clone());
                }
                Effect::Record(_) => {}
            }
        }
        for effect in effects {
            if let Effect::Record(judged) = effect {
                self.record(judged, &record(judged))?;
            }
        }
        Ok(carried)
    }

    /// When the mail came that an answer to one person is about: an old question is not answered.
    fn asked(&self, reply: &Reply) -> Result<Option<Timestamp>, Error> {
        let asked = reply.in_reply_to.as_ref();
        let Some(asked) = asked.filter(|_| matches!(reply.kind, ReplyKind::Why { .. })) else {
            return Ok(None);
        };
        let time: Option<i64> = self
            .tx
            .query_row(
                "SELECT min(time) FROM mails WHERE message_id = ?1",
                [asked.as_str()],
                |row| row.get(0),
            )
            .doing("look for a mail")?;
        time.map(time::read).transpose()
    }

    /// Under a changed configuration the engine may decide a series anew when it is rebuilt; what
    /// was decided first stands.
    fn was_decided(&self, reply: &Reply) -> Result<bool, Error> {
        let Some(series) = reply.in_reply_to.as_ref().filter(|_| reply.kind == ReplyKind::Summary)
        else {
            return Ok(false);
        };
        self.tx
            .query_row(
                "SELECT count(*) FROM series WHERE message_id = ?1",
                [series.as_str()],
                |row| row.get::<_, i64>(0),
            )
            .doing("look for a series")
            .map(|count| count > 0)
    }
}

fn is_of(judgement: &tidewaiter_engine::Judgement, reply: &Reply) -> bool {
    judgement.reply.as_ref().is_some_and(|own| own.id == reply.id)
}

fn read_cursor(conn: &rusqlite::Connection, mailbox: &str) -> Result<Option<Cursor>, Error> {
    conn.query_row(
        "SELECT mailbox, uid_validity, uid FROM cursors WHERE mailbox = ?1",
        [mailbox],
        |row| Ok(Cursor { mailbox: row.get(0)?, uid_validity: row.get(1)?, uid: row.get(2)? }),
    )
    .optional()
    .doing("read a cursor")
}

impl View {
    /// How far a mailbox was read; `None` for one that never was.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn cursor(&self, mailbox: &str) -> Result<Option<Cursor>, Error> {
        read_cursor(&self.conn, mailbox)
    }

    /// The mail that lay there; `None` where it was passed over or never seen.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn mail_at(&self, place: &Place) -> Result<Option<i64>, Error> {
        self.conn
            .query_row(
                "SELECT mail FROM places WHERE mailbox = ?1 AND uid_validity = ?2 AND uid = ?3",
                params![place.mailbox, place.uid_validity, place.uid],
                |row| row.get(0),
            )
            .optional()
            .doing("look for a mail's place")
            .map(Option::flatten)
    }
}
