//! Series and digests that took the program down when they were decided.

use rusqlite::params;
use tidewaiter_engine::State;
use tidewaiter_mail::MessageId;

use crate::{Error, Point, Store, View, Writer, error::Doing, open::meta, reading::EndedAt};

/// What the program died over last, as text: the event's number, 0 where it was not stored yet,
/// and the name of what was due.
const SUSPECT: &str = "deciding";

impl View {
    /// What the program died over twice and is judged no more, by the names of [`State::due`].
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn given_up(&self) -> Result<Vec<String>, Error> {
        Ok(self.read_given_up()?.into_iter().map(|(name, _)| name).collect())
    }

    /// Tells an engine that begins anew.
    pub(crate) fn give_up_again(&self, state: &mut State) -> Result<(), Error> {
        for (name, times) in self.read_given_up()? {
            // Where it died over what is left to do of it, too, nothing is done.
            state.give_up(&name, times > 1);
        }
        Ok(())
    }

    fn read_given_up(&self) -> Result<Vec<(String, i64)>, Error> {
        let doing = "read what was given up";
        let mut select = self
            .conn
            .prepare_cached("SELECT name, times FROM given_up ORDER BY name")
            .doing(doing)?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).doing(doing)?;
        rows.map(|row| row.doing(doing)).collect()
    }
}

impl Store {
    /// What the program died over twice running is given up; its name. The mails that were being
    /// parsed are to blame for nothing.
    pub(crate) fn died_over_a_series(&mut self, ended: &EndedAt) -> Result<Option<String>, Error> {
        let name = ended.due.as_deref().unwrap_or_default();
        let now = format!("{} {name}", ended.event);
        let again = meta(&self.view.conn, SUSPECT)?.as_deref() == Some(now.as_str());
        let writer = self.begin()?;
        if again {
            writer.run(
                "INSERT INTO given_up VALUES (?1, 1)
                 ON CONFLICT DO UPDATE SET times = times + 1",
                params![name],
            )?;
            writer.cancel_of(name)?;
        }
        writer.run("DELETE FROM parsing", [])?;
        writer.set_meta(SUSPECT, if again { "" } else { &now })?;
        writer.end(Point::Parse)?;
        Ok(again.then(|| name.to_owned()))
    }
}

impl Writer<'_> {
    /// Cancels what waits to be said of the series that a mail is a part of: the engine, made anew,
    /// knows nothing of it that somebody's word could take back.
    fn cancel_of(&self, mail: &str) -> Result<(), Error> {
        let doing = "look for what waits of a series";
        let mut select = self
            .tx
            .prepare(
                "SELECT DISTINCT r.id FROM parts p JOIN series s ON s.id = p.series
                 JOIN replies r ON r.series = s.message_id
                 WHERE p.message_id = ?1 AND r.state IN ('ready', 'held')",
            )
            .doing(doing)?;
        let ids = select.query_map([mail], |row| row.get::<_, String>(0)).doing(doing)?;
        for id in ids {
            if let Some(id) = MessageId::new(&id.doing(doing)?) {
                self.cancel(&id)?;
            }
        }
        Ok(())
    }

    /// Notes, outside of the transaction, what is decided now: where the program dies over it twice
    /// running, [`Store::rebuild_all`] gives it up.
    pub fn deciding(&self, name: &str) {
        self.reading.note(0, Some(name));
    }

    /// It was decided.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn decided(&self, name: &str) -> Result<(), Error> {
        self.run("DELETE FROM meta WHERE key = ?1 AND value = '0 ' || ?2", params![SUSPECT, name])
    }

    /// Nothing is decided any more, whether that went well or the store failed. Not to be called
    /// where something panicked.
    pub fn nothing_decided(&self) {
        self.reading.clear();
    }

    /// Every stored event was taken: whatever an earlier start died over was not to blame.
    pub(crate) fn came_through(&self) -> Result<(), Error> {
        self.run("DELETE FROM meta WHERE key = ?1 AND value NOT LIKE '0 %'", params![SUSPECT])
    }
}
