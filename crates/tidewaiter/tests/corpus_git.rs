//! Real list mail against git: every mail is read, every patch is in one series, and what we read
//! from a patch is what `git mailinfo`, `git apply --numstat` and `git interpret-trailers` read.
//!
//! The archives are not part of the repository (see `tidewaiter_testkit::corpus`); without them
//! a test says so and passes. Without git it says so, and fails where `CI` is set. `docs/conformance.md` explains what differs.
//! With `CORPUS_GIT_SHOW` set, the place of every difference is printed.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod corpus_git {
    pub(crate) mod agreement;
    pub(crate) mod figures;
    pub(crate) mod series;
}

use std::{env, num::NonZeroUsize, ops::ControlFlow, sync::atomic::AtomicBool, time::Instant};

use corpus_git::{
    agreement::compare,
    figures::{Figures, Tally},
    series,
};
use test_case::test_case;
use tidewaiter_archive::{Ended, Options, Reader, for_each_parallel};
use tidewaiter_patch::Mail;
use tidewaiter_testkit::{corpus, git::Oracle};

#[test_case("lists-2026-05-07.mbox.xz", true; "corpus of fourteen lists")]
#[test_case("qemu-crosspost.mbox.xz", false; "corpus of crossposts")]
fn agrees_with_git(name: &str, mboxrd: bool) {
    let Some(path) = corpus::corpus(name) else { return };
    let oracle = match Oracle::new() {
        Ok(oracle) => oracle,
        Err(why) => {
            assert!(env::var_os("CI").is_none(), "git is needed here: {why}");
            println!("skipped: {why}");
            return;
        }
    };
    let figures = Figures::of(name);
    let start = Instant::now();
    let show = env::var_os("CORPUS_GIT_SHOW").is_some();
    let cancel = AtomicBool::new(false);
    let options = Options { mboxrd, ..Options::default() };
    let mut reader = Reader::open(&[path], options, &cancel).unwrap();
    let mut mails: Vec<Mail> = Vec::new();
    let mut tally = Tally::default();
    let ended = for_each_parallel(
        &mut reader,
        NonZeroUsize::new(2).unwrap(),
        |raw| {
            assert!(!raw.truncated, "{} is truncated", raw.place);
            let mail = Mail::parse(&raw.bytes);
            let answer = compare(&oracle, &raw.bytes, &mail);
            (raw.place, mail, answer)
        },
        |(place, mail, answer)| {
            if let Some(answer) = answer {
                if show {
                    for field in answer.differing() {
                        println!("{name}#{place}: {field}");
                    }
                }
                tally.add(&answer);
            }
            mails.push(mail);
            ControlFlow::Continue(())
        },
    );
    assert_eq!(ended.unwrap(), Ended::Complete);
    println!("{name}: {} mails, {:.0?}", mails.len(), start.elapsed());
    println!("{tally}");
    assert_eq!(mails.len(), figures.mails, "mails in and mails out");
    let sums = series::assemble(mails);
    println!("{sums}");
    println!("in {:.0?}", start.elapsed());
    figures.hold(&tally, &sums);
}
