//! The pages on rules and policies are what the program has. With `TIDEWAITER_UPDATE_DOCS=1` they
//! are written anew.
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{env, fmt::Write, fs, path::PathBuf};

use serde::Serialize;
use tidewaiter_policy::{
    Policy, builtin_policies,
    rules::{self, Rule},
};
use tidewaiter_testkit::workspace_root;

fn shipped() -> Vec<Policy> {
    let read =
        |(id, text): &(&str, &str)| Policy::parse(text).unwrap_or_else(|e| panic!("{id}: {e:?}"));
    builtin_policies().iter().map(|entry| read(entry).0).collect()
}

/// The word that a unit variant is written as.
fn word(value: &impl Serialize) -> String {
    let value = toml::Value::try_from(value).expect("a word");
    value.as_str().expect("a word").replace('-', " ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn page(name: &str) -> PathBuf {
    workspace_root().join("docs").join(name)
}

/// Compares a page with what it should be, or writes it.
fn same(name: &str, wanted: &str) {
    let path = page(name);
    if env::var_os("TIDEWAITER_UPDATE_DOCS").is_some() {
        fs::write(&path, wanted).expect("the page cannot be written");
        return;
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let differ = wanted.lines().zip(found.lines()).position(|(wanted, found)| wanted != found);
    let line = differ.map_or(0, |line| line + 1);
    assert!(
        found == wanted,
        "docs/{name} is not up to date (line {line}): run this test with TIDEWAITER_UPDATE_DOCS=1"
    );
}

#[test]
fn rules_are_described_as_they_are() {
    let policies = shipped();
    let mut text = "# Rules\n\nWritten from the program by a test; change the rules, not this page. \
        A rule holds one thing\nagainst a policy and returns findings: it never addresses, words or \
        sends a mail. Which rules run,\nhow grave a finding is at most, and on which sentence it \
        rests, is the policy's choice\n([policies.md](policies.md)). A rule whose sentence is known \
        from reports alone, or that has none, is a\nnote; a mark that a tool left is at most asked \
        about.\n\n| rule | what it finds | who can act |\n| --- | --- | --- |\n"
        .to_owned();
    for Rule { meta, .. } in rules::ALL {
        let (id, summary) = (meta.id, cell(meta.summary));
        let _ = writeln!(text, "| [{id}](#{id}) | {summary} | {} |", word(&meta.audience));
    }
    for Rule { meta, .. } in rules::ALL {
        let _ = write!(text, "\n## {}\n\n", meta.id);
        let _ = write!(text, "Finds: {}.\n\n{}\n\n", meta.summary, meta.rationale);
        let _ =
            writeln!(text, "| policy | at most | its words | advice |\n| --- | --- | --- | --- |");
        for policy in &policies {
            let Some(setting) = policy.rules.get(meta.id) else { continue };
            let words = match policy.sentence(meta.id) {
                None => "none: a matter of form".to_owned(),
                Some(sentence) => match (&sentence.text, &sentence.reported_by) {
                    (Some(words), _) => format!("\"{}\"", cell(words)),
                    (None, by) => {
                        let summary = sentence.summary.as_deref().unwrap_or_default();
                        let by = by.as_deref().unwrap_or_default();
                        format!("reported: {} ({})", cell(summary), cell(by))
                    }
                },
            };
            let (severity, advice) = (word(&setting.severity), cell(&setting.advice));
            let _ = writeln!(text, "| {} | {severity} | {words} | {advice} |", policy.id);
        }
    }
    same("rules.md", &text);
}

const START: &str = "<!-- the table is written by a test -->\n";
const END: &str = "<!-- end of the table -->\n";

#[test]
fn policies_are_listed_as_they_are() {
    let mut table =
        "| id | project | status | text of | stance | own tags | words | rules | examples |\n\
                     | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
    for policy in shipped() {
        let date = policy.date.map(|date| date.to_string()).unwrap_or_default();
        let words = policy.sentences.iter().filter(|sentence| sentence.text.is_some()).count();
        let words = if policy.is_report_only() {
            if words == 0 { "report only".to_owned() } else { format!("{words}; report only") }
        } else {
            words.to_string()
        };
        let form = |tag: &tidewaiter_policy::policy::OwnTag| {
            format!("`{}: {}`", tag.key, cell(tag.grammar.form()))
        };
        let tags: Vec<String> = policy.own_tags.iter().map(form).collect();
        let id = match &policy.url {
            Some(url) => format!("[{}]({url})", policy.id),
            None => policy.id.clone(),
        };
        let _ = writeln!(
            table,
            "| {id} | {} | {} | {date} | {} | {} | {words} | {} | {} |",
            cell(&policy.project),
            word(&policy.status),
            word(&policy.stance),
            tags.join(", "),
            policy.rules.len(),
            policy.examples.len()
        );
    }
    let text = fs::read_to_string(page("policies.md")).expect("docs/policies.md");
    let (head, rest) = text.split_once(START).expect("the table's start");
    let (_, tail) = rest.split_once(END).expect("the table's end");
    same("policies.md", &format!("{head}{START}{table}{END}{tail}"));
}
