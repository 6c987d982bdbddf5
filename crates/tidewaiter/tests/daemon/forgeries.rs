//! Mails that say what is not so: nobody is written to who should not be, nothing is put down to
//! the wrong person, and nothing is taken for an agreement.

use std::fs;

use serde_json::Value;
use test_case::test_case;
use tidewaiter_mail::Message;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{
    builder::{Mail, thread},
    rig::Post,
};

use crate::{
    people::{ALICE, BEGIN, BOB, MALLORY, Person, answer, declared, id_of_reply, plain},
    program::root,
    scene::{AUTHSERV, LIST, Scene, Setup},
};

pub(crate) const MAINTAINER: Person = ("Mia Maintainer", "mia@example.com");
/// Who looks after what is patched; the victim is no maintainer.
const MAINTAINERS: &str = "Frobs\nM: Mia Maintainer <mia@example.com>\nR: Rob Reader <victim@example.com>\n\
    L: victim@example.com\nS: Maintained\nF: hw/misc/\n";

/// Everything is said on the list.
pub(crate) const LISTED: &str = "mode = \"list\"\ndecline = \"list\"\n";

/// A world where series settle for an hour and people are known, with a MAINTAINERS.
pub(crate) fn settling(list: &str, more: impl Fn(&mut Setup)) -> Option<Scene> {
    let list = format!("settle = \"1h\"\n{list}");
    let files = "maintainers = \"MAINTAINERS\"\npolicies = \"policies\"".to_owned();
    let mut setup = Setup { list, files, ..Setup::default() };
    more(&mut setup);
    let mut scene = Scene::new(setup)?;
    fs::write(scene.path("MAINTAINERS"), MAINTAINERS).unwrap();
    let policy = fs::read_to_string(root().join("config/policies/qemu-proposed-2026-05.toml"));
    let policy = policy.unwrap().replace("qemu-proposed-2026-05", "qemu-allows");
    let policy = policy.replacen("status = \"proposed\"", "status = \"in-force\"", 1);
    fs::create_dir(scene.path("policies")).unwrap();
    fs::write(scene.path("policies/qemu-allows.toml"), policy).unwrap();
    scene.start_watching();
    [plain(8, ALICE), plain(9, BOB), plain(10, MALLORY)].iter().for_each(|mail| scene.say(mail));
    scene.hours_later(2);
    Some(scene)
}

/// A header that claims that the domain of the maintainer signed, as far as it can.
fn claims() -> Vec<String> {
    let pass = "dkim=pass header.d=example.com";
    vec![
        format!("{AUTHSERV}; {pass}"),
        format!("\n {AUTHSERV}; {pass}"),
        format!("(first)\n\t{AUTHSERV}\n ; {pass}"),
        format!("\"{AUTHSERV}\"; {pass}"),
        format!("{}; {pass}", AUTHSERV.to_uppercase()),
        format!("{AUTHSERV} 1; {pass} (ok)"),
        format!("other.example; none\nAuthentication-Results: {AUTHSERV}; {pass}"),
    ]
}

/// What of a series' agreements counts.
fn counted(record: &Value) -> Vec<&Value> {
    let all = record["agreements"].as_array().unwrap();
    all.iter().filter(|agreement| agreement["counts"] == true).collect()
}

const AGREES: &str = "Reviewed-by: Mia Maintainer <mia@example.com>";

#[test]
fn agreements() {
    let allows = |setup: &mut Setup| setup.policy = "qemu-allows".to_owned();
    let Some(mut scene) = settling(LISTED, allows) else { return };
    // Nothing is wrong with any but what is said here: one of another day would not count anyway.
    let now = scene.rig.clock().now().as_second();
    let answer = |to: &Mail, id: &str, who: Person, text: &str| answer(to, id, who, text).at(now);
    let mut all: Vec<Mail> = Vec::new();
    let mut next = |scene: &Scene, forge: &dyn Fn(&Mail, &str) -> Vec<Mail>| {
        let number = 100 + all.len();
        let series = declared(number, ALICE).diff(&format!("hw/misc/more{number}.c"), 40, 0);
        scene.say(&series);
        for mail in forge(&series, &format!("forged-{number}@example.com")) {
            scene.forge(&mail);
        }
        all.push(series);
    };
    let word = "tidewaiter: agree";
    next(&scene, &|series, id| vec![answer(series, id, MAINTAINER, AGREES)]);
    next(&scene, &|series, id| vec![answer(series, id, MAINTAINER, word)]);
    for claim in claims() {
        next(&scene, &|series, id| {
            let mail = answer(series, id, MAINTAINER, word);
            vec![mail.above("Authentication-Results", &claim)]
        });
        next(&scene, &|series, id| {
            let mail = answer(series, id, MAINTAINER, AGREES);
            vec![mail.header("Authentication-Results", &claim)]
        });
    }
    // The author points at a forged agreement, and brings a review along.
    next(&scene, &|series, id| {
        let own =
            answer(series, "pointer@example.org", ALICE, &format!("tidewaiter: agreed <{id}>"));
        scene.say(&own);
        vec![answer(series, id, MAINTAINER, word)]
    });
    next(&scene, &|series, _| {
        let own = answer(series, "brought@example.org", ALICE, &format!("{AGREES}\n\n{word}"));
        scene.say(&own);
        vec![]
    });
    // Mallory, whom their own domain vouches for, under somebody's name.
    for (number, who) in [
        ("mia@example.com", "mallory@example.net"),
        ("Mia Maintainer <mia@example.com>", "mallory@example.net"),
        ("Mia Maintainer", "mia@example.com.example.net"),
        ("Mia Maintainer", "mia@sub.example.com"),
    ]
    .into_iter()
    .enumerate()
    {
        next(&scene, &|series, _| {
            let id = format!("mallory-{number}@example.net");
            scene.say(&answer(series, &id, who, word).header("Sender", "mia@example.com"));
            vec![]
        });
    }
    // Two people in From, and two such fields.
    for (number, from) in [
        "Mia Maintainer <mia@example.com>, Mallory <mallory@example.net>",
        "Mallory <mallory@example.net>\nFrom: Mia Maintainer <mia@example.com>",
        "Mia Maintainer <mia@example.com>\nFrom: Mallory <mallory@example.net>",
    ]
    .into_iter()
    .enumerate()
    {
        next(&scene, &|series, _| {
            let id = format!("two-{number}@example.net");
            let mail = answer(series, &id, MAINTAINER, word).build();
            let mail = String::from_utf8(mail).unwrap();
            let old = "From: Mia Maintainer <mia@example.com>";
            assert!(mail.contains(old));
            scene.send(Post::new(mail.replace(old, &format!("From: {from}")).as_bytes()));
            vec![]
        });
    }
    // The real one.
    let real = declared(99, ALICE).diff("hw/misc/more99.c", 40, 0);
    scene.say(&real);
    scene.say(&answer(&real, "real@example.com", MAINTAINER, word));
    scene.hours_later(2);
    let record = scene.record(&real);
    assert_eq!(counted(&record).len(), 1, "{record}");
    assert_eq!(record["outcome"], "disclosure");
    let mut told = 0;
    for series in &all {
        let record = scene.record(series);
        assert_eq!(counted(&record), Vec::<&Value>::new(), "{record:#}");
        assert_eq!(record["outcome"], "ask", "{record:#}");
        told += record["agreements"].as_array().unwrap().len();
    }
    assert!(told >= all.len() / 2, "{told} of {} were seen at all", all.len());
    println!("{} forged agreements, {told} shown as none", all.len());
    scene.hours_later(48);
    scene.assert_only(&[ALICE]);
    scene.assert_well();
}

/// A series, and a comment on an honest one, in Alice's name.
#[test_case(LISTED; "list")]
#[test_case("mode = \"author\"\ndecline = \"author\"\n"; "author")]
#[test_case("mode = \"digest\"\ndigest-every = \"day\"\n"; "digest")]
fn declarations(mode: &str) {
    let Some(mut scene) = settling(mode, |_| {}) else { return };
    let forged = declared(1, ALICE);
    scene.forge(&forged);
    let honest = plain(2, ALICE).signed_off();
    scene.say(&honest);
    let text = "Indeed this was generated with ChatGPT.\n\nAI-used-for: code\nAssisted-by: ChatGPT";
    scene.forge(&answer(&honest, "comment@example.org", ALICE, text));
    // A part of an honest series that is none of it.
    let cover = Mail::cover("hw/misc: two").from(ALICE.0, ALICE.1).to(LIST);
    let parts =
        vec![plain(31, ALICE).id("p31@example.org"), plain(32, ALICE).id("p32@example.org")];
    let series = thread(BEGIN, Some(cover), parts);
    series.iter().for_each(|mail| scene.say(mail));
    let part = declared(33, ALICE).part(1, 2).in_reply_to(&series[0].message_id());
    scene.forge(&part);
    scene.hours_later(2);
    let waits: [Value; 3] =
        ["unverified-sender".into(), "digest".into(), "author-unreachable".into()];
    for series in [&forged, &honest, &series[0]] {
        let record = scene.record(series);
        assert!(waits.contains(&record["reply"]["held_by"]), "{record:#}");
    }
    scene.hours_later(26);
    scene.hours_later(50);
    assert_eq!(scene.spoken().len(), 0);
    for mail in scene.written() {
        let text = Message::parse(&mail.raw).body;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(!text.contains("Alice"), "{text}");
        assert_eq!(text.matches("(nothing vouches for who sent it)").count(), 3, "{text}");
    }
    assert_eq!(scene.written().len(), usize::from(mode.contains("digest")));
    scene.assert_only(&[("", "olga@example.net")]);
    scene.assert_well();
}

/// Nobody replaces a series but its author.
#[test]
fn newer_versions() {
    let Some(mut scene) = settling(LISTED, |_| {}) else { return };
    let all: Vec<Mail> = (1..=4).map(|number| declared(number, ALICE)).collect();
    all.iter().for_each(|series| scene.say(series));
    let [by_name, by_word, in_thread, in_her_name] = &all[..] else { unreachable!() };
    let newer = |of: &Mail, id: &str, who: Person| {
        let number = of.message_id().split(['-', '@']).nth(1).unwrap().parse().unwrap();
        plain(number, who).id(id).version(99).diff("hw/misc/newer.c", 3, 1)
    };
    let by = |mail: Mail, of: &Mail| {
        let text = format!("Supersedes: <{}>", of.message_id());
        mail.body(&text)
    };
    scene.say(&newer(by_name, "n1@example.com", MALLORY));
    let word = newer(by_word, "n2@example.com", MALLORY);
    scene.say(&by(word, by_word));
    scene.say(&newer(in_thread, "n3@example.com", MALLORY).in_reply_to(&in_thread.message_id()));
    let text = format!("Supersedes: <{}>", by_word.message_id());
    scene.say(&answer(by_word, "n4@example.com", MALLORY, &text));
    let hers = newer(in_her_name, "n5@example.org", ALICE);
    scene.forge(&by(hers.clone(), in_her_name).in_reply_to(&in_her_name.message_id()));
    // And one that comes after it was said that a tag got lost.
    let before = declared(7, ALICE).id("before@example.org");
    scene.forge(&before);
    let after = plain(7, ALICE).version(2).id("after@example.org");
    scene.hours_later(2);
    for series in &all {
        scene.wait_until_seen(series);
    }
    scene.say(&after);
    scene.hours_later(2);
    let record = scene.record(&after);
    assert_eq!(record["outcome"], "silent", "{record:#}");
    // The same patch in her name before she sends it is no reason to take hers for a repost.
    let own = declared(6, ALICE);
    scene.forge(&declared(6, ALICE).id("early@example.org"));
    scene.say(&own);
    scene.hours_later(2);
    scene.wait_until_seen(&own);
    let again = declared(6, ALICE).id("again@example.org");
    scene.say(&again);
    scene.hours_later(2);
    assert_eq!(scene.record(&again)["not_judged"], "repost");
    // Her own replaces it.
    let waits = declared(5, ALICE);
    let own = plain(5, ALICE).version(2).id("own@example.org").diff("hw/misc/own.c", 3, 1);
    [&waits, &own].iter().for_each(|mail| scene.say(mail));
    scene.hours_later(2);
    assert_eq!(scene.record(&waits)["silence"], "superseded");
    scene.hours_later(48);
    assert_eq!(scene.spoken().len(), all.len() + 1);
    scene.assert_only(&[ALICE]);
    scene.assert_well();
}

/// Another's Message-ID, before it and after it.
#[test]
fn message_ids() {
    let Some(mut scene) = settling(LISTED, |_| {}) else { return };
    // The id of what the bot will say, which nobody can know who has not its key.
    let known = declared(1, ALICE);
    let guess = Mail::plain("hello").from(MALLORY.0, MALLORY.1).to(LIST);
    scene.say(&guess.id(id_of_reply(&known).as_str()).body("The text that you wait for."));
    scene.say(&known);
    // One that came before, one after, each with another's statement in it.
    let (first, later) = (plain(2, ALICE).signed_off(), plain(3, ALICE).signed_off());
    let twin = |of: &Mail, n| declared(n, MALLORY).id(&of.message_id());
    scene.say(&twin(&first, 12));
    [&first, &later].iter().for_each(|mail| scene.say(mail));
    scene.forge(&declared(13, ALICE).id(&later.message_id()));
    // One whose id comes again when it was spoken of.
    let spoken = declared(4, BOB);
    scene.say(&spoken);
    scene.hours_later(2);
    scene.wait_until_seen(&spoken);
    scene.say(&declared(14, MALLORY).id(&spoken.message_id()));
    scene.hours_later(2);
    assert_eq!(scene.reply_to(&known).unwrap().state, ReplyState::Doubt);
    assert_eq!((scene.reply_to(&first), scene.reply_to(&later)), (None, None));
    scene.hours_later(60);
    assert_eq!(scene.stopped(), None);
    assert_eq!(scene.spoken().len(), 1);
    assert!(scene.log().contains("another mail came under the Message-ID"));
    scene.assert_only(&[BOB]);
    scene.assert_well();
}
