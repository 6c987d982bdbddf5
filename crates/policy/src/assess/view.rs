//! A series as the rules see it.

use tidewaiter_patch::{FileChange, FileStatus, Mail, Series};

use super::{Agreement, Declaration, ObservedBy, PolicyContext, declared};
use crate::{Category, Indicated, Policy, Tree, maintainers::Maintainers, policy::Counting};

/// How many subsystems of a patch are named.
const SUBSYSTEMS: usize = 30;

/// A series as the rules see it.
#[derive(Debug)]
pub struct SeriesView<'a> {
    /// The series.
    pub series: &'a Series,
    /// Its patches, in its order.
    pub patches: Vec<PatchView<'a>>,
    /// Marks of the cover letter that its patches do not carry too.
    pub cover_marks: Vec<&'a Indicated>,
    /// Who agreed.
    pub agreement: Agreement,
    maintainers: Option<&'a Maintainers>,
}

/// One patch as the rules see it.
#[derive(Debug)]
pub struct PatchView<'a> {
    /// Its place in the series, from 1.
    pub index: u32,
    /// Its mail.
    pub mail: &'a Mail,
    /// It is for the policy's tree.
    pub judged: bool,
    /// What its author declared for it.
    pub declared: Vec<Declaration<'a>>,
    /// What marks it carries.
    pub marks: &'a [Indicated],
    /// Its files, each with its category.
    pub files: Vec<(Category, &'a FileChange)>,
    /// The same edit over and over.
    pub mechanical: bool,
    /// Every declared use is tests, docs or words, and such files are there: its other files are
    /// not held against it.
    pub bounded: bool,
}

impl<'a> SeriesView<'a> {
    pub(super) fn build(
        policy: &'a Policy,
        context: &PolicyContext<'a>,
        series: &'a Series,
        observed: &ObservedBy<'a>,
    ) -> Self {
        let declared = declared::of_patches(series, observed);
        let tree = context.tree.map(|verdict| verdict.patches.as_slice());
        let mut patches: Vec<PatchView<'a>> = series
            .patches
            .iter()
            .zip(declared)
            .enumerate()
            .map(|(place, (part, declared))| {
                let files = part.mail.diff().into_iter().flat_map(|diff| &diff.files);
                PatchView {
                    index: part.index,
                    mail: &part.mail,
                    judged: tree.is_none_or(|tree| tree.get(place) == Some(&Tree::ThisTree)),
                    declared: declared
                        .into_iter()
                        .filter(|declared| !policy.credits_a_person(declared.tag))
                        .collect(),
                    marks: observed(part.key).marks(),
                    files: files.map(|f| (policy.categories.of(&f.path), f)).collect(),
                    mechanical: false,
                    bounded: false,
                }
            })
            .collect();
        let in_series: Vec<Category> =
            patches.iter().flat_map(|patch| patch.files.iter().map(|(c, _)| *c)).collect();
        for patch in &mut patches {
            patch.bounded = patch.is_bounded(policy, &in_series);
        }
        let agreement = Agreement::find(policy, context.maintainers, series, observed);
        let cover_marks = series.cover.iter().flat_map(|cover| observed(cover.key).marks());
        let carried = |mark: &Indicated| {
            patches
                .iter()
                .any(|p| p.marks.iter().any(|m| m.form == mark.form && m.value == mark.value))
        };
        let cover_marks = cover_marks.filter(|mark| !carried(mark)).collect();
        Self { series, patches, cover_marks, agreement, maintainers: context.maintainers }
    }

    /// The patches that are for the policy's tree.
    pub fn judged(&self) -> impl Iterator<Item = &PatchView<'a>> {
        self.patches.iter().filter(|patch| patch.judged)
    }

    /// Whether any judged patch or the cover letter carries a mark.
    #[must_use]
    pub fn indicated(&self) -> bool {
        !self.cover_marks.is_empty() || self.judged().any(|patch| !patch.marks.is_empty())
    }

    /// The subsystems that a patch touches, the most specific first for each of its files.
    #[must_use]
    pub fn subsystems_of(&self, patch: &PatchView<'_>) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let Some(maintainers) = self.maintainers else { return names };
        for (_, file) in &patch.files {
            for name in maintainers.subsystems(&file.path) {
                if names.len() == SUBSYSTEMS {
                    return names;
                }
                if !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }
        }
        names
    }

    /// Whether a maintainer of one of the patch's files has agreed in review.
    #[must_use]
    pub fn is_agreed(&self, patch: &PatchView<'_>) -> bool {
        self.maintainers.is_some_and(|m| self.agreement.covers(m, patch))
    }
}

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

    /// Its lines as the policy counts them: those that are not blank, without the categories that
    /// are left out.
    #[must_use]
    pub fn counted(&self, policy: &Policy) -> u32 {
        let (mut added, mut removed) = (0_u32, 0_u32);
        for (category, file) in &self.files {
            if !policy.limits.leave_out.contains(category) {
                added = added.saturating_add(file.added_nonblank);
                removed = removed.saturating_add(file.removed_nonblank);
            }
        }
        match policy.limits.count {
            Counting::Larger => added.max(removed),
            Counting::Added => added,
            Counting::Sum => added.saturating_add(removed),
        }
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

    /// The files of an interface to users or guests to which it adds lines.
    pub fn interfaces<'p>(&'p self, policy: &'p Policy) -> impl Iterator<Item = &'p FileChange> {
        let files = self.files.iter().map(|(_, file)| *file);
        files.filter(|file| file.added > 0 && policy.interface.is_match(&file.path))
    }

    /// Its code that most other code builds on.
    pub fn core<'p>(&'p self, policy: &'p Policy) -> impl Iterator<Item = &'p FileChange> {
        self.files
            .iter()
            .filter(|(category, file)| {
                *category == Category::Code && policy.core.is_match(&file.path)
            })
            .map(|(_, file)| *file)
    }

    /// Whether its core code needs a maintainer's word under the policy.
    #[must_use]
    pub fn needs_agreement(&self, policy: &Policy) -> bool {
        !self.bounded
            && self.core(policy).next().is_some()
            && !(policy.core_except_small_fixes && self.is_small_fix(policy))
    }

    /// Whether it says that it mends something: a trailer or the title.
    #[must_use]
    pub fn is_fix(&self) -> bool {
        const KEYS: [&str; 5] = ["Fixes", "Resolves", "Buglink", "Closes", "Bug"];
        let trailers = self.mail.patch().map_or(&[][..], |patch| &patch.trailers);
        let words = self.mail.header.title.split(|c: char| !c.is_alphanumeric());
        trailers.iter().any(|trailer| KEYS.iter().any(|key| trailer.is(key)))
            || words.into_iter().any(|word| {
                ["fix", "fixes", "fixed"].iter().any(|fix| word.eq_ignore_ascii_case(fix))
            })
    }

    /// Whether it is within the limit, adds no file and no interface, and touches code at all.
    /// That it says it is a fix is not asked.
    #[must_use]
    pub fn is_small_fix(&self, policy: &Policy) -> bool {
        let counted = self.counted(policy);
        policy.limits.small_fix.is_some_and(|limit| (1..=limit).contains(&counted))
            && self.new_files().next().is_none()
            && self.interfaces(policy).next().is_none()
    }

    /// Whether it says that it is a fix, adds no file and no interface, and is over the limit.
    #[must_use]
    pub fn is_too_large_a_fix(&self, policy: &Policy) -> bool {
        policy.limits.small_fix.is_some_and(|limit| self.counted(policy) > limit)
            && self.is_fix()
            && self.new_files().next().is_none()
            && self.interfaces(policy).next().is_none()
    }

    /// A declaration in the cover letter or an answer may speak of another patch's tests.
    fn is_bounded(&self, policy: &Policy, in_series: &[Category]) -> bool {
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
