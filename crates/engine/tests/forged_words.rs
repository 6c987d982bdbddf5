//! Forged words, each by the author and by the operator: none is followed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod said;
#[expect(dead_code, reason = "not every test file uses all of it")]
mod scene;

use jiff::Timestamp;
use proptest::prelude::*;
use said::{OPERATOR, answer, at, begun, private, sending, take, words};
use test_case::test_case;
use tidewaiter_engine::{Context, Event, State, step};
use tidewaiter_mail::{Address, Keyring};
use tidewaiter_testkit::patatt::Signer;

const AL: &str = "al@example.org";
const AUTHORS: &str = "tidewaiter: why\ntidewaiter: recheck\ntidewaiter: never";
const OPERATORS: &str = "tidewaiter: release <tw.1@b.example>\ntidewaiter: stop";

/// A series that was spoken of.
fn spoken() -> (Context, State) {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    step(&mut state, &context, Event::Tick(at(33.0)));
    (context, state)
}

/// What comes of a mail besides quiet and what the operator is told.
fn followed(context: &Context, state: &mut State, raw: &str) -> Vec<String> {
    let mut said = words(&take(context, state, 34.0, raw));
    said.retain(|word| word != "cancel" && !word.starts_with(char::is_uppercase));
    said
}

fn said(from: &str) -> String {
    answer(34.0, "w", from, "a", if from == AL { AUTHORS } else { OPERATORS })
}

#[test]
fn as_they_are_they_are_followed() {
    for (from, does) in [
        (AL, vec!["answer to al@example.org", "record a@x", "opt-out al@example.org"]),
        (OPERATOR, vec!["release tw.1@b.example", "stop"]),
    ] {
        for mail in [said(from), private(&said(from))] {
            let (context, mut state) = spoken();
            assert_eq!(followed(&context, &mut state, &mail), does);
        }
    }
}

fn field(mail: &str, name: &str, change: impl Fn(&str) -> String) -> String {
    let line = mail.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(mail.contains(line));
    mail.replacen(&format!("{line}\n"), &change(line), 1)
}

fn results(mail: &str, value: &str) -> String {
    let line = format!("Authentication-Results: {value}\n");
    field(mail, "Authentication-Results:", |_| line.clone())
}

/// Where the mail is from, in front of its own field.
fn above(mail: &str, line: &str) -> String {
    format!("{line}\n{mail}")
}

fn text(mail: &str, change: impl Fn(&str) -> String) -> String {
    let (head, text) = mail.split_once("\n\n").unwrap();
    format!("{head}\n\n{}\n", change(text.trim_end()))
}

fn each_line(text: &str, change: impl Fn(&str) -> String) -> String {
    text.lines().map(change).collect::<Vec<_>>().join("\n")
}

fn parts(mail: &str, kind: &str, with: impl Fn(&str) -> String) -> String {
    let (head, text) = mail.split_once("\n\n").unwrap();
    format!(
        "{head}\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=b\n\n--b\n{}\n--b--\n",
        with(text)
    )
}

fn domain(mail: &str) -> &str {
    if mail.contains(AL) { "example.org" } else { "example.net" }
}

// Nothing vouches for the sender.
#[test_case(|m| field(m, "Authentication-Results:", |_| String::new()); "no results")]
#[test_case(|m| results(m, &format!("mx.evil.example; dkim=pass header.d={}", domain(m))); "results of another server")]
#[test_case(|m| above(m, "Authentication-Results: mx.evil.example; dkim=pass header.d=evil.example"); "the server's results below another's")]
#[test_case(|m| above(m, "Authentication-Results: mx.example.net; dkim=none"); "forged results below the server's")]
#[test_case(|m| results(m, &format!("mx.example.net; dkim=fail header.d={}", domain(m))); "a signature that fails")]
#[test_case(|m| results(m, "mx.example.net; dkim=pass header.d=evil.example"); "a signature by another domain")]
#[test_case(|m| results(m, &format!("mx.example.net; dkim=pass header.d=lists.{}", domain(m))); "a signature by a domain below")]
#[test_case(|m| results(m, &format!("mx.example.net; spf=pass smtp.mailfrom={}", domain(m))); "no signature")]
#[test_case(|m| results(m, &format!("mx.example.net; dkim=pass (header.d={}) header.d=evil.example", domain(m))); "the domain in a remark")]
#[test_case(|m| results(m, &format!("mx.example.net.evil.example; dkim=pass header.d={}", domain(m))); "a server's name with more behind")]
#[test_case(|m| results(m, &format!("mx.example.net; x=\"; dkim=pass header.d={}\"", domain(m))); "the result in quotes")]
#[test_case(|m| above(&field(m, "Authentication-Results:", |l| format!("X-{l}\n")), "ARC-Authentication-Results: i=1; mx.example.net; dkim=pass header.d=example.org"); "results of a chain")]
// It is not plain who the sender is.
#[test_case(|m| above(m, "From: Eve <eve@evil.example>"); "a second From")]
#[test_case(|m| field(m, "From:", |l| format!("{l}, Eve <eve@evil.example>\n")); "two persons in From")]
#[test_case(|m| field(m, "From:", |l| format!("From: \"{}\" <eve@evil.example>\n", l.split(['<', '>']).nth(1).unwrap())); "a name that looks like the address")]
#[test_case(|m| field(m, "From:", |l| format!("X-Original-{l}\nFrom: Somebody via qemu-devel <qemu-devel@nongnu.org>\n")); "rewritten by the list")]
#[test_case(|m| m.replace("Somebody <", "Somebody via qemu-devel <").replace("@example.org>\nTo", "@nongnu.org>\nTo").replace("@example.net>\nTo", "@nongnu.org>\nTo"); "the list's own address")]
#[test_case(|m| field(m, "From:", |l| format!("{}Reply-{}\n", "From: Eve <eve@evil.example>\n", l.replace("From", "To"))); "in Reply-To alone")]
#[test_case(|m| field(m, "From:", |l| format!("From: Eve <eve@evil.example>\nSender: {}\n", l.replace("From: ", ""))); "in Sender alone")]
#[test_case(|m| m.replace("<al@", "<\u{430}l@").replace("<operator@", "<\u{43e}perator@"); "a name with another letter")]
#[test_case(|m| m.replace("example.org>\nTo", "examp1e.org>\nTo").replace("example.net>\nTo", "examp1e.net>\nTo").replace("header.d=example.", "header.d=examp1e."); "a domain with another letter")]
// No person wrote it.
#[test_case(|m| above(m, "Auto-Submitted: auto-replied"); "a program's answer")]
#[test_case(|m| above(m, "Return-Path: <>"); "a bounce")]
#[test_case(|m| above(m, "X-Autoreply: yes"); "a vacation")]
#[test_case(|m| above(m, "X-Auto-Response-Suppress: All"); "a program that wants no answer")]
#[test_case(|m| field(m, "From:", |_| "From: tidewaiter <tidewaiter@bot.example.net>\n".to_owned()).replace("header.d=example.org", "header.d=bot.example.net").replace("header.d=example.net", "header.d=bot.example.net"); "the program itself")]
// The sender did not write it in so many words.
#[test_case(|m| text(m, |t| each_line(t, |l| format!("> {l}"))); "quoted")]
#[test_case(|m| text(m, |t| each_line(t, |l| format!("AB> {l}"))); "quoted with initials")]
#[test_case(|m| text(m, |t| format!("No.\n-- \n{t}")); "in a signature")]
#[test_case(|m| text(m, |t| format!("No.\n-----Original Message-----\nFrom: a\n{t}")); "below Outlook's quote")]
#[test_case(|m| text(m, |t| each_line(t, |l| format!("Say {l} or not"))); "in a sentence")]
#[test_case(|m| text(m, |t| each_line(t, |l| format!("{l} unless it rains"))); "with more behind")]
#[test_case(|m| text(m, |t| format!("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1,9 @@\n{}", each_line(t, |l| format!("+{l}")))); "in a diff")]
#[test_case(|m| text(m, |t| t.replace("tidewaiter", "tidew\u{430}iter")); "a key with another letter")]
#[test_case(|m| text(m, |t| t.replace("tidewaiter", "tide\u{200b}waiter")); "a key with a letter that is not seen")]
#[test_case(|m| text(m, |t| t.replace(": ", "\u{ff1a}")); "another colon")]
#[test_case(|m| parts(m, "mixed", |t| format!("Content-Type: text/html\n\n<pre>{t}</pre>")); "in HTML alone")]
#[test_case(|m| parts(m, "alternative", |t| format!("Content-Type: text/plain\n\nHello.\n--b\nContent-Type: text/html\n\n<pre>\n{t}\n</pre>")); "in HTML beside a text")]
#[test_case(|m| parts(m, "mixed", |t| format!("Content-Type: text/plain\n\nHello.\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=x.txt\n\n{t}")); "in an attachment")]
#[test_case(|m| parts(m, "mixed", |t| format!("Content-Type: text/plain\n\nHello.\n--b\nContent-Type: message/rfc822\n\nFrom: al@example.org\nSubject: x\n\n{t}")); "in a mail within")]
// It was not said now.
#[test_case(|m| field(m, "Date:", |_| String::new()); "no date")]
#[test_case(|m| field(m, "Date:", |_| "Date: Fri, 29 May 2026 10:00:00 +0000\n".to_owned()); "days ago")]
#[test_case(|m| field(m, "Date:", |_| "Date: Mon, 29 Jun 2026 10:00:00 +0000\n".to_owned()); "weeks from now")]
#[test_case(|m| field(m, "Date:", |_| "Date: yesterday\n".to_owned()); "some day")]
fn is_followed_by_nothing(forge: fn(&str) -> String) {
    for from in [AL, OPERATOR] {
        for mail in [said(from), private(&said(from))] {
            let forged = forge(&mail);
            assert_ne!(forged, mail);
            let (context, mut state) = spoken();
            assert_eq!(followed(&context, &mut state, &forged), [""; 0], "{forged}");
        }
    }
}

/// A mail that comes again, and another under its Message-ID, are not followed.
#[test]
fn a_mail_counts_once() {
    for from in [AL, OPERATOR] {
        let (context, mut state) = spoken();
        let mail = said(from);
        assert!(!followed(&context, &mut state, &mail).is_empty());
        assert_eq!(followed(&context, &mut state, &mail), [""; 0]);
        assert_eq!(followed(&context, &mut state, &private(&mail)), [""; 0]);
        let other = text(&mail, |text| format!("{text}\nMore.\n"));
        let told = words(&take(&context, &mut state, 34.0, &other));
        assert!(told.contains(&"WordConflict".to_owned()), "{told:?}");
        assert_eq!(told.iter().filter(|word| *word != "cancel").count(), 1, "{told:?}");
    }
}

/// The author of one series has no say about another's.
#[test]
fn another_authors_word() {
    let (context, mut state) = spoken();
    let (mail, time) = scene::mail("33.5 b bo - [PATCH] other");
    let arrival = tidewaiter_engine::Arrival::new(&context, mail, time);
    step(&mut state, &context, Event::Mail(Box::new(arrival)));
    let mail = answer(34.0, "w", "bo@example.org", "a", AUTHORS);
    assert_eq!(followed(&context, &mut state, &mail), [""; 0]);
}

/// A patch by another in the author's mail speaks for nobody.
#[test]
fn words_in_anothers_patch() {
    let of = |person: &str| format!("From: {person}\n\n");
    for (body, follows) in [
        (String::new(), true),
        (of("Al Author <al@example.org>"), true),
        (of("Eve <eve@example.org>"), false),
    ] {
        let (context, mut state) = spoken();
        let (raw, time) = scene::raw("34 p al - [PATCH] new || Why.");
        let date = Timestamp::from_second(time.as_second()).unwrap();
        let date = date.strftime("%a, %d %b %Y %H:%M:%S +0000");
        let raw = raw.replace("\n\nWhy.", &format!("\nDate: {date}\n\n{body}Why."));
        let raw = raw.replace("---\n hw", "---\ntidewaiter: never\n\n hw");
        let said = followed(&context, &mut state, &raw);
        assert_eq!(!said.is_empty(), follows, "{said:?}\n{raw}");
    }
}

/// A signature with a key of the person's own, without a server's word: here and now, and nowhere else.
#[test_case("a", "[PATCH] one", 34.0, "why" => vec!["answer to al@example.org"]; "signed")]
#[test_case("a", "[PATCH] one", 34.0, "never" => vec!["opt-out al@example.org"]; "signed for good")]
#[test_case("a", "[PATCH] two", 34.0, "why" => Vec::<String>::new(); "under another title")]
#[test_case("a", "[PATCH] one", 10.0, "why" => Vec::<String>::new(); "signed before the patch")]
#[test_case("a", "[PATCH] one", -40.0, "never" => Vec::<String>::new(); "signed long ago")]
#[test_case("a", "[PATCH] one", 90.0, "never" => Vec::<String>::new(); "signed in days")]
fn a_key_vouches(above: &str, subject: &str, hour: f64, word: &str) -> Vec<String> {
    let (mut context, mut state) = spoken();
    let al = Signer::new(1, AL).with("t", &at(hour).as_second().to_string());
    let mut keyring = Keyring::default();
    keyring.add(Address::new(AL).unwrap(), "k1", &al.public()).unwrap();
    context.keyring = Some(keyring);
    let mail = answer(34.0, "w", AL, above, &format!("tidewaiter: {word}"));
    let mail = field(&mail, "Authentication-Results:", |_| String::new());
    let mail = al.sign(&mail.replace("[PATCH] one", subject));
    followed(&context, &mut state, &mail)
}

/// Neither what the archive claims nor what a run takes its word for is enough.
#[test]
fn the_archives_word_is_never_enough() {
    for mode in [None, Some(tidewaiter_reply::Mode::List)] {
        let (mut context, mut state) = spoken();
        context.overrides.mode = mode;
        context.overrides.trust_claimed = true;
        let mail = field(&said(OPERATOR), "Authentication-Results:", |_| String::new());
        assert_eq!(followed(&context, &mut state, &mail), [""; 0]);
    }
}

/// However many words a mail has, little comes of it.
#[test]
fn thousands_of_words() {
    let (context, mut state) = spoken();
    let many: String = (0..20_000).map(|n| format!("tidewaiter: release <{n}@b>\n")).collect();
    let mail = answer(34.0, "w", OPERATOR, "a", &many);
    assert_eq!(words(&take(&context, &mut state, 34.0, &mail)).len(), 4);
    let many: String = (0..20_000).map(|n| format!("tidewaiter: sing {n}\n")).collect();
    let mail = answer(34.0, "x", AL, "a", &many);
    assert_eq!(words(&take(&context, &mut state, 34.0, &mail)), ["WordUnknown"]);
}

/// A program's or our own mail does not even ask for quiet.
#[test_case("Auto-Submitted: auto-replied" => "note to qemu-devel@nongnu.org"; "a program")]
#[test_case("X-Other: 1" => ""; "a person")]
fn quiet_is_a_persons(header: &str) -> String {
    let (context, mut state) = (sending(), State::new());
    begun(&context, &mut state);
    let mail = answer(21.0, "w", "eve@example.com", "a", "tidewaiter: no");
    take(&context, &mut state, 21.0, &above(&mail, header));
    let said = words(&step(&mut state, &context, Event::Tick(at(40.0))));
    said.into_iter().find(|word| word.starts_with("note")).unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands around a word, without a server's word nothing is followed.
    #[test]
    fn nothing_is_followed_unproven(
        before in "[ -~\\n]{0,80}",
        key in "(tidewaiter|patchchecker|TideWaiter)",
        word in "(why|never|recheck|stop|release <tw.1@b.example>|agree|no)",
        after in "[ -~\\n]{0,80}",
        from in prop::sample::select(vec![AL, OPERATOR, "mia@example.com"]),
    ) {
        let (context, mut state) = spoken();
        let text = format!("{before}\n{key}: {word}\n{after}");
        let mail = answer(34.0, "w", from, "a", &text);
        let mail = field(&mail, "Authentication-Results:", |_| String::new());
        prop_assert_eq!(followed(&context, &mut state, &mail), [""; 0]);
    }
}
