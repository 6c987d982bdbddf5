//! Whose word counts: of the author, and of a maintainer who agrees.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod scene;

use scene::{arrivals, context};
use test_case::test_case;
use tidewaiter_engine::{Arrival, Config, Context, Event, State, config, finish, judged, step};
use tidewaiter_mail::{Address, Keyring};
use tidewaiter_policy::{Outcome, maintainers::Maintainers};
use tidewaiter_reply::{Mode, Reply};
use tidewaiter_testkit::patatt::Signer;

const CODE: &str = "AI-used-for: code";

/// Where the archive's word is not enough, a reply that speaks of a mail nobody vouches for waits,
/// and is not copied to whom that mail says it is from.
#[test_case(false, &["0 a al? - [PATCH] one || AI-used-for: code"] => "sent, cc al@example.org"; "an archive's word")]
#[test_case(true, &["0 a al - [PATCH] one || AI-used-for: code"] => "sent, cc al@example.org"; "vouched for")]
#[test_case(true, &["0 a al? - [PATCH] one || AI-used-for: code"] => "unverified-sender"; "not vouched for")]
#[test_case(true, &["0 a al? - [PATCH 0/1] one", "0 b al a [PATCH 1/1] one || AI-used-for: code"] => "unverified-sender"; "the cover letter not")]
#[test_case(true, &["0 a al - [PATCH 0/1] one", "0 b al? a [PATCH 1/1] one || AI-used-for: code"] => "unverified-sender"; "the patch not")]
#[test_case(true, &["0 a al - [PATCH 0/2] one", "0 b al a [PATCH 1/2] one || AI-used-for: code", "0 c al? a [PATCH 2/2] two"] => "sent, cc al@example.org"; "a patch that nothing is said of")]
#[test_case(true, &["0 a al - [PATCH] one", "1 b al a Re: [PATCH] one || AI-used-for: code"] => "sent, cc al@example.org"; "an answer")]
#[test_case(true, &["0 a al - [PATCH] one", "1 b al? a Re: [PATCH] one || AI-used-for: code"] => "unverified-sender"; "an answer in the author's name")]
#[test_case(true, &["0 a al - [PATCH] one || AI-used-for: code", "1 b bo? a Re: [PATCH] one || Fine."] => "sent, cc al@example.org"; "another's answer")]
fn whose_word_counts(strict: bool, lines: &[&str]) -> String {
    let text = config::BUILTIN.replace("authserv-ids = []", "authserv-ids = [\"MX.example.net\"]");
    let mut context = context(Some(Mode::List));
    context.config = Config::parse(&text).unwrap().0;
    context.overrides.strict = strict;
    told(&reply_to(&context, arrivals(&context, lines)).unwrap())
}

/// What an author said elsewhere, sent again below another series of theirs, is not said of that.
#[test_case("Mon, 01 Jun 2026 00:30:00 +0000" => "sent, cc al@example.org"; "said after the patch")]
#[test_case("Sun, 31 May 2026 23:30:00 +0000" => "unverified-sender"; "said before the patch")]
#[test_case("" => "unverified-sender"; "without a date")]
fn an_old_answer_sent_again(date: &str) -> String {
    let text = config::BUILTIN.replace("authserv-ids = []", "authserv-ids = [\"mx.example.net\"]");
    let mut context = context(Some(Mode::List));
    context.config = Config::parse(&text).unwrap().0;
    context.overrides.strict = true;
    let lines = ["0 a al - [PATCH] one", "1 b al a Re: [PATCH] one || AI-used-for: code"];
    let arrivals = lines.iter().map(|line| {
        let (text, time) = scene::raw(line);
        let text = text.replace("Date: Mon, 01 Jun 2026 01:00:00 +0000", &format!("Date: {date}"));
        Arrival::new(&context, context.read(text.as_bytes()), time)
    });
    told(&reply_to(&context, arrivals.collect()).unwrap())
}

fn told(reply: &Reply) -> String {
    let copies: Vec<String> =
        reply.cc.iter().filter_map(|m| Some(m.address.as_ref()?.to_string())).collect();
    match reply.held_by {
        Some(held) if copies.is_empty() => held.to_string(),
        Some(held) => format!("{held}, cc {}", copies.join(" ")),
        None => format!("sent, cc {}", copies.join(" ")),
    }
}

/// An author's key vouches for their mails; a signed answer that is taken from elsewhere does not.
#[test_case(&["0 a al? - [PATCH] one || AI-used-for: code"], &["a"] => "sent, cc al@example.org"; "signed")]
#[test_case(&["0 a al? - [PATCH] one || AI-used-for: code"], &[] => "unverified-sender"; "not signed")]
#[test_case(&["0 a al? - [PATCH] one", "1 b al? a Re: [PATCH] one || AI-used-for: code"], &["a", "b"] => "sent, cc al@example.org"; "a signed answer")]
#[test_case(&["0 a al? - [PATCH] one", "1 b al? a Re: [PATCH] one || AI-used-for: code"], &["a"] => "unverified-sender"; "an answer that is not")]
#[test_case(&["0 a al? - [PATCH] one", "1 b al? a Re: [PATCH] two || AI-used-for: code"], &["a", "b"] => "unverified-sender"; "an answer under another title")]
#[test_case(&["3 a al? - [PATCH] one", "4 b al? a Re: [PATCH] one || AI-used-for: code"], &["a", "b"] => "unverified-sender"; "an answer signed before the patch came")]
fn a_key_vouches(lines: &[&str], signed: &[&str]) -> String {
    // 1_780_272_000 is hour 0 of the scenes; signatures are made two hours later.
    let al = Signer::new(1, "al@example.org").with("t", "1780279200");
    let mut keyring = Keyring::default();
    keyring.add(Address::new("al@example.org").unwrap(), "k1", &al.public()).unwrap();
    let mut context = context(Some(Mode::List));
    context.overrides.strict = true;
    context.keyring = Some(keyring);
    let arrivals = lines.iter().map(|line| {
        let (text, time) = scene::raw(line);
        let id = line.split(' ').nth(1).unwrap();
        let text = if signed.contains(&id) { al.sign(&text) } else { text };
        let mail = context.read(text.as_bytes());
        Arrival::new(&context, mail, time)
    });
    told(&reply_to(&context, arrivals.collect()).unwrap())
}

/// As configured the archive's word is never enough.
#[test]
fn nobody_is_believed_as_configured() {
    let known = format!("0 a al - [PATCH] zero || {CODE}");
    let text = config::BUILTIN
        .replace("mode = \"observe\"", "mode = \"list\"")
        .replace("decline = \"hold\"", "decline = \"list\"");
    let mut context = context(None);
    context.config = Config::parse(&text).unwrap().0;
    let second = format!("20 b al - [PATCH] one || {CODE}");
    let mut state = State::new();
    for arrival in arrivals(&context, &[&known, &second]) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, &context);
    let all = judged(&mut state, &context);
    let held = all[1].first().unwrap().reply.as_ref().unwrap().held_by;
    assert_eq!(held.map(|h| h.to_string()).as_deref(), Some("unverified-sender"));
}

fn reply_to(context: &Context, arrivals: Vec<Arrival>) -> Option<Reply> {
    let mut state = State::new();
    for arrival in arrivals {
        step(&mut state, context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, context);
    judged(&mut state, context).first()?.first()?.reply.clone()
}

/// An agreement that counts leaves nothing to ask; one that is only claimed changes nothing.
#[test_case("mia", false => Outcome::Disclosure; "vouched for")]
#[test_case("mia?", false => Outcome::Ask; "claimed")]
#[test_case("mia?", true => Outcome::Disclosure; "claimed, where that counts")]
#[test_case("bo", true => Outcome::Ask; "by nobody in particular")]
fn agreements_make_it_quieter(sender: &str, claimed: bool) -> Outcome {
    let maintainers = "Misc\n----\nMisc devices\nM: Mia <mia@example.org>\nF: hw/misc/\n";
    let text = config::BUILTIN
        .replace("authserv-ids = []", "authserv-ids = [\"mx.example.net\"]")
        .replace("qemu-2025-06", "qemu-proposed-2026-05");
    let mut context = context(Some(Mode::List));
    context.config = Config::parse(&text).unwrap().0;
    context.maintainers = Some(Maintainers::parse(maintainers).0);
    context.overrides.trust_claimed = claimed;
    // Without a limit for small fixes the one line has to be asked about.
    for policy in &mut context.policies {
        policy.allows_small_fix = false;
    }
    let agree = format!("1 b {sender} a Re: [PATCH] one || tidewaiter: agree");
    let patch = format!("0 a al - [PATCH] one || {CODE}");
    let mut state = State::new();
    for arrival in arrivals(&context, &[&patch, &agree]) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, &context);
    let all = judged(&mut state, &context);
    all.first().unwrap().first().unwrap().outcome().unwrap()
}

/// Whoever has a mail before its list can send the same words first, from nowhere. The maintainer's
/// own still count.
#[test_case(&["1 b mia a"] => Outcome::Disclosure; "hers alone")]
#[test_case(&["1 b mia? a"] => Outcome::Ask; "the copy alone")]
#[test_case(&["1 b mia? a", "1.1 b mia a"] => Outcome::Disclosure; "the copy, and hers")]
#[test_case(&["1 b mia a", "1.1 b mia? a"] => Outcome::Disclosure; "hers, and the copy")]
#[test_case(&["1 b mia? z", "1.1 b mia a"] => Outcome::Disclosure; "the copy elsewhere, and hers")]
#[test_case(&["1 b mia a", "1.1 b mia? z"] => Outcome::Disclosure; "hers, and the copy elsewhere")]
fn an_agreement_with_a_copy(answers: &[&str]) -> Outcome {
    let maintainers = "Misc\n----\nMisc devices\nM: Mia <mia@example.org>\nF: hw/misc/\n";
    let text = config::BUILTIN
        .replace("authserv-ids = []", "authserv-ids = [\"mx.example.net\"]")
        .replace("qemu-2025-06", "qemu-proposed-2026-05");
    let mut context = context(Some(Mode::List));
    context.config = Config::parse(&text).unwrap().0;
    context.maintainers = Some(Maintainers::parse(maintainers).0);
    for policy in &mut context.policies {
        policy.allows_small_fix = false;
    }
    let mut lines = vec!["0 a al - [PATCH] one || AI-used-for: code".to_owned()];
    let word = "Re: [PATCH] one || tidewaiter: agree";
    lines.extend(answers.iter().map(|answer| format!("{answer} {word}")));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let mut state = State::new();
    for arrival in arrivals(&context, &lines) {
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, &context);
    judged(&mut state, &context).first().unwrap().first().unwrap().outcome().unwrap()
}
