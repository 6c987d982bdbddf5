//! Opening a store: lock, settings, migrations, and what its past is worth.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    ops::Deref,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior, params};

use crate::{
    Error, Past, Point, View,
    commands::Answer,
    error::Doing,
    migrations::{check, migrate},
    point::commit,
    reading::Reading,
    replies::doubt_armed,
    witness::Witness,
};

/// How long to wait for a command that writes a line beside the daemon.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A store that this process alone writes to.
#[derive(Debug)]
pub struct Store {
    pub(crate) view: View,
    pub(crate) path: PathBuf,
    past: Past,
    pub(crate) reading: Reading,
    /// What the next that is written answers.
    pub(crate) answer: Option<Answer>,
    /// Something was forgotten that stands in the log still.
    pub(crate) log_is_due: bool,
    /// Held as long as the store is open.
    _lock: File,
}

impl Deref for Store {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl Store {
    /// Opens a store, makes it where there is none, and brings its tables up to date.
    ///
    /// A reply that was armed when the program ended is in doubt from here on.
    ///
    /// # Errors
    /// [`Error::Locked`] where another process has it; where it is damaged, foreign, too new, or
    /// cannot be written to.
    pub fn open(path: &Path) -> Result<Self, Error> {
        // Whatever it is called here, there is one lock and one witness.
        let path = &real(path);
        let lock = lock(path)?;
        // It holds other people's mail. SQLite gives its other files the same mode.
        private(path).map_err(|source| Error::Io {
            doing: "open the store",
            path: path.to_owned(),
            source,
        })?;
        let mut conn = Connection::open(path).doing("open the store")?;
        conn.busy_timeout(PATIENCE).doing("set up the store")?;
        // What belongs to another program stays as it is.
        check(&conn, path)?;
        settings(&conn)?;
        migrate(&mut conn, path)?;
        conn.pragma_update(None, "foreign_keys", true).doing("set up the store")?;
        let (past, _) = begin(&mut conn, path)?;
        let reading = Reading::open(path)?;
        let view = View { conn };
        let mut store = Self {
            view,
            path: path.to_owned(),
            past,
            reading,
            answer: None,
            log_is_due: true,
            _lock: lock,
        };
        // What was forgotten when the program ended; where it cannot be now, it is later.
        let _ = store.empty_log();
        Ok(store)
    }

    /// What its past is worth. It stays so, over restarts too, until [`Store::trust_past`].
    #[must_use]
    pub fn past(&self) -> Past {
        self.past
    }

    /// Takes the store as it is for the one that was here last: the own mails of the last weeks
    /// were read from the list, or a person said so.
    ///
    /// # Errors
    /// Where it cannot be written down.
    pub fn trust_past(&mut self) -> Result<(), Error> {
        let mut witness = self.counts()?;
        if let Some(found) = Witness::read(&self.path) {
            witness.opened = witness.opened.max(found.opened) + 1;
            witness.armed = witness.armed.max(found.armed);
        }
        let writer = self.begin()?;
        writer.set_meta("opened", &witness.opened.to_string())?;
        writer.set_meta("armed", &witness.armed.to_string())?;
        writer.set_meta("past", "known")?;
        writer.end(Point::Open)?;
        witness.write(&self.path)?;
        self.past = Past::Known;
        Ok(())
    }

    /// Writes the witness anew after a reply was armed, so that an older store is known for one.
    pub(crate) fn bear_witness(&self) -> Result<(), Error> {
        if self.past == Past::Known { self.counts()?.write(&self.path) } else { Ok(()) }
    }

    fn counts(&self) -> Result<Witness, Error> {
        counts(&self.view.conn)
    }
}

/// `FILE.lock`, `FILE.witness`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

/// The file behind every link, as SQLite names its own files: the folder's own name where the
/// file is not there yet.
pub(crate) fn real(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    // As many links as the system itself follows.
    for _ in 0..40 {
        let Ok(target) = std::fs::read_link(&path) else { break };
        path = path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize();
    match (folder, path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path,
    }
}

/// The lock is on a file of its own: SQLite's own locks would go when it closes the store.
fn lock(path: &Path) -> Result<File, Error> {
    let name = beside(path, "lock");
    let failed = |source| Error::Io { doing: "lock", path: name.clone(), source };
    let file = private(&name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Locked(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Durable at each commit; what is deleted is overwritten.
fn settings(conn: &Connection) -> Result<(), Error> {
    let set = || {
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "secure_delete", true)?;
        conn.pragma_update(None, "trusted_schema", false)
    };
    set().doing("set up the store")
}

/// Opens a file for writing; one that is made here is its owner's alone.
pub(crate) fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A connection for looking, and for leaving a word.
pub(crate) fn second(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).doing("open the store")?;
    conn.busy_timeout(PATIENCE).doing("set up the store")?;
    conn.pragma_update(None, "foreign_keys", true).doing("set up the store")?;
    Ok(conn)
}

/// Counts that the store was opened, and settles what an earlier run left behind.
fn begin(conn: &mut Connection, path: &Path) -> Result<(Past, Witness), Error> {
    let tx =
        conn.transaction_with_behavior(TransactionBehavior::Immediate).doing("open the store")?;
    let found = Witness::read(path);
    let fresh = meta(&tx, "instance")?.is_none();
    if fresh {
        let instance: String = tx
            .query_row("SELECT lower(hex(randomblob(16)))", [], |row| row.get(0))
            .doing("name the store")?;
        put(&tx, "instance", &instance)?;
        put(&tx, "past", "empty")?;
    }
    let mut counted = counts(&tx)?;
    let past = Past::of(meta(&tx, "past")?.as_deref(), found.as_ref(), &counted);
    put(&tx, "past", past.as_str())?;
    counted.opened += 1;
    put(&tx, "opened", &counted.opened.to_string())?;
    doubt_armed(&tx)?;
    commit(tx, Point::Open)?;
    if past == Past::Known {
        counted.write(path)?;
    }
    Ok((past, counted))
}

pub(crate) fn counts(conn: &Connection) -> Result<Witness, Error> {
    let number = |key| -> Result<u64, Error> {
        Ok(meta(conn, key)?.and_then(|text| text.parse().ok()).unwrap_or_default())
    };
    Ok(Witness {
        instance: meta(conn, "instance")?.unwrap_or_default(),
        opened: number("opened")?,
        armed: number("armed")?,
    })
}

pub(crate) fn meta(conn: &Connection, key: &str) -> Result<Option<String>, Error> {
    conn.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
        .optional()
        .doing("read the store")
}

pub(crate) fn put(conn: &Connection, key: &str, value: &str) -> Result<(), Error> {
    conn.execute(
        "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
        params![key, value],
    )
    .doing("write to the store")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each commit promises hangs on these two.
    #[test]
    fn the_settings_are_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let conn = &store.view.conn;
        let mode: String = conn.pragma_query_value(None, "journal_mode", |r| r.get(0)).unwrap();
        let number = |name| conn.pragma_query_value(None, name, |r| r.get::<_, i64>(0)).unwrap();
        assert_eq!(mode, "wal");
        // 2 is FULL.
        assert_eq!(number("synchronous"), 2);
        assert_eq!((number("secure_delete"), number("foreign_keys")), (1, 1));
        assert_eq!(number("trusted_schema"), 0);
    }
}
