//! Mails that nobody has sent yet, as one series.
//!
//! `git format-patch` writes neither Message-ID nor thread, each mail with its own author and
//! date: nothing by which an [`Assembler`](super::Assembler) could tell what belongs together.
//! Here the caller knows that it does.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::{MailKey, Part, Series, view};
use crate::{Content, Kind, Mail, Version};

/// Why some mails are not one series.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOneSeries {
    /// Not one of them is a patch, a cover letter or a pull request.
    #[error("none of the mails is a patch")]
    NoPatch,
    /// Their subjects name two versions.
    #[error("the mails are of two versions, {0} and {1}")]
    Versions(Version, Version),
    /// Their subjects promise different numbers of patches.
    #[error("the mails are of two series, one of {0} patches and one of {1}")]
    Totals(u32, u32),
    /// Two of them have one place.
    #[error("two of the mails have the number {0}/{1}")]
    Twice(u32, u32),
}

impl Series {
    /// One series of mails in the order in which they would be sent; all are taken to come at
    /// `time`. A mail's key is its place among them, from 0.
    ///
    /// Patches without a number take the free places in their order. Answers become comments.
    ///
    /// # Errors
    /// Where the mails cannot be one series.
    pub fn of_unsent(mails: &[Arc<Mail>], time: Timestamp) -> Result<Self, NotOneSeries> {
        let own = |mail: &Mail| matches!(mail.kind(), Kind::Patch | Kind::Cover | Kind::Pull);
        let part = |(place, mail): (usize, &Arc<Mail>)| Part {
            index: mail.header.tag.as_ref().and_then(|t| t.index).unwrap_or(u32::MAX),
            key: MailKey(u32::try_from(place).unwrap_or(u32::MAX)),
            time,
            mail: Arc::clone(mail),
        };
        let (parts, others): (Vec<Part>, Vec<Part>) =
            mails.iter().enumerate().map(part).partition(|part| own(&part.mail));
        let (mut cover, mut patches): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(covers);
        cover.iter_mut().for_each(|part| part.index = 0);
        let total = total(&patches, &cover)?;
        number(&mut patches);
        let same = patches.windows(2).find(|two| matches!(two, [a, b] if a.index == b.index));
        if let Some([part, _]) = same {
            return Err(NotOneSeries::Twice(part.index, total));
        }
        if cover.len() > 1 {
            return Err(NotOneSeries::Twice(0, total));
        }
        let cover = cover.into_iter().next();
        let lead = cover.as_ref().or(patches.first()).ok_or(NotOneSeries::NoPatch)?;
        let header = &lead.mail.header;
        let (id, title, author) =
            (header.message_id.clone(), header.title.clone(), header.from.clone());
        let kind = view::kind_of(&lead.mail);
        let parts = || cover.iter().chain(&patches);
        let lists: BTreeSet<_> = parts().flat_map(|part| &part.mail.header.lists).collect();
        let mut based_on = Vec::new();
        for id in parts().filter_map(|part| part.mail.links()).flat_map(|links| &links.based_on) {
            if !based_on.contains(id) {
                based_on.push(id.clone());
            }
        }
        Ok(Self {
            id,
            kind,
            rfc: parts().any(|p| p.mail.header.tag.as_ref().is_some_and(crate::SubjectTag::is_rfc)),
            title,
            version: version(parts())?,
            total,
            author,
            lists: lists.into_iter().cloned().collect(),
            comments: others.into_iter().filter(|part| part.mail.comment().is_some()).collect(),
            supersedes: None,
            superseded_by: None,
            based_on,
            first: time,
            last: time,
            conflict: false,
            cover,
            patches,
        })
    }
}

fn covers(part: &Part) -> bool {
    match &part.mail.content {
        Content::Cover(_) => true,
        Content::Pull(pull) => pull.request,
        _ => part.index == 0,
    }
}

/// Gives the free places to patches without a number, and sorts them all.
fn number(patches: &mut [Part]) {
    let taken: BTreeSet<u32> = patches.iter().map(|part| part.index).collect();
    let mut free = (1..u32::MAX).filter(|index| !taken.contains(index));
    for part in patches.iter_mut().filter(|part| part.index == u32::MAX) {
        part.index = free.next().unwrap_or(u32::MAX);
    }
    patches.sort_by_key(|part| part.index);
}

/// How many patches the subjects promise, else how many there are.
fn total(patches: &[Part], cover: &[Part]) -> Result<u32, NotOneSeries> {
    let promised = |part: &Part| part.mail.header.tag.as_ref()?.total.filter(|total| *total > 0);
    let totals: BTreeSet<u32> = patches.iter().filter_map(promised).collect();
    let mut totals = totals.into_iter();
    match (totals.next(), totals.next()) {
        (Some(one), Some(other)) => Err(NotOneSeries::Totals(one, other)),
        (Some(total), None) => Ok(total),
        (None, _) => {
            let count = u32::try_from(patches.len()).unwrap_or(u32::MAX).max(1);
            Ok(cover.iter().find_map(promised).unwrap_or(count))
        }
    }
}

fn version<'a>(parts: impl Iterator<Item = &'a Part>) -> Result<Version, NotOneSeries> {
    let named = parts.filter_map(|part| part.mail.header.tag.as_ref());
    let versions: BTreeSet<Version> = named.map(|t| t.version.unwrap_or(Version::FIRST)).collect();
    let mut versions = versions.into_iter();
    match (versions.next(), versions.next()) {
        (Some(one), Some(other)) => Err(NotOneSeries::Versions(one, other)),
        (one, _) => Ok(one.unwrap_or(Version::FIRST)),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    fn series(subjects: &[&str]) -> Result<Series, NotOneSeries> {
        let mail = |subject: &&str| {
            let text = format!(
                "From: A <a@example.org>\nSubject: {subject}\n\nWhy.\n---\n\
                 diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n"
            );
            Arc::new(Mail::parse(text.as_bytes()))
        };
        let mails: Vec<_> = subjects.iter().map(mail).collect();
        Series::of_unsent(&mails, Timestamp::UNIX_EPOCH)
    }

    /// Places with keys, then the total.
    #[test_case(&["[PATCH] one"] => (vec![(1, 0)], 1); "one")]
    #[test_case(&["[PATCH 2/2] b", "[PATCH 1/2] a"] => (vec![(1, 1), (2, 0)], 2); "in any order")]
    #[test_case(&["[PATCH] a", "[PATCH] b"] => (vec![(1, 0), (2, 1)], 2); "without numbers")]
    #[test_case(&["[PATCH v2 3/7] c"] => (vec![(3, 0)], 7); "one of seven")]
    fn places(subjects: &[&str]) -> (Vec<(u32, u32)>, u32) {
        let series = series(subjects).unwrap();
        let places = series.patches.iter().map(|part| (part.index, part.key.0)).collect();
        (places, series.total)
    }

    #[test_case(&[], NotOneSeries::NoPatch; "nothing")]
    #[test_case(&["[PATCH 1/2] a", "[PATCH 1/2] a"], NotOneSeries::Twice(1, 2); "one twice")]
    #[test_case(&["[PATCH 1/2] a", "[PATCH 3/3] a"], NotOneSeries::Totals(2, 3); "two series")]
    #[test_case(&["[PATCH 1/2] a", "[PATCH v2 2/2] b"],
        NotOneSeries::Versions(Version::FIRST, Version { major: 2, minor: 0 }); "two versions")]
    fn refused(subjects: &[&str], why: NotOneSeries) {
        assert_eq!(series(subjects).unwrap_err(), why);
    }

    #[test]
    fn a_cover_letter_leads() {
        let cover = "From: B <b@example.org>\nSubject: [PATCH v3 0/2] all\n\nText.\n";
        let patch = "From: A <a@example.org>\nSubject: [PATCH v3 1/2] x\n\nWhy.\n---\n\
                     diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n";
        let mails = [patch, cover].map(|text| Arc::new(Mail::parse(text.as_bytes())));
        let series = Series::of_unsent(&mails, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((series.title.as_str(), series.version.major), ("all", 3));
        assert_eq!(series.cover.as_ref().map(|part| part.key), Some(MailKey(1)));
        assert!(!series.complete());
    }
}
