//! Mails with something in common, to be asked for those near a time.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tidewaiter_mail::ContentHash;

use super::{MailKey, assembler::Filed, group::THREAD_WINDOW};

/// How many of them are looked at, so that somebody with thousands of series of one title costs
/// no more than others.
const MOST: usize = 64;

/// A mail as it stands in order.
pub(super) type Mark = (Timestamp, ContentHash, MailKey);

/// Mails in order of time.
#[derive(Debug, Default)]
pub(super) struct Nearby(BTreeSet<Mark>);

impl Nearby {
    pub(super) fn mark(key: MailKey, filed: &Filed) -> Mark {
        (filed.time, filed.mail.header.content, key)
    }

    pub(super) fn insert(&mut self, mark: Mark) {
        self.0.insert(mark);
    }

    pub(super) fn remove(&mut self, mark: Mark) {
        self.0.remove(&mark);
    }

    /// The mails before a time (or after it), the nearest first. A series' mails may come within
    /// a day of its first.
    pub(super) fn near(&self, time: Timestamp, older: bool) -> Vec<MailKey> {
        let least = |time| (time, ContentHash::default(), MailKey(0));
        if older {
            let end = time.as_second().saturating_add(THREAD_WINDOW);
            let end = least(Timestamp::from_second(end).unwrap_or(Timestamp::MAX));
            self.0.range(..end).rev().take(MOST).map(|mark| mark.2).collect()
        } else {
            self.0.range(least(time)..).take(MOST).map(|mark| mark.2).collect()
        }
    }
}
