//! Gates, caps, recipients, the stop switch, and what a person may do.

use std::fs;

use jiff::{SignedDuration, civil::Date};
use test_case::test_case;
use tidewaiter_outbox::{OperateError, Resolution, Rules, drop_reply, release, resolve, resume};
use tidewaiter_store::{Beside, QuietHours, ReplyState, Store};
use tidewaiter_testkit::smtp::{At, Fault, Script};

use crate::scene::{LIST, Scene, pass, queue, queue_digest};

/// Changes one rule; the reply is then held, by this word.
#[test_case(|r| r.lists[0].may_send = false, "observe"; "an observed list")]
#[test_case(|r| r.lists[0].list = "other@example.org".to_owned(), "observe"; "a list without an entry")]
#[test_case(|r| r.lists[0].max_age = SignedDuration::from_secs(-1), "age"; "too old")]
#[test_case(|r| r.limits.hour = 0, "cap"; "no cap is left")]
#[test_case(|r| r.lists[0].by_itself = false, "hold"; "a mode that lets nothing out by itself")]
#[test_case(|r| r.lists[0].policy.until = None, "policy-not-checked"; "a policy that nobody checked")]
#[test_case(|r| r.lists[0].policy.until = Some(Date::constant(2026, 5, 31)), "policy-not-checked"; "a policy whose time is over")]
fn held(change: fn(&mut Rules), by: &str) {
    let mut scene = Scene::new(Script::default());
    change(&mut scene.rules);
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    let row = scene.row(&id);
    assert_eq!((row.state, row.held_by.as_deref()), (ReplyState::Held, Some(by)));
    // Nothing lets it go by itself.
    scene.clock.go(SignedDuration::from_hours(30));
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.smtp.taken().len()), (ReplyState::Held, 0));
}

#[test]
fn release_asks_every_gate_but_age_and_caps() {
    let mut scene = Scene::new(Script::default());
    scene.rules.limits.hour = 0;
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    scene.clock.go(SignedDuration::from_hours(100));
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    let mut strict = scene.rules.clone();
    strict.lists[0].may_send = false;
    let error = scene.store(|store| release(store, &strict, &id, now)).unwrap_err();
    assert!(matches!(error, OperateError::Gate { .. }), "{error}");
    scene.store(|store| release(store, &scene.rules, &id, now)).unwrap();
    let error = scene.store(|store| release(store, &scene.rules, &id, now)).unwrap_err();
    assert!(error.to_string().ends_with("it is ready"), "{error}");
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1));
}

/// What was written while the policy might be spoken by waits, and then it may not be any more.
#[test]
fn a_policy_whose_documents_were_pulled_lets_nothing_out() {
    let mut scene = Scene::new(Script::default());
    let (ready, held) = (scene.queue(1), scene.queue(2));
    scene.store(|store| {
        let writer = store.begin().unwrap();
        writer.hold(&held, "decline", "the policy declines").unwrap();
        writer
            .command("policy-changed 2026-06-01 QEMU", tidewaiter_outbox::Clock::now(&*scene.clock))
            .unwrap();
        writer
            .command(
                "policy-changed 2026-07-01 libvirt",
                tidewaiter_outbox::Clock::now(&*scene.clock),
            )
            .unwrap();
        writer.commit().unwrap();
    });
    pass(&mut scene.outbox());
    assert_eq!(scene.row(&ready).held_by.as_deref(), Some("policy-changed"));
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    for id in [&ready, &held] {
        let error = scene.store(|store| release(store, &scene.rules, id, now)).unwrap_err();
        assert!(error.to_string().ends_with("changed the documents of its policy"), "{error}");
    }
    assert_eq!(scene.smtp.taken().len(), 0);
    // Somebody has read it again.
    scene.rules.lists[0].policy.checked = Some(Date::constant(2026, 6, 2));
    scene.store(|store| release(store, &scene.rules, &held, now)).unwrap();
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&held), scene.count(&held)), (ReplyState::Sent, 1));
    assert_eq!(scene.state(&ready), ReplyState::Held);
}

/// In mode `hold` a person's word is enough; in `digest` the digest goes by itself.
#[test]
fn a_mode_that_lets_nothing_out_by_itself() {
    let mut scene = Scene::new(Script::default());
    scene.rules.lists[0].by_itself = false;
    let id = scene.queue(1);
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    let digest = scene.store(|store| queue_digest(store, "readers@example.org", now));
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.state(&digest)), (ReplyState::Held, ReplyState::Sent));
    scene.store(|store| release(store, &scene.rules, &id, now)).unwrap();
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1));
}

/// Under a policy that has to be read again the digest is for the operator alone.
#[test_case("olga@example.net" => ReplyState::Sent; "the operator")]
#[test_case("readers@example.org" => ReplyState::Held; "others")]
fn a_digest_under_a_policy_whose_time_is_over(to: &str) -> ReplyState {
    let mut scene = Scene::new(Script::default());
    scene.rules.lists[0].policy.until = None;
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    let id = scene.store(|store| queue_digest(store, to, now));
    pass(&mut scene.outbox());
    scene.state(&id)
}

#[test]
fn nothing_leaves_in_quiet_hours_by_itself() {
    let mut scene = Scene::new(Script::default());
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    let at = |hours: i64| (now + SignedDuration::from_hours(hours)).strftime("%H:%M").to_string();
    let quiet = QuietHours::parse(&format!("{}-{}", at(-1), at(2))).unwrap();
    scene.rules.lists[0].quiet = Some(quiet);
    let id = scene.queue(1);
    let next = pass(&mut scene.outbox()).next.unwrap();
    assert_eq!((scene.state(&id), scene.smtp.taken().len()), (ReplyState::Ready, 0));
    let wait = next.duration_since(now).as_secs();
    assert!((3600..=7200).contains(&wait), "{wait}");
    scene.clock.go(SignedDuration::from_hours(2));
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1));
}

#[test]
fn a_person_may_release_at_any_hour() {
    let mut scene = Scene::new(Script::default());
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    scene.rules.lists[0].max_age = SignedDuration::from_secs(-1);
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    let at = |hours: i64| (now + SignedDuration::from_hours(hours)).strftime("%H:%M").to_string();
    scene.rules.lists[0].quiet = QuietHours::parse(&format!("{}-{}", at(-1), at(2)));
    scene.store(|store| release(store, &scene.rules, &id, now)).unwrap();
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Sent, 1));
}

#[test]
fn caps_are_counted_when_it_leaves() {
    let mut scene = Scene::new(Script::default());
    scene.rules.limits.hour = 3;
    scene.rules.limits.day = 5;
    let ids: Vec<_> = (1..=8).map(|number| scene.queue(number)).collect();
    pass(&mut scene.outbox());
    assert_eq!(scene.smtp.taken().len(), 3);
    assert_eq!(scene.smtp.connections(), 3, "the server was bothered with what is over a cap");
    assert!(ids[3..].iter().all(|id| scene.state(id) == ReplyState::Held));
    // An hour later there is room for two more in the day.
    scene.clock.go(SignedDuration::from_mins(61));
    let more: Vec<_> = (11..=13).map(|number| scene.queue(number)).collect();
    pass(&mut scene.outbox());
    assert_eq!(scene.smtp.taken().len(), 5);
    assert_eq!(scene.state(&more[2]), ReplyState::Held);
    // A clock that is put back lets nothing more out.
    scene.clock.go(SignedDuration::from_hours(-24));
    let late = scene.queue(21);
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&late), scene.smtp.taken().len()), (ReplyState::Held, 5));
}

#[test]
fn one_author_is_told_once_a_day() {
    let scene = Scene::new(Script::default());
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    let ids: Vec<_> =
        (1..=2).map(|n| scene.store(|store| queue(store, n, "alice@example.org", now))).collect();
    pass(&mut scene.outbox());
    assert_eq!(scene.state(&ids[0]), ReplyState::Sent);
    assert_eq!(scene.row(&ids[1]).note.unwrap(), "the cap of an author's day is reached");
}

#[test]
fn one_domain_leaves_room_for_others() {
    let mut scene = Scene::new(Script::default());
    scene.rules.limits.hour = 4;
    scene.rules.limits.domain_day = 2;
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    let authors = ["a@evil.example", "b@x.evil.example", "c@Evil.example", "d@y.evil.example"];
    let all = authors.iter().chain(&["e@good.example", "f@notevil.example"]);
    let ids: Vec<_> =
        (1..).zip(all).map(|(n, who)| scene.store(|store| queue(store, n, who, now))).collect();
    pass(&mut scene.outbox());
    let sent: Vec<bool> = ids.iter().map(|id| scene.state(id) == ReplyState::Sent).collect();
    assert_eq!(sent, [true, true, false, false, true, true]);
    assert_eq!(scene.row(&ids[2]).note.unwrap(), "the cap of a domain's day is reached");
    scene.clock.go(SignedDuration::from_hours(24));
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    let later = scene.store(|store| queue(store, 9, "g@evil.example", now));
    pass(&mut scene.outbox());
    assert_eq!(scene.state(&later), ReplyState::Sent);
}

#[test_case(|r| r.limits.list_hour = Some(2), 61, "the cap of a list's hour is reached"; "an hour")]
#[test_case(|r| r.limits.list_day = Some(2), 24 * 60 + 1, "the cap of a list's day is reached"; "a day")]
fn one_list_leaves_room_for_others(change: fn(&mut Rules), minutes: i64, note: &str) {
    let mut scene = Scene::new(Script::default());
    change(&mut scene.rules);
    let ids: Vec<_> = (1..=3).map(|number| scene.queue(number)).collect();
    pass(&mut scene.outbox());
    assert_eq!((scene.smtp.taken().len(), scene.state(&ids[2])), (2, ReplyState::Held));
    assert_eq!(scene.row(&ids[2]).note.unwrap(), note);
    scene.clock.go(SignedDuration::from_mins(minutes));
    let later = scene.queue(4);
    pass(&mut scene.outbox());
    assert_eq!(scene.state(&later), ReplyState::Sent);
}

#[test]
fn a_refused_recipient_is_left_out_and_named() {
    let mut script = Script::default();
    script.refused.insert("author1@example.org".to_owned(), "550 5.1.1 no such user");
    let scene = Scene::new(script);
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    assert_eq!(scene.smtp.taken()[0].to, [LIST]);
    let row = scene.row(&id);
    assert_eq!(row.state, ReplyState::Sent);
    let note = row.note.unwrap();
    assert!(
        note.starts_with("author1@example.org was refused: ") && note.contains("550"),
        "{note}"
    );
}

#[test_case("550 5.1.1 no such list", ReplyState::Dead; "for good")]
#[test_case("450 4.2.0 greylisted", ReplyState::Ready; "for now")]
fn where_the_list_is_refused_nothing_is_sent(answer: &'static str, state: ReplyState) {
    let mut script = Script::default();
    script.refused.insert(LIST.to_owned(), answer);
    let scene = Scene::new(script);
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.smtp.dots()), (state, 0));
    assert!(scene.row(&id).note.unwrap().contains(LIST));
}

#[test]
fn one_who_is_greylisted_delays_all() {
    let mut script = Script::default();
    script.refused.insert("author1@example.org".to_owned(), "450 4.2.0 greylisted");
    let scene = Scene::new(script);
    let id = scene.queue(1);
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.smtp.dots()), (ReplyState::Ready, 0));
    scene.smtp.follow(Script::default());
    scene.clock.go(SignedDuration::from_mins(6));
    pass(&mut scene.outbox());
    assert_eq!(scene.smtp.taken()[0].to.len(), 2);
}

#[test]
fn the_stop_file() {
    let mut scene = Scene::new(Script::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("STOP");
    scene.rules.stop_file = Some(file.clone());
    fs::write(&file, "").unwrap();
    let id = scene.queue(1);
    let passed = pass(&mut scene.outbox());
    assert!(passed.shut.as_ref().unwrap().ends_with("exists"));
    assert_eq!((scene.state(&id), scene.smtp.connections()), (ReplyState::Ready, 0));
    // Whoever waits for the next pass does not spin.
    assert_eq!(passed.next, Some(crate::scene::start() + SignedDuration::from_secs(60)));
    fs::remove_file(&file).unwrap();
    pass(&mut scene.outbox());
    assert_eq!(scene.state(&id), ReplyState::Sent);
}

#[test]
fn the_stop_switch_of_a_command() {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    let path = scene.path();
    Beside::open(&path).unwrap().stop("the operator said so", now).unwrap();
    let passed = pass(&mut scene.outbox());
    assert_eq!(passed.shut.unwrap(), "the stop switch is on: the operator said so");
    assert_eq!(scene.smtp.connections(), 0);
    scene.store(|store| resume(store, now)).unwrap();
    pass(&mut scene.outbox());
    assert_eq!(scene.state(&id), ReplyState::Sent);
}

#[test]
fn a_second_reply_to_a_series_stops_everything() {
    let scene = Scene::new(Script::default());
    let one = scene.queue(1);
    pass(&mut scene.outbox());
    // The same series under another key, as a changed project id would make it.
    let sql = "INSERT INTO replies SELECT 'tw.other@bot.example.net', 'other', series, kind, extra,
        'ready', held_by, list, list_id, policy, sender, recipients, subject, bytes, text_hash,
        thread, author, rules, about, queued, released, not_before, 0, NULL, NULL, NULL, NULL, 0
        FROM replies";
    rusqlite::Connection::open(scene.path()).unwrap().execute(sql, []).unwrap();
    let passed = pass(&mut scene.outbox());
    assert!(passed.shut.is_some());
    let why = scene.store(|store| store.stopped().unwrap().unwrap().why);
    assert_eq!(why, "two replies to one series would have gone to one list");
    assert_eq!((scene.count(&one), scene.smtp.taken().len()), (1, 1));
}

#[test]
fn an_old_store_sends_nothing() {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    let backup = scene.path().with_extension("backup");
    scene.store(|store| store.backup(&backup)).unwrap();
    let old = Store::open(&backup).unwrap();
    assert!(old.reply(&id).unwrap().is_some());
    let store = std::sync::Arc::new(std::sync::Mutex::new(old));
    let (server, rules) = (scene.server.clone(), scene.rules.clone());
    let mut outbox =
        tidewaiter_outbox::Outbox::new(store, server, rules, scene.clock.clone()).unwrap();
    assert_eq!(pass(&mut outbox).shut.unwrap(), "the store's past is not known");
    assert_eq!(scene.smtp.connections(), 0);
}

#[test]
fn nothing_is_sent_while_mails_wait() {
    let scene = Scene::new(Script::default());
    scene.queue(1);
    let mut outbox = scene.outbox();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let passed = runtime.block_on(outbox.pass(&|| false)).unwrap();
    assert!(passed.shut.is_some());
    assert_eq!(scene.smtp.connections(), 0);
}

#[test_case(Resolution::Sent, ReplyState::Sent, 1; "it was sent")]
#[test_case(Resolution::Drop, ReplyState::Dropped, 1; "drop")]
#[test_case(Resolution::Resend, ReplyState::Sent, 2; "send again")]
fn a_person_settles_a_doubt(how: Resolution, state: ReplyState, copies: usize) {
    let script = Script { faults: vec![(At::Dot, Fault::DoneThenClose, 1)], ..Script::default() };
    let scene = Scene::new(script);
    let id = scene.queue(1);
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    let error = scene.store(|store| resolve(store, &id, how, now)).unwrap_err();
    assert!(error.to_string().ends_with("it is ready"), "{error}");
    pass(&mut scene.outbox());
    assert_eq!(scene.state(&id), ReplyState::Doubt);
    scene.store(|store| resolve(store, &id, how, now)).unwrap();
    pass(&mut scene.outbox());
    // Only a person's word sends it twice.
    assert_eq!((scene.state(&id), scene.count(&id)), (state, copies));
}

#[test]
fn dropped() {
    let scene = Scene::new(Script::default());
    let id = scene.queue(1);
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    scene.store(|store| drop_reply(store, &id, now)).unwrap();
    assert!(scene.store(|store| drop_reply(store, &id, now)).is_err());
    pass(&mut scene.outbox());
    assert_eq!((scene.state(&id), scene.smtp.connections()), (ReplyState::Dropped, 0));
}

/// A pass that is dropped in the middle of a mail leaves it in doubt, not forgotten.
#[test]
fn a_pass_that_is_broken_off() {
    let script = Script { faults: vec![(At::Dot, Fault::DoneThenHang, 1)], ..Script::default() };
    let mut scene = Scene::new(script);
    scene.server.timeouts.answer = std::time::Duration::from_secs(60);
    let id = scene.queue(1);
    let mut outbox = scene.outbox();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let broken = runtime.block_on(async {
        tokio::time::timeout(std::time::Duration::from_millis(400), outbox.pass(&|| true)).await
    });
    assert!(broken.is_err());
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Armed, 1));
    pass(&mut outbox);
    assert_eq!((scene.state(&id), scene.count(&id)), (ReplyState::Doubt, 1));
}

/// Releasing many is no reason to stop; what goes by itself counts.
#[test]
fn released_replies_do_not_stop_the_rest() {
    let mut scene = Scene::new(Script::default());
    scene.rules.limits.day = 1;
    let ids: Vec<_> = (1..=4).map(|number| scene.queue(number)).collect();
    let now = tidewaiter_outbox::Clock::now(&*scene.clock);
    pass(&mut scene.outbox());
    for id in &ids[1..] {
        scene.store(|store| release(store, &scene.rules, id, now)).unwrap();
    }
    pass(&mut scene.outbox());
    assert_eq!(scene.smtp.taken().len(), 4);
    let late = scene.queue(5);
    pass(&mut scene.outbox());
    assert_eq!(scene.state(&late), ReplyState::Held);
    assert_eq!(scene.store(|store| store.stopped().unwrap()), None);
}

#[test]
fn more_in_a_day_than_may_be_stops_everything() {
    let mut scene = Scene::new(Script::default());
    for number in 1..=3 {
        scene.queue(number);
    }
    pass(&mut scene.outbox());
    scene.queue(4);
    // Something let out more than may be: a fault of ours, or a configuration that was changed.
    scene.rules.limits.day = 2;
    let passed = pass(&mut scene.outbox());
    assert!(passed.shut.is_some());
    let why = scene.store(|store| store.stopped().unwrap().unwrap().why);
    assert_eq!(why, "more replies were sent in a day than may be");
    assert_eq!(scene.smtp.taken().len(), 3);
}
