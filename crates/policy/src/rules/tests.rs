use std::{fs, sync::LazyLock};

use tidewaiter_mail::mbox::Splitter;
use tidewaiter_testkit::{fixtures::crlf, workspace_root};

use super::*;
use crate::{
    Assessment, Policy, PolicyContext, Severity, Vocabulary, assess, assess::testing::policy,
    builtin_policies, policy::Thread,
};

/// Name and bytes of a rule's fixtures, sorted: a mail, or an mbox whose last mail's series counts.
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

/// The policies under which a fixture is judged: the one that its name ends in
/// (`hit-tool.systemd`), else QEMU's.
fn judges<'a>(rule: &str, name: &str, shipped: &'a [Policy]) -> Vec<&'a Policy> {
    let named = name.split_once('.').map(|(_, policy)| policy);
    let judges = |policy: &&Policy| match named {
        Some(id) => policy.id == id,
        None => policy.project == "QEMU" && policy.rules.contains_key(rule),
    };
    let found: Vec<&Policy> = shipped.iter().filter(judges).collect();
    assert!(!found.is_empty(), "{rule}/{name}: no policy");
    found
}

fn judge_fixture(policy: &Policy, bytes: &[u8]) -> Assessment {
    let mut splitter = Splitter::default();
    splitter.feed(bytes);
    splitter.finish();
    let cut = splitter.take();
    let mails: Vec<&[u8]> = match &cut {
        Some(cut) if bytes.starts_with(b"From ") => cut.iter().map(|(_, mail)| mail).collect(),
        _ => vec![bytes],
    };
    static VOCABULARY: LazyLock<Vocabulary> =
        LazyLock::new(|| Vocabulary::builtin().expect("the shipped vocabulary reads"));
    let thread = Thread::of(&VOCABULARY, mails.into_iter()).expect("a patch");
    let context = PolicyContext { previous: thread.previous.as_ref(), ..PolicyContext::default() };
    assess(policy, &context, &thread.series, &|key| thread.observed(key))
}

fn shipped() -> Vec<Policy> {
    builtin_policies().iter().map(|(id, _)| policy(id)).collect()
}

#[test]
fn every_rule_finds_its_hits_and_passes_its_misses() {
    let shipped = shipped();
    for rule in ALL {
        let id = rule.meta.id;
        let (mut hits, mut misses) = (0, 0);
        for (name, lf) in fixtures(id) {
            let wanted = name.starts_with("hit-");
            assert!(wanted || name.starts_with("miss-"), "{id}/{name}");
            for policy in judges(id, &name, &shipped) {
                hits += usize::from(wanted);
                misses += usize::from(!wanted);
                for bytes in [lf.clone(), crlf(&lf)] {
                    let judged = judge_fixture(policy, &bytes);
                    let found: Vec<_> = judged.findings.iter().filter(|f| f.rule == id).collect();
                    let trace = judged.trace.iter().find(|trace| trace.rule == id);
                    assert_eq!(!found.is_empty(), wanted, "{} {id}/{name}: {trace:?}", policy.id);
                    assert!(trace.is_some_and(|trace| trace.on && !trace.why.is_empty()));
                }
            }
        }
        assert!(hits > 0 && misses > 0, "{id}: {hits} hits, {misses} misses");
    }
}

#[test]
fn every_rule_runs_under_some_policy() {
    let shipped = shipped();
    for rule in ALL {
        let id = rule.meta.id;
        assert!(shipped.iter().any(|policy| policy.rules.contains_key(id)), "{id}");
        assert!(!rule.meta.summary.is_empty() && rule.meta.rationale.ends_with('.'), "{id}");
    }
}

#[test]
fn no_finding_is_graver_than_its_source_allows() {
    let shipped = shipped();
    for rule in ALL {
        for (name, bytes) in fixtures(rule.meta.id) {
            for policy in &shipped {
                let judged = judge_fixture(policy, &bytes);
                for found in &judged.findings {
                    let place = format!("{} {}: {name}", policy.id, found.rule);
                    assert!(
                        found.rule_text.is_some() || found.severity == Severity::Note,
                        "{place}"
                    );
                    assert!(found.rule_text.is_some() || found.rule_url.is_none(), "{place}");
                    assert!(
                        found.rule_text.is_none() || found.rule_reported_by.is_none(),
                        "{place}"
                    );
                    assert!(!found.advice.is_empty(), "{place}");
                    let mark = found.rule.starts_with("agent-") || found.rule == "tool-mark";
                    assert!(!mark || found.severity <= Severity::Ask, "{place}");
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
