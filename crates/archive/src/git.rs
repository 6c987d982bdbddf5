//! public-inbox archives in git, read through the git command.
//!
//! Version 2 keeps a mail as the file `m` of a commit (and `d` in one that takes a mail back
//! out); version 1 adds each as a file `xx/` and 38 more hexadecimal digits. A mail that was
//! taken out later was on the list all the same, and is read.

mod process;

use std::{
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
    process::{ChildStdin, ChildStdout},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use process::{Process, output};

use crate::{
    Error, ObjectId, Progress,
    stream::{Feed, FeedReader},
};

/// Longest line of git's that is read.
const MAX_LINE: u64 = 8192;

/// What a repository holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Repository {
    /// public-inbox, with the revisions to start from.
    Inbox(&'static str),
    /// Something else.
    Other,
    /// No commit at all.
    Empty,
}

/// Looks at the newest commit to tell what a repository holds.
pub(crate) fn probe(dir: &Path) -> Result<Repository, Error> {
    let head = output(dir, "rev-parse", &["--verify", "--quiet", "HEAD^{commit}"], true)?;
    let (revisions, commit) = if head.is_empty() {
        let refs = ["--count=1", "--format=%(objectname)", "--sort=-committerdate"];
        ("--all", output(dir, "for-each-ref", &refs, false)?)
    } else {
        ("HEAD", head)
    };
    let commit = String::from_utf8_lossy(&commit).trim().to_owned();
    if commit.is_empty() {
        return Ok(Repository::Empty);
    }
    let tree = output(dir, "ls-tree", &["--name-only", "-z", &commit], false)?;
    let mut names = tree.split(|byte| *byte == 0).filter(|name| !name.is_empty()).peekable();
    let is_inbox =
        names.peek().is_some() && names.all(|name| is_epoch_file(name) || is_hex(name, 2));
    Ok(if is_inbox { Repository::Inbox(revisions) } else { Repository::Other })
}

fn is_epoch_file(name: &[u8]) -> bool {
    matches!(name, b"m" | b"d")
}

fn is_hex(name: &[u8], length: usize) -> bool {
    name.len() == length && name.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Is this path in a commit's tree that of a mail?
fn is_mail_path(path: &[u8]) -> bool {
    let is_version_1 = || match path.split_at_checked(3) {
        Some(([folder @ .., b'/'], name)) => is_hex(folder, 2) && is_hex(name, 38),
        _ => false,
    };
    path == b"m" || is_version_1()
}

/// The mails of one repository, oldest commit first.
pub(crate) struct GitMails<'c> {
    path: PathBuf,
    // Killed in this order when dropped.
    list: Option<Process>,
    cat: Option<Process>,
    lister: Option<JoinHandle<io::Result<()>>>,
    input: FeedReader<'c>,
}

impl<'c> GitMails<'c> {
    /// Starts git on a repository.
    pub(crate) fn start(
        dir: &Path,
        revisions: &'static str,
        progress: &Arc<Progress>,
        cancel: &'c AtomicBool,
    ) -> Result<Self, Error> {
        let args = ["--objects", "--in-commit-order", "--reverse", revisions, "--"];
        let (list, ids, _) = Process::start(dir, "rev-list", &args, false)?;
        let (cat, blobs, wanted) = Process::start(dir, "cat-file", &["--batch", "--buffer"], true)?;
        let thread = |reason| Error::Thread { reason };
        let feed = Feed::raw(blobs, progress).map_err(thread)?;
        let lister = thread::Builder::new()
            .name("archive-git".to_owned())
            .spawn(move || wanted.map_or(Ok(()), |wanted| choose(ids, wanted)))
            .map_err(thread)?;
        let input = FeedReader { feed, cancel, at: 0 };
        let path = dir.to_owned();
        Ok(Self { path, list: Some(list), cat: Some(cat), lister: Some(lister), input })
    }

    /// Appends the next mail to `buffer`, cut at `max` bytes; says which it is and if it is whole.
    ///
    /// `None` at the end, and soon after cancelling.
    pub(crate) fn next(
        &mut self,
        buffer: &mut Vec<u8>,
        max: usize,
    ) -> Result<Option<(ObjectId, bool)>, Error> {
        loop {
            let mut line = Vec::new();
            self.read(|input| input.take(MAX_LINE).read_until(b'\n', &mut line).map(drop))?;
            if self.input.cancel.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let Some(line) = line.strip_suffix(b"\n") else {
                self.finish()?;
                return Ok(None);
            };
            let mut words = line.split(|byte| *byte == b' ');
            let (id, kind, size) = (words.next(), words.next(), words.next());
            let id = id.and_then(ObjectId::parse);
            let size = size.and_then(|size| str::from_utf8(size).ok()?.parse::<u64>().ok());
            let (Some(id), Some(kind), Some(size)) = (id, kind, size) else {
                return Err(self.failed(String::from_utf8_lossy(line).into_owned()));
            };
            let wanted = if kind == b"blob" { size.min(max as u64) } else { 0 };
            let start = buffer.len();
            self.read(|input| input.take(wanted).read_to_end(buffer).map(drop))?;
            let rest = size - wanted + 1;
            let mut skipped = 0;
            self.read(|input| {
                skipped = io::copy(&mut input.take(rest), &mut io::sink())?;
                Ok(())
            })?;
            if self.input.cancel.load(Ordering::Relaxed) {
                buffer.truncate(start);
                return Ok(None);
            }
            if skipped < rest {
                buffer.truncate(start);
                self.finish()?;
                return Err(self.failed("its output ends within a mail".to_owned()));
            }
            if kind == b"blob" {
                return Ok(Some((id, wanted == size)));
            }
        }
    }

    fn read(
        &mut self,
        read: impl FnOnce(&mut FeedReader<'c>) -> io::Result<()>,
    ) -> Result<(), Error> {
        read(&mut self.input).map_err(|reason| self.failed(reason.to_string()))
    }

    fn failed(&self, message: String) -> Error {
        Error::Git { path: self.path.clone(), command: "cat-file", message }
    }

    /// Waits for both commands and says which failed.
    ///
    /// `cat-file` first: when that dies, `rev-list` dies too, of a pipe that nobody reads.
    fn finish(&mut self) -> Result<(), Error> {
        self.cat.take().map_or(Ok(()), |cat| cat.finish(&self.path))?;
        self.list.take().map_or(Ok(()), |list| list.finish(&self.path))?;
        match self.lister.take().map(JoinHandle::join) {
            None | Some(Ok(Ok(()))) => Ok(()),
            Some(Ok(Err(reason))) => Err(self.failed(reason.to_string())),
            Some(Err(_)) => Err(self.failed("the listing thread died".to_owned())),
        }
    }
}

/// Passes on the ids of mails from `rev-list --objects` to `cat-file --batch`.
fn choose(ids: ChildStdout, wanted: ChildStdin) -> io::Result<()> {
    let mut ids = BufReader::with_capacity(64 << 10, ids);
    let mut wanted = BufWriter::new(wanted);
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut ids).take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return wanted.flush();
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let Some(space) = memchr::memchr(b' ', text) else { continue };
        if let Some((id, [b' ', path @ ..])) = text.split_at_checked(space)
            && is_mail_path(path)
        {
            wanted.write_all(id)?;
            wanted.write_all(b"\n")?;
        }
    }
}
