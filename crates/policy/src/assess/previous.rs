//! The version before a series, as far as rules compare the two.

use std::collections::HashMap;

use tidewaiter_patch::{Mail, PatchId, Series, Version};

use super::{Declaration, ObservedBy, PatchView, declared};
use crate::{Policy, TagBefore};

/// The version before a series.
#[derive(Debug)]
pub struct PreviousVersion<'a> {
    /// Which version it is.
    pub version: Version,
    /// How many patches its subjects promise.
    pub total: u32,
    patches: Vec<PreviousPatch<'a>>,
    by_diff: HashMap<PatchId, usize>,
}

/// One patch of the version before.
#[derive(Debug)]
pub struct PreviousPatch<'a> {
    /// Its place in that series, from 1.
    pub index: u32,
    /// Its mail.
    pub mail: &'a Mail,
    /// The tags of use that hold for it; sentences are none.
    pub tags: Vec<Declaration<'a>>,
}

impl<'a> PreviousVersion<'a> {
    pub(super) fn of(policy: &Policy, series: &'a Series, observed: &ObservedBy<'a>) -> Self {
        let declared = declared::of_patches(series, observed);
        let mut by_diff = HashMap::new();
        let patches = series.patches.iter().zip(declared).enumerate();
        let patches = patches.map(|(at, (part, declared))| {
            if let Some(id) = diff_id(&part.mail) {
                by_diff.entry(id).or_insert(at);
            }
            let mut tags = declared;
            tags.retain(|d| d.tag.key.is_some() && !policy.credits_a_person(d.tag));
            PreviousPatch { index: part.index, mail: &part.mail, tags }
        });
        let patches = patches.collect();
        Self { version: series.version, total: series.total, patches, by_diff }
    }

    /// Its patch with the same changes, whatever their line numbers and their message.
    #[must_use]
    pub fn same_diff(&self, patch: &PatchView<'_>) -> Option<&PreviousPatch<'a>> {
        self.patches.get(*self.by_diff.get(&diff_id(patch.mail)?)?)
    }

    /// One of its tags, as a finding shows it.
    #[must_use]
    pub fn tag(&self, patch: &PreviousPatch<'_>, tag: &Declaration<'_>) -> TagBefore {
        TagBefore {
            version: self.version.to_string(),
            patch: patch.index,
            whole_series: tag.whole_series,
            total: self.total,
            message_id: tag.mail.header.message_id.clone(),
            line: tag.tag.line,
            key: tag.tag.key.clone().unwrap_or_default(),
            value: tag.tag.value.clone(),
        }
    }
}

impl<'a> PreviousPatch<'a> {
    /// Its tags of uses that contribute content under the policy.
    pub fn content<'p>(&'p self, policy: &'p Policy) -> impl Iterator<Item = &'p Declaration<'a>> {
        self.tags.iter().filter(|declared| !policy.exempts(&declared.tag.uses))
    }
}

/// Two patches without a changed line (a pure rename) are not told apart by it.
fn diff_id(mail: &Mail) -> Option<PatchId> {
    mail.diff().filter(|diff| diff.added + diff.removed > 0).map(|diff| diff.id)
}
