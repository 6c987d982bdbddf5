//! What of a series and a policy goes into a template.

mod entries;
pub(crate) mod facts;
mod lost;
pub(crate) mod sample;
mod who;
pub(crate) mod why;

use serde::Serialize;
use tidewaiter_patch::Series;
use tidewaiter_policy::{Assessment, Outcome};

use crate::text;
pub(crate) use entries::named_patches;
pub(crate) use lost::Lost;

/// What a reply needs to know of a policy.
#[derive(Clone, Copy)]
pub struct PolicyView<'a> {
    /// Its id, such as `qemu-2025-06`.
    pub id: &'a str,
    /// The project's name in a sentence, such as `QEMU`.
    pub project_name: &'a str,
    /// The date of its text, such as `2025-06-24`.
    pub date: &'a str,
    /// Where its text stands.
    pub url: &'a str,
    /// It is the project's policy today.
    pub in_force: bool,
    /// Its sentences for the rules that found something, the rule's own first; where this is
    /// empty, those of the findings are taken.
    pub sentences: &'a [Sentence<'a>],
    /// Whether a word of a tag may be repeated: tag keys, uses, and names of known tools.
    pub may_cite: &'a dyn Fn(&str) -> bool,
}

/// A sentence of a policy, word for word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence<'a> {
    /// The words.
    pub text: &'a str,
    /// Where they stand.
    pub url: &'a str,
    /// The date of that text.
    pub date: &'a str,
    /// Who wrote it and where, such as `Olga Operator on a-list`, where it is not the policy's
    /// own text.
    pub by: Option<&'a str>,
}

/// How much is written out before the rest is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Lines of the mails that are cited.
    pub(crate) entries: usize,
    /// Sentences of the policy that are quoted.
    pub(crate) sentences: usize,
}

/// What a template sees.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    pub(crate) outcome: Outcome,
    /// The list's name.
    pub(crate) list: String,
    /// Who runs the program.
    pub(crate) operator: String,
    pub(crate) policy: Policy,
    /// Who states what; none where the reply is about lost tags.
    pub(crate) stated: Option<Stated>,
    /// Tags that this version lost, where the reply is about nothing else.
    pub(crate) lost: Vec<Lost>,
    /// Lost tags that are only counted.
    pub(crate) more_lost: usize,
}

#[derive(Debug, Serialize)]
pub(crate) struct Policy {
    pub(crate) id: String,
    pub(crate) project: String,
    pub(crate) date: String,
    pub(crate) url: String,
    pub(crate) in_force: bool,
    pub(crate) quotes: Vec<Quote>,
}

impl Policy {
    pub(crate) fn new(policy: &PolicyView<'_>, quotes: Vec<Quote>) -> Self {
        Self {
            id: text::stripped(policy.id),
            project: text::stripped(policy.project_name),
            date: text::stripped(policy.date),
            url: text::stripped(policy.url),
            in_force: policy.in_force,
            quotes,
        }
    }
}

/// Sentences of one text.
#[derive(Debug, Serialize)]
pub(crate) struct Quote {
    pub(crate) date: String,
    pub(crate) url: String,
    pub(crate) by: Option<String>,
    pub(crate) texts: Vec<String>,
}

/// Who states what.
#[derive(Debug, Serialize)]
pub(crate) struct Stated {
    /// Who states it: `Patches 2 and 3 of 5`, `The cover letter`.
    pub(crate) who: String,
    /// More than one mail does.
    pub(crate) plural: bool,
    /// Patches that state it themselves.
    pub(crate) count: usize,
    /// Patches of the series.
    pub(crate) total: u32,
    /// The subjects number the patches.
    pub(crate) numbered: bool,
    /// The cover letter, or the author in an answer, says it for the series.
    pub(crate) cover: bool,
    pub(crate) answer: bool,
    /// Another person than the author sent it: that person's name, if it may be repeated.
    pub(crate) resent: bool,
    pub(crate) sender: Option<String>,
    /// All of it is marks that tools left; nothing is declared.
    pub(crate) marks: bool,
    pub(crate) entries: Vec<Entry>,
    /// Patches that are only counted, and their numbers in a sentence.
    pub(crate) more: usize,
    pub(crate) more_patches: String,
    /// The uses that are declared, where they are `tests` and `docs` alone; else empty.
    pub(crate) uses: String,
}

/// One line of one mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Entry {
    /// `3/5` and two blanks; empty where patches have no numbers.
    pub(crate) lead: String,
    /// The line as it is cited.
    pub(crate) cite: String,
    /// The patch's size and kind of files.
    pub(crate) size: String,
    /// What rules counted in the patch; empty on all but its last line.
    pub(crate) facts: String,
    /// The patch's title, where it may be repeated.
    pub(crate) title: Option<String>,
}

impl View {
    /// `None` where there is nothing to tell.
    pub(crate) fn new(
        series: &Series,
        assessment: &Assessment,
        policy: &PolicyView<'_>,
        list: &str,
        operator: String,
        limits: Limits,
    ) -> Option<Self> {
        let (lost, more_lost) = lost::lost(series, assessment, policy, limits.entries);
        let stated = match lost.as_slice() {
            [] => Some(entries::stated(series, assessment, policy, limits.entries)?),
            _ => None,
        };
        Some(Self {
            outcome: assessment.outcome,
            list: text::stripped(list),
            operator,
            policy: Policy::new(policy, quotes(assessment, policy, limits.sentences)),
            stated,
            lost,
            more_lost,
        })
    }
}

/// The policy's sentences, each once, those of one text together.
pub(crate) fn quotes(assessment: &Assessment, policy: &PolicyView<'_>, most: usize) -> Vec<Quote> {
    let own = policy.sentences.iter().copied();
    let found = facts::speaking(assessment).filter_map(|finding| {
        Some(Sentence {
            text: finding.rule_text.as_deref()?,
            url: finding.rule_url.as_deref().unwrap_or(policy.url),
            date: policy.date,
            by: None,
        })
    });
    let sentences: Vec<Sentence<'_>> =
        if policy.sentences.is_empty() { found.collect() } else { own.collect() };
    let mut quotes: Vec<Quote> = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for sentence in sentences {
        let words = text::stripped(sentence.text);
        if words.is_empty() || seen.contains(&words) || seen.len() == most {
            continue;
        }
        seen.push(words.clone());
        let (date, url) = (text::stripped(sentence.date), text::stripped(sentence.url));
        let by = sentence.by.map(text::stripped);
        match quotes.iter_mut().find(|q| q.date == date && q.url == url && q.by == by) {
            Some(quote) => quote.texts.push(words),
            None => quotes.push(Quote { date, url, by, texts: vec![words] }),
        }
    }
    quotes
}
