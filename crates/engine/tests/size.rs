//! Whatever is sent, one look at it takes no more than its size asks for.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod scene;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use scene::{arrivals, context};
use test_case::test_case;
use tidewaiter_engine::{Effect, Event, State, judged, step};
use tidewaiter_policy::{NotJudged, maintainers::Maintainers};
use tidewaiter_reply::Mode;

/// Far more than it takes unless it takes the square of it.
const LIMIT: Duration = Duration::from_secs(10);

#[test]
fn a_series_of_thousands_of_parts_that_is_posted_twice() {
    const PARTS: usize = 3_000;
    let context = context(Some(Mode::List));
    let mut state = State::new();
    let posted = |hour: u32, id: &str, resend: &str| -> Vec<String> {
        let part = |n: usize| match n {
            0 => format!("{hour} {id}0 al - [PATCH{resend} 0/{PARTS}] many"),
            n => format!("{hour} {id}{n} al {id}0 [PATCH{resend} {n}/{PARTS}] part {n} of many"),
        };
        (0..=PARTS).map(part).collect()
    };
    let lines = [posted(0, "a", ""), posted(20, "b", " RESEND")].concat();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let arrivals = arrivals(&context, &lines);
    let began = Instant::now();
    for arrival in arrivals {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    let later = Timestamp::from_second(1_780_272_000 + 40 * 3_600).unwrap();
    step(&mut state, &context, Event::Tick(later));
    assert_eq!(state.decided(), 2);
    let took = began.elapsed();
    assert!(took < LIMIT, "{took:?}");
    let all = judged(&mut state, &context);
    let not_judged: Vec<_> = all.iter().map(|one| one.first().unwrap().not_judged).collect();
    assert_eq!(not_judged, [None, Some(NotJudged::Repost)]);
}

/// Words by strangers in one thread: what each asks for does not grow with the thread.
#[test_case("sing"; "one that is not known")]
#[test_case("no"; "one that asks for quiet")]
#[test_case("why"; "one that they may not say")]
fn thousands_of_words_in_one_thread(word: &str) {
    const MAILS: usize = 10_000;
    let mut context = context(Some(Mode::List));
    let maintainers = "Misc\n----\nMisc devices\nM: Mia <mia@example.com>\nF: hw/misc/\n";
    context.maintainers = Some(Maintainers::parse(maintainers).0);
    let mut state = State::new();
    let mut lines = vec!["0 a al - [PATCH] one || AI-used-for: code".to_owned()];
    let said = |n| format!("20 w{n} bo a Re: [PATCH] one || tidewaiter: {word}");
    lines.extend((0..MAILS).map(said));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let arrivals = arrivals(&context, &lines);
    let began = Instant::now();
    let mut told = 0;
    for arrival in arrivals {
        let effects = step(&mut state, &context, Event::Mail(Box::new(arrival)));
        told += effects.iter().filter(|effect| matches!(effect, Effect::Tell(_))).count();
    }
    let took = began.elapsed();
    assert!(took < LIMIT, "{took:?}");
    assert_eq!(told, MAILS);
}
