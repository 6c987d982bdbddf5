use test_case::test_case;
use tidewaiter_testkit::builder::{FileDiff, Mail as Built};

use super::testing::{judge, policy, series_of};
use super::*;

const BAN: &str = "qemu-2025-06";
const DRAFT: &str = "qemu-proposed-2026-05";

fn judged(id: &str, title: &str, files: Vec<FileDiff>) -> PatchAssessment {
    let mail = Built::patch(title).id("p@example.org").trailer("AI-used-for", "code");
    let mail = files.into_iter().fold(mail, Built::file);
    let (maintainers, _) = Maintainers::parse(
        "Main loop\nM: Rita <rita@example.com>\nS: Maintained\nF: ui/loop.c\n\n\
         Old board\nS: Orphan\nF: hw/old/\n",
    );
    let context = PolicyContext { maintainers: Some(&maintainers), ..PolicyContext::default() };
    judge(&policy(id), &context, &series_of(&[mail.build()])).patches.remove(0)
}

const LICENCE: &str = "/* SPDX-License-Identifier: GPL-2.0-or-later */";

#[test_case("hw/misc/frob.c", &[LICENCE, "int x;"], "adds hw/misc/frob.c", Risk::Medium; "new file")]
#[test_case("hw/misc/frob.c", &["int x;"], "says nothing of a licence: hw/misc/frob.c", Risk::Medium; "no licence")]
#[test_case("hw/misc/frob.c", &[LICENCE, "type_init(frob)"], "adds a device, machine or other type: hw/misc/frob.c", Risk::Medium; "device")]
#[test_case("linux-headers/linux/frob.h", &["int x;"], "only imported", Risk::Low; "imported")]
#[test_case("tests/data/acpi/x86/frob.c", &["int x;"], "only generated", Risk::Low; "generated")]
#[test_case("subprojects/frob.wrap", &["[wrap-git]"], "adds a dependency: subprojects/frob.wrap", Risk::Medium; "dependency")]
#[test_case("hw/old/frob.c", &[LICENCE], "nobody maintains Old board", Risk::Medium; "orphan")]
#[test_case("ui/loop.c", &[LICENCE], "touches core code: ui/loop.c", Risk::High; "core by its area")]
fn a_new_file(path: &str, lines: &[&str], reason: &str, risk: Risk) {
    let patch = judged(BAN, "add frob", vec![FileDiff::added(path).lines(lines, &[])]);
    assert!(patch.reasons.iter().any(|known| known == reason), "{:?}", patch.reasons);
    assert_eq!(patch.risk, risk, "{:?}", patch.reasons);
    let groups = ["only imported", "only generated"];
    assert!(!groups.contains(&reason) || patch.reasons == [reason], "{:?}", patch.reasons);
}

#[test]
fn one_repeated_edit_is_no_change_of_the_core() {
    let paths = (0..12).map(|n| format!("accel/tcg/frob-{n}.c"));
    let file = |path: String| {
        FileDiff::modified(&path).lines(&["    new_step(s, x);"], &["    old_step(s, x);"])
    };
    let patch = judged(DRAFT, "accel/tcg: rename", paths.map(file).collect());
    assert_eq!(patch.categories, ["code", "mechanical", "small-fix"]);
    assert_eq!(patch.risk, Risk::Low);
    assert_eq!(
        patch.reasons[0],
        "one repeated edit in 12 files, 24 of 24 changed lines: `old_step(` became `new_step(`"
    );
}

#[test]
fn schema_comments_are_docs() {
    let prose = FileDiff::modified("qapi/frob.json").lines(&["# @frob: the frob"], &[]);
    let patch = judged(DRAFT, "qapi: say it", vec![prose]);
    assert_eq!((patch.categories, patch.risk), (vec!["docs".to_owned()], Risk::Low));
    let both = FileDiff::modified("qapi/frob.json").lines(&["# frob", "{ 'enum': 'Frob' }"], &[]);
    let patch = judged(DRAFT, "qapi: add it", vec![both]);
    assert_eq!((patch.categories, patch.risk), (vec!["code".to_owned()], Risk::High));
    assert!(patch.reasons.contains(&"1 line outside tests and docs".to_owned()));
}

#[test]
fn a_field_of_migrated_state() {
    let file = |file: FileDiff| file.lines(&[LICENCE, "VMSTATE_BOOL(x, S),"], &[]);
    let patch = judged(BAN, "add x", vec![file(FileDiff::modified("hw/misc/frob.c"))]);
    assert_eq!(
        (patch.reasons[0].as_str(), patch.risk),
        ("adds to what is migrated: hw/misc/frob.c", Risk::High)
    );
    let patch = judged(BAN, "add x", vec![file(FileDiff::added("hw/misc/frob.c"))]);
    assert_eq!(patch.risk, Risk::Medium);
}

#[test]
fn an_interface_that_changes() {
    let file =
        FileDiff::modified("qapi/frob.json").lines(&["{ 'enum': 'B' }"], &["{ 'enum': 'A' }"]);
    let patch = judged(DRAFT, "qapi: rename it", vec![file]);
    assert_eq!(patch.reasons[1], "changes an interface: qapi/frob.json");
}

#[test]
fn files_that_only_get_another_name() {
    let patch = judged(DRAFT, "move frob", vec![FileDiff::renamed("hw/a.c", "hw/b.c")]);
    assert_eq!(patch.categories, ["code", "mechanical"]);
    assert_eq!(patch.reasons[0], "renames 1 file and changes no line");
}

#[test]
fn a_licence_that_changes() {
    let new = "/* SPDX-License-Identifier: MIT */";
    let file = FileDiff::modified("hw/misc/frob.c").lines(&[new], &[LICENCE]);
    let patch = judged(BAN, "relicense", vec![file]);
    let reason = "changes the licence of hw/misc/frob.c: GPL-2.0-or-later to MIT";
    assert_eq!((patch.reasons[0].as_str(), patch.risk), (reason, Risk::Medium));
}

#[test_case(&[], 19 => true; "the larger of both")]
#[test_case(&[("limits.count", "sum")], 19 => false; "sum")]
#[test_case(&[("limits.count", "added")], 19 => true; "added")]
#[test_case(&[("limits.small-fix", "10")], 19 => false; "limit")]
fn counting(set: &[(&str, &str)], lines: usize) -> bool {
    let text = crate::builtin_policies()[1].1;
    let set: Vec<_> = set.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let (policy, _) = Policy::parse_with(text, &set).expect("keys of the file");
    let mail = Built::patch("hw/misc: frob").diff("hw/misc/frob.c", lines, lines);
    let judged = judge(&policy, &PolicyContext::default(), &series_of(&[mail.build()]));
    judged.patches[0].categories.contains(&"small-fix".to_owned())
}

#[test_case(FileDiff::modified("include/ui/frob.h").change(1, 0), 150 => true; "as many as the policy says")]
#[test_case(FileDiff::modified("include/ui/frob.h").change(1, 0), 149 => false; "one less")]
#[test_case(FileDiff::renamed("include/ui/frob.h", "include/ui/ring.h").change(1, 0), 150 => true; "under its old name")]
#[test_case(FileDiff::copied("include/ui/frob.h", "include/ui/ring.h").change(1, 0), 150 => false; "a copy of it")]
#[test_case(FileDiff::deleted("include/ui/frob.h").change(0, 1), 150 => true; "it goes")]
#[test_case(FileDiff::modified("ui/frob.c").change(1, 0), 150 => false; "another file")]
fn a_header_that_many_include_is_core(file: FileDiff, files: usize) -> bool {
    let mut counter = crate::FanInCounter::new();
    counter.add("include/ui/frob.h", b"");
    for n in 0..files {
        counter.add(&format!("ui/{n}.c"), b"#include \"ui/frob.h\"\n");
    }
    let fan_in = counter.finish();
    let mail =
        Built::patch("ui: frob").id("p@example.org").trailer("AI-used-for", "code").file(file);
    let context = PolicyContext { fan_in: Some(&fan_in), ..PolicyContext::default() };
    let judged = judge(&policy(DRAFT), &context, &series_of(&[mail.build()]));
    let said = judged.reasons.iter().any(|reason| reason.ends_with("is included by 150 files"));
    let core = judged.findings.iter().any(|found| found.rule == "core-without-agreement");
    assert_eq!((said, core), (core, said), "{:?}", judged.reasons);
    core
}
