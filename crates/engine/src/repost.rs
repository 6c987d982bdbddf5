//! Whether a series is one that was posted before.

use std::collections::{HashMap, HashSet};

use tidewaiter_mail::{Address, Mailbox};
use tidewaiter_patch::{MailKey, Part, Series};

use crate::State;

/// Whether every patch of a series was posted before: by its author, in a series that this one
/// is no newer version of, or by its author where another person sends it now.
pub(crate) fn is_repost(state: &mut State, series: &Series) -> bool {
    let mut posted = Posted {
        parts: series.parts().map(|part| part.key).collect(),
        series,
        looked: HashMap::new(),
    };
    !series.patches.is_empty()
        && series.patches.iter().all(|part| posted.holds(state, part).unwrap_or_default())
}

/// What was posted before a series. Each earlier series is looked at once, however many of its
/// patches come again.
struct Posted<'s> {
    series: &'s Series,
    /// The mails of this series.
    parts: HashSet<MailKey>,
    /// The mails of earlier ones, and whether one that holds them counts.
    looked: HashMap<MailKey, bool>,
}

impl Posted<'_> {
    /// Whether a patch was; `None` as much as no.
    fn holds(&mut self, state: &mut State, part: &Part) -> Option<bool> {
        let diff = part.mail.diff().filter(|d| d.added + d.removed > 0)?;
        let first = state.first_posted.get(&diff.id).copied()?;
        let mail = state.assembler.mail(first)?;
        let author = part.mail.patch().and_then(|p| p.author.as_ref()).and_then(address);
        let first_author = mail.patch().and_then(|p| p.author.as_ref()).and_then(address);
        let by_author = author == mail.header.from.as_ref().and_then(address);
        Some((by_author || author == first_author) && self.counts(state, first)?)
    }

    /// Whether the series of an earlier mail counts.
    fn counts(&mut self, state: &mut State, first: MailKey) -> Option<bool> {
        if let Some(known) = self.looked.get(&first) {
            return Some(*known);
        }
        let earlier = state.assembler.series_of(first)?;
        let same = earlier.parts().any(|part| self.parts.contains(&part.key));
        let author = |series: &Series| series.author.as_ref().and_then(address).cloned();
        // A part that did not change from one version to the next is no repost.
        let newer_version =
            self.series.version > earlier.version && author(self.series) == author(&earlier);
        // A patch that was shown for discussion first was not decided then.
        let only_shown = earlier.rfc && !self.series.rfc;
        let later = earlier.first > self.series.first;
        let counts = !(same || newer_version || only_shown || later);
        self.looked.extend(earlier.parts().map(|part| (part.key, counts)));
        Some(counts)
    }
}

fn address(mailbox: &Mailbox) -> Option<&Address> {
    mailbox.address.as_ref()
}
