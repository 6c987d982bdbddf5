//! Batches to threads, and what they make of them back in archive order.

use std::{
    any::Any,
    collections::BTreeMap,
    num::NonZeroUsize,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

use crate::{Batch, Error, RawMailRef, Reader};

/// How [`for_each_parallel`] came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything was read.
    Complete,
    /// The sink wanted no more.
    Stopped,
    /// The cancellation flag was set; what had been read by then was delivered.
    Cancelled,
}

/// Maps every mail on one of `jobs` threads and hands the results to `sink` in archive order.
///
/// Reading has a thread of its own; `sink` runs on the caller's. At most `2 * jobs + 2` batches
/// are under way, so that a slow map or sink slows reading down. On an error all results of the
/// mails before it are delivered first.
///
/// # Panics
/// A panic in `map` is passed on once the results before its batch are delivered.
pub fn for_each_parallel<T: Send>(
    reader: &mut Reader<'_>,
    jobs: NonZeroUsize,
    map: impl Fn(RawMailRef<'_>) -> T + Sync,
    sink: impl FnMut(T) -> ControlFlow<()>,
) -> Result<Ended, Error> {
    let ended = run(&mut *reader, jobs, map, sink)?;
    let cancelled = ended == Ended::Complete && reader.cancelled();
    Ok(if cancelled { Ended::Cancelled } else { ended })
}

/// Where batches come from; tests have others than [`Reader`].
pub(crate) trait Batches: Send {
    fn next(&mut self) -> Option<Result<Batch, Error>>;
    fn recycle(&mut self, buffer: Vec<u8>);
}

impl Batches for &mut Reader<'_> {
    fn next(&mut self) -> Option<Result<Batch, Error>> {
        Iterator::next(*self)
    }

    fn recycle(&mut self, buffer: Vec<u8>) {
        Reader::recycle(self, buffer);
    }
}

/// What came of one batch; its buffer goes back to the reader.
struct Done<T> {
    sequence: u64,
    results: thread::Result<Vec<T>>,
    buffer: Vec<u8>,
}

pub(crate) fn run<T: Send>(
    source: impl Batches,
    jobs: NonZeroUsize,
    map: impl Fn(RawMailRef<'_>) -> T + Sync,
    sink: impl FnMut(T) -> ControlFlow<()>,
) -> Result<Ended, Error> {
    let jobs = jobs.get();
    let (permit, permits) = mpsc::channel();
    for _ in 0..jobs.saturating_mul(2).saturating_add(2) {
        // Cannot fail: the receiver is right here.
        let _ = permit.send(Vec::new());
    }
    let (work, batches) = mpsc::channel();
    let batches = Mutex::new(batches);
    let (done, results) = mpsc::channel();
    let delivered = thread::scope(|scope| {
        let start = |reason| Error::Thread { reason };
        let reading = thread::Builder::new()
            .name("archive-read".to_owned())
            .spawn_scoped(scope, move || read(source, &permits, &work))
            .map_err(start)?;
        for _ in 0..jobs {
            let (done, map, batches) = (done.clone(), &map, &batches);
            thread::Builder::new()
                .name("archive-map".to_owned())
                .spawn_scoped(scope, move || work_on(batches, &done, map))
                .map_err(start)?;
        }
        drop(done);
        // Both ends move into this call, so that the threads see them gone even if `sink` panics.
        let ended = deliver(results, permit, sink);
        match reading.join() {
            Ok(read) => Ok((ended, read)),
            Err(panic) => resume_unwind(panic),
        }
    });
    match delivered? {
        (Err(panic), _) => resume_unwind(panic),
        (Ok(Ended::Stopped), _) => Ok(Ended::Stopped),
        (Ok(ended), read) => read.map(|()| ended),
    }
}

/// Reads a batch for every permit until the end, an error, or until nobody gives permits.
fn read(
    mut source: impl Batches,
    permits: &Receiver<Vec<u8>>,
    work: &Sender<Batch>,
) -> Result<(), Error> {
    while let Ok(buffer) = permits.recv() {
        source.recycle(buffer);
        match source.next() {
            Some(batch) => {
                if work.send(batch?).is_err() {
                    break;
                }
            }
            None => break,
        }
    }
    Ok(())
}

fn work_on<T>(
    batches: &Mutex<Receiver<Batch>>,
    done: &Sender<Done<T>>,
    map: &(impl Fn(RawMailRef<'_>) -> T + Sync),
) {
    loop {
        let next = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = next else { return };
        let sequence = batch.sequence;
        // A panic must reach the caller: a result that never comes would be waited for.
        let results = catch_unwind(AssertUnwindSafe(|| batch.mails().map(map).collect()));
        let stop = results.is_err();
        let buffer = batch.into_buffer();
        if done.send(Done { sequence, results, buffer }).is_err() || stop {
            return;
        }
    }
}

/// Hands out results in order and returns permits for what is delivered.
fn deliver<T>(
    results: Receiver<Done<T>>,
    permit: Sender<Vec<u8>>,
    mut sink: impl FnMut(T) -> ControlFlow<()>,
) -> Result<Ended, Box<dyn Any + Send>> {
    let mut early = BTreeMap::new();
    let mut wanted = 0;
    for done in results {
        early.insert(done.sequence, done);
        while let Some(done) = early.remove(&wanted) {
            wanted += 1;
            for result in done.results? {
                if sink(result).is_break() {
                    return Ok(Ended::Stopped);
                }
            }
            // The reader may be at its end already.
            let _ = permit.send(done.buffer);
        }
    }
    Ok(Ended::Complete)
}
