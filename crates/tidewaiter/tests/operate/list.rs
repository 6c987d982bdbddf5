//! Stored series.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use insta::assert_snapshot;
use serde_json::Value;
use tidewaiter_engine::State;
use unicode_width::UnicodeWidthStr;

use crate::{
    sample::{context, sample, take},
    scene::Scene,
};

/// The sample in a store, as the daemon would have taken it.
fn scene() -> Scene {
    let scene = Scene::new();
    let mut store = scene.open();
    let (context, mut state) = (context(), State::new());
    for mail in &sample() {
        take(&mut store, &mut state, &context, mail);
    }
    drop(store);
    scene
}

fn records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn stored_series_by_what_they_state_touch_and_when() {
    let scene = scene();
    let jsonl =
        |args: &[&str]| records(&scene.shown(&[&["list", "--format=jsonl"], args].concat()));
    let all = jsonl(&[]);
    assert!(all.len() > 80, "{}", all.len());
    let is = |one: &Value, field: &str| one[field] == true;
    let stated: Vec<Value> =
        all.iter().filter(|one| is(one, "declared") || is(one, "indicated")).cloned().collect();
    assert!(stated.len() > 10, "{}", stated.len());
    assert_eq!(jsonl(&["--declared"]), stated);
    // Everything touches something, and what is asked for is a whole path.
    assert!(jsonl(&["--path=**"]).len() > 80);
    assert_eq!(jsonl(&["--path=docs"]), Vec::<Value>::new());
    let docs = jsonl(&["--path=docs/**"]);
    let more = jsonl(&["--path=docs/", "--path=hw/net/**"]);
    assert!(!docs.is_empty() && docs.len() < more.len() && more.len() < all.len());
    assert!(docs.iter().all(|one| more.contains(one)));
    let later = jsonl(&["--since=2026-06-03"]);
    assert!(!later.is_empty() && later.len() < all.len());
    assert_eq!(later, all[all.len() - later.len()..]);
    assert_eq!(jsonl(&["--since=2026-06-30"]), Vec::<Value>::new());

    let text = scene.shown(&["list", "--declared"]);
    assert!(text.lines().all(|line| line.width() <= 80), "{text}");
    assert!(!text.contains('@'), "{text}");
    assert_snapshot!("list-declared", text);
    let text = scene.shown(&["-v", "list", "--path=hw/net/**", "--since=2026-06-03"]);
    assert_snapshot!("list-path", text);
    assert_eq!(scene.shown(&["list", "--since=2026-06-30"]), "0 series\n");

    let mut child = scene.command(&["list"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn mistakes_are_named() {
    let scene = Scene::new();
    assert_eq!(scene.shown(&["list"]), "0 series\n");
    for args in [["list", "--path=["], ["list", "--path=/hw"], ["list", "--since=yesterday"]] {
        let ran = scene.run(&args);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    }
}
