use std::{
    collections::BTreeSet,
    num::NonZeroUsize,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use proptest::prelude::*;
use test_case::test_case;

use super::*;
use crate::{Batch, Ended, for_each_parallel, parallel::Batches, parallel::run};

const SMALL: Options = Options { mboxrd: false, max_mail: 1 << 20, batch: 500 };

fn jobs(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

fn number(bytes: &[u8]) -> usize {
    subject(bytes).parse().unwrap()
}

fn archive(count: usize) -> TempDir {
    folder(&[("a.mbox", numbered(count).as_bytes())])
}

/// Many batches whatever the size of a read block: one small file each.
fn many_files(count: usize) -> TempDir {
    let files: Vec<_> = (0..count).map(|n| (format!("{n:05}.eml"), mail(&n.to_string()))).collect();
    let files: Vec<_> = files.iter().map(|(name, mail)| (name.as_str(), mail.as_bytes())).collect();
    folder(&files)
}

#[test_case(1)]
#[test_case(2)]
#[test_case(4)]
fn order_is_that_of_the_archive(count: usize) {
    let dir = many_files(1000);
    let cancel = AtomicBool::new(false);
    let mut reader = open(dir.path(), SMALL, &cancel).unwrap();
    let threads = std::sync::Mutex::new(BTreeSet::new());
    let mut seen = Vec::new();
    let ended = for_each_parallel(
        &mut reader,
        jobs(count),
        |mail| {
            threads.lock().unwrap().insert(format!("{:?}", thread::current().id()));
            let number = number(&mail.bytes);
            // The first of every few takes longest, so that others overtake it.
            if number.is_multiple_of(37) {
                thread::sleep(Duration::from_millis(3));
            }
            number
        },
        |number| {
            seen.push(number);
            ControlFlow::Continue(())
        },
    );
    assert_eq!(ended.unwrap(), Ended::Complete);
    assert_eq!(seen, (0..1000).collect::<Vec<_>>());
    assert_eq!(threads.into_inner().unwrap().len(), count);
}

#[test_case(1)]
#[test_case(3)]
fn the_sink_may_stop(count: usize) {
    let dir = many_files(2000);
    let cancel = AtomicBool::new(false);
    let mut reader = open(dir.path(), SMALL, &cancel).unwrap();
    let progress = reader.progress();
    let mut seen = 0;
    let ended = for_each_parallel(
        &mut reader,
        jobs(count),
        |mail| number(&mail.bytes),
        |number| {
            assert_eq!(number, seen);
            seen += 1;
            if seen == 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
    );
    assert_eq!((ended.unwrap(), seen), (Ended::Stopped, 100));
    assert!(progress.mails() < 500, "{}", progress.mails());
}

#[test]
fn cancelling_delivers_what_was_read() {
    let dir = many_files(2000);
    let cancel = AtomicBool::new(false);
    let mut reader = open(dir.path(), SMALL, &cancel).unwrap();
    let progress = reader.progress();
    let mut seen = 0;
    let ended = for_each_parallel(
        &mut reader,
        jobs(2),
        |mail| number(&mail.bytes),
        |number| {
            assert_eq!(number, seen);
            seen += 1;
            if seen == 100 {
                cancel.store(true, Ordering::Relaxed);
            }
            ControlFlow::Continue(())
        },
    );
    assert_eq!(ended.unwrap(), Ended::Cancelled);
    assert!((100..500).contains(&seen), "{seen}");
    assert_eq!(progress.mails(), seen as u64);
}

#[test]
fn cancelling_ends_a_wait_for_a_pipe() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let cancel = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut file = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
            file.write_all(b"From A\nSubject: 1\n").unwrap();
            thread::sleep(Duration::from_millis(100));
            cancel.store(true, Ordering::Relaxed);
            // Held open: nothing but the flag ends the reading.
            while cancel.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(10));
            }
        });
        let mut reader = open(&pipe, SMALL, &cancel).unwrap();
        let ended = for_each_parallel(&mut reader, jobs(1), |_| (), |()| ControlFlow::Continue(()));
        assert_eq!(ended.unwrap(), Ended::Cancelled);
        cancel.store(false, Ordering::Relaxed);
        writer.join().unwrap();
    });
}

#[test_case(1)]
#[test_case(4)]
fn a_panic_in_map_is_passed_on(count: usize) {
    let dir = many_files(2000);
    let cancel = AtomicBool::new(false);
    let mut reader = open(dir.path(), SMALL, &cancel).unwrap();
    let mut seen = 0;
    let panic = catch_unwind(AssertUnwindSafe(|| {
        for_each_parallel(
            &mut reader,
            jobs(count),
            |mail| assert!(number(&mail.bytes) < 700, "number {}", number(&mail.bytes)),
            |()| {
                seen += 1;
                ControlFlow::Continue(())
            },
        )
    }))
    .unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "number 700");
    assert!((680..=700).contains(&seen), "{seen}");
}

#[test]
fn a_panic_in_the_sink_is_passed_on() {
    let dir = many_files(500);
    let cancel = AtomicBool::new(false);
    let mut reader = open(dir.path(), SMALL, &cancel).unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        for_each_parallel(&mut reader, jobs(2), |_| (), |()| panic!("full"))
    }));
    assert_eq!(panic.unwrap_err().downcast_ref::<&str>(), Some(&"full"));
}

#[test_case(1)]
#[test_case(3)]
fn an_error_comes_after_all_before_it(count: usize) {
    let packed = gzip(numbered(30_000).as_bytes());
    let dir = folder(&[("a.gz", &packed[..packed.len() * 9 / 10])]);
    let cancel = AtomicBool::new(false);
    let mut reader = open(&dir.path().join("a.gz"), SMALL, &cancel).unwrap();
    let progress = reader.progress();
    let mut seen = 0;
    let error = for_each_parallel(
        &mut reader,
        jobs(count),
        |mail| (number(&mail.bytes), mail.truncated),
        |(number, truncated)| {
            assert!(truncated || number == seen);
            seen += 1;
            ControlFlow::Continue(())
        },
    )
    .unwrap_err();
    assert!(matches!(error, Error::Decompress { .. }), "{error}");
    assert_eq!(progress.mails(), seen as u64);
    assert!(seen > 20_000, "{seen}");
}

/// Batches without end, to see how many are under way.
struct Endless<'a> {
    read: &'a AtomicUsize,
}

impl Batches for Endless<'_> {
    fn next(&mut self) -> Option<Result<Batch, Error>> {
        let mut batch = Batch::default();
        batch.sequence = self.read.fetch_add(1, Ordering::Relaxed) as u64;
        batch.add_mail(&"x".into(), crate::Place::Offset(0), 0, true);
        Some(Ok(batch))
    }

    fn recycle(&mut self, _: Vec<u8>) {}
}

#[test]
fn a_slow_map_holds_reading_back() {
    let read = AtomicUsize::new(0);
    let first = AtomicBool::new(true);
    let mut delivered = 0;
    let ended = run(
        Endless { read: &read },
        jobs(2),
        |_| {
            if first.swap(false, Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(100));
            }
        },
        |()| {
            delivered += 1;
            assert!(read.load(Ordering::Relaxed) <= delivered + 6);
            if delivered == 50 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
    );
    assert_eq!(ended.unwrap(), Ended::Stopped);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn jobs_and_batch_size_make_no_difference(
        count in 0usize..300, batch in 1usize..5000, threads in 1usize..5,
    ) {
        let dir = archive(count);
        let cancel = AtomicBool::new(false);
        let options = Options { batch, ..SMALL };
        let mut reader = open(&dir.path().join("a.mbox"), options, &cancel).unwrap();
        let mut labels = Vec::new();
        let ended = for_each_parallel(
            &mut reader,
            jobs(threads),
            |mail| (mail.source_label(), number(&mail.bytes)),
            |seen| {
                labels.push(seen);
                ControlFlow::Continue(())
            },
        );
        prop_assert_eq!(ended.unwrap(), Ended::Complete);
        let alone = read(dir.path(), &["a.mbox"]);
        prop_assert_eq!(labels.len(), count);
        for (number, (label, subject)) in labels.into_iter().enumerate() {
            prop_assert_eq!(subject, number);
            prop_assert!(label.ends_with(&alone.labels[number]));
        }
    }
}
