//! `tidewaiter outbox show`: everything about one reply.

use std::fmt::Write;

use anyhow::anyhow;
use tidewaiter_mail::MessageId;
use tidewaiter_report::{lines, one_line, safe};
use tidewaiter_store::{Attempt, Beside, ReplyRow, ReplyState};

use super::{record::record, why, width};
use crate::{
    cli::{Format, Global},
    failure::Failure,
    operate::find::minute,
    output::Output,
};

pub(super) fn show(store: &Beside, id: &MessageId, global: &Global) -> Result<(), Failure> {
    let row = store.reply(id).map_err(Failure::io)?;
    let row = row.ok_or_else(|| Failure::usage(anyhow!("there is no reply `{id}`")))?;
    let attempts = store.attempts(id).map_err(Failure::io)?;
    let mut output = Output::new();
    match global.format {
        Some(Format::Jsonl) => output.json(&record(&row, &attempts, true))?,
        _ => output.text(&shown(&row, &attempts, width()))?,
    }
    output.flush()
}

fn shown(row: &ReplyRow, attempts: &[Attempt], width: usize) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", safe(row.id.as_str()));
    let mut field = |name: &str, value: &str| {
        let mut label = name;
        for line in lines(&one_line(value), width - 14) {
            let _ = writeln!(text, "  {label:<12}{line}");
            label = "";
        }
    };
    let reason = why(row);
    field("state", row.state.as_str());
    field("why", &reason);
    field("kind", &row.kind);
    field("list", &format!("{} ({})", row.list, row.project));
    field("policy", &row.policy);
    let answered = format!("{}, of {}", row.series, minute(row.about));
    field("answers", if row.series.is_empty() { "" } else { &answered });
    field("from", &row.sender);
    for (at, recipient) in row.recipients.iter().enumerate() {
        field(if at == 0 { "to" } else { "" }, recipient);
    }
    field("queued", &minute(row.queued));
    if row.state == ReplyState::Ready {
        field("not before", &minute(row.not_before));
    }
    let times =
        [("released", row.released), ("armed", row.armed), ("sent", row.sent), ("seen", row.seen)];
    for (name, time) in times {
        if let Some(time) = time {
            field(name, &minute(time));
        }
    }
    for (at, attempt) in attempts.iter().enumerate() {
        let mut value = format!("{}  {}, {}", minute(attempt.time), attempt.step, attempt.outcome);
        if let Some(detail) = attempt.detail.as_deref().filter(|detail| !detail.is_empty()) {
            let _ = write!(value, ": {detail}");
        }
        field(if at == 0 { "tried" } else { "" }, &value);
    }
    match &row.bytes {
        Some(bytes) => {
            text.push('\n');
            // As it goes out; a long line is not cut.
            for line in String::from_utf8_lossy(bytes).replace("\r\n", "\n").lines() {
                let _ = writeln!(text, "  {}", one_line(line));
            }
        }
        None => text.push_str("\nIts text is gone: the person was forgotten.\n"),
    }
    // No line ends in spaces, the mail's empty ones neither.
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}
