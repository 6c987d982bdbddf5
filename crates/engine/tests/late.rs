//! What is said of a series after it was decided is recorded, and nothing more.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod scene;

use test_case::test_case;
use tidewaiter_engine::{Effect, Event, State, step};
use tidewaiter_reply::Mode;

const SAYS: &str = "20 b al a Re: [PATCH] one || I used ChatGPT to write this function.";

/// What brings a decision up to date says that it does.
#[test]
fn a_series_is_new_once() {
    let context = scene::context(Some(Mode::List));
    let mut state = State::new();
    let lines =
        ["0 a al - [PATCH] one || Why.", SAYS, "60 x bo - [PATCH] two || Why.", "90 y bo x Re: x"];
    let mut again = Vec::new();
    for arrival in scene::arrivals(&context, &lines) {
        for effect in step(&mut state, &context, Event::Mail(Box::new(arrival))) {
            if let Effect::Record(judged) = effect {
                again.push((judged.series.title.clone(), judged.again));
            }
        }
    }
    let all = [("one", false), ("one", true), ("two", false)];
    assert_eq!(again, all.map(|(title, again)| (title.to_owned(), again)));
}

/// A patch, decided after 12 hours; a mail after 20; all that comes of it in the day after that.
#[test_case(&[SAYS] => "[\"record true\"]"; "a declaration")]
#[test_case(&["20 b al a Re: [PATCH] one || Will do."] => "[]"; "nothing")]
#[test_case(&["20 b al - Re: [PATCH] other || I used ChatGPT to write this function."] => "[]"; "of another thread")]
#[test_case(&[SAYS, "21 c al a Re: [PATCH] one || I used ChatGPT for the tests.", "22 d al a Re: [PATCH] one || I used Copilot."] => "[\"record true\"]"; "several within the time that a series settles")]
#[test_case(&[SAYS, "40 c al a Re: [PATCH] one || I used Copilot to write this patch."] => "[\"record true\", \"record true\"]"; "one after the other")]
fn a_late_word(lines: &[&str]) -> String {
    let context = scene::context(Some(Mode::List));
    let mut state = State::new();
    let mut take = |lines: &[&str]| -> Vec<Effect> {
        let arrivals = scene::arrivals(&context, lines).into_iter();
        arrivals.flat_map(|a| step(&mut state, &context, Event::Mail(Box::new(a)))).collect()
    };
    take(&["0 a al - [PATCH] one || Why.", "15 x bo - [PATCH] two || Why."]);
    let mut effects = take(lines);
    // Time goes on with somebody else's answer.
    effects.extend(take(&["60 y bo x Re: [PATCH] two || Ping."]));
    let said = effects.iter().filter_map(|effect| match effect {
        Effect::Record(judged) if judged.series.id.as_ref().unwrap().as_str() == "a@x" => {
            let assessment = judged.first().unwrap().assessment.as_ref().unwrap();
            let declared = assessment.patches.iter().any(|patch| !patch.declared.is_empty());
            Some(format!("record {declared}"))
        }
        Effect::Queue(_) => Some("queue".to_owned()),
        _ => None,
    });
    format!("{:?}", said.collect::<Vec<_>>())
}
