use std::{fs, sync::LazyLock};

use tidewaiter_mail::mbox::Splitter;
use tidewaiter_testkit::{fixtures::crlf, workspace_root};

use super::*;
use crate::{
    Assessment, Policy, PolicyContext, Severity, TrustRules, Vocabulary, assess,
    assess::testing::policy, builtin_policies, maintainers::Maintainers, policy::Thread,
};

/// One fixture: an `.eml`, or an `.mbox` with the mails of a thread, an hour between each.
struct Fixture {
    name: String,
    bytes: Vec<u8>,
    is_mbox: bool,
}

impl Fixture {
    fn with_crlf(&self) -> Self {
        Self { name: self.name.clone(), bytes: crlf(&self.bytes), is_mbox: self.is_mbox }
    }

    /// The series of its last mail that is no comment, with the version before.
    fn thread(&self) -> Thread {
        static VOCABULARY: LazyLock<Vocabulary> =
            LazyLock::new(|| Vocabulary::builtin().expect("the shipped vocabulary reads"));
        let mut splitter = Splitter::default();
        let mails = if self.is_mbox {
            splitter.feed(&self.bytes);
            splitter.finish();
            splitter.take()
        } else {
            None
        };
        let mails: Vec<&[u8]> = match &mails {
            Some(cut) => cut.iter().map(|(_, mail)| mail).collect(),
            None => vec![&self.bytes],
        };
        Thread::of(&VOCABULARY, mails.into_iter()).expect(&self.name)
    }
}

fn judge(policy: &Policy, context: PolicyContext<'_>, thread: &Thread) -> Assessment {
    let context = PolicyContext { previous: thread.previous.as_ref(), ..context };
    assess(policy, &context, &thread.series, &|key| thread.observed(key))
}

/// `fixtures/rules/<id>/MAINTAINERS`, where there is one.
fn maintainers(rule: &str) -> Option<Maintainers> {
    let path = workspace_root().join("fixtures/rules").join(rule).join("MAINTAINERS");
    fs::read_to_string(path).ok().map(|text| Maintainers::parse(&text).0)
}

/// A rule's fixtures, sorted by name.
fn fixtures(rule: &str) -> Vec<Fixture> {
    let folder = workspace_root().join("fixtures/rules").join(rule);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut found: Vec<Fixture> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !path.ends_with("MAINTAINERS"))
        .map(|path| Fixture {
            name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
            bytes: fs::read(&path).expect("a mail"),
            is_mbox: path.extension().is_some_and(|ending| ending == "mbox"),
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
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

fn shipped() -> Vec<Policy> {
    builtin_policies().iter().map(|(id, _)| policy(id)).collect()
}

#[test]
fn every_rule_finds_its_hits_and_passes_its_misses() {
    let shipped = shipped();
    for rule in ALL {
        let id = rule.meta.id;
        let (mut hits, mut misses) = (0, 0);
        let maintainers = maintainers(id);
        let authserv_ids = ["mx.example.net".to_owned()];
        let trust = TrustRules { authserv_ids: &authserv_ids, ..TrustRules::default() };
        let maintainers = maintainers.as_ref();
        let context = PolicyContext { maintainers, trust, ..PolicyContext::default() };
        for fixture in fixtures(id) {
            let name = &fixture.name;
            let wanted = name.starts_with("hit-");
            assert!(wanted || name.starts_with("miss-"), "{id}/{name}");
            for policy in judges(id, name, &shipped) {
                hits += usize::from(wanted);
                misses += usize::from(!wanted);
                for thread in [fixture.thread(), fixture.with_crlf().thread()] {
                    let patches = thread.series.patches.len();
                    assert!(patches == 1 || fixture.is_mbox && patches > 1, "{id}/{name}");
                    let judged = judge(policy, context, &thread);
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
        for fixture in fixtures(rule.meta.id) {
            let (name, thread) = (&fixture.name, fixture.thread());
            for policy in &shipped {
                let judged = judge(policy, PolicyContext::default(), &thread);
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

#[test]
fn reasons_that_patches_share_are_said_once_and_what_was_found_comes_first() {
    let mut checked = Checked::default();
    for patch in [1, 2, 3, 5] {
        checked.add(Some(patch), false, "no core code".to_owned());
    }
    checked.add(Some(4), true, "core".to_owned());
    assert_eq!(checked.why(5), ["patch 4/5: core", "patches 1-3, 5: no core code"]);
}

#[test]
fn reasons_are_bounded_and_none_that_was_found_is_crowded_out() {
    let mut checked = Checked::default();
    for patch in 0..50 {
        checked.add(Some(patch), false, format!("{patch} lines"));
    }
    checked.add(Some(50), true, "too large".to_owned());
    for patch in 51..5_000 {
        checked.add(Some(patch), false, format!("{patch} lines"));
    }
    let why = checked.why(5_000);
    assert_eq!((why.len(), why[0].as_str()), (SHOWN + 1, "patch 50/5000: too large"));
    assert_eq!(why[SHOWN], "and 4992 more");
}
