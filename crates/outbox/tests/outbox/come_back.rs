//! Echoes, forgeries of them, and bounces.

use jiff::SignedDuration;
use test_case::test_case;
use tidewaiter_mail::{Address, Message, MessageId};
use tidewaiter_outbox::{CameBack, Clock, Own, come_back};
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::smtp::{At, Fault, Script};

use crate::scene::{BOT, Scene, pass};

/// Takes a mail as the daemon does.
fn take(scene: &Scene, raw: &[u8], importing: bool) -> CameBack {
    let address = Address::new(BOT).unwrap();
    let own = Own { address: &address, domain: "bot.example.net", bounces: 3, importing };
    let now = scene.clock.now();
    scene.store(|store| {
        let writer = store.begin().unwrap();
        let back = come_back(&writer, raw, &Message::parse(raw), &own, now).unwrap();
        writer.commit().unwrap();
        back
    })
}

/// A reply that went out and that nobody knows went out, and its bytes.
fn in_doubt() -> (Scene, MessageId, String) {
    let script = Script { faults: vec![(At::Dot, Fault::DoneThenClose, 1)], ..Script::default() };
    let scene = Scene::new(script);
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    assert_eq!(scene.state(&id), ReplyState::Doubt);
    let sent = String::from_utf8(scene.smtp.taken()[0].data.clone()).unwrap();
    (scene, id, sent)
}

/// As a list sends it on.
fn through_the_list(mail: &str, number: u32) -> String {
    format!(
        "Received: from lists.example.org ({number})\r\nList-Id: Frobs <frob-devel.lists.example.org>\r\n\
         {mail}_______________________________________________\r\n\
         Frob-devel mailing list\r\nfrob-devel@lists.example.org\r\n"
    )
}

#[test]
fn an_echo_settles_a_doubt() {
    let (scene, id, sent) = in_doubt();
    let echo = through_the_list(&sent, 1);
    assert_eq!(take(&scene, echo.as_bytes(), false), CameBack::Seen(id.clone()));
    assert_eq!(scene.state(&id), ReplyState::Seen);
    // The very same mail again, from a mailbox that was read anew, is none.
    assert_eq!(take(&scene, echo.as_bytes(), false), CameBack::Seen(id.clone()));
    assert_eq!(scene.store(|store| store.stopped().unwrap()), None);
    // Another copy of it is one too many.
    let twice = take(&scene, through_the_list(&sent, 2).as_bytes(), false);
    assert_eq!(twice, CameBack::Twice(id));
    assert!(twice.stops() && scene.store(|store| store.stopped().unwrap()).is_some());
}

#[test_case("List-Id: Frobs <frob-devel.lists.example.org>", "List-Id: <other.lists.example.org>"; "another list")]
#[test_case("List-Id: Frobs <frob-devel.lists.example.org>\r\n", ""; "no list")]
#[test_case("From: tidewaiter <tidewaiter@bot.example.net>", "From: Mallory <m@example.com>"; "another sender")]
#[test_case("People decide.", "People do not decide."; "another text")]
fn what_is_no_echo_changes_nothing(from: &str, to: &str) {
    let (scene, id, sent) = in_doubt();
    let echo = through_the_list(&sent, 1);
    assert!(echo.contains(from), "{echo}");
    let back = take(&scene, echo.replacen(from, to, 1).as_bytes(), false);
    assert_eq!(back, CameBack::Odd(id.clone()));
    assert_eq!(scene.state(&id), ReplyState::Doubt);
    assert_eq!(scene.store(|store| store.stopped().unwrap()), None);
}

#[test]
fn an_echo_that_is_faster_than_the_answer_stays() {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    let bytes = scene.row(&id).bytes.unwrap();
    let now = scene.clock.now();
    scene.store(|store| {
        let limits = scene.rules.limits;
        store.arm(&id, &limits, &[], now).unwrap();
    });
    let echo = through_the_list(&String::from_utf8(bytes).unwrap(), 1);
    assert_eq!(take(&scene, echo.as_bytes(), false), CameBack::Seen(id.clone()));
    let how = tidewaiter_store::Finished {
        state: ReplyState::Doubt,
        step: "body",
        detail: "cut",
        not_before: None,
        now,
        refused: &[],
    };
    scene.store(|store| store.finish(&id, &how)).unwrap();
    assert_eq!(scene.state(&id), ReplyState::Seen);
}

#[test]
fn a_mail_under_our_address_that_we_did_not_send() {
    let scene = Scene::new(Script::default());
    let mail = format!("From: {BOT}\r\nMessage-ID: <tw.unknown@bot.example.net>\r\n\r\nhello\r\n");
    assert_eq!(take(&scene, mail.as_bytes(), true), CameBack::No);
    assert_eq!(scene.store(|store| store.stopped().unwrap()), None);
    let back = take(&scene, mail.as_bytes(), false);
    assert_eq!(back, CameBack::Stranger);
    assert!(back.stops() && scene.store(|store| store.stopped().unwrap()).is_some());
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.smtp.connections()), (ReplyState::Ready, 0));
}

#[test]
fn bounces_stop_in_the_end() {
    let scene = Scene::new(Script::default());
    let ids: Vec<_> = (1..=3).map(|number| scene.queue(number)).collect();
    pass(&mut scene.outbox());
    for (number, id) in ids.iter().enumerate() {
        let bounce = format!(
            "Return-Path: <>\r\nFrom: MAILER-DAEMON@mail.example.net\r\n\
             Message-ID: <b{number}@mail.example.net>\r\nAuto-Submitted: auto-replied\r\n\
             Subject: Undelivered\r\n\r\nYour mail\r\n\r\nMessage-ID: <{id}>\r\n"
        );
        assert_eq!(
            take(&scene, bounce.as_bytes(), false),
            CameBack::Bounced(id.clone(), Vec::new())
        );
        let stopped = scene.store(|store| store.stopped().unwrap()).is_some();
        assert_eq!(stopped, number == 2);
    }
}

#[test]
fn a_bounce_of_what_never_left_is_a_forgery() {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    let bounce = format!("Return-Path: <>\r\nFrom: x@example.com\r\n\r\nMessage-ID: <{id}>\r\n");
    assert_eq!(take(&scene, bounce.as_bytes(), false), CameBack::No);
}

#[test_case("Return-Path: <author1@example.org>\nIn-Reply-To: <ID>", "I am away." => false; "on holiday")]
#[test_case("Return-Path: <>\nIn-Reply-To: <ID>", "I am away." => false; "on holiday, from nobody")]
#[test_case("Return-Path:\n <>\nX-Autoreply: yes\nIn-Reply-To: <ID>", "> Message-ID: <ID>" => false; "quoting")]
#[test_case("Return-Path: <>", "Message-ID: <ID>" => true; "an old server")]
#[test_case("Content-Type: multipart/report;\n report-type=delivery-status; boundary=b", "--b\n\nAction: failed\n\n--b\n\nMessage-ID: <ID>\n--b--" => true; "failed")]
#[test_case("Return-Path: <>\nIn-Reply-To: <ID>\nContent-Type: multipart/report; boundary=b", "--b\n\nMessage-ID: <ID>\n--b--" => true; "of an unknown action")]
#[test_case("Return-Path: <>\nContent-Type: multipart/report; boundary=b", "--b\n\nAction: delayed\n\n--b\n\nMessage-ID: <ID>\n--b--" => false; "delayed")]
#[test_case("Return-Path: <>\nContent-Type: multipart/report; boundary=b", "--b\n\nAction: relayed\n\nAction: failed\n\n--b\n\nMessage-ID: <ID>\n--b--" => true; "failed for one")]
#[test_case("Return-Path: <>\nContent-Type: multipart/report;\n\treport-type=disposition-notification; boundary=b", "--b\n\nOriginal-Message-ID: <ID>\n--b--" => false; "a receipt")]
fn bounced(head: &str, body: &str) -> bool {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    let mail =
        format!("{head}\nAuto-Submitted: auto-replied\nFrom: author1@example.org\n\n{body}\n");
    let mail = mail.replace("ID>", &format!("{id}>")).replace('\n', "\r\n");
    matches!(take(&scene, mail.as_bytes(), false), CameBack::Bounced(of, _) if of == id)
}

#[test]
fn other_peoples_mail() {
    let scene = Scene::new(Script::default());
    let mail = b"From: a@example.org\r\nMessage-ID: <x@example.org>\r\n\r\nhello\r\n";
    assert_eq!(take(&scene, mail, false), CameBack::No);
}

#[test]
fn a_reply_whose_id_came_before_is_in_doubt() {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    let raw = format!("From: a@example.org\r\nMessage-ID: <{id}>\r\n\r\nhello\r\n");
    let message = Message::parse(raw.as_bytes());
    let now = scene.clock.now();
    scene.store(|store| {
        let writer = store.begin().unwrap();
        let mail = tidewaiter_store::NewMail {
            raw: raw.as_bytes(),
            time: now,
            content: message.content_hash(),
            message_id: message.message_id.as_ref(),
            sender: None,
            header: None,
            quiet: false,
        };
        writer.mail(&mail).unwrap();
        writer.commit().unwrap();
    });
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.smtp.connections()), (ReplyState::Doubt, 0));
    scene.clock.go(SignedDuration::from_hours(1));
    pass(&mut scene.outbox());
    assert_eq!(scene.smtp.connections(), 0);
}

/// Whom a report names as failed for good is left out from then on, if we have written to them.
#[test_case("Final-Recipient: rfc822; Author1@example.org\nAction: failed\nStatus: 5.1.1" => vec!["author1@example.org"]; "a recipient")]
#[test_case("Original-Recipient: rfc822;author1@example.org\nFinal-Recipient: rfc822;\n other@example.com\nAction: failed" => vec!["author1@example.org"]; "one whose mail is sent on")]
#[test_case("Final-Recipient: rfc822; author1@example.org\nAction: failed\nStatus: 4.4.1" => Vec::<String>::new(); "a recipient whose server is away")]
#[test_case("Final-Recipient: rfc822; frob-devel@lists.example.org\nAction: failed\nStatus: 5.1.1" => Vec::<String>::new(); "the list")]
#[test_case("Final-Recipient: rfc822; victim@example.com\nAction: failed\nStatus: 5.1.1" => Vec::<String>::new(); "somebody else")]
#[test_case("Final-Recipient: rfc822; author1@example.org\nAction: delayed\n\nFinal-Recipient: rfc822; victim@example.com\nAction: failed" => Vec::<String>::new(); "a recipient for whom it only waits")]
fn refused_by_a_bounce(report: &str) -> Vec<String> {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    let mail = format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mail.example.net\nAuto-Submitted: auto-replied\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n\
         Reporting-MTA: dns; mail.example.net\n\n{report}\n\n--b\n\nMessage-ID: <{id}>\n--b--\n"
    );
    let back = take(&scene, mail.as_bytes(), false);
    assert!(matches!(&back, CameBack::Bounced(of, _) if *of == id), "{back:?}");
    let refused = if let CameBack::Bounced(_, refused) = back { refused } else { Vec::new() };
    refused.iter().map(|address| address.as_str().to_owned()).collect()
}
