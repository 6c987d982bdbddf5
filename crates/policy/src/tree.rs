//! Whether a patch is for the policy's own tree.

use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_patch::{Diff, FileChange, FileStatus, Mail, Series};

use crate::{FanIn, Policy, glob::PathGlobs};

/// The paths of a tree, as `git ls-tree -r --name-only HEAD` prints them.
#[derive(Clone, Debug, Default)]
pub struct TreeFiles {
    paths: Vec<Box<str>>,
    fan_in: Option<FanIn>,
}

impl TreeFiles {
    /// Reads one path a line, in any order; empty lines are passed over.
    #[must_use]
    pub fn from_list(text: &str) -> Self {
        let mut paths: Vec<Box<str>> =
            text.lines().map(str::trim_end).filter(|l| !l.is_empty()).map(Box::from).collect();
        paths.sort_unstable();
        paths.dedup();
        Self { paths, fan_in: None }
    }

    /// The same with how often its files are included.
    #[must_use]
    pub fn with_fan_in(self, fan_in: Option<FanIn>) -> Self {
        Self { fan_in, ..self }
    }

    /// How often its files are included; `None` where their texts were not read.
    #[must_use]
    pub fn fan_in(&self) -> Option<&FanIn> {
        self.fan_in.as_ref()
    }

    /// Whether the tree has a file with this path.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.paths.binary_search_by(|known| known.as_ref().cmp(path)).is_ok()
    }

    /// Whether the tree has anything in the folder at its top in which this path lies.
    #[must_use]
    pub fn has_root_of(&self, path: &str) -> bool {
        let Some((root, _)) = path.split_once('/') else { return true };
        let place = self.paths.partition_point(|known| known.as_ref() < root);
        let after = self.paths.iter().skip(place);
        // Between a folder's name and its content sort only names with a byte below the slash.
        after
            .take_while(|known| known.starts_with(root))
            .any(|known| known.as_bytes().get(root.len()) == Some(&b'/'))
    }

    /// Its paths, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(AsRef::as_ref)
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
#[derive(Debug, Default)]
pub(crate) struct TreeRules {
    pub(crate) known_percent: u32,
    /// Folders that only this tree has, without a slash behind.
    pub(crate) roots: Vec<String>,
    pub(crate) own: PathGlobs,
    pub(crate) other: PathGlobs,
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
    if policy.judges_any_tree {
        return TreeVerdict {
            tree: Tree::ThisTree,
            reason: "the policy judges by the list alone".to_owned(),
            patches: vec![Tree::ThisTree; series.patches.len()],
        };
    }
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
    let foreign = |file: &&&FileChange| {
        rules.other.is_match(&file.path) || files.is_some_and(|list| !list.has_root_of(&file.path))
    };
    if let Some(file) = telling.iter().find(foreign)
        && known == 0
        && own == 0
    {
        return (Tree::OtherTree, format!("the tree has no such folder: `{}`", file.path));
    }
    let reason = match files {
        Some(_) => format!("{known} of {modifies} files that it modifies are in the tree"),
        None => "its files lie in folders that many trees have".to_owned(),
    };
    (Tree::Unsure, reason)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::assess::testing::policy;

    fn verdict(files: Option<&TreeFiles>, subject: &str, paths: &[&str]) -> Tree {
        let diff: String = paths
            .iter()
            .map(|p| format!("diff --git a/{p} b/{p}\n--- a/{p}\n+++ b/{p}\n@@ -1 +1 @@\n-a\n+b\n"))
            .collect();
        let mail = format!(
            "From: A <a@example.org>\nSubject: {subject}\n\nWhy.\n\nSigned-off-by: A\n---\n{diff}"
        );
        patch_tree(&policy("qemu-2025-06"), files, &Mail::parse(mail.as_bytes())).0
    }

    const FILES: &str = "MAINTAINERS\nblock/io.c\ncrypto/aes.c\ncrypto/der.c\nhw/arm/virt.c\n\
                         include/block/block.h\ninclude/crypto/aes.h\nnet/net.c\nnet/socket.c\n\
                         scripts/checkpatch.pl\ntests/unit/test-aio.c\ntools/meson.build\n";

    #[test_case("[PATCH] x", &["hw/arm/virt.c"], Tree::ThisTree, Tree::ThisTree; "own root")]
    #[test_case("[PATCH] x", &["hw/arm/long-gone.c"], Tree::ThisTree, Tree::ThisTree; "own root, unknown file")]
    #[test_case("[PATCH] x", &["block/io.c"], Tree::ThisTree, Tree::ThisTree; "own file in a shared folder")]
    #[test_case("[PATCH] x", &["block/blk-mq.c"], Tree::Unsure, Tree::Unsure; "the kernel's block")]
    #[test_case("[PATCH] x", &["crypto/aes.c"], Tree::Unsure, Tree::Unsure; "path of both trees")]
    #[test_case("[PATCH] x", &["include/crypto/aes.h"], Tree::ThisTree, Tree::Unsure; "known from the list only")]
    #[test_case("[PATCH] KVM: x", &["arch/x86/kvm/mmu.c"], Tree::OtherTree, Tree::OtherTree; "kernel")]
    #[test_case("[PATCH] x", &["MAINTAINERS"], Tree::Unsure, Tree::Unsure; "maintainers alone")]
    #[test_case("[PATCH] x", &["scripts/checkpatch.pl"], Tree::Unsure, Tree::Unsure; "checkpatch alone")]
    #[test_case("[PATCH qemu] x", &["MAINTAINERS"], Tree::ThisTree, Tree::ThisTree; "named")]
    #[test_case("[kvm-unit-tests PATCH] x", &["hw/arm/virt.c"], Tree::OtherTree, Tree::OtherTree; "kvm-unit-tests")]
    #[test_case("[PATCH kvm-unit-tests] x", &["arm/pmu.c"], Tree::OtherTree, Tree::OtherTree; "kvm-unit-tests behind")]
    #[test_case("[qemu-web PATCH] x", &["_posts/x.md"], Tree::OtherTree, Tree::OtherTree; "web")]
    #[test_case("[PATCH net-next] x", &["net/socket.c"], Tree::OtherTree, Tree::OtherTree; "net-next")]
    #[test_case("[PATCH] linux-user: x", &["linux-user/main.c"], Tree::ThisTree, Tree::ThisTree; "title is no proof")]
    fn patches(subject: &str, paths: &[&str], with_list: Tree, without: Tree) {
        let files = TreeFiles::from_list(FILES);
        assert_eq!(verdict(Some(&files), subject, paths), with_list);
        assert_eq!(verdict(None, subject, paths), without);
    }

    #[test]
    fn nine_in_ten_suffice() {
        let files: String = (0..10).map(|n| format!("util/f{n}.c\n")).collect();
        let files = TreeFiles::from_list(&files);
        let paths = |known: usize| -> Vec<String> {
            (0..10).map(|n| format!("util/{}{n}.c", if n < known { "f" } else { "g" })).collect()
        };
        for (known, wanted) in [(10, Tree::ThisTree), (9, Tree::ThisTree), (8, Tree::Unsure)] {
            let paths = paths(known);
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            assert_eq!(verdict(Some(&files), "[PATCH] x", &paths), wanted, "{known}");
        }
    }

    #[test_case("hw/x.c" => true; "folder")]
    #[test_case("h/x.c" => false; "part of a name")]
    #[test_case("hw-old/x.c" => false; "longer name")]
    #[test_case("net/x.c" => true; "name with neighbours")]
    #[test_case("x.c" => true; "top")]
    fn roots(path: &str) -> bool {
        TreeFiles::from_list("hw/arm/virt.c\nnet-a\nnet.c\nnet/net.c\n").has_root_of(path)
    }
}
