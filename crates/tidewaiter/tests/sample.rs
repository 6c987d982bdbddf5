//! The example archive through the whole program, against what people said should come out.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failure of the support code is the test's failure"
)]

mod program;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use program::{root, run};
use serde_json::Value;
use test_case::test_case;
use tidewaiter_mail::Message;
use tidewaiter_testkit::fixtures::crlf;

const SAMPLE: &str = "fixtures/mbox/qemu-sample.mbox";

/// What a dry run of an archive under both policies writes, `seconds` taken out.
fn records(archive: &str, more: &[&str]) -> Vec<Value> {
    let mut args = vec![
        "dry-run",
        archive,
        "--tree=fixtures/mbox/qemu-sample.tree",
        "--against=qemu-proposed-2026-05",
        "--jsonl=-",
    ];
    args.extend(more);
    let ran = run(&args);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let mut records: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let summary = records.last_mut().expect("nothing was written");
    assert_eq!(summary["type"], "summary");
    assert!(summary["seconds"].is_number());
    summary["seconds"] = Value::Null;
    records
}

/// A row of the table of what should come out: id, kind, version, total, received, why it is not
/// judged, the outcome under each policy. `-` stands for nothing.
type Row = [String; 8];

fn expected() -> Vec<Row> {
    let path = root().join("fixtures/mbox/qemu-sample.expected.tsv");
    let table = fs::read_to_string(path).expect("failed to read the table");
    let row = |line: &str| {
        let mut cells = line.split('\t').map(str::to_owned);
        std::array::from_fn(|_| cells.next().expect("a row is short"))
    };
    table.lines().skip(1).map(row).collect()
}

fn row(record: &Value) -> Row {
    let shown = |value: &Value| match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields = ["id", "kind", "version", "total", "received", "not_judged", "outcome"];
    let mut cells = fields.iter().map(|field| shown(&record[field]));
    std::array::from_fn(|_| cells.next().unwrap_or_else(|| shown(&record["against"]["outcome"])))
}

#[test]
fn every_series_comes_out_as_expected() {
    let records = records(SAMPLE, &[]);
    let (series, summary) = records.split_at(records.len() - 1);
    assert_eq!(summary[0]["series"], series.len());
    let got: BTreeMap<String, Row> =
        series.iter().map(row).map(|row| (row[0].clone(), row)).collect();
    assert_eq!(got.len(), series.len(), "a series was named twice");
    let expected = expected();
    assert_eq!(got.len(), expected.len());
    let mut wrong = Vec::new();
    for want in &expected {
        if got.get(&want[0]) != Some(want) {
            wrong.push((want, got.get(&want[0])));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ: {wrong:#?}", wrong.len());
}

#[test]
fn the_difference_counts_each_series_once() {
    let records = records(SAMPLE, &[]);
    let (series, summary) = records.split_at(records.len() - 1);
    let replaced: Vec<&Value> =
        series.iter().map(|record| &record["supersedes"]).filter(|id| !id.is_null()).collect();
    let by_id: BTreeMap<&str, &Value> =
        series.iter().filter_map(|record| Some((record["id"].as_str()?, record))).collect();
    // From the newest back to the newest that was judged.
    let before = |record: &&Value| by_id.get(record["supersedes"].as_str()?).copied();
    let newest = series.iter().filter(|record| !replaced.contains(&&record["id"]));
    let last = newest.map(|newest| {
        let mut versions = std::iter::successors(Some(newest), before);
        versions.find(|version| !version["outcome"].is_null()).unwrap_or(newest)
    });
    let word = |value: &Value| value.as_str().unwrap_or("not-judged").to_owned();
    let mut outcomes: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    let mut count = 0;
    for record in last.filter(|record| record["against"].is_object()) {
        let row = outcomes.entry(word(&record["outcome"])).or_default();
        *row.entry(word(&record["against"]["outcome"])).or_default() += 1;
        count += 1;
    }
    let difference = &summary[0]["difference"];
    assert_eq!(difference["series"], count);
    assert_eq!(difference["outcomes"], serde_json::to_value(outcomes).expect("numbers"));
    assert!(count > 0 && count < series.len(), "{count} of {}", series.len());
    let rules = difference["rules"].as_object().expect("rules make the difference");
    assert!(rules.contains_key("declared-under-ban"), "{rules:?}");
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let one = records(SAMPLE, &["--jobs=1"]);
    for jobs in ["--jobs=2", "--jobs=3"] {
        assert_eq!(one, records(SAMPLE, &[jobs]), "{jobs}");
    }
}

#[test]
fn crlf_gives_the_same() {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let path = folder.path().join("sample.mbox");
    let lf = fs::read(root().join(SAMPLE)).expect("failed to read the sample");
    fs::write(&path, crlf(&lf)).expect("failed to write");
    let mut with_crlf = records(&path.to_string_lossy(), &[]);
    let mut plain = records(SAMPLE, &[]);
    // The archive is longer; nothing else may differ.
    for records in [&mut plain, &mut with_crlf] {
        let summary = records.last_mut().expect("nothing was written");
        assert!(summary["bytes"].take().as_u64() >= Some(lf.len() as u64 / 2));
    }
    assert_eq!(plain, with_crlf);
}

#[test_case("gzip", "gz")]
#[test_case("xz", "xz")]
#[test_case("zstd", "zst")]
fn compressed_gives_the_same(program: &str, ending: &str) {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let path = folder.path().join(format!("sample.mbox.{ending}"));
    let output = Command::new(program)
        .arg("-c")
        .arg(root().join(SAMPLE))
        .output()
        .expect("failed to run the packer");
    assert!(output.status.success());
    fs::write(&path, output.stdout).expect("failed to write");
    assert_eq!(records(SAMPLE, &[]), records(&path.to_string_lossy(), &[]));
}

/// The header of a reply as readers see it, and its raw text.
fn replies(folder: &Path) -> Vec<(Message, String)> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("failed to list the replies")
        .map(|entry| entry.expect("failed to list the replies").path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let bytes = fs::read(path).expect("failed to read a reply");
        (Message::parse(&bytes), String::from_utf8(bytes).expect("a reply is no UTF-8"))
    };
    paths.iter().map(read).collect()
}

#[test]
fn replies_are_those_of_the_records() {
    let folder = tempfile::tempdir().expect("failed to make a scratch folder");
    let out = folder.path().join("replies");
    let records = records(SAMPLE, &[&format!("--replies={}", out.display())]);
    let promised: Vec<&Value> = records
        .iter()
        .flat_map(|record| record["judgements"].as_array().into_iter().flatten())
        .map(|judgement| &judgement["reply"])
        .filter(|reply| !reply.is_null())
        .collect();
    let written = replies(&out);
    assert!(promised.len() > 20, "only {} replies", promised.len());
    assert_eq!(written.len(), promised.len());
    for ((message, raw), reply) in written.iter().zip(promised) {
        let id = message.message_id.as_ref().map(ToString::to_string);
        assert_eq!(id.as_deref(), reply["id"].as_str());
        let addresses = |mailboxes: &[tidewaiter_mail::Mailbox]| -> Value {
            mailboxes.iter().map(|m| m.address.as_ref().map(ToString::to_string)).collect()
        };
        assert_eq!(addresses(&message.to), reply["to"], "{id:?}");
        assert_eq!(addresses(&message.cc), reply["cc"], "{id:?}");
        let held = raw.lines().find_map(|line| line.strip_prefix("X-Tidewaiter-Held: "));
        assert_eq!(held.map(str::trim_end), reply["held_by"].as_str(), "{id:?}");
    }
}

#[test]
fn parse_prints_every_mail_in_order() {
    let ran = run(&["parse", SAMPLE]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let mails: Vec<Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let offset = |mail: &Value| {
        let source = mail["source"].as_str().expect("a mail has no source");
        let offset = source.strip_prefix(SAMPLE).and_then(|rest| rest.strip_prefix('#'));
        offset.and_then(|digits| digits.parse::<usize>().ok()).expect("a source has no offset")
    };
    assert!(mails.is_sorted_by(|a, b| offset(a) < offset(b)));
    let text = fs::read_to_string(root().join(SAMPLE)).expect("failed to read the sample");
    let starts = text.match_indices("\nFrom mboxrd@").count() + 1;
    assert_eq!(mails.len(), starts);
    assert_eq!(records(SAMPLE, &[]).last().expect("no summary")["mails"], mails.len());
}
