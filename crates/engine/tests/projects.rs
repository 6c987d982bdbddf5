//! A series that went to lists of several projects: each project's policy judges it, apart.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use jiff::Timestamp;
use test_case::test_case;
use tidewaiter_engine::{
    Arrival, Config, Context, Effect, Event, Overrides, State, finish, judged, step,
};
use tidewaiter_patch::Mail;
use tidewaiter_policy::{Policy, Vocabulary, builtin_policies};
use tidewaiter_reply::{IdKey, Mode, Templates};

/// Two lists of QEMU, and one each of three other projects.
const LISTS: [(&str, &str, &str); 5] = [
    ("qemu-devel", "QEMU", "qemu-2025-06"),
    ("qemu-block", "QEMU", "qemu-proposed-2026-05"),
    ("kernel", "Linux", "linux-2026-08"),
    ("gcc-patches", "GCC", "gcc-2026-07"),
    ("binutils", "Binutils", "binutils"),
];

fn context() -> Context {
    let mut config =
        "[identity]\naddress = \"tidewaiter@bot.example.net\"\nname = \"tidewaiter\"\n\
                      operator = \"Olga Operator <olga@example.net>\"\n"
            .to_owned();
    for (name, project, policy) in LISTS {
        config += &format!(
            "[[lists]]\nid = \"{name}.lists.example.org\"\naddress = \"{name}@lists.example.org\"\n\
             name = \"{name}\"\nproject = \"{project}\"\npolicy = \"{policy}\"\nmode = \"list\"\n\
             decline = \"list\"\nspeak-on = [\"decline\", \"ask\", \"disclosure\"]\n"
        );
    }
    let policies = builtin_policies().iter().map(|(_, text)| Policy::parse(text).unwrap().0);
    Context {
        config: Config::parse(&config).unwrap().0,
        policies: policies.collect(),
        against: None,
        vocabulary: Vocabulary::builtin().unwrap(),
        maintainers: None,
        tree: None,
        keyring: None,
        templates: Templates::builtin().unwrap(),
        key: IdKey::dry_run(),
        overrides: Overrides { mode: Some(Mode::List), ..Overrides::default() },
    }
}

/// A patch to these lists: what each project makes of it, and whether it would be answered there.
fn judgements(lists: &[&str], path: &str, tag: &str) -> Vec<String> {
    let context = context();
    let to: Vec<String> = lists.iter().map(|list| format!("{list}@lists.example.org")).collect();
    let raw = format!(
        "From: Alice Author <alice@example.org>\nTo: {}\nMessage-ID: <1@example.org>\n\
         Subject: [PATCH] ring: read it once\n\nWhy.\n\n{tag}\n\
         Signed-off-by: Alice Author <alice@example.org>\n---\ndiff --git a/{path} b/{path}\n\
         --- a/{path}\n+++ b/{path}\n@@ -1 +1,2 @@\n a\n+b\n",
        to.join(", ")
    );
    let mut state = State::new();
    let mail = Mail::parse(raw.as_bytes());
    let time = Timestamp::from_second(1_790_000_000).unwrap();
    step(&mut state, &context, Event::Mail(Box::new(Arrival::new(&context, mail, time))));
    finish(&mut state, &context);
    let judged = judged(&mut state, &context);
    let [judged] = judged.as_slice() else { panic!("{} series", judged.len()) };
    judged
        .judgements
        .iter()
        .map(|judgement| {
            let policy = judgement.policy.as_deref().unwrap_or("none");
            let told = match (judgement.outcome(), judgement.not_judged) {
                (Some(outcome), None) => format!("{outcome:?}"),
                (None, Some(why)) => format!("{why:?}"),
                other => format!("{other:?}"),
            };
            let said = match (&judgement.reply, judgement.silence) {
                (Some(_), None) => "answered".to_owned(),
                (None, Some(silence)) => format!("{silence:?}"),
                _ => "no word".to_owned(),
            };
            format!("{policy} {told}, {said}")
        })
        .collect()
}

#[test_case(&["gcc-patches", "binutils"], "libiberty/ring.c", "Generated-By: GNU-LLM version 1.0" => vec!["gcc-2026-07 Disclosure, answered", "binutils Ask, NothingToCite"]; "two projects, two judgements")]
#[test_case(&["binutils", "gcc-patches"], "libiberty/ring.c", "Assisted-by: LLM" => vec!["gcc-2026-07 Disclosure, answered", "binutils Ask, NothingToCite"]; "in the order of the configuration")]
#[test_case(&["qemu-devel", "qemu-block"], "hw/misc/ring.c", "AI-used-for: code" => vec!["qemu-2025-06 Decline, answered"]; "a second list of one project")]
#[test_case(&["qemu-block", "qemu-devel", "gcc-patches"], "hw/misc/ring.c", "AI-used-for: code" => vec!["qemu-2025-06 Decline, answered", "gcc-2026-07 Disclosure, answered"]; "a second list and a second project")]
#[test_case(&["qemu-block"], "hw/misc/ring.c", "AI-used-for: code" => vec!["qemu-proposed-2026-05 Disclosure, answered"]; "the second list alone")]
#[test_case(&["qemu-devel", "kernel"], "mm/ring.c", "Assisted-by: LLM" => vec!["qemu-2025-06 NotThisTree, no word", "linux-2026-08 Disclosure, answered"]; "the kernel's patch on both")]
#[test_case(&["qemu-devel", "kernel"], "hw/misc/ring.c", "Assisted-by: LLM" => vec!["qemu-2025-06 Decline, answered", "linux-2026-08 NotThisTree, no word"]; "QEMU's patch on both")]
#[test_case(&["elsewhere"], "mm/ring.c", "Assisted-by: LLM" => vec!["none NoListEntry, no word"]; "no list of ours")]
fn each_project_judges_apart(lists: &[&str], path: &str, tag: &str) -> Vec<String> {
    judgements(lists, path, tag)
}

/// A copy that comes late through another list of the project changes neither the list and policy
/// that a series was decided for, nor that its reply can be cancelled.
#[test]
fn a_late_copy_through_another_list_of_the_project() {
    let mut context = context();
    context.overrides.by_list_id = true;
    let mut state = State::new();
    let take = |state: &mut State, hour: i64, list: &str, id: &str, rest: &str| {
        let raw = format!(
            "From: Alice Author <alice@example.org>\nMessage-ID: <{id}@example.org>\n\
             List-Id: <{list}.lists.example.org>\n{rest}"
        );
        let time = Timestamp::from_second(1_790_000_000 + hour * 3_600).unwrap();
        let arrival = Arrival::new(&context, Mail::parse(raw.as_bytes()), time);
        step(state, &context, Event::Mail(Box::new(arrival)))
    };
    let patch = "Subject: [PATCH] hw/misc: read it once\n\nAI-used-for: code\n\
                 Signed-off-by: Alice Author <alice@example.org>\n---\n\
                 diff --git a/hw/misc/x.c b/hw/misc/x.c\n--- a/hw/misc/x.c\n\
                 +++ b/hw/misc/x.c\n@@ -1 +1,2 @@\n a\n+b\n";
    let answer =
        |text: &str| format!("In-Reply-To: <1@example.org>\nSubject: Re: [PATCH] x\n\n{text}\n");
    take(&mut state, 0, "qemu-block", "1", patch);
    let effects = take(&mut state, 20, "kernel", "2", &answer("Of another list."));
    let queued = effects.iter().find_map(|effect| match effect {
        Effect::Queue(reply) => Some(reply.id.clone()),
        _ => None,
    });
    assert!(queued.is_some());
    take(&mut state, 21, "qemu-devel", "1", patch);
    let all = judged(&mut state, &context);
    assert_eq!(all[0].judgements.len(), 1);
    let one = all[0].first().unwrap();
    assert_eq!(one.policy.as_deref(), Some("qemu-proposed-2026-05"));
    assert_eq!(one.list.as_ref().unwrap().as_str(), "qemu-block.lists.example.org");
    assert_eq!(one.reply.as_ref().map(|reply| &reply.id), queued.as_ref());
    let effects = take(&mut state, 22, "qemu-devel", "3", &answer("tidewaiter: no"));
    let cancelled = effects.iter().find_map(|effect| match effect {
        Effect::Cancel(id) => Some(id.clone()),
        _ => None,
    });
    assert_eq!(cancelled, queued);
}
