//! How the daemon stands at this moment: what is in no store.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp, civil::Date};
use tidewaiter_engine::{Context, config::Caps};
use tidewaiter_reply::Mode;
use tracing::{error, info};

use super::minute;
use crate::edges;

/// For how long a mailbox of which nothing can be read holds up what came through the others.
const PATIENCE: Duration = Duration::from_secs(3600);
/// The same in a test that does not wait.
const SHORT_PATIENCE: Duration = Duration::from_secs(4);
/// For how long a thread may be silent; a large batch takes a while.
const SILENT: Duration = Duration::from_secs(60);
/// The same in a test that does not wait.
const SHORT_SILENT: Duration = Duration::from_secs(3);
/// How often the service manager hears of a long piece of work.
const AT_WORK: Duration = Duration::from_secs(10);

/// What several threads know of each other.
#[derive(Debug)]
pub(crate) struct Live(Mutex<State>);

/// How it stands.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// When the daemon started.
    pub(crate) started: Timestamp,
    /// One for each configured mailbox.
    pub(crate) watchers: Vec<Watching>,
    /// What a person has to look at, by a name that stays.
    pub(crate) alarms: BTreeMap<String, Alarm>,
    /// What happened since the start.
    pub(crate) counts: Counts,
    /// The lists, as configured.
    pub(crate) lists: Vec<Listed>,
    /// How much may be sent.
    pub(crate) caps: Caps,
    /// Why nothing is sent, as the outbox last said.
    pub(crate) shut: Option<String>,
    /// There is an outbox.
    pub(crate) can_send: bool,
    /// When the thread that decides was last seen at work.
    pub(crate) beat: Instant,
    /// When the thread that sends was last seen at work.
    pub(crate) sends: Instant,
    /// When the service manager was last told that a long piece of work goes on.
    pub(crate) at_work: Option<Instant>,
}

/// One list, as configured.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    /// Its List-Id.
    pub(crate) id: String,
    /// The policy's id.
    pub(crate) policy: String,
    /// The date of the policy's text.
    pub(crate) policy_date: Option<Date>,
    /// Its mode.
    pub(crate) mode: Mode,
    /// What the policy serves the operator alone for, if it does.
    pub(crate) kept: Option<String>,
    /// How long it may be silent.
    pub(crate) quiet_alarm: SignedDuration,
    /// Since when it is configured, as far as this daemon knows.
    pub(crate) since: Timestamp,
}

/// One mailbox.
#[derive(Clone, Debug)]
pub(crate) struct Watching {
    /// Its name in the configuration.
    pub(crate) name: String,
    /// How the connection stands.
    pub(crate) link: Link,
    /// Everything that it holds was taken.
    pub(crate) caught_up: bool,
    /// Since when that is not so; `None` while it is.
    pub(crate) behind: Option<Instant>,
    /// It was caught up once since the start.
    pub(crate) was_caught_up: bool,
    /// Connections made after the first.
    pub(crate) reconnects: u64,
    /// Since when nothing could be read of it; `None` once it was read to its end. That a server
    /// lets us in is no sign yet that it hands out mails.
    pub(crate) down: Option<Instant>,
    /// The event time of its last mail.
    pub(crate) last_mail: Option<Timestamp>,
    /// The UID of its last mail.
    pub(crate) last_uid: Option<u32>,
    /// Mails taken from it since the start.
    pub(crate) mails: u64,
}

/// How a connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// It is being made for the first time.
    Starting,
    /// It is there since then; the server pushes, or it is asked.
    Up { since: Timestamp, idle: bool },
    /// It is gone.
    Down { why: String, retry: Timestamp, failures: u32 },
}

/// What a person has to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alarm {
    pub(crate) text: String,
    pub(crate) since: Timestamp,
}

/// What happened since the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    /// Mails that were new.
    pub(crate) mails: u64,
    /// Mails that were known.
    pub(crate) known: u64,
    /// Mails that were passed over: too large, gone, or put aside.
    pub(crate) passed_over: u64,
    /// Series that were decided.
    pub(crate) series: u64,
    /// Outcomes of them, by word.
    pub(crate) outcomes: BTreeMap<String, u64>,
    /// Errors, by what failed.
    pub(crate) errors: BTreeMap<&'static str, u64>,
}

impl Watching {
    /// Everything that it holds was taken.
    pub(crate) fn is_caught_up(&mut self) {
        (self.caught_up, self.was_caught_up) = (true, true);
        (self.behind, self.down) = (None, None);
    }

    /// Something may lie in it that was not taken.
    pub(crate) fn is_behind(&mut self) {
        self.caught_up = false;
        self.behind = self.behind.or_else(|| Some(Instant::now()));
    }

    /// Nothing could be read of it for so long that nobody waits for it.
    pub(crate) fn given_up(&self) -> bool {
        let patience = edges::time(PATIENCE, SHORT_PATIENCE);
        !self.caught_up && self.down.is_some_and(|since| since.elapsed() > patience)
    }
}

impl Live {
    pub(crate) fn new(started: Timestamp) -> Self {
        Self(Mutex::new(State {
            started,
            watchers: Vec::new(),
            alarms: BTreeMap::new(),
            counts: Counts::default(),
            lists: Vec::new(),
            caps: Caps::default(),
            shut: None,
            can_send: false,
            beat: Instant::now(),
            sends: Instant::now(),
            at_work: None,
        }))
    }

    /// Looks, or changes something. Nothing waits in here.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what a configuration says of lists and caps.
    pub(crate) fn configured(
        &self,
        context: &Context,
        now: Timestamp,
        changed: &dyn Fn(&str) -> Option<Date>,
    ) {
        let mut state = self.state();
        let before = std::mem::take(&mut state.lists);
        let lists = context.config.lists.iter().map(|list| {
            let policy = context.policy(&list.policy);
            let known = before.iter().find(|before| before.id == list.id.as_str());
            Listed {
                id: list.id.as_str().to_owned(),
                policy: list.policy.clone(),
                policy_date: policy.and_then(|policy| policy.date),
                mode: list.reply.mode,
                kept: policy
                    .and_then(|policy| minute::kept(policy, now, changed(&list.reply.project))),
                quiet_alarm: list.quiet_alarm,
                since: known.map_or(now, |known| known.since),
            }
        });
        (state.lists, state.caps) = (lists.collect(), context.config.caps);
    }

    /// Names the mailboxes that are watched from now on.
    pub(crate) fn watch(&self, names: impl Iterator<Item = String>) {
        let mut state = self.state();
        let before = std::mem::take(&mut state.watchers);
        state.watchers = names
            .map(|name| {
                let known = before.iter().find(|w| w.name == name).cloned();
                let mut watching = known.unwrap_or_else(|| Watching {
                    name,
                    link: Link::Starting,
                    caught_up: false,
                    behind: None,
                    was_caught_up: false,
                    reconnects: 0,
                    down: Some(Instant::now()),
                    last_mail: None,
                    last_uid: None,
                    mails: 0,
                });
                watching.is_behind();
                watching
            })
            .collect();
    }

    /// Changes how a mailbox stands.
    pub(crate) fn watching(&self, at: usize, change: impl FnOnce(&mut Watching)) {
        if let Some(watching) = self.state().watchers.get_mut(at) {
            change(watching);
        }
    }

    /// Counts a new mail.
    pub(crate) fn mail_came(&self, mailbox: &str, time: Timestamp, uid: u32) {
        let mut state = self.state();
        state.counts.mails += 1;
        if let Some(watching) = state.watchers.iter_mut().find(|w| w.name == mailbox) {
            watching.last_mail = watching.last_mail.max(Some(time));
            watching.last_uid = Some(uid);
            watching.mails += 1;
        }
    }

    /// Whether everything that came was taken. A mailbox that was unreadable for an hour holds up
    /// nothing that came through another.
    pub(crate) fn caught_up(&self) -> bool {
        let state = self.state();
        state.watchers.iter().all(|w| w.caught_up || w.given_up())
            && state.watchers.iter().any(|w| w.caught_up)
    }

    /// Whether every mailbox was read to its end since the start.
    pub(crate) fn all_were_caught_up(&self) -> bool {
        let state = self.state();
        !state.watchers.is_empty() && state.watchers.iter().all(|w| w.was_caught_up)
    }

    /// Says that a person has to look at something; once, however often it is said.
    pub(crate) fn alarm(&self, name: &str, text: &str, now: Timestamp) {
        let mut state = self.state();
        let known = state.alarms.get(name);
        if known.is_none_or(|alarm| alarm.text != text) {
            let since = known.map_or(now, |alarm| alarm.since);
            error!(alarm = name, "{text}");
            state.alarms.insert(name.to_owned(), Alarm { text: text.to_owned(), since });
        }
    }

    /// Says that something is well again.
    pub(crate) fn clear(&self, name: &str) {
        if self.state().alarms.remove(name).is_some() {
            info!(alarm = name, "this is well again");
        }
    }

    /// Forgets alarms about what is configured no longer: nobody would say that they are over. Such
    /// an alarm has the name of a kind, and behind it what it is about.
    pub(crate) fn forget_alarms(&self, kind: &str, is_known: impl Fn(&str) -> bool) {
        self.state().alarms.retain(|name, _| {
            let about = name.split_once(' ').filter(|(of, _)| *of == kind);
            let stays = about.is_none_or(|(_, about)| is_known(about));
            if !stays {
                info!(alarm = name, "this is configured no longer");
            }
            stays
        });
    }

    /// Counts a failure.
    pub(crate) fn failed(&self, what: &'static str) {
        *self.state().counts.errors.entry(what).or_default() += 1;
    }

    /// The thread that decides is at work.
    pub(crate) fn beat(&self) {
        self.state().beat = Instant::now();
    }

    /// The thread that sends is at work.
    pub(crate) fn sends(&self) {
        self.state().sends = Instant::now();
    }

    /// A long piece of work goes on with the store in hand: whoever waits for it is not silent.
    /// Whether the service manager is to hear of it, too.
    pub(crate) fn works(&self) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        (state.beat, state.sends) = (now, now);
        let due = state.at_work.is_none_or(|at| now.duration_since(at) >= AT_WORK);
        if due {
            state.at_work = Some(now);
        }
        due
    }

    /// For how long a thread was not seen at work, and what it does; `None` where that is no wonder.
    pub(crate) fn silent(&self) -> Option<(&'static str, Duration)> {
        let state = self.state();
        let threads = [("decides", state.beat), ("sends", state.sends)];
        let silent = threads.map(|(thread, seen)| (thread, seen.elapsed()));
        let longest = silent.into_iter().max_by_key(|(_, silent)| *silent);
        longest.filter(|(_, silent)| *silent >= edges::time(SILENT, SHORT_SILENT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(names: &[&str]) -> Live {
        let live = Live::new(Timestamp::UNIX_EPOCH);
        live.watch(names.iter().map(|name| (*name).to_owned()));
        live
    }

    #[test]
    fn every_mailbox_has_to_be_read() {
        let live = live(&["one", "two"]);
        live.watching(0, |w| w.caught_up = true);
        assert!(!live.caught_up());
        live.watching(1, |w| w.caught_up = true);
        assert!(live.caught_up());
    }

    #[test]
    fn one_that_is_down_for_long_stops_no_other() {
        let live = live(&["one", "two"]);
        live.watching(0, |w| w.caught_up = true);
        let Some(long_ago) = Instant::now().checked_sub(PATIENCE * 2) else { return };
        live.watching(1, |w| w.down = Some(long_ago));
        assert!(live.caught_up());
        live.watching(0, |w| w.caught_up = false);
        assert!(!live.caught_up(), "nothing was read");
    }

    #[test]
    fn whoever_works_with_the_store_in_hand_keeps_nobody_silent() {
        let live = live(&["one"]);
        let Some(long_ago) = Instant::now().checked_sub(PATIENCE) else { return };
        (live.state().beat, live.state().sends) = (long_ago, long_ago);
        assert!(live.works(), "the service manager hears of it");
        assert!(!live.works(), "and not all the time");
        let state = live.state();
        assert!(state.beat > long_ago && state.sends > long_ago);
    }

    #[test]
    fn an_alarm_keeps_its_beginning() {
        let live = live(&["one"]);
        let later = Timestamp::from_second(60).unwrap();
        live.alarm("quiet", "no mail for a day", Timestamp::UNIX_EPOCH);
        live.alarm("quiet", "no mail for two days", later);
        let alarm = live.state().alarms["quiet"].clone();
        assert_eq!(alarm.text, "no mail for two days");
        assert_eq!(alarm.since, Timestamp::UNIX_EPOCH);
        live.clear("quiet");
        assert!(live.state().alarms.is_empty());
    }

    #[test]
    fn alarms_about_what_is_gone_go() {
        let live = live(&["one"]);
        for name in ["mailbox one", "mailbox two", "policy two", "store"] {
            live.alarm(name, "look", Timestamp::UNIX_EPOCH);
        }
        live.forget_alarms("mailbox", |name| name == "one");
        let left: Vec<String> = live.state().alarms.keys().cloned().collect();
        assert_eq!(left, ["mailbox one", "policy two", "store"]);
    }
}
