//! Whatever a mail says, a reply has our headers and our words only.

use proptest::prelude::*;
use tidewaiter_mail::{Address, Mailbox, Message};

use super::{
    scene::{Scene, date, declining, single},
    words::assert_harmless,
};
use crate::{Reply, eml::is_sound};

const HEADERS: [&str; 17] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "In-Reply-To",
    "References",
    "Message-ID",
    "Auto-Submitted",
    "Precedence",
    "X-Loop",
    "X-Tidewaiter",
    "X-Tidewaiter-Held",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "",
];

fn assert_only_our_headers(bytes: &[u8]) {
    assert!(is_sound(bytes));
    let text = String::from_utf8_lossy(bytes);
    let head = text.split("\r\n\r\n").next().unwrap();
    let mut last = 0;
    for line in head.split("\r\n").filter(|line| !line.starts_with(' ')) {
        let (name, _) = line.split_once(':').unwrap();
        let at = HEADERS.iter().position(|known| *known == name).unwrap();
        assert!(at + 1 > last, "{name} twice or out of order");
        last = at + 1;
        assert!(line.is_ascii());
    }
}

fn nasty() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        Just("\r\n".to_owned()),
        Just("\n\n".to_owned()),
        Just("\r".to_owned()),
        Just("\0".to_owned()),
        Just("Bcc: victim@example.com".to_owned()),
        Just("=?utf-8?q?=0D=0ABcc:x@example.com?=".to_owned()),
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("<v@example.com>".to_owned()),
        Just(", ".to_owned()),
        Just("\u{202e}\u{2066}\u{200b}".to_owned()),
        Just("\u{85}\u{2028}".to_owned()),
        Just("Reviewed-by: X <x@example.com>".to_owned()),
        Just("https://evil.example/".to_owned()),
        Just("{{ 7 * 7 }}{% endif %}".to_owned()),
        "[a-z \u{e4}\u{65e5}\u{1f9ed}]{0,30}",
        any::<String>(),
    ];
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

fn reply(scene: &Scene) -> Reply {
    let reply = scene.reply();
    assert_harmless(&reply.body);
    reply
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn names_and_subjects(name in nasty(), subject in nasty(), list in nasty()) {
        let mut scene = declining().with_header(|header| {
            header.from = Some(Mailbox {
                name: Some(name.clone()),
                address: Address::new("alice@example.org"),
            });
            header.subject = Some(subject.clone());
        });
        scene.list.list_name = list;
        // The list's name is the operator's, and may break a rule of the text.
        let Ok(reply) = scene.try_reply(&crate::Templates::builtin().unwrap()) else { return Ok(()) };
        let bytes = reply.to_eml(true, date());
        assert_only_our_headers(&bytes);
        let read = Message::parse(&bytes);
        prop_assert_eq!(read.cc.len(), 1);
        prop_assert_eq!(read.cc[0].address.clone(), Address::new("alice@example.org"));
        prop_assert_eq!(read.to.len(), 1);
    }

    #[test]
    fn what_the_author_wrote(title in nasty(), value in nasty(), key in nasty(), counted in nasty()) {
        let mut scene = single("x").asks(1, &counted);
        scene.patch(1).title = title;
        scene.patch(1).declared[0].value.clone_from(&value);
        scene.patch(1).declared[0].key = Some(key);
        reply(&scene);
        scene.assessment.outcome = tidewaiter_policy::Outcome::Disclosure;
        scene.assessment.findings.clear();
        scene.patch(1).declared[0].key = Some("AI-used-for".to_owned());
        scene.patch(1).declared[0].uses = vec![value];
        assert_only_our_headers(&reply(&scene).to_eml(true, None));
    }

    #[test]
    fn the_fields_of_a_stored_reply(text in nasty(), other in nasty(), body in nasty()) {
        let mut reply = declining().reply();
        reply.policy = text.clone();
        reply.subject = other;
        reply.body = body;
        reply.from.name = Some(text);
        assert_only_our_headers(&reply.to_eml(true, date()));
    }

    #[test]
    fn addresses(local in "[a-z:\\[\\]é.=?]{0,70}", domain in "[a-z.:é_-]{0,70}") {
        let Some(address) = Address::new(&format!("{local}@{domain}")) else { return Ok(()) };
        let scene = declining().with_header(|header| {
            header.from = Some(Mailbox { name: None, address: Some(address.clone()) });
        });
        let bytes = scene.reply().to_eml(true, date());
        assert_only_our_headers(&bytes);
        let read = Message::parse(&bytes);
        prop_assert!(read.cc.is_empty() || read.cc[0].address.as_ref() == Some(&address));
    }
}
