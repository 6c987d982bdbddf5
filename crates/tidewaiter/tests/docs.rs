//! Documents that follow from the program are compared with it. `TIDEWAITER_UPDATE_DOCS=1` in the
//! environment writes them instead.
#![expect(clippy::expect_used, reason = "a failure of the support code is the test's failure")]

#[path = "docs/configuration.rs"]
mod configuration;
mod program;
#[path = "docs/readme.rs"]
mod readme;
#[path = "docs/schema.rs"]
mod schema;

use std::fs;

use program::root;

fn document(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// Fails where a document is not what the program would write, or writes it.
fn compare(path: &str, generated: &str) {
    if document(path) == generated {
        return;
    }
    assert!(
        std::env::var_os("TIDEWAITER_UPDATE_DOCS").is_some_and(|value| value == "1"),
        "{path} is out of date; TIDEWAITER_UPDATE_DOCS=1 cargo test -p tidewaiter --test docs writes it"
    );
    fs::write(root().join(path), generated).expect("failed to write a document");
}

/// A document with the part between two marks replaced.
fn with_part(document: &str, start: &str, end: &str, part: &str) -> String {
    let (before, rest) = document.split_once(start).expect(start);
    let (_, after) = rest.split_once(end).expect(end);
    format!("{before}{start}{part}{end}{after}")
}
