//! Prometheus' text format 0.0.4, checked as strictly as its own parser would.

use std::collections::{BTreeMap, BTreeSet};

use crate::{sample, support::Server};

/// Samples by name and labels, of a text that keeps all rules.
fn parse(text: &str) -> BTreeMap<String, f64> {
    assert!(text.ends_with('\n'));
    let (mut types, mut helped, mut samples) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
    let mut family = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(helped.insert(name.to_owned()), "two helps: {line}");
            assert!(help.ends_with('.') && !help.contains('\\'), "{line}");
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(matches!(kind, "counter" | "gauge"), "{line}");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
            assert!(types.insert(name.to_owned(), kind).is_none(), "two types: {line}");
            family = name.to_owned();
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap();
        let bare = name.split('{').next().unwrap();
        assert_eq!(bare, family, "a family in pieces: {line}");
        assert!(bare.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{line}");
        if let Some(labels) = name.strip_prefix(bare).filter(|labels| !labels.is_empty()) {
            check_labels(labels);
        }
        let value: f64 = value.parse().unwrap();
        assert!(value.is_finite() && value >= 0.0, "{line}");
        assert!(samples.insert(name.to_owned(), value).is_none(), "twice: {line}");
    }
    assert_eq!(types.keys().collect::<Vec<_>>(), helped.iter().collect::<Vec<_>>());
    samples
}

fn check_labels(labels: &str) {
    let mut rest = labels.strip_prefix('{').unwrap().strip_suffix('}').unwrap().chars();
    loop {
        let name: String = rest.by_ref().take_while(|c| *c != '=').collect();
        assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()), "{labels}");
        assert_eq!(rest.next(), Some('"'), "{labels}");
        loop {
            match rest.next().unwrap() {
                '"' => break,
                '\\' => assert!(matches!(rest.next(), Some('\\' | '"' | 'n')), "{labels}"),
                c => assert!(!c.is_control(), "{labels}"),
            }
        }
        match rest.next() {
            None => return,
            Some(c) => assert_eq!(c, ',', "{labels}"),
        }
    }
}

#[tokio::test]
async fn they_can_be_read() {
    let samples = parse(&Server::of(sample::busy()).await.get("/metrics").await.body);
    for (name, value) in [
        ("build_info{version=\"0.1.0\"}", 1.0),
        ("stopped", 1.0),
        ("sending_allowed", 0.0),
        ("alarms{level=\"fault\"}", 1.0),
        ("alarms{level=\"notice\"}", 2.0),
        ("mails_total", 48_211.0),
        ("series_total", 5_301.0),
        ("outcomes_total{outcome=\"decline\"}", 17.0),
        ("replies{state=\"seen\"}", 212.0),
        ("replies{state=\"dropped\"}", 0.0),
        ("queue_age_seconds", 5_400.0),
        ("errors_total{kind=\"smtp\"}", 3.0),
        ("quarantined_mails", 1.0),
        ("cap_used{per=\"day\",list=\"\"}", 11.0),
        ("cap_limit{per=\"day\",list=\"qemu-devel.example.org\"}", 20.0),
        ("watcher_connected{watcher=\"qemu\"}", 1.0),
        ("watcher_connected{watcher=\"block\"}", 0.0),
        ("watcher_lag_seconds{watcher=\"block\"}", 9_927.0),
        ("watcher_reconnects_total{watcher=\"block\"}", 17.0),
        ("list_quiet{list=\"block.example.org\"}", 1.0),
    ] {
        assert_eq!(samples.get(&format!("tidewaiter_{name}")), Some(&value), "{name}");
    }
    // What is not known has no number.
    assert!(!samples.contains_key("tidewaiter_watcher_lag_seconds{watcher=\"spare\"}"));
}

#[tokio::test]
async fn a_daemon_that_has_seen_nothing() {
    let samples = parse(&Server::of(sample::fresh()).await.get("/metrics").await.body);
    assert_eq!(samples.get("tidewaiter_outcomes_total{outcome=\"ask\"}"), Some(&0.0));
    assert_eq!(samples.get("tidewaiter_sending_allowed"), Some(&1.0));
    assert!(!samples.contains_key("tidewaiter_queue_age_seconds"));
}

#[tokio::test]
async fn hostile_words_stay_in_their_label() {
    let samples = parse(&Server::of(sample::hostile()).await.get("/metrics").await.body);
    assert_eq!(samples.get("tidewaiter_stopped"), Some(&1.0));
    let errors = samples.keys().filter(|name| name.starts_with("tidewaiter_errors_total"));
    assert_eq!(errors.count(), sample::HOSTILE.len());
}
