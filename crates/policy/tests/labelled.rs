//! Disclosures labelled by hand, `../shared/corpora/disclosure-labelled.jsonl.xz`: how many are
//! found, and how many are found that are none.
//!
//! `labelled/relabelled.tsv` names the rows whose label is held to be wrong, by hash, with the
//! label that should stand and the reason; both raw and corrected figures are printed, and the test
//! fails below those in `labelled/figures.txt`. Nothing of the rows themselves is kept here.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use tidewaiter_patch::Mail;
use tidewaiter_policy::{Observed, Policy, Vocabulary, builtin_policies, observe};
use tidewaiter_testkit::corpus::corpus_bytes;

const RELABELLED: &str = include_str!("labelled/relabelled.tsv");
const FIGURES: &str = include_str!("labelled/figures.txt");

#[derive(Deserialize)]
struct Row {
    source: String,
    message_id: Option<String>,
    author: String,
    subject: String,
    message: String,
    label: bool,
    kind: String,
    borderline: bool,
}

/// What a row says, or what we say of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Nothing,
    Declared,
    Indicated,
}

impl Row {
    fn hash(&self) -> String {
        let digest = Sha256::digest(format!("{}\n{}", self.subject, self.message));
        digest.iter().take(8).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// The row's text as a mail. The corpus cuts diffs off and gives commits without a `---`:
    /// what a patch has in that place is put back.
    fn mail(&self) -> Mail {
        let id = self.message_id.as_deref().unwrap_or("row@example.org");
        let mut text = format!("From: {}\nMessage-ID: <{id}>\n", self.author);
        let subject = self.subject.replace(['\n', '\r'], " ");
        let is_commit = self.source == "git";
        let prefix = if is_commit { "[PATCH] " } else { "" };
        let is_reply = subject.to_lowercase().starts_with("re:");
        let _ = writeln!(text, "Subject: {prefix}{subject}");
        if is_reply {
            text.push_str("In-Reply-To: <parent@example.org>\n");
        }
        text.push_str(
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n",
        );
        let message = self.message.strip_prefix(&self.subject).filter(|_| is_commit);
        text.push_str(message.unwrap_or(&self.message).trim_start_matches('\n'));
        let is_cover = subject.contains(" 0/") || subject.contains(" 00");
        if is_commit || (subject.contains("PATCH") && !is_reply && !is_cover) {
            let dashes = if self.message.contains("\n---\n") { "" } else { "---\n" };
            let _ = write!(
                text,
                "\n{dashes}\ndiff --git a/f.c b/f.c\n--- a/f.c\n+++ b/f.c\n@@ -1 +1 @@\n-a\n+b\n-- \n2.47.3\n"
            );
        }
        Mail::parse(text.as_bytes())
    }

    /// A trailer that names a person and names an agent instead is a mark (`docs/json.md`).
    fn said(&self) -> Said {
        match (self.label, self.kind.as_str()) {
            (false, _) => Said::Nothing,
            (true, "trailer:co-authored-by" | "trailer:co-developed-by") => Said::Indicated,
            (true, _) => Said::Declared,
        }
    }
}

/// A use that contributes no content is no declaration that a policy could hold against a patch.
fn seen(observed: &Observed, exempt: &Policy) -> Said {
    if observed.tags().iter().any(|tag| !exempt.exempts(&tag.uses)) {
        Said::Declared
    } else if observed.marks().is_empty() {
        Said::Nothing
    } else {
        Said::Indicated
    }
}

#[derive(Debug, Default, PartialEq)]
struct Counts {
    true_positive: u32,
    false_positive: u32,
    missed: u32,
    right_kind: u32,
}

impl Counts {
    fn count(&mut self, said: Said, seen: Said) {
        match (said != Said::Nothing, seen != Said::Nothing) {
            (true, true) => {
                self.true_positive += 1;
                self.right_kind += u32::from(said == seen);
            }
            (true, false) => self.missed += 1,
            (false, true) => self.false_positive += 1,
            (false, false) => {}
        }
    }

    fn line(&self, name: &str) -> String {
        let percent = |part: u32, rest: u32| 100.0 * f64::from(part) / f64::from(part + rest);
        format!(
            "{name}: precision {:.2} %, recall {:.2} %, kind {:.2} % ({} found, {} wrongly, {} missed)",
            percent(self.true_positive, self.false_positive),
            percent(self.true_positive, self.missed),
            percent(self.right_kind, self.true_positive - self.right_kind),
            self.true_positive,
            self.false_positive,
            self.missed,
        )
    }
}

/// Hash to the label that should stand; `None` where a line is not of hash, label and reason.
fn relabelled() -> Option<HashMap<&'static str, Said>> {
    let lines = RELABELLED.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (hash, rest) = line.split_once('\t')?;
            let (label, reason) = rest.split_once('\t')?;
            let said = match label {
                "nothing" => Said::Nothing,
                "declared" => Said::Declared,
                "indicated" => Said::Indicated,
                _ => return None,
            };
            (reason.len() > 10).then_some((hash, said))
        })
        .collect()
}

fn figure(name: &str) -> Option<u32> {
    FIGURES.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))?.parse().ok()
}

#[test]
fn labelled_corpus() {
    let Some(bytes) = corpus_bytes("disclosure-labelled.jsonl.xz") else { return };
    let text = String::from_utf8(bytes).expect("the corpus is UTF-8");
    let rows: Vec<Row> =
        text.lines().map(|line| serde_json::from_str(line).expect("a row reads")).collect();
    assert_eq!(rows.len(), 1_410);
    let vocabulary = Vocabulary::builtin().expect("the shipped vocabulary reads");
    let (policy, _) = Policy::parse(builtin_policies()[0].1).expect("a shipped policy reads");
    let relabelled = relabelled().expect("hash, label and reason on each line");
    assert!(relabelled.len() <= rows.len() * 2 / 100, "{} rows relabelled", relabelled.len());
    let (mut raw, mut corrected) = (Counts::default(), Counts::default());
    let mut used = HashSet::new();
    for row in rows.iter().filter(|row| !row.borderline) {
        let seen = seen(&observe(&vocabulary, &row.mail()), &policy);
        let hash = row.hash();
        raw.count(row.said(), seen);
        let known = relabelled.get(hash.as_str()).copied();
        if known.is_some() {
            used.insert(hash.clone());
        }
        let said = known.unwrap_or_else(|| row.said());
        corrected.count(said, seen);
        if said != seen {
            eprintln!("{hash} {:?} seen {seen:?} ({})", said, row.kind);
        }
    }
    println!("{}\n{}", raw.line("raw"), corrected.line("corrected"));
    assert_eq!(used.len(), relabelled.len(), "a relabelled row is not in the corpus");
    for (name, counts) in [("raw", &raw), ("corrected", &corrected)] {
        let other_kind = counts.true_positive - counts.right_kind;
        for (what, count) in [
            ("wrongly found", counts.false_positive),
            ("missed", counts.missed),
            ("of another kind", other_kind),
        ] {
            let recorded = figure(&format!("{name} {what}")).expect("a recorded figure");
            assert!(count <= recorded, "{name} {what}: {count}, recorded {recorded}");
        }
    }
}
