//! The engine's state from the store: the same events again, in the same order.

use jiff::Timestamp;
use rusqlite::OptionalExtension;
use tidewaiter_engine::{Arrival, Command, Context, Delivery, Effect, Event, State, settle, step};

use crate::{
    Error, Point, Store, View,
    error::Doing,
    mails::unpack,
    open::meta,
    point::{fall, reach},
    time,
};

/// An event that is not the engine's: its text is none that the engine reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// An operator's command was carried out.
    Command(Timestamp, String),
    /// Something became of a reply: its id and state.
    Delivery(Timestamp, String),
}

/// What rebuilding found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// The last event's number; where to go on.
    pub last: i64,
    /// How many mails the engine took.
    pub mails: u64,
    /// When the engine wants to be called next.
    pub wake: Option<Timestamp>,
    /// What was given up now, since the program died over it twice: its name is that of
    /// [`State::due`].
    pub given_up: Option<String>,
    /// The numbers of mails whose stored bytes are damaged: they are passed over.
    pub damaged: Vec<i64>,
}

struct Row {
    id: i64,
    kind: String,
    time: i64,
    detail: Option<String>,
    mail: Option<i64>,
    raw: Option<(i64, Vec<u8>)>,
}

impl View {
    /// Takes the engine through every stored event after `after` (0 for all), its effects
    /// ignored: they were carried out when the events came.
    ///
    /// Under the configuration that was in force the state equals what it was. Under another one
    /// it is what that one makes of the same mails; what was queued or decided before stays so,
    /// since the store refuses a second reply. `other` gets commands and deliveries that the engine
    /// does not know. A mail that is gone by age, or because a person
    /// asked, or whose bytes are damaged, is passed over.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn rebuild(
        &self,
        state: &mut State,
        context: &Context,
        after: i64,
        other: impl FnMut(Happened),
    ) -> Result<Rebuilt, Error> {
        self.rebuild_watched(state, context, after, other, |_, _| (), |_| ())
    }

    /// The same for an engine that runs: others have stored events that it has not seen, and what
    /// it makes of those was not carried out yet.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn follow(
        &self,
        state: &mut State,
        context: &Context,
        after: i64,
    ) -> Result<(Rebuilt, Vec<Effect>), Error> {
        let mut effects = Vec::new();
        let keep = |effect| effects.push(effect);
        let rebuilt = self.rebuild_watched(state, context, after, |_| (), |_, _| (), keep)?;
        Ok((rebuilt, effects))
    }

    /// The same; `before` gets the number of each event before it is taken, and the name of each
    /// thing that is due before it; `made` what the engine makes of it.
    fn rebuild_watched(
        &self,
        state: &mut State,
        context: &Context,
        after: i64,
        mut other: impl FnMut(Happened),
        before: impl Fn(i64, Option<&str>),
        mut made: impl FnMut(Effect),
    ) -> Result<Rebuilt, Error> {
        if after == 0 {
            self.give_up_again(state)?;
        }
        let mut rebuilt = Rebuilt { last: after, ..Rebuilt::default() };
        let mut wakes: Vec<Timestamp> = Vec::new();
        let mut now = None;
        while let Some(row) = self.event_after(rebuilt.last)? {
            rebuilt.last = row.id;
            before(row.id, None);
            let at = time::read(row.time)?;
            let event = match (row.kind.as_str(), row.raw) {
                ("mail", Some((bytes, packed))) => {
                    reach("in-rebuild");
                    let Ok(raw) = unpack(bytes, &packed) else {
                        rebuilt.damaged.extend(row.mail);
                        continue;
                    };
                    let mail = context.read(&raw);
                    rebuilt.mails += 1;
                    Event::Mail(Box::new(Arrival::new(context, mail, at)))
                }
                ("tick", _) => Event::Tick(at),
                ("command", _) => {
                    let text = row.detail.unwrap_or_default();
                    let Some(command) = Command::parse(&text) else {
                        other(Happened::Command(at, text));
                        continue;
                    };
                    Event::Operator(command)
                }
                ("delivery", _) => {
                    let text = row.detail.unwrap_or_default();
                    let Some((id, delivery)) = Delivery::parse(&text) else {
                        other(Happened::Delivery(at, text));
                        continue;
                    };
                    Event::Delivered(id, delivery)
                }
                _ => continue,
            };
            now = now.max(Some(at));
            let mut effects = Vec::new();
            if matches!(event, Event::Mail(_) | Event::Tick(_)) {
                // As the daemon does: one by one, to know what takes it down.
                while let Some(due) = state.due(at) {
                    before(row.id, Some(&due));
                    fall(state, &due);
                    effects.extend(settle(state, context, at));
                    before(row.id, None);
                }
            }
            effects.extend(step(state, context, event));
            for effect in effects {
                match effect {
                    Effect::WakeAt(at) => wakes.push(at),
                    effect => made(effect),
                }
            }
            if wakes.len() > 10_000 {
                wakes.retain(|wake| Some(*wake) > now);
            }
        }
        rebuilt.wake = wakes.into_iter().filter(|wake| Some(*wake) > now).min();
        Ok(rebuilt)
    }

    fn event_after(&self, id: i64) -> Result<Option<Row>, Error> {
        self.conn
            .prepare_cached(
                "SELECT e.id, e.kind, e.time, e.detail, r.bytes, r.zstd, e.mail
                 FROM events e LEFT JOIN raws r ON r.mail = e.mail
                 WHERE e.id > ?1 ORDER BY e.id LIMIT 1",
            )
            .and_then(|mut select| {
                select
                    .query_row([id], |row| {
                        let (bytes, packed): (Option<i64>, Option<Vec<u8>>) =
                            (row.get(4)?, row.get(5)?);
                        Ok(Row {
                            id: row.get(0)?,
                            kind: row.get(1)?,
                            time: row.get(2)?,
                            detail: row.get(3)?,
                            mail: row.get(6)?,
                            raw: bytes.zip(packed),
                        })
                    })
                    .optional()
            })
            .doing("read the events")
    }
}

impl Store {
    /// [`View::rebuild`] of everything, for the start of the daemon.
    ///
    /// A mail that went well once may take a newer program down. So the number of each event is
    /// noted in a file beside the store before it is taken; one that the program then dies over
    /// twice running is put aside ([`View::quarantined`]), and the next start goes on without it.
    /// Once could be a kill from outside, such as systemd's when a start takes too long. `each` is
    /// called before each event: it goes on.
    ///
    /// A mail whose bytes are damaged is put aside at once.
    ///
    /// The same as of a mail is done of a series that is decided, here or by [`crate::Writer::deciding`]: it is given
    /// up, and no mail is blamed for it.
    ///
    /// # Errors
    /// Where the store cannot be read or written to.
    pub fn rebuild_all(
        &mut self,
        state: &mut State,
        context: &Context,
        other: impl FnMut(Happened),
        each: impl Fn(),
    ) -> Result<Rebuilt, Error> {
        let ended = self.reading.ended_at();
        let given_up = match &ended {
            Some(ended) if ended.due.is_some() => self.died_over_a_series(ended)?,
            _ => {
                self.died_over_a_mail(ended.map(|ended| ended.event))?;
                None
            }
        };
        // What was noted is written down now, and counts once.
        self.reading.clear();
        let reading = &self.reading;
        let before = |event, due: Option<&str>| {
            each();
            reading.note(event, due);
        };
        let rebuilt = self.rebuild_watched(state, context, 0, other, before, |_| ());
        // What cannot be read took nothing down. A panic does not get here.
        self.reading.clear();
        let mut rebuilt = rebuilt?;
        let writer = self.begin()?;
        writer.set_meta("rebuilding-at", "0")?;
        for mail in &rebuilt.damaged {
            writer.run("UPDATE mails SET quarantined = 1 WHERE id = ?1", [mail])?;
            writer.run("DELETE FROM events WHERE mail = ?1", [mail])?;
        }
        writer.came_through()?;
        writer.end(Point::Parse)?;
        rebuilt.given_up = given_up;
        Ok(rebuilt)
    }

    /// A mail that the program died over twice running is put aside.
    fn died_over_a_mail(&mut self, fatal: Option<i64>) -> Result<(), Error> {
        let suspect = meta(&self.view.conn, "rebuilding-at")?;
        let suspect = suspect.and_then(|text| text.parse().ok()).filter(|id| *id > 0);
        let writer = self.begin()?;
        if let Some(fatal) = fatal.filter(|fatal| suspect == Some(*fatal)) {
            writer.run(
                "UPDATE mails SET quarantined = 1
                 WHERE id = (SELECT mail FROM events WHERE id = ?1)",
                [fatal],
            )?;
            writer.run("DELETE FROM events WHERE id = ?1 AND kind = 'mail'", [fatal])?;
        }
        writer.set_meta("rebuilding-at", &fatal.unwrap_or_default().to_string())?;
        writer.end(Point::Parse)
    }
}
