//! A small file beside the store that tells whether the store is the one that was here last.
//!
//! A store that was put back from a backup does not know what was sent since. The witness counts
//! with it: how often the store was opened, and how many replies were armed.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use crate::Error;

/// What the store's past is worth. Anything but [`Past::Known`] is reason to only observe until
/// the own mails of the last weeks are read from the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// It is the store that was here last.
    Known,
    /// It was made now.
    Empty,
    /// It is older than what was here last: put back from a backup.
    RolledBack,
    /// Nothing says whether it is the one that was here last: it was copied or moved here.
    Unwitnessed,
}

/// What a copy says of its own past.
pub(crate) const COPY: &str = "copy";

impl Past {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Empty => "empty",
            Self::RolledBack => "rolled-back",
            Self::Unwitnessed => "unwitnessed",
        }
    }

    /// What the store says of itself, held against the witness.
    pub(crate) fn of(word: Option<&str>, found: Option<&Witness>, counted: &Witness) -> Self {
        match word {
            Some("known") => Witness::judge(found, counted),
            Some("empty") => Self::Empty,
            Some("rolled-back") => Self::RolledBack,
            // Where the store was: whatever the two count, it is not the one that was here last.
            Some(COPY) => match Witness::judge(found, counted) {
                Self::Known => Self::RolledBack,
                other => other,
            },
            _ => Self::Unwitnessed,
        }
    }
}

/// What both sides count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Witness {
    pub(crate) instance: String,
    pub(crate) opened: u64,
    pub(crate) armed: u64,
}

impl Witness {
    /// Beside the store.
    pub(crate) fn path(store: &Path) -> PathBuf {
        crate::open::beside(store, "witness")
    }

    /// What the file says; `None` where it is missing or cannot be understood.
    pub(crate) fn read(store: &Path) -> Option<Self> {
        let text = fs::read_to_string(Self::path(store)).ok()?;
        let mut words = text.split_ascii_whitespace();
        let instance = words.next()?.to_owned();
        let opened = words.next()?.parse().ok()?;
        let armed = words.next()?.parse().ok()?;
        // The last word tells that the file is whole.
        (words.next() == Some("end")).then_some(Self { instance, opened, armed })
    }

    /// Writes the file anew, whole or not at all.
    pub(crate) fn write(&self, store: &Path) -> Result<(), Error> {
        let path = Self::path(store);
        let new = crate::open::beside(store, "witness.new");
        let write = || {
            let mut file = File::create(&new)?;
            writeln!(file, "{} {} {} end", self.instance, self.opened, self.armed)?;
            file.sync_all()?;
            fs::rename(&new, &path)?;
            match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                Some(folder) => File::open(folder)?.sync_all(),
                None => Ok(()),
            }
        };
        write().map_err(|source| Error::Io { doing: "write", path: path.clone(), source })
    }

    /// What this witness makes of a store that counts so.
    pub(crate) fn judge(found: Option<&Self>, store: &Self) -> Past {
        match found {
            None => Past::Unwitnessed,
            Some(found) if found.instance != store.instance => Past::Unwitnessed,
            Some(found) if found.opened > store.opened || found.armed > store.armed => {
                Past::RolledBack
            }
            Some(_) => Past::Known,
        }
    }
}
