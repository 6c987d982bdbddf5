//! What other programs, and our own mails, make of our mails: nothing is answered.

use tidewaiter_mail::MessageId;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{
    builder::Mail,
    dovecot::USER,
    rig::{Post, Whose},
};

use crate::{
    people::{
        ALICE, BEGIN, BOB, Person, answer, answer_in_thread, answer_to_bot, declared, plain,
        text_of,
    },
    scene::{LIST, Scene, Setup},
};

/// A world in which the bot has answered Alice once.
fn answered() -> Option<(Scene, Mail, Vec<u8>)> {
    let mut scene = Scene::new(Setup::default())?;
    scene.start_watching();
    scene.introduce(&[ALICE, BOB]);
    let series = declared(1, ALICE);
    let ours = scene.spoken_of(&series);
    Some((scene, series, ours))
}

/// Nothing more was said, and nothing is in the days that follow.
fn nothing_more(mut scene: Scene, said: usize) {
    scene.wait_until_stored();
    for hours in [1, 100] {
        scene.hours_later(hours);
    }
    assert_eq!(scene.spoken().len(), said);
    scene.assert_only(&[ALICE, BOB]);
    scene.assert_well();
}

/// Another series is answered: the bot has not fallen silent.
fn still_speaks(scene: &Scene) {
    scene.wait_until_stored();
    assert_eq!(scene.stopped(), None);
    scene.spoken_of(&declared(2, BOB));
}

/// The stop switch is on and says why; another series is not answered.
fn is_stopped(scene: &Scene, why: &str) {
    scene.wait("it stops", |scene| scene.stopped().is_some());
    assert_eq!(scene.stopped().unwrap(), why);
    scene.wait("it says so", |scene| {
        scene.log().contains(&["nothing is sent any more: ", why].concat())
    });
    let next = declared(2, BOB);
    scene.say(&next);
    scene.wait_until_judged(&next);
}

#[test]
fn subscribed_twice() {
    let Some(mut scene) = Scene::new(Setup::default()) else { return };
    scene.rig.faults().copies = Some((Whose::All, 2));
    scene.start_watching();
    scene.introduce(&[ALICE, BOB]);
    let series = declared(1, ALICE);
    scene.spoken_of(&series);
    is_stopped(&scene, "a reply came back through its list twice");
    nothing_more(scene, 1);
}

/// Every mail of ours comes a second time through the list itself, as where a member's alias
/// forwards the list's copy to us.
#[test]
fn the_lists_copy_forwarded_to_us() {
    let Some((scene, ..)) = answered() else { return };
    let mails = scene.rig.mailbox_export();
    let echo = mails.last().unwrap();
    assert!(text_of(echo).contains("Automatic note"));
    scene.send(Post::new(echo).to(USER).sender("fred@example.org"));
    is_stopped(&scene, "a reply came back through its list twice");
    nothing_more(scene, 1);
}

/// The author's own copy, which went through no list: by an alias, and resent by hand.
#[test]
fn the_authors_copy_forwarded_to_us() {
    let Some((scene, ..)) = answered() else { return };
    let theirs = scene.written_to(ALICE).remove(0).raw;
    let resent = [b"Resent-From: alice@example.org\r\n", theirs.as_slice()].concat();
    for mail in [theirs, resent] {
        scene.send(Post::new(&mail).to(USER).sender(ALICE.1));
    }
    still_speaks(&scene);
    nothing_more(scene, 2);
}

#[test]
fn under_another_message_id() {
    let Some((scene, series, ours)) = answered() else { return };
    let id = Message(&ours).id();
    let other = String::from_utf8(ours).unwrap().replace(id.as_str(), "other@relay.example.com");
    assert!(other.contains(&series.message_id()));
    scene.send(Post::new(other.as_bytes()).unsigned());
    is_stopped(&scene, "a mail came under our address that nothing here has sent");
    nothing_more(scene, 1);
}

/// A relay that also takes away what marks a program's mail.
#[test]
fn under_another_message_id_without_marks() {
    let Some((scene, _, ours)) = answered() else { return };
    let id = Message(&ours).id();
    let other = String::from_utf8(ours).unwrap().replace(id.as_str(), "other@relay.example.com");
    let marks = ["auto-submitted:", "precedence:", "x-loop:", "x-tidewaiter:"];
    let kept = other
        .lines()
        .filter(|line| !marks.iter().any(|mark| line.to_ascii_lowercase().starts_with(mark)));
    let other = kept.collect::<Vec<_>>().join("\n");
    scene.send(Post::new(other.as_bytes()).unsigned());
    is_stopped(&scene, "a mail came under our address that nothing here has sent");
    nothing_more(scene, 1);
}

struct Message<'a>(&'a [u8]);

impl Message<'_> {
    fn id(&self) -> MessageId {
        tidewaiter_mail::Message::parse(self.0).message_id.unwrap()
    }
}

/// A person who quotes all of it: as mail programs do that, and below the line of a forwarded mail.
#[test]
fn a_person_quotes_it_whole() {
    let Some((scene, _, ours)) = answered() else { return };
    for (number, mark) in ["> ", "| ", ""].into_iter().enumerate() {
        let quoted: Vec<String> =
            text_of(&ours).lines().map(|line| format!("{mark}{line}")).collect();
        let text = format!("What is this?\n\n-----Original Message-----\n{}", quoted.join("\n"));
        let id = format!("quotes-{number}@example.net");
        scene.say(&answer_to_bot(&ours, &id, BOB, &text));
        scene.say(&answer_in_thread(&ours, &format!("in-thread-{id}"), BOB, &text));
    }
    still_speaks(&scene);
    nothing_more(scene, 2);
}

/// What a program answers for its owner, as RFC 3834 has it and as programs do it.
fn vacation(ours: &[u8], number: usize, who: Person, header: &[(&str, &str)]) -> Vec<u8> {
    let id = format!("vacation-{number}@example.org");
    let quoted: Vec<String> = text_of(ours).lines().map(|line| format!("> {line}")).collect();
    let text = format!("I am away until Monday.\n\n{}", quoted.join("\n"));
    // Programs name the thread or do not.
    let answer = if number.is_multiple_of(2) { answer_in_thread } else { answer_to_bot };
    let mail = answer(ours, &id, who, &text);
    header.iter().fold(mail, |mail, (name, value)| mail.header(name, value)).build()
}

/// The marks of programs: sieve's, Exchange's, an old one's, and none.
const MARKS: [&[(&str, &str)]; 4] = [
    &[("Auto-Submitted", "auto-replied (vacation)"), ("Precedence", "bulk")],
    &[("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")],
    &[("X-Autoreply", "yes")],
    &[],
];

/// However many authors are on holiday, the bot does not take that for bounces.
#[test]
fn vacations() {
    let Some((scene, _, ours)) = answered() else { return };
    let people = [ALICE, BOB, ALICE, BOB, ALICE];
    for (number, who) in people.into_iter().cycle().enumerate().take(20) {
        let mail = vacation(&ours, number, who, MARKS[number % MARKS.len()]);
        // RFC 3834 section 3.3 wants no sender in the envelope; some have one all the same.
        let sender = if number % 5 < 3 { "" } else { who.1 };
        scene.send(Post::new(&mail).to(USER).sender(sender));
        scene.send(Post::new(&mail).sender(sender));
    }
    still_speaks(&scene);
    nothing_more(scene, 2);
}

/// What a server says of a mail of ours that it could not deliver (RFC 3464).
fn bounce(ours: &[u8], number: usize) -> Vec<u8> {
    let head = String::from_utf8_lossy(ours).replace("\r\n", "\n");
    let head = head.split("\n\n").next().unwrap().to_owned();
    format!(
        "From: MAILER-DAEMON@mx.example.org (Mail Delivery System)\nTo: {USER}\n\
         Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\n\
         Date: Thu, 28 May 2026 20:30:00 +0000\nMessage-ID: <bounce-{number}@mx.example.org>\n\
         MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status;\n\
         \tboundary=\"b{number}\"\n\n--b{number}\n\nIt could not be delivered.\n\n--b{number}\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n\
         Final-Recipient: rfc822; alice@example.org\nAction: failed\nStatus: 5.1.1\n\n\
         --b{number}\nContent-Type: text/rfc822-headers\n\n{head}\n\n--b{number}--\n"
    )
    .into_bytes()
}

#[test]
fn bounces() {
    let Some((scene, _, ours)) = answered() else { return };
    for number in 0..2 {
        scene.send(Post::new(&bounce(&ours, number)).to(USER).sender(""));
    }
    scene.wait_until_stored();
    // One that speaks of a mail that was never sent counts for nothing.
    let id = Message(&ours).id();
    let none = String::from_utf8(bounce(&ours, 7)).unwrap();
    let none = none.replace(id.as_str(), "tw.00000000000000000000000000000000@bot.example");
    scene.send(Post::new(none.as_bytes()).to(USER).sender(""));
    scene.wait_until_stored();
    assert_eq!(scene.stopped(), None);
    scene.send(Post::new(&bounce(&ours, 8)).to(USER).sender(""));
    is_stopped(&scene, "too many replies bounced in a day");
    nothing_more(scene, 1);
}

/// A program that answers whatever it gets, with no sign that it is one, and that we would answer
/// if we answered what it says.
#[test]
fn another_program_answers_and_is_answered() {
    let Some((scene, series, ours)) = answered() else { return };
    let robot = ("Review Robot", "robot@example.net");
    let mut last = ours.clone();
    for round in 0..5 {
        let id = format!("robot-{round}@example.net");
        let text = format!("tidewaiter: why\n\nThanks for your patch!\n\n{}", text_of(&last));
        let mail = answer_in_thread(&last, &id, robot, &text).build();
        scene.send(Post::new(&mail));
        last = mail;
    }
    // One in the author's name, who may ask; it is answered once, whatever it says to that.
    for round in 0..5 {
        let id = format!("own-{round}@example.org");
        scene.say(&answer(&series, &id, ALICE, "tidewaiter: why"));
    }
    scene.wait("the author is answered", |scene| scene.written_to(ALICE).len() == 2);
    for round in 0..5 {
        let why = scene.written_to(ALICE).pop().unwrap().raw;
        let id = format!("again-{round}@example.org");
        let mail = answer_to_bot(&why, &id, ALICE, "tidewaiter: why\ntidewaiter: recheck");
        scene.send(Post::new(&mail.build()).to(USER).sender(ALICE.1));
    }
    still_speaks(&scene);
    assert_eq!(scene.written_to(ALICE).len(), 2);
    nothing_more(scene, 2);
}

/// The same mail on both lists is one series, and our answer on the other list is none.
#[test]
fn two_lists() {
    const OTHER: &str = "qemu-block@nongnu.org";
    let patient = Setup::default().list.replace("0s", "30m");
    let Some(mut scene) = Scene::new(Setup { list: patient, ..Setup::default() }) else { return };
    scene.start_watching();
    [plain(8, ALICE), plain(9, BOB)].iter().for_each(|patch| scene.say(patch));
    scene.hours_later(1);
    let series = declared(1, ALICE).cc(OTHER);
    for list in [OTHER, LIST] {
        scene.rig.send_in_order(Post::new(&series.build()).to(list));
    }
    scene.hours_later(1);
    scene.wait_until_seen(&series);
    let ours = scene.spoken().remove(0);
    // A member sends what the one list has to the other.
    scene.send(Post::new(&ours.raw).to(OTHER).sender(BOB.1));
    assert_eq!(ours.list, LIST);
    scene.say(&declared(2, BOB));
    nothing_more(scene, 2);
}

/// A program's own patches are answered no more than its answers.
#[test]
fn a_programs_series() {
    let Some((scene, ..)) = answered() else { return };
    let robot = declared(3, ALICE).header("Auto-Submitted", "auto-generated");
    scene.say(&robot);
    scene.wait_until_judged(&robot);
    assert_eq!(scene.record(&robot)["silence"], "automatic");
    let own = declared(4, ("tidewaiter", USER)).at(BEGIN);
    scene.forge(&own);
    is_stopped(&scene, "a mail came under our address that nothing here has sent");
    assert_eq!(scene.replies_in(ReplyState::Ready), 1, "what waits when it stops waits on");
    nothing_more(scene, 1);
}
