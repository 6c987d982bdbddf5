//! What an operator has to know, gravest first.

use serde::Serialize;

use super::words::sentence;
use crate::{Level, Snapshot, when::Moment};

/// One thing that an operator has to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Matter {
    /// `fault`, `notice`, `stopped`, `not-sending`.
    word: &'static str,
    /// The word for a reader.
    label: &'static str,
    text: String,
    /// What turns it off.
    command: Option<&'static str>,
    since: Option<Moment>,
}

/// What an operator has to know: the stop switch, faults, why nothing is sent, notices.
pub(super) fn attention(snapshot: &Snapshot) -> Vec<Matter> {
    let moment = |since: Option<jiff::Timestamp>| since.map(|s| Moment::new(s, snapshot.now));
    let of = |level: Level| {
        let alarms = snapshot.alarms.iter().filter(move |alarm| alarm.level == level);
        let word = match level {
            Level::Fault => "fault",
            Level::Notice => "notice",
        };
        alarms.map(move |alarm| Matter {
            word,
            label: word,
            text: sentence(&alarm.text),
            command: None,
            since: moment(alarm.since),
        })
    };
    let stop = snapshot.stop.iter().map(|stop| Matter {
        word: "stopped",
        label: "stopped",
        text: sentence(&stop.why),
        command: Some("tidewaiter resume"),
        since: moment(stop.since),
    });
    let why_not = snapshot.sending.why_not.iter().map(|why| Matter {
        word: "not-sending",
        label: "not sending",
        text: sentence(why),
        command: None,
        since: None,
    });
    stop.chain(of(Level::Fault)).chain(why_not).chain(of(Level::Notice)).collect()
}
