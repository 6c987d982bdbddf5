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

use tidewaiter_patch::Mail;

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

fn name(patch: &PatchView<'_>, input: &RuleInput<'_>) -> String {
    format!("patch {}/{}", patch.index, input.series.series.total)
}

/// Which patch an agreement is about.
fn agreement_place(found: &FoundAgreement<'_>, input: &RuleInput<'_>) -> String {
    let total = input.series.series.total;
    found.agreement.patch.map_or("the series".to_owned(), |index| format!("patch {index}/{total}"))
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
            let why = format!("{}: {text}", name(patch, input));
            let mut found = input.finding(Some(patch.index), patch.mail, mark.line, Some(text));
            found.severity = input.at_most(Severity::Ask);
            checked.found(found, why);
        }
    }
    checked.or(none)
}

#[cfg(test)]
mod tests;
