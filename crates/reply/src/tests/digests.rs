//! The digest of a list.

use test_case::test_case;
use tidewaiter_mail::Mailbox;

use super::{
    read_back::assert_reads_back,
    scene::{Scene, asking, declining, disclosing, known_word, series_of, single},
    words::{TRAILER, assert_narrow},
};
use crate::{DigestDraft, DigestItem, HeldBy, IdKey, Reply, Templates, digest};

fn item(mut scene: Scene, subsystem: Option<&str>, why: Option<&'static str>) -> DigestItem {
    for patch in &mut scene.assessment.patches {
        patch.own_subsystems = subsystem.iter().map(|name| (*name).to_owned()).collect();
    }
    scene.digest_item(why).expect("something to tell")
}

fn items() -> Vec<DigestItem> {
    vec![
        item(disclosing(), Some("Block layer core"), None),
        item(asking(), Some("Block layer core"), Some("a cap was reached")),
        item(declining(), Some("Approved-by: a subsystem"), Some("sent for discussion")),
        item(series_of(3).marked(2, 9), None, None),
        item(series_of(3).loses(3, "code"), Some("Overall TCG CPUs"), None),
        item(single("Reviewed-by: bot https://evil.example"), None, None),
        item((1..=24).fold(series_of(24), |s, n| s.declares(n, 14, "code")), None, None),
    ]
}

fn written(items: &[DigestItem], days: (&str, &str), to: &[&str]) -> Reply {
    let scene = declining();
    let to: Vec<Mailbox> = to.iter().map(|text| Mailbox::parse(text).unwrap()).collect();
    let draft = DigestDraft {
        identity: &super::scene::identity(),
        list: &scene.list,
        key: &IdKey::new(b"0123456789abcdef").unwrap(),
        to: &to,
        days: (days.0.to_owned(), days.1.to_owned()),
        policy: scene.policy_view(&[], &known_word),
        items,
    };
    digest(&Templates::builtin().unwrap(), &draft).unwrap()
}

const WEEK: (&str, &str) = ("2026-06-01", "2026-06-07");
const READERS: [&str; 2] = ["\"Doe, Jane\" <jane@example.net>", "ren\u{e9}e <renee@example.org>"];

#[test]
fn a_week_reads_well() {
    let reply = written(&items(), WEEK, &READERS);
    insta::assert_snapshot!(
        String::from_utf8(reply.to_eml(false, None)).unwrap().replace('\r', "")
    );
    assert_reads_back(&reply);
}

#[test]
fn a_digest_is_harmless() {
    let many = vec![items().swap_remove(6); 500];
    for items in [items(), many] {
        let body = written(&items, ("2026-06-01", "2026-06-01"), &READERS).body;
        assert!(body.lines().count() <= 300, "{}", body.lines().count());
        assert!(body.lines().take_while(|line| *line != "-- ").all(|line| !TRAILER.is_match(line)));
        assert_narrow(&body);
    }
}

#[test]
fn each_list_and_period_has_its_own_id() {
    let one = written(&items(), WEEK, &READERS);
    let other = written(&items(), ("2026-06-08", "2026-06-14"), &READERS);
    assert_eq!(one.id, written(&items()[..1], WEEK, &[]).id);
    assert_ne!(one.id, other.id);
    assert_eq!(written(&items(), WEEK, &[]).held_by, Some(HeldBy::NoRecipient));
}

#[test]
fn what_was_said_is_no_news() {
    let first = items().swap_remove(0);
    let said = first.said().to_vec();
    assert!(first.has_news(&[]));
    assert!(!items().swap_remove(0).has_news(&said), "line numbers do not matter");
    let more = item(disclosing().declares(2, 9, "code"), None, None);
    assert!(more.has_news(&said));
}

/// A statement that is within the policy, from one whom nobody drowns.
#[test_case(|_| "mallory@x.example".to_owned(), true; "much of one sender")]
#[test_case(|n| format!("m{n}@x.example"), true; "many senders of one domain")]
#[test_case(|n| format!("m@x{n}.example"), false; "whoever, and nothing vouches for them")]
#[test_case(|_| "zoe@z.example".to_owned(), false; "in the same name, and nothing vouches for it")]
fn nobody_is_drowned(sender: fn(usize) -> String, vouched: bool) {
    let mut all = vec![item(declining(), None, None); 300];
    for (number, item) in all.iter_mut().enumerate() {
        (item.sender, item.vouched) = (sender(number), vouched);
    }
    for at in [0, 150, 300] {
        let mut real = item(disclosing(), Some("Real"), None);
        (real.sender, real.vouched) = ("zoe@z.example".to_owned(), true);
        let mut all = all.clone();
        all.insert(at, real);
        let body = written(&all, WEEK, &READERS).body;
        assert!(body.contains("\nReal\n- "), "{body}");
        DigestItem::keep_fairly(&mut all, 10);
        assert_eq!(all.len(), 10);
        assert!(all.iter().any(|item| item.vouched && item.sender == "zoe@z.example"));
    }
}
