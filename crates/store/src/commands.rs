//! What an operator asks for on the command line while the daemon runs.

use jiff::Timestamp;
use rusqlite::{TransactionBehavior, params};

use crate::{Beside, Error, Point, Store, View, Writer, error::Doing, point::commit, time};

/// A command that waits, or was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its number.
    pub id: i64,
    /// When it was given.
    pub time: Timestamp,
    /// Its words, such as `release tw.0123@bot.example.net`.
    pub command: String,
    /// What came of it; `None` while it waits.
    pub answer: Option<String>,
}

/// What answers a command.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) command: i64,
    pub(crate) text: String,
    pub(crate) now: Timestamp,
}

impl Store {
    /// Answers a command with the next that is written: in one transaction with what it asks for, or
    /// a program that dies in between would find it done and say that it cannot be.
    ///
    /// Where nothing is written for it, [`Store::answer_now`] does it.
    pub fn answer_with_next(&mut self, command: i64, text: &str, now: Timestamp) {
        self.answer = Some(Answer { command, text: text.to_owned(), now });
    }

    /// Takes back an answer that was not written.
    pub fn answer_not(&mut self) {
        self.answer = None;
    }

    /// Writes an answer that waits, if there is one.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn answer_now(&mut self) -> Result<(), Error> {
        if self.answer.is_none() {
            return Ok(());
        }
        self.begin()?.end(Point::Operate)
    }
}

impl Beside {
    /// Leaves a command for the daemon; its number.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn ask(&mut self, command: &str, now: Timestamp) -> Result<i64, Error> {
        let tx = self
            .view
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .doing("leave a command")?;
        tx.execute(
            "INSERT INTO commands (time, command) VALUES (?1, ?2)",
            params![time::stored(now), command],
        )
        .doing("leave a command")?;
        let id = tx.last_insert_rowid();
        commit(tx, Point::Operate)?;
        Ok(id)
    }

    /// Turns the stop switch on, whatever the daemon does.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn stop(&mut self, why: &str, now: Timestamp) -> Result<(), Error> {
        let tx = self
            .view
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .doing("turn the stop switch on")?;
        crate::replies::stop(&tx, why, now)?;
        commit(tx, Point::Operate)
    }
}

impl View {
    /// Commands that wait, oldest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn commands(&self) -> Result<Vec<Command>, Error> {
        self.read_commands(
            "SELECT id, time, command, answer FROM commands WHERE done IS NULL ORDER BY id",
            &[],
        )
    }

    /// One command, waiting or not.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn command(&self, id: i64) -> Result<Option<Command>, Error> {
        let all = self.read_commands(
            "SELECT id, time, command, answer FROM commands WHERE id = ?1",
            &[&id],
        )?;
        Ok(all.into_iter().next())
    }

    fn read_commands(
        &self,
        query: &str,
        with: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<Command>, Error> {
        let mut select = self.conn.prepare(query).doing("read the commands")?;
        let mut rows = select.query(with).doing("read the commands")?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().doing("read the commands")? {
            let read = || -> Result<_, rusqlite::Error> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            };
            let (id, at, command, answer) = read().doing("read the commands")?;
            all.push(Command { id, time: time::read(at)?, command, answer });
        }
        Ok(all)
    }
}

impl Writer<'_> {
    /// Notes what came of a command.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn answer(&self, command: i64, answer: &str, now: Timestamp) -> Result<(), Error> {
        self.tx
            .execute(
                "UPDATE commands SET done = ?2, answer = ?3 WHERE id = ?1 AND done IS NULL",
                params![command, time::stored(now), answer],
            )
            .doing("answer a command")?;
        Ok(())
    }
}
