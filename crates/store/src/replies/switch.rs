//! The stop switch in the store.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::{Error, View, Writer, error::Doing, time};

/// The stop switch is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// Why.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
}

/// Turns it on; the first reason stays.
pub(crate) fn stop(conn: &Connection, why: &str, now: Timestamp) -> Result<(), Error> {
    conn.execute(
        "INSERT INTO switch VALUES (1, ?1, ?2) ON CONFLICT DO NOTHING",
        params![why, time::stored(now)],
    )
    .doing("turn the stop switch on")?;
    Ok(())
}

pub(super) fn read(conn: &Connection) -> Result<Option<Switch>, Error> {
    let row = conn
        .query_row("SELECT why, since FROM switch", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .doing("read the stop switch")?;
    row.map(|(why, since)| Ok(Switch { why, since: time::read(since)? })).transpose()
}

impl View {
    /// Whether the stop switch is on.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn stopped(&self) -> Result<Option<Switch>, Error> {
        read(&self.conn)
    }
}

impl Writer<'_> {
    /// Turns the stop switch on: nothing is sent from here on.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn stop(&self, why: &str, now: Timestamp) -> Result<(), Error> {
        stop(&self.tx, why, now)
    }

    /// Turns the stop switch off; only a person does.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn resume(&self) -> Result<(), Error> {
        self.run("DELETE FROM switch", [])
    }
}
