//! What people tell the program by mail, from the mail to what is sent.

use tidewaiter_mail::Message;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{builder::Mail, dovecot::USER, rig::Post};

use crate::{
    people::{ALICE, BEGIN, BOB, MALLORY, OLGA, Person, answer, declared, id_of_reply, plain},
    scene::{Scene, Setup},
};

fn started(setup: Setup) -> Option<Scene> {
    let mut scene = Scene::new(setup)?;
    scene.start_watching();
    Some(scene)
}

/// A word said to the bot alone.
fn private(id: &str, who: Person, text: &str) -> Mail {
    Mail::plain("a word").from(who.0, who.1).to(USER).id(id).at(BEGIN).body(text)
}

impl Scene {
    fn say_to_bot(&self, mail: &Mail) {
        self.send(Post::new(&mail.build()).to(USER).sender(mail.sender().1));
    }

    fn forge_to_bot(&self, mail: &Mail) {
        self.send(Post::new(&mail.build()).to(USER).sender(mail.sender().1).unsigned());
    }

    fn silence(&self, series: &Mail) -> serde_json::Value {
        self.record(series)["silence"].clone()
    }
}

/// Anybody's, with no proof; it lasts through later versions, and is about this series alone.
#[test]
fn no_while_a_series_settles() {
    let patient = Setup::default().list.replace("0s", "12h");
    let Some(mut scene) = started(Setup { list: patient, ..Setup::default() }) else { return };
    [plain(8, ALICE), plain(9, BOB)].iter().for_each(|patch| scene.say(patch));
    scene.hours_later(13);
    let (series, other) = (declared(1, ALICE), declared(2, BOB));
    [&series, &other].iter().for_each(|mail| scene.say(mail));
    scene.forge(&answer(&series, "no@example.com", MALLORY, "Please.\n\ntidewaiter: no"));
    scene.hours_later(13);
    scene.wait_until_seen(&other);
    assert_eq!(scene.silence(&series), "opt-out");
    let later =
        declared(1, ALICE).version(2).id("frob-1-v2@example.org").diff("hw/misc/new.c", 3, 1);
    scene.say(&later);
    scene.hours_later(13);
    assert_eq!(scene.record(&later)["supersedes"], series.message_id());
    assert_eq!(scene.silence(&later), "opt-out");
    scene.hours_later(100);
    assert_eq!(scene.spoken().len(), 1);
    assert_eq!((scene.reply_to(&series), scene.reply_to(&later)), (None, None));
    scene.assert_only(&[BOB]);
    scene.assert_well();
}

/// A reply that is written and waits for the end of quiet hours, and one that waits for a person.
#[test]
fn no_while_a_reply_waits() {
    let quiet = [&Setup::default().list, "quiet-hours = \"20:00-22:00\"\n"].concat();
    let Some(mut scene) = started(Setup { list: quiet, ..Setup::default() }) else { return };
    scene.introduce(&[ALICE, BOB]);
    let (series, other, first) = (declared(1, ALICE), declared(2, BOB), declared(3, MALLORY));
    [&series, &other, &first].iter().for_each(|mail| scene.say(mail));
    scene.wait_until_judged(&first);
    let state = |scene: &Scene, series| scene.reply_to(series).unwrap().state;
    assert_eq!(state(&scene, &series), ReplyState::Ready);
    assert_eq!(state(&scene, &first), ReplyState::Held);
    scene.forge(&answer(&series, "no1@example.com", MALLORY, "tidewaiter: no"));
    scene.forge(&answer(&first, "no2@example.com", BOB, "patchchecker: no"));
    scene.wait("both are cancelled", |scene| scene.replies_in(ReplyState::Cancelled) == 2);
    scene.hours_later(3);
    scene.hours_later(1);
    scene.wait_until_seen(&other);
    assert_eq!(state(&scene, &series), ReplyState::Cancelled);
    assert_eq!(state(&scene, &first), ReplyState::Cancelled);
    assert_eq!(scene.spoken().len(), 1);
    scene.assert_only(&[BOB]);
    scene.assert_well();
}

const MAINTAINER: Person = ("Mia Maintainer", "mia@example.com");

/// To the asker alone, once; whoever may not ask, or is not proven to be there, is not answered.
#[test]
fn why() {
    let caps = Setup::default().caps.replace("thread = 2", "thread = 20");
    let files = "maintainers = \"MAINTAINERS\"".to_owned();
    let Some(mut scene) = Scene::new(Setup { caps, files, ..Setup::default() }) else { return };
    let text = "Frobs\nM: Mia Maintainer <mia@example.com>\nS: Maintained\nF: hw/misc/\n";
    std::fs::write(scene.path("MAINTAINERS"), text).unwrap();
    scene.start_watching();
    scene.introduce(&[ALICE, BOB]);
    let series = declared(1, ALICE);
    scene.spoken_of(&series);
    let ask = |n: usize, who| {
        answer(&series, &format!("why{n}@example.org"), who, "tidewaiter: why")
            .header("Reply-To", "victim@example.com")
    };
    // Nobody who may: forged, strangers, an old one.
    scene.forge(&ask(0, ALICE));
    scene.forge(&ask(1, OLGA));
    scene.say(&ask(2, BOB));
    scene.say(&ask(3, MALLORY));
    scene.say(&ask(4, ALICE).at(BEGIN - 90 * 3600));
    scene.wait_until_stored();
    assert_eq!(scene.written().len(), 1, "the copy of the note");
    for n in 10..13 {
        scene.say(&ask(n, ALICE));
    }
    scene.say(&ask(20, MAINTAINER));
    scene.say(&ask(21, OLGA));
    scene.say(&ask(22, MAINTAINER));
    scene.wait("three are answered", |scene| scene.written().len() == 4);
    scene.hours_later(30);
    scene.say(&ask(30, ALICE).at(scene.rig.clock().now().as_second()));
    scene.hours_later(30);
    assert_eq!(scene.spoken().len(), 1);
    for who in [ALICE, MAINTAINER, OLGA] {
        let theirs = scene.written_to(who).pop().unwrap();
        let mail = Message::parse(&theirs.raw);
        let all: Vec<_> = mail.recipients().map(|p| p.address.clone().unwrap()).collect();
        assert_eq!(all.iter().map(|a| a.as_str()).collect::<Vec<_>>(), [who.1]);
        assert!(mail.in_reply_to.unwrap().as_str().starts_with("why"));
    }
    assert_eq!(scene.written().len(), 4);
    scene.assert_only(&[ALICE, MAINTAINER, OLGA]);
    scene.assert_well();
}

#[test]
fn a_flood_of_words() {
    let Some(mut scene) = started(Setup::default()) else { return };
    scene.introduce(&[ALICE, BOB]);
    let all: Vec<Mail> = (1..=12).map(|n| declared(n, ALICE)).collect();
    for series in &all {
        scene.say(series);
    }
    all.iter().for_each(|series| scene.wait_until_seen(series));
    let before = scene.written_to(ALICE).len();
    let words = "tidewaiter: why\ntidewaiter: recheck\n".repeat(200);
    for (n, series) in all.iter().enumerate() {
        scene.say(&answer(series, &format!("w{n}@example.org"), ALICE, &words));
    }
    scene.hours_later(2);
    // Three words: why, recheck, why.
    scene.wait("two are answered", |scene| scene.written_to(ALICE).len() == before + 2);
    assert!(scene.log().contains("its sender has said as many as may be in a day"));
    // Quiet is never refused.
    let quiet = declared(50, ALICE);
    scene.say(&answer(&quiet, "q@example.org", ALICE, "tidewaiter: no"));
    scene.say(&quiet);
    scene.wait_until_judged(&quiet);
    assert_eq!(scene.silence(&quiet), "opt-out");
    scene.hours_later(30);
    assert_eq!(scene.written_to(ALICE).len(), before + 2);
    scene.assert_only(&[ALICE]);
    scene.assert_well();
}

#[test]
fn recheck_and_never() {
    let Some(mut scene) = started(Setup::default()) else { return };
    scene.introduce(&[ALICE, BOB]);
    let series = declared(1, ALICE);
    scene.spoken_of(&series);
    let judged = "a series was judged: hw/misc: frob number 1 ";
    let ask = |id, who| answer(&series, id, who, "tidewaiter: recheck");
    scene.forge(&ask("r1@example.org", ALICE));
    scene.say(&ask("r2@example.org", BOB));
    // What was said is recorded in its time, too: how often it is judged tells nothing.
    let refused = "a word was not followed";
    scene.wait("none of them is followed", |scene| scene.count_in_log(refused) == 2);
    scene.wait_until_stored();
    let before = scene.count_in_log(judged);
    scene.say(&ask("r3@example.org", ALICE));
    scene.wait("it is judged again", |scene| scene.count_in_log(judged) > before);
    assert_eq!(scene.count_in_log(refused), 2);

    let wish = |id, who| private(id, who, "tidewaiter: never");
    scene.forge_to_bot(&wish("n1@example.org", ALICE));
    scene.say_to_bot(&wish("n2@example.com", MALLORY));
    scene.wait_until_stored();
    scene.spoken_of(&declared(2, ALICE));
    scene.say_to_bot(&wish("n3@example.org", ALICE));
    scene.wait("it is followed", |scene| scene.log().contains("wants no notes any more"));
    let third = declared(3, ALICE);
    scene.say(&third);
    scene.wait_until_judged(&third);
    assert_eq!(scene.silence(&third), "opt-out");
    // The wish of one is no other's, and holds after a restart.
    scene.spoken_of(&declared(4, BOB));
    assert!(scene.end().success());
    scene.start_watching();
    let fifth = declared(5, ALICE);
    scene.say(&fifth);
    scene.hours_later(30);
    assert_eq!(scene.silence(&fifth), "opt-out");
    assert_eq!(scene.spoken().len(), 3);
    scene.assert_only(&[ALICE, BOB]);
    scene.assert_well();
}

#[test]
fn an_operator_releases() {
    let hold = "mode = \"hold\"\nsettle = \"0s\"\n".to_owned();
    let Some(mut scene) = started(Setup { list: hold, ..Setup::default() }) else { return };
    scene.introduce(&[ALICE, BOB]);
    let (series, other) = (declared(1, ALICE), declared(2, BOB));
    [&series, &other].iter().for_each(|mail| scene.say(mail));
    scene.wait_until_judged(&other);
    assert_eq!(scene.replies_in(ReplyState::Held), 2);
    let word = format!("tidewaiter: release <{}>", id_of_reply(&series));
    let say = |n: usize, who| private(&format!("release-{n}@example.net"), who, &word);
    scene.forge_to_bot(&say(1, OLGA));
    scene.say_to_bot(&say(2, MALLORY));
    scene.say_to_bot(&say(3, ALICE));
    scene.forge(&answer(&series, "release-4@example.net", OLGA, &word));
    scene.say_to_bot(&say(5, ("Olga Operator", "olga@example.net.example.com")));
    scene.say_to_bot(&private("release-6@example.net", OLGA, &format!("> {word}")));
    scene.hours_later(1);
    assert_eq!(scene.replies_in(ReplyState::Held), 2);
    assert_eq!((scene.spoken().len(), scene.written().len()), (0, 0));
    scene.say_to_bot(&say(7, OLGA));
    scene.wait_until_seen(&series);
    scene.say_to_bot(&say(8, OLGA));
    scene.hours_later(60);
    assert_eq!(scene.spoken().len(), 1);
    assert_eq!(scene.reply_to(&other).unwrap().state, ReplyState::Held);
    scene.assert_only(&[ALICE]);
    scene.assert_well();
}

#[test]
fn an_operator_stops() {
    let Some(mut scene) = started(Setup::default()) else { return };
    scene.introduce(&[ALICE, BOB]);
    let series = declared(1, ALICE);
    scene.spoken_of(&series);
    scene.forge_to_bot(&private("stop1@example.net", OLGA, "tidewaiter: stop"));
    scene.say_to_bot(&private("stop2@example.com", MALLORY, "tidewaiter: stop"));
    scene.say(&answer(&series, "stop3@example.net", BOB, "tidewaiter: stop"));
    scene.wait_until_stored();
    assert_eq!(scene.stopped(), None);
    scene.spoken_of(&declared(2, BOB));
    scene.say_to_bot(&private("stop4@example.net", OLGA, "tidewaiter: stop"));
    scene.wait("it stops", |scene| scene.stopped().is_some());
    let next = declared(3, BOB);
    scene.say(&next);
    scene.hours_later(1);
    scene.hours_later(60);
    assert_eq!(scene.reply_to(&next).unwrap().state, ReplyState::Ready);
    assert_eq!(scene.spoken().len(), 2);
    scene.assert_only(&[ALICE, BOB]);
    scene.assert_well();
}
