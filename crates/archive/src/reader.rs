//! Going through archives, one batch after the other.

mod contents;

use std::{
    collections::VecDeque,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use contents::{Contents, contents, without_envelope};
use tidewaiter_mail::mbox::{DEFAULT_MAX_MAIL, Splitter};

use crate::{
    Batch, Error, Notes, Place, Progress, Skipped,
    error::Plain,
    git::GitMails,
    stream::{Broken, Stream},
    walk::{Item, Kind, Walk},
};

/// Files of a folder that are counted to tell its size beforehand.
const MAX_SIZED: usize = 20_000;
/// A buffer that grew beyond this for one large mail is not used again.
const MAX_SPARE: usize = 4 << 20;

/// How archives are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Undo mboxrd's `>From ` quoting in mbox files.
    pub mboxrd: bool,
    /// Bytes of a mail that are read; a longer one is delivered as truncated.
    pub max_mail: usize,
    /// Bytes of a batch, about.
    pub batch: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { mboxrd: false, max_mail: DEFAULT_MAX_MAIL, batch: 1 << 20 }
    }
}

/// Reads archives; an iterator of batches that are never empty.
///
/// After an error, or soon after the cancellation flag is set, it ends; what was read before
/// comes first.
pub struct Reader<'c> {
    options: Options,
    cancel: &'c AtomicBool,
    cancelled: bool,
    walk: Walk,
    notes: Notes,
    progress: Arc<Progress>,
    current: Option<Current<'c>>,
    pending: Batch,
    ready: VecDeque<Batch>,
    sequence: u64,
    failed: Option<Error>,
    ended: bool,
    spare: Vec<u8>,
}

enum Current<'c> {
    Mbox { path: PathBuf, label: Arc<str>, stream: Stream, splitter: Box<Splitter> },
    Git { label: Arc<str>, mails: Box<GitMails<'c>> },
}

impl<'c> Reader<'c> {
    /// Starts on some paths; `-` is stdin.
    ///
    /// Each is an mbox, a mail, a folder of those, a Maildir or a public-inbox, and may be
    /// compressed. Fails early where one cannot be found.
    pub fn open(
        paths: &[PathBuf],
        options: Options,
        cancel: &'c AtomicBool,
    ) -> Result<Self, Error> {
        for path in paths.iter().filter(|path| path.as_os_str() != "-") {
            fs::metadata(path).map_err(|reason| Error::Open { path: path.clone(), reason })?;
        }
        Ok(Self {
            options,
            cancel,
            cancelled: false,
            walk: Walk::new(paths.to_vec(), false),
            notes: Notes::default(),
            progress: Arc::new(Progress::new(total(paths, cancel))),
            current: None,
            pending: Batch::default(),
            ready: VecDeque::new(),
            sequence: 0,
            failed: None,
            ended: false,
            spare: Vec::new(),
        })
    }

    /// Counters to show progress from.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// What was passed over in folders so far.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// Did reading end because the cancellation flag was set?
    pub fn cancelled(&self) -> bool {
        self.cancelled
    }

    /// Gives back the buffer of a batch that is done with, to save an allocation.
    pub(crate) fn recycle(&mut self, buffer: Vec<u8>) {
        if buffer.capacity() > self.spare.capacity() && buffer.capacity() <= MAX_SPARE {
            self.spare = buffer;
        }
    }

    /// Reads one block, or opens the next file.
    fn step(&mut self) -> Result<(), Error> {
        match self.current.take() {
            Some(Current::Mbox { path, label, mut stream, mut splitter }) => {
                let more = match stream.next(self.cancel) {
                    Ok([]) => {
                        if self.cancel.load(Ordering::Relaxed) {
                            return Ok(());
                        }
                        splitter.finish();
                        Ok(false)
                    }
                    Ok(block) => {
                        splitter.feed(block);
                        Ok(true)
                    }
                    Err(broken) => {
                        splitter.break_off();
                        Err(broken)
                    }
                };
                if !matches!(more, Ok(true)) || splitter.ready() >= self.options.batch {
                    splitter.recycle(std::mem::take(&mut self.spare));
                    self.take_mails(&label, &mut splitter);
                }
                if let (false, Some(stray)) = (matches!(more, Ok(true)), splitter.stray()) {
                    self.notes.add(path.clone(), Skipped::Stray(stray.length));
                }
                if more.map_err(|broken| broken_error(&path, broken))? {
                    self.current = Some(Current::Mbox { path, label, stream, splitter });
                }
            }
            Some(Current::Git { label, mut mails }) => {
                let start = self.pending.size();
                let next = mails.next(self.pending.buffer_mut(), self.options.max_mail)?;
                if let Some((id, whole)) = next {
                    self.pending.add_mail(&label, Place::Object(id), start, whole);
                    self.progress.add_mails(1);
                    self.current = Some(Current::Git { label, mails });
                }
            }
            None => match self.walk.next(&mut self.notes)? {
                Some(item) => self.start(item)?,
                None => self.ended = true,
            },
        }
        if self.ended || self.pending.size() >= self.options.batch {
            self.flush();
        }
        Ok(())
    }

    fn take_mails(&mut self, label: &Arc<str>, splitter: &mut Splitter) {
        let Some(cut) = splitter.take() else { return };
        self.progress.add_mails(cut.mails.len() as u64);
        // Small files share a batch; a large cut is not copied.
        if cut.buffer.len() >= self.options.batch / 2 {
            self.flush();
        }
        self.pending.add_cut(label, self.options.mboxrd, cut);
    }

    fn flush(&mut self) {
        if !self.pending.is_empty() {
            let mut batch = std::mem::take(&mut self.pending);
            batch.sequence = self.sequence;
            self.sequence += 1;
            self.ready.push_back(batch);
        }
    }

    fn start(&mut self, item: Item) -> Result<(), Error> {
        let label: Arc<str> = item.path.display().to_string().into();
        let opened = match item.kind {
            Kind::Git(revisions) => {
                let mails = GitMails::start(&item.path, revisions, &self.progress, self.cancel)?;
                self.current = Some(Current::Git { label, mails: Box::new(mails) });
                return Ok(());
            }
            Kind::Stdin => Stream::pipe(io::stdin(), &self.progress),
            Kind::Pipe => {
                File::open(&item.path).and_then(|file| Stream::pipe(file, &self.progress))
            }
            Kind::File | Kind::MaildirMail => {
                File::open(&item.path).and_then(|file| Stream::file(file, &self.progress))
            }
        };
        let mut stream = match opened {
            Ok(stream) => stream,
            Err(reason) if item.named => return Err(Error::Open { path: item.path, reason }),
            Err(reason) => {
                self.notes.add(item.path, Skipped::Unreadable(Plain(&reason).to_string()));
                return Ok(());
            }
        };
        let contents = match stream.first(self.cancel) {
            Ok(block) => contents(&item, block),
            Err(broken) => return Err(broken_error(&item.path, broken)),
        };
        match contents {
            Contents::Mbox => {
                let mut splitter = Box::new(Splitter::new(self.options.max_mail));
                splitter.feed(stream.block());
                self.current = Some(Current::Mbox { path: item.path, label, stream, splitter });
                Ok(())
            }
            Contents::Mail => self.single(&item, &label, stream),
            Contents::Empty => Ok(()),
            Contents::Other if item.named => Err(Error::NotMail { path: item.path }),
            Contents::Other => {
                self.notes.add(item.path, Skipped::NotMail);
                Ok(())
            }
        }
    }

    /// Reads a file that is one mail, from its first block on.
    fn single(&mut self, item: &Item, label: &Arc<str>, mut stream: Stream) -> Result<(), Error> {
        let start = self.pending.size();
        let mut block = without_envelope(item, stream.block());
        let mut result = Ok(());
        let mut whole = true;
        while !block.is_empty() {
            let buffer = self.pending.buffer_mut();
            let room = self.options.max_mail.saturating_sub(buffer.len() - start);
            buffer.extend_from_slice(block.get(..room).unwrap_or(block));
            whole = block.len() <= room;
            if !whole {
                break;
            }
            block = match stream.next(self.cancel) {
                Ok(block) => block,
                Err(broken) => {
                    whole = false;
                    result = Err(broken_error(&item.path, broken));
                    break;
                }
            };
        }
        if self.cancel.load(Ordering::Relaxed) {
            self.pending.buffer_mut().truncate(start);
            return Ok(());
        }
        self.pending.add_mail(label, Place::Offset(0), start, whole);
        self.progress.add_mails(1);
        result
    }
}

impl Iterator for Reader<'_> {
    type Item = Result<Batch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Some(Ok(batch));
            }
            if self.ended {
                return self.failed.take().map(Err);
            }
            if self.cancel.load(Ordering::Relaxed) {
                self.cancelled = true;
                self.ended = true;
                self.current = None;
                self.flush();
            } else if let Err(error) = self.step() {
                self.ended = true;
                self.failed = Some(error);
                self.current = None;
                self.flush();
            }
        }
    }
}

fn broken_error(path: &Path, broken: Broken) -> Error {
    let Broken { compression, offset, reason } = broken;
    let path = path.to_owned();
    match compression {
        Some(compression) => Error::Decompress { path, compression, offset, reason },
        None => Error::Read { path, offset, reason },
    }
}

/// Adds up the sizes of all files, if that can be done quickly.
fn total(paths: &[PathBuf], cancel: &AtomicBool) -> Option<u64> {
    let mut walk = Walk::new(paths.to_vec(), true);
    let mut ignored = Notes::default();
    let mut total = 0u64;
    for _ in 0..MAX_SIZED {
        if cancel.load(Ordering::Relaxed) {
            return None;
        }
        let Some(item) = walk.next(&mut ignored).ok()? else { return Some(total) };
        if !matches!(item.kind, Kind::File | Kind::MaildirMail) {
            return None;
        }
        total += fs::metadata(&item.path).map_or(0, |meta| meta.len());
    }
    None
}
