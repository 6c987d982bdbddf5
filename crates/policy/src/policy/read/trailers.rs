//! Tags, sign-offs and example mails, and what of them has no effect.

use toml::Spanned;

use super::{
    AgentRole, Check, Example, Expected, Grammar, Here, OtherTag, OwnTag, Told,
    file::{self, File, Text},
};
use crate::{Severity, policy::example::from_name};

impl Check {
    pub(super) fn own_tags(&mut self, tags: &[file::OwnTag]) -> Vec<OwnTag> {
        let mut keys: Vec<&str> = Vec::new();
        let mut own = Vec::new();
        for tag in tags {
            self.key(&tag.key, &mut keys);
            let grammar = *tag.grammar.get_ref();
            if grammar == Grammar::Values && tag.values.is_empty() {
                self.error(&tag.grammar, "`values` names the values that this form allows");
            }
            if !matches!(grammar, Grammar::Values | Grammar::FreeText)
                && let Some(first) = tag.values.first()
            {
                self.warn(first, "the tag's form has no values");
            }
            self.order(tag);
            let texts = |texts: &[Text]| texts.iter().map(|text| text.get_ref().clone()).collect();
            own.push(OwnTag {
                key: tag.key.get_ref().clone(),
                asked: tag.asked,
                grammar,
                values: texts(&tag.values),
                unlisted_tools: texts(&tag.unlisted_tools),
                before: texts(&tag.before),
                after: texts(&tag.after),
            });
        }
        own
    }

    /// No trailer stands on both sides of a tag, and none beside itself.
    fn order(&mut self, tag: &file::OwnTag) {
        let mut keys = vec![tag.key.get_ref().as_str()];
        for text in tag.before.iter().chain(&tag.after) {
            self.key(text, &mut keys);
        }
    }

    pub(super) fn other_tags(&mut self, tags: &file::Tags) -> Vec<OtherTag> {
        let mut keys: Vec<&str> = tags.own.iter().map(|tag| tag.key.get_ref().as_str()).collect();
        let mut other = Vec::new();
        for tag in &tags.other {
            self.key(&tag.key, &mut keys);
            let (key, here) = (tag.key.get_ref().clone(), *tag.here.get_ref());
            other.push(OtherTag { key, here, meaning: tag.meaning.clone() });
        }
        other
    }

    /// Other words can come from a vocabulary of the operator's own, or from authors.
    pub(super) fn exempt_uses(&mut self, uses: &[Text]) -> Vec<String> {
        const KNOWN: [&str; 8] = [
            "code",
            "tests",
            "docs",
            "commit-message",
            "analysis",
            "research",
            "review",
            "translation",
        ];
        for text in uses.iter().filter(|text| !KNOWN.contains(&text.get_ref().as_str())) {
            let known = KNOWN.join("`, `");
            self.warn(text, format!("the vocabulary knows no such use; it knows `{known}`"));
        }
        uses.iter().map(|text| text.get_ref().clone()).collect()
    }

    /// A key as git takes it (`trailer.c`: letters, digits and dashes), named once.
    fn key<'a>(&mut self, text: &'a Text, seen: &mut Vec<&'a str>) {
        let key = text.get_ref();
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            self.error(text, "a tag's key is letters, digits and dashes");
        }
        if seen.iter().any(|known| known.eq_ignore_ascii_case(key)) {
            self.error(text, "this tag is named twice");
        }
        seen.push(key);
    }

    /// Data that no rule of the policy looks at.
    pub(super) fn without_effect(&mut self, file: &File) {
        let rules = ["sign-off-missing", "sign-off-not-author"];
        for (key, rule) in [&file.sign_off.required, &file.sign_off.by_author].iter().zip(rules) {
            if let Some(key) = key {
                self.needs(file, key, rule);
            }
        }
        for role in &file.agents.may_not {
            let rule = match role.get_ref() {
                AgentRole::SignOff => "agent-signed-off",
                AgentRole::Author => "agent-author",
                AgentRole::CoAuthor => "agent-co-author",
            };
            self.needs(file, role, rule);
        }
        let order =
            file.tags.own.iter().filter_map(|tag| tag.before.iter().chain(&tag.after).next());
        for key in order {
            self.needs(file, key, "tag-order");
        }
        for tag in file.tags.other.iter().filter(|tag| *tag.here.get_ref() == Here::Forbidden) {
            self.needs(file, &tag.here, "forbidden-tag");
        }
        for patch in &file.allowed.patches {
            self.needs(file, patch, "outside-allowed");
        }
        for category in &file.allowed.files {
            self.needs(file, category, "outside-allowed");
        }
        let small_fix = file.allowed.patches.iter().any(|patch| patch.get_ref() == "small-fix");
        for limit in [&file.limits.small_fix, &file.limits.small_fix_series].into_iter().flatten() {
            if !small_fix {
                self.warn(limit, "without `small-fix` in `allowed.patches` this has no effect");
            }
        }
        let asks = ["outside-allowed", "small-fix-too-large", "core-without-agreement"];
        if let Some(first) = file.agreement.trailers.first()
            && !asks.iter().any(|rule| file.rules.contains_key(*rule))
        {
            self.warn(first, "no rule of the policy asks for agreement");
        }
    }

    fn needs<T>(&mut self, file: &File, at: &Spanned<T>, rule: &str) {
        if !file.rules.contains_key(rule) {
            self.warn(at, format!("without the rule `{rule}` this has no effect"));
        }
    }

    pub(super) fn example(&mut self, example: &file::Example, file: &File) -> Example {
        let mut expected = Expected::default();
        if example.expect.is_empty() {
            self.error(&example.mail, "`expect` says what should be found in this mail");
        }
        for text in &example.expect {
            let words: Vec<&str> = text.get_ref().split_whitespace().collect();
            match words.as_slice() {
                [told] => match Told::from_name(told) {
                    Some(told) if expected.told.is_none() => expected.told = Some(told),
                    Some(_) => self.error(text, "only one thing can come of a mail"),
                    None => self.error(text, "this is neither an outcome nor `RULE SEVERITY`"),
                },
                [rule, severity] => match from_name::<Severity>(severity) {
                    Some(severity) if file.rules.contains_key(*rule) => {
                        expected.findings.insert(((*rule).to_owned(), severity));
                    }
                    Some(_) => self.error(text, format!("the policy has no rule `{rule}`")),
                    None => self.error(text, "severities are `note`, `ask`, `decline`"),
                },
                _ => self.error(text, "this is neither an outcome nor `RULE SEVERITY`"),
            }
        }
        Example {
            name: example.name.clone(),
            earlier: example.earlier.iter().map(|mail| mail.get_ref().clone()).collect(),
            mail: example.mail.get_ref().clone(),
            expected,
        }
    }
}
