mod corpus;
mod files;
mod git;
mod parallel;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use tempfile::TempDir;

use crate::{Error, Options, Reader};

/// A mail with this subject.
fn mail(subject: &str) -> String {
    format!("From: ann@example.org\nSubject: {subject}\n\nbody of {subject}\n")
}

/// An mbox of mails with these subjects.
fn mbox<'a>(subjects: impl IntoIterator<Item = &'a str>) -> String {
    subjects.into_iter().map(|subject| format!("From A\n{}\n", mail(subject))).collect()
}

/// An mbox of `count` mails, numbered.
fn numbered(count: usize) -> String {
    (0..count).map(|number| format!("From A\n{}\n", mail(&number.to_string()))).collect()
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// What reading some paths gave.
#[derive(Debug, Default)]
struct Seen {
    /// Subject of each mail, or all of it if it has none.
    subjects: Vec<String>,
    /// Labels, relative to the folder of the test.
    labels: Vec<String>,
    truncated: Vec<bool>,
    notes: Vec<String>,
    error: Option<String>,
    total: Option<u64>,
    bytes: u64,
}

fn subject(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let subject = text.lines().find_map(|line| line.strip_prefix("Subject: "));
    subject.unwrap_or(&text).to_owned()
}

/// Reads paths under `dir`, one batch after the other.
fn read_with(dir: &Path, names: &[&str], options: Options) -> Seen {
    let paths: Vec<PathBuf> = names.iter().map(|name| dir.join(name)).collect();
    let cancel = AtomicBool::new(false);
    let relative = |text: String| text.replace(&format!("{}/", dir.display()), "");
    let mut seen = Seen::default();
    let mut reader = match Reader::open(&paths, options, &cancel) {
        Ok(reader) => reader,
        Err(error) => return Seen { error: Some(relative(error.to_string())), ..seen },
    };
    for (number, batch) in reader.by_ref().enumerate() {
        match batch {
            Ok(batch) => {
                assert_eq!(batch.sequence, number as u64);
                assert!(!batch.is_empty());
                for mail in batch.mails() {
                    seen.subjects.push(subject(&mail.bytes));
                    seen.labels.push(relative(mail.source_label()));
                    seen.truncated.push(mail.truncated);
                }
            }
            Err(error) => seen.error = Some(relative(error.to_string())),
        }
    }
    seen.notes = reader.notes().first.iter().map(|note| relative(note.to_string())).collect();
    seen.total = reader.progress().total();
    seen.bytes = reader.progress().bytes();
    assert_eq!(reader.progress().mails(), seen.subjects.len() as u64);
    seen
}

fn read(dir: &Path, names: &[&str]) -> Seen {
    read_with(dir, names, Options::default())
}

/// A file of one mbox, opened.
fn open<'c>(path: &Path, options: Options, cancel: &'c AtomicBool) -> Result<Reader<'c>, Error> {
    Reader::open(&[path.to_owned()], options, cancel)
}
