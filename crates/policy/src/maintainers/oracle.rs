//! The script's rules once more, done the slow way and held against the index.
//!
//! Here every pattern becomes a regular expression, every one is tried on every path, and slashes
//! are counted; nothing is shared with the code under test but the regex crate.

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use regex::Regex;

use super::{Directories, Maintainers};

struct Rule {
    regex: Regex,
    below: bool,
    slashes: usize,
}

#[derive(Default)]
struct Slow {
    title: String,
    files: Vec<Rule>,
    excludes: Vec<Rule>,
}

fn rule(value: &str, folders: &HashSet<String>) -> Option<Rule> {
    let mut converted = value.replace('.', "\\.").replace('*', ".*").replace('?', ".");
    if folders.contains(&converted) {
        converted.push('/');
    }
    Some(Rule {
        regex: Regex::new(&format!("^(?:{converted})")).ok()?,
        below: converted.ends_with('/'),
        slashes: converted.matches('/').count(),
    })
}

impl Rule {
    fn covers(&self, path: &str) -> bool {
        self.regex.is_match(path) && (self.below || self.slashes == path.matches('/').count())
    }
}

fn read_slowly(text: &str, folders: &HashSet<String>) -> Vec<Slow> {
    let tag = Regex::new(r"^([A-Z]):\s*(.*?)\s*$").ok();
    let mut sections: Vec<Slow> = Vec::new();
    let mut title = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let Some(parts) = tag.as_ref().and_then(|tag| tag.captures(line)) else {
            title = Some(line.to_owned());
            continue;
        };
        if let Some(title) = title.take() {
            sections.push(Slow { title, ..Slow::default() });
        }
        let (_, [letter, value]) = parts.extract();
        let Some(section) = sections.last_mut() else {
            continue;
        };
        match letter {
            "F" => section.files.extend(rule(value, folders)),
            "X" => section.excludes.extend(rule(value, folders)),
            _ => {}
        }
    }
    sections
}

fn folders_of(files: &[&str]) -> HashSet<String> {
    files
        .iter()
        .flat_map(|file| file.match_indices('/').filter_map(|(at, _)| file.get(..at)))
        .map(str::to_owned)
        .collect()
}

fn covered_slowly(slow: &[Slow], path: &str) -> BTreeSet<usize> {
    (0..)
        .zip(slow)
        .filter(|(_, section)| section.files.iter().any(|rule| rule.covers(path)))
        .filter(|(_, section)| !section.excludes.iter().any(|rule| rule.covers(path)))
        .map(|(number, _)| number)
        .collect()
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora/qemu")
}

#[test]
fn agrees_with_the_rules_tried_one_by_one() {
    let folder = corpus();
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let (Some(text), Some(list)) = (read("MAINTAINERS"), read("files.txt")) else {
        println!("skipped: no QEMU tree data at {}", folder.display());
        return;
    };
    let files: Vec<&str> = list.lines().collect();
    let folders = folders_of(&files);
    let slow = read_slowly(&text, &folders);

    let start = Instant::now();
    let (fast, warnings) = Maintainers::parse_in_tree(&text, &Directories::from_files(&files));
    let built = start.elapsed();

    assert_eq!(slow.len(), fast.sections().len());
    for (slow, fast) in slow.iter().zip(fast.sections()) {
        assert!(slow.title == fast.name || slow.title.starts_with("---"));
    }
    let (mut checked, mut pairs) = (0, 0);
    for path in files.iter().step_by(9) {
        let expected = covered_slowly(&slow, path);
        let found = fast.sections_for(path);
        let set: BTreeSet<usize> = found.iter().map(|m| m.section).collect();
        assert_eq!(set, expected, "{path}");
        assert_eq!(set.len(), found.len(), "{path}");
        assert!(found.is_sorted_by(|a, b| a.specificity >= b.specificity));
        checked += 1;
        pairs += set.len();
    }
    assert!(checked > 1000);

    let start = Instant::now();
    let mut found = 0;
    for path in &files {
        found += fast.sections_for(path).len();
    }
    let looked_up = start.elapsed();
    println!(
        "{checked} paths, {pairs} path-section pairs: all agree; \
         {} sections, {} warnings; built in {built:.1?}; {} lookups ({found} sections) in \
         {looked_up:.1?}, {:.2} µs each",
        slow.len(),
        warnings.len(),
        files.len(),
        looked_up.as_secs_f64() * 1e6 / files.len() as f64,
    );
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(300))]
    #[test]
    fn agrees_on_made_up_files(
        sections in proptest::collection::vec(
            proptest::collection::vec("[FX]: ([ab/.*?]|\\[[ab]\\]|\\[\\^a\\]){1,7}", 1..8), 1..8),
        paths in proptest::collection::vec("([ab]{1,2}/){0,3}[ab.]{1,3}", 1..20),
    ) {
        let text: String = sections
            .iter()
            .map(|lines| format!("Title\n{}\n\n", lines.join("\n")))
            .collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let slow = read_slowly(&text, &folders_of(&paths));
        let (fast, warnings) = Maintainers::parse_in_tree(&text, &Directories::from_files(&paths));
        proptest::prop_assert_eq!(warnings, []);
        for path in paths {
            let found = fast.sections_for(path);
            let found: BTreeSet<usize> = found.iter().map(|m| m.section).collect();
            proptest::prop_assert_eq!(found, covered_slowly(&slow, path), "{} in {}", path, text);
        }
    }
}
