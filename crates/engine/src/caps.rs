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
    /// The list that it is for.
    list: Option<Address>,
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
            list: None,
            author: series.author.as_ref().and_then(|a| a.address.clone()),
            rules: findings.map(|finding| finding.rule.clone()).collect(),
        }
    }

    /// What the caps count of an answer to a mail: it repeats no finding to anybody.
    pub(crate) fn answer(now: Timestamp, reply: &Reply) -> Self {
        let thread = reply.references.first().cloned();
        Self { time: now, thread, list: None, author: None, rules: Vec::new() }
    }

    /// The same, to this list.
    pub(crate) fn to(self, list: &Address) -> Self {
        Self { list: Some(list.clone()), ..self }
    }

    /// Goes to an author of the domain that another's author is of.
    fn same_domain(&self, other: &Self) -> bool {
        let domain = |sent: &'_ Self| {
            sent.author.as_ref().map(|author| author.organization().to_ascii_lowercase())
        };
        self.author.is_some() && domain(self) == domain(other)
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
        let (mut hour, mut day, mut author, mut domain) = (0_u32, 0_u32, 0_u32, 0_u32);
        let (mut list_hour, mut list_day) = (0_u32, 0_u32);
        let over = |used: u32, cap: Option<u32>| cap.is_some_and(|cap| used >= cap);
        // The newest first: what is older than a day ends the count.
        for sent in self.recent.iter().rev().take_while(|sent| within(sent, DAY)) {
            day += 1;
            hour += u32::from(within(&sent, HOUR));
            author += u32::from(next.repeats(sent));
            domain += u32::from(next.same_domain(sent));
            if next.list == sent.list {
                list_day += 1;
                list_hour += u32::from(within(&sent, HOUR));
            }
            if hour >= caps.hour || day >= caps.day {
                return true;
            }
        }
        hour >= caps.hour
            || day >= caps.day
            || author >= caps.author_day
            || next.author.is_some() && domain >= caps.domain_day
            || over(list_hour, caps.list_hour)
            || over(list_day, caps.list_day)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const MANY: Caps = Caps {
        hour: 5,
        day: 20,
        list_hour: None,
        list_day: None,
        thread: 2,
        author_day: 1,
        domain_day: 2,
        words_day: 3,
    };

    fn sent(hour: i64, list: &str, author: &str) -> Sent {
        let address = |text: &str| Address::new(text).unwrap();
        Sent {
            time: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour),
            thread: None,
            list: Some(address(list)),
            author: (!author.is_empty()).then(|| address(author)),
            rules: Vec::new(),
        }
    }

    const ONE: &str = "one@lists.example.net";
    const TWO: &str = "two@lists.example.net";

    fn next(caps: Caps, list: &str, author: &str, hour: i64) -> bool {
        let mut spoken = Spoken::default();
        for author in ["a@evil.example", "b@x.evil.example"] {
            spoken.push(sent(0, ONE, author));
        }
        spoken.reached(&caps, &sent(hour, list, author))
    }

    #[test_case("c@evil.example", 0 => true; "of the domain")]
    #[test_case("c@y.EVIL.example", 23 => true; "below the domain")]
    #[test_case("c@evil.example", 24 => false; "a day later")]
    #[test_case("c@good.example", 0 => false; "of another")]
    #[test_case("c@notevil.example", 0 => false; "of one that ends so")]
    #[test_case("", 0 => false; "of none")]
    fn a_domain_leaves_room_for_others(author: &str, hour: i64) -> bool {
        next(MANY, TWO, author, hour)
    }

    #[test_case(Some(2), None, ONE, 0 => true; "the hour of the list")]
    #[test_case(Some(2), None, ONE, 1 => false; "an hour later")]
    #[test_case(Some(3), None, ONE, 0 => false; "one left")]
    #[test_case(Some(2), None, TWO, 0 => false; "the hour of another")]
    #[test_case(None, Some(2), ONE, 23 => true; "the day of the list")]
    #[test_case(None, Some(2), TWO, 0 => false; "the day of another")]
    #[test_case(None, Some(0), TWO, 0 => true; "nothing to any list")]
    #[test_case(None, None, ONE, 0 => false; "no such cap")]
    fn a_list_leaves_room_for_others(
        list_hour: Option<u32>,
        list_day: Option<u32>,
        list: &str,
        hour: i64,
    ) -> bool {
        next(Caps { list_hour, list_day, ..MANY }, list, "c@good.example", hour)
    }
}
