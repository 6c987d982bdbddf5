//! The folders of a source tree.

use std::collections::HashSet;

const MAX_PATH: usize = 4096;

/// The folders of a source tree, known from a list of its files.
///
/// Stands for the script's `-d` test, which a pure crate cannot make.
#[derive(Debug, Clone, Default)]
pub struct Directories(HashSet<Box<str>>);

impl Directories {
    /// Collects every folder above the given files (paths relative to the top of the tree).
    ///
    /// Folders git does not track (empty ones) are not known. Paths over 4,096 bytes are passed
    /// over.
    pub fn from_files<I>(files: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut found = HashSet::new();
        for file in files {
            let mut path = file.as_ref();
            if path.len() > MAX_PATH {
                continue;
            }
            while let Some((folder, _)) = path.rsplit_once('/') {
                // The folders above a known one are known.
                if folder.is_empty() || !found.insert(Box::from(folder)) {
                    break;
                }
                path = folder;
            }
        }
        Self(found)
    }

    /// Whether `path`, without a trailing slash, is a folder of the tree.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.0.contains(path)
    }
}
