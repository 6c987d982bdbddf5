//! Reading the archives that a command names.

use std::{num::NonZeroUsize, ops::ControlFlow, thread};

use tidewaiter_archive::{Ended, Options, RawMailRef, Reader, for_each_parallel};

use crate::{
    cli::{ArchiveArgs, Global},
    failure::Failure,
    interrupt,
    progress::Meter,
};

/// Maps every mail of the archives on several threads and hands the results to `sink` in order.
pub(crate) fn read<T: Send>(
    args: &ArchiveArgs,
    global: &Global,
    map: impl Fn(RawMailRef<'_>) -> T + Sync,
    mut sink: impl FnMut(T) -> Result<ControlFlow<()>, Failure>,
) -> Result<Ended, Failure> {
    let options = Options { mboxrd: args.mboxrd, ..Options::default() };
    let mut reader = Reader::open(&args.paths, options, interrupt::watch())?;
    let mut meter = Meter::start(reader.progress(), global.quiet);
    let mut failure = None;
    let ended = for_each_parallel(&mut reader, jobs(args.jobs), map, |item| {
        meter.step(None);
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
            eprintln!("note: {}", safe(&note.to_string()));
        }
        if notes.more > 0 {
            eprintln!("note: {} more paths were passed over", notes.more);
        }
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(ended?),
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
