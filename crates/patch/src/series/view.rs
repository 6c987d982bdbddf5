//! A series as it stands, with what links it to others.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use tidewaiter_mail::MessageId;

use super::{
    Assembler, MailKey, Part, Series, SeriesKind,
    assembler::{Sender, normal_title, version_of},
};
use crate::{Content, Kind, Mail, Version};

/// What versions are compared by: the version, then the time of the first mail, then the lead's
/// id (a key would tell which mail was added first).
type Age = (Version, Timestamp, Option<MessageId>);

/// How many patches of a series are looked for by title.
const TITLES: usize = 50;

/// How many answers are gone through upwards, where each names only the one above it.
const ANSWERS: usize = 20;

/// What else has to be so for a link to count.
#[derive(Clone, Copy)]
enum Need {
    Nothing,
    OtherVersion,
    OtherVersionOrTotal,
}

impl Assembler {
    /// The series that this mail is a part of; `None` where it is none.
    pub fn series_of(&mut self, key: MailKey) -> Option<Series> {
        let group = self.group_of(key)?;
        let lead = *group.first()?;
        let comments = self.comments_of(&group);
        let older = self.neighbour(lead, &group, &comments, true);
        let newer = self.neighbour(lead, &group, &comments, false);
        let id = |key: Option<MailKey>| self.mail(key?)?.header.message_id.clone();
        let (supersedes, superseded_by) = (id(older), id(newer));
        Some(Series { supersedes, superseded_by, ..self.series(&group, comments)? })
    }

    /// The same without comments and other versions: it costs no more than its parts.
    pub fn parts_of(&mut self, key: MailKey) -> Option<Series> {
        let group = self.group_of(key)?;
        self.series(&group, Vec::new())
    }

    fn series(&self, group: &[MailKey], comments: Vec<Part>) -> Option<Series> {
        let lead = *group.first()?;
        let parts: Vec<Part> = group.iter().filter_map(|key| self.part(*key)).collect();
        let sender = Sender::of(self.mail(lead)?.header.from.as_ref());
        let covers = |part: &Part| match &part.mail.content {
            Content::Cover(_) => true,
            Content::Pull(pull) => pull.request,
            _ => part.index == 0,
        };
        let (cover, patches): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(covers);
        let lead_mail = Arc::clone(self.mail(lead)?);
        let mut series = Series {
            id: lead_mail.header.message_id.clone(),
            kind: kind_of(&lead_mail),
            rfc: false,
            title: lead_mail.header.title.clone(),
            version: Version::FIRST,
            total: 1,
            author: lead_mail.header.from.clone(),
            cover: cover.into_iter().next(),
            patches,
            comments,
            lists: Vec::new(),
            supersedes: None,
            superseded_by: None,
            based_on: Vec::new(),
            first: self.filed(lead)?.time,
            last: self.filed(lead)?.time,
            conflict: false,
        };
        self.sum_up(&mut series, group, sender.as_ref());
        Some(series)
    }

    fn part(&self, key: MailKey) -> Option<Part> {
        let filed = self.filed(key)?;
        let mail = Arc::clone(&filed.mail);
        Some(Part { index: filed.place, key, time: filed.time, mail })
    }

    fn sum_up(&self, series: &mut Series, group: &[MailKey], sender: Option<&Sender>) {
        let mut lists = BTreeSet::new();
        for filed in group.iter().filter_map(|key| self.filed(*key)) {
            lists.extend(filed.lists.iter().cloned());
            series.first = series.first.min(filed.time);
            series.last = series.last.max(filed.time);
            series.conflict |= filed.conflict;
            series.rfc |= filed.mail.header.tag.as_ref().is_some_and(crate::SubjectTag::is_rfc);
        }
        series.lists = lists.into_iter().collect();
        series.version = self.version_of_group(group);
        series.total = self.total_of_group(group);
        let own_comments = series
            .comments
            .iter()
            .filter(|part| Sender::of(part.mail.header.from.as_ref()).as_ref() == sender);
        let mut based_on: Vec<MessageId> = Vec::new();
        for part in series.cover.iter().chain(&series.patches).chain(own_comments) {
            for id in part.mail.links().into_iter().flat_map(|links| &links.based_on) {
                if !based_on.contains(id) {
                    based_on.push(id.clone());
                }
            }
        }
        series.based_on = based_on;
    }

    /// The comments whose nearest patch above them is in this series, by time.
    fn comments_of(&mut self, group: &[MailKey]) -> Vec<Part> {
        let own: BTreeSet<MailKey> = group.iter().copied().collect();
        let mut below: BTreeSet<MailKey> = BTreeSet::new();
        for key in group {
            if let Some(id) = self.mail(*key).and_then(|m| m.header.message_id.as_ref()) {
                below.extend(self.comments_below(id));
            }
        }
        // Some programs name the mail that they answer and none above it.
        let mut last: Vec<MailKey> = below.iter().copied().collect();
        while let Some(key) = last.pop() {
            let Some(id) = self.mail(key).and_then(|m| m.header.message_id.as_ref()) else {
                continue;
            };
            for answer in self.comments_below(id) {
                let direct = self.mail(*answer).and_then(|m| m.header.parents().next());
                if direct == Some(id) && below.insert(*answer) {
                    last.push(*answer);
                }
            }
        }
        let mut comments: Vec<Part> = below
            .into_iter()
            .filter_map(|key| self.part(key))
            .filter(|part| self.nearest_patch(&part.mail).is_some_and(|key| own.contains(&key)))
            .collect();
        comments.sort_by(|a, b| {
            (a.time, &a.mail.header.message_id, a.key).cmp(&(
                b.time,
                &b.mail.header.message_id,
                b.key,
            ))
        });
        comments
    }

    /// The nearest patch, cover letter or pull request above a comment: of those that it names, else
    /// of those that the mail names which it answers, and so on. References hold at most 50 ids.
    fn nearest_patch(&self, comment: &Mail) -> Option<MailKey> {
        let mut comment = comment;
        for _ in 0..ANSWERS {
            let named = comment.header.parents().filter_map(|id| self.key_of(id));
            let patch = |key: &MailKey| self.mail(*key).is_some_and(|m| m.comment().is_none());
            if let Some(patch) = named.into_iter().find(patch) {
                return Some(patch);
            }
            let answered = comment.header.parents().next()?;
            comment = self.mail(self.key_of(answered)?)?;
        }
        None
    }

    /// The series that a comment belongs to, by its lead.
    pub fn lead_above(&mut self, comment: MailKey) -> Option<MailKey> {
        let mail = Arc::clone(self.mail(comment)?);
        let patch = self.nearest_patch(&mail)?;
        self.lead_of(patch)
    }

    /// The lead of the version before (or after) this one: the nearest of those that the same
    /// sender linked by `Supersedes:`, by b4's change-id, by answering it, by its title or by those
    /// of its patches; or that another person linked by `Supersedes:` in a comment. What is only a
    /// hint has to be borne out by the versions.
    fn neighbour(
        &mut self,
        lead: MailKey,
        group: &[MailKey],
        comments: &[Part],
        older: bool,
    ) -> Option<MailKey> {
        let own_age = self.age(lead)?;
        let time = own_age.1;
        let sender = Sender::of(self.mail(lead)?.header.from.as_ref())?;
        let pull = self.mail(lead)?.kind() == Kind::Pull;
        // A backport to another branch is no other version.
        let own_branches = branches(self.mail(lead)?);
        let total = self.total_of_group(group);
        // Pull requests often have one title week after week.
        let same_title = if pull { Need::OtherVersion } else { Need::Nothing };
        for (candidates, need) in [
            (self.by_word(group, comments, Some(&sender), older, time), Need::Nothing),
            (self.by_change_id(group, older, time), Need::Nothing),
            (self.by_thread(group, older, time), Need::OtherVersion),
            (self.by_title(group.get(..1), &sender, older, time), same_title),
            (self.by_title(group.get(1..), &sender, older, time), Need::OtherVersionOrTotal),
            (self.by_word(group, comments, None, older, time), Need::OtherVersion),
        ] {
            let mut found: Vec<(Age, MailKey)> = Vec::new();
            for key in candidates {
                let Some(other) = self.lead_of(key) else { continue };
                let same_sender = self.mail(other).is_some_and(|m| {
                    Sender::of(m.header.from.as_ref()).as_ref() == Some(&sender)
                        && (m.kind() == Kind::Pull) == pull
                        && branches(m) == own_branches
                });
                let Some(age) = self.age(other) else { continue };
                if other == lead || !same_sender {
                    continue;
                }
                let right_side = if older { age < own_age } else { age > own_age };
                // A higher version is never older, whatever its date says, nor is a later mail.
                let right_time = if older { age.1 <= own_age.1 } else { age.1 >= own_age.1 };
                let borne_out = match need {
                    Need::Nothing => true,
                    Need::OtherVersion => age.0 != own_age.0,
                    // One part sent anew replaces no series.
                    Need::OtherVersionOrTotal => {
                        (older || self.filed(other).is_some_and(|f| f.place <= 1))
                            && (age.0 != own_age.0 || self.total_of(other) == total)
                    }
                };
                if right_side && right_time && borne_out {
                    found.push((age, other));
                }
            }
            let nearest = |a: &&(Age, MailKey), b: &&(Age, MailKey)| a.0.cmp(&b.0);
            let best =
                if older { found.iter().max_by(nearest) } else { found.iter().min_by(nearest) };
            if let Some((_, key)) = best {
                return Some(*key);
            }
        }
        None
    }

    fn age(&mut self, lead: MailKey) -> Option<Age> {
        let group = self.group_of(lead)?;
        let times = group.iter().filter_map(|key| Some(self.filed(*key)?.time));
        let first = times.min()?;
        let id = self.mail(lead)?.header.message_id.clone();
        Some((self.version_of_group(&group), first, id))
    }

    fn total_of(&mut self, lead: MailKey) -> u32 {
        self.group_of(lead).map_or(1, |group| self.total_of_group(&group))
    }

    /// How many patches a series' subjects promise. The patches know better than a cover letter
    /// whose tag was written by hand.
    fn total_of_group(&self, group: &[MailKey]) -> u32 {
        let filed = group.iter().filter_map(|key| self.filed(*key));
        let totals = filed.filter_map(|f| Some((f.place == 0, f.mail.header.tag.as_ref()?.total?)));
        totals.min_by_key(|(cover, _)| *cover).map_or(1, |(_, total)| total.max(1))
    }

    /// The version that most of a series' subjects name; of those named as often, the highest.
    fn version_of_group(&self, group: &[MailKey]) -> Version {
        let mut votes: BTreeMap<Version, usize> = BTreeMap::new();
        for version in group.iter().filter_map(|key| version_of(self.mail(*key)?)) {
            *votes.entry(version).or_default() += 1;
        }
        let most = votes.into_iter().max_by_key(|(version, count)| (*count, *version));
        most.map_or(Version::FIRST, |(version, _)| version)
    }

    /// What `Supersedes:` names or is named by: in the mails of the series and in what `sender`
    /// answered below it, or in comments by anybody.
    fn by_word(
        &self,
        group: &[MailKey],
        comments: &[Part],
        sender: Option<&Sender>,
        older: bool,
        time: Timestamp,
    ) -> Vec<MailKey> {
        let may_say = |mail: &Mail| {
            sender.is_none() || Sender::of(mail.header.from.as_ref()).as_ref() == sender
        };
        let mut found = Vec::new();
        if older {
            let mails = group.iter().filter_map(|key| self.mail(*key));
            let comments = comments.iter().map(|part| &part.mail).filter(|mail| may_say(mail));
            for links in mails.chain(comments).filter_map(|mail| mail.links()) {
                found.extend(links.supersedes.iter().filter_map(|id| self.key_of(id)));
            }
            return found;
        }
        let ids = group.iter().filter_map(|key| self.mail(*key)?.header.message_id.as_ref());
        let named = ids.filter_map(|id| self.superseding.get(id));
        for key in named.flat_map(|near| near.near(time, false)) {
            match self.mail(key) {
                Some(mail) if mail.comment().is_some() => {
                    found.extend(self.nearest_patch(mail).filter(|_| may_say(mail)));
                }
                _ => found.push(key),
            }
        }
        found
    }

    fn by_change_id(&self, group: &[MailKey], older: bool, time: Timestamp) -> Vec<MailKey> {
        let mails = group.iter().filter_map(|key| self.mail(*key));
        let ids: BTreeSet<&String> = mails.filter_map(|m| m.links()?.change_id.as_ref()).collect();
        let near = ids.into_iter().filter_map(|id| self.change_ids.get(id));
        near.flat_map(|near| near.near(time, older)).collect()
    }

    /// A version often answers the one before it.
    fn by_thread(&self, group: &[MailKey], older: bool, time: Timestamp) -> Vec<MailKey> {
        if !older {
            let ids = group.iter().filter_map(|key| self.mail(*key)?.header.message_id.as_ref());
            let below = ids.filter_map(|id| self.leads_below.get(id));
            return below.flat_map(|near| near.near(time, false)).collect();
        }
        let Some(lead) = group.first().and_then(|key| self.mail(*key)) else { return Vec::new() };
        lead.header.parents().filter_map(|id| self.key_of(id)).collect()
    }

    fn by_title(
        &self,
        group: Option<&[MailKey]>,
        sender: &Sender,
        older: bool,
        time: Timestamp,
    ) -> Vec<MailKey> {
        let mails = group.unwrap_or_default().iter().take(TITLES);
        let titles: BTreeSet<String> = mails
            .filter_map(|key| Some(normal_title(&self.mail(*key)?.header.title)))
            .filter(|title| !title.is_empty())
            .collect();
        let found =
            titles.into_iter().filter_map(|title| self.titles.get(&(sender.clone(), title)));
        found.flat_map(|near| near.near(time, older)).collect()
    }
}

/// Backports are told by the branch that their tag names: `Stable-10.0.3`, `6.12.y`, `5.10`.
pub(super) fn kind_of(mail: &Mail) -> SeriesKind {
    if mail.kind() == Kind::Pull {
        SeriesKind::Pull
    } else if branches(mail).is_empty() {
        SeriesKind::Patch
    } else {
        SeriesKind::Stable
    }
}

/// The stable branches that a mail's tag names, in lower case.
fn branches(mail: &Mail) -> BTreeSet<String> {
    let is_branch = |lower: &String| {
        let number = lower.strip_suffix(".y").unwrap_or(lower);
        let dotted = number.contains('.')
            && number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'/' | b'-'));
        lower.starts_with("stable") || lower == "autosel" || dotted
    };
    let prefixes = mail.header.tag.iter().flat_map(|tag| &tag.prefixes);
    prefixes.map(|prefix| prefix.to_lowercase()).filter(is_branch).collect()
}
