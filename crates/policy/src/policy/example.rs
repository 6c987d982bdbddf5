//! The example mails of a policy file: what should be found in them, and what is.

use std::{collections::BTreeSet, fmt};

use jiff::{SignedDuration, Timestamp};
use serde::{
    Deserialize, Serialize,
    de::value::{self, StrDeserializer},
};
use tidewaiter_patch::{Added, Assembler, Mail, MailKey, Series};

use super::{Policy, about_the_policy, is_stable};
use crate::{
    NotJudged, Observed, Outcome, PolicyContext, Severity, Tree, Vocabulary, assess, observe,
    tree::tree_test,
};

/// A mail with what should be found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it is an example of.
    pub name: String,
    /// Mails that came before it: those of the version before, the cover letter.
    pub earlier: Vec<String>,
    /// The mail, with header and diff.
    pub mail: String,
    /// What should be found in it.
    pub expected: Expected,
}

/// What should be found in an example mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The outcome, or the reason why it is not judged; `None` where any will do.
    pub told: Option<Told>,
    /// Rules with the severity of what they find: these and no others.
    pub findings: BTreeSet<(String, Severity)>,
}

/// What comes of an example mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// It is judged, with this outcome.
    Judged(Outcome),
    /// It is not judged.
    Not(NotJudged),
}

/// What was found in an example mail.
struct Found {
    told: Told,
    findings: BTreeSet<(String, Severity)>,
}

impl Example {
    /// Judges the mail's series, without MAINTAINERS and list of files.
    ///
    /// # Errors
    /// What was expected and what was found, in one line.
    pub fn run(&self, policy: &Policy, vocabulary: &Vocabulary) -> Result<(), String> {
        let mails = self.earlier.iter().chain([&self.mail]);
        let found = judge(policy, vocabulary, mails)?;
        let as_told = self.expected.told.is_none_or(|told| told == found.told);
        if as_told && self.expected.findings == found.findings {
            return Ok(());
        }
        let told = self.expected.told.filter(|_| !as_told || self.expected.findings.is_empty());
        let expected = line(told, &self.expected.findings);
        Err(format!("expected {expected}; found {}", line(Some(found.told), &found.findings)))
    }
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Mails that came when they are dated, or an hour after one another: the series of the last, and the version before it.
pub(crate) struct Thread {
    pub(crate) series: Series,
    pub(crate) previous: Option<Series>,
    observed: Vec<Observed>,
}

impl Thread {
    /// `None` where the last mail belongs to no series with a patch.
    pub(crate) fn of<'a>(
        vocabulary: &Vocabulary,
        mails: impl Iterator<Item = &'a [u8]>,
    ) -> Option<Self> {
        let mut assembler = Assembler::new();
        let mut observed = Vec::new();
        let mut keys = Vec::new();
        let mut time = Timestamp::UNIX_EPOCH;
        for mail in mails {
            let mail = Mail::parse(mail);
            let seen = observe(vocabulary, &mail);
            let dated = mail.header.date.map(|date| date.timestamp).filter(|date| *date > time);
            time = dated.unwrap_or(time.saturating_add(HOUR).unwrap_or(time));
            let added = assembler.add(mail, time);
            if !matches!(added, Added::Copy(_) | Added::Vouched(_)) {
                observed.push(seen);
            }
            keys.push(added.key());
        }
        // A comment is of no series by itself.
        let series = keys.iter().rev().find_map(|key| assembler.series_of(*key))?;
        let series = Some(series).filter(|series| !series.patches.is_empty())?;
        let before = series.supersedes.as_ref().and_then(|id| assembler.key_of(id));
        let previous = before.and_then(|key| assembler.series_of(key));
        Some(Self { series, previous, observed })
    }

    pub(crate) fn observed(&self, key: MailKey) -> &Observed {
        self.observed.get(key.0 as usize).unwrap_or_else(|| Observed::nothing())
    }
}

fn judge<'a>(
    policy: &Policy,
    vocabulary: &Vocabulary,
    mails: impl Iterator<Item = &'a String>,
) -> Result<Found, String> {
    let thread = Thread::of(vocabulary, mails.map(|mail| mail.as_bytes()));
    let Some(thread) = thread else { return Err("the mail holds no patch".to_owned()) };
    let series = &thread.series;
    let not = |why| Found { told: Told::Not(why), findings: BTreeSet::new() };
    if is_stable(policy, series) {
        return Ok(not(NotJudged::Stable));
    }
    let tree = tree_test(policy, None, series);
    if tree.tree != Tree::ThisTree {
        return Ok(not(NotJudged::NotThisTree));
    }
    if about_the_policy(policy, series) {
        return Ok(not(NotJudged::AboutThePolicy));
    }
    let previous = thread.previous.as_ref();
    let context = PolicyContext { tree: Some(&tree), previous, ..PolicyContext::default() };
    let assessment = assess(policy, &context, series, &|key| thread.observed(key));
    let findings = assessment.findings.into_iter().map(|found| (found.rule, found.severity));
    Ok(Found { told: Told::Judged(assessment.outcome), findings: findings.collect() })
}

fn line(told: Option<Told>, findings: &BTreeSet<(String, Severity)>) -> String {
    let told = told.map(|told| told.to_string());
    let findings = findings.iter().map(|(rule, severity)| format!("{rule} {}", name(severity)));
    let parts: Vec<String> = told.into_iter().chain(findings).collect();
    if parts.is_empty() { "no finding".to_owned() } else { parts.join(", ") }
}

impl Told {
    /// Reads an outcome (`silent`) or a reason for not judging (`not-this-tree`).
    pub(super) fn from_name(name: &str) -> Option<Self> {
        from_name(name).map(Self::Judged).or_else(|| from_name(name).map(Self::Not))
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Judged(outcome) => f.write_str(&name(outcome)),
            Self::Not(why) => f.write_str(&name(why)),
        }
    }
}

/// The unit variant that is written as this word.
pub(super) fn from_name<'a, T: Deserialize<'a>>(name: &'a str) -> Option<T> {
    T::deserialize(StrDeserializer::<value::Error>::new(name)).ok()
}

/// The word that a unit variant is written as.
fn name(value: &impl Serialize) -> String {
    let value = toml::Value::try_from(value).ok();
    value.as_ref().and_then(toml::Value::as_str).unwrap_or_default().to_owned()
}
