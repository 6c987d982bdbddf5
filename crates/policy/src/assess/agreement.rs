//! A maintainer's word in ordinary review.

use tidewaiter_mail::Address;
use tidewaiter_patch::Series;

use super::{ObservedBy, PatchView};
use crate::{Policy, maintainers::Maintainers};

/// Who reviewed a series. It only ever makes findings fewer.
#[derive(Debug, Default)]
pub struct Agreement {
    /// Senders of a review, other than the author.
    pub reviewers: Vec<Address>,
}

impl Agreement {
    /// Collects the reviewers, where the policy takes review for agreement.
    pub(super) fn find(
        policy: &Policy,
        maintainers: Option<&Maintainers>,
        series: &Series,
        observed: &ObservedBy<'_>,
    ) -> Self {
        let mut found = Self::default();
        if policy.agreement_trailers.is_empty() || maintainers.is_none() {
            return found;
        }
        let author = series.author.as_ref().and_then(|author| author.address.as_ref());
        for comment in series.comments.iter().filter(|comment| observed(comment.key).reviewed) {
            let header = &comment.mail.header;
            let sender = header.from.as_ref().and_then(|from| from.address.as_ref());
            if let Some(sender) = sender
                && Some(sender) != author
                && !header.sender_munged
                && !found.reviewers.contains(sender)
                && found.reviewers.len() < 50
            {
                found.reviewers.push(sender.clone());
            }
        }
        found
    }

    /// Whether one of them maintains a file of the patch.
    pub(super) fn covers(&self, maintainers: &Maintainers, patch: &PatchView<'_>) -> bool {
        !self.reviewers.is_empty()
            && patch.files.iter().any(|(_, file)| {
                let sections = maintainers.sections_for(&file.path);
                sections.iter().filter(|m| !m.is_catch_all()).any(|m| {
                    let section = maintainers.sections().get(m.section);
                    section.is_some_and(|section| {
                        section.maintainers().any(|person| {
                            let address = Address::new(&person.address);
                            address.is_some_and(|address| self.reviewers.contains(&address))
                        })
                    })
                })
            })
    }
}
