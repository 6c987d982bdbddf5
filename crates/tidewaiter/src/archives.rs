//! Reading the archives that a command names.

use std::{num::NonZeroUsize, ops::ControlFlow, thread};

use tidewaiter_archive::{Ended, Options, RawMailRef, Reader, for_each_parallel};

use crate::{
    cli::{ArchiveArgs, Global},
    failure::Failure,
    interrupt, output,
    progress::Meter,
};

/// How reading came to its end; what was read until then has been handed on.
pub(crate) enum End {
    /// Everything was read, or as much as was asked for.
    Whole,
    /// Ctrl-C was pressed.
    Interrupted,
    /// An archive could not be read on.
    Broken(Failure),
}

impl End {
    /// Whether there may be more than was read.
    pub(crate) fn early(&self) -> bool {
        !matches!(self, Self::Whole)
    }

    /// What the command fails with once it has shown what was read.
    pub(crate) fn result(self) -> Result<(), Failure> {
        match self {
            Self::Broken(failure) => Err(failure),
            Self::Whole | Self::Interrupted => Ok(()),
        }
    }
}

/// Maps every mail of the archives on several threads and hands the results to `sink` in order.
pub(crate) fn read<T: Send>(
    args: &ArchiveArgs,
    global: &Global,
    map: impl Fn(RawMailRef<'_>) -> T + Sync,
    mut sink: impl FnMut(T) -> Result<ControlFlow<()>, Failure>,
) -> Result<End, Failure> {
    let options = Options { mboxrd: args.mboxrd, ..Options::default() };
    let mut reader = Reader::open(&args.paths, options, interrupt::watch())?;
    let mut meter = Meter::start(reader.progress(), global.quiet);
    let mut failure = None;
    let ended = for_each_parallel(&mut reader, jobs(args.jobs), map, |item| {
        meter.step();
        match sink(item) {
            Ok(flow) => flow,
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    meter.end();
    if !global.quiet {
        let notes = reader.notes();
        for note in &notes.first {
            output::complain(&format!("note: {}", safe(&note.to_string())));
        }
        if notes.more > 0 {
            output::complain(&format!("note: {} more paths were passed over", notes.more));
        }
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(match ended {
            Ok(Ended::Cancelled) => End::Interrupted,
            Ok(Ended::Complete | Ended::Stopped) => End::Whole,
            Err(error) => End::Broken(error.into()),
        }),
    }
}

/// As many threads as the machine has cores, unless told otherwise.
pub(crate) fn jobs(wanted: Option<NonZeroUsize>) -> NonZeroUsize {
    wanted.or_else(|| thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}

/// Untrusted text for a terminal: controls and bidirectional marks as escapes.
pub(crate) fn safe(text: &str) -> String {
    tidewaiter_report::safe(text).to_string()
}
