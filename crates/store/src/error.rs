//! Everything that can go wrong with a store.

use std::{io, path::PathBuf};

use rusqlite::ErrorCode;

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has it open for writing.
    #[error("failed to open the store `{0}`: another tidewaiter is running on it")]
    Locked(PathBuf),
    /// A newer program wrote it.
    #[error("failed to open the store `{path}`: its schema is {found}, this program knows {known}")]
    TooNew {
        /// The store.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// An older program wrote it, and this one has not run on it yet.
    #[error(
        "failed to open the store `{path}`: its schema is {found} and has to be brought to {known} \
         first, which the daemon does when it starts"
    )]
    TooOld {
        /// The store.
        path: PathBuf,
        /// Its schema; 0 where nothing is in it.
        found: u32,
        /// The one that this program works with.
        known: u32,
    },
    /// It is a database of something else.
    #[error("failed to open the store `{0}`: it is no store of tidewaiter")]
    NotAStore(PathBuf),
    /// SQLite could not do it.
    #[error("failed to {doing}: {source}")]
    Sql {
        /// What was to be done.
        doing: &'static str,
        /// What SQLite says.
        source: rusqlite::Error,
    },
    /// The file system could not do it.
    #[error("failed to {doing} `{path}`: {source}")]
    Io {
        /// What was to be done.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What is stored makes no sense.
    #[error("failed to read the store: {0}")]
    Damaged(String),
    /// A cursor was to go back, or past a mail that is not stored.
    #[error("failed to move the cursor of `{mailbox}` from {from} to {to}")]
    Cursor {
        /// The mailbox.
        mailbox: String,
        /// The UID that it stands at.
        from: u32,
        /// The UID that it was to stand at.
        to: u32,
    },
    /// A reply's bytes cannot be sent.
    #[error("failed to queue the reply {id}: {why}")]
    Unsound {
        /// The reply's Message-ID.
        id: String,
        /// What is wrong with them.
        why: &'static str,
    },
}

impl Error {
    /// The disk, or the room that the store was given, is full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        // A file size limit shows as a failed write.
        let limit = |source: &rusqlite::Error| {
            matches!(source, rusqlite::Error::SqliteFailure(e, _)
                if e.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE)
        };
        self.code() == Some(ErrorCode::DiskFull)
            || matches!(self, Self::Sql { source, .. } if limit(source))
            || matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull)
    }

    /// Another connection holds it; the same again may work.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    }

    /// It may not be written to.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        matches!(self.code(), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen))
            || matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied)
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sql { source, .. } => source.sqlite_error_code(),
            _ => None,
        }
    }
}

/// Says what was to be done when SQLite could not do it.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, Error>;
}

impl<T> Doing<T> for Result<T, rusqlite::Error> {
    fn doing(self, doing: &'static str) -> Result<T, Error> {
        self.map_err(|source| Error::Sql { doing, source })
    }
}
