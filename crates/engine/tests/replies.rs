//! Every outcome in every mode, for a first version and for a new one: who gets what, or why not.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod scene;

use std::fmt::Write;

use scene::{arrivals, context};
use test_case::test_case;
use tidewaiter_engine::{Config, Context, Event, State, config, finish, judged, step};
use tidewaiter_policy::maintainers::Maintainers;
use tidewaiter_reply::Mode;

const MODES: [(&str, Mode); 6] = [
    ("observe", Mode::Observe),
    ("hold", Mode::Hold),
    ("digest", Mode::Digest),
    ("author", Mode::Author),
    ("maintainers", Mode::Maintainers),
    ("list", Mode::List),
];

const MAINTAINERS: &str = "Misc\n----\nMisc devices\nM: Mia Maintainer <mia@example.com>\n\
                           R: Rolf Reviewer <rolf@example.com>\nL: misc@lists.example.org\n\
                           F: hw/misc/\n";

fn scene(policy: &str, mode: Mode, small_fixes: bool) -> Context {
    let text = config::BUILTIN
        .replace("policy = \"qemu-2025-06\"", &format!("policy = \"{policy}\""))
        .replace("speak-on = [", "speak-on = [\"disclosure\", ");
    let mut context = context(Some(mode));
    context.config = Config::parse(&text).unwrap().0;
    context.maintainers = Some(Maintainers::parse(MAINTAINERS).0);
    context.policies.iter_mut().for_each(|policy| policy.allows_small_fix &= small_fixes);
    context
}

/// Who gets what of each version, without what stands in every reply.
fn told(context: &Context, lines: &[&str]) -> String {
    let mut state = State::new();
    for arrival in arrivals(context, lines) {
        step(&mut state, context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, context);
    let mut text = String::new();
    for judged in judged(&mut state, context) {
        let first = judged.first().unwrap();
        let _ = writeln!(text, "{} {:?}", judged.series.version, first.outcome().unwrap());
        let Some(reply) = &first.reply else {
            let _ = writeln!(text, "  nothing: {:?}", first.silence.unwrap());
            continue;
        };
        for (name, people) in [("To", &reply.to), ("Cc", &reply.cc)] {
            let people: Vec<String> =
                people.iter().map(|m| m.address.as_ref().unwrap().to_string()).collect();
            if !people.is_empty() {
                let _ = writeln!(text, "  {name}: {}", people.join(", "));
            }
        }
        if let Some(held) = reply.held_by {
            let _ = writeln!(text, "  held: {held}");
        }
        let body = reply.body.split_once("\n\n").unwrap().1.split_once("\n-- \n").unwrap().0;
        for line in body.lines() {
            let _ = writeln!(text, "  | {line}");
        }
    }
    text
}

const BAN: &str = "qemu-2025-06";
const DRAFT: &str = "qemu-proposed-2026-05";
const FIRST: &str = "0 c al - [PATCH 0/2] frob";

#[test_case("decline", BAN, true, "AI-used-for: code", "AI-used-for: code", "AI-used-for: tests"; "decline")]
#[test_case("ask", DRAFT, false, "AI-used-for: code", "AI-used-for: code", "AI-used-for: code"; "ask")]
#[test_case("disclosure", DRAFT, true, "AI-used-for: code", "AI-used-for: code", "AI-used-for: tests"; "disclosure")]
#[test_case("mark", BAN, true, "Co-authored-by: Copilot <copilot@github.com>", "Co-authored-by: Copilot <copilot@github.com>", "Generated with Claude Code"; "mark")]
#[test_case("lost", DRAFT, true, "AI-used-for: code", "Why.", "Why."; "lost")]
fn every_outcome_in_every_mode(
    name: &str,
    policy: &str,
    small_fixes: bool,
    before: &str,
    after: &str,
    new: &str,
) {
    // The first version states something in one patch, the second in the other as well.
    let lines = [
        FIRST.to_owned(),
        format!("0 a al c [PATCH 1/2] one || {before}"),
        "0 b al c [PATCH 2/2] two || Why.".to_owned(),
        "40 c2 al - [PATCH v2 0/2] frob".to_owned(),
        format!("40 a2 al c2 [PATCH v2 1/2] one || {after}"),
        format!("40 b2 al c2 [PATCH v2 2/2] two || {new}"),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let mut all = String::new();
    for (mode, value) in MODES {
        let told = told(&scene(policy, value, small_fixes), &lines);
        let _ = writeln!(all, "== {mode}\n{told}");
    }
    insta::assert_snapshot!(name, all);
}
