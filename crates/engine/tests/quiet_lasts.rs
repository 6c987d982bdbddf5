//! `tidewaiter: no` holds for later versions, whenever it was said, and whatever stands between.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test file uses all of it")]
mod said;
#[expect(dead_code, reason = "not every test file uses all of it")]
mod scene;

use said::{at, sending, words};
use scene::mail;
use test_case::test_case;
use tidewaiter_engine::{Arrival, Event, Silence, State, finish, judged, step};

const V1: &str = "20 a al - [PATCH] one || AI-used-for: code";
const NO: &str = "34 n bo a Re: [PATCH] one || tidewaiter: no";
/// With one more line than the first.
const V2: [&str; 3] = [
    "50 c al - [PATCH v2 0/2] one",
    "50 d al c [PATCH v2 1/2] one || AI-used-for: code",
    "50 e al c [PATCH v2 2/2] two || AI-used-for: tests",
];
const V3: &str = "80 g al - [PATCH v3] one || AI-used-for: docs";

/// What comes of the last series of these mails, after one that made the author known.
fn last(lines: &[&str]) -> Option<Silence> {
    let (context, mut state) = (sending(), State::new());
    for line in std::iter::once(&"0 z al - [PATCH] zero").chain(lines) {
        let (mail, time) = mail(line);
        step(&mut state, &context, Event::Mail(Box::new(Arrival::new(&context, mail, time))));
    }
    finish(&mut state, &context);
    judged(&mut state, &context).last().unwrap().first().unwrap().silence
}

#[test_case(&[V1] => None; "nobody asked")]
#[test_case(&[V1, V2[0], V2[1], V2[2]] => None; "news in the next version")]
#[test_case(&[V1, NO, V2[0], V2[1], V2[2]] => Some(Silence::OptOut); "asked after the note")]
#[test_case(&["20 a al - [PATCH] one || Why.", NO, V3] => Some(Silence::OptOut); "asked of one that nothing was said of")]
#[test_case(&[V1, V2[0], V2[1], V2[2], "70 n bo a Re: [PATCH] one || tidewaiter: no", V3] => Some(Silence::OptOut); "asked of the first after the second")]
#[test_case(&[V1, NO, "40 f al? - [PATCH v2] one || Nothing.", V3] => Some(Silence::OptOut); "a version between that nobody vouches for")]
#[test_case(&[V1, NO, "79 f al? - [PATCH v2] one || Nothing.", V3] => Some(Silence::OptOut); "a version between that was not decided")]
fn it_lasts(lines: &[&str]) -> Option<Silence> {
    last(lines)
}

/// A `no` about the first version cancels what waits to be said of the second.
#[test]
fn it_cancels_what_waits_of_a_later_version() {
    let (context, mut state) = (sending(), State::new());
    for line in ["0 z al - [PATCH] zero", V1].iter().chain(&V2) {
        let (mail, time) = mail(line);
        step(&mut state, &context, Event::Mail(Box::new(Arrival::new(&context, mail, time))));
    }
    let said = words(&step(&mut state, &context, Event::Tick(at(63.0))));
    assert!(said.contains(&"note to qemu-devel@nongnu.org".to_owned()), "{said:?}");
    let mut take = |line: &str| {
        let (mail, time) = mail(line);
        words(&step(
            &mut state,
            &context,
            Event::Mail(Box::new(Arrival::new(&context, mail, time))),
        ))
    };
    let no = |hour, id| format!("{hour} {id} bo a Re: [PATCH] one || tidewaiter: no");
    // That of the first, and that of the second.
    assert_eq!(take(&no(64, "n")), ["cancel", "cancel", "QuietByStranger"]);
    assert_eq!(take(&no(65, "m")), ["cancel", "QuietByStranger"]);
}
