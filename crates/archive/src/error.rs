//! What can go wrong.

use std::{fmt, io, path::PathBuf};

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952.
    Gzip,
    /// The .xz format of XZ Utils.
    Xz,
    /// RFC 8878.
    Zstd,
}

impl fmt::Display for Compression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
        })
    }
}

/// Why an archive cannot be read, or not to its end; all mails before that have been delivered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder that was named cannot be opened.
    #[error("failed to open `{}`: {}", path.display(), Plain(reason))]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A file cannot be read on.
    #[error("failed to read `{}` at byte {offset}: {}", path.display(), Plain(reason))]
    Read {
        /// The file.
        path: PathBuf,
        /// How many bytes could be read.
        offset: u64,
        /// What the system says.
        reason: io::Error,
    },
    /// Compressed data is cut short or damaged.
    #[error(
        "failed to decompress `{}` ({compression}) at byte {offset} of its content: {}",
        path.display(), Plain(reason)
    )]
    Decompress {
        /// The file.
        path: PathBuf,
        /// How it is compressed.
        compression: Compression,
        /// How many bytes could be decompressed.
        offset: u64,
        /// What the decompressor says.
        reason: io::Error,
    },
    /// A file that was named holds no mail.
    #[error(
        "failed to read `{}` at byte 0: neither an mbox (no `From ` line) nor a mail (no header)",
        path.display()
    )]
    NotMail {
        /// The file.
        path: PathBuf,
    },
    /// A git repository that was named is not a public-inbox.
    #[error("failed to read `{}`: a git repository, but not a public-inbox archive", path.display())]
    NotInbox {
        /// The repository.
        path: PathBuf,
    },
    /// git is not there, or cannot be run.
    #[error("failed to read `{}`: cannot run git: {}", path.display(), Plain(reason))]
    NoGit {
        /// The repository.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// git ran, and failed.
    #[error("failed to read `{}`: git {command}: {message}", path.display())]
    Git {
        /// The repository.
        path: PathBuf,
        /// Which git command.
        command: &'static str,
        /// What git said, or what is wrong with its output.
        message: String,
    },
    /// The system gives us no thread.
    #[error("failed to start a thread: {}", Plain(reason))]
    Thread {
        /// What the system says.
        reason: io::Error,
    },
}

/// An I/O error without the number, which tells a reader nothing more.
pub(crate) struct Plain<'a>(pub(crate) &'a io::Error);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let number = self.0.raw_os_error().map(|number| format!(" (os error {number})"));
        out.write_str(number.and_then(|number| text.strip_suffix(&number)).unwrap_or(&text))
    }
}
