//! What is logged of what was decided.

use serde::Serialize;
use tidewaiter_engine::{Judged, Notice, NoticeKind};
use tidewaiter_mail::MessageId;
use tidewaiter_outbox::CameBack;
use tidewaiter_reply::HeldBy;
use tracing::{info, warn};

use super::{
    live::Live,
    logging::{masked, short},
};

/// A series was judged; it is counted by its outcome.
pub(crate) fn judged(judged: &Judged, live: &Live) {
    let series = short(judged.series.id.as_ref());
    let title = masked(&judged.series.title);
    for judgement in &judged.judgements {
        let outcome = word(judgement.outcome()).unwrap_or_else(|| "not-judged".to_owned());
        let why = word(judgement.silence).or_else(|| word(judgement.not_judged));
        let held = judgement.reply.as_ref().and_then(|reply| reply.held_by).map(HeldBy::as_str);
        info!(
            series,
            policy = judgement.policy,
            outcome,
            why,
            held,
            "a series was judged: {title}"
        );
        *live.state().counts.outcomes.entry(outcome).or_default() += 1;
    }
}

/// Replies that are no longer wanted.
pub(crate) fn cancelled(ids: &[MessageId]) {
    for id in ids {
        info!(reply = short(Some(id)), "a reply was cancelled: it is no longer wanted");
    }
}

/// What the operator should know.
pub(crate) fn notices(notices: &[Notice]) {
    for notice in notices {
        warn!(series = short(notice.series.as_ref()), "{}", sentence(notice.what));
    }
}

/// A mail of ours that came.
pub(crate) fn came_back(came: &CameBack) {
    match came {
        CameBack::No | CameBack::Twice(_) | CameBack::Stranger => {}
        CameBack::Seen(id) => {
            info!(reply = short(Some(id)), "a reply came back through its list");
        }
        CameBack::Odd(id) => {
            warn!(reply = short(Some(id)), "a mail has a reply's Message-ID and is not that reply");
        }
        CameBack::Bounced(id) => warn!(reply = short(Some(id)), "a reply bounced"),
    }
}

fn sentence(what: NoticeKind) -> &'static str {
    match what {
        NoticeKind::AboutThePolicy => {
            "a series is about the policy itself: its file here may be out of date"
        }
        NoticeKind::ConflictingMessageId => "two mails have one Message-ID: nothing is said",
        NoticeKind::NotRendered => "failed to write a reply: its template is at fault",
    }
}

/// The word that stands for it in JSON.
fn word(value: Option<impl Serialize>) -> Option<String> {
    match serde_json::to_value(value?) {
        Ok(serde_json::Value::String(word)) => Some(word),
        _ => None,
    }
}
