//! Whose first series it is: a reply to that waits for a person.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test file uses all of it")]
mod said;
#[expect(dead_code, reason = "not every test file uses all of it")]
mod scene;

use said::sending;
use scene::mail;
use test_case::test_case;
use tidewaiter_engine::{Arrival, Event, State, finish, judged, step};
use tidewaiter_reply::Mode;

const LAST: &str = "60 b al - [PATCH v2] one || AI-used-for: code";

/// What holds the reply to the last of these series; `sent` for nothing.
fn held(trusted: bool, mode: Option<Mode>, lines: &[&str]) -> String {
    let (mut context, mut state) = (sending(), State::new());
    context.overrides.mode = mode;
    if !trusted {
        context.config.trust.authserv_ids.clear();
    }
    for line in lines {
        let (mail, time) = mail(line);
        step(&mut state, &context, Event::Mail(Box::new(Arrival::new(&context, mail, time))));
    }
    finish(&mut state, &context);
    let all = judged(&mut state, &context);
    let reply = all.last().unwrap().first().unwrap().reply.clone().unwrap();
    reply.held_by.map_or("sent".to_owned(), |held| held.to_string())
}

#[test_case(&[LAST] => "first-series"; "their first")]
#[test_case(&["56 a al - [PATCH] one || AI-used-for: code", LAST] => "first-series"; "a second version within hours")]
#[test_case(&["0 a al - [PATCH] one || Why.", LAST] => "first-series"; "a second version within days")]
#[test_case(&["0 a al - [PATCH] one || Why.", "20 c al - [PATCH v2] one || Why.", "60 b al - [PATCH v3] one || AI-used-for: code"] => "first-series"; "a third version")]
#[test_case(&["0 z al - [PATCH] other || Why.", LAST] => "sent"; "another series")]
#[test_case(&["0 a al - [PATCH] one || Why.", "20 z al - [PATCH] other || Why.", LAST] => "sent"; "another series between two versions")]
#[test_case(&["0 z al? - [PATCH] other || Why.", LAST] => "first-series"; "another series that nobody vouches for")]
#[test_case(&["0 z al? - [PATCH] other || Why.", "20 y al - [PATCH] third || Why.", LAST] => "sent"; "a series of each kind")]
#[test_case(&["0 z bo - [PATCH] other || Why.", LAST] => "first-series"; "a series of another author")]
fn as_configured(lines: &[&str]) -> String {
    held(true, None, lines)
}

/// Where nobody is believed, that holds every reply; a mail makes its author known as it did.
#[test]
fn without_a_trusted_server() {
    let lines = ["0 z al - [PATCH] other || Why.", LAST];
    assert_eq!(held(false, None, &lines), "unverified-sender");
}

/// A dry run that does not ask for what is configured tells what would be said to anybody.
#[test]
fn a_dry_run_knows_everybody() {
    assert_eq!(held(true, Some(Mode::List), &[LAST]), "sent");
}
