//! `/healthz`: what a supervisor asks.

use std::fmt::Write as _;

use crate::{Level, Snapshot, shown::shown};

/// The faults, one a line; `None` where there are none.
pub(crate) fn faults(snapshot: &Snapshot) -> Option<String> {
    let faults = snapshot.alarms.iter().filter(|alarm| alarm.level == Level::Fault);
    let mut text = String::new();
    for fault in faults {
        // Writing into a String does not fail.
        let _ = writeln!(text, "{}", shown(&fault.text));
    }
    (!text.is_empty()).then_some(text)
}
