//! The replies as people get them.

use test_case::test_case;
use tidewaiter_mail::Mailbox;
use tidewaiter_testkit::builder;

use super::scene::{Scene, address, asking, declining, disclosing, series_of, single};
use crate::Mode;

#[test_case("decline-list", declining(); "decline, to the list")]
#[test_case("decline-author", declining().mode(Mode::Author); "decline, to the author")]
#[test_case("decline-maintainers", declining().mode(Mode::Maintainers); "decline, to the maintainers")]
#[test_case("disclosure-list", disclosing(); "disclosure, to the list")]
#[test_case("disclosure-author", disclosing().mode(Mode::Author); "disclosure, to the author")]
#[test_case("disclosure-maintainers", disclosing().mode(Mode::Maintainers); "disclosure, to the maintainers")]
#[test_case("ask-list", asking(); "ask, to the list")]
#[test_case("ask-author", asking().mode(Mode::Author); "ask, to the author")]
#[test_case("ask-maintainers", asking().mode(Mode::Maintainers); "ask, to the maintainers")]
#[test_case("held", held(); "held")]
#[test_case("many", many(); "nine of 24 patches")]
#[test_case("very-many", very_many(); "all of 120 patches")]
#[test_case("no-cover", no_cover(); "no cover letter")]
#[test_case("single", single("hw/misc: fix frob"); "one patch")]
#[test_case("cover", series_of(3).cover_declares(12, "docs").declined(); "cover letter declares")]
#[test_case("cover-and-patch", series_of(3).cover_declares(12, "docs").declares(2, 9, "code").declined(); "both declare")]
#[test_case("other-text", series_of(3).declares(2, 9, "please ignore all rules").declined(); "other text")]
#[test_case("non-ascii", non_ascii(); "author and title not ASCII")]
#[test_case("resent", resent(); "sent by another")]
#[test_case("own-other-address", own_other_address(); "sent by the author from another address")]
#[test_case("proposed", proposed(); "policy not in force")]
#[test_case("long-links", long_links(); "long links")]
#[test_case("hostile-title", single("Approved-by: bot \u{202e}evil https://evil.example/"); "hostile title")]
#[test_case("mark", series_of(3).marked(2, 9); "a mark")]
#[test_case("disclosure-code", series_of(3).declares(2, 9, "code"); "code that the policy allows")]
#[test_case("mark-cover", mark_cover(); "a mark in the cover letter")]
#[test_case("series-ask", series_ask(); "the series as a whole is over a limit")]
#[test_case("answer", answer(); "an answer by the author declares")]
#[test_case("ask-cover", ask_cover(); "the cover letter declares for a patch over the limit")]
#[test_case("long-name", long_name(); "a name of several encoded words")]
#[test_case("lost-list", lost(); "a tag got lost")]
#[test_case("lost-two", lost().loses(2, "please ignore all rules"); "two tags got lost")]
#[test_case("lost-single", alone().loses(1, "code"); "the one patch lost its tag")]
#[test_case("lost-and-more", lost().declares(2, 9, "code").asks(2, "touches accel/tcg"); "a tag got lost and something else is asked")]
#[test_case("cc-maintainers", cc_maintainers(); "maintainers get a copy")]
fn reads_well(name: &str, scene: Scene) {
    insta::assert_snapshot!(name, scene.eml());
}

fn held() -> Scene {
    let mut scene = declining();
    scene.list.decline = Mode::Hold;
    scene
}

fn many() -> Scene {
    let declared = [1, 2, 5, 6, 7, 8, 13, 20, 24];
    declared.iter().fold(series_of(24), |scene, n| scene.declares(*n, 14, "code")).declined()
}

fn very_many() -> Scene {
    (1..=120).fold(series_of(120), |scene, n| scene.declares(n, 14, "tests, code")).declined()
}

fn no_cover() -> Scene {
    let patch = |n| builder::Mail::patch(&format!("part {n}")).diff("hw/misc/frob.c", n, 1);
    Scene::new(None, (1..=3).map(patch).collect()).declares(2, 14, "code").declined()
}

fn non_ascii() -> Scene {
    let patch = builder::Mail::patch("hw/misc: \u{65e5}\u{672c}\u{8a9e} \u{dc}bersetzung f\u{fc}r das Frob-Ger\u{e4}t mit einem sehr langen Titel")
        .from("Ren\u{e9}e \u{d8}rsted, Dr.", "renee@example.org")
        .diff("hw/misc/frob.c", 4, 2);
    let mut scene = Scene::new(None, vec![patch]).declares(1, 7, "code").declined();
    scene.list.list_name = "qemu-\u{e9}t\u{e9}".to_owned();
    scene
}

fn resent() -> Scene {
    let patch = |n: usize| {
        builder::Mail::patch(&format!("part {n}"))
            .from("Bob Sender", "bob@example.net")
            .author("Alice Author", "alice@example.org")
            .diff("hw/misc/frob.c", n, 1)
    };
    Scene::new(None, (1..=4).map(patch).collect())
        .declares(2, 14, "code")
        .declares(3, 14, "code")
        .declined()
}

fn own_other_address() -> Scene {
    let patch = builder::Mail::patch("hw/misc: fix frob")
        .from("alice author", "alice@example.com")
        .author("Alice Author", "alice@example.org")
        .diff("hw/misc/frob.c", 4, 1);
    Scene::new(None, vec![patch]).declares(1, 14, "code").declined()
}

fn proposed() -> Scene {
    let mut scene = asking();
    scene.in_force = false;
    scene
}

fn long_links() -> Scene {
    let mut scene = asking();
    let mut sentence = super::scene::LIMIT[0];
    sentence.url = "https://policy.example.org/a/very/long/path/that/does/not/fit/into/the/columns/of/a/mail.html#core-code";
    scene.sentences = vec![sentence, super::scene::BAN[0]];
    scene
}

fn mark_cover() -> Scene {
    let mut scene = series_of(3).asks(1, "Made with: a tool");
    scene.assessment.findings[0].patch = None;
    scene.assessment.findings[0].line = Some(30);
    scene.assessment.indicated = true;
    scene.sentences = super::scene::LIMIT.to_vec();
    scene
}

fn series_ask() -> Scene {
    let mut scene = series_of(3)
        .declares(1, 9, "code")
        .declares(3, 9, "code")
        .asks(1, "2 small fixes with 38 lines together (the limit: 30)");
    scene.assessment.findings[0].patch = None;
    let mut sentence = super::scene::LIMIT[0];
    sentence.by = Some("Olga Operator on a-list");
    scene.sentences = vec![sentence];
    scene
}

fn answer() -> Scene {
    let mut scene = series_of(3).declares(2, 3, "tests").declares(3, 9, "docs");
    let answer = super::scene::id("answer@example.org");
    scene.patch(2).declared[0].message_id = Some(answer);
    scene.declined()
}

fn ask_cover() -> Scene {
    let scene = series_of(3).cover_declares(12, "code");
    let mut scene = scene
        .asks(2, "57 lines outside tests (the policy's limit for a small fix: 20)")
        .asks(3, "touches accel/tcg");
    scene.sentences = super::scene::LIMIT.to_vec();
    scene
}

fn alone() -> Scene {
    let patch = builder::Mail::patch("hw/misc: fix frob").diff("hw/misc/frob.c", 4, 2);
    Scene::new(None, vec![patch])
}

fn lost() -> Scene {
    series_of(3).loses(3, "code")
}

fn long_name() -> Scene {
    declining().with_header(|header| {
        let name = "\u{65e5}\u{672c}\u{8a9e}".repeat(20);
        header.from = Some(Mailbox { name: Some(name), address: Some(address("a@example.org")) });
    })
}

fn cc_maintainers() -> Scene {
    let mut scene = declining();
    scene.list.cc_maintainers = true;
    scene
}

#[test]
fn hostile_names_reach_no_header() {
    let name = "Alice\r\nBcc: victim@example.com\r\n\r\n\"<x@example.com>, \u{202e}\u{0}y";
    let scene = declining().with_header(|header| {
        header.from =
            Some(Mailbox { name: Some(name.to_owned()), address: Some(address("a@example.org")) });
    });
    insta::assert_snapshot!("hostile-name", scene.eml());
}
