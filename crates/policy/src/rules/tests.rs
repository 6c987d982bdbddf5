use std::fs;

use tidewaiter_testkit::{fixtures::crlf, workspace_root};

use super::*;
use crate::{
    PolicyContext, Severity,
    assess::testing::{judge, policy, series_of},
    builtin_policies,
};

/// Name and bytes of a rule's fixture mails, sorted.
fn fixtures(rule: &str) -> Vec<(String, Vec<u8>)> {
    let folder = workspace_root().join("fixtures/rules").join(rule);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut mails: Vec<(String, Vec<u8>)> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a mail"))
        })
        .collect();
    mails.sort();
    mails
}

#[test]
fn every_rule_finds_its_hits_and_passes_its_misses() {
    for rule in ALL {
        let id = rule.meta.id;
        let mails = fixtures(id);
        let (mut hits, mut misses, mut policies) = (0, 0, 0);
        for (policy_id, _) in builtin_policies() {
            let policy = policy(policy_id);
            if !policy.rules.contains_key(id) {
                continue;
            }
            policies += 1;
            for (name, lf) in &mails {
                let wanted = name.starts_with("hit-");
                assert!(wanted || name.starts_with("miss-"), "{id}/{name}");
                hits += usize::from(wanted);
                misses += usize::from(!wanted);
                for mail in [lf.clone(), crlf(lf)] {
                    let series = series_of(&[mail]);
                    assert_eq!(series.patches.len(), 1, "{id}/{name}: no patch");
                    let judged = judge(&policy, &PolicyContext::default(), &series);
                    let found: Vec<_> = judged.findings.iter().filter(|f| f.rule == id).collect();
                    let trace = judged.trace.iter().find(|trace| trace.rule == id);
                    assert_eq!(!found.is_empty(), wanted, "{policy_id} {id}/{name}: {trace:?}");
                    assert!(trace.is_some_and(|trace| trace.on && !trace.why.is_empty()));
                }
            }
        }
        assert!(hits > 0 && misses > 0 && policies > 0, "{id}: {hits} hits, {misses} misses");
    }
}

#[test]
fn no_finding_is_graver_than_its_source_allows() {
    for rule in ALL {
        for (name, mail) in fixtures(rule.meta.id) {
            let series = series_of(&[mail]);
            for (policy_id, _) in builtin_policies() {
                let policy = policy(policy_id);
                let judged = judge(&policy, &PolicyContext::default(), &series);
                for found in &judged.findings {
                    let place = format!("{policy_id} {}: {name}", found.rule);
                    assert!(
                        found.rule_text.is_some() || found.severity == Severity::Note,
                        "{place}"
                    );
                    assert_eq!(found.rule_text.is_some(), found.rule_url.is_some(), "{place}");
                    assert!(
                        found.rule_text.is_none() || found.rule_reported_by.is_none(),
                        "{place}"
                    );
                    assert!(!found.advice.is_empty(), "{place}");
                }
            }
        }
    }
}

#[test]
fn ids_are_unique_and_name_their_fixtures() {
    let mut ids: Vec<&str> = ALL.iter().map(|rule| rule.meta.id).collect();
    ids.sort_unstable();
    let folder = workspace_root().join("fixtures/rules");
    let mut folders: Vec<String> = fs::read_dir(folder)
        .expect("the fixtures")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    assert_eq!(ids, folders);
    assert!(ids.iter().all(|id| by_id(id).is_some()));
}
