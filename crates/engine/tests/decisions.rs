//! When a series is judged, what comes of it, and what is said only once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod scene;

use jiff::Timestamp;
use proptest::prelude::*;
use scene::{arrivals, context, raw};
use test_case::test_case;
use tidewaiter_engine::{
    Arrival, Config, Context, Effect, Event, NoticeKind, Silence, State, config, finish, judged,
    step,
};
use tidewaiter_patch::Mail;
use tidewaiter_policy::Outcome;
use tidewaiter_reply::Mode;

/// Each series as `id outcome`, then `-> reply` or the reason why nothing is sent.
fn decided(lines: &[&str]) -> Vec<String> {
    let context = context(Some(Mode::List));
    let mut state = State::new();
    for arrival in arrivals(&context, lines) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, &context);
    judged(&mut state, &context)
        .iter()
        .map(|judged| {
            let first = judged.first().unwrap();
            let id = judged.series.id.as_ref().unwrap().as_str().trim_end_matches("@x");
            let said = match (&first.reply, first.silence, first.not_judged) {
                (Some(_), _, _) => SPOKEN.to_owned(),
                (None, Some(silence), _) => format!("{silence:?}"),
                (None, None, Some(why)) => format!("{why:?}"),
                _ => "nothing".to_owned(),
            };
            let outcome = first.outcome().map(|o| format!("{o:?} ")).unwrap_or_default();
            format!("{id} {outcome}{said}")
        })
        .collect()
}

const SPOKEN: &str = "-> reply";

#[test_case(&["0 a al - [PATCH] one"] => vec!["a Silent NothingToSay"]; "nothing declared")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code"] => vec![format!("a Decline {SPOKEN}")]; "declared")]
#[test_case(&["0 a al - [RFC PATCH] one || AI-used-for: code"] => vec!["a Decline Rfc"]; "rfc")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: research"] => vec!["a Silent NothingToSay"]; "exempt")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "1 r bo a Re: [PATCH] one || tidewaiter: no"] => vec!["a Decline OptOut"]; "opt-out")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "1 r bo a Re: [PATCH] one || patchchecker: no"] => vec!["a Decline OptOut"]; "opt-out, the older word")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "1 r bo a Re: [PATCH] one || Queued, thanks."] => vec!["a Decline Queued"]; "queued")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "1 p bo - [PULL 1/2] one"] => vec!["a Decline Queued", "p Pull"]; "pulled")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "1 p bo - [PULL 1/2] two"] => vec![format!("a Decline {SPOKEN}"), "p Pull".to_owned()]; "another pulled")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "1 r bo a Re: [PATCH] one || Our policy does not allow AI generated code."] => vec!["a Decline RaisedByAPerson"]; "raised by a person")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "1 r al a Re: [PATCH] one || I know the AI policy."] => vec![format!("a Decline {SPOKEN}")]; "raised by the author alone")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "20 r bo a Re: [PATCH] one || Queued, thanks."] => vec![format!("a Decline {SPOKEN}")]; "queued too late")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "2 b al - [PATCH v2] one || AI-used-for: code"] => vec!["a Decline Superseded".to_owned(), format!("b Decline {SPOKEN}")]; "superseded before it was due")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "30 b al - [PATCH v2] one || AI-used-for: code"] => vec![format!("a Decline {SPOKEN}"), "b Decline SaidBefore".to_owned()]; "said before")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "1 r bo a Re: [PATCH] one || tidewaiter: no", "30 b al - [PATCH v2] one || AI-used-for: tests"] => vec!["a Decline OptOut", "b Decline OptOut"]; "an opt-out lasts")]
#[test_case(&["0 a al - [PATCH] one", "1 r al a Re: [PATCH] one || AI-used-for: code"] => vec![format!("a Decline {SPOKEN}")]; "the author adds the tag")]
#[test_case(&["0 a al - [PATCH] one", "1 r bo a Re: [PATCH] one || AI-used-for: code"] => vec!["a Silent NothingToSay"]; "another person adds a tag")]
#[test_case(&["0 a al - [PULL 0/1] one", "0 b al a [PULL 1/1] two || AI-used-for: code"] => vec!["a Pull"]; "pull")]
#[test_case(&["0 a al - [Stable-10.0.3 01/38] one || AI-used-for: code"] => vec!["a Stable"]; "stable")]
#[test_case(&["0 a al - [kvm-unit-tests PATCH] one || AI-used-for: code"] => vec!["a NotThisTree"]; "other tree")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "9 b al - [PATCH RESEND] one || AI-used-for: code"] => vec!["a Decline Superseded".to_owned(), "b Repost".to_owned()]; "resend")]
#[test_case(&["0 a al - [RFC] one || AI-used-for: code", "30 b al - [PATCH] one || AI-used-for: code"] => vec!["a Decline Rfc".to_owned(), format!("b Decline {SPOKEN}")]; "first for discussion, then for inclusion")]
#[test_case(&["0 a al - [PATCH] one || AI-used-for: code", "5 a eve - [PATCH] two"] => vec!["a Decline ConflictingMessageId"]; "one id, two contents")]
#[test_case(&["0 c al - [PATCH 0/2] one || AI-used-for: code", "0 a al c [PATCH 1/2] two", "20 b al c [PATCH 2/2] three"] => vec![format!("c Decline {SPOKEN}")]; "a late part")]
#[test_case(&["0 c al - [PATCH 0/3] one"] => vec!["c NoPatch"]; "a lone cover letter")]
fn comes_to(lines: &[&str]) -> Vec<String> {
    decided(lines)
}

/// As many replies are queued as stand in the report, each once, whatever comes later.
#[test]
fn a_reply_is_queued_once() {
    let context = context(Some(Mode::List));
    let mut state = State::new();
    let lines = [
        "0 c al - [PATCH 0/2] one || AI-used-for: code",
        "0 a al c [PATCH 1/2] two || AI-used-for: code",
        "20 b al c [PATCH 2/2] three || AI-used-for: code",
        "40 r al c Re: [PATCH 0/2] one || AI-used-for: tests",
        "60 s bo c Re: [PATCH 0/2] one || why?",
    ];
    let mut queued = Vec::new();
    for arrival in arrivals(&context, &lines) {
        queued.extend(step(&mut state, &context, Event::Mail(Box::new(arrival))));
    }
    queued.extend(finish(&mut state, &context));
    let replies = queued.iter().filter(|e| matches!(e, Effect::Queue(_))).count();
    assert_eq!(replies, 1);
}

#[test_case("21 r bo a Re: [PATCH] one || tidewaiter: no" => true; "no")]
#[test_case("21 r al a Re: [PATCH] one || tidewaiter: no" => true; "no by the author")]
#[test_case("21 r bo a Re: [PATCH] one || Queued, thanks." => true; "queued")]
#[test_case("21 r bo a Re: [PATCH] one || Our AI policy says no." => true; "raised")]
#[test_case("21 r al a Re: [PATCH] one || I know the AI policy." => false; "raised by the author")]
#[test_case("21 r bo a Re: [PATCH] one || Fine." => false; "another word")]
#[test_case("21 b al - [PATCH v2] one" => true; "a new version")]
#[test_case("21 p bo - [PULL 3/9] one" => true; "a pull")]
#[test_case("21 p bo - [PULL 3/9] other" => false; "another pull")]
fn what_waits_is_cancelled_by(last: &str) -> bool {
    is_cancelled_by(&raw(last).0, 21)
}

/// Our own note that comes back speaks of AI, as do programs that quote it.
#[test_case("Auto-Submitted: auto-replied\nFrom: tidewaiter <tidewaiter@bot.example.net>"; "our own")]
#[test_case("From: tidewaiter <tidewaiter@bot.example.net>"; "our own, without its mark")]
#[test_case("Auto-Submitted: auto-generated\nFrom: robot <robot@example.net>"; "another program")]
fn what_waits_is_not_cancelled_by_programs(header: &str) {
    let (text, _) = raw("21 r bo a Re: [PATCH] one || Our AI policy says no. / tidewaiter: no");
    let text = text.replace("From: bo <bo@example.org>", header);
    assert!(!is_cancelled_by(&text, 21));
}

fn is_cancelled_by(last: &str, hour: i64) -> bool {
    let context = context(Some(Mode::List));
    let mut state = State::new();
    let lines = ["0 a al - [PATCH] one || AI-used-for: code", "20 x bo - [PATCH] unrelated"];
    let mut effects = Vec::new();
    for arrival in arrivals(&context, &lines) {
        effects.extend(step(&mut state, &context, Event::Mail(Box::new(arrival))));
    }
    let time = Timestamp::from_second(1_780_272_000 + hour * 3600).unwrap();
    let arrival = Arrival::new(&context, Mail::parse(last.as_bytes()), time);
    effects.extend(step(&mut state, &context, Event::Mail(Box::new(arrival))));
    let id = effects.iter().find_map(|e| match e {
        Effect::Queue(reply) => Some(reply.id.clone()),
        _ => None,
    });
    assert!(id.is_some());
    effects.iter().any(|e| matches!(e, Effect::Cancel(c) if Some(c) == id.as_ref()))
}

#[test]
fn the_operator_is_told_of_series_about_the_policy() {
    let context = context(Some(Mode::List));
    let mut state = State::new();
    let lines = ["0 a al - [PATCH] docs/devel: relax the policy on AI-generated contributions"];
    for arrival in arrivals(&context, &lines) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    let told = finish(&mut state, &context);
    assert!(told.iter().any(|effect| {
        matches!(effect, Effect::Tell(notice) if notice.what == NoticeKind::AboutThePolicy)
    }));
}

/// In `observe`, which is what is shipped, nothing would go out by itself.
#[test]
fn as_configured_everything_is_held() {
    let context = context(None);
    let mut state = State::new();
    for arrival in arrivals(&context, &["0 a al - [PATCH] one || AI-used-for: code"]) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, &context);
    let all = judged(&mut state, &context);
    let reply = all[0].first().unwrap().reply.as_ref().unwrap();
    assert!(reply.held_by.is_some());
}

/// As configured, five replies go out in an hour, and an author hears of one finding once a day;
/// what is over is held. All are of one domain, which has a cap of its own.
#[test_case(20 => 5; "the hour's")]
#[test_case(3 => 3; "the domain's")]
fn what_is_over_a_cap_is_held(domain_day: u32) -> usize {
    let mut context = sending();
    context.config.caps.domain_day = domain_day;
    let authors = ["al", "bo", "cy", "di", "ed", "fi", "gu"];
    let known = authors.map(|a| format!("0 {a}1 {a} - [PATCH] {a}: first"));
    let declared =
        authors.map(|a| format!("20 {a}2 {a} - [PATCH] {a}: second || AI-used-for: code"));
    let again = ["21.5 al3 al - [PATCH] al: third || AI-used-for: code".to_owned()];
    let lines: Vec<&str> =
        known.iter().chain(&declared).chain(&again).map(String::as_str).collect();
    let mut state = State::new();
    for arrival in arrivals(&context, &lines) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, &context);
    let held: Vec<String> = judged(&mut state, &context)
        .iter()
        .filter_map(|j| j.first()?.reply.as_ref())
        .map(|reply| reply.held_by.map_or("sent".to_owned(), |h| h.to_string()))
        .collect();
    let sent = held.iter().take_while(|held| *held == "sent").count();
    assert!(held.len() == 8 && held.iter().skip(sent).all(|held| held == "cap"), "{held:?}");
    sent
}

/// A context in which every outcome goes to the list, as configured.
fn sending() -> Context {
    let text = config::BUILTIN
        .replace("mode = \"observe\"", "mode = \"list\"")
        .replace("decline = \"hold\"", "decline = \"list\"")
        .replace("authserv-ids = []", "authserv-ids = [\"mx.example.net\"]");
    Context { config: Config::parse(&text).unwrap().0, ..context(None) }
}

/// It is judged as any other series, and whatever the mode nothing is queued for it.
#[test_case("Auto-Submitted: auto-generated"; "a script")]
#[test_case("X-Auto-Response-Suppress: All"; "a program that wants no answer")]
#[test_case("Return-Path: <>"; "a bounce")]
fn no_program_is_answered(header: &str) {
    let modes =
        [Mode::Observe, Mode::Hold, Mode::Digest, Mode::Author, Mode::Maintainers, Mode::List];
    let contexts = modes.into_iter().map(|mode| context(Some(mode)));
    for context in contexts.chain([sending()]) {
        let mut state = State::new();
        let mut effects = Vec::new();
        let lines = [
            "0 a al - [PATCH] one",
            "20 c al - [PATCH 0/1] two || AI-used-for: code",
            "20 b al c [PATCH 1/1] three || AI-used-for: code",
        ];
        for line in lines {
            let (text, time) = raw(line);
            let program = line.starts_with("20 b");
            let text = if program { format!("{header}\n{text}") } else { text };
            let arrival = Arrival::new(&context, Mail::parse(text.as_bytes()), time);
            effects.extend(step(&mut state, &context, Event::Mail(Box::new(arrival))));
        }
        effects.extend(finish(&mut state, &context));
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Queue(_))));
        let all = judged(&mut state, &context);
        let first = all.last().unwrap().first().unwrap();
        assert_eq!(first.outcome(), Some(Outcome::Decline));
        assert_eq!((first.silence, first.reply.is_none()), (Some(Silence::Automatic), true));
    }
}

/// As configured, a policy that nobody has checked for 31 days, or that was to be reviewed, sends
/// nothing by itself.
#[test_case(Some("2026-05-02"), None => "sent"; "31 days ago")]
#[test_case(Some("2026-05-01"), None => "policy-not-checked"; "32 days ago")]
#[test_case(Some("2026-10-13"), None => "sent"; "after the mail")]
#[test_case(None, None => "policy-not-checked"; "never")]
#[test_case(Some("2026-05-30"), Some("2026-06-02") => "sent"; "to be reviewed that day")]
#[test_case(Some("2026-05-30"), Some("2026-05-31") => "policy-review-due"; "to be reviewed before")]
fn a_policy_that_was_checked(checked: Option<&str>, review: Option<&str>) -> String {
    let mut context = sending();
    let day = |day: Option<&str>| day.map(|day| day.parse().unwrap());
    for policy in &mut context.policies {
        (policy.checked, policy.review_by) = (day(checked), day(review));
    }
    let lines = ["0 a al - [PATCH] one", "20 b al - [PATCH] two || AI-used-for: code"];
    let mut state = State::new();
    for arrival in arrivals(&context, &lines) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, &context);
    let all = judged(&mut state, &context);
    let reply = all.last().unwrap().first().unwrap().reply.as_ref().unwrap();
    reply.held_by.map_or("sent".to_owned(), |held| held.to_string())
}

proptest! {
    /// A tick at any time changes nothing but when things are said.
    #[test]
    fn ticks_do_not_matter(hours in prop::collection::vec(0_i64..100, 0..6)) {
        let lines = [
            "0 a al - [PATCH] one || AI-used-for: code",
            "30 b al - [PATCH v2] one || AI-used-for: tests",
            "70 c bo - [PATCH] other || AI-used-for: docs",
        ];
        let context = context(Some(Mode::List));
        let outcome = |ticks: &[i64]| {
            let mut state = State::new();
            for (arrival, hour) in arrivals(&context, &lines).into_iter().zip([0, 30, 70]) {
                for tick in ticks.iter().filter(|t| **t < hour) {
                    let at = Timestamp::from_second(1_780_272_000 + tick * 3600).unwrap();
                    step(&mut state, &context, Event::Tick(at));
                }
                step(&mut state, &context, Event::Mail(Box::new(arrival)));
            }
            finish(&mut state, &context);
            judged(&mut state, &context)
                .iter()
                .map(|j| format!("{:?}", j.first().unwrap().reply.as_ref().map(|r| &r.body)))
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(outcome(&[]), outcome(&hours));
    }
}
