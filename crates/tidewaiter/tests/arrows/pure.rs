//! No source line of a pure crate names the clock, a socket, a file, the environment or the
//! terminal. A plain search of the text: an alias would slip through, a slip of habit does not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{PURE, workspace_root};

/// What no source line of a pure crate may name.
const IMPURE_CALLS: &[&str] = &[
    "SystemTime",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "TimeZone::system",
    "thread::sleep",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "print!",
    "println!",
    "eprint!",
    "eprintln!",
    "dbg!",
    "io::stdin",
    "io::stdout",
    "io::stderr",
];

/// Modules of `std` that a grouped `use std::{...}` must not bring in either.
const IMPURE_MODULES: &[&str] = &["fs", "env", "net", "process"];

#[test]
fn pure_crates_touch_nothing_outside() {
    let mut faults = Vec::new();
    for krate in PURE {
        let source = workspace_root().join("crates").join(krate).join("src");
        let mut files = Vec::new();
        rust_files(&source, &mut files).unwrap();
        assert!(!files.is_empty(), "no sources under {}", source.display());
        let mut sources = BTreeMap::new();
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            sources.insert(file, text);
        }
        faults.extend(call_faults(&sources));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn an_impure_call_is_reported_with_its_line() {
    let source = |path: &str, text: &str| (PathBuf::from(path), text.to_owned());
    let faults = call_faults(&BTreeMap::from([
        source(
            "src/a.rs",
            "// std::fs in a comment\nuse std::{\n    collections::BTreeMap,\n    fs,\n};\n\
             fn f() {\n    println!();\n    writeln!(out).ok();\n}\n\
             #[cfg(test)]\nmod tests {\n    fn g() {\n        println!();\n    }\n}\n\
             fn h() -> Zoned {\n    Zoned::now()\n}\n",
        ),
        source("src/b.rs", "#[cfg(test)]\nmod oracle;\n#[cfg(test)]\nuse std::fs;\n"),
        source("src/b/oracle.rs", "use std::process::Command;\n"),
        source("src/b/other.rs", "use std::process::Command;\n"),
    ]));
    assert_eq!(
        faults,
        [
            "src/a.rs:2: `std::fs` in a pure crate",
            "src/a.rs:7: `println!` in a pure crate",
            "src/a.rs:17: `Zoned::now` in a pure crate",
            "src/b/other.rs:1: `std::process` in a pure crate",
        ]
    );
}

/// One line for each impure call outside comments and `#[cfg(test)]` items. Textual: it relies on
/// rustfmt's indentation to find where an item ends.
fn call_faults(sources: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let mut faults = Vec::new();
    let mut test_modules = BTreeSet::new();
    for (path, text) in sources {
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            if line.trim() == "#[cfg(test)]" {
                let end = format!("{}}}", line.split('#').next().unwrap_or_default());
                let item = lines.by_ref().map(|(_, line)| line);
                let mut item = item.skip_while(|line| line.trim_start().starts_with("#["));
                let first = item.next().unwrap_or_default();
                if let Some(name) =
                    first.trim().strip_suffix(';').and_then(|l| l.split("mod ").nth(1))
                {
                    test_modules.extend(module_paths(path, name));
                } else if first.ends_with('{') {
                    item.find(|line| *line == end);
                }
                continue;
            }
            let mut statement = line.to_owned();
            if line.trim_start().starts_with("use std::{") {
                while !statement.ends_with(';') {
                    let Some((_, next)) = lines.next() else { break };
                    statement.push_str(next);
                }
            }
            if let Some(call) = impure_call(&statement) {
                let number = number + 1;
                faults
                    .push((path, format!("{}:{number}: `{call}` in a pure crate", path.display())));
            }
        }
    }
    faults.retain(|(path, _)| !test_modules.iter().any(|module| path.starts_with(module)));
    faults.into_iter().map(|(_, fault)| fault).collect()
}

/// The first impure thing that a statement names, as a whole word.
fn impure_call(statement: &str) -> Option<String> {
    let ident = |c: char| c.is_alphanumeric() || c == '_';
    if let Some((_, group)) = statement.split_once("use std::{") {
        let mut words = group.split(|c| !ident(c));
        if let Some(module) = words.find(|word| IMPURE_MODULES.contains(word)) {
            return Some(format!("std::{module}"));
        }
    }
    let named = |call: &&&str| {
        statement.match_indices(**call).any(|(at, _)| {
            let (before, rest) = statement.split_at(at);
            let after = rest.strip_prefix(**call).unwrap_or_default();
            !before.ends_with(ident) && !after.starts_with(ident)
        })
    };
    IMPURE_CALLS.iter().find(named).map(|call| (*call).to_owned())
}

/// Where the module `name`, declared in the file at `path`, may lie: a file or a folder.
fn module_paths(path: &Path, name: &str) -> Vec<PathBuf> {
    let folders = [path.parent().map(Path::to_owned), Some(path.with_extension(""))];
    folders
        .into_iter()
        .flatten()
        .flat_map(|f| [f.join(name), f.join(format!("{name}.rs"))])
        .collect()
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
