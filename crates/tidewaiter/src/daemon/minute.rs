//! What is looked at every minute.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use tidewaiter_mail::MessageId;
use tidewaiter_outbox::Clock as _;
use tidewaiter_policy::{CHECKED_FOR, Policy, Reserved, Status};
use tidewaiter_store::{Error, ReplyState};
use tracing::{info, warn};

use super::{
    keeper::Keeper,
    live::{Link, Live},
    logging::short,
};

/// A reply that has not come back by then is looked for by a person.
const ECHO_LATE: SignedDuration = SignedDuration::from_mins(30);
/// A reply that has not come back by then will hardly do.
const ECHO_LOST: SignedDuration = SignedDuration::from_hours(24);
/// What has not come back for so long is nobody's business any more.
const ECHO_GIVEN_UP: SignedDuration = SignedDuration::from_hours(24 * 7);
/// A reply that was tried and could not be sent for so long is looked at by a person.
const UNSENT: SignedDuration = SignedDuration::from_hours(1);
/// A mailbox that cannot be read for so long is told, whatever the reason.
const MAILBOX_DOWN: Duration = Duration::from_secs(15 * 60);
/// A clock that goes so much faster or slower than this machine has jumped.
const JUMP: SignedDuration = SignedDuration::from_mins(5);

/// Notices that the clock was set.
pub(crate) struct Jump {
    wall: Timestamp,
    steady: Instant,
}

impl Jump {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { wall: now, steady: Instant::now() }
    }

    pub(crate) fn look(&mut self, now: Timestamp, live: &Live) {
        let steady = SignedDuration::try_from(self.steady.elapsed()).unwrap_or_default();
        let off = now.duration_since(self.wall).saturating_sub(steady);
        if off.abs() > JUMP {
            let seconds = off.as_secs();
            warn!(seconds, "the clock was set, or the machine slept");
            live.failed("clock");
        }
        *self = Self::new(now);
    }
}

/// Looks at everything; what fails is told.
pub(crate) fn look(keeper: &mut Keeper) {
    let now = keeper.clock.now();
    let taker = &keeper.taker;
    keeper.live.configured(&taker.context, now, &|project| taker.policy_changed(project));
    let looked = quiet_lists(keeper, now)
        .and_then(|()| replies(keeper, now))
        .and_then(|()| put_aside(keeper, now))
        .and_then(|()| given_up(keeper, now))
        .and_then(|()| switch(keeper, now))
        .and_then(|()| purge(keeper, now))
        .and_then(|()| keeper.taker.store().empty_log().map(|_| ()));
    match looked {
        Ok(()) => keeper.look_at_store(),
        Err(e) => keeper.failed(&e),
    }
    mailboxes(keeper, now);
    policies(keeper, now);
    unread(keeper, now);
}

/// Mailboxes of which nothing could be read for long, whatever the reason.
fn unread(keeper: &Keeper, now: Timestamp) {
    let watchers = keeper.live.state().watchers.clone();
    for watching in watchers.iter().filter(|watching| watching.given_up()) {
        let text = format!(
            "nothing could be read of the mailbox `{}` for long: replies wait for it no longer",
            watching.name
        );
        keeper.live.alarm(&format!("unread {}", watching.name), &text, now);
    }
}

/// No mail from a list for long: is the account still subscribed?
fn quiet_lists(keeper: &Keeper, now: Timestamp) -> Result<(), Error> {
    let lists = keeper.live.state().lists.clone();
    let store = keeper.taker.store();
    for list in &lists {
        let name = format!("quiet {}", list.id);
        let last = store.heard(&list.id)?.unwrap_or(list.since);
        if now.duration_since(last) > list.quiet_alarm {
            let hours = list.quiet_alarm.as_hours();
            let text = format!(
                "no mail came from the list `{}` for {hours} hours: is the account still subscribed?",
                list.id
            );
            keeper.live.alarm(&name, &text, now);
        } else {
            keeper.live.clear(&name);
        }
    }
    Ok(())
}

/// Replies that did not come back, or that a person has to look at.
fn replies(keeper: &Keeper, now: Timestamp) -> Result<(), Error> {
    let store = keeper.taker.store();
    let ago = |time: SignedDuration| now.checked_sub(time).unwrap_or(now);
    let alarm = |name: &str, count: u64, text: &str| match count {
        0 => keeper.live.clear(name),
        1 => keeper.live.alarm(name, &format!("one reply {text}"), now),
        _ => keeper.live.alarm(name, &format!("{count} replies {text}"), now),
    };
    let lost = store.unseen(ago(ECHO_GIVEN_UP), ago(ECHO_LOST))?;
    alarm("echo-lost", lost, "did not come back through the list for a day");
    let late = store.unseen(ago(ECHO_LOST), ago(ECHO_LATE))?;
    alarm("echo-late", late, "did not come back through the list: held for moderation?");
    alarm("unsent", store.unsent(ago(UNSENT))?, "could not be sent for an hour");
    let doubtful = store.replies_in(ReplyState::Doubt)?;
    alarm("doubt", doubtful, "may or may not have gone out: see `tidewaiter outbox list`");
    // It may have been tried for a day before.
    let dead = store.dead_since(ago(SignedDuration::from_hours(24)))?;
    alarm("dead", dead, "of the last day could not be sent");
    Ok(())
}

/// Mails that took the program down; one is told until it is too old to be kept.
fn put_aside(keeper: &Keeper, now: Timestamp) -> Result<(), Error> {
    let text = match keeper.taker.store().quarantined_count()? {
        0 => {
            keeper.live.clear("quarantine");
            return Ok(());
        }
        1 => "one mail was put aside, having taken the program down".to_owned(),
        count => format!("{count} mails were put aside, having taken the program down"),
    };
    keeper.live.alarm("quarantine", &format!("{text}: see `tidewaiter store check`"), now);
    Ok(())
}

/// What took the program down when it was decided.
fn given_up(keeper: &Keeper, now: Timestamp) -> Result<(), Error> {
    let names = keeper.taker.store().given_up()?;
    match names.as_slice() {
        [] => keeper.live.clear("not-judged"),
        [name] => {
            let id = MessageId::new(name).map(|id| short(Some(&id)));
            let name = id.map_or_else(|| name.clone(), |id| ["the series ", &id].concat());
            let text = format!("{name} took the program down twice and is not judged");
            keeper.live.alarm("not-judged", &text, now);
        }
        all => {
            let text = format!("{} series took the program down and are not judged", all.len());
            keeper.live.alarm("not-judged", &text, now);
        }
    }
    Ok(())
}

/// The stop switch.
fn switch(keeper: &Keeper, now: Timestamp) -> Result<(), Error> {
    match keeper.taker.store().stopped()? {
        Some(switch) => {
            keeper.live.alarm("stop", &format!("nothing is sent any more: {}", switch.why), now);
        }
        // Not written down yet: the store cannot be written to.
        None if keeper.rules.halt.is_set() => {}
        None => keeper.live.clear("stop"),
    }
    let file = keeper.rules.stop_file.as_ref();
    match file.filter(|file| file.try_exists().unwrap_or(true)) {
        Some(file) => {
            let text = format!("nothing is sent: the file `{}` exists", file.display());
            keeper.live.alarm("stop-file", &text, now);
        }
        None => keeper.live.clear("stop-file"),
    }
    Ok(())
}

/// Old mails go, once a day.
fn purge(keeper: &mut Keeper, now: Timestamp) -> Result<(), Error> {
    const DAY: SignedDuration = SignedDuration::from_hours(24);
    let purged = keeper.purged.is_some_and(|at| now.duration_since(at).abs() < DAY);
    if purged || !keeper.live.caught_up() {
        return Ok(());
    }
    keeper.purged = Some(now);
    let days = i64::from(keeper.taker.context.config.daemon.store.retain_days);
    let mut store = keeper.taker.store();
    // A clock that is years ahead makes no mail old.
    let newest = store.newest()?.map_or(now, |newest| newest.min(now));
    let Ok(before) = newest.checked_sub((days * 24).hours()) else { return Ok(()) };
    let gone = store.purge(before)?;
    drop(store);
    if gone.mails > 0 {
        // What is not stored is not remembered either, or memory would grow from start to start.
        info!(mails = gone.mails, "old mails were dropped");
        keeper.taker.broken();
        keeper.taker.ready()?;
    }
    Ok(())
}

/// Why a policy serves the operator alone, if it does. `changed` is the last day on which a pull
/// changed its documents.
pub(crate) fn kept(policy: &Policy, now: Timestamp, changed: Option<Date>) -> Option<String> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let id = &policy.id;
    Some(match policy.reserved(today, changed)? {
        Reserved::NotInForce => format!("the policy `{id}` is not in force"),
        Reserved::Changed => format!("a pull changed the documents of the policy `{id}`"),
        Reserved::NotChecked => {
            format!("the policy `{id}` was not held against its text for {CHECKED_FOR} days")
        }
        Reserved::ReviewDue => {
            let day = policy.review_by.map(|day| format!(" by {day}")).unwrap_or_default();
            format!("the policy `{id}` was to be read again{day}")
        }
    })
}

/// Mailboxes that cannot be read for long.
fn mailboxes(keeper: &Keeper, now: Timestamp) {
    let watchers = keeper.live.state().watchers.clone();
    for watching in watchers {
        let Link::Down { why, .. } = &watching.link else { continue };
        if watching.down.is_some_and(|since| since.elapsed() > MAILBOX_DOWN) {
            let name = &watching.name;
            let text = format!("the mailbox `{name}` cannot be read: {why}");
            keeper.live.alarm(&format!("mailbox {name}"), &text, now);
        }
    }
}

/// Policies that somebody has to read again.
fn policies(keeper: &Keeper, now: Timestamp) {
    let today = now.to_zoned(TimeZone::UTC).date();
    let context = &keeper.taker.context;
    for policy in &context.policies {
        let name = format!("policy {}", policy.id);
        let of_policy = context.config.lists.iter().filter(|list| list.policy == policy.id);
        let changed = of_policy.filter_map(|list| keeper.taker.policy_changed(&list.reply.project));
        // One that is not in force was chosen so.
        let why = kept(policy, now, changed.max()).filter(|_| policy.status == Status::InForce);
        let due = policy.review_by.filter(|day| today > *day);
        match why
            .or(due.map(|day| format!("the policy `{}` was to be read again by {day}", policy.id)))
        {
            Some(why) => {
                let text = format!("{why}: until a person has, its lists are only observed");
                keeper.live.alarm(&name, &text, now);
            }
            None => keeper.live.clear(&name),
        }
    }
}
