//! Whether a patch is for the policy's own tree.

use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_patch::{Diff, FileChange, FileStatus, Mail, Series};

use crate::{Policy, glob::PathGlobs};

/// The paths of a tree, as `git ls-tree -r --name-only HEAD` prints them.
#[derive(Clone, Debug, Default)]
pub struct TreeFiles {
    paths: Vec<Box<str>>,
}

impl TreeFiles {
    /// Reads one path a line, in any order; empty lines are passed over.
    #[must_use]
    pub fn from_list(text: &str) -> Self {
        let mut paths: Vec<Box<str>> =
            text.lines().map(str::trim_end).filter(|l| !l.is_empty()).map(Box::from).collect();
        paths.sort_unstable();
        paths.dedup();
        Self { paths }
    }

    /// Whether the tree has a file with this path.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.paths.binary_search_by(|known| known.as_ref().cmp(path)).is_ok()
    }

    /// How many files it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }
}

/// What a policy file says of its tree.
#[derive(Debug)]
pub(crate) struct TreeRules {
    pub(crate) known_percent: u32,
    pub(crate) own: PathGlobs,
    pub(crate) shared: PathGlobs,
    pub(crate) other_subjects: Vec<String>,
    pub(crate) own_subjects: Vec<String>,
}

/// Which tree a patch or a series is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tree {
    /// The policy's own.
    ThisTree,
    /// Another.
    OtherTree,
    /// It cannot be told: taken as another.
    Unsure,
}

/// Which tree a series is for, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeVerdict {
    /// The policy's own where any patch is for it.
    pub tree: Tree,
    /// Why, in words.
    pub reason: String,
    /// Each patch of [`Series::patches`], in that order.
    pub patches: Vec<Tree>,
}

/// Tells which tree a series is for, patch by patch.
///
/// A subject that names another tree decides; else where the files lie: nine in ten of those it
/// modifies are in the tree's list, or most lie where only this tree has files.
#[must_use]
pub fn tree_test(policy: &Policy, files: Option<&TreeFiles>, series: &Series) -> TreeVerdict {
    let by_cover = series.cover.as_ref().and_then(|cover| by_subject(policy, &cover.mail));
    let told: Vec<(Tree, String)> = series
        .patches
        .iter()
        .map(|part| match &by_cover {
            Some((Tree::OtherTree, reason)) => (Tree::OtherTree, reason.clone()),
            _ => patch_tree(policy, files, &part.mail),
        })
        .collect();
    let mut patches: Vec<Tree> = told.iter().map(|(tree, _)| *tree).collect();
    let count = |wanted: Tree| patches.iter().filter(|tree| **tree == wanted).count();
    let (this, other) = (count(Tree::ThisTree), count(Tree::OtherTree));
    let tree = match (this, other) {
        (1.., _) => Tree::ThisTree,
        (0, 1..) if other == patches.len() => Tree::OtherTree,
        _ => Tree::Unsure,
    };
    // A patch that cannot be told goes with its series, unless the series holds two trees.
    if other == 0 && this * 2 >= patches.len() {
        patches.iter_mut().for_each(|tree| *tree = Tree::ThisTree);
    }
    let reason = told
        .into_iter()
        .find(|(told, _)| *told == tree)
        .or_else(|| by_cover.clone())
        .map_or_else(|| "it has no patch".to_owned(), |(_, reason)| reason);
    TreeVerdict { tree, reason, patches }
}

/// Tells which tree one patch is for, and why.
#[must_use]
pub fn patch_tree(policy: &Policy, files: Option<&TreeFiles>, mail: &Mail) -> (Tree, String) {
    let by_subject = by_subject(policy, mail);
    if let Some((Tree::OtherTree, _)) = &by_subject {
        return by_subject.unwrap_or((Tree::OtherTree, String::new()));
    }
    let by_paths = mail.diff().map(|diff| by_paths(&policy.tree, files, diff));
    match (by_paths, by_subject) {
        (Some((Tree::ThisTree, reason)), _) => (Tree::ThisTree, reason),
        (_, Some(by_subject)) => by_subject,
        (Some(by_paths), None) => by_paths,
        (None, None) => (Tree::Unsure, "it has no diff that can be read".to_owned()),
    }
}

fn by_subject(policy: &Policy, mail: &Mail) -> Option<(Tree, String)> {
    let tag = mail.header.tag.as_ref()?;
    let named = |words: &[String]| {
        // A list's name in brackets of its own is one prefix, perhaps of several words.
        let prefixes = tag.prefixes.iter().flat_map(|prefix| prefix.split_whitespace());
        prefixes.map(str::to_lowercase).find(|prefix| {
            words.iter().any(|word| match word.strip_suffix('*') {
                Some(start) => prefix.starts_with(start),
                None => prefix == word,
            })
        })
    };
    let told = |tree, word| Some((tree, format!("its subject says `{word}`")));
    if let Some(word) = named(&policy.tree.other_subjects) {
        return told(Tree::OtherTree, word);
    }
    told(Tree::ThisTree, named(&policy.tree.own_subjects)?)
}

fn by_paths(rules: &TreeRules, files: Option<&TreeFiles>, diff: &Diff) -> (Tree, String) {
    let before = |file: &FileChange| file.old_path.clone().unwrap_or_else(|| file.path.clone());
    let telling: Vec<&FileChange> =
        diff.files.iter().filter(|file| !rules.shared.is_match(&before(file))).collect();
    if telling.is_empty() {
        return (Tree::Unsure, "it touches only files that many trees have".to_owned());
    }
    let modified = telling.iter().filter(|file| file.status != FileStatus::Added);
    let (mut known, mut modifies) = (0_usize, 0_usize);
    for file in modified {
        modifies += 1;
        known += usize::from(files.is_some_and(|files| files.contains(&before(file))));
    }
    if modifies > 0 && known * 100 >= modifies * rules.known_percent as usize {
        let reason = format!("{known} of {modifies} files that it modifies are in the tree");
        return (Tree::ThisTree, reason);
    }
    let own = telling.iter().filter(|file| rules.own.is_match(&file.path)).count();
    if own * 2 > telling.len() {
        let reason = format!("{own} of {} files lie where only this tree has files", telling.len());
        return (Tree::ThisTree, reason);
    }
    if files.is_some() && modifies > 0 && known == 0 && own == 0 {
        let first = telling.first().map(|file| file.path.as_str()).unwrap_or_default();
        return (Tree::OtherTree, format!("no file that it modifies is in the tree (`{first}`)"));
    }
    let reason = match files {
        Some(_) => format!("{known} of {modifies} files that it modifies are in the tree"),
        None => "its files lie in folders that many trees have".to_owned(),
    };
    (Tree::Unsure, reason)
}
