//! A store that another process, the daemon, may have open.

use std::{
    fs::{File, TryLockError},
    io::ErrorKind,
    ops::Deref,
    path::{Path, PathBuf},
};

use crate::{
    Error, Past, View,
    migrations::check,
    open::{counts, meta, real, second},
    witness::Witness,
};

/// A store to look at, and to leave a command in, while the daemon runs on it.
#[derive(Debug)]
pub struct Beside {
    pub(crate) view: View,
    path: PathBuf,
}

impl Deref for Beside {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl Beside {
    /// Opens a store that exists and has this program's schema.
    ///
    /// # Errors
    /// Where it does not exist; [`Error::TooOld`], [`Error::TooNew`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let conn = second(path)?;
        let found = check(&conn, path)?;
        if found != crate::SCHEMA {
            return Err(Error::TooOld { path: path.to_owned(), found, known: crate::SCHEMA });
        }
        Ok(Self { view: View { conn }, path: real(path) })
    }

    /// What its past is worth, as [`crate::Store::past`] would say; nothing is counted by asking.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn past(&self) -> Result<Past, Error> {
        let conn = &self.view.conn;
        let word = meta(conn, "past")?;
        // The store first: whoever arms a reply now writes the witness last.
        let counted = counts(conn)?;
        Ok(Past::of(word.as_deref(), Witness::read(&self.path).as_ref(), &counted))
    }

    /// Whether another process, the daemon, has the store open for writing.
    ///
    /// # Errors
    /// Where the lock cannot be looked at.
    pub fn in_use(&self) -> Result<bool, Error> {
        let name = crate::open::beside(&self.path, "lock");
        // Opened only, and let go at once: nothing is made by looking.
        let file = match File::open(&name) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(Error::Io { doing: "look at the lock", path: name, source }),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(source)) => {
                Err(Error::Io { doing: "look at the lock", path: name, source })
            }
        }
    }
}
