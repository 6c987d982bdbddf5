//! One series as a digest tells of it.

use serde::Serialize;
use tidewaiter_mail::MessageId;
use tidewaiter_patch::{Series, Version};
use tidewaiter_policy::{Assessment, Outcome, PatchAssessment, Severity};

use crate::{
    PolicyView,
    statement::{Limits, View},
    text,
};

/// Lines of one series' mails that are cited.
const CITED: usize = 3;

/// One series in a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestItem {
    /// The subsystem that it touches most, by MAINTAINERS.
    pub subsystem: Option<String>,
    /// What comes of it under the policy.
    pub outcome: Outcome,
    /// Why nothing was sent about it by itself, in a few words.
    pub why: Option<&'static str>,
    pub(super) shown: Shown,
    /// Who sent it, in lower case; empty where nobody is named.
    pub(crate) sender: String,
    /// A server vouches for who sent it.
    pub(crate) vouched: bool,
    /// What it says, whatever the line numbers: two versions of a series share it.
    said: Vec<String>,
}

/// One series as the template sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Shown {
    /// `v2`; empty for a first version.
    pub(super) version: String,
    /// Its title, where it may be repeated.
    pub(super) title: Option<String>,
    pub(super) patches: u32,
    /// Its Message-ID, where that is made of plain characters.
    pub(super) id: Option<String>,
    /// The lines that are cited, as they are set.
    pub(super) lines: Vec<String>,
    pub(super) outcome: Outcome,
    /// There are only marks that tools left.
    pub(super) marks: bool,
    /// A tag got lost.
    pub(super) lost: bool,
    pub(super) why: Option<&'static str>,
}

impl DigestItem {
    /// A series as a digest tells of it; `None` where there is nothing to tell. `vouched`: what it
    /// says is from whom it names, as far as a trusted server can tell.
    #[must_use]
    pub fn new(
        series: &Series,
        assessment: &Assessment,
        policy: &PolicyView<'_>,
        why: Option<&'static str>,
        vouched: bool,
    ) -> Option<Self> {
        let limits = Limits { entries: CITED, sentences: 0 };
        let view = View::new(series, assessment, policy, "", String::new(), limits)?;
        let mut lines: Vec<String> = Vec::new();
        for entry in view.stated.iter().flat_map(|stated| &stated.entries) {
            lines.push(format!("{}{}", entry.lead, entry.cite));
            if !entry.facts.is_empty() {
                let indent = entry.lead.chars().count();
                lines.push(format!("{}{}", " ".repeat(indent), entry.facts));
            }
        }
        let more = view.stated.as_ref().map_or(view.more_lost, |stated| stated.more);
        for lost in &view.lost {
            lines.push(format!("{}, now {}: {}", lost.before, lost.now, lost.cite));
        }
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        let first = series.version == Version::FIRST;
        let sender = series.author.as_ref().and_then(|author| author.address.as_ref());
        Some(Self {
            subsystem: subsystem(assessment),
            outcome: assessment.outcome,
            why,
            shown: Shown {
                version: if first { String::new() } else { series.version.to_string() },
                title: text::title(&series.title),
                patches: series.total,
                id: series.id.as_ref().and_then(plain_id),
                lines,
                outcome: assessment.outcome,
                marks: view.stated.as_ref().is_some_and(|stated| stated.marks),
                lost: !view.lost.is_empty(),
                why,
            },
            sender: sender.map(|a| a.as_str().to_ascii_lowercase()).unwrap_or_default(),
            vouched,
            said: said(assessment),
        })
    }

    /// Whether it says something that is not among `before`.
    #[must_use]
    pub fn has_news(&self, before: &[String]) -> bool {
        self.said.iter().any(|said| !before.contains(said))
    }

    /// What it says, for the versions to come.
    #[must_use]
    pub fn said(&self) -> &[String] {
        &self.said
    }
}

/// The first area of the patches that are spoken of, else of any.
fn subsystem(assessment: &Assessment) -> Option<String> {
    let told = |p: &&PatchAssessment| !(p.declared.is_empty() && p.indicated.is_empty());
    let mut names = assessment.patches.iter().filter(told).chain(&assessment.patches);
    names.find_map(|patch| patch.own_subsystems.first().cloned())
}

/// What a tag, a sentence or a mark of a patch says, whatever its line: two versions share it.
#[must_use]
pub fn saying(title: &str, key: Option<&str>, value: &str) -> String {
    format!("{}\n{}\n{value}", title.to_lowercase(), key.unwrap_or_default())
}

fn said(assessment: &Assessment) -> Vec<String> {
    let mut said = Vec::new();
    for patch in &assessment.patches {
        let declared = patch.declared.iter().map(|d| (d.key.as_deref(), &d.value));
        let marks = patch.indicated.iter().map(|m| (m.key.as_deref(), &m.value));
        said.extend(declared.chain(marks).map(|(key, value)| saying(&patch.title, key, value)));
    }
    for finding in assessment.findings.iter().filter(|f| f.severity > Severity::Note) {
        let patch = assessment.patches.iter().find(|p| Some(p.index) == finding.patch);
        let title = patch.map(|patch| patch.title.to_lowercase()).unwrap_or_default();
        let text = finding.text.as_deref().unwrap_or_default();
        said.push(format!("{title}\n{}\n{text}", finding.rule));
    }
    said
}

/// An id that nothing can be hidden in.
fn plain_id(id: &MessageId) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+=%@$-".contains(c);
    let id = id.as_str();
    (id.len() <= 68 && id.chars().all(plain) && !id.contains("www.")).then(|| id.to_owned())
}
