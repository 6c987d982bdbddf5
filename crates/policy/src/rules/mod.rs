//! The rules, one a file. A rule returns findings; it never addresses, words or sends a mail.

mod core_without_agreement;
mod declared_under_ban;
mod foreign_tag;
mod misplaced_tag;
mod outside_allowed;
mod small_fix_too_large;
mod tool_mark;

use tidewaiter_patch::Mail;

use crate::{
    Audience, Finding, Policy, Severity,
    assess::{Declaration, PatchView, SeriesView},
    policy::RuleSetting,
};

/// What a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleMeta {
    /// Its id: the name of its file (with underscores), of its fixtures' folder, its docs' anchor.
    pub id: &'static str,
    /// What it finds, in one sentence.
    pub summary: &'static str,
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
    /// One sentence a line, for `explain`.
    pub why: Vec<String>,
}

/// How many lines of one rule `explain` shows.
const WHY: usize = 8;

impl Checked {
    fn found(&mut self, finding: Finding, why: String) {
        self.findings.push(finding);
        self.say(why);
    }

    fn say(&mut self, why: String) {
        match self.why.len() {
            n if n < WHY => self.why.push(why),
            WHY => self.why.push("and more of the same".to_owned()),
            _ => {}
        }
    }

    /// Says why nothing was looked at, where nothing was said.
    fn or(mut self, why: &str) -> Self {
        if self.why.is_empty() {
            self.why.push(why.to_owned());
        }
        self
    }
}

/// Every rule, the gravest first.
pub const ALL: &[Rule] = &[
    declared_under_ban::RULE,
    core_without_agreement::RULE,
    outside_allowed::RULE,
    small_fix_too_large::RULE,
    tool_mark::RULE,
    foreign_tag::RULE,
    misplaced_tag::RULE,
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

fn name(patch: &PatchView<'_>, input: &RuleInput<'_>) -> String {
    format!("patch {}/{}", patch.index, input.series.series.total)
}

/// How large a patch is as the policy counts, with the limit where it is over it.
fn size(patch: &PatchView<'_>, input: &RuleInput<'_>) -> String {
    let lines = patch.counted(input.policy);
    let unit = if lines == 1 { "line" } else { "lines" };
    let limit = input.policy.limits.small_fix.filter(|limit| lines > *limit);
    let over = limit.map(|limit| format!(" (the limit for a small fix: {limit})"));
    format!("{lines} {unit} outside tests and docs{}", over.unwrap_or_default())
}

#[cfg(test)]
mod tests;
