//! What is due is decided one after the other, and what was given up is not.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod scene;

use jiff::Timestamp;
use tidewaiter_engine::{
    Config, Context, Effect, Event, NoticeKind, State, config, judged, settle, step,
};
use tidewaiter_policy::NotJudged;
use tidewaiter_reply::{Mode, ReplyKind};

const LINES: &[&str] = &[
    "0 a al - [PATCH] one || AI-used-for: code",
    "0 b bo - [PATCH] two || AI-used-for: code",
    "0 c cy - [PATCH 0/2] three || AI-used-for: code",
    "0 d cy c [PATCH 1/2] four || AI-used-for: code",
    "0 e cy c [PATCH 2/2] five || AI-used-for: code",
];

fn taken(context: &Context, given_up: &[(&str, bool)]) -> State {
    let mut state = State::new();
    for (name, at_all) in given_up {
        state.give_up(name, *at_all);
    }
    for arrival in scene::arrivals(context, LINES) {
        step(&mut state, context, Event::Mail(Box::new(arrival)));
    }
    state
}

fn text(state: &mut State) -> String {
    let mut text = String::new();
    state.render(&mut text).unwrap();
    text
}

/// Late enough for every series.
fn later(state: &State) -> Timestamp {
    state.next_due().unwrap() + jiff::SignedDuration::from_hours(1)
}

fn told(effects: &[Effect]) -> Vec<NoticeKind> {
    let notices = effects.iter().filter_map(|effect| match effect {
        Effect::Tell(notice) => Some(notice.what),
        _ => None,
    });
    notices.collect()
}

#[test]
fn one_after_the_other_is_as_all_at_once() {
    let context = scene::context(Some(Mode::List));
    let (mut one, mut all) = (taken(&context, &[]), taken(&context, &[]));
    let now = later(&all);
    let at_once = step(&mut all, &context, Event::Tick(now));
    let (mut names, mut effects) = (Vec::new(), Vec::new());
    while let Some(name) = one.due(now) {
        names.push(name);
        effects.extend(settle(&mut one, &context, now));
    }
    effects.extend(step(&mut one, &context, Event::Tick(now)));
    assert_eq!(names, ["a@x", "b@x", "c@x", "d@x", "e@x"]);
    assert_eq!(format!("{effects:?}"), format!("{at_once:?}"));
    assert_eq!(text(&mut one), text(&mut all));
}

#[test]
fn what_was_given_up_is_recorded_and_not_judged() {
    let context = scene::context(Some(Mode::List));
    // Any part of it stands for it.
    let mut state = taken(&context, &[("d@x", false)]);
    assert!(state.has_given_up("d@x") && !state.has_given_up("c@x"));
    let now = later(&state);
    let effects = step(&mut state, &context, Event::Tick(now));
    let replies = effects.iter().filter(|effect| matches!(effect, Effect::Queue(_))).count();
    assert_eq!(replies, 2);
    assert_eq!(told(&effects), [NoticeKind::SeriesFailed]);
    let all = judged(&mut state, &context);
    let why: Vec<_> = all.iter().map(|judged| judged.first().unwrap().not_judged).collect();
    assert_eq!(why, [None, None, Some(NotJudged::Failed)]);
    assert!(all[2].first().unwrap().policy.is_some());
}

#[test]
fn what_must_not_be_looked_at_is_told_alone() {
    let context = scene::context(Some(Mode::List));
    let mut state = taken(&context, &[("a@x", true)]);
    let now = later(&state);
    let effects = step(&mut state, &context, Event::Tick(now));
    assert_eq!(told(&effects), [NoticeKind::SeriesFailed]);
    let records = effects.iter().filter(|effect| matches!(effect, Effect::Record(_))).count();
    assert_eq!(records, 2);
}

#[test]
fn a_digest_that_was_given_up_is_left_out() {
    let built_in = config::BUILTIN
        .replace("mode = \"observe\"", "mode = \"digest\"")
        .replace("digest-every = \"week\"", "digest-every = \"day\"");
    let context = Context { config: Config::parse(&built_in).unwrap().0, ..scene::context(None) };
    let digests = |given_up: &[(&str, bool)]| {
        let mut state = taken(&context, given_up);
        let now = later(&state);
        step(&mut state, &context, Event::Tick(now));
        let until = state.next_due().unwrap();
        let name = state.due(until).unwrap();
        let effects = settle(&mut state, &context, until);
        let digest = |effect: &&Effect| matches!(effect, Effect::Queue(reply) if matches!(reply.kind, ReplyKind::Digest { .. }));
        let written = effects.iter().filter(digest).count();
        assert_eq!(state.due(until), None);
        (name, written, told(&effects))
    };
    let (name, written, nothing) = digests(&[]);
    assert!(name.starts_with("digests until 2"), "{name}");
    assert_eq!((written, nothing), (1, vec![]));
    assert_eq!(digests(&[(&name, false)]), (name.clone(), 0, vec![NoticeKind::NotRendered]));
}
