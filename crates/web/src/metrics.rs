//! `/metrics`: Prometheus' text format 0.0.4.

use std::{
    collections::BTreeMap,
    fmt::{self, Write},
};

use crate::{Connection, Level, Snapshot, Span, shown::shown};

/// The format's media type.
pub(crate) const TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Words that are there from the beginning, with 0: a rate needs a number to start from.
const OUTCOMES: [&str; 5] = ["silent", "disclosure", "ask", "decline", "not-judged"];
const STATES: [&str; 9] =
    ["ready", "armed", "sent", "seen", "doubt", "dead", "held", "cancelled", "dropped"];

/// A snapshot as metrics.
pub(crate) fn metrics(snapshot: &Snapshot) -> Result<String, fmt::Error> {
    let mut out = Metrics(String::with_capacity(8 * 1024));
    daemon(&mut out, snapshot)?;
    mails(&mut out, snapshot)?;
    watchers(&mut out, snapshot)?;
    lists(&mut out, snapshot)?;
    Ok(out.0)
}

fn daemon(out: &mut Metrics, snapshot: &Snapshot) -> fmt::Result {
    out.family("build_info", "gauge", "The program's version; the value is always 1.")?;
    out.value("build_info", &[("version", &snapshot.version)], 1)?;
    out.one(
        "start_time_seconds",
        "gauge",
        "When the daemon started.",
        snapshot.started.as_second(),
    )?;
    out.one(
        "snapshot_time_seconds",
        "gauge",
        "When these numbers were taken.",
        snapshot.now.as_second(),
    )?;
    let stopped = u8::from(snapshot.stop.is_some());
    out.one("stopped", "gauge", "1 where the stop switch is on.", stopped)?;
    let allowed = u8::from(snapshot.sending.allowed);
    out.one("sending_allowed", "gauge", "1 where a reply that is ready would be sent.", allowed)?;
    out.family("alarms", "gauge", "What an operator has to know.")?;
    for (word, level) in [("fault", Level::Fault), ("notice", Level::Notice)] {
        let count = snapshot.alarms.iter().filter(|alarm| alarm.level == level).count();
        out.value("alarms", &[("level", word)], count)?;
    }
    Ok(())
}

fn mails(out: &mut Metrics, snapshot: &Snapshot) -> fmt::Result {
    let (counters, replies) = (&snapshot.counters, &snapshot.replies);
    out.one("mails_total", "counter", "Mails read.", counters.mails)?;
    out.one("series_total", "counter", "Series versions seen.", counters.series)?;
    out.family("outcomes_total", "counter", "Series versions by outcome.")?;
    out.words("outcomes_total", "outcome", &OUTCOMES, &counters.outcomes)?;
    out.family("replies", "gauge", "Replies by state.")?;
    out.words("replies", "state", &STATES, &replies.by_state)?;
    if let Some(age) = counters.queue_age_seconds {
        out.one(
            "queue_age_seconds",
            "gauge",
            "Age of the oldest reply that waits to be sent.",
            age,
        )?;
    }
    out.family("errors_total", "counter", "Errors by kind.")?;
    out.words("errors_total", "kind", &[], &counters.errors)?;
    let aside = counters.quarantined;
    out.one(
        "quarantined_mails",
        "gauge",
        "Mails put aside since they took the program down.",
        aside,
    )?;
    for (name, help) in [
        ("cap_used", "Replies sent in the time of a cap."),
        ("cap_limit", "Replies that a cap allows."),
    ] {
        out.family(name, "gauge", help)?;
        for cap in &snapshot.caps {
            let per = match cap.per {
                Span::Hour => "hour",
                Span::Day => "day",
            };
            // An empty label is the same as none.
            let labels = [("per", per), ("list", cap.list.as_deref().unwrap_or_default())];
            let value = if name == "cap_used" { cap.used } else { cap.limit };
            out.value(name, &labels, value)?;
        }
    }
    Ok(())
}

fn watchers(out: &mut Metrics, snapshot: &Snapshot) -> fmt::Result {
    let mut each = |name: &str, kind: &str, help: &str, of: fn(&crate::Watcher) -> Option<i64>| {
        out.family(name, kind, help)?;
        for watcher in &snapshot.watchers {
            if let Some(value) = of(watcher) {
                out.value(name, &[("watcher", &watcher.name)], value)?;
            }
        }
        Ok(())
    };
    each("watcher_connected", "gauge", "1 where the mailbox is open.", |w| {
        Some(i64::from(matches!(w.connection, Connection::Connected { .. })))
    })?;
    each("watcher_caught_up", "gauge", "1 where all that the mailbox holds is stored.", |w| {
        Some(i64::from(w.caught_up))
    })?;
    each("watcher_failures", "gauge", "Tries to connect that failed in a row.", |w| {
        Some(i64::from(w.failures))
    })?;
    each(
        "watcher_lag_seconds",
        "gauge",
        "Seconds since all that it holds was stored; 0 where it is.",
        |w| w.lag_seconds?.try_into().ok(),
    )?;
    each(
        "watcher_last_mail_time_seconds",
        "gauge",
        "When the last stored mail was received.",
        |w| Some(w.last_mail?.as_second()),
    )?;
    each("watcher_reconnects_total", "counter", "How often it connected again.", |w| {
        w.reconnects.try_into().ok()
    })?;
    each("watcher_mails_total", "counter", "Mails read from the mailbox.", |w| {
        w.mails.try_into().ok()
    })
}

fn lists(out: &mut Metrics, snapshot: &Snapshot) -> fmt::Result {
    out.family("list_quiet", "gauge", "1 where nothing came for longer than quiet-alarm.")?;
    for list in &snapshot.lists {
        out.value("list_quiet", &[("list", &list.id)], u8::from(list.quiet))?;
    }
    out.family("list_last_mail_time_seconds", "gauge", "When the last mail came from the list.")?;
    for list in &snapshot.lists {
        if let Some(last) = list.last_mail {
            out.value("list_last_mail_time_seconds", &[("list", &list.id)], last.as_second())?;
        }
    }
    Ok(())
}

/// The text so far.
struct Metrics(String);

impl Metrics {
    fn family(&mut self, name: &str, kind: &str, help: &str) -> fmt::Result {
        writeln!(self.0, "# HELP tidewaiter_{name} {help}\n# TYPE tidewaiter_{name} {kind}")
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl fmt::Display) -> fmt::Result {
        self.family(name, kind, help)?;
        self.value(name, &[], value)
    }

    /// A value for each word: those known first, then the others.
    fn words(
        &mut self,
        name: &str,
        label: &str,
        known: &[&str],
        counts: &BTreeMap<String, u64>,
    ) -> fmt::Result {
        for word in known {
            self.value(name, &[(label, word)], counts.get(*word).copied().unwrap_or(0))?;
        }
        let others = counts.iter().filter(|(word, _)| !known.contains(&word.as_str()));
        others.into_iter().try_for_each(|(word, count)| self.value(name, &[(label, word)], count))
    }

    fn value(
        &mut self,
        name: &str,
        labels: &[(&str, &str)],
        value: impl fmt::Display,
    ) -> fmt::Result {
        write!(self.0, "tidewaiter_{name}")?;
        for (at, (label, text)) in labels.iter().enumerate() {
            let text = shown(text).to_string().replace('\\', "\\\\").replace('"', "\\\"");
            write!(self.0, "{}{label}=\"{text}\"", if at == 0 { '{' } else { ',' })?;
        }
        writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" })
    }
}
