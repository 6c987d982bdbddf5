//! A reply for other programs.

use tidewaiter_report::{StoredAttempt, StoredReply, StoredReplyType};
use tidewaiter_store::{Attempt, ReplyRow};

/// The record of a reply, with the mail itself where it is asked for.
pub(super) fn record(row: &ReplyRow, attempts: &[Attempt], mail: bool) -> StoredReply {
    let time = |time: jiff::Timestamp| time.to_string();
    let bytes = row.bytes.as_ref().filter(|_| mail);
    StoredReply {
        record: StoredReplyType::Reply,
        id: row.id.as_str().to_owned(),
        state: row.state.as_str().to_owned(),
        held_by: row.held_by.clone(),
        note: row.note.clone(),
        kind: row.kind.clone(),
        project: row.project.clone(),
        list: row.list.clone(),
        series: Some(row.series.clone()).filter(|series| !series.is_empty()),
        policy: row.policy.clone(),
        subject: row.subject.clone(),
        sender: row.sender.clone(),
        recipients: row.recipients.clone(),
        about: time(row.about),
        queued: time(row.queued),
        released: row.released.map(time),
        not_before: time(row.not_before),
        tries: row.tries,
        armed: row.armed.map(time),
        sent: row.sent.map(time),
        seen: row.seen.map(time),
        unwanted: row.unwanted,
        attempts: attempts
            .iter()
            .map(|attempt| StoredAttempt {
                time: time(attempt.time),
                step: attempt.step.clone(),
                outcome: attempt.outcome.clone(),
                detail: attempt.detail.clone(),
            })
            .collect(),
        mail: bytes.map(|bytes| String::from_utf8_lossy(bytes).replace("\r\n", "\n")),
    }
}
