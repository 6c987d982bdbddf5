//! The answer to one person who asked why.

use test_case::test_case;
use tidewaiter_mail::Mailbox;
use tidewaiter_patch::Header;

use super::{
    read_back::scenes,
    scene::{
        BAN, Scene, address, asking, date, declining, disclosing, id, identity, known_word,
        series_of, single,
    },
    words::{NEVER, assert_harmless},
};
use crate::{HeldBy, IdKey, Mode, RenderError, Reply, ReplyKind, Templates, WhyDraft, why};

const ALICE: &str = "alice@example.org";
const DECIDED: &str = "Nothing was sent about it, because it was queued or applied.";

/// A mail of this person that asks.
fn asked(from: &str) -> Header {
    Header {
        message_id: Some(id("q.1@example.org")),
        from: Mailbox::parse(from),
        from_count: 1,
        in_reply_to: Some(id("cover.1@example.org")),
        references: vec![id("cover.1@example.org")],
        ..Header::default()
    }
}

fn try_answer(scene: &Scene, asked: &Header, judged: bool) -> Result<Reply, RenderError> {
    why(
        &Templates::builtin().unwrap(),
        &WhyDraft {
            identity: &identity(),
            list: &scene.list,
            key: &IdKey::dry_run(),
            series: &scene.series,
            asked,
            assessment: judged.then_some(&scene.assessment),
            policy: scene.policy_view(&scene.sentences, &known_word),
            decided: DECIDED,
        },
    )
}

fn author(scene: &Scene) -> String {
    scene.series.author.as_ref().and_then(|a| a.address.as_ref()).unwrap().to_string()
}

#[test_case("why-decline", declining(), None, true; "declined")]
#[test_case("why-ask", asking(), None, true; "asked about")]
#[test_case("why-disclosure", disclosing(), None, true; "disclosed")]
#[test_case("why-nothing", nothing(), None, true; "nothing there")]
#[test_case("why-not-judged", single("hw/misc: fix frob"), None, false; "not judged")]
#[test_case("why-mark", series_of(3).marked(2, 9), None, true; "a mark, to the author")]
#[test_case("why-mark-to-another", series_of(3).marked(2, 9), Some("mia@example.com"), true; "a mark, to another")]
fn reads_well(name: &str, scene: Scene, from: Option<&str>, judged: bool) {
    let from = from.map_or_else(|| author(&scene), str::to_owned);
    let reply = try_answer(&scene, &asked(&from), judged).unwrap();
    let eml = String::from_utf8(reply.to_eml(false, date())).unwrap();
    insta::assert_snapshot!(name, eml.replace("\r\n", "\n"));
}

fn nothing() -> Scene {
    let mut scene = series_of(3);
    scene.assessment.outcome = tidewaiter_policy::Outcome::Silent;
    scene.sentences = vec![];
    scene
}

/// Whatever it is about, it is as harmless as any reply.
#[test]
fn answers_are_harmless() {
    for mut scene in scenes() {
        let bo = asked("Bo <bo@example.org>");
        let from = scene.series.author.clone();
        for asked in [&bo, &Header { from, ..bo.clone() }] {
            scene.sentences = BAN.to_vec();
            let reply = try_answer(&scene, asked, true).unwrap();
            assert_harmless(&reply.body);
            assert_eq!((reply.to.len(), reply.cc.len()), (1, 0));
            assert_eq!(reply.in_reply_to, asked.message_id);
            scene.sentences = vec![];
            let own = try_answer(&scene, asked, true).unwrap().body.to_lowercase();
            for word in NEVER {
                assert!(!own.contains(word), "{word} in {own}");
            }
        }
    }
}

/// A person gets one answer, whichever mail asks; another gets another.
#[test]
fn the_key_is_the_person() {
    let scene = declining();
    let of = |from: &str, mail: &str| {
        let asked = Header { message_id: Some(id(mail)), ..asked(from) };
        let reply = try_answer(&scene, &asked, true).unwrap();
        assert_eq!(reply.kind.word(), "why");
        reply.id
    };
    let first = of("Bo <bo@example.org>", "q.1@example.org");
    assert_eq!(of("BO@example.org", "q.2@example.org"), first);
    assert_ne!(of("cy@example.org", "q.1@example.org"), first);
    assert_ne!(scene.reply().id, first);
    let kind = ReplyKind::Why { asker: address("bo@example.org") };
    assert_eq!(try_answer(&scene, &asked("bo@example.org"), true).unwrap().kind, kind);
}

#[test_case(Mode::Observe, Mode::List => Err(RenderError::NobodyToAnswer); "observe")]
#[test_case(Mode::Digest, Mode::List => Err(RenderError::NobodyToAnswer); "digest")]
#[test_case(Mode::Hold, Mode::List => Ok(Some(HeldBy::Hold)); "hold")]
#[test_case(Mode::List, Mode::Hold => Ok(Some(HeldBy::Decline)); "decline held")]
#[test_case(Mode::List, Mode::List => Ok(None); "list")]
#[test_case(Mode::Author, Mode::Author => Ok(None); "author")]
#[test_case(Mode::Maintainers, Mode::List => Ok(None); "maintainers")]
fn modes(mode: Mode, decline: Mode) -> Result<Option<HeldBy>, RenderError> {
    let mut scene = declining();
    (scene.list.mode, scene.list.decline) = (mode, decline);
    try_answer(&scene, &asked(ALICE), true).map(|reply| reply.held_by)
}

#[test_case("Al via qemu-devel <al@example.org>"; "rewritten")]
#[test_case("qemu-devel@nongnu.org"; "the list")]
#[test_case("noreply@example.org"; "takes no mail")]
#[test_case("never@example.org"; "never written to")]
fn nobody_to_answer(from: &str) {
    let mut scene = declining();
    scene.list.never_to.push(address("never@example.org"));
    let answer = try_answer(&scene, &asked(from), true);
    assert_eq!(answer.unwrap_err(), RenderError::NobodyToAnswer);
}

#[test]
fn two_senders_are_not_answered() {
    let asked = Header { from_count: 2, ..asked(ALICE) };
    let answer = try_answer(&declining(), &asked, true);
    assert_eq!(answer.unwrap_err(), RenderError::NobodyToAnswer);
}
