//! The engine's state from the store: the same events again, in the same order.

use jiff::Timestamp;
use rusqlite::OptionalExtension;
use tidewaiter_engine::{Arrival, Command, Context, Delivery, Effect, Event, State, step};

use crate::{
    Error, Point, Store, View, error::Doing, mails::unpack, open::meta, point::reach, time,
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
}

struct Row {
    id: i64,
    kind: String,
    time: i64,
    detail: Option<String>,
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
    /// asked, is passed over.
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
        self.rebuild_until(state, context, (after, i64::MAX), other)
    }

    fn rebuild_until(
        &self,
        state: &mut State,
        context: &Context,
        (after, until): (i64, i64),
        mut other: impl FnMut(Happened),
    ) -> Result<Rebuilt, Error> {
        let mut rebuilt = Rebuilt { last: after, ..Rebuilt::default() };
        let mut wakes: Vec<Timestamp> = Vec::new();
        let mut now = None;
        while rebuilt.last < until
            && let Some(row) = self.event_after(rebuilt.last)?
            && row.id <= until
        {
            rebuilt.last = row.id;
            let at = time::read(row.time)?;
            let event = match (row.kind.as_str(), row.raw) {
                ("mail", Some((bytes, packed))) => {
                    reach("in-rebuild");
                    let mail = context.read(&unpack(bytes, &packed)?);
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
            wakes.extend(step(state, context, event).into_iter().filter_map(
                |effect| match effect {
                    Effect::WakeAt(at) => Some(at),
                    _ => None,
                },
            ));
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
                "SELECT e.id, e.kind, e.time, e.detail, r.bytes, r.zstd
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
                            raw: bytes.zip(packed),
                        })
                    })
                    .optional()
            })
            .doing("read the events")
    }
}

/// How often rebuilding may take the program down before it goes on event by event.
const TRIES: u32 = 2;

impl Store {
    /// [`View::rebuild`] of everything, for the start of the daemon.
    ///
    /// A mail that went well once may take a newer program down. Where that happened twice, each
    /// event is written down before it is taken; one that the program then dies over twice running
    /// is put aside ([`View::quarantined`]), and the next start goes on without it. Once could be
    /// a kill from outside, such as systemd's when a start takes too long.
    ///
    /// # Errors
    /// Where the store cannot be read or written to.
    pub fn rebuild_all(
        &mut self,
        state: &mut State,
        context: &Context,
        mut other: impl FnMut(Happened),
    ) -> Result<Rebuilt, Error> {
        let number = |key| -> Result<i64, Error> {
            Ok(meta(&self.view.conn, key)?.and_then(|text| text.parse().ok()).unwrap_or_default())
        };
        let tries = u32::try_from(number("rebuilding")?).unwrap_or(u32::MAX);
        let (fatal, suspect) = (number("rebuilding-at")?, number("rebuilding-suspect")?);
        let writer = self.begin()?;
        writer.set_meta("rebuilding", &tries.saturating_add(1).to_string())?;
        if fatal > 0 {
            writer.set_meta("rebuilding-suspect", &fatal.to_string())?;
            writer.set_meta("rebuilding-at", "0")?;
        }
        if fatal > 0 && fatal == suspect {
            writer.run(
                "UPDATE mails SET quarantined = 1
                 WHERE id = (SELECT mail FROM events WHERE id = ?1)",
                [fatal],
            )?;
            writer.run("DELETE FROM events WHERE id = ?1 AND kind = 'mail'", [fatal])?;
        }
        writer.end(Point::Parse)?;
        let mut rebuilt = Rebuilt::default();
        if tries < TRIES {
            rebuilt = self.rebuild(state, context, 0, &mut other)?;
        } else {
            while let Some(row) = self.event_after(rebuilt.last)? {
                let writer = self.begin()?;
                writer.set_meta("rebuilding-at", &row.id.to_string())?;
                writer.end(Point::Parse)?;
                let span = (rebuilt.last, row.id);
                let more = self.rebuild_until(state, context, span, &mut other)?;
                let mails = rebuilt.mails + more.mails;
                // A wake that has passed is asked for again at the next tick.
                let wake = rebuilt.wake.into_iter().chain(more.wake).min();
                rebuilt = Rebuilt { last: more.last, mails, wake };
            }
        }
        let writer = self.begin()?;
        writer.set_meta("rebuilding", "0")?;
        writer.set_meta("rebuilding-at", "0")?;
        writer.set_meta("rebuilding-suspect", "0")?;
        writer.end(Point::Parse)?;
        Ok(rebuilt)
    }
}
