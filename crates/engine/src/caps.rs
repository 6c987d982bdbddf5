//! How much may be said: counted over what was said before, by event time.

use jiff::{SignedDuration, Timestamp};
use tidewaiter_mail::{Address, MessageId};
use tidewaiter_patch::Series;
use tidewaiter_policy::Assessment;
use tidewaiter_reply::Reply;

use crate::{config::Caps, state::State};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A reply that nothing held.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    time: Timestamp,
    thread: Option<MessageId>,
    author: Option<Address>,
    rules: Vec<String>,
}

impl Sent {
    /// What the caps count of a reply to this series.
    pub(crate) fn new(now: Timestamp, series: &Series, assessment: Option<&Assessment>) -> Self {
        let lead = series.parts().next().map(|part| &part.mail.header);
        let root = lead.and_then(|h| h.references.first().or(h.in_reply_to.as_ref()));
        let findings = assessment.iter().flat_map(|a| &a.findings);
        Self {
            time: now,
            thread: root.or(series.id.as_ref()).cloned(),
            author: series.author.as_ref().and_then(|a| a.address.clone()),
            rules: findings.map(|finding| finding.rule.clone()).collect(),
        }
    }

    /// What the caps count of an answer to a mail: it repeats no finding to anybody.
    pub(crate) fn answer(now: Timestamp, reply: &Reply) -> Self {
        let thread = reply.references.first().cloned();
        Self { time: now, thread, author: None, rules: Vec::new() }
    }

    /// Tells an author in so many words what another reply told them.
    fn repeats(&self, other: &Self) -> bool {
        self.author.is_some()
            && self.author == other.author
            && self.rules.iter().any(|rule| other.rules.contains(rule))
    }
}

/// Whether one more reply would be over a cap.
pub(crate) fn reached(state: &State, caps: &Caps, next: &Sent) -> bool {
    let count = |counts: &dyn Fn(&Sent) -> bool| {
        u32::try_from(state.sent.iter().filter(|sent| counts(sent)).count()).unwrap_or(u32::MAX)
    };
    let within = |sent: &Sent, span: SignedDuration| next.time.duration_since(sent.time) < span;
    count(&|sent| within(sent, HOUR)) >= caps.hour
        || count(&|sent| within(sent, DAY)) >= caps.day
        || count(&|sent| sent.thread.is_some() && sent.thread == next.thread) >= caps.thread
        || count(&|sent| within(sent, DAY) && next.repeats(sent)) >= caps.author_day
}
