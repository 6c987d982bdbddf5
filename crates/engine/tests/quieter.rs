//! What makes a list quieter for good: wishes in the configuration, pulls that change the policy,
//! and copies that came by no list.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every test file uses all of it")]
mod said;
mod scene;

use jiff::civil::Date;
use said::{at, begun, sending, words};
use scene::{arrivals, mail};
use test_case::test_case;
use tidewaiter_engine::{Arrival, Command, Context, Event, Silence, State, finish, judged, step};
use tidewaiter_mail::{Address, Mailbox};
use tidewaiter_patch::Mail;
use tidewaiter_policy::{NotJudged, maintainers::Maintainers};

const SECTIONS: &str = "Misc\n----\nMisc devices\nM: Mia <mia@example.com>\nF: hw/misc/\n\n\
                        Frob core\nM: Fay <fay@example.com>\nF: hw/misc/frob.c\n\n\
                        Docs\nM: Dot <dot@example.com>\nF: hw/docs/\n\n\
                        THE REST\nM: Lia <lia@example.com>\nF: *\nF: */\n";

fn silence(context: &Context, raws: &[String]) -> Option<Silence> {
    let mut state = State::new();
    for raw in raws {
        let arrival = Arrival::new(context, Mail::parse(raw.as_bytes()), at(0.0));
        step(&mut state, context, Event::Mail(Box::new(arrival)));
    }
    finish(&mut state, context);
    judged(&mut state, context)[0].first().unwrap().silence
}

/// A patch that changes these files.
fn patch(files: &[&str]) -> String {
    let mut raw = "From: al <al@example.org>\nTo: qemu-devel@nongnu.org\nMessage-ID: <a@x>\n\
                   Subject: [PATCH] hw/misc: frob\nList-Id: <qemu-devel.nongnu.org>\n\n\
                   AI-used-for: code\nSigned-off-by: al <al@example.org>\n---\n"
        .to_owned();
    for file in files {
        raw += &format!(
            "diff --git a/{file} b/{file}\n--- a/{file}\n+++ b/{file}\n@@ -1 +1,2 @@\n a\n+b\n"
        );
    }
    raw + "-- \n2.47.3\n"
}

/// Nothing is said of a series where every file that has a section has one that opted out.
#[test_case(&["Frob core"], &["hw/misc/frob.c"] => true; "its section")]
#[test_case(&["frob CORE"], &["hw/misc/frob.c"] => true; "in other letters")]
#[test_case(&["Misc devices"], &["hw/misc/frob.c"] => true; "a wider section")]
#[test_case(&["Frob core"], &["hw/misc/frob.c", "hw/misc/other.c"] => false; "a file of another section too")]
#[test_case(&["Frob core", "Docs"], &["hw/misc/frob.c", "hw/docs/frob.c"] => true; "two sections")]
#[test_case(&["Frob core"], &["hw/misc/frob.c", "hw/none/frob.c"] => true; "a file without a section too")]
#[test_case(&["Frob core"], &["hw/none/frob.c", "hw/net/x.c"] => false; "files without a section alone")]
#[test_case(&["THE REST"], &["hw/misc/frob.c"] => false; "what covers everything is no section")]
#[test_case(&["Frob"], &["hw/misc/frob.c"] => false; "half a name")]
#[test_case(&[], &["hw/misc/frob.c"] => false; "nobody")]
fn by_subsystem(sections: &[&str], files: &[&str]) -> bool {
    let mut context = sending();
    context.maintainers = Some(Maintainers::parse(SECTIONS).0);
    context.config.lists[0].opt_out_subsystems =
        sections.iter().map(|name| (*name).to_owned()).collect();
    silence(&context, &[patch(files)]) == Some(Silence::OptOut)
}

#[test]
fn without_maintainers_no_subsystem_is_known() {
    let mut context = sending();
    context.maintainers = None;
    context.config.lists[0].opt_out_subsystems = vec!["Frob core".to_owned()];
    assert_eq!(silence(&context, &[patch(&["hw/misc/frob.c"])]), None);
}

#[test_case("AL@example.org" => true; "the sender")]
#[test_case("bo@example.org" => false; "another")]
#[test_case("eve@example.org" => true; "the author of every patch")]
fn by_author(address: &str) -> bool {
    let mut context = sending();
    context.config.lists[0].opt_out = vec![Address::new(address).unwrap()];
    let raw = match address.starts_with("eve") {
        true => patch(&["hw/misc/frob.c"])
            .replace("\n\nAI-used", "\n\nFrom: Eve <eve@example.org>\n\nAI-used"),
        false => patch(&["hw/misc/frob.c"]),
    };
    silence(&context, &[raw]) == Some(Silence::OptOut)
}

/// Whom nothing is said of stands in the digest.
#[test]
fn the_digest_has_them() {
    let mut context = sending();
    context.config.lists[0].opt_out = vec![Address::new("al@example.org").unwrap()];
    context.config.lists[0].digest_to = vec![Mailbox::parse("dot@example.com").unwrap()];
    let mut state = State::new();
    begun(&context, &mut state);
    let said = words(&finish(&mut state, &context));
    assert_eq!(said, ["record a@x", "digest to dot@example.com"]);
}

/// A part of a pull that touches these files, or with another subject.
fn pull(id: &str, subject: &str, file: &str) -> String {
    patch(&[file])
        .replace("[PATCH] hw/misc: frob", subject)
        .replace("<a@x>", &format!("<{id}@x>\nReferences: <pull@x>"))
}

/// Once the policy's own documents were changed by a pull, it serves the operator alone until its
/// file was checked on a later day.
#[test_case("[PULL 2/7] docs: new words", "docs/devel/code-provenance.rst", "2026-06-02" => vec!["policy-changed 2026-06-02 QEMU", "PolicyPulled", "note to qemu-devel@nongnu.org, policy-changed"]; "changed")]
#[test_case("[PULL 2/7] docs: new words", "docs/devel/code-provenance.rst", "2026-06-03" => vec!["policy-changed 2026-06-02 QEMU", "PolicyPulled", "note to qemu-devel@nongnu.org"]; "checked a day later")]
#[test_case("[PULL 2/7] hw/misc: frob", "hw/misc/frob.c", "2026-06-02" => vec!["note to qemu-devel@nongnu.org"]; "another file")]
#[test_case("[PATCH 2/7] docs: new words", "docs/devel/code-provenance.rst", "2026-06-02" => vec!["AboutThePolicy", "AboutThePolicy", "note to qemu-devel@nongnu.org"]; "no pull")]
fn pulled(subject: &str, file: &str, checked: &str) -> Vec<String> {
    let mut context = sending();
    let checked: Date = checked.parse().unwrap();
    context.policies.iter_mut().for_each(|policy| policy.checked = Some(checked));
    let mut state = State::new();
    let mut effects = Vec::new();
    for (hour, raw) in [(30.0, pull("p", subject, file)), (30.1, pull("q", subject, file))] {
        let arrival = Arrival::new(&context, Mail::parse(raw.as_bytes()), at(hour));
        effects.extend(step(&mut state, &context, Event::Mail(Box::new(arrival))));
    }
    // A day in which the author becomes known.
    for line in ["31 z al - [PATCH] zero", "50 a al - [PATCH] one || AI-used-for: code"] {
        let (mail, time) = mail(line);
        let arrival = Arrival::new(&context, mail, time);
        effects.extend(step(&mut state, &context, Event::Mail(Box::new(arrival))));
    }
    effects.extend(finish(&mut state, &context));
    let mut said = words(&effects);
    said.retain(|word| !word.starts_with("record"));
    said
}

/// The command that is stored holds when the pull's mails are gone.
#[test]
fn a_pull_is_remembered() {
    let mut context = sending();
    let checked: Date = "2026-06-02".parse().unwrap();
    context.policies.iter_mut().for_each(|policy| policy.checked = Some(checked));
    let mut state = State::new();
    let command = Command::parse("policy-changed 2026-06-02 QEMU").unwrap();
    step(&mut state, &context, Event::Operator(command));
    // An older one changes nothing.
    let command = Command::parse("policy-changed 2025-06-02 QEMU").unwrap();
    step(&mut state, &context, Event::Operator(command));
    begun(&context, &mut state);
    let said = words(&finish(&mut state, &context));
    assert_eq!(said, ["note to qemu-devel@nongnu.org, policy-changed", "record a@x"]);
}

/// For the daemon a list is reached by a copy with its List-Id alone.
#[test_case(false, false => None; "an address, in a dry run")]
#[test_case(true, false => Some(NotJudged::NoListEntry); "an address, in the daemon")]
#[test_case(true, true => None; "its List-Id, in the daemon")]
fn by_list_id(daemon: bool, through_the_list: bool) -> Option<NotJudged> {
    let mut context = sending();
    context.overrides.by_list_id = daemon;
    let mut raw = patch(&["hw/misc/frob.c"]);
    if !through_the_list {
        raw = raw.replace("List-Id: <qemu-devel.nongnu.org>\n", "");
    }
    let mut state = State::new();
    let arrival = Arrival::new(&context, Mail::parse(raw.as_bytes()), at(0.0));
    step(&mut state, &context, Event::Mail(Box::new(arrival)));
    finish(&mut state, &context);
    judged(&mut state, &context)[0].first().unwrap().not_judged
}

/// A copy without the List-Id comes first, as it does where people name the program in Cc.
#[test]
fn the_lists_copy_comes_second() {
    let mut context = sending();
    context.overrides.by_list_id = true;
    let listed = patch(&["hw/misc/frob.c"]);
    let direct = listed.replace("List-Id: <qemu-devel.nongnu.org>\n", "");
    let mut state = State::new();
    for raw in [direct, listed] {
        let arrival = Arrival::new(&context, Mail::parse(raw.as_bytes()), at(0.0));
        step(&mut state, &context, Event::Mail(Box::new(arrival)));
    }
    let said = words(&finish(&mut state, &context));
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("note to"), "{said:?}");
}

/// A command for good is the same whether it was before or after mails that it does not touch.
#[test]
fn commands_come_in_any_order() {
    let context = sending();
    let lines = ["0 z al - [PATCH] zero", "20 a al - [PATCH] one || AI-used-for: code"];
    let said = |place: usize| {
        let mut state = State::new();
        let mut effects = Vec::new();
        for (at, arrival) in arrivals(&context, &lines).into_iter().enumerate() {
            if at == place {
                let command = Command::parse("opt-out al@example.org").unwrap();
                effects.extend(step(&mut state, &context, Event::Operator(command)));
            }
            effects.extend(step(&mut state, &context, Event::Mail(Box::new(arrival))));
        }
        effects.extend(finish(&mut state, &context));
        words(&effects)
    };
    assert_eq!(said(0), said(1));
}
