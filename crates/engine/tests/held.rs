//! What waited for a person and was not said is no reason to be silent about the next version.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod scene;

use test_case::test_case;
use tidewaiter_engine::{Delivery, Effect, Event, State, finish, judged, step};
use tidewaiter_reply::Mode;

/// Two versions with the same tag; what became of the first one's reply comes in between.
#[test_case(Mode::Hold, None => "held"; "held and never released")]
#[test_case(Mode::Hold, Some(Delivery::Sent) => "SaidBefore"; "held, released and sent")]
#[test_case(Mode::Hold, Some(Delivery::Seen) => "SaidBefore"; "held, in doubt, and seen")]
#[test_case(Mode::Hold, Some(Delivery::Dead) => "held"; "held, released and refused")]
#[test_case(Mode::Hold, Some(Delivery::Doubt) => "SaidBefore"; "held, released and in doubt")]
#[test_case(Mode::List, None => "SaidBefore"; "sent by itself")]
#[test_case(Mode::List, Some(Delivery::Sent) => "SaidBefore"; "sent")]
#[test_case(Mode::List, Some(Delivery::Doubt) => "SaidBefore"; "in doubt")]
#[test_case(Mode::List, Some(Delivery::Cancelled) => "said"; "cancelled before it went out")]
#[test_case(Mode::List, Some(Delivery::Held) => "said"; "held by the outbox")]
#[test_case(Mode::List, Some(Delivery::Dropped) => "said"; "dropped")]
#[test_case(Mode::List, Some(Delivery::Dead) => "said"; "refused")]
fn the_next_version(mode: Mode, became: Option<Delivery>) -> String {
    let mut context = scene::context(None);
    let list = context.config.lists.iter_mut().next().unwrap();
    (list.reply.mode, list.reply.decline) = (mode, mode);
    context.config.trust.authserv_ids = vec!["mx.example.net".to_owned()];
    for policy in &mut context.policies {
        policy.checked = Some("2026-06-01".parse().unwrap());
    }
    let mut state = State::new();
    let first = ["-90 z al - [PATCH] one || Why.", "0 a al - [PATCH] two || AI-used-for: code"];
    let second = ["30 b al - [PATCH v2] two || AI-used-for: code"];
    let mut queued = None;
    let mut take = |state: &mut State| {
        for arrival in scene::arrivals(&context, &first) {
            step(state, &context, Event::Mail(Box::new(arrival)));
        }
        for effect in finish(state, &context) {
            if let Effect::Queue(reply) = effect {
                queued.get_or_insert(reply.id);
            }
        }
    };
    take(&mut state);
    if let (Some(became), Some(id)) = (became, queued.clone()) {
        step(&mut state, &context, Event::Delivered(id, became));
    }
    for arrival in scene::arrivals(&context, &second) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, &context);
    let all = judged(&mut state, &context);
    let last = all.last().unwrap().first().unwrap();
    match (&last.reply, last.silence) {
        (Some(reply), None) if reply.held_by.is_some() => "held".to_owned(),
        (Some(_), None) => "said".to_owned(),
        (None, Some(silence)) => format!("{silence:?}"),
        other => format!("{other:?}"),
    }
}

/// What was told of the first version is told, whatever stands between it and the next.
#[test_case("5 f bo - [PATCH] other" => "SaidBefore"; "nothing")]
#[test_case("20 f al? - [PATCH v2] two || Nothing." => "SaidBefore"; "a version that nobody vouches for")]
#[test_case("49 f al? - [PATCH v2] two || Nothing." => "SaidBefore"; "one that was not decided")]
fn behind_another_version(between: &str) -> String {
    let mut context = scene::context(None);
    let list = context.config.lists.iter_mut().next().unwrap();
    (list.reply.mode, list.reply.decline) = (Mode::List, Mode::List);
    context.config.trust.authserv_ids = vec!["mx.example.net".to_owned()];
    let lines = [
        "-90 z al - [PATCH] one || Why.",
        "0 a al - [PATCH] two || AI-used-for: code",
        between,
        "50 b al - [PATCH v3] two || AI-used-for: code",
    ];
    let mut state = State::new();
    for arrival in scene::arrivals(&context, &lines) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, &context);
    let all = judged(&mut state, &context);
    let last = all.last().unwrap();
    assert_eq!(last.series.id.as_ref().unwrap().as_str(), "b@x");
    last.first().unwrap().silence.map_or("said".to_owned(), |silence| format!("{silence:?}"))
}
