use test_case::test_case;
use tidewaiter_testkit::builder::Mail as Built;

use super::testing::{judge, policy, series_of};
use super::*;
use crate::{Tree, TreeFiles, about_the_policy, is_stable, tree_test};

const BAN: &str = "qemu-2025-06";
const DRAFT: &str = "qemu-proposed-2026-05";

fn patch(
    part: (u32, u32),
    title: &str,
    path: &str,
    lines: usize,
    trailer: Option<&str>,
) -> Vec<u8> {
    built(part, title, path, lines, trailer).build()
}

fn built(part: (u32, u32), title: &str, path: &str, lines: usize, trailer: Option<&str>) -> Built {
    let mail = Built::patch(title).part(part.0, part.1).diff(path, lines, 0);
    let id = format!("p{}@example.org", part.0);
    let trailer = trailer.and_then(|trailer| trailer.split_once(": "));
    let mail = mail.id(&id);
    trailer.into_iter().fold(mail, |mail, (key, value)| mail.trailer(key, value))
}

fn cover(total: u32, text: &str) -> Vec<u8> {
    Built::cover("hw/misc: frob").part(0, total).id("c@example.org").body(text).build()
}

fn answer(from: &str, to: &str, text: &str) -> Vec<u8> {
    format!(
        "From: {from}\nDate: Thu, 1 Jan 2037 10:00:00 +0000\nSubject: Re: [PATCH 1/2] x\n\
         Message-ID: <a@example.org>\n\
         In-Reply-To: <{to}>\n\n{text}\n"
    )
    .into_bytes()
}

fn under(id: &str, mails: &[Vec<u8>]) -> Assessment {
    judge(&policy(id), &PolicyContext::default(), &series_of(mails))
}

fn two(first: Option<&str>) -> Vec<Vec<u8>> {
    vec![
        patch((1, 2), "hw/misc: add frob", "hw/misc/frob.c", 30, first),
        patch((2, 2), "tests: frob", "tests/qtest/frob-test.c", 30, None),
    ]
}

#[test]
fn a_cover_letter_declares_for_every_patch() {
    let mut mails = vec![cover(2, "Frob.\n\nAI-used-for: code")];
    mails.extend(two(None));
    let judged = under(BAN, &mails);
    for patch in &judged.patches {
        let id = patch.declared[0].message_id.as_ref().expect("the cover letter's id");
        assert_eq!((id.as_str(), patch.declared.len()), ("c@example.org", 1));
    }
    // Said once, found once.
    assert_eq!(judged.findings.len(), 1);
    assert_eq!((judged.findings[0].patch, judged.outcome), (None, Outcome::Decline));
}

#[test_case("Patch 1 was written with Claude." => (1, 0); "number")]
#[test_case("The 2nd patch in this series was written with Claude." => (0, 1); "ordinal")]
#[test_case("This series was written with Claude." => (1, 1); "series")]
#[test_case("This series was written with Claude, see patch 2." => (1, 1); "series with a number")]
#[test_case("Patch 3 was written with Claude." => (1, 1); "not of the series")]
#[test_case("AI-used-for: code (patch 1)" => (1, 1); "tag")]
fn sentences_of_the_cover_letter_that_number_patches(text: &str) -> (usize, usize) {
    let mut mails = vec![cover(2, &format!("Frob.\n\n{text}"))];
    mails.extend(two(None));
    let judged = under(DRAFT, &mails);
    (judged.patches[0].declared.len(), judged.patches[1].declared.len())
}

#[test]
fn tests_declared_in_the_cover_letter_do_not_reach_code() {
    let mut mails = vec![cover(2, "Frob.\n\nAI-used-for: tests")];
    mails.extend(two(None));
    let judged = under(DRAFT, &mails);
    let rules: Vec<&str> = judged.findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!((rules, judged.outcome), (vec!["cover-only-disclosure"], Outcome::Disclosure));
}

#[test_case("Alice Author <alice@example.org>", "p1@example.org" => (1, 0); "author, to one patch")]
#[test_case("Alice Author <alice@example.org>", "c@example.org" => (1, 1); "author, to the series")]
#[test_case("Alice Author <alice@example.com>", "p1@example.org" => (0, 0); "namesake")]
#[test_case("Rita Reviewer <rita@example.com>", "p1@example.org" => (0, 0); "another")]
fn answers_that_declare(from: &str, to: &str) -> (usize, usize) {
    let mut mails = two(None);
    mails.push(answer(from, to, "I forgot:\n\nAI-used-for: code"));
    let judged = under(BAN, &mails);
    (judged.patches[0].declared.len(), judged.patches[1].declared.len())
}

#[test_case(None => Outcome::Silent; "nothing")]
#[test_case(Some("AI-used-for: none") => Outcome::Silent; "none")]
#[test_case(Some("AI-used-for: research") => Outcome::Silent; "exempt")]
#[test_case(Some("AI-used-for: code") => Outcome::Decline; "own tag")]
#[test_case(Some("Assisted-by: LLM") => Outcome::Decline; "other tag")]
#[test_case(Some("Co-authored-by: Claude <noreply@anthropic.com>") => Outcome::Ask; "mark")]
fn outcomes_under_the_ban(trailer: Option<&str>) -> Outcome {
    under(BAN, &two(trailer)).outcome
}

#[test_case(None => Outcome::Silent; "nothing")]
#[test_case(Some("AI-used-for: research") => Outcome::Silent; "exempt")]
#[test_case(Some("AI-used-for: code") => Outcome::Ask; "feature of 30 lines")]
#[test_case(Some("AI-used-for: commit message") => Outcome::Disclosure; "words only")]
fn outcomes_under_the_draft(trailer: Option<&str>) -> Outcome {
    under(DRAFT, &two(trailer)).outcome
}

#[test]
fn a_mark_is_never_declined() {
    let trailer = Some("Signed-off-by: Claude <noreply@anthropic.com>");
    for id in [BAN, DRAFT] {
        let judged = under(id, &two(trailer));
        assert!(judged.indicated && !judged.declared);
        assert!(judged.findings.iter().all(|f| f.severity <= Severity::Ask));
    }
}

#[test]
fn many_small_fixes_are_a_large_change() {
    let mails: Vec<_> = (1..=4)
        .map(|n| {
            patch((n, 4), "hw/misc: fix frob", "hw/misc/frob.c", 19, Some("AI-used-for: code"))
        })
        .collect();
    let judged = under(DRAFT, &mails);
    assert_eq!(judged.findings.len(), 1);
    assert_eq!(judged.findings[0].patch, None);
    assert_eq!(
        judged.findings[0].text.as_deref(),
        Some("4 small fixes with 76 lines together (the limit: 60)")
    );
}

#[test]
fn the_limit_can_be_set() {
    let text = crate::builtin_policies()[1].1;
    let set = [("limits.small-fix".to_owned(), "50".to_owned())];
    let (wider, _) = Policy::parse_with(text, &set).expect("a limit");
    let mails =
        [patch((1, 1), "hw/misc: fix frob", "hw/misc/frob.c", 45, Some("AI-used-for: code"))];
    let series = series_of(&mails);
    assert_eq!(under(DRAFT, &mails).outcome, Outcome::Ask);
    let judged = judge(&wider, &PolicyContext::default(), &series);
    assert_eq!(judged.outcome, Outcome::Disclosure);
    assert!(judged.patches[0].categories.contains(&"small-fix".to_owned()));
}

#[test]
fn lines_are_told_as_the_policy_counts_them() {
    let mails = two(Some("AI-used-for: code"));
    let sizes = |id| -> Vec<_> {
        let judged = under(id, &mails);
        judged.patches.iter().map(|p| (p.added, p.counted, p.adds_more_than_a_fix)).collect()
    };
    // Tests are left out of the draft's count.
    assert_eq!(sizes(DRAFT), [(30, 30, false), (30, 0, false)]);
    let new = Built::patch("hw/misc: add frob").id("p1@example.org");
    let new = new.new_file("hw/misc/frob.c", 12);
    assert!(under(DRAFT, &[new.build()]).patches[0].adds_more_than_a_fix);
}

const MAINTAINERS: &str = "TCG\n---\nOverall TCG CPUs\nM: Rita Reviewer <rita@example.com>\n\
                           S: Maintained\nF: accel/tcg/\n";

#[test_case("Rita Reviewer <RITA@example.com>", "Reviewed-by: Rita Reviewer <rita@example.com>" => Outcome::Disclosure; "maintainer")]
#[test_case("Rita Reviewer <rita@example.com>", "I do not like it." => Outcome::Ask; "maintainer without a review")]
#[test_case("Sam Stranger <sam@example.net>", "Reviewed-by: Sam Stranger <sam@example.net>" => Outcome::Ask; "stranger")]
#[test_case("Sam Stranger <sam@example.net>", "Reviewed-by: Rita Reviewer <rita@example.com>" => Outcome::Ask; "stranger in her name")]
fn review_settles_it(from: &str, text: &str) -> Outcome {
    let trailer = Some("AI-used-for: code");
    let mails = [
        patch((1, 1), "accel/tcg: add frob", "accel/tcg/frob.c", 60, trailer),
        answer(from, "p1@example.org", text),
    ];
    let (maintainers, _) = Maintainers::parse(MAINTAINERS);
    let context = PolicyContext { maintainers: Some(&maintainers), ..PolicyContext::default() };
    let judged = judge(&policy(DRAFT), &context, &series_of(&mails));
    assert_eq!(judged.patches[0].subsystems, ["Overall TCG CPUs"]);
    judged.outcome
}

#[test]
fn patches_for_another_tree_are_not_judged() {
    let trailer = Some("Assisted-by: Claude:claude-opus-4-8");
    let mails = [
        patch((1, 2), "KVM: add frob", "arch/x86/kvm/frob.c", 3, trailer),
        patch((2, 2), "hw/misc: add frob", "hw/misc/frob.c", 3, None),
    ];
    let (policy, series) = (policy(BAN), series_of(&mails));
    let tree = tree_test(&policy, None, &series);
    assert_eq!(tree.patches, [Tree::OtherTree, Tree::ThisTree]);
    let files = TreeFiles::from_list("hw/misc/meson.build\ndocs/index.rst\n");
    let tree = tree_test(&policy, Some(&files), &series);
    assert_eq!(tree.patches, [Tree::OtherTree, Tree::ThisTree]);
    let context = PolicyContext { tree: Some(&tree), ..PolicyContext::default() };
    assert_eq!(judge(&policy, &context, &series).outcome, Outcome::Silent);
    assert_eq!(judge(&policy, &PolicyContext::default(), &series).outcome, Outcome::Decline);
}

#[test_case("docs/devel/code-provenance.rst", "docs/devel: relax policy" => true; "path")]
#[test_case("AGENTS.md", "Add AGENTS.md" => true; "agents file")]
#[test_case("hw/misc/frob.c", "hw/misc: follow the AI policy" => true; "subject")]
#[test_case("hw/misc/frob.c", "hw/misc: add frob" => false; "neither")]
fn about(path: &str, title: &str) -> bool {
    about_the_policy(&policy(BAN), &series_of(&[patch((1, 1), title, path, 3, None)]))
}

#[test_case("Stable-10.0.3" => true; "stable")]
#[test_case("PATCH" => false; "patch")]
fn stable(prefix: &str) -> bool {
    let mail = built((7, 38), "hw/misc: fix frob", "hw/misc/frob.c", 3, None).prefix(prefix);
    is_stable(&policy(BAN), &series_of(&[mail.build()]))
}

#[test_case("tests/qtest/frob-test.c", 300 => (Risk::Low, vec!["only tests"]); "tests")]
#[test_case("docs/devel/frob.rst", 300 => (Risk::Low, vec!["only docs"]); "docs")]
#[test_case("hw/misc/frob.c", 1 => (Risk::Low, vec!["1 line outside tests and docs"]); "one line")]
#[test_case("hw/misc/frob.c", 90 => (Risk::Medium, vec!["90 lines outside tests and docs"]); "device")]
#[test_case("hw/misc/frob.c", 900 => (Risk::High, vec!["900 lines outside tests and docs"]); "large")]
#[test_case("qapi/frob.json", 3 => (Risk::High, vec!["touches core code: qapi/frob.json", "adds to an interface: qapi/frob.json", "3 lines outside tests and docs"]); "schema")]
fn risks(path: &str, lines: usize) -> (Risk, Vec<&'static str>) {
    let judged = under(BAN, &[patch((1, 1), "frob", path, lines, None)]);
    let reasons = judged.reasons.into_iter().map(|reason| &*reason.leak()).collect();
    (judged.risk, reasons)
}

#[test]
fn a_patch_is_asked_about_once() {
    let trailer = Some("AI-used-for: code");
    for title in ["accel/tcg: add frob", "accel/tcg: fix frob"] {
        let judged = under(DRAFT, &[patch((1, 1), title, "accel/tcg/frob.c", 57, trailer)]);
        let found: Vec<_> = judged.findings.iter().map(|f| (&*f.rule, f.text.as_deref())).collect();
        let text = "57 lines outside tests and docs (the limit for a small fix: 20); \
                    touches core code: accel/tcg/frob.c";
        assert_eq!(found, [("core-without-agreement", Some(text))]);
    }
}
