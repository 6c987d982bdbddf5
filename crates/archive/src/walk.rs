//! Which files and repositories are read, in which order.

use std::{
    collections::HashSet,
    ffi::{OsStr, OsString},
    fs, io,
    path::{Path, PathBuf},
    vec::IntoIter,
};

use crate::{
    Error,
    error::Plain,
    git::{self, Repository},
    note::{MAX_DEPTH, Notes, Skipped},
};

/// Something to read mails from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
    /// Named by the user, rather than found in a folder.
    pub(crate) named: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Stdin,
    /// A regular file, of a shape to be found out.
    File,
    /// A pipe or a device that was named.
    Pipe,
    /// One mail, whatever it looks like.
    MaildirMail,
    /// A public-inbox repository and the revisions to start from.
    Git(&'static str),
}

enum Level {
    Folder { dir: PathBuf, names: IntoIter<OsString>, depth: usize },
    Maildir { dir: PathBuf, mails: IntoIter<(OsString, &'static str)> },
}

/// Goes through paths and the folders under them, without recursion, sorted by name.
pub(crate) struct Walk {
    named: IntoIter<PathBuf>,
    levels: Vec<Level>,
    /// Folders already entered, so that symbolic links make no loop.
    seen: HashSet<PathBuf>,
    /// Only to add up sizes: runs no git and takes no notes.
    sizing: bool,
}

impl Walk {
    pub(crate) fn new(paths: Vec<PathBuf>, sizing: bool) -> Self {
        let named = paths.into_iter();
        Self { named, levels: Vec::new(), seen: HashSet::new(), sizing }
    }

    /// The next item; what is passed over in folders goes to `notes`.
    pub(crate) fn next(&mut self, notes: &mut Notes) -> Result<Option<Item>, Error> {
        loop {
            let found = match self.levels.last_mut() {
                None => match self.named.next() {
                    None => return Ok(None),
                    Some(path) => self.enter_named(path, notes)?,
                },
                Some(Level::Maildir { dir, mails }) => match mails.next() {
                    Some((name, folder)) => {
                        let path = dir.join(folder).join(name);
                        Some(Item { path, kind: Kind::MaildirMail, named: false })
                    }
                    None => {
                        self.levels.pop();
                        None
                    }
                },
                Some(Level::Folder { dir, names, depth }) => match names.next() {
                    Some(name) => {
                        let (path, depth) = (dir.join(name), *depth);
                        self.enter(path, depth, notes)
                    }
                    None => {
                        self.levels.pop();
                        None
                    }
                },
            };
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    fn enter_named(&mut self, path: PathBuf, notes: &mut Notes) -> Result<Option<Item>, Error> {
        if path.as_os_str() == "-" {
            return Ok(Some(Item { path, kind: Kind::Stdin, named: true }));
        }
        let open = |reason| Error::Open { path: path.clone(), reason };
        let meta = fs::metadata(&path).map_err(open)?;
        if meta.is_dir() {
            // What was named twice is read twice.
            self.seen.clear();
            return match self.enter_folder(&path, 0, true, notes) {
                Err(Trouble::Io(reason)) => Err(Error::Open { path, reason }),
                Err(Trouble::Archive(error)) => Err(error),
                Ok(item) => Ok(item),
            };
        }
        let kind = if meta.is_file() { Kind::File } else { Kind::Pipe };
        Ok(Some(Item { path, kind, named: true }))
    }

    fn enter(&mut self, path: PathBuf, depth: usize, notes: &mut Notes) -> Option<Item> {
        let why = match fs::metadata(&path) {
            Err(reason) => Skipped::Unreadable(Plain(&reason).to_string()),
            Ok(meta) if meta.is_file() => {
                return Some(Item { path, kind: Kind::File, named: false });
            }
            Ok(meta) if !meta.is_dir() => Skipped::Special,
            Ok(_) if depth >= MAX_DEPTH => Skipped::TooDeep,
            Ok(_) => match self.enter_folder(&path, depth + 1, false, notes) {
                Ok(item) => return item,
                Err(Trouble::Io(reason)) => Skipped::Unreadable(Plain(&reason).to_string()),
                Err(Trouble::Archive(error)) => Skipped::Unreadable(error.to_string()),
            },
        };
        notes.add(path, why);
        None
    }

    fn enter_folder(
        &mut self,
        path: &Path,
        depth: usize,
        named: bool,
        notes: &mut Notes,
    ) -> Result<Option<Item>, Trouble> {
        if !self.seen.insert(fs::canonicalize(path)?) {
            return Ok(None);
        }
        if is_repository(path) {
            return Ok(self.repository(path, named, notes)?);
        }
        let checkout = path.join(".git");
        if is_repository(&checkout) {
            // Any other checkout is a folder of files.
            if self.sizing {
                return Ok(Some(Item { path: checkout, kind: Kind::Git("HEAD"), named }));
            }
            if let Repository::Inbox(revisions) = git::probe(&checkout)? {
                return Ok(Some(Item { path: checkout, kind: Kind::Git(revisions), named }));
            }
        }
        let maildir = is_maildir(path);
        let is_inbox = has_epochs(path);
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            let name = entry?.file_name();
            let wanted = if maildir {
                !matches!(name.to_str(), Some("cur" | "new" | "tmp"))
                    && path.join(&name).is_dir()
                    && (!is_hidden(&name) || is_maildir(&path.join(&name)))
            } else {
                !(is_hidden(&name) || is_inbox && is_inbox_index(&name))
            };
            if wanted {
                names.push(name);
            }
        }
        names.sort_by_cached_key(|name| order(name));
        let dir = path.to_owned();
        self.levels.push(Level::Folder { dir, names: names.into_iter(), depth });
        if maildir {
            let mails = maildir_mails(path)?.into_iter();
            self.levels.push(Level::Maildir { dir: path.to_owned(), mails });
        }
        Ok(None)
    }

    fn repository(
        &self,
        path: &Path,
        named: bool,
        notes: &mut Notes,
    ) -> Result<Option<Item>, Error> {
        let path = path.to_owned();
        if self.sizing {
            return Ok(Some(Item { path, kind: Kind::Git("HEAD"), named }));
        }
        match git::probe(&path)? {
            Repository::Inbox(revisions) => {
                return Ok(Some(Item { path, kind: Kind::Git(revisions), named }));
            }
            Repository::Other if named => return Err(Error::NotInbox { path }),
            Repository::Other => notes.add(path, Skipped::NotInbox),
            Repository::Empty => notes.add(path, Skipped::NoCommits),
        }
        Ok(None)
    }
}

enum Trouble {
    Io(io::Error),
    Archive(Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Archive(error)
    }
}

/// Numbered repositories (`0.git`, `10.git`) by number, before the rest by name.
fn order(name: &OsStr) -> (u64, OsString) {
    let number = name.to_str().and_then(epoch);
    (number.unwrap_or(u64::MAX), name.to_owned())
}

fn epoch(name: &str) -> Option<u64> {
    name.strip_suffix(".git")?.parse().ok()
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn is_maildir(dir: &Path) -> bool {
    dir.join("cur").is_dir() && dir.join("new").is_dir()
}

fn is_repository(dir: &Path) -> bool {
    dir.join("HEAD").is_file() && dir.join("objects").is_dir() && dir.join("refs").is_dir()
}

/// Is this a public-inbox of version 2, with its epochs under `git/`?
fn has_epochs(dir: &Path) -> bool {
    fs::read_dir(dir.join("git")).is_ok_and(|entries| {
        entries.flatten().any(|entry| entry.file_name().to_str().and_then(epoch).is_some())
    })
}

/// What public-inbox keeps besides the epochs: the same mails again, and indexes.
fn is_inbox_index(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    matches!(&*name, "all.git" | "inbox.lock" | "description")
        || name.starts_with("xap")
        || name.starts_with("msgmap.sqlite3")
}

/// The mails of a Maildir, `cur` and `new` together, by name: names start with the time.
fn maildir_mails(dir: &Path) -> io::Result<Vec<(OsString, &'static str)>> {
    let mut mails = Vec::new();
    for folder in ["cur", "new"] {
        for entry in fs::read_dir(dir.join(folder))? {
            let name = entry?.file_name();
            if !is_hidden(&name) {
                mails.push((name, folder));
            }
        }
    }
    mails.sort();
    Ok(mails)
}
