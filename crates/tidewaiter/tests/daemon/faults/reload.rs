//! SIGHUP, and files that change while the daemon runs.

use std::{
    fs,
    process::Command,
    time::{Duration, Instant},
};

use tidewaiter_store::ReplyState;
use tidewaiter_testkit::rig::Post;

use super::{ALICE, a_while, short, watching};
use crate::{
    program::root,
    scene::{Scene, Setup, patch},
};

const READ_AGAIN: &str = "the configuration was read again and is in force";

impl Scene {
    pub(super) fn reload(&self) {
        let before = self.count_in_log(READ_AGAIN);
        self.signal("HUP");
        self.wait_times_in_log(READ_AGAIN, before + 1);
    }

    /// Changes the configuration's file.
    pub(super) fn edit(&self, change: impl FnOnce(String) -> String) {
        let file = self.path("tidewaiter.toml");
        let text = change(fs::read_to_string(&file).unwrap());
        fs::write(file, text).unwrap();
    }

    /// To whom the answer to a patch went.
    fn recipients(&self, number: usize) -> Vec<String> {
        let id = format!("<{}>", self.reply_to_patch(number).unwrap().id);
        let sent = self.spoken().into_iter().find(|mail| mail.message_id.as_ref() == Some(&id));
        sent.unwrap().recipients
    }
}

#[test]
fn from_observe_to_list_while_mails_come() {
    let observe = "mode = \"observe\"\nsettle = \"0s\"\n".to_owned();
    let Some(mut scene) = watching(Setup { list: observe, ..short() }) else { return };
    scene.post(0);
    scene.wait("it is judged", |s| s.count_in_log("series=\"patch-0\"") > 0);
    scene.setup.list = Setup::default().list;
    for number in 1..4 {
        scene.post(number);
    }
    scene.configure();
    scene.reload();
    for number in 4..8 {
        scene.post(number);
    }
    scene.signal("HUP");
    (4..8).for_each(|number| scene.wait_answered(number));
    a_while();
    assert_eq!(scene.answers(0), 0, "it was only observed");
    scene.assert_never_two();
    // And back: nothing more goes out.
    scene.setup.list = "mode = \"observe\"\nsettle = \"0s\"\n".to_owned();
    scene.configure();
    scene.reload();
    let before = scene.spoken().len();
    scene.post(8);
    scene.wait_until_stored();
    a_while();
    assert_eq!(scene.spoken().len(), before);
    assert_eq!(scene.stored(), scene.rig.delivered() as u64);
    scene.assert_never_two();
}

#[test]
fn a_list_is_added() {
    let Some(mut scene) = Scene::new(short()) else { return };
    scene.edit(|text| {
        let (first, rest) = text.rsplit_once("[[lists]]").unwrap();
        let (_, rest) = rest.split_once("[[mailboxes]]").unwrap();
        format!("{first}[[mailboxes]]{rest}")
    });
    scene.begin();
    let block = "qemu-block@nongnu.org";
    scene.rig.send(Post::new(&patch(0, ALICE)).to(block));
    scene.answers_again(1);
    assert_eq!(scene.reply_to_patch(0), None);
    scene.configure();
    scene.reload();
    scene.rig.send(Post::new(&patch(2, ALICE)).to(block));
    scene.wait_answered(2);
    assert!(scene.recipients(2).contains(&block.to_owned()), "{:?}", scene.recipients(2));
    assert_eq!(scene.reply_to_patch(0), None);
    scene.answers_again(3);
    scene.assert_never_two();
    assert_eq!(scene.stored(), scene.rig.delivered() as u64);
}

/// What is good, and what it is replaced by.
const BROKEN: &[(&str, &str)] = &[
    ("level = \"info\"", "level = \"loud\""),
    ("ca-file = ", "ca-file = \"key\"\n# "),
    ("host = \"localhost\"", "host = \"\""),
    ("[[mailboxes]]\n", "[[mailboxes]]\nmailbox = \"B\u{fc}ro\"\n"),
    ("[[mailboxes]]", "[mailboxes]"),
    ("password-file = ", "password-file = \"not-there\"\n# "),
];

#[test]
fn a_broken_configuration_keeps_the_old() {
    let Some(scene) = watching(short()) else { return };
    scene.answers_again(0);
    for (number, (good, broken)) in BROKEN.iter().enumerate() {
        scene.edit(|text| text.replacen(good, broken, 1));
        scene.signal("HUP");
        scene.wait_times_in_log("the old one stays", number + 1);
        scene.answers_again(number + 1);
        scene.configure();
        scene.reload();
        scene.wait_well("configuration");
    }
    scene.wait_alarm("configuration");
    scene.answers_again(BROKEN.len() + 1);
    scene.assert_sound(BROKEN.len() + 2);
    assert_eq!(scene.count_in_log("the mailboxes are watched anew"), 0);
}

#[test]
fn policies_and_maintainers_are_read_again() {
    let setup =
        Setup { list: format!("{}cc-maintainers = true\n", Setup::default().list), ..short() };
    let Some(mut scene) = Scene::new(setup) else { return };
    fs::create_dir(scene.path("policies")).unwrap();
    let policy = fs::read_to_string(root().join("config/policies/qemu-2025-06.toml")).unwrap();
    let policy = policy.replace("qemu-2025-06", "own");
    let own = scene.path("policies").join("own.toml");
    fs::write(&own, &policy).unwrap();
    let people = |name: &str| {
        let entry =
            format!("Frobs\nM: A. Maintainer <{name}@example.org>\nS: Maintained\nF: hw/misc/\n");
        format!("Maintainers\n===========\n\n{entry}")
    };
    fs::write(scene.path("MAINTAINERS"), people("first")).unwrap();
    scene.edit(|text| {
        let files = "key = \"key\"\npolicies = \"policies\"\nmaintainers = \"MAINTAINERS\"";
        text.replace("key = \"key\"", files).replace("\"qemu-2025-06\"", "\"own\"")
    });
    scene.begin();
    scene.answers_again(0);
    assert!(
        scene.recipients(0).contains(&"first@example.org".to_owned()),
        "{:?}",
        scene.recipients(0)
    );

    fs::write(scene.path("MAINTAINERS"), people("other.one")).unwrap();
    scene.wait_in_log("files that the configuration names have changed and were read again");
    scene.answers_again(1);
    assert!(scene.recipients(1).contains(&"other.one@example.org".to_owned()));
    assert!(!scene.recipients(1).contains(&"first@example.org".to_owned()));

    // A policy with a mistake leaves the old one in force.
    fs::write(&own, "this is no policy").unwrap();
    scene.wait_alarm("files");
    scene.wait_in_log("the old stays");
    scene.answers_again(2);
    // And a good one is in force at once.
    fs::write(&own, policy.replace("status = \"in-force\"", "status = \"retired\"")).unwrap();
    scene.wait_well("files");
    scene.post(3);
    scene.wait_until_stored();
    scene.wait("it is judged", |s| s.count_in_log("series=\"patch-3\"") > 0);
    a_while();
    assert_ne!(scene.state_of(3), Some(ReplyState::Seen));
    assert_eq!(scene.answers(3), 0);
    assert_eq!(scene.stored(), scene.rig.delivered() as u64);
    scene.assert_never_two();
}

/// A file that takes for ever to read holds up nothing: mails, signals, the end.
#[test]
fn everything_goes_on_while_it_is_read() {
    let Some(mut scene) = watching(short()) else { return };
    let slow = scene.path("slow");
    assert!(Command::new("mkfifo").arg(&slow).status().unwrap().success());
    let name_it =
        |text: String| text.replace("key = \"key\"", "key = \"key\"\nmaintainers = \"slow\"");
    scene.edit(name_it);
    scene.signal("HUP");
    // A second one meanwhile is taken after it.
    std::thread::sleep(Duration::from_millis(300));
    scene.configure();
    scene.signal("HUP");
    scene.answers_again(0);
    assert_eq!(scene.count_in_log(READ_AGAIN), 0);
    fs::write(&slow, "Maintainers\n===========\n\nFrobs\nM: A. B <a@example.org>\nF: hw/misc/\n")
        .unwrap();
    scene.wait_times_in_log(READ_AGAIN, 2);
    scene.answers_again(1);
    // And once more, for a stop and for the end.
    scene.edit(name_it);
    scene.signal("HUP");
    std::thread::sleep(Duration::from_millis(300));
    scene.signal("USR1");
    scene.wait_alarm("stop");
    scene.wait("it is written down", |s| s.store().stopped().unwrap().is_some());
    let began = Instant::now();
    assert!(scene.end().success(), "{}", scene.log());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    scene.assert_sound(2);
}

/// A store that failed at the wrong moment leaves such a reply, and nobody may be there to send any
/// more.
#[test]
fn what_is_armed_with_nobody_to_send_it_is_in_doubt() {
    let Some(mut scene) = watching(short()) else { return };
    scene.answers_again(0);
    scene.setup.list = "mode = \"observe\"\nsettle = \"0s\"\n".to_owned();
    scene.configure();
    scene.reload();
    let store = rusqlite::Connection::open(scene.path("tidewaiter.sqlite")).unwrap();
    let id = scene.reply_to_patch(0).unwrap().id;
    store.execute("UPDATE replies SET state = 'armed' WHERE id = ?1", [id.as_str()]).unwrap();
    scene.wait("it is in doubt", |s| s.state_of(0) == Some(ReplyState::Doubt));
    scene.wait_alarm("doubt");
    scene.assert_never_two();
}

#[test]
fn what_needs_another_start_is_said() {
    let Some(scene) = watching(short()) else { return };
    scene.reload();
    assert_eq!(scene.count_in_log("needs another start"), 0);
    scene.edit(|text| {
        let text = text.replace("level = \"info\"", "level = \"debug\"");
        format!("{text}[status]\nlisten = \"127.0.0.1:9\"\n")
    });
    scene.reload();
    scene.wait_in_log("[log] was changed, which needs another start");
    scene.wait_in_log("[status] was changed, which needs another start");
    // It is still so, and said again.
    scene.reload();
    scene.wait_times_in_log("[log] was changed, which needs another start", 2);
    scene.configure();
    scene.reload();
    assert_eq!(scene.count_in_log("[log] was changed"), 2);
    scene.answers_again(0);
}

#[test]
fn another_stop_file() {
    let Some(scene) = watching(short()) else { return };
    scene.answers_again(0);
    scene.edit(|text| format!("{text}[outbox]\nstop-file = \"halt\"\n"));
    scene.reload();
    fs::write(scene.path("halt"), "").unwrap();
    scene.wait_alarm("stop-file");
    scene.post(1);
    scene.wait("it is judged", |s| s.state_of(1).is_some());
    a_while();
    assert_eq!(scene.answers(1), 0);
    fs::remove_file(scene.path("halt")).unwrap();
    scene.wait_well("stop-file");
    scene.wait_answered(1);
}

#[test]
fn a_key_that_is_deleted_is_believed_no_longer() {
    const AGAIN: &str = "files that the configuration names have changed and were read again";
    const GONE: &str = "the keyring has no key any more: no signature is believed";
    let Some(mut scene) = Scene::new(short()) else { return };
    let person = scene.path("keyring/ed25519/example.org/alice");
    fs::create_dir_all(&person).unwrap();
    let key = "fixtures/patatt/keyring/ed25519/example.com/alice/20260101";
    let key = fs::read_to_string(root().join(key)).unwrap();
    for name in ["first", "second"] {
        fs::write(person.join(name), &key).unwrap();
    }
    scene.edit(|text| text.replace("[trust]\n", "[trust]\nkeyring = \"keyring\"\n"));
    scene.start_watching();
    fs::remove_file(person.join("first")).unwrap();
    scene.wait_times_in_log(AGAIN, 1);
    assert_eq!(scene.count_in_log(GONE), 0);
    fs::remove_file(person.join("second")).unwrap();
    scene.wait_times_in_log(AGAIN, 2);
    assert_eq!(scene.count_in_log(GONE), 1);
    fs::write(person.join("third"), key).unwrap();
    scene.wait_times_in_log(AGAIN, 3);
    assert_eq!(scene.count_in_log(GONE), 1);
    assert_eq!(scene.count_in_log("the old stays"), 0);
}
