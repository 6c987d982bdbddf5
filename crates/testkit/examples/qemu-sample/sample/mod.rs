//! The sample archive, from its script to its files.
#![expect(clippy::expect_used, clippy::panic, reason = "a mistake in the script ends the run")]

mod draft;
mod letters;
mod outputs;
mod people;
mod posts;
mod script;
mod series;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use tidewaiter_testkit::builder::Mail;

const SCRIPTS: [&str; 8] = [
    include_str!("../week/devices.txt"),
    include_str!("../week/core.txt"),
    include_str!("../week/large.txt"),
    include_str!("../week/versions.txt"),
    include_str!("../week/declared.txt"),
    include_str!("../week/marks.txt"),
    include_str!("../week/elsewhere.txt"),
    include_str!("../week/talk.txt"),
];

/// One mail as it came.
struct Post {
    arrival: i64,
    bytes: Vec<u8>,
}

/// What is expected of one version of a series.
struct Row {
    arrival: i64,
    id: String,
    title: String,
    kind: String,
    version: u32,
    total: u32,
    received: u32,
    not_judged: Option<String>,
    outcomes: [String; 2],
    why: String,
    about: String,
}

/// The whole week.
#[derive(Default)]
pub(crate) struct Week {
    posts: Vec<Post>,
    rows: Vec<Row>,
    tree: BTreeSet<String>,
    known: BTreeMap<String, Mail>,
    sent: BTreeMap<String, i64>,
}

/// Reads the script and builds every mail.
pub(crate) fn week() -> Week {
    let mut week = Week::default();
    for script in SCRIPTS {
        for entry in script::entries(script) {
            posts::add(&mut week, &entry);
        }
    }
    week.posts.sort_by(|a, b| (a.arrival, &a.bytes).cmp(&(b.arrival, &b.bytes)));
    week.rows.sort_by(|a, b| (a.arrival, &a.id).cmp(&(b.arrival, &b.id)));
    week
}
