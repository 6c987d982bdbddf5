//! What can be read from a store.

use std::{fs, io::ErrorKind, path::Path};

use jiff::{Timestamp, civil::Date};
use rusqlite::Connection;
use tidewaiter_engine::Command;

use crate::{
    Error, Point,
    error::Doing,
    open::{beside, meta, private, put},
    point::commit,
    time,
    witness::COPY,
};

/// A store as it can be looked at, by the daemon itself or beside it.
#[derive(Debug)]
pub struct View {
    pub(crate) conn: Connection,
}

impl View {
    /// The store's own random name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn instance(&self) -> Result<Option<String>, Error> {
        meta(&self.conn, "instance")
    }

    /// The configuration that was in force when something was last written.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn config_version(&self) -> Result<Option<String>, Error> {
        meta(&self.conn, "config")
    }

    /// The number of the last event; 0 before the first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn last_event(&self) -> Result<i64, Error> {
        self.conn
            .query_row("SELECT coalesce(max(id), 0) FROM events", [], |row| row.get(0))
            .doing("read the events")
    }

    /// Series whose first mail came before this are never answered; `None` where that was not
    /// said.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn speak_from(&self) -> Result<Option<Timestamp>, Error> {
        self.moment("speak-from")
    }

    /// When the last mail of a list came; `None` where none did.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn heard(&self, list: &str) -> Result<Option<Timestamp>, Error> {
        self.moment(&["heard ", list].concat())
    }

    /// The last day on which a pull changed the documents of a project's policy; `None` where none
    /// came.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn policy_changed(&self, project: &str) -> Result<Option<Date>, Error> {
        let doing = "look for a change of the policy";
        let mut select = self
            .conn
            .prepare_cached("SELECT detail FROM events WHERE kind = 'command' AND detail LIKE ?1")
            .doing(doing)?;
        let details =
            select.query_map(["policy-changed %"], |row| row.get::<_, String>(0)).doing(doing)?;
        let mut last = None;
        for detail in details {
            if let Some(Command::PolicyChanged { day, project: changed }) =
                Command::parse(&detail.doing(doing)?)
                && changed == project
            {
                last = last.max(Some(day));
            }
        }
        Ok(last)
    }

    fn moment(&self, key: &str) -> Result<Option<Timestamp>, Error> {
        let text = meta(&self.conn, key)?;
        let number = text.and_then(|text| text.parse().ok());
        number.map(time::read).transpose()
    }

    /// Every fault that SQLite finds in the file, and every row that points nowhere; empty where
    /// all is well.
    ///
    /// # Errors
    /// Where the store cannot be read at all.
    pub fn integrity(&self) -> Result<Vec<String>, Error> {
        let doing = "check the store";
        let mut faults = Vec::new();
        let mut check = self.conn.prepare("PRAGMA integrity_check(20)").doing(doing)?;
        let rows = check.query_map([], |row| row.get::<_, String>(0)).doing(doing)?;
        for row in rows {
            let line = row.doing(doing)?;
            if line != "ok" {
                faults.push(line);
            }
        }
        let mut keys = self.conn.prepare("PRAGMA foreign_key_check").doing(doing)?;
        let rows = keys.query_map([], |row| row.get::<_, String>(0)).doing(doing)?;
        for row in rows.take(20) {
            faults.push(format!("a row of {} points nowhere", row.doing(doing)?));
        }
        Ok(faults)
    }

    /// Copies the store into a new file while it is in use. The copy is whole, and knows that it
    /// is none of its own past: opened, it is [`crate::Past::RolledBack`] where the store was, and
    /// [`crate::Past::Unwitnessed`] elsewhere.
    ///
    /// # Errors
    /// Where the file exists, or cannot be written.
    pub fn backup(&self, to: &Path) -> Result<(), Error> {
        let failed = |source| Error::Io { doing: "write a backup to", path: to.to_owned(), source };
        if to.exists() {
            return Err(failed(ErrorKind::AlreadyExists.into()));
        }
        // Under another name until it knows what it is.
        let part = beside(to, "part");
        let copied = self.copy(&part).and_then(|()| {
            let file = fs::File::open(&part).and_then(|file| file.sync_all());
            file.and_then(|()| fs::rename(&part, to)).map_err(failed)
        });
        if copied.is_err() {
            // A part of a copy is none.
            let _ = fs::remove_file(&part);
        }
        copied
    }

    fn copy(&self, to: &Path) -> Result<(), Error> {
        let failed = |source| Error::Io { doing: "write a backup to", path: to.to_owned(), source };
        let name = to.to_str().ok_or_else(|| failed(ErrorKind::InvalidFilename.into()))?;
        let doing = "write a backup of the store";
        // What an earlier try left; SQLite takes an empty file for a new one.
        match fs::remove_file(to) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        private(to).map_err(failed)?;
        // Committed by SQLite itself, in the new file.
        self.conn.execute("VACUUM INTO ?1", [name]).doing(doing)?;
        let mut copy = Connection::open(to).doing(doing)?;
        let tx = copy.transaction().doing(doing)?;
        put(&tx, "past", COPY)?;
        commit(tx, Point::Operate)?;
        copy.close().map_err(|(_, error)| error).doing(doing)
    }
}
