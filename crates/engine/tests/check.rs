//! A series that is checked before it is sent comes out as on the list.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;

use jiff::Timestamp;
use tidewaiter_engine::{
    Arrival, Config, Context, Event, Overrides, State, check, config, finish, judged, step,
};
use tidewaiter_mail::{MessageId, mbox::Splitter};
use tidewaiter_patch::Mail;
use tidewaiter_policy::{NotJudged, Policy, TreeFiles, Vocabulary, builtin_policies};
use tidewaiter_reply::{IdKey, Mode, Templates};

const SAMPLE: &[u8] = include_bytes!("../../../fixtures/mbox/qemu-sample.mbox");
const TREE: &str = include_str!("../../../fixtures/mbox/qemu-sample.tree");

fn context(policy: &str) -> Context {
    let policies = builtin_policies().iter().map(|(_, text)| Policy::parse(text).unwrap().0);
    Context {
        config: Config::parse(config::BUILTIN).unwrap().0,
        policies: policies.collect(),
        against: None,
        vocabulary: Vocabulary::builtin().unwrap(),
        maintainers: None,
        tree: Some(TreeFiles::from_list(TREE)),
        keyring: None,
        templates: Templates::builtin().unwrap(),
        key: IdKey::dry_run(),
        overrides: Overrides {
            policy: Some(policy.to_owned()),
            mode: Some(Mode::List),
            ..Overrides::default()
        },
    }
}

/// Every mail of the sample with its id.
fn sample() -> Vec<(Option<MessageId>, Vec<u8>)> {
    let mut splitter = Splitter::default();
    splitter.feed(SAMPLE);
    splitter.finish();
    let cut = splitter.take().unwrap();
    cut.iter().map(|(_, raw)| (Mail::parse(raw).header.message_id, raw.to_vec())).collect()
}

#[test]
fn the_verdict_is_the_lists() {
    let mails = sample();
    let by_id: HashMap<&MessageId, &Vec<u8>> =
        mails.iter().filter_map(|(id, raw)| Some((id.as_ref()?, raw))).collect();
    for policy in ["qemu-2025-06", "qemu-proposed-2026-05", "linux-2026-08"] {
        let context = context(policy);
        let mut state = State::new();
        for (place, (_, raw)) in mails.iter().enumerate() {
            let mail = Mail::parse(raw);
            let time = mail.header.date.map(|date| date.timestamp);
            let time = time.unwrap_or(Timestamp::from_second(place as i64).unwrap());
            step(&mut state, &context, Event::Mail(Box::new(Arrival::new(&context, mail, time))));
        }
        finish(&mut state, &context);
        let (mut compared, mut found) = (0, 0);
        for on_list in judged(&mut state, &context) {
            let first = on_list.first().unwrap();
            let findings = |judgement: &tidewaiter_engine::Judgement| {
                judgement.assessment.as_ref().map(|a| a.findings.clone()).unwrap_or_default()
            };
            // What went before is not known here, and two mails for one place are refused.
            let compares = findings(first).iter().any(|finding| finding.before.is_some());
            let repost = first.not_judged == Some(NotJudged::Repost);
            if repost || compares || on_list.series.conflict {
                continue;
            }
            let parts = on_list.series.parts().chain(&on_list.series.comments);
            let ids = parts.filter_map(|part| part.mail.header.message_id.as_ref());
            let given: Vec<Mail> =
                ids.filter_map(|id| by_id.get(id)).map(|raw| Mail::parse(raw)).collect();
            let count = given.len();
            let Ok(checked) = check(&context, given, true) else { continue };
            let own = checked.judged.first().unwrap();
            let title = &on_list.series.title;
            assert_eq!(own.outcome(), first.outcome(), "{policy}: {title}");
            assert_eq!(own.not_judged, first.not_judged, "{policy}: {title}");
            assert_eq!(findings(own), findings(first), "{policy}: {title}");
            assert_eq!(checked.places.len(), findings(own).len());
            assert!(checked.places.iter().all(|place| place.is_some_and(|place| place < count)));
            compared += 1;
            found += usize::from(!findings(own).is_empty());
        }
        assert!(compared > 85, "{policy}: only {compared}");
        assert!(found > 3 || policy.starts_with("linux"), "{policy}: only {found}");
    }
}

#[test]
fn mails_without_an_id_are_told_apart() {
    let patch = |number: u32, tag: &str| {
        Mail::parse(
            format!(
                "From: Alice Author <alice@example.org>\nSubject: [PATCH {number}/2] hw: x\n\n\
                 Why.\n\n{tag}\n---\ndiff --git a/hw/x.c b/hw/x.c\n--- a/hw/x.c\n+++ b/hw/x.c\n\
                 @@ -1 +1,2 @@\n a\n+{number}\n"
            )
            .as_bytes(),
        )
    };
    let mails = vec![patch(2, "AI-used-for: code"), patch(1, "Reviewed-by: Bob <bob@example.net>")];
    let checked = check(&context("qemu-2025-06"), mails, true).unwrap();
    assert_eq!(checked.places, [Some(0)]);
    let assessment = checked.judged.first().unwrap().assessment.as_ref().unwrap();
    let finding = assessment.findings.first().unwrap();
    assert_eq!((finding.patch, &finding.message_id), (Some(2), &None));
    assert!(assessment.patches.iter().all(|patch| patch.message_id.is_none()));
    assert_eq!(checked.judged.series.id, None);
}

#[test]
fn another_tree_is_told_unless_the_tree_is_known() {
    let raw = b"From: Alice Author <alice@example.org>\nTo: qemu-devel@nongnu.org\n\
                Subject: [PATCH] KVM: x\n\nWhy.\n\nAssisted-by: LLM\n---\n\
                diff --git a/arch/x86/kvm/x.c b/arch/x86/kvm/x.c\n--- a/arch/x86/kvm/x.c\n\
                +++ b/arch/x86/kvm/x.c\n@@ -1 +1,2 @@\n a\n+b\n";
    let context = context("qemu-2025-06");
    let told = |this_tree| {
        let checked = check(&context, vec![Mail::parse(raw)], this_tree).unwrap();
        checked.judged.first().unwrap().not_judged
    };
    assert_eq!((told(false), told(true)), (Some(NotJudged::NotThisTree), None));
}
