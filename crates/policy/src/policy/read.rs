//! A policy file as written to a [`Policy`], with every mistake collected.

mod trailers;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tidewaiter_mail::{Address, ListId};
use toml::Spanned;

use super::{
    AgentRole, Categories, Category, Example, Expected, Grammar, Here, Limits, MechanicalLimits,
    OtherTag, OwnTag, Policy, PolicyList, RuleSetting, Sentence, SignOff, Told,
    file::{self, File, Text},
};
use crate::{
    ConfigError, ConfigWarning, Severity,
    glob::{PathGlobError, PathGlobs},
    rules,
    tree::TreeRules,
};

/// Collects mistakes, so that all are shown at once.
#[derive(Default)]
struct Check {
    errors: Vec<ConfigError>,
    warnings: Vec<ConfigWarning>,
}

pub(super) fn validate(file: File) -> Result<(Policy, Vec<ConfigWarning>), Vec<ConfigError>> {
    let mut check = Check::default();
    let (allows_mechanical, allows_small_fix) = check.allowed_patches(&file.allowed.patches);
    let (sentences, rules) = check.rules(&file);
    check.without_effect(&file);
    check.named_twice(&file);
    let no_tree = file::Tree::default();
    let tree = file.tree.as_ref().map_or(&no_tree, |tree| tree.get_ref());
    let id = check.id(&file.id);
    let examples = file.examples.iter().map(|example| check.example(example, &file)).collect();
    let policy = Policy {
        id,
        examples,
        date: file.date.as_ref().and_then(|text| check.date(text)),
        checked: file.checked.as_ref().and_then(|text| check.date(text)),
        review_by: file.review_by.as_ref().and_then(|text| check.date(text)),
        lists: file.lists.iter().filter_map(|list| check.list(list)).collect(),
        judges_any_tree: check.judges_any_tree(&file),
        tree: check.tree(tree),
        allowed_files: check.categories(&file.allowed.files),
        allows_mechanical,
        allows_small_fix,
        limits: Limits {
            small_fix: file.limits.small_fix.as_ref().map(|limit| *limit.get_ref()),
            small_fix_series: file.limits.small_fix_series.as_ref().map(|limit| *limit.get_ref()),
            leave_out: match &file.limits.leave_out {
                Some(names) => check.categories(names),
                None => Category::ALL.into_iter().filter(|c| c.is_left_out()).collect(),
            },
            count: file.limits.count,
            blank_lines: file.limits.blank_lines,
            new_files: file.limits.new_files,
            new_interfaces: file.limits.new_interfaces,
        },
        categories: check.globs_by_category(&file.categories),
        core: check.globs(&file.core.paths),
        core_except_small_fixes: file.core.except_small_fixes,
        core_except_mechanical: file.core.except_mechanical,
        interface: check.globs(&file.interface.paths),
        public_headers: check.globs(&file.interface.headers),
        dependency: check.globs(&file.dependency.paths),
        licence_in: check.categories(&file.licence.files),
        mechanical: check.mechanical(&file.mechanical),
        risk_medium: file.risk.medium.unwrap_or(20),
        risk_high: file.risk.high.unwrap_or(400),
        risk_areas: file.risk.areas.unwrap_or(4),
        core_areas: file.core.areas,
        core_fan_in: file.core.fan_in.as_ref().and_then(|fan_in| check.fan_in(fan_in)),
        about_paths: check.globs(&file.about.paths),
        about_words: file.about.subject_words.iter().map(|word| word.to_lowercase()).collect(),
        sentences,
        rules,
        project: file.project,
        title: file.title,
        status: file.status,
        url: file.url,
        source_blob: file.source_blob,
        stance: file.stance,
        notes: file.notes,
        files_from: tree.files_from.clone(),
        own_tags: check.own_tags(&file.tags.own),
        other_tags: check.other_tags(&file.tags),
        exempt_uses: check.exempt_uses(&file.tags.exempt_uses),
        agreement: file.agreement.how,
        agreement_trailers: file.agreement.trailers.into_iter().map(Spanned::into_inner).collect(),
        sign_off: SignOff {
            required: file.sign_off.required.is_some_and(Spanned::into_inner),
            by_author: file.sign_off.by_author.is_some_and(Spanned::into_inner),
        },
        agents_may_not: file.agents.may_not.iter().map(|role| *role.get_ref()).collect(),
        stable_prefixes: file.stable.prefixes,
    };
    check.errors.sort_by_key(|error| error.span.as_ref().map(|span| span.start));
    check.warnings.sort_by_key(|warning| warning.span.as_ref().map(|span| span.start));
    if check.errors.is_empty() { Ok((policy, check.warnings)) } else { Err(check.errors) }
}

impl Check {
    fn error<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        let message = format!("failed to read the policy: {}", message.into());
        self.errors.push(ConfigError::new(message, Some(at.span())));
    }

    fn warn<T>(&mut self, at: &Spanned<T>, message: impl Into<String>) {
        self.warnings.push(ConfigWarning { message: message.into(), span: Some(at.span()) });
    }

    fn id(&mut self, text: &Text) -> String {
        let id = text.get_ref();
        let fits = (1..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            self.error(text, "an id is 1 to 64 lower-case letters, digits and dashes");
        }
        id.clone()
    }

    fn date(&mut self, text: &Text) -> Option<Date> {
        let date = text.get_ref().parse().ok();
        if date.is_none() {
            self.error(text, "a date is written as in `2026-05-28`");
        }
        date
    }

    fn list(&mut self, list: &file::List) -> Option<PolicyList> {
        let address = Address::new(list.address.get_ref());
        if address.is_none() {
            self.error(&list.address, "this is no address");
        }
        let id = list.id.as_ref().and_then(|text| {
            let id = ListId::new(text.get_ref());
            if id.is_none() {
                self.error(text, "this is no List-Id");
            }
            id
        });
        Some(PolicyList { address: address?, id })
    }

    fn globs(&mut self, patterns: &[Text]) -> PathGlobs {
        match PathGlobs::new(patterns.iter().map(|text| text.get_ref().as_str())) {
            Ok(globs) => globs,
            Err(error) => {
                let place = match &error {
                    PathGlobError::Pattern { index, .. } => patterns.get(*index),
                    PathGlobError::TooMany(_) | PathGlobError::Together(_) => patterns.first(),
                };
                let span = place.map(Spanned::span);
                self.errors.push(ConfigError::new(error.to_string(), span));
                PathGlobs::default()
            }
        }
    }

    fn category(&mut self, text: &Text) -> Option<Category> {
        let found = Category::from_name(text.get_ref());
        if found.is_none() {
            let names = Category::ALL.map(Category::name).join("`, `");
            self.error(text, format!("there is no such category; there are `{names}`"));
        }
        found
    }

    fn categories(&mut self, names: &[Text]) -> Vec<Category> {
        names.iter().filter_map(|name| self.category(name)).collect()
    }

    fn allowed_patches(&mut self, names: &[Text]) -> (bool, bool) {
        let (mut mechanical, mut small_fix) = (false, false);
        for name in names {
            match name.get_ref().as_str() {
                "mechanical" => mechanical = true,
                "small-fix" => small_fix = true,
                _ => self.error(name, "a patch is allowed as `mechanical` or `small-fix`"),
            }
        }
        (mechanical, small_fix)
    }

    /// Every category's globs in one list, in the order that the file names.
    fn globs_by_category(&mut self, file: &file::Categories) -> Categories {
        let (mut patterns, mut of) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::new();
        for name in &file.order {
            let Some(category) = self.category(name) else { continue };
            if !seen.insert(category) {
                self.error(name, "this category stands in the order twice");
                continue;
            }
            let globs = file.of(category);
            if globs.is_empty() {
                self.warn(name, "this category has no patterns");
            }
            patterns.extend(globs.iter().cloned());
            of.resize(patterns.len(), category);
        }
        for category in Category::ALL {
            if let Some(first) = file.of(category).first()
                && !seen.contains(&category)
            {
                self.error(first, format!("`{category}` is missing from `order`"));
            }
        }
        Categories { globs: self.globs(&patterns), of }
    }

    fn fan_in(&mut self, text: &Spanned<u32>) -> Option<u32> {
        let fan_in = *text.get_ref();
        if fan_in == 0 {
            self.error(text, "`fan-in` is a number of files from 1 on");
        }
        Some(fan_in)
    }

    fn percentage(&mut self, value: Option<&Spanned<u32>>, key: &str) {
        if let Some(text) = value
            && !(1..=100).contains(text.get_ref())
        {
            self.error(text, format!("`{key}` is a percentage from 1 to 100"));
        }
    }

    fn mechanical(&mut self, file: &file::Mechanical) -> MechanicalLimits {
        self.percentage(file.share.as_ref(), "share");
        self.percentage(file.few_share.as_ref(), "few-share");
        file.into()
    }

    /// Of two with one name only the first is ever found.
    fn named_twice(&mut self, file: &File) {
        let mut known = BTreeSet::new();
        for sentence in &file.sentences {
            if !known.insert(sentence.id.get_ref().as_str()) {
                self.error(&sentence.id, "there is another sentence with this id");
            }
        }
        let mut known = BTreeSet::new();
        for list in &file.lists {
            if !known.insert(list.address.get_ref().to_ascii_lowercase()) {
                self.error(&list.address, "this list is named twice");
            }
        }
    }

    fn tree(&mut self, file: &file::Tree) -> TreeRules {
        let percent = file.known_paths.as_ref().map_or(90, |percent| *percent.get_ref());
        self.percentage(file.known_paths.as_ref(), "known-paths");
        let folder = |text: &Text| {
            let path = text.get_ref().trim_end_matches('/');
            Spanned::new(text.span(), format!("{path}/"))
        };
        let mut own: Vec<Text> = file.own_roots.iter().map(folder).collect();
        own.extend(file.own_files.iter().cloned());
        let other: Vec<Text> = file.other_roots.iter().map(folder).collect();
        let words = |texts: &[Text]| texts.iter().map(|t| t.get_ref().to_lowercase()).collect();
        TreeRules {
            known_percent: percent,
            roots: file
                .own_roots
                .iter()
                .map(|r| r.get_ref().trim_end_matches('/').into())
                .collect(),
            own: self.globs(&own),
            other: self.globs(&other),
            shared: self.globs(&file.shared_paths),
            other_subjects: words(&file.other_subjects),
            own_subjects: words(&file.own_subjects),
        }
    }

    /// How the policy tells its own tree from others has to be said one way or the other.
    fn judges_any_tree(&mut self, file: &File) -> bool {
        let any = file.judges_any_tree.as_ref().is_some_and(|any| *any.get_ref());
        match (&file.judges_any_tree, &file.tree) {
            (Some(key), Some(_)) if any => {
                self.error(key, "with `[tree]` the policy does not judge any tree");
            }
            (_, None) if !any => {
                let message =
                    "without `[tree]` say `judges-any-tree = true`: the list decides alone";
                self.error(&file.id, message);
            }
            _ => {}
        }
        any
    }

    fn rules(&mut self, file: &File) -> (Vec<Sentence>, BTreeMap<String, RuleSetting>) {
        let sentences: Vec<Sentence> =
            file.sentences.iter().map(|s| self.sentence(s, file.url.as_ref())).collect();
        let place = |id: &str| sentences.iter().position(|sentence| sentence.id == id);
        let mut used = BTreeSet::new();
        let mut settings = BTreeMap::new();
        for (id, rule) in &file.rules {
            if rules::by_id(id).is_none() {
                self.error(rule, format!("there is no rule `{id}`"));
                continue;
            }
            let rule = rule.get_ref();
            let mut find = |text: &Text| {
                let found = place(text.get_ref());
                if found.is_none() {
                    self.error(text, "there is no sentence with this id");
                }
                used.extend(found);
                found
            };
            let sentence = rule.sentence.as_ref().and_then(&mut find);
            let also = rule.also.iter().filter_map(&mut find).collect();
            let wanted = *rule.severity.get_ref();
            // What nobody read in the source must not be held against anybody.
            let verbatim =
                sentence.is_some_and(|s| sentences.get(s).is_some_and(|s| s.text.is_some()));
            if !verbatim && wanted > Severity::Note {
                self.warn(&rule.severity, "without a verbatim sentence this rule is only a note");
            }
            let severity = if verbatim { wanted } else { Severity::Note };
            let advice = rule.advice.clone();
            settings.insert(id.clone(), RuleSetting { severity, sentence, also, advice });
        }
        for (place, sentence) in file.sentences.iter().enumerate() {
            if !used.contains(&place) {
                self.warn(&sentence.id, "no rule rests on this sentence");
            }
        }
        (sentences, settings)
    }

    fn sentence(&mut self, file: &file::Sentence, policy_url: Option<&String>) -> Sentence {
        match (&file.text, &file.mark, &file.reported_by) {
            (Some(_), Some(mark), _) if ["V", "Q"].contains(&mark.get_ref().as_str()) => {}
            (Some(_), Some(mark), _) => {
                self.error(mark, "a mark is `V` (verified) or `Q` (quoted)")
            }
            (Some(text), None, _) => {
                self.error(text, "a verbatim text needs its `mark`: how is it known?");
            }
            (None, Some(mark), _) => self.error(mark, "a mark without `text` marks nothing"),
            (None, None, None) => {
                self.error(&file.id, "a sentence has `text` and `mark`, or `reported-by`");
            }
            (None, None, Some(_)) => {}
        }
        let url = file.url.as_ref().or(policy_url).filter(|_| file.text.is_some());
        Sentence {
            id: file.id.get_ref().clone(),
            span: file.text.as_ref().map_or_else(|| file.id.span(), Spanned::span),
            text: file.text.as_ref().map(|text| text.get_ref().clone()),
            summary: file.summary.clone(),
            url: url.cloned(),
            reported_by: file.reported_by.clone(),
            by: file.by.clone(),
            date: file.date.as_ref().and_then(|text| self.date(text)),
        }
    }
}

impl file::Categories {
    pub(super) fn of(&self, category: Category) -> &[Text] {
        match category {
            Category::Code => &self.code,
            Category::Docs => &self.docs,
            Category::Tests => &self.tests,
            Category::Build => &self.build,
            Category::Generated => &self.generated,
            Category::Imported => &self.imported,
            Category::Blob => &self.blob,
        }
    }
}
