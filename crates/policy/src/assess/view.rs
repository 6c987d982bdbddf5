//! A series as the rules see it.

use tidewaiter_patch::{FileChange, Mail, Series};

use super::{
    Declaration, FoundAgreement, ObservedBy, PolicyContext, PreviousVersion, agreement, declared,
    patch_view::category,
};
use crate::{
    Category, Indicated, Policy, Tree, diff_facts::DiffFacts, maintainers::Section,
    observe::Observed,
};

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
    pub agreements: Vec<FoundAgreement<'a>>,
    /// The version before.
    pub previous: Option<PreviousVersion<'a>>,
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
    /// What the lines of its diff say.
    pub facts: Option<&'a DiffFacts>,
    /// The same edit over and over, or a pure move.
    pub mechanical: bool,
    /// The areas of MAINTAINERS that it touches, the most specific first for each of its files.
    pub areas: Vec<&'a Section>,
    /// Of these the most specific of each file, without those that cover everything.
    pub own_areas: Vec<&'a Section>,
    /// Its code that most other code builds on.
    pub core: Vec<&'a FileChange>,
    /// It, or the cover letter, has a tag that says that no AI was used, or that says nothing.
    pub says_none: bool,
    /// Its notes, or the cover letter, speak of AI, the policy, or its tags.
    pub speaks_of_it: bool,
    /// Of these the ones that so many files include that they are core, with the number of files.
    pub included: Vec<(&'a FileChange, u32)>,
    /// Its message names a CVE.
    pub names_cve: bool,
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
        let cover = series.cover.as_ref().map_or(Observed::nothing(), |part| observed(part.key));
        let says_none =
            |seen: &Observed| !(seen.negative().is_empty() && seen.unclear().is_empty());
        let mut patches: Vec<PatchView<'a>> = series
            .patches
            .iter()
            .zip(declared)
            .enumerate()
            .map(|(place, (part, declared))| {
                let seen = observed(part.key);
                let files = part.mail.diff().into_iter().flat_map(|diff| &diff.files);
                let mut patch = PatchView {
                    index: part.index,
                    mail: &part.mail,
                    judged: tree.is_none_or(|tree| tree.get(place) == Some(&Tree::ThisTree)),
                    declared: declared
                        .into_iter()
                        .filter(|declared| !policy.credits_a_person(declared.tag))
                        .collect(),
                    marks: seen.marks(),
                    files: files.map(|f| (category(policy, seen.diff(), f), f)).collect(),
                    facts: seen.diff(),
                    mechanical: false,
                    areas: Vec::new(),
                    own_areas: Vec::new(),
                    core: Vec::new(),
                    says_none: says_none(seen) || says_none(cover),
                    speaks_of_it: seen.raises_policy || cover.raises_policy,
                    included: Vec::new(),
                    names_cve: seen.names_cve,
                    bounded: false,
                };
                patch.mechanical = patch.is_mechanical(policy);
                patch.place(policy, context);
                patch
            })
            .collect();
        let in_series: Vec<Category> =
            patches.iter().flat_map(|patch| patch.files.iter().map(|(c, _)| *c)).collect();
        for patch in &mut patches {
            patch.bounded = patch.is_bounded(policy, &in_series);
        }
        let agreements = agreement::find(policy, context, series, observed, &patches);
        let cover_marks = series.cover.iter().flat_map(|cover| observed(cover.key).marks());
        let carried = |mark: &Indicated| {
            patches
                .iter()
                .any(|p| p.marks.iter().any(|m| m.form == mark.form && m.value == mark.value))
        };
        let cover_marks = cover_marks.filter(|mark| !carried(mark)).collect();
        let previous = context.previous.map(|series| PreviousVersion::of(policy, series, observed));
        Self { series, patches, cover_marks, agreements, previous }
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

    /// Whether a maintainer of one of the patch's files has agreed to it.
    #[must_use]
    pub fn is_agreed(&self, patch: &PatchView<'_>) -> bool {
        self.agreements.iter().any(|found| found.covers(patch))
    }
}
