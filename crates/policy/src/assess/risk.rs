//! How hard a patch would be to take back, with the reasons in a maintainer's words.

use tidewaiter_patch::{FileChange, FileStatus};

use super::PatchView;
use crate::{Category, Policy, Risk, diff_facts::Mechanical, maintainers::Status};

/// From how many files on a repeated edit is called so before its words.
const MANY_FILES: usize = 10;
/// Of how many headers is said how many files include them.
const INCLUDED: usize = 2;

/// The level and what made it, in the order in which a maintainer would ask.
pub(super) fn of(policy: &Policy, patch: &PatchView<'_>) -> (Risk, Vec<String>) {
    let categories = patch.categories();
    if categories.is_empty() {
        return (Risk::Low, vec!["changes no file".to_owned()]);
    }
    let mut found = Found::default();
    dependencies(policy, patch, &mut found);
    licences(policy, patch, &mut found);
    let hard = |category: &Category| matches!(category, Category::Code | Category::Build);
    if categories.iter().any(hard) {
        kind_of_change(policy, patch, &mut found);
        size(policy, patch, &mut found);
    } else {
        let names: Vec<&str> = categories.iter().map(|category| category.name()).collect();
        found.say(Risk::Low, format!("only {}", names.join(" and ")));
    }
    (found.risk, found.reasons)
}

struct Found {
    risk: Risk,
    reasons: Vec<String>,
}

impl Default for Found {
    fn default() -> Self {
        Self { risk: Risk::Low, reasons: Vec::new() }
    }
}

impl Found {
    fn say(&mut self, level: Risk, reason: String) {
        self.risk = self.risk.max(level);
        self.reasons.push(reason);
    }

    fn files<'a>(&mut self, level: Risk, what: &str, files: impl Iterator<Item = &'a FileChange>) {
        if let Some(files) = named(files.map(|file| file.path.as_str())) {
            self.say(level, format!("{what} {files}"));
        }
    }
}

/// What the project would build with or ship from elsewhere.
fn dependencies(policy: &Policy, patch: &PatchView<'_>, found: &mut Found) {
    let files = || patch.files.iter().map(|(_, file)| *file);
    let tests = |file: &&FileChange| {
        patch.files.iter().all(|(c, f)| f.path != file.path || *c != Category::Tests)
    };
    found.files(
        Risk::Medium,
        "moves a submodule:",
        files().filter(|file| file.submodule).filter(tests),
    );
    let adds = |file: &&FileChange| {
        patch.facts_of(file).is_some_and(|facts| facts.adds.dependency)
            || policy.dependency.is_match(&file.path) && file.status == FileStatus::Added
    };
    found.files(Risk::Medium, "adds a dependency:", files().filter(adds).filter(tests));
}

fn licences(policy: &Policy, patch: &PatchView<'_>, found: &mut Found) {
    found.files(Risk::Medium, "says nothing of a licence:", patch.licence_missing(policy));
    if let Some(changed) = patch.licence_changed(policy) {
        found.say(Risk::Medium, changed);
    }
}

fn kind_of_change(policy: &Policy, patch: &PatchView<'_>, found: &mut Found) {
    if patch.mechanical {
        found.say(Risk::Low, repeated(policy, patch));
    } else {
        // One repeated edit through the whole tree is no change of its core.
        found.files(Risk::High, "touches core code:", patch.core.iter().copied());
        for (file, count) in patch.included.iter().take(INCLUDED) {
            found.say(Risk::High, format!("{} is included by {count} files", file.path));
        }
    }
    let new = |file: &FileChange| {
        policy.interface.is_match(&file.path) || policy.public_headers.is_match(&file.path)
    };
    let facts = |file: &&FileChange| patch.facts_of(file).map(|facts| facts.adds);
    let code = || {
        let code = patch.files.iter().filter(|(category, _)| *category == Category::Code);
        code.map(|(_, file)| *file)
    };
    // A line that becomes another one, or goes with a new neighbour, adds nothing.
    let adds = |file: &&FileChange| {
        let prose = patch.prose_of(policy, file);
        let (come, gone) = prose.map_or((0, 0), |p| (p.prose_added, p.prose_removed));
        file.added_nonblank.saturating_sub(come) > file.removed_nonblank.saturating_sub(gone)
    };
    let interfaces = || patch.interfaces(policy).filter(|file| new(file));
    found.files(Risk::High, "adds to an interface:", interfaces().filter(adds));
    found.files(Risk::High, "changes an interface:", interfaces().filter(|file| !adds(file)));
    // What a new device migrates was migrated by nobody before.
    let migration = code().filter(|file| {
        file.status != FileStatus::Added && facts(file).is_some_and(|adds| adds.migration_field)
    });
    found.files(Risk::High, "adds to what is migrated:", migration);
    let ioctl = code().filter(|file| facts(file).is_some_and(|adds| adds.ioctl));
    found.files(Risk::High, "adds an ioctl:", ioctl);
    let device = code().filter(|file| facts(file).is_some_and(|adds| adds.device));
    found.files(Risk::Medium, "adds a device, machine or other type:", device);
    found.files(Risk::Medium, "adds", patch.new_files());
    if !patch.mechanical {
        areas(policy, patch, found);
    }
    let nobody = patch
        .areas
        .iter()
        .find(|area| matches!(area.status, Some(Status::Orphan | Status::Obsolete)));
    if let Some(area) = nobody {
        found.say(Risk::Low, format!("nobody maintains {}", area.name));
    }
}

/// A change that many people have to look at is harder to take back.
fn areas(policy: &Policy, patch: &PatchView<'_>, found: &mut Found) {
    let count = patch.own_areas.len();
    if count >= policy.risk_areas.max(2) as usize {
        let names = named(patch.own_areas.iter().map(|area| area.name.as_str()));
        let names = names.unwrap_or_default();
        found.say(Risk::Medium, format!("touches {count} areas: {names}"));
    }
}

/// The edit in words: ``214 of 220 changed lines: `foo_bar(` became `foo_baz(` ``.
fn repeated(policy: &Policy, patch: &PatchView<'_>) -> String {
    let files = patch.files.len();
    let Some(mechanical) = patch.facts.and_then(|facts| facts.mechanical.as_ref()) else {
        let unit = if files == 1 { "file" } else { "files" };
        return format!("renames {files} {unit} and changes no line");
    };
    if policy.mechanical.is_move(mechanical) {
        return format!("{} of {} changed lines only move", mechanical.moved, mechanical.changed);
    }
    let words = words(mechanical);
    let lines = format!("{} of {} changed lines", mechanical.explained, mechanical.changed);
    if files >= MANY_FILES {
        format!("one repeated edit in {files} files, {lines}: {words}")
    } else {
        format!("{lines}: {words}")
    }
}

fn words(mechanical: &Mechanical) -> String {
    let words: Vec<&str> = mechanical.edits.iter().map(|(words, _)| words.as_str()).collect();
    words.join("; ")
}

fn size(policy: &Policy, patch: &PatchView<'_>, found: &mut Found) {
    let lines = lines(policy, patch);
    let level = match lines {
        // However long, it is undone as it was made.
        _ if patch.mechanical => Risk::Low,
        lines if lines > policy.risk_high => Risk::High,
        lines if lines > policy.risk_medium => Risk::Medium,
        _ => Risk::Low,
    };
    let unit = if lines == 1 { "line" } else { "lines" };
    found.say(level, format!("{lines} {unit} outside tests and docs"));
    let comments = patch.files.iter().all(|(category, file)| {
        !matches!(category, Category::Code | Category::Build)
            || patch.facts_of(file).is_some_and(|facts| facts.only_comments)
    });
    if comments {
        found.say(Risk::Low, "changes nothing but comments".to_owned());
    }
    match patch.fix_words() {
        Some(words) => found.say(Risk::Low, format!("a fix, by {words}")),
        None if !patch.mechanical && patch.is_small_fix(policy) => {
            found.say(Risk::Low, "names no bug that it fixes".to_owned());
        }
        None => {}
    }
}

/// Lines of code and build files, as the greater of added and removed, without prose in them.
fn lines(policy: &Policy, patch: &PatchView<'_>) -> u32 {
    let counted = patch.files.iter().filter(|(c, _)| matches!(c, Category::Code | Category::Build));
    let (added, removed) = counted.fold((0_u32, 0_u32), |(added, removed), (_, file)| {
        let prose = patch.prose_of(policy, file);
        let (in_added, in_removed) = prose.map_or((0, 0), |p| (p.prose_added, p.prose_removed));
        (
            added.saturating_add(file.added_nonblank.saturating_sub(in_added)),
            removed.saturating_add(file.removed_nonblank.saturating_sub(in_removed)),
        )
    });
    added.max(removed)
}

/// The first two, and how many more.
pub(crate) fn named<'a>(paths: impl Iterator<Item = &'a str>) -> Option<String> {
    let paths: Vec<&str> = paths.collect();
    let shown = paths.get(..paths.len().min(2))?.join(", ");
    match paths.len() {
        0 => None,
        1 | 2 => Some(shown),
        more => Some(format!("{shown} and {} more", more - 2)),
    }
}
