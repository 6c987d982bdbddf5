//! Who gets a reply, and what its id is.

use test_case::test_case;
use tidewaiter_mail::Mailbox;
use tidewaiter_testkit::builder;

use super::scene::{Scene, address, asking, declining, disclosing, id, series_of};
use crate::{HeldBy, IdKey, Mode, ReplyKind, reply_id};

const LIST: &str = "qemu-devel@nongnu.org";
const ALICE: &str = "alice@example.org";

fn shown(scene: &Scene) -> (String, String, Option<HeldBy>) {
    let found = scene.recipients();
    let join = |mailboxes: &[Mailbox]| {
        let addresses: Vec<String> =
            mailboxes.iter().filter_map(|m| Some(m.address.as_ref()?.to_string())).collect();
        addresses.join(" ")
    };
    (join(&found.to), join(&found.cc), found.held_by)
}

fn from(name: &str, from: &str) -> Scene {
    let (name, from) = (name.to_owned(), address(from));
    declining().with_header(move |header| {
        header.from = Some(Mailbox { name: Some(name.clone()), address: Some(from.clone()) });
    })
}

#[test_case(declining() => (LIST.into(), ALICE.into(), None); "list")]
#[test_case(declining().mode(Mode::Author) => (ALICE.into(), String::new(), None); "author")]
#[test_case(declining().mode(Mode::Observe) => (String::new(), String::new(), Some(HeldBy::Observe)); "observe")]
#[test_case(declining().mode(Mode::Digest) => (String::new(), String::new(), Some(HeldBy::Digest)); "digest")]
#[test_case(declining().mode(Mode::Hold) => (LIST.into(), ALICE.into(), Some(HeldBy::Hold)); "hold")]
#[test_case(declining().mode(Mode::Maintainers) => ("maja@example.com jane@example.net".into(), String::new(), None); "maintainers")]
#[test_case(asking().mode(Mode::Maintainers) => ("tom@example.com uma@example.com vic@example.com".into(), String::new(), None); "at most three maintainers")]
#[test_case(disclosing().mode(Mode::List) => (LIST.into(), ALICE.into(), None); "disclosure")]
#[test_case(series_of(2).marked(1, 9) => (ALICE.into(), String::new(), Some(HeldBy::MarkOnly)); "a mark is not for the list")]
#[test_case(series_of(2).marked(1, 9).mode(Mode::Author) => (ALICE.into(), String::new(), None); "a mark is for the author")]
#[test_case(series_of(2).marked(1, 9).mode(Mode::Maintainers) => (ALICE.into(), String::new(), Some(HeldBy::MarkOnly)); "a mark is not for maintainers")]
#[test_case(from("Alice via other", "other@example.org") => (LIST.into(), String::new(), None); "another list's From")]
#[test_case(from("B4", "devnull+alice.example.org@kernel.org") => (LIST.into(), String::new(), None); "relay")]
#[test_case(from("A", "123+a@users.noreply.github.com") => (LIST.into(), String::new(), None); "forge")]
#[test_case(from("A", "a:b@example.org") => (LIST.into(), String::new(), None); "route in the address")]
#[test_case(from("A", LIST) => (LIST.into(), String::new(), None); "the list itself")]
#[test_case(from("B4", "devnull+a@kernel.org").mode(Mode::Author) => (String::new(), String::new(), Some(HeldBy::AuthorUnreachable)); "nobody")]
#[test_case(declining().with_header(|h| h.sender_munged = true) => (LIST.into(), String::new(), None); "rewritten")]
#[test_case(declining().with_header(|h| h.from_count = 2) => (LIST.into(), String::new(), None); "two senders")]
fn goes_to(scene: Scene) -> (String, String, Option<HeldBy>) {
    shown(&scene)
}

#[test]
fn declining_is_held_until_said_otherwise() {
    let mut scene = declining();
    scene.list.decline = Mode::Hold;
    assert_eq!(shown(&scene), (LIST.into(), ALICE.into(), Some(HeldBy::Decline)));
    scene.list.mode = Mode::Observe;
    assert_eq!(shown(&scene).2, Some(HeldBy::Observe));
    scene.list.decline = Mode::List;
    assert_eq!(shown(&scene).2, Some(HeldBy::Observe), "it never says more than the mode");
    scene.list.mode = Mode::List;
    scene.list.decline = Mode::Author;
    assert_eq!(shown(&scene), (ALICE.into(), String::new(), None));
}

#[test]
fn a_newcomer_and_an_unverified_sender_are_held() {
    let mut scene = disclosing();
    scene.facts.known = false;
    assert_eq!(shown(&scene), (LIST.into(), ALICE.into(), Some(HeldBy::FirstSeries)));
    scene.facts.known = true;
    scene.facts.trusted = false;
    assert_eq!(shown(&scene), (LIST.into(), String::new(), Some(HeldBy::UnverifiedSender)));
}

#[test]
fn some_are_never_written_to() {
    let mut scene = declining().mode(Mode::Maintainers);
    scene.list.never_to = vec![address("Maja@Example.com")];
    assert_eq!(shown(&scene).0, "jane@example.net");
    scene.list.mode = Mode::List;
    scene.list.decline = Mode::List;
    scene.list.never_to = vec![address(ALICE)];
    assert_eq!(shown(&scene), (LIST.into(), String::new(), None));
    scene.facts.reachable = false;
    assert_eq!(scene.recipients().notes.len(), 1);
}

#[test_case("hw/old/a.c" => Some(HeldBy::NoMaintainer); "orphan")]
#[test_case("README" => Some(HeldBy::NoMaintainer); "the rest")]
#[test_case("hw/misc/a.c" => None; "maintained")]
fn nobody_maintains(path: &str) -> Option<HeldBy> {
    let patch = builder::Mail::patch("fix").diff(path, 1, 1);
    let scene = Scene::new(None, vec![patch]).declares(1, 7, "code").declined();
    shown(&scene.mode(Mode::Maintainers)).2
}

#[test]
fn nobody_of_the_mail_is_written_to() {
    let patch = builder::Mail::patch("fix")
        .to("victim1@example.com")
        .cc("victim2@example.com")
        .header("Reply-To", "victim3@example.com")
        .diff("hw/misc/a.c", 1, 1);
    let mut scene = Scene::new(None, vec![patch]).declares(1, 7, "code").declined();
    for mode in [Mode::List, Mode::Author, Mode::Maintainers, Mode::Hold] {
        scene = scene.mode(mode);
        assert!(!format!("{:?}", scene.recipients()).contains("victim"));
    }
}

#[test]
fn one_id_for_one_occasion() {
    let key = IdKey::new(b"0123456789abcdef").unwrap();
    let of = |key: &IdKey, project: &str, series: &str, kind: &ReplyKind| {
        reply_id(key, "bot.example.net", project, Some(&id(series)), kind).unwrap()
    };
    let why = |asker: &str| ReplyKind::Why { asker: address(asker) };
    let first = of(&key, "qemu", "a@x", &ReplyKind::Summary);
    // From Python's hmac over the same four parts, each after its length in eight bytes.
    insta::assert_snapshot!(first.as_str(), @"tw.e391f2456519100872256980665e7ffe@bot.example.net");
    assert_eq!(first, of(&key, "qemu", "a@x", &ReplyKind::Summary));
    assert_eq!(
        of(&key, "qemu", "a@x", &why("Bob@example.org")),
        of(&key, "qemu", "a@x", &why("bob@EXAMPLE.org")),
    );
    let others = [
        of(&key, "qemua", "@x", &ReplyKind::Summary),
        of(&key, "qemu", "b@x", &ReplyKind::Summary),
        of(&key, "qemu", "a@x", &why("bob@example.org")),
        of(
            &key,
            "qemu",
            "a@x",
            &ReplyKind::Digest { list: address("a@x.org"), period: "2026-05-29".to_owned() },
        ),
        of(&IdKey::dry_run(), "qemu", "a@x", &ReplyKind::Summary),
    ];
    assert!(others.iter().all(|other| *other != first));
    assert!(reply_id(&key, "bad domain", "qemu", None, &ReplyKind::Summary).is_none());
    assert!(IdKey::new(b"short").is_none());
    assert!(!format!("{key:?}").contains("0123"));
}
