//! How hard a patch would be to take back, with the reasons in a maintainer's words.

use super::PatchView;
use crate::{Category, Policy, Risk};

/// The level and what made it, the gravest first.
pub(super) fn of(policy: &Policy, patch: &PatchView<'_>) -> (Risk, Vec<String>) {
    let categories = patch.categories();
    if categories.is_empty() {
        return (Risk::Low, vec!["changes no file".to_owned()]);
    }
    let easy = |category: &Category| !matches!(category, Category::Code | Category::Build);
    if categories.iter().all(easy) {
        let names: Vec<&str> = categories.iter().map(|category| category.name()).collect();
        return (Risk::Low, vec![format!("only {}", names.join(" and "))]);
    }
    let (mut risk, mut reasons) = (Risk::Low, Vec::new());
    let mut say = |level: Risk, reason: String| {
        risk = risk.max(level);
        reasons.push(reason);
    };
    if let Some(core) = named(patch.core(policy).map(|file| file.path.as_str())) {
        say(Risk::High, format!("touches core code: {core}"));
    }
    if let Some(files) = named(patch.interfaces(policy).map(|file| file.path.as_str())) {
        say(Risk::High, format!("adds to an interface: {files}"));
    }
    if let Some(files) = named(patch.new_files().map(|file| file.path.as_str())) {
        say(Risk::Medium, format!("adds {files}"));
    }
    let lines = lines(patch);
    let level = match lines {
        lines if lines > policy.risk_high => Risk::High,
        lines if lines > policy.risk_medium => Risk::Medium,
        _ => Risk::Low,
    };
    let unit = if lines == 1 { "line" } else { "lines" };
    say(level, format!("{lines} {unit} outside tests and docs"));
    if patch.is_fix() {
        say(Risk::Low, "a fix, by its own words".to_owned());
    }
    (risk, reasons)
}

/// Lines of code and build files, as the greater of added and removed.
fn lines(patch: &PatchView<'_>) -> u32 {
    let counted = patch.files.iter().filter(|(c, _)| matches!(c, Category::Code | Category::Build));
    let (added, removed) = counted.fold((0_u32, 0_u32), |(added, removed), (_, file)| {
        (added.saturating_add(file.added_nonblank), removed.saturating_add(file.removed_nonblank))
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
