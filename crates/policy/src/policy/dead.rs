//! Entries of a policy file that have no effect on a tree.

use std::collections::BTreeSet;

use super::file::{File, Text};
use crate::{Category, ConfigWarning, TreeFiles, glob::PathGlobs};

/// A warning for each pattern that matches no file of the tree, in the file's order.
pub(super) fn entries(file: &File, files: &TreeFiles) -> Vec<ConfigWarning> {
    let mut warnings = Vec::new();
    let mut look = |patterns: &[Text], what: &str| {
        // Patterns that cannot be used are mistakes, which reading the file reports.
        let texts = patterns.iter().map(|text| text.get_ref().as_str());
        let Ok(globs) = PathGlobs::new(texts) else { return };
        let alive: BTreeSet<usize> =
            files.iter().flat_map(|path| globs.all_matches(path)).collect();
        for (place, pattern) in patterns.iter().enumerate() {
            if !alive.contains(&place) {
                let message = format!("{what} `{}` matches no file of the tree", pattern.get_ref());
                warnings.push(ConfigWarning { message, span: Some(pattern.span()) });
            }
        }
    };
    for category in Category::ALL {
        look(file.categories.of(category), &format!("the {category} pattern"));
    }
    look(&file.core.paths, "the core pattern");
    look(&file.interface.paths, "the interface pattern");
    look(&file.about.paths, "the pattern of the policy's own text");
    if let Some(tree) = &file.tree {
        look(&tree.get_ref().own_files, "the own pattern");
        for folder in &tree.get_ref().own_roots {
            let start = format!("{}/", folder.get_ref().trim_end_matches('/'));
            if !files.iter().any(|path| path.starts_with(&start)) {
                let message = format!("the tree has no folder `{}`", folder.get_ref());
                warnings.push(ConfigWarning { message, span: Some(folder.span()) });
            }
        }
    }
    warnings.sort_by_key(|warning| warning.span.as_ref().map(|span| span.start));
    warnings
}
