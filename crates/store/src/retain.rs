//! Old mails go.

use jiff::Timestamp;
use rusqlite::params;

use crate::{Error, Point, Store, error::Doing, time};

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Mails whose bytes went.
    pub mails: u64,
}

impl Store {
    /// Drops the bytes of mails that came before `before`, and their events, unless a series that
    /// they belong to had a mail since. Decisions, replies and their keys stay.
    ///
    /// The engine, rebuilt, knows such mails no longer: an author is new to it again, which makes
    /// it hold more, and a series' reply is kept from being repeated by its key.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn purge(&mut self, before: Timestamp) -> Result<Purged, Error> {
        let writer = self.begin()?;
        let doing = "drop old mails";
        writer
            .tx
            .execute_batch("CREATE TEMP TABLE IF NOT EXISTS old (mail INTEGER PRIMARY KEY) STRICT")
            .doing(doing)?;
        writer.run("DELETE FROM temp.old", [])?;
        writer.run(
            "INSERT INTO temp.old
             SELECT m.id FROM mails m JOIN raws r ON r.mail = m.id
             WHERE m.time < ?1 AND NOT EXISTS (
               SELECT 1 FROM parts mine
               JOIN parts other ON other.series = mine.series
               JOIN mails o ON o.message_id = other.message_id
               WHERE mine.message_id = m.message_id AND o.time >= ?1)",
            params![time::stored(before)],
        )?;
        let mails: i64 = writer
            .tx
            .query_row("SELECT count(*) FROM temp.old", [], |row| row.get(0))
            .doing(doing)?;
        writer.run("DELETE FROM events WHERE mail IN (SELECT mail FROM temp.old)", [])?;
        writer.run("DELETE FROM raws WHERE mail IN (SELECT mail FROM temp.old)", [])?;
        writer.end(Point::Retain)?;
        Ok(Purged { mails: mails.unsigned_abs() })
    }
}
