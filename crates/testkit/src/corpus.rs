//! Corpora of real mail beside the workspace, in `../shared/corpora`.
//!
//! They are read and measured, never copied into the repository. Where they are missing a test says
//! so and passes. Unpacking needs `tar` and `xz`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

/// The path of a corpus file; prints that the test skipped and gives `None` where it is not there.
#[must_use]
pub fn corpus(name: &str) -> Option<PathBuf> {
    let path = crate::workspace_root().join("../shared/corpora").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/corpora/{name} is not here");
    None
}

/// The unpacked bytes of an `.xz` corpus; the bytes as they are for any other.
///
/// # Panics
/// Where the file is there and cannot be read.
#[must_use]
pub fn corpus_bytes(name: &str) -> Option<Vec<u8>> {
    let path = corpus(name)?;
    if path.extension().is_none_or(|ending| ending != "xz") {
        return Some(fs::read(&path).expect("failed to read a corpus"));
    }
    let output = Command::new("xz").arg("-dc").arg(&path).output().expect("failed to run xz");
    assert!(output.status.success(), "failed to unpack {name}");
    Some(output.stdout)
}

/// Files of a corpus: name and bytes, sorted by name.
pub type Files = Vec<(String, Vec<u8>)>;

/// The raw mails of `odd-mails.tar.xz` by file name (`CATEGORY-NN.eml`), sorted.
#[must_use]
pub fn odd_mails() -> Option<Files> {
    let folder = unpack("odd-mails.tar.xz")?;
    let mut mails = read_folder(&folder.path().join("odd-mails"));
    mails.retain(|(name, _)| name.ends_with(".eml"));
    Some(mails)
}

/// Patchew's own test mails by file name, sorted, and what its tests assert about them.
///
/// A file is one mail, an mbox, or Patchew's JSON: [`patchew_container`] says which.
/// [`patchew_asserts`] reads the second part.
#[must_use]
pub fn patchew() -> Option<(Files, Value)> {
    let expected = corpus_bytes("patchew-expected.json")?;
    let expected = serde_json::from_slice(&expected).expect("failed to read patchew-expected.json");
    let folder = unpack("patchew-mails.tar.xz")?;
    Some((read_folder(&folder.path().join("patchew-mails/mbox")), expected))
}

/// What one of Patchew's test files is: `rfc822`, `mbox` or `json`.
#[must_use]
pub fn patchew_container<'a>(expected: &'a Value, file: &str) -> Option<&'a str> {
    expected.get("fixtures")?.get(file)?.get("container")?.as_str()
}

/// One thing that Patchew's tests assert.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PatchewAssert {
    /// File name of the mails that are imported.
    #[serde(default)]
    pub file: String,
    /// Patchew's test, `file.py::name`.
    pub test: String,
    /// What is looked at, such as `is_complete` or `message.tags`.
    pub field: String,
    /// `eq`, `contains` or `exit_code`.
    pub op: String,
    /// The value to hold it against, with plain Message-IDs.
    pub value: Value,
    /// The Message-ID of the mail looked at, where the file has several; no brackets.
    pub target: Option<String>,
    /// What else the test did first, in words.
    pub context: Option<String>,
    /// True where the value was derived again from the mails; `None` where the assertion is not
    /// about what is parsed.
    pub reproduced: Option<bool>,
}

/// Every assertion of `patchew-expected.json`, by file, in the file's order.
///
/// Patchew writes `_` in an id as `._5F` and `/` as `._2F`; `target` and all text in `value` are
/// given with that undone.
///
/// # Panics
/// Where the JSON has another shape.
#[must_use]
pub fn patchew_asserts(expected: &Value) -> Vec<PatchewAssert> {
    let files = expected.get("fixtures").and_then(Value::as_object).expect("no `fixtures`");
    let mut all = Vec::new();
    for (file, fixture) in files {
        let asserts = fixture.get("asserts").cloned().expect("no `asserts`");
        let asserts: Vec<PatchewAssert> =
            serde_json::from_value(asserts).expect("an assertion has another shape");
        all.extend(asserts.into_iter().map(|mut assert| {
            assert.file.clone_from(file);
            assert.target = assert.target.as_deref().map(plain_id);
            plain_ids(&mut assert.value);
            assert
        }));
    }
    all
}

/// Undoes Patchew's writing of `_` and `/` in Message-IDs.
#[must_use]
pub fn plain_id(id: &str) -> String {
    id.replace("._5F", "_").replace("._2F", "/")
}

fn plain_ids(value: &mut Value) {
    match value {
        Value::String(text) => *text = plain_id(text),
        Value::Array(values) => values.iter_mut().for_each(plain_ids),
        Value::Object(fields) => fields.values_mut().for_each(plain_ids),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn unpack(name: &str) -> Option<tempfile::TempDir> {
    let archive = corpus(name)?;
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let mut tar = Command::new("tar");
    tar.arg("-xJf").arg(&archive).arg("-C").arg(folder.path());
    assert!(tar.status().expect("failed to run tar").success(), "failed to unpack {name}");
    Some(folder)
}

fn read_folder(folder: &Path) -> Files {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("failed to list an unpacked corpus") {
        let entry = entry.expect("failed to list an unpacked corpus");
        let bytes = fs::read(entry.path()).expect("failed to read an unpacked mail");
        files.push((entry.file_name().to_string_lossy().into_owned(), bytes));
    }
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_corpus_is_none() {
        assert_eq!(corpus("no-such-corpus.xz"), None);
    }

    #[test]
    fn patchew_ids_are_undone_in_target_and_value() {
        let expected = serde_json::json!({"fixtures": {"a.mbox": {"container": "mbox", "asserts": [
            {"test": "t", "field": "f", "op": "eq", "value": [{"id": "x._5Fy@example.org"}],
             "target": "a._2Fb@example.org", "reproduced": null}]}}});
        let asserts = patchew_asserts(&expected);
        assert_eq!(asserts[0].target.as_deref(), Some("a/b@example.org"));
        assert_eq!(asserts[0].value, serde_json::json!([{"id": "x_y@example.org"}]));
        assert_eq!(asserts[0].reproduced, None);
        assert_eq!(patchew_container(&expected, "a.mbox"), Some("mbox"));
    }

    #[test]
    fn every_corpus_reads_whole_where_it_is_here() {
        if let Some(mails) = odd_mails() {
            assert_eq!(mails.len(), 184);
        }
        if let Some((files, expected)) = patchew() {
            assert_eq!(files.len(), 37);
            assert_eq!(patchew_asserts(&expected).len(), 95);
            for (name, _) in &files {
                assert!(patchew_container(&expected, name).is_some(), "{name}");
            }
        }
    }
}
