//! Old mails go.

use jiff::Timestamp;
use rusqlite::params;

use crate::{Error, Point, Store, error::Doing, time};

/// What lives, and what goes.
const TABLES: &str = "
    CREATE TEMP TABLE IF NOT EXISTS threads (thread INTEGER PRIMARY KEY) STRICT;
    CREATE TEMP TABLE IF NOT EXISTS living (series INTEGER PRIMARY KEY) STRICT;
    CREATE TEMP TABLE IF NOT EXISTS old (mail INTEGER PRIMARY KEY) STRICT;
    DELETE FROM temp.threads; DELETE FROM temp.living; DELETE FROM temp.old;";

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Mails whose bytes went.
    pub mails: u64,
}

impl Store {
    /// Drops the bytes of mails that came before `before`, and their events, unless their thread or
    /// a series that they belong to had a mail since. Decisions, replies and their keys stay.
    ///
    /// A thread in which somebody asked for quiet stays whole: its wish holds for later versions,
    /// however late they come. These are few.
    ///
    /// The engine, rebuilt, knows such mails no longer: an author is new to it again, which makes
    /// it hold more, and a series' reply is kept from being repeated by its key.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn purge(&mut self, before: Timestamp) -> Result<Purged, Error> {
        let writer = self.begin()?;
        let doing = "drop old mails";
        writer.tx.execute_batch(TABLES).doing(doing)?;
        let before = time::stored(before);
        writer.run(
            "INSERT INTO temp.threads SELECT DISTINCT thread FROM mails
             WHERE thread IS NOT NULL AND (time >= ?1 OR quiet = 1)",
            params![before],
        )?;
        writer.run(
            "INSERT INTO temp.living SELECT DISTINCT p.series
             FROM parts p JOIN mails m ON m.message_id = p.message_id
             WHERE m.time >= ?1 OR m.quiet = 1 OR m.thread IN (SELECT thread FROM temp.threads)",
            params![before],
        )?;
        // A series may be in several threads.
        writer.run(
            "INSERT OR IGNORE INTO temp.threads SELECT DISTINCT m.thread
             FROM temp.living l JOIN parts p ON p.series = l.series
             JOIN mails m ON m.message_id = p.message_id WHERE m.thread IS NOT NULL",
            [],
        )?;
        writer.run(
            "INSERT INTO temp.old
             SELECT m.id FROM mails m JOIN raws r ON r.mail = m.id
             WHERE m.time < ?1
             AND (m.thread IS NULL OR m.thread NOT IN (SELECT thread FROM temp.threads))
             AND NOT EXISTS (SELECT 1 FROM parts p JOIN temp.living l ON l.series = p.series
               WHERE p.message_id = m.message_id)",
            params![before],
        )?;
        let mails: i64 = writer
            .tx
            .query_row("SELECT count(*) FROM temp.old", [], |row| row.get(0))
            .doing(doing)?;
        writer.run("DELETE FROM events WHERE mail IN (SELECT mail FROM temp.old)", [])?;
        writer.run("DELETE FROM raws WHERE mail IN (SELECT mail FROM temp.old)", [])?;
        // What has gone takes nothing down any more.
        writer.run(
            "DELETE FROM given_up WHERE name IN
             (SELECT message_id FROM mails WHERE id IN (SELECT mail FROM temp.old))",
            [],
        )?;
        writer.end(Point::Retain)?;
        Ok(Purged { mails: mails.unsigned_abs() })
    }
}
