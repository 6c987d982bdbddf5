//! How it is, in a sentence and a few numbers.

use serde::Serialize;

use super::words::grouped;
use crate::{Connection, Level, Snapshot, when::span};

/// How it is, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Verdict {
    /// `fault`, `notice` or `fine`: the colour.
    tone: &'static str,
    /// The sentence.
    text: String,
}

impl Verdict {
    /// Whether somebody has to look now.
    pub(super) fn is_fault(&self) -> bool {
        self.tone == "fault"
    }
}

/// How it is, in a sentence.
pub(super) fn verdict(snapshot: &Snapshot) -> Verdict {
    let faults = snapshot.alarms.iter().filter(|alarm| alarm.level == Level::Fault).count();
    let of = snapshot.watchers.len();
    let open = |w: &&crate::Watcher| matches!(w.connection, Connection::Connected { .. });
    let open = snapshot.watchers.iter().filter(open).count();
    let mailboxes = match (open, of) {
        (_, 0) => "No mailbox is watched".to_owned(),
        (1, 1) => "The mailbox is read".to_owned(),
        (0, 1) => "The mailbox is not read".to_owned(),
        (open, of) if open == of => format!("All {of} mailboxes are read"),
        (1, of) => format!("1 of {of} mailboxes is read"),
        (open, of) => format!("{open} of {of} mailboxes are read"),
    };
    let sending = match (&snapshot.stop, snapshot.sending.allowed) {
        (Some(_), _) => "the stop switch is on, so nothing is sent",
        (None, true) => "replies may be sent",
        (None, false) => "nothing is sent",
    };
    let tone = if faults > 0 || snapshot.stop.is_some() {
        "fault"
    } else if open < of || of == 0 || !snapshot.alarms.is_empty() {
        "notice"
    } else {
        "fine"
    };
    Verdict { tone, text: format!("{mailboxes}; {sending}.") }
}

/// A number and what it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Number {
    value: String,
    name: &'static str,
    /// The state that asks for a person, where there are any.
    asks: Option<&'static str>,
}

/// The numbers at the top.
pub(super) fn numbers(snapshot: &Snapshot) -> Vec<Number> {
    let state = |word: &str| snapshot.replies.by_state.get(word).copied().unwrap_or(0);
    let count = |value: u64, name| Number { value: grouped(value), name, asks: None };
    let asks = |word, name| {
        let value = state(word);
        Number { asks: (value > 0).then_some(word), ..count(value, name) }
    };
    let lag = snapshot.watchers.iter().filter_map(|watcher| watcher.lag_seconds).max();
    let mut numbers = vec![
        asks("doubt", "in doubt"),
        asks("held", "held for a person"),
        count(state("ready") + state("armed"), "waiting to be sent"),
        count(state("sent") + state("seen"), "replies sent"),
        count(snapshot.counters.series, "series seen"),
        count(snapshot.counters.mails, "mails read"),
    ];
    if let Some(lag) = lag {
        numbers.push(Number { value: span(lag), name: "behind the mailbox", asks: None });
    }
    numbers
}
