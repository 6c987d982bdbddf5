//! Words by which people tell the program something: who may say what, and what comes of it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod said;
#[expect(dead_code, reason = "not every test file uses all of it")]
mod scene;

use said::{OPERATOR, answer, at, begun, private, sending, take, words};
use test_case::test_case;
use tidewaiter_engine::{Command, Delivery, Effect, Event, Silence, State, finish, judged, step};
use tidewaiter_mail::{Address, MessageId};
use tidewaiter_reply::Mode;

const AL: &str = "al@example.org";
const MIA: &str = "mia@example.com";

/// What comes of one word about a series that was spoken of.
#[test_case(AL, "why" => vec!["answer to al@example.org"]; "why, the author")]
#[test_case(MIA, "why" => vec!["answer to mia@example.com"]; "why, a maintainer")]
#[test_case(OPERATOR, "why" => vec!["answer to operator@example.net"]; "why, an operator")]
#[test_case("lia@example.com", "why" => vec!["WordNotAllowed"]; "why, a maintainer of everything")]
#[test_case("eve@example.com", "why" => vec!["WordNotAllowed"]; "why, a stranger")]
#[test_case(AL, "recheck" => vec!["record a@x"]; "recheck, the author")]
#[test_case(MIA, "recheck" => vec!["record a@x"]; "recheck, a maintainer")]
#[test_case("eve@example.com", "recheck" => vec!["WordNotAllowed"]; "recheck, a stranger")]
#[test_case(AL, "never" => vec!["cancel", "opt-out al@example.org", "OptedOut", "cancel"]; "never, the author")]
#[test_case("eve@example.com", "never" => vec!["cancel", "WordNotAllowed"]; "never, a stranger")]
#[test_case("eve@example.com", "no" => vec!["cancel", "QuietByStranger"]; "no, a stranger")]
#[test_case(MIA, "no" => vec!["cancel"]; "no, a maintainer")]
#[test_case(OPERATOR, "stop" => vec!["cancel", "stop"]; "stop, an operator")]
#[test_case(AL, "stop" => vec!["cancel"]; "stop, the author")]
#[test_case("eve@example.com", "stop" => vec!["cancel", "QuietByStranger"]; "stop, a stranger")]
#[test_case(OPERATOR, "release <tw.1@b.example>" => vec!["release tw.1@b.example"]; "release, an operator")]
#[test_case(AL, "release <tw.1@b.example>" => vec!["WordNotAllowed"]; "release, the author")]
#[test_case(AL, "sing" => vec!["WordUnknown"]; "unknown")]
#[test_case(AL, "release" => vec!["WordUnknown"]; "release nothing")]
fn may_say(from: &str, word: &str) -> Vec<String> {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    let mail = answer(34.0, "w", from, "a", &format!("Hello.\n\ntidewaiter: {word}\n"));
    words(&take(&context, &mut state, 34.0, &mail))
}

/// The older key is the same; several words of a mail are each followed, and told once.
#[test]
fn several_words() {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    let text = "patchchecker: why\ntidewaiter: why\ntidewaiter: sing\ntidewaiter: dance\n\
                tidewaiter: recheck\n";
    let mail = answer(34.0, "w", AL, "a", text);
    let said = words(&take(&context, &mut state, 34.0, &mail));
    assert_eq!(said, ["answer to al@example.org", "WordUnknown", "record a@x"]);
}

/// A person gets one answer about a version of a series, and a new one about the next.
#[test]
fn why_is_answered_once() {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    let mut said = Vec::new();
    for (hour, id, above) in [(34.0, "w", "a"), (34.5, "x", "w"), (35.0, "y", "a")] {
        let mail = answer(hour, id, AL, above, "tidewaiter: why\n")
            .replace("References: <w@x>", "References: <a@x> <w@x>");
        said.extend(words(&take(&context, &mut state, hour, &mail)));
    }
    assert_eq!(said, ["answer to al@example.org"]);
}

/// What is asked before a series is decided is answered once it is.
#[test]
fn why_waits_for_the_decision() {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    for (hour, id) in [(21.0, "w"), (22.0, "x")] {
        let mail = answer(hour, id, AL, "a", "tidewaiter: why\n");
        assert_eq!(words(&take(&context, &mut state, hour, &mail)), [""; 0]);
    }
    let said = words(&step(&mut state, &context, Event::Tick(at(40.0))));
    assert_eq!(said, ["note to qemu-devel@nongnu.org", "answer to al@example.org", "record a@x"]);
}

/// What is said after the decision comes too late for a note, and the answer says so.
#[test]
fn why_after_a_late_word() {
    let (context, mut state) = (sending(), State::new());
    for line in ["0 z al - [PATCH] zero", "20 a al - [PATCH] one || Why."] {
        let (mail, time) = scene::mail(line);
        let arrival = tidewaiter_engine::Arrival::new(&context, mail, time);
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    step(&mut state, &context, Event::Tick(at(33.0)));
    take(&context, &mut state, 34.0, &answer(34.0, "s", AL, "a", "AI-used-for: code\n"));
    step(&mut state, &context, Event::Tick(at(50.0)));
    let mail = answer(51.0, "w", AL, "a", "tidewaiter: why\n");
    let effects = take(&context, &mut state, 51.0, &mail);
    assert_eq!(words(&effects), ["answer to al@example.org"]);
    let reply = effects.iter().find_map(|effect| match effect {
        Effect::Queue(reply) => Some(reply),
        _ => None,
    });
    let reply = reply.unwrap();
    let said = reply.body.replace('\n', " ");
    assert!(said.contains("was said after the series had been decided"), "{said}");
    let all = judged(&mut state, &context);
    let one = all[1].first().unwrap();
    assert_eq!(one.outcome(), Some(tidewaiter_policy::Outcome::Decline));
    assert_eq!(one.silence, Some(Silence::SaidLater));
}

/// As many words a day are followed as the configuration says; what quiets always is.
#[test]
fn words_are_counted() {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    let mut said = |hour: f64, word: &str| {
        let mail = answer(hour, &format!("w{hour}"), AL, "a", &format!("tidewaiter: {word}\n"));
        words(&take(&context, &mut state, hour, &mail))
    };
    for hour in [34.0, 35.0, 36.0] {
        assert_eq!(said(hour, "recheck"), ["record a@x"]);
    }
    assert_eq!(said(37.0, "recheck"), ["WordOverCap"]);
    assert_eq!(said(37.5, "why"), ["WordOverCap"]);
    assert_eq!(said(38.0, "no"), ["cancel"]);
    assert_eq!(said(39.0, "never").len(), 4);
    // What was said belongs into the record, too.
    assert_eq!(said(58.5, "recheck"), ["record a@x", "record a@x"]);
}

/// An answer counts as any reply: over a cap it is held.
#[test]
fn answers_count_for_the_caps() {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    let mut said = Vec::new();
    for (hour, from) in [(34.0, AL), (35.0, MIA)] {
        let mail = answer(hour, &format!("w{hour}"), from, "a", "tidewaiter: why\n");
        said.extend(words(&take(&context, &mut state, hour, &mail)));
    }
    // Two mails in a thread, and the note was one.
    assert_eq!(said, ["answer to al@example.org", "answer to mia@example.com, cap"]);
}

#[test_case(Mode::Observe => vec!["NotExplained"]; "observe")]
#[test_case(Mode::Digest => vec!["NotExplained"]; "digest")]
#[test_case(Mode::Hold => vec!["answer to al@example.org, hold"]; "hold")]
#[test_case(Mode::Author => vec!["answer to al@example.org"]; "author")]
fn answers_by_mode(mode: Mode) -> Vec<String> {
    let (mut context, mut state) = (sending(), State::new());
    context.config.lists[0].reply.mode = mode;
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    let mail = answer(34.0, "w", AL, "a", "tidewaiter: why\n");
    words(&take(&context, &mut state, 34.0, &mail))
}

/// Sent to the program alone, a word is followed, and nothing else of the mail counts.
#[test]
fn in_private() {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    let text = "AI-used-for: tests\nQueued, thanks.\ntidewaiter: why\ntidewaiter: recheck\n";
    let mail = private(&answer(34.0, "w", AL, "a", text));
    let effects = take(&context, &mut state, 34.0, &mail);
    assert_eq!(words(&effects), ["answer to al@example.org", "record a@x"]);
    let replies = effects.iter().find_map(|effect| match effect {
        Effect::Queue(reply) => Some(reply),
        _ => None,
    });
    let reply = replies.unwrap();
    assert_eq!(reply.in_reply_to, MessageId::new("w@x"));
    assert!(!reply.body.contains("tests"), "{}", reply.body);
    assert!(reply.body.contains("line 1: \"AI-used-for: code\""), "{}", reply.body);
    assert!(reply.body.contains("One note was written about it"), "{}", reply.body);
    // Without a thread it can be told what needs none.
    let alone = |id: &str, from: &str, word: &str| {
        let text = format!("tidewaiter: {word}\n");
        private(&answer(35.0, id, from, "elsewhere", &text))
    };
    let said = words(&take(&context, &mut state, 35.0, &alone("p", OPERATOR, "stop")));
    assert_eq!(said, ["stop"]);
    let said = words(&take(&context, &mut state, 35.0, &alone("q", AL, "why")));
    assert_eq!(said, ["WordWithoutSeries"]);
    let said = words(&take(&context, &mut state, 35.0, &alone("r", AL, "never")));
    assert_eq!(said, ["opt-out al@example.org", "OptedOut", "cancel"]);
}

/// A copy that came to the program first does not hide what the list's own copy says.
#[test]
fn the_lists_copy_counts() {
    let (mut context, mut state) = (sending(), State::new());
    context.overrides.by_list_id = true;
    begun(&context, &mut state);
    let mail = answer(21.0, "w", AL, "a", "Queued, thanks.\ntidewaiter: recheck\n");
    let mail = mail.replace(
        "To: qemu-devel@nongnu.org",
        "To: qemu-devel@nongnu.org,\n tidewaiter@bot.example.net",
    );
    let direct = mail.replace("List-Id: <qemu-devel.nongnu.org>\n", "");
    let mia = mail.replace(AL, MIA).replace("header.d=example.org", "header.d=example.com");
    let direct_mia =
        direct.replace(AL, MIA).replace("header.d=example.org", "header.d=example.com");
    assert_ne!(direct_mia, direct);
    take(&context, &mut state, 21.0, &direct_mia);
    take(&context, &mut state, 21.1, &mia);
    finish(&mut state, &context);
    let all = judged(&mut state, &context);
    assert_eq!(all[1].first().unwrap().silence, Some(Silence::Queued));
}

/// What it says to all counts at once: it cancels what waits, and is recorded.
#[test_case("tidewaiter: no" => vec!["cancel"]; "no")]
#[test_case("Queued, thanks." => vec!["cancel"]; "queued")]
#[test_case("Fine." => Vec::<String>::new(); "nothing")]
fn the_lists_copy_counts_after_the_decision(text: &str) -> Vec<String> {
    let (mut context, mut state) = (sending(), State::new());
    context.overrides.by_list_id = true;
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    let mail = answer(34.0, "w", MIA, "a", text).replace(
        "To: qemu-devel@nongnu.org",
        "To: qemu-devel@nongnu.org,\n tidewaiter@bot.example.net",
    );
    let direct = mail.replace("List-Id: <qemu-devel.nongnu.org>\n", "");
    let first = words(&take(&context, &mut state, 34.0, &direct));
    let second = words(&take(&context, &mut state, 34.1, &mail));
    assert_eq!(words(&take(&context, &mut state, 34.2, &mail)), [""; 0]);
    // A wish for quiet is one in private, too.
    [first, second].concat()
}

/// A late declaration that came to the program first is recorded, as any other.
#[test]
fn the_lists_copy_is_looked_at_again() {
    let (mut context, mut state) = (sending(), State::new());
    context.overrides.by_list_id = true;
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    let mail = answer(34.0, "w", AL, "a", "AI-used-for: tests\n").replace(
        "To: qemu-devel@nongnu.org",
        "To: qemu-devel@nongnu.org,\n tidewaiter@bot.example.net",
    );
    let direct = mail.replace("List-Id: <qemu-devel.nongnu.org>\n", "");
    take(&context, &mut state, 34.0, &direct);
    take(&context, &mut state, 34.1, &mail);
    assert_eq!(words(&step(&mut state, &context, Event::Tick(at(50.0)))), ["record a@x"]);
}

/// An answer to our note that names nothing but the note is one about its series.
#[test]
fn an_answer_to_the_note_alone() {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    let effects = step(&mut state, &context, Event::Tick(at(33.0)));
    let note = effects.iter().find_map(|effect| match effect {
        Effect::Queue(reply) => Some(reply.id.clone()),
        _ => None,
    });
    let note = note.unwrap();
    // It comes back through the list.
    let own = answer(33.1, "n", "tidewaiter@bot.example.net", "a", "Automatic note.")
        .replace("<n@x>", &format!("<{note}>"));
    let own = format!("Auto-Submitted: auto-replied\n{own}");
    assert_eq!(words(&take(&context, &mut state, 33.1, &own)), [""; 0]);
    let mail = answer(34.0, "w", "eve@example.com", "n", "tidewaiter: no");
    let mail = mail.replace("<n@x>", &format!("<{note}>"));
    assert_eq!(words(&take(&context, &mut state, 34.0, &mail)), ["cancel", "QuietByStranger"]);
    let (later, time) = scene::mail("90 b al - [PATCH v2] one || AI-used-for: tests");
    let arrival = tidewaiter_engine::Arrival::new(&context, later, time);
    step(&mut state, &context, Event::Mail(Box::new(arrival)));
    finish(&mut state, &context);
    let all = judged(&mut state, &context);
    assert_eq!(all.last().unwrap().first().unwrap().silence, Some(Silence::OptOut));
}

/// A wish for quiet counts where it was said, wherever a copy of it went before.
#[test_case("elsewhere", false; "in a thread that is not known")]
#[test_case("z", false; "in another thread")]
#[test_case("z", true; "in another thread, later")]
fn a_wish_for_quiet_with_a_copy(place: &str, later: bool) {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    let real = answer(21.0, "w", AL, "a", "tidewaiter: no\n");
    let forged = answer(21.0, "w", AL, place, "tidewaiter: no\n");
    let forged = forged.replace("dkim=pass", "dkim=none");
    let (first, second) = if later { (real, forged) } else { (forged, real) };
    take(&context, &mut state, 21.0, &first);
    take(&context, &mut state, 21.1, &second);
    finish(&mut state, &context);
    let all = judged(&mut state, &context);
    let silence = all.last().unwrap().first().unwrap().silence;
    assert_eq!(silence, Some(Silence::OptOut));
}

/// A word is followed once somebody vouches for it, and not once more.
#[test]
fn a_word_that_somebody_vouches_for_later() {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    let real = answer(34.0, "w", AL, "a", "tidewaiter: recheck\n");
    let forged = real.replace("dkim=pass", "dkim=none");
    let mut said = |hour: f64, mail: &str| words(&take(&context, &mut state, hour, mail));
    assert_eq!(said(34.0, &forged), ["WordUnproven"]);
    assert_eq!(said(34.1, &real), ["record a@x"]);
    assert_eq!(said(34.2, &real), [""; 0]);
    assert_eq!(said(34.3, &forged), [""; 0]);
}

/// Our own `X-Loop` says that a mail went in a circle, whatever else it says.
#[test_case("tidewaiter@bot.example.net" => vec![""; 0]; "ours")]
#[test_case("other@bot.example.net" => vec!["record a@x"]; "another's")]
fn mail_that_went_in_a_circle(address: &str) -> Vec<String> {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    let mail = answer(34.0, "w", AL, "a", "tidewaiter: recheck\n");
    words(&take(&context, &mut state, 34.0, &format!("X-Loop: {address}\n{mail}")))
}

/// Whoever says never gets no notes on any series from then on, and they stay in the report.
#[test]
fn never_lasts() {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    let mail = answer(21.0, "w", AL, "a", "tidewaiter: never\n");
    take(&context, &mut state, 21.0, &mail);
    let (later, time) = scene::mail("90 b al - [PATCH] two || AI-used-for: tests");
    let arrival = tidewaiter_engine::Arrival::new(&context, later, time);
    step(&mut state, &context, Event::Mail(Box::new(arrival)));
    finish(&mut state, &context);
    let all = judged(&mut state, &context);
    let silent: Vec<_> = all[1..].iter().map(|j| j.first().unwrap().silence).collect();
    assert_eq!(silent, [Some(Silence::OptOut), Some(Silence::OptOut)]);
}

#[test]
fn an_operator_takes_it_back() {
    let (context, mut state) = (sending(), State::new());
    let al = Address::new("Al@Example.org").unwrap();
    step(&mut state, &context, Event::Operator(Command::OptOut(al.clone())));
    step(&mut state, &context, Event::Operator(Command::OptIn(al)));
    begun(&context, &mut state);
    let said = words(&finish(&mut state, &context));
    assert_eq!(said, ["note to qemu-devel@nongnu.org", "record a@x"]);
}

#[test_case("a@x" => vec!["record a@x"]; "a series")]
#[test_case("w@x" => vec!["record a@x"]; "an answer to it")]
#[test_case("elsewhere@x" => vec!["WordWithoutSeries"]; "nothing known")]
fn an_operator_has_it_judged_again(id: &str) -> Vec<String> {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    take(&context, &mut state, 34.0, &answer(34.0, "w", AL, "a", "Hello."));
    let id = MessageId::new(id).unwrap();
    words(&step(&mut state, &context, Event::Operator(Command::Recheck(id))))
}

/// Judging again never says a second thing; what no longer holds and may still wait is cancelled.
#[test]
fn judged_again_under_another_policy() {
    let (mut context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    for policy in &mut context.policies {
        policy.rules.clear();
    }
    let id = MessageId::new("a@x").unwrap();
    let said = words(&step(&mut state, &context, Event::Operator(Command::Recheck(id))));
    assert_eq!(said, ["cancel", "record a@x"]);
}

/// An address that refused a reply for good is left out of every later one; a list is not.
#[test]
fn who_refuses_is_left_out() {
    let (context, mut state) = (sending(), State::new());
    let id = MessageId::new("tw.1@bot.example.net").unwrap();
    let mut refused = |address: &str| {
        let refused = Delivery::Refused(Address::new(address).unwrap());
        words(&step(&mut state, &context, Event::Delivered(id.clone(), refused)))
    };
    assert_eq!(refused(AL), ["AddressRefused"]);
    assert_eq!(refused(AL), [""; 0]);
    assert_eq!(refused("qemu-devel@nongnu.org"), [""; 0]);
    begun(&context, &mut state);
    let effects = finish(&mut state, &context);
    assert_eq!(words(&effects), ["note to qemu-devel@nongnu.org", "record a@x"]);
    let Effect::Queue(reply) = &effects[0] else { panic!("{effects:?}") };
    assert!(reply.cc.is_empty(), "{:?}", reply.cc);
}
