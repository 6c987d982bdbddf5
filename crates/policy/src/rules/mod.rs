//! The rules, one a file. A rule returns findings; it never addresses, words or sends a mail.

mod agent_author;
mod agent_co_author;
mod agent_signed_off;
mod agreement_recorded;
mod agreement_unverified;
mod automated_submission;
mod changed_disclosure;
mod core_without_agreement;
mod cover_only_disclosure;
mod declared_under_ban;
mod dropped_disclosure;
mod forbidden_tag;
mod foreign_tag;
mod licence_changed;
mod licence_missing;
mod malformed_tag;
mod misplaced_tag;
mod outside_allowed;
mod partial_disclosure;
mod sign_off_missing;
mod sign_off_not_author;
mod sign_off_order;
mod small_fix_too_large;
mod tag_order;
mod tool_folder;
mod tool_mark;

use tidewaiter_patch::{Mail, Part};

use crate::{
    Audience, Category, Finding, Indicated, IndicatedForm, Policy, Severity,
    assess::{Declaration, FoundAgreement, PatchView, SeriesView},
    policy::RuleSetting,
};

/// What a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleMeta {
    /// Its id: the name of its file (with underscores), of its fixtures' folder, its docs' anchor.
    pub id: &'static str,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// Why it exists, in a few sentences.
    pub rationale: &'static str,
    /// Who can act on what it finds.
    pub audience: Audience,
}

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// What it is.
    pub meta: RuleMeta,
    /// Looks at a series.
    pub check: fn(&RuleInput<'_>) -> Checked,
}

/// What a rule looks at.
#[derive(Debug)]
pub struct RuleInput<'a> {
    /// The rule itself.
    pub rule: &'a RuleMeta,
    /// The policy.
    pub policy: &'a Policy,
    /// How the rule runs under it.
    pub setting: &'a RuleSetting,
    /// The series.
    pub series: &'a SeriesView<'a>,
}

/// What a rule found, and why it spoke or did not.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What it found.
    pub findings: Vec<Finding>,
    said: Vec<Said>,
    /// How many reasons were said and not kept.
    unkept: usize,
}

/// One reason, with the patches that share it; none where it is about the series.
#[derive(Clone, Debug)]
struct Said {
    found: bool,
    patches: Vec<u32>,
    why: String,
}

/// How many reasons of one rule `explain` shows, and of how many it chooses.
const SHOWN: usize = 8;
const KEPT: usize = 64;

impl Checked {
    fn found(&mut self, finding: Finding, why: String) {
        self.add(finding.patch, true, why);
        self.findings.push(finding);
    }

    /// Says why the rule passes a patch.
    fn say(&mut self, patch: &PatchView<'_>, why: impl Into<String>) {
        self.add(Some(patch.index), false, why.into());
    }

    fn add(&mut self, patch: Option<u32>, found: bool, why: String) {
        let same = |said: &&mut Said| {
            said.found == found && said.why == why && said.patches.is_empty() == patch.is_none()
        };
        if let Some(said) = self.said.iter_mut().find(same) {
            let known = patch.is_none_or(|patch| said.patches.last() == Some(&patch));
            said.patches.extend(patch.filter(|_| !known));
        } else if self.said.len() < KEPT {
            self.said.push(Said { found, patches: patch.into_iter().collect(), why });
        } else {
            self.unkept += 1;
        }
    }

    /// Says why nothing was looked at, where nothing was said.
    fn or(mut self, why: &str) -> Self {
        if self.said.is_empty() {
            self.add(None, false, why.to_owned());
        }
        self
    }

    /// Why it spoke, and then why it did not, for a series of so many patches: one sentence a line.
    #[must_use]
    pub fn why(&self, total: u32) -> Vec<String> {
        let of = |found| self.said.iter().filter(move |said| said.found == found);
        let lines = of(true).chain(of(false)).take(SHOWN).map(|said| said.line(total));
        let more = self.said.len().saturating_sub(SHOWN) + self.unkept;
        lines.chain((more > 0).then(|| format!("and {more} more"))).collect()
    }
}

impl Said {
    /// "patch 2/7: why", "patches 1-3, 5: why".
    fn line(&self, total: u32) -> String {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for patch in &self.patches {
            match ranges.last_mut() {
                Some((_, to)) if to.checked_add(1) == Some(*patch) => *to = *patch,
                _ => ranges.push((*patch, *patch)),
            }
        }
        let range = |(from, to): &(u32, u32)| {
            if from == to { from.to_string() } else { format!("{from}-{to}") }
        };
        let why = &self.why;
        match (self.patches.as_slice(), ranges.len()) {
            ([], _) => why.clone(),
            ([patch], _) => format!("patch {patch}/{total}: {why}"),
            (_, ..=SHOWN) => {
                let ranges: Vec<String> = ranges.iter().map(range).collect();
                format!("patches {}: {why}", ranges.join(", "))
            }
            (patches, _) => format!("{} patches: {why}", patches.len()),
        }
    }
}

/// Every rule, the gravest first.
pub const ALL: &[Rule] = &[
    declared_under_ban::RULE,
    core_without_agreement::RULE,
    outside_allowed::RULE,
    small_fix_too_large::RULE,
    agent_signed_off::RULE,
    agent_author::RULE,
    automated_submission::RULE,
    agent_co_author::RULE,
    forbidden_tag::RULE,
    tool_mark::RULE,
    dropped_disclosure::RULE,
    changed_disclosure::RULE,
    tool_folder::RULE,
    foreign_tag::RULE,
    malformed_tag::RULE,
    misplaced_tag::RULE,
    cover_only_disclosure::RULE,
    partial_disclosure::RULE,
    tag_order::RULE,
    sign_off_missing::RULE,
    sign_off_not_author::RULE,
    sign_off_order::RULE,
    licence_missing::RULE,
    licence_changed::RULE,
    agreement_recorded::RULE,
    agreement_unverified::RULE,
];

/// The rule of this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Rule> {
    ALL.iter().find(|rule| rule.meta.id == id)
}

impl RuleInput<'_> {
    /// A finding on a patch, or with `None` on the series; `mail` and `line` say where it stands.
    fn finding(
        &self,
        patch: Option<u32>,
        mail: &Mail,
        line: Option<usize>,
        text: Option<String>,
    ) -> Finding {
        let sentence = self.setting.sentence.and_then(|place| self.policy.sentences.get(place));
        Finding {
            rule: self.rule.id.to_owned(),
            severity: self.setting.severity,
            audience: self.rule.audience,
            patch,
            message_id: mail.header.message_id.clone(),
            line,
            text,
            rule_text: sentence.and_then(|sentence| sentence.text.clone()),
            rule_url: sentence.and_then(|sentence| sentence.url.clone()),
            rule_reported_by: sentence
                .filter(|sentence| sentence.text.is_none())
                .and_then(|sentence| sentence.reported_by.clone()),
            advice: self.setting.advice.clone(),
            before: None,
        }
    }

    /// The first declaration of content on a patch: the one that a reader is shown.
    fn first_content<'p>(&'p self, patch: &'p PatchView<'_>) -> Option<&'p Declaration<'p>> {
        patch.content(self.policy).next()
    }

    fn at_most(&self, severity: Severity) -> Severity {
        self.setting.severity.min(severity)
    }
}

/// Where a declaration stands that is not in the patch itself.
fn elsewhere(declared: &Declaration<'_>, input: &RuleInput<'_>) -> &'static str {
    let cover = input.series.series.cover.as_ref();
    let in_cover = |cover: &Part| cover.mail.header.message_id == declared.mail.header.message_id;
    match (declared.own, cover.is_some_and(in_cover)) {
        (true, _) => "",
        (false, true) => " of the cover letter",
        (false, false) => " of the author's answer",
    }
}

/// What an agreement is about that is about no patch of its own.
fn agreement_place(found: &FoundAgreement<'_>) -> &'static str {
    if found.agreement.patch.is_none() { "the series: " } else { "" }
}

/// How an agreement is given, and by whom.
fn agreement_text(found: &FoundAgreement<'_>) -> String {
    let agreement = &found.agreement;
    let by = agreement.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    let names = agreement.names.as_ref().map(|id| format!(", naming {id}")).unwrap_or_default();
    format!("{}{by}{names}", agreement.how.words())
}

/// How large a patch is as the policy counts, with the limit where it is over it.
fn size(patch: &PatchView<'_>, input: &RuleInput<'_>) -> String {
    let lines = patch.counted(input.policy);
    let unit = if lines == 1 { "line" } else { "lines" };
    let limit = input.policy.limits.small_fix.filter(|limit| lines > *limit);
    let over = limit.map(|limit| format!(" (the limit for a small fix: {limit})"));
    let leaves = |category| input.policy.limits.leave_out.contains(&category);
    let outside = match (leaves(Category::Tests), leaves(Category::Docs)) {
        (true, true) => " outside tests and docs",
        (true, false) => " outside tests",
        (false, true) => " outside docs",
        (false, false) => "",
    };
    format!("{lines} {unit}{outside}{}", over.unwrap_or_default())
}

/// Whether a mark is one that a rule of its own speaks of under this policy.
fn has_own_rule(policy: &Policy, mark: &Indicated, mail: &Mail) -> bool {
    let has = |rule: &str| policy.rules.contains_key(rule);
    [agent_signed_off::marks, agent_author::marks, agent_co_author::marks, tool_folder::marks]
        .iter()
        .zip(["agent-signed-off", "agent-author", "agent-co-author", "tool-folder"])
        .any(|(marks, rule)| has(rule) && marks(policy, mark))
        || has("automated-submission") && automated_submission::marks(policy, mark, mail)
}

/// A text from a mail as a finding may show it: one line of at most 200 characters.
fn shown(text: &str) -> String {
    let one_line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut shown: String = one_line.take(200).collect();
    if text.chars().nth(200).is_some() {
        shown.push_str("...");
    }
    shown
}

/// Whether a mark is a trailer with one of these keys that names an agent.
fn is_agent_in(mark: &Indicated, keys: &[&str]) -> bool {
    mark.form == IndicatedForm::AgentTrailer
        && mark.key.as_deref().is_some_and(|key| keys.iter().any(|k| key.eq_ignore_ascii_case(k)))
}

/// A finding for each mark that `marks` picks. A mark can be false: it is asked about at most.
fn of_marks(input: &RuleInput<'_>, marks: fn(&Policy, &Indicated) -> bool, none: &str) -> Checked {
    let mut checked = Checked::default();
    for patch in input.series.judged() {
        for mark in patch.marks.iter().filter(|mark| marks(input.policy, mark)) {
            let text = tool_mark::text(mark);
            let why = text.clone();
            let mut found = input.finding(Some(patch.index), patch.mail, mark.line, Some(text));
            found.severity = input.at_most(Severity::Ask);
            checked.found(found, why);
        }
    }
    checked.or(none)
}

#[cfg(test)]
mod tests;
