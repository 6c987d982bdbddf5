//! What the engine knows: the mails so far, what is waiting, and what was decided.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::{Timestamp, civil::Date};
use tidewaiter_mail::{Address, MessageId};
use tidewaiter_patch::{Assembler, MailKey, PatchId, Series};
use tidewaiter_policy::Observed;

use crate::{Judgement, caps::Spoken, digest::Pending, told::Told};

/// The engine's memory. A function of the mails that came, in their order.
#[derive(Default)]
pub struct State {
    pub(crate) assembler: Assembler,
    /// What each mail says, by its key.
    pub(crate) observed: Vec<Observed>,
    /// When to look at the series of a mail.
    pub(crate) waiting: BTreeSet<(Timestamp, MailKey)>,
    /// Mails whose series was looked at since anything last came, and before when nothing new can
    /// come of another look. It saves work, and changes nothing.
    pub(crate) looked: HashMap<MailKey, Timestamp>,
    /// Series that were decided and are looked at again, once, since somebody said something.
    pub(crate) again: BTreeSet<MailKey>,
    /// The parts of series that were decided, and the place of their decision.
    pub(crate) decided: HashMap<MailKey, usize>,
    pub(crate) decisions: Vec<Decision>,
    /// The first mail with a diff.
    pub(crate) first_posted: HashMap<PatchId, MailKey>,
    /// The last mail with a diff.
    pub(crate) last_posted: HashMap<PatchId, MailKey>,
    /// Diffs that came in a pull request.
    pub(crate) taken: HashSet<PatchId>,
    /// Who sent a series before.
    pub(crate) known_authors: HashSet<Address>,
    /// The series of an author that are vouched for, each by the first of its versions that was
    /// decided; two are enough to know.
    pub(crate) vouched: HashMap<Address, Vec<usize>>,
    /// Some reply was made, so that there may be one to cancel.
    pub(crate) replied: bool,
    /// Some mail asked for quiet.
    pub(crate) quiet_asked: bool,
    /// Series of which somebody asked for quiet, and it was carried out for the versions after them.
    pub(crate) quieted: BTreeSet<MailKey>,
    /// Replies that did not go out, or not yet and not by themselves: what waits for a person, was
    /// cancelled or dropped, or was refused.
    pub(crate) unsaid: HashSet<MessageId>,
    /// Replies that nothing held, as configured.
    pub(crate) sent: Spoken,
    /// What waits for the next digest, by project and list.
    pub(crate) digests: BTreeMap<(String, String), Pending>,
    /// Authors who want no notes any more.
    pub(crate) opted_out: HashSet<Address>,
    /// Addresses that refused a reply for good.
    pub(crate) refused: HashSet<Address>,
    /// The last day on which a pull changed the documents of a project's policy.
    pub(crate) pulled: BTreeMap<String, Date>,
    /// The pulls that the operator was told of, by the first mail of their thread.
    pub(crate) pulls_told: HashSet<MessageId>,
    /// Words that were followed in the last day.
    pub(crate) followed: Vec<(Timestamp, Address)>,
    /// Mails that ask why of series that were not decided yet.
    pub(crate) asking: BTreeSet<MailKey>,
    /// The answers that were given to such questions.
    pub(crate) answered: HashSet<MessageId>,
    /// What took the program down, by the name of what was due; `true` where it is not looked at
    /// at all.
    pub(crate) given_up: HashMap<String, bool>,
    /// The time of the last event.
    pub(crate) now: Timestamp,
}

/// A series that was decided.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) judgements: Vec<Judgement>,
    pub(crate) against: Option<Judgement>,
    /// What was told of it and of the versions before it, by project.
    pub(crate) told: BTreeMap<String, Told>,
    /// Somebody asked for quiet in its thread, or in that of a version before it.
    pub(crate) opted_out: bool,
    /// Who sent it.
    pub(crate) author: Option<Address>,
    /// The place of the decision about the first of its versions.
    pub(crate) first_version: usize,
    /// What it was made of when it was decided.
    pub(crate) parts: usize,
    pub(crate) comments: usize,
}

impl State {
    /// The state before the first mail.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The replies to series of authors who have opted out, whatever became of them: none of those
    /// that wait may go out.
    #[must_use]
    pub fn unwanted(&self) -> Vec<MessageId> {
        let out = |decision: &&Decision| {
            decision.author.as_ref().is_some_and(|author| self.opted_out.contains(author))
        };
        let theirs = self.decisions.iter().filter(out).flat_map(|decision| &decision.judgements);
        theirs.filter_map(|judgement| Some(judgement.reply.as_ref()?.id.clone())).collect()
    }

    /// How many series were decided so far.
    #[must_use]
    pub fn decided(&self) -> usize {
        self.decisions.len()
    }

    /// When something has to be looked at next, though no mail comes; `None` where nothing waits.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let settles = self.waiting.first().map(|(due, _)| *due);
        settles.into_iter().chain(crate::digest::next_due(self)).min()
    }

    /// The last day on which a pull changed the documents of a project's policy; `None` where none
    /// was seen.
    #[must_use]
    pub fn policy_changed(&self, project: &str) -> Option<Date> {
        self.pulled.get(project).copied()
    }

    pub(crate) fn observed(&self, key: MailKey) -> &Observed {
        self.observed.get(key.0 as usize).unwrap_or_else(|| Observed::nothing())
    }

    pub(crate) fn is_decided(&self, series: &Series) -> bool {
        series.parts().any(|part| self.decided.contains_key(&part.key))
    }

    pub(crate) fn decision_of(&self, key: MailKey) -> Option<&Decision> {
        self.decided.get(&key).and_then(|at| self.decisions.get(*at))
    }
}
