//! A person's mails go.

use std::time::Duration;

use rusqlite::params;
use tidewaiter_mail::Address;

use crate::{Error, Point, Store, Writer, error::Doing, open::PATIENCE};

/// What went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Mails.
    pub mails: u64,
    /// Series.
    pub series: u64,
    /// Replies whose text went; that they were made, and their keys, stay.
    pub replies: u64,
    /// Somebody reads the store just now, so that all of it stands in its log still:
    /// [`Store::empty_log`].
    pub in_log: bool,
}

impl Store {
    /// Forgets a person: the mails that they sent, their series with what was decided of them,
    /// and what replies to them said. A reply to them that waits is cancelled.
    ///
    /// What other people quote of them stays in those people's mails. That a mail was seen is
    /// still known by its hash, so that it does not come in again.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn forget(&mut self, person: &Address) -> Result<Forgotten, Error> {
        self.forget_and(person, |_, _| Ok(()))
    }

    /// The same; `also` is written in the same transaction.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn forget_and(
        &mut self,
        person: &Address,
        also: impl FnOnce(&Writer<'_>, &Forgotten) -> Result<(), Error>,
    ) -> Result<Forgotten, Error> {
        let who = person.as_str().to_ascii_lowercase();
        let writer = self.begin()?;
        let count = |sql: &'static str| -> Result<u64, Error> {
            let done = writer.tx.execute(sql, params![who]).doing("forget a person")?;
            Ok(done as u64)
        };
        count("DELETE FROM events WHERE mail IN (SELECT id FROM mails WHERE sender = ?1)")?;
        count("DELETE FROM raws WHERE mail IN (SELECT id FROM mails WHERE sender = ?1)")?;
        // What was given up bears the name of a mail that is no more.
        count(
            "DELETE FROM given_up WHERE name IN (SELECT message_id FROM mails WHERE sender = ?1)",
        )?;
        writer.run("DELETE FROM meta WHERE key = 'deciding'", [])?;
        let mails = count(
            "UPDATE mails SET sender = NULL, message_id = NULL, content = NULL, thread = NULL, quiet = 0
             WHERE sender = ?1",
        )?;
        // Answers of earlier programs have the asker in their key alone.
        count("UPDATE replies SET author = ?1 WHERE kind = 'why' AND lower(extra) = ?1")?;
        let series = count("DELETE FROM series WHERE author = ?1")?;
        count(
            "UPDATE attempts SET detail = NULL
             WHERE reply IN (SELECT id FROM replies WHERE author = ?1)",
        )?;
        // That they wish for no replies stays: it keeps the wish.
        count(
            "DELETE FROM events WHERE kind = 'delivery'
             AND lower(substr(detail, -length(' refused ' || ?1))) = ' refused ' || ?1",
        )?;
        // The word that asked for it names them too.
        count("UPDATE commands SET command = 'forget' WHERE lower(command) = 'forget ' || ?1")?;
        // Git writes the sender's address into a mail's id.
        count("UPDATE places SET skipped = 'forgotten' WHERE instr(lower(skipped), ?1) > 0")?;
        let replies = count(
            "UPDATE replies SET
               state = CASE WHEN state IN ('ready', 'held') THEN 'cancelled' ELSE state END,
               unwanted = unwanted OR state IN ('armed', 'doubt'),
               bytes = NULL, subject = NULL, recipients = '[]', author = NULL,
               -- The asker; the id is made of it too, and keeps a second answer away.
               extra = CASE WHEN kind = 'why' THEN id ELSE extra END,
               note = 'forgotten' WHERE author = ?1",
        )?;
        let mut forgotten = Forgotten { mails, series, replies, in_log: false };
        also(&writer, &forgotten)?;
        writer.end(Point::Forget)?;
        self.log_is_due = true;
        // It is forgotten whatever becomes of the log now.
        forgotten.in_log = !self.try_empty_log(PATIENCE).unwrap_or(false);
        Ok(forgotten)
    }

    /// Empties the log where something was forgotten since: it would stay there until it is written
    /// over. `false` where somebody reads the store for so long that it cannot be done now.
    ///
    /// A store that is opened or closed does it by itself.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn empty_log(&mut self) -> Result<bool, Error> {
        // Whoever asks comes again; nobody else is to wait for it.
        self.try_empty_log(Duration::ZERO)
    }

    fn try_empty_log(&mut self, patience: Duration) -> Result<bool, Error> {
        if self.log_is_due {
            let doing = "empty the store's log";
            let conn = &self.view.conn;
            conn.busy_timeout(patience).doing(doing)?;
            let emptied = "PRAGMA wal_checkpoint(TRUNCATE)";
            let busy = conn.query_row(emptied, [], |row| row.get(0));
            conn.busy_timeout(PATIENCE).doing(doing)?;
            self.log_is_due = busy.doing(doing)?;
        }
        Ok(!self.log_is_due)
    }
}
