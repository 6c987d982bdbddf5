//! The committed sample archive is what its script says, and git can read it.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

#[path = "../examples/qemu-sample/sample/mod.rs"]
mod sample;

use std::collections::BTreeMap;
use std::fs;

use tidewaiter_testkit::git::Oracle;
use tidewaiter_testkit::workspace_root;

const LINE: &str = "From mboxrd@z Thu Jan  1 00:00:00 1970\n";

fn committed(name: &str) -> String {
    fs::read_to_string(workspace_root().join("fixtures/mbox").join(name)).unwrap()
}

/// The mails of the committed mbox; no mail of it needs mboxrd's quoting undone.
fn mails() -> Vec<String> {
    let mbox = committed("qemu-sample.mbox");
    mbox.split(LINE).skip(1).map(str::to_owned).collect()
}

fn header<'a>(mail: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = mail.split_once("\n\n")?;
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn the_committed_files_are_what_the_script_makes() {
    let names = BTreeMap::from([
        ("mbox", "qemu-sample.mbox"),
        ("expected", "qemu-sample.expected.tsv"),
        ("readme", "README.md"),
        ("tree", "qemu-sample.tree"),
    ]);
    for (output, bytes) in sample::week().outputs() {
        let name = names[output];
        let same = committed(name).as_bytes() == bytes;
        assert!(same, "fixtures/mbox/{name} is stale: see examples/qemu-sample/main.rs");
    }
}

#[test]
fn git_counts_every_diff_as_its_diffstat_says() {
    let oracle = Oracle::new().unwrap();
    let mut diffs = 0;
    for mail in mails() {
        let subject = header(&mail, "Subject").unwrap_or_default();
        if subject.starts_with("Re: ") || !mail.contains("\ndiff --git ") {
            continue;
        }
        diffs += 1;
        let info = oracle.mailinfo(mail.as_bytes()).unwrap();
        let files = oracle.numstat(&info.patch).unwrap_or_else(|| unreachable!("{subject}"));
        let stat = String::from_utf8(info.patch).unwrap();
        let total = stat.lines().find(|line| line.contains(" changed, ")).unwrap();
        let number = |word: &str| -> u64 {
            let part = total.split(", ").find(|part| part.contains(word));
            part.and_then(|part| part.split_whitespace().next()?.parse().ok()).unwrap_or(0)
        };
        assert_eq!(number("changed"), files.len() as u64, "{subject}");
        let added: u64 = files.iter().filter_map(|file| file.added).sum();
        let removed: u64 = files.iter().filter_map(|file| file.removed).sum();
        assert_eq!((number("insertion"), number("deletion")), (added, removed), "{subject}");
    }
    assert!(diffs > 150, "{diffs}");
}

#[test]
fn every_expected_series_is_in_the_archive() {
    let expected = committed("qemu-sample.expected.tsv");
    let mails = mails();
    let mut ids: Vec<_> = mails.iter().filter_map(|mail| header(mail, "Message-ID")).collect();
    ids.sort_unstable();
    let mut rows = 0;
    for row in expected.lines().skip(1) {
        let fields: Vec<_> = row.split('\t').collect();
        let [id, kind, version, total, received, not_judged, first, second, why] = fields[..]
        else {
            unreachable!("a row of other than nine fields: {row}")
        };
        rows += 1;
        assert!(ids.binary_search(&format!("<{id}>").as_str()).is_ok(), "{id}");
        assert!(["patch", "pull", "stable"].contains(&kind), "{row}");
        assert!(received.parse::<u32>().unwrap() <= total.parse().unwrap(), "{row}");
        assert!(version.parse::<u32>().unwrap() > 0 && !why.is_empty(), "{row}");
        let outcomes = ["silent", "disclosure", "ask", "decline"];
        for outcome in [first, second] {
            assert_eq!(outcomes.contains(&outcome), not_judged == "-", "{row}");
        }
    }
    assert!(rows >= 60, "{rows}");
}

#[test]
fn the_archive_is_small_and_in_the_order_of_arrival() {
    let mbox = committed("qemu-sample.mbox");
    assert!(mbox.len() < 700_000, "{}", mbox.len());
    let days = ["Mon, 1", "Tue, 2", "Wed, 3", "Thu, 4", "Fri, 5", "Sat, 6", "Sun, 7"];
    let arrivals: Vec<_> = mails()
        .iter()
        .map(|mail| {
            let (_, date) = mail.split_once("archive@example.org>; ").unwrap();
            let (day, rest) = date.split_once(" Jun 2026 ").unwrap();
            let day = days.iter().position(|name| *name == day).unwrap();
            (day, rest.chars().take(8).collect::<String>())
        })
        .collect();
    assert!(arrivals.is_sorted());
}
