//! The mails of a series as the user has them: files, folders, standard input.

use std::{
    fs::{self, File},
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, anyhow};
use tidewaiter_mail::{
    Message,
    mbox::{Shape, Splitter, sniff, starts_like_mail},
};

use crate::failure::Failure;

/// The most that is read of a series, in bytes.
pub(super) const LARGEST: u64 = 64 << 20;
/// The most mails of a series, and files of a folder.
pub(super) const MOST: usize = 2000;

/// One mail and where its text stands.
pub(crate) struct Source {
    /// What to call its file.
    pub(super) label: String,
    /// The number of its first line in that file, from 1.
    pub(super) first: usize,
    /// The mail, without an mbox's `From ` line.
    pub(super) raw: Vec<u8>,
    /// Its decoded text, once it was read.
    pub(super) body: String,
}

/// A line of a mail's decoded text.
pub(super) struct Cited {
    /// Its number in the file, where the file holds it as it is decoded.
    pub(super) line: Option<usize>,
    /// The line.
    pub(super) text: String,
}

impl Source {
    /// Reads the mail.
    pub(super) fn message(&mut self) -> Message {
        let message = Message::parse(&self.raw);
        self.body.clone_from(&message.body);
        message
    }

    /// A line of the decoded text, from 1.
    pub(super) fn cite(&self, number: usize) -> Option<Cited> {
        let place = number.checked_sub(1)?;
        let text = self.body.lines().nth(place)?.trim_end().to_owned();
        let lines = || self.raw.split(|byte| *byte == b'\n');
        let blank = lines().position(|line| matches!(line, [] | [b'\r']))?;
        let raw = lines().nth(blank + number).map(String::from_utf8_lossy);
        // Quoted-printable, base64 and attachments have other lines than the text that they hold.
        let same = raw.is_some_and(|raw| raw.trim_end() == text);
        Some(Cited { line: same.then_some(self.first + blank + number), text })
    }
}

/// Reads the files in their order; folders stand for the files in them, by name.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let stdin = Path::new("-");
    if paths.is_empty() && io::stdin().is_terminal() {
        return Err(Failure::usage(anyhow!(
            "there is nothing to check: name files as `git format-patch` writes them, or \
             --git RANGE"
        )));
    }
    let given: &[PathBuf] = if paths.is_empty() { &[stdin.to_owned()] } else { paths };
    let (mut sources, mut left) = (Vec::new(), LARGEST);
    for path in given {
        if path == stdin {
            let bytes = bounded(io::stdin(), &mut left, "standard input")?;
            sources.extend(split(&bytes, "<stdin>")?);
            continue;
        }
        for path in files(path)? {
            let name = label(&path);
            let file = File::open(&path)
                .with_context(|| format!("failed to open `{name}`"))
                .map_err(Failure::Io)?;
            sources.extend(split(&bounded(file, &mut left, &name)?, &name)?);
        }
    }
    Ok(sources)
}

/// The files that a path stands for.
fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = || format!("failed to read `{}`", path.display());
    let entries = fs::read_dir(path).with_context(failed).map_err(Failure::Io)?;
    let mut files = Vec::new();
    for entry in entries.take(MOST) {
        let path = entry.with_context(failed).map_err(Failure::Io)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // As `git send-email` does; editors leave such files behind.
        if path.is_file() && !name.starts_with('.') && !name.ends_with('~') {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(Failure::usage(anyhow!("there is no file in `{}`", path.display())));
    }
    Ok(files)
}

/// A path as the user would name it here: git passes whole ones to its hook.
fn label(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok());
    below.unwrap_or(path).display().to_string()
}

fn bounded(from: impl Read, left: &mut u64, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(*left + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("failed to read `{name}`"))
        .map_err(Failure::Io)?;
    let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    *left = left.checked_sub(read).ok_or_else(|| too_much(name))?;
    Ok(bytes)
}

pub(super) fn too_much(name: &str) -> Failure {
    Failure::usage(anyhow!(
        "`{name}` is too long for a series: more than {} MiB were given",
        LARGEST >> 20
    ))
}

/// The mails of one file.
fn split(bytes: &[u8], label: &str) -> Result<Vec<Source>, Failure> {
    let named = label.to_owned();
    let single = || {
        Ok(vec![Source {
            label: label.to_owned(),
            first: 1,
            raw: bytes.to_vec(),
            body: String::new(),
        }])
    };
    match sniff(bytes) {
        Shape::Mbox | Shape::Doubtful => Ok(mbox(bytes, |_| named.clone(), true)),
        Shape::Mail => single(),
        Shape::Other if starts_like_mail(bytes) => single(),
        Shape::Empty => Err(Failure::usage(anyhow!("there is no mail in `{label}`: it is empty"))),
        Shape::Other => Err(Failure::usage(anyhow!(
            "there is no mail in `{label}`; `git format-patch` writes what can be checked"
        ))),
    }
}

/// The mails of an mbox; `label` names each by its `From ` line. Lines are counted through the
/// whole file, or from each `From ` line on.
pub(super) fn mbox(bytes: &[u8], label: impl Fn(&[u8]) -> String, through: bool) -> Vec<Source> {
    let mut splitter = Splitter::default();
    splitter.feed(bytes);
    splitter.finish();
    let Some(cut) = splitter.take() else { return Vec::new() };
    let (mut counted, mut lines) = (0_usize, 0_usize);
    let mut sources = Vec::new();
    for (range, raw) in cut.iter() {
        let start = usize::try_from(range.offset).unwrap_or(usize::MAX);
        let between = bytes.get(counted..start).unwrap_or_default();
        lines += between.iter().filter(|byte| **byte == b'\n').count();
        counted = start.max(counted);
        let from = bytes.get(start..).unwrap_or_default().split(|byte| *byte == b'\n').next();
        sources.push(Source {
            label: label(from.unwrap_or_default()),
            // Behind the `From ` line.
            first: if through { lines + 2 } else { 2 },
            raw: raw.to_vec(),
            body: String::new(),
        });
    }
    sources
}
