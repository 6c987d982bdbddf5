//! Mails that point at somebody who is to be written to, or that are to be read by many.

use test_case::test_case;
use tidewaiter_mail::Message;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{builder::Mail, rig::Post};

use crate::{
    forgeries::{LISTED, MAINTAINER, settling},
    people::{ALICE, BEGIN, BOB, Person, declared, plain},
    scene::LIST,
};

const VICTIM: &str = "victim@example.com";

/// Whatever fields point at somebody, nobody is written to but who the configuration names.
#[test_case("mode = \"list\"\ndecline = \"list\"\ncc-maintainers = true\n", &[ALICE, MAINTAINER]; "list")]
#[test_case("mode = \"author\"\ndecline = \"author\"\n", &[ALICE]; "author")]
#[test_case("mode = \"maintainers\"\ndecline = \"maintainers\"\n", &[MAINTAINER]; "maintainers")]
fn victims(mode: &str, people: &[Person]) {
    let Some(mut scene) = settling(mode, |_| {}) else { return };
    let mut number = 0;
    let mut all = Vec::new();
    let mut next = |mail: Mail| {
        number += 1;
        all.push(mail);
    };
    let one = |number: usize| declared(number, ALICE);
    for (at, field) in [
        "Reply-To",
        "Mail-Followup-To",
        "Mail-Reply-To",
        "Sender",
        "Resent-From",
        "Errors-To",
        "X-Original-From",
        "Disposition-Notification-To",
        "Return-Receipt-To",
        "Bcc",
    ]
    .into_iter()
    .enumerate()
    {
        next(one(20 + at).header(field, VICTIM).to(VICTIM).cc(VICTIM));
    }
    next(one(40).author("Victor", VICTIM));
    next(one(41).trailer("Signed-off-by", "Victor <victim@example.com>"));
    next(one(42).trailer("Cc", VICTIM).diff("MAINTAINERS", 2, 0));
    let victor = ("Victor", VICTIM);
    let forged = [
        plain(43, victor),
        declared(44, victor),
        declared(45, ("alice@example.org", VICTIM)),
        declared(46, ("Alice Author via qemu-devel", VICTIM)),
    ];
    for mail in &all {
        scene.say(mail);
    }
    for mail in &forged {
        scene.forge(mail);
    }
    for (at, from) in [
        "Alice Author <alice@example.org>, Victor <victim@example.com>",
        "Alice Author <alice@example.org>\nFrom: Victor <victim@example.com>",
        "Victor <victim@example.com>\nFrom: Alice Author <alice@example.org>",
        "\"Alice\" <alice@example.org> <victim@example.com>",
        "\"victim@example.com\" <alice@example.org>",
        "=?utf-8?q?Alice=0D=0ABcc:_victim=40example.com?= <alice@example.org>",
        "a group: alice@example.org, victim@example.com;",
        "alice@example.org (victim@example.com)",
        "alice@example.org (<victim@example.com>)",
        "alice@example.org (a (b) <victim@example.com>)",
        "(<victim@example.com>) Alice Author <alice@example.org>",
        "Alice Author <alice@example.org> (<victim@example.com>",
        "<@victim.example.com,@example.com:alice@example.org>",
    ]
    .into_iter()
    .enumerate()
    {
        let mail = String::from_utf8(one(60 + at).build()).unwrap();
        let old = "From: Alice Author <alice@example.org>";
        let mail = mail.replacen(old, &format!("From: {from}"), 1);
        scene.send(Post::new(mail.as_bytes()));
    }
    scene.hours_later(2);
    // Quiet by the caps of a thread or a day is no proof.
    scene.wait("something is said", |scene| {
        scene.replies_in(ReplyState::Sent) + scene.replies_in(ReplyState::Seen) > 9
    });
    scene.wait_until_nothing_waits();
    scene.hours_later(60);
    scene.assert_only(people);
    scene.assert_well();
}

/// Slogans in everything that a mail may be told of.
#[test]
fn loudspeakers() {
    let Some(mut scene) = settling(LISTED, |_| {}) else { return };
    let slogan = "BUY-FROBS now at https://frobs.example/x or call frobs@frobs.example";
    let mut all = vec![
        declared(1, ALICE).trailer("AI-used-for", slogan),
        declared(2, ALICE).trailer("Assisted-by", &format!("{slogan} (BUY-FROBS)")),
        declared(3, ("BUY-FROBS https://frobs.example", ALICE.1)),
        declared(4, ALICE).trailer("BUY-FROBS-AI-used-for", slogan),
        declared(5, ALICE).body(&format!("This was written by an AI: {slogan}.")),
        declared(6, ALICE).header("User-Agent", slogan).mailer(slogan),
        declared(7, ALICE).diff("hw/misc/BUY-FROBS-frobs.example.c", 2, 1),
        declared(8, ALICE).trailer("Co-authored-by", "Copilot BUY-FROBS <frobs@frobs.example>"),
    ];
    for (number, title) in [
        slogan,
        "hw/misc: BUY-FROBS https://frobs.example/",
        "hw/misc: frob\u{202e}sbORF-YUB\u{202c} www.frobs.example",
        "Acked-by: BUY-FROBS <frobs@frobs.example>",
        "hw/misc: =?utf-8?q?x=0D=0ABcc:_frobs=40frobs.example=0D=0A=0D=0ABUY-FROBS?=",
        "hw/misc: frob.example <script>BUY-FROBS</script> frobs@frobs.example",
    ]
    .into_iter()
    .enumerate()
    {
        let mail = Mail::patch(title).from(ALICE.0, ALICE.1).to(LIST).at(BEGIN);
        let mail = mail.id(&format!("title-{number}@example.org")).trailer("AI-used-for", "code");
        all.push(mail.signed_off().diff(&format!("hw/misc/title{number}.c"), 2, 1));
    }
    // What cannot be answered must not stand in the way of others either.
    let long = "x".repeat(900);
    all.push(declared(30, ALICE).id(&format!("BUY-FROBS.{long}@frobs.example")));
    all.push(declared(31, ALICE).id("BUY-FROBS\u{e9}@frobs.example"));
    all.push(
        (0..200)
            .fold(declared(32, ALICE), |mail, n| mail.reference(&format!("{n}.{long}@x.example"))),
    );
    all.push(declared(33, ("Zoë", "zo\u{eb}@example.org")));
    all.push(declared(34, ("Al", "\"a b\"@example.org")));
    for mail in &all {
        scene.say(mail);
    }
    scene.hours_later(2);
    let last = declared(50, BOB);
    scene.say(&last);
    scene.hours_later(2);
    scene.wait_until_seen(&last);
    scene.wait_until_nothing_waits();
    scene.hours_later(60);
    let spoken = scene.spoken();
    println!("{} of {} loudspeakers were answered", spoken.len() - 1, all.len());
    assert!(spoken.len() > 12, "{}", spoken.len());
    for mail in spoken {
        let text = Message::parse(&mail.raw).body.to_lowercase();
        for word in ["buy-frobs", "frobs.example", "https://frobs", "sborf", "script"] {
            assert!(!text.contains(word), "{word}:\n{}", String::from_utf8_lossy(&mail.raw));
        }
    }
    scene.assert_only(&[ALICE, BOB]);
    scene.assert_well();
}
