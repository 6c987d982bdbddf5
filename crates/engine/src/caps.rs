//! How much may be said: counted over what was said before, by event time.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use tidewaiter_mail::{Address, MessageId};
use tidewaiter_patch::Series;
use tidewaiter_policy::Assessment;
use tidewaiter_reply::Reply;

use crate::config::Caps;

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

/// What was said so far, as far as caps count it.
#[derive(Debug, Default)]
pub(crate) struct Spoken {
    /// In the last day, oldest first.
    recent: VecDeque<Sent>,
    /// How often in each thread, ever.
    threads: BTreeMap<MessageId, u32>,
}

impl Spoken {
    /// Counts a reply from now on.
    pub(crate) fn push(&mut self, sent: Sent) {
        let old = |first: &Sent| sent.time.duration_since(first.time) >= DAY;
        while self.recent.front().is_some_and(old) {
            self.recent.pop_front();
        }
        if let Some(thread) = sent.thread.clone() {
            *self.threads.entry(thread).or_default() += 1;
        }
        self.recent.push_back(sent);
    }

    /// Whether one more reply would be over a cap.
    pub(crate) fn reached(&self, caps: &Caps, next: &Sent) -> bool {
        let within =
            |sent: &&Sent, span: SignedDuration| next.time.duration_since(sent.time) < span;
        let thread = next.thread.as_ref().and_then(|thread| self.threads.get(thread));
        if thread.copied().unwrap_or_default() >= caps.thread {
            return true;
        }
        let (mut hour, mut day, mut author) = (0_u32, 0_u32, 0_u32);
        // The newest first: what is older than a day ends the count.
        for sent in self.recent.iter().rev().take_while(|sent| within(sent, DAY)) {
            day += 1;
            hour += u32::from(within(&sent, HOUR));
            author += u32::from(next.repeats(sent));
            if hour >= caps.hour || day >= caps.day || author >= caps.author_day {
                return true;
            }
        }
        caps.hour == 0 || caps.day == 0 || caps.author_day == 0
    }
}
