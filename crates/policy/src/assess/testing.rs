//! Series and judgements for tests.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use jiff::Timestamp;
use tidewaiter_mail::Keyring;
use tidewaiter_patch::{Content, Mail, MailKey, Part, Series, SeriesKind, Version};

use super::{PolicyContext, assess};
use crate::{Assessment, Observed, Policy, Vocabulary, builtin_policies, observe};

pub(crate) fn policy(id: &str) -> Policy {
    let (_, text) = builtin_policies().iter().find(|(known, _)| *known == id).expect("shipped");
    Policy::parse(text).expect("a shipped policy reads").0
}

/// One series of these mails, in the order given, come when `Received` says, else `Date`; what is neither cover nor patch is a comment.
pub(crate) fn series_of(mails: &[Vec<u8>]) -> Series {
    series_signed(mails, None)
}

/// The same, where these keys are known.
pub(crate) fn series_signed(mails: &[Vec<u8>], keyring: Option<&Keyring>) -> Series {
    let mut series = Series {
        id: None,
        kind: SeriesKind::Patch,
        rfc: false,
        title: String::new(),
        version: Version::FIRST,
        total: 1,
        author: None,
        cover: None,
        patches: Vec::new(),
        comments: Vec::new(),
        lists: Vec::new(),
        supersedes: None,
        superseded_by: None,
        based_on: Vec::new(),
        first: Timestamp::UNIX_EPOCH,
        last: Timestamp::UNIX_EPOCH,
        conflict: false,
    };
    for (key, mail) in (0..).zip(mails) {
        let mail = Arc::new(Mail::parse_with(mail, keyring));
        let tag = mail.header.tag.as_ref();
        let index = tag.and_then(|tag| tag.index).unwrap_or(1);
        series.total = tag.and_then(|tag| tag.total).unwrap_or(series.total);
        let first = series.cover.is_none() && series.patches.is_empty();
        let time = mail.header.received.or(mail.header.date.map(|date| date.timestamp));
        let time = time.unwrap_or(Timestamp::UNIX_EPOCH);
        let part = Part { index, key: MailKey(key), time, mail };
        if first {
            series.id.clone_from(&part.mail.header.message_id);
            series.author.clone_from(&part.mail.header.from);
            series.title.clone_from(&part.mail.header.title);
        }
        match &part.mail.content {
            Content::Cover(_) => series.cover = Some(part),
            Content::Patch(_) => series.patches.push(part),
            _ => series.comments.push(part),
        }
    }
    series
}

pub(crate) fn observe_all(series: &Series) -> HashMap<MailKey, Observed> {
    static VOCABULARY: LazyLock<Vocabulary> =
        LazyLock::new(|| Vocabulary::builtin().expect("the shipped vocabulary reads"));
    let parts = series.parts().chain(&series.comments);
    parts.map(|part| (part.key, observe(&VOCABULARY, &part.mail))).collect()
}

pub(crate) fn judge(policy: &Policy, context: &PolicyContext<'_>, series: &Series) -> Assessment {
    let observed = observe_all(series);
    let by_key = |key| observed.get(&key).unwrap_or(Observed::nothing());
    assess(policy, context, series, &by_key)
}
