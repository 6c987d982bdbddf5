//! The fixture mails of the workspace, `fixtures/mail/**/*.eml`, as LF and as CRLF.

use std::fs;
use std::path::{Path, PathBuf};

/// One mail of `fixtures/mail/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixture {
    /// Folder and name without the ending, such as `git/plain`.
    pub id: String,
    /// Where the file is.
    pub path: PathBuf,
    /// The mail as committed.
    pub lf: Vec<u8>,
}

impl Fixture {
    /// The same mail with CRLF line ends: every lone LF gets its CR.
    #[must_use]
    pub fn crlf(&self) -> Vec<u8> {
        crlf(&self.lf)
    }
}

/// Gives every lone LF its CR.
#[must_use]
pub fn crlf(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len() + mail.len() / 32);
    let mut before = None;
    for &byte in mail {
        if byte == b'\n' && before != Some(b'\r') {
            out.push(b'\r');
        }
        out.push(byte);
        before = Some(byte);
    }
    out
}

/// Every fixture mail, sorted by id; none where the folder is missing.
///
/// # Panics
/// Where a file of the folder cannot be read.
#[must_use]
pub fn fixture_mails() -> Vec<Fixture> {
    let root = crate::workspace_root().join("fixtures/mail");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "eml") {
                let lf = fs::read(&path).expect("failed to read a fixture mail");
                found.push(Fixture { id: id(&root, &path), path, lf });
            }
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found
}

fn id(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path).with_extension("");
    inside.to_string_lossy().replace('\\', "/")
}

/// What is in a folder; nothing where there is no such folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.expect("failed to list the fixtures").path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lone_lf_gets_a_cr() {
        assert_eq!(crlf(b"a\nb\r\nc\r\r\n\n"), b"a\r\nb\r\nc\r\r\n\r\n");
    }

    #[test]
    fn ids_are_folder_and_name() {
        let root = Path::new("/w/fixtures/mail");
        assert_eq!(id(root, &root.join("git/plain.eml")), "git/plain");
    }

    #[test]
    fn fixtures_are_sorted_and_unique() {
        let ids: Vec<_> = fixture_mails().into_iter().map(|fixture| fixture.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    }
}
