//! How a command fails, and the exit code that it fails with.

use std::{fmt, process::ExitCode};

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Nothing failed: what was found is shown already.
    Findings,
    /// The command line or the configuration is wrong.
    Usage(anyhow::Error),
    /// Something could not be read or written.
    Io(anyhow::Error),
    /// The fault is ours.
    Internal(anyhow::Error),
}

impl Failure {
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self::Usage(error.into())
    }

    pub(crate) fn io(error: impl Into<anyhow::Error>) -> Self {
        Self::Io(error.into())
    }

    /// The documented exit code: 1 to 4.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Findings => 1,
            Self::Usage(_) => 2,
            Self::Io(_) => 3,
            Self::Internal(_) => 4,
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Findings => f.write_str("something was found"),
            Self::Usage(error) | Self::Io(error) => write!(f, "{error:#}"),
            Self::Internal(error) => write!(f, "internal error: {error:#}"),
        }
    }
}

impl From<tidewaiter_archive::Error> for Failure {
    fn from(error: tidewaiter_archive::Error) -> Self {
        Self::io(error)
    }
}
