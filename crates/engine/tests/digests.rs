//! What a list's digest holds, and when it is written.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod scene;

use jiff::Timestamp;
use scene::{arrivals, context};
use test_case::test_case;
use tidewaiter_engine::{Config, Context, Effect, Event, State, config, finish, step};
use tidewaiter_reply::{Mode, Reply, ReplyKind};

fn is_digest(reply: &Reply) -> bool {
    matches!(reply.kind, ReplyKind::Digest { .. })
}

fn replies(effects: Vec<Effect>) -> impl Iterator<Item = Reply> {
    effects.into_iter().filter_map(|effect| match effect {
        Effect::Queue(reply) => Some(*reply),
        _ => None,
    })
}

/// Each digest as its period and the series in it; `until` is a tick after the last mail.
fn digests(context: &Context, lines: &[&str], until: Option<&str>) -> Vec<String> {
    let mut state = State::new();
    let mut written = Vec::new();
    for arrival in arrivals(context, lines) {
        written.extend(replies(step(&mut state, context, Event::Mail(Box::new(arrival)))));
    }
    match until {
        Some(until) => {
            let now: Timestamp = until.parse().unwrap();
            written.extend(replies(step(&mut state, context, Event::Tick(now))));
        }
        None => written.extend(replies(finish(&mut state, context))),
    }
    written
        .iter()
        .filter(|reply| is_digest(reply))
        .map(|reply| {
            let ReplyKind::Digest { period, .. } = &reply.kind else { unreachable!() };
            let ids = reply.body.lines().filter_map(|line| line.strip_prefix("  <"));
            let ids: Vec<&str> = ids.map(|id| id.trim_end_matches("@x>")).collect();
            format!("{period}: {}", ids.join(" "))
        })
        .collect()
}

fn with_digest(mode: Mode, every: &str) -> Context {
    let text = config::BUILTIN
        .replace("mode = \"observe\"", &format!("mode = \"{}\"", word(mode)))
        .replace("digest-to = []", "digest-to = [\"Jane Doe <jane@example.net>\"]")
        .replace("digest-every = \"week\"", &format!("digest-every = \"{every}\""));
    Context { config: Config::parse(&text).unwrap().0, ..context(None) }
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Observe => "observe",
        Mode::Digest => "digest",
        Mode::List => "list",
        _ => unreachable!(),
    }
}

const CODE: &str = "0 a al - [PATCH] one || AI-used-for: code";

#[test]
fn a_digest_a_week() {
    let lines = [
        CODE,
        "30 b bo - [PATCH] two || AI-used-for: tests",
        "200 c cy - [PATCH] three || AI-used-for: docs",
    ];
    let context = with_digest(Mode::Digest, "week");
    assert_eq!(
        digests(&context, &lines, None),
        ["2026-06-01/2026-06-07: a b", "2026-06-08/2026-06-14: c"]
    );
    // It is written when the week is over, and not before.
    assert_eq!(digests(&context, &lines[..2], Some("2026-06-07T23:59:59Z")), Vec::<String>::new());
    let due = digests(&context, &lines[..2], Some("2026-06-08T00:00:00Z"));
    assert_eq!(due, ["2026-06-01/2026-06-07: a b"]);
}

/// A mailbox that was put back from a copy brings mails of long ago, as old as they are.
#[test]
fn what_came_long_ago_is_no_news() {
    let lines = [
        "700 c cy - [PATCH] three || AI-used-for: docs",
        CODE,
        "690 b bo - [PATCH] two || AI-used-for: tests",
    ];
    let context = with_digest(Mode::Digest, "week");
    assert_eq!(digests(&context, &lines, None), ["2026-06-29/2026-07-05: b c"]);
}

#[test]
fn a_digest_a_day() {
    let lines = [CODE, "30 b bo - [PATCH] two || AI-used-for: tests"];
    let context = with_digest(Mode::Digest, "day");
    assert_eq!(digests(&context, &lines, None), ["2026-06-01: a", "2026-06-02: b"]);
}

#[test]
fn a_new_version_is_told_where_it_has_news() {
    let same = "48 b al - [PATCH v2] one || AI-used-for: code";
    let other = "48 b al - [PATCH v2] one || AI-used-for: code / AI-used-for: tests";
    let context = with_digest(Mode::Digest, "day");
    assert_eq!(digests(&context, &[CODE, same], None), ["2026-06-01: a"]);
    assert_eq!(digests(&context, &[CODE, other], None), ["2026-06-01: a", "2026-06-03: b"]);
}

#[test]
fn what_went_out_is_not_told_again() {
    let lines = [CODE, "1 b bo - [RFC] two || AI-used-for: code"];
    let mut context = with_digest(Mode::List, "week");
    context.overrides.mode = Some(Mode::List);
    assert_eq!(digests(&context, &lines, None), ["2026-06-01/2026-06-07: b"]);
}

#[test]
fn nobody_is_written_to_while_observing() {
    let lines = [CODE, "1 b bo - [RFC] two || AI-used-for: code"];
    assert_eq!(digests(&with_digest(Mode::Observe, "day"), &lines, None), Vec::<String>::new());
}

#[test]
fn the_operator_gets_it_where_nobody_is_named() {
    let mut context = context(Some(Mode::Digest));
    context.config.lists[0].digest_to.clear();
    let mut state = State::new();
    for arrival in arrivals(&context, &[CODE]) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    let digest = replies(finish(&mut state, &context)).find(is_digest).unwrap();
    assert_eq!(digest.to, [context.config.identity.operator.clone()]);
    assert_eq!((digest.in_reply_to, digest.cc), (None, vec![]));
}

/// A policy that is not in force, or that nobody has checked, is for the operator alone.
#[test_case("qemu-2025-06", true => "jane@example.net"; "in force and checked")]
#[test_case("qemu-2025-06", false => "operator@example.net"; "not checked")]
#[test_case("qemu-proposed-2026-05", true => "operator@example.net"; "proposed")]
fn who_reads_it(policy: &str, checked: bool) -> String {
    let mut context = with_digest(Mode::Digest, "day");
    context.config.lists.iter_mut().for_each(|list| list.policy = policy.to_owned());
    if !checked {
        context.policies.iter_mut().for_each(|policy| policy.checked = None);
    }
    let mut state = State::new();
    for arrival in arrivals(&context, &[CODE]) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    let digest = replies(finish(&mut state, &context)).find(is_digest).unwrap();
    digest.to.first().and_then(|reader| reader.address.as_ref()).unwrap().to_string()
}
