//! What rules ask of a patch.

use tidewaiter_patch::{FileChange, FileStatus};

use super::{Declaration, PatchView, PolicyContext};
use crate::{
    Category, Policy,
    diff_facts::{DiffFacts, FileFacts},
    policy::Counting,
};

/// How many subsystems of a patch are named.
const SUBSYSTEMS: usize = 30;

impl<'a> PatchView<'a> {
    /// The declarations of uses that contribute content under the policy.
    pub fn content<'p>(&'p self, policy: &'p Policy) -> impl Iterator<Item = &'p Declaration<'a>> {
        self.declared.iter().filter(|declared| !policy.exempts(&declared.tag.uses))
    }

    /// The categories of its files, each once.
    #[must_use]
    pub fn categories(&self) -> Vec<Category> {
        let has = |category: &Category| self.files.iter().any(|(c, _)| c == category);
        Category::ALL.into_iter().filter(has).collect()
    }

    /// Its files outside the categories that the policy allows, unless its declared uses do not
    /// reach them.
    pub fn outside<'p>(&'p self, policy: &'p Policy) -> impl Iterator<Item = &'p FileChange> {
        self.files
            .iter()
            .filter(|(category, _)| !self.bounded && !policy.allowed_files.contains(category))
            .map(|(_, file)| *file)
    }

    /// Its lines as the policy counts them, without the categories that are left out.
    #[must_use]
    pub fn counted(&self, policy: &Policy) -> u32 {
        let limits = &policy.limits;
        let (mut added, mut removed) = (0_u32, 0_u32);
        for (category, file) in &self.files {
            if limits.leave_out.contains(category) {
                continue;
            }
            let (mut come, mut gone) = if limits.blank_lines {
                (file.added, file.removed)
            } else {
                (file.added_nonblank, file.removed_nonblank)
            };
            if let Some(facts) = self.prose_of(policy, file)
                && limits.leave_out.contains(&Category::Docs)
            {
                come = come.saturating_sub(facts.prose_added);
                gone = gone.saturating_sub(facts.prose_removed);
            }
            added = added.saturating_add(come);
            removed = removed.saturating_add(gone);
        }
        match limits.count {
            Counting::Larger => added.max(removed),
            Counting::Added => added,
            Counting::Sum => added.saturating_add(removed),
        }
    }

    /// What is known of one of its files.
    #[must_use]
    pub fn facts_of(&self, file: &FileChange) -> Option<&'a FileFacts> {
        self.facts?.file(&file.path)
    }

    /// The prose in a file of an interface, which is documentation.
    pub(super) fn prose_of(&self, policy: &Policy, file: &FileChange) -> Option<&'a FileFacts> {
        self.facts_of(file).filter(|_| policy.interface.is_match(&file.path))
    }

    /// The files that it adds and that are code or build.
    pub fn new_files(&self) -> impl Iterator<Item = &FileChange> {
        self.files
            .iter()
            .filter(|(category, file)| {
                matches!(category, Category::Code | Category::Build)
                    && matches!(file.status, FileStatus::Added | FileStatus::Copied)
            })
            .map(|(_, file)| *file)
    }

    /// The files in which it adds to what users, guests or other programs rely on: a schema, an
    /// option, a field of migrated state, an ioctl, a public header. Prose about it does not count.
    pub fn interfaces<'p>(&'p self, policy: &'p Policy) -> impl Iterator<Item = &'p FileChange> {
        self.files
            .iter()
            .filter(|(category, file)| {
                let facts = self.facts_of(file);
                let prose = facts.map_or(0, |facts| facts.prose_added);
                let named = || {
                    policy.interface.is_match(&file.path)
                        || policy.public_headers.is_match(&file.path)
                };
                let adds =
                    facts.is_some_and(|facts| facts.adds.migration_field || facts.adds.ioctl);
                *category == Category::Code && (adds || file.added_nonblank > prose && named())
            })
            .map(|(_, file)| *file)
    }

    /// The new files that should say their licence at their top and say nothing of one.
    pub fn licence_missing<'p>(
        &'p self,
        policy: &'p Policy,
    ) -> impl Iterator<Item = &'p FileChange> {
        self.licensed(policy).filter(|file| {
            file.status == FileStatus::Added
                && self.facts_of(file).is_some_and(|facts| facts.licence_missing)
        })
    }

    /// The first file whose licence line changes, in words. A file without such a line that gets
    /// one takes nothing back, and neither does a file that goes.
    #[must_use]
    pub fn licence_changed(&self, policy: &Policy) -> Option<String> {
        self.licensed(policy).filter(|file| file.status != FileStatus::Deleted).find_map(|file| {
            let (old, new) = self.facts_of(file)?.licence.as_ref()?;
            let (old, new) = (old.as_ref()?, new.as_deref().unwrap_or("no such line"));
            Some(format!("changes the licence of {}: {old} to {new}", file.path))
        })
    }

    /// Its files of the categories that say their licence; what comes from elsewhere never has to.
    fn licensed<'p>(&'p self, policy: &'p Policy) -> impl Iterator<Item = &'p FileChange> {
        let asked = |category: &Category| {
            let elsewhere =
                matches!(category, Category::Imported | Category::Generated | Category::Blob);
            !elsewhere && policy.licence_in.contains(category)
        };
        self.files.iter().filter(move |(category, _)| asked(category)).map(|(_, file)| *file)
    }

    /// Its code that most other code builds on.
    pub fn core<'p>(&'p self, _policy: &Policy) -> impl Iterator<Item = &'p FileChange> {
        self.core.iter().copied()
    }

    /// Whether its core code needs a maintainer's word under the policy.
    #[must_use]
    pub fn needs_agreement(&self, policy: &Policy) -> bool {
        let passes = policy.core_except_small_fixes && self.is_small_fix(policy)
            || policy.core_except_mechanical && self.mechanical;
        !self.bounded && !passes && !self.core.is_empty()
    }

    /// Whether it says that it mends something.
    #[must_use]
    pub fn is_fix(&self) -> bool {
        self.fix_words().is_some()
    }

    /// By which of its words it says that it mends something: a trailer, a CVE, the title.
    #[must_use]
    pub fn fix_words(&self) -> Option<&'static str> {
        const KEYS: [&str; 6] = ["Fixes", "Resolves", "Buglink", "Closes", "Bug", "Bug-Url"];
        let trailers = self.mail.patch().map_or(&[][..], |patch| &patch.trailers);
        let has = |key: &&str| trailers.iter().any(|trailer| trailer.is(key));
        let stable = |value: &str| value.contains("qemu-stable@") || value.contains("stable@vger");
        let title = &self.mail.header.title;
        let fix =
            |word: &str| ["fix", "fixes", "fixed"].iter().any(|fix| word.eq_ignore_ascii_case(fix));
        if let Some(key) = KEYS.into_iter().find(has) {
            Some(key)
        } else if self.names_cve || title.contains("CVE-") {
            Some("a CVE")
        } else if trailers.iter().any(|trailer| trailer.is("Cc") && stable(&trailer.value)) {
            Some("Cc to stable")
        } else {
            let words = || title.split(|c: char| !c.is_alphanumeric());
            words().any(fix).then_some("its title")
        }
    }

    /// Whether it is within the limit, adds no file and no interface, and touches code at all.
    /// That it says it is a fix is not asked.
    #[must_use]
    pub fn is_small_fix(&self, policy: &Policy) -> bool {
        let counted = self.counted(policy);
        policy.limits.small_fix.is_some_and(|limit| (1..=limit).contains(&counted))
            && self.may_be_a_fix(policy)
    }

    /// Whether it says that it is a fix, adds no file and no interface, and is over the limit.
    #[must_use]
    pub fn is_too_large_a_fix(&self, policy: &Policy) -> bool {
        policy.limits.small_fix.is_some_and(|limit| self.counted(policy) > limit)
            && self.is_fix()
            && self.may_be_a_fix(policy)
    }

    /// Whether it adds no file and no interface that the policy does not allow a small fix to add.
    #[must_use]
    pub fn may_be_a_fix(&self, policy: &Policy) -> bool {
        (policy.limits.new_files || self.new_files().next().is_none())
            && (policy.limits.new_interfaces || self.interfaces(policy).next().is_none())
    }

    /// Repeated edits, a pure move, or files that get another name and nothing else.
    pub(super) fn is_mechanical(&self, policy: &Policy) -> bool {
        let found = self.facts.and_then(|facts| facts.mechanical.as_ref());
        found.is_some_and(|found| policy.mechanical.hold(found)) || self.only_renames()
    }

    /// Whether files get another name and no line changes.
    #[must_use]
    pub fn only_renames(&self) -> bool {
        !self.files.is_empty()
            && self.files.iter().all(|(_, file)| {
                file.status == FileStatus::Renamed && file.added + file.removed == 0 && !file.binary
            })
    }

    /// Finds its areas and its core code.
    pub(super) fn place(&mut self, policy: &Policy, context: &PolicyContext<'a>) {
        let maintainers = context.maintainers;
        // A header that gets another name is included by its old one.
        let fan_in = |file: &FileChange| {
            let fan_in = context.fan_in?;
            let renamed = file.old_path.as_deref().filter(|_| file.status == FileStatus::Renamed);
            let old = renamed.map_or(0, |path| fan_in.of(path));
            let count = fan_in.of(&file.path).max(old);
            policy.core_fan_in.filter(|least| count >= *least).map(|_| count)
        };
        for (category, file) in &self.files {
            let included = fan_in(file).filter(|_| *category == Category::Code);
            self.included.extend(included.map(|count| (*file, count)));
            let mut is_core = included.is_some() || policy.core.is_match(&file.path);
            // Of a patch with thousands of files the first few hundred name its areas.
            if let Some(maintainers) = maintainers.filter(|_| self.areas.len() < SUBSYSTEMS) {
                let matches = maintainers.sections_for(&file.path);
                let first = matches.first().filter(|first| !first.is_catch_all());
                let first = first.and_then(|first| maintainers.sections().get(first.section));
                if let Some(first) = first
                    && !self.own_areas.iter().any(|known| known.line == first.line)
                {
                    self.own_areas.push(first);
                }
                let only_catch_all = matches.iter().all(|m| m.is_catch_all());
                for found in matches.iter().filter(|m| only_catch_all || !m.is_catch_all()) {
                    let Some(section) = maintainers.sections().get(found.section) else { continue };
                    is_core |= policy.core_areas.contains(&section.name);
                    if !self.areas.iter().any(|known| known.line == section.line)
                        && self.areas.len() < SUBSYSTEMS
                    {
                        self.areas.push(section);
                    }
                }
            }
            if is_core && *category == Category::Code {
                self.core.push(file);
            }
        }
    }

    /// A declaration in the cover letter or an answer may speak of another patch's tests.
    pub(super) fn is_bounded(&self, policy: &Policy, in_series: &[Category]) -> bool {
        let mut any = false;
        for declaration in self.content(policy) {
            any = true;
            if declaration.tag.uses.is_empty() {
                return false;
            }
            for used in &declaration.tag.uses {
                let category = match used.as_str() {
                    "tests" => Category::Tests,
                    "docs" => Category::Docs,
                    "commit-message" => continue,
                    used if policy.exempt_uses.iter().any(|exempt| exempt == used) => continue,
                    _ => return false,
                };
                let here = self.files.iter().any(|(c, _)| *c == category);
                let near = declaration.whole_series && in_series.contains(&category);
                if !here && !near {
                    return false;
                }
            }
        }
        any
    }
}

/// What kind of file it is: by its path, then by its own marks.
pub(super) fn category(policy: &Policy, facts: Option<&DiffFacts>, file: &FileChange) -> Category {
    let by_path = policy.categories.of(&file.path);
    let Some(facts) = facts.filter(|_| by_path == Category::Code) else { return by_path };
    let Some(facts) = facts.file(&file.path) else { return by_path };
    let all_prose = facts.prose_added == file.added_nonblank
        && facts.prose_removed == file.removed_nonblank
        && facts.prose_added + facts.prose_removed > 0;
    if all_prose && policy.interface.is_match(&file.path) {
        Category::Docs
    } else if facts.generated && file.status != FileStatus::Added {
        Category::Generated
    } else {
        by_path
    }
}
