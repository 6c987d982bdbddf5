//! What is logged of what was decided.

use serde::Serialize;
use tidewaiter_engine::{Command, Judged, Judgement, Notice};
use tidewaiter_mail::MessageId;
use tidewaiter_outbox::CameBack;
use tidewaiter_reply::HeldBy;
use tracing::{info, warn};

use super::{
    live::Live,
    logging::{masked, short},
};

/// A series was judged; each version is counted once, by what its first list makes of it when it is
/// decided.
pub(crate) fn judged(judged: &Judged, live: &Live) {
    let series = short(judged.series.id.as_ref());
    let title = masked(&judged.series.title);
    for judgement in &judged.judgements {
        let outcome = outcome_of(judgement);
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
    }
    if let Some(first) = judged.first().filter(|_| !judged.again) {
        *live.state().counts.outcomes.entry(outcome_of(first)).or_default() += 1;
    }
}

fn outcome_of(judgement: &Judgement) -> String {
    word(judgement.outcome()).unwrap_or_else(|| "not-judged".to_owned())
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
        let series = notice.series.as_ref().map(|id| short(Some(id)));
        let mail = notice.mail.as_ref().map(|id| short(Some(id)));
        warn!(series, mail, "{notice}");
    }
}

/// What was asked for by mail, and done.
pub(crate) fn commands(commands: &[Command]) {
    for command in commands {
        match command {
            Command::OptOut(_) => info!("an author wants no notes any more, and gets none"),
            Command::OptIn(_) => info!("an author may get notes again"),
            Command::Recheck(id) => {
                info!(series = short(Some(id)), "a series was judged again, as somebody asked");
            }
            Command::Release(id) => {
                info!(reply = short(Some(id)), "an operator's mail releases a reply");
            }
            Command::Stop => warn!("an operator's mail stops all sending"),
            Command::PolicyChanged { project, .. } => {
                warn!(project, "the policy's own documents were changed by a pull");
            }
        }
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
        CameBack::Bounced(id, _) => warn!(reply = short(Some(id)), "a reply bounced"),
    }
}

/// The word that stands for it in JSON.
fn word(value: Option<impl Serialize>) -> Option<String> {
    match serde_json::to_value(value?) {
        Ok(serde_json::Value::String(word)) => Some(word),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use tidewaiter_patch::{Mail, Series};
    use tidewaiter_policy::NotJudged;

    use super::*;

    /// Two lists make it no two, nor does what is said of it later.
    #[test]
    fn a_series_version_is_counted_once() {
        let raw = "From: al@example.org\nSubject: [PATCH] one\n\n---\n\
                   diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1,2 @@\n a\n+b\n";
        let mail = Arc::new(Mail::parse(raw.as_bytes()));
        let series = Series::of_unsent(&[mail], Timestamp::UNIX_EPOCH).unwrap();
        let not = Judgement { not_judged: Some(NotJudged::Repost), ..Judgement::default() };
        let judgements = vec![not.clone(), not];
        let live = Live::new(Timestamp::UNIX_EPOCH);
        for again in [false, true, true] {
            let (series, judgements) = (series.clone(), judgements.clone());
            judged(&Judged { series, judgements, against: None, again }, &live);
        }
        let counted = live.state().counts.outcomes.clone();
        assert_eq!(counted, [("not-judged".to_owned(), 1)].into());
    }
}
