//! Real patches, labelled by hand: which are the same edit over and over.
//!
//! Reads `../shared/corpora`, and says that it skipped where that is not there. The limits were
//! chosen on half 0 of the patches; half 1 was looked at afterwards.

use sha2::{Digest, Sha256};
use tidewaiter_patch::Mail;
use tidewaiter_policy::{DiffFacts, Policy, builtin_policies};
use tidewaiter_testkit::corpus::corpus_bytes;

/// How many of a half were called mechanical, and how many there are.
type Count = (usize, usize);

fn half(id: &str) -> usize {
    Sha256::digest(id.as_bytes()).first().map_or(0, |byte| usize::from(byte & 1))
}

#[test]
fn corpus_of_labelled_patches() {
    let Some(mbox) = corpus_bytes("mechanical-labelled.mbox.xz") else { return };
    let text = String::from_utf8_lossy(&mbox);
    let (policy, _) = Policy::parse(builtin_policies()[1].1).expect("a shipped policy reads");
    // By half, then authored and mechanical.
    let mut counts: [[Count; 2]; 2] = Default::default();
    for raw in text.split("\nX-Label: ").skip(1) {
        // The `From ` line of the next mail ends this one's last line, a signature.
        let raw = format!("X-Label: {raw}\n");
        let label = raw.lines().find_map(|line| line.strip_prefix("X-Label: "));
        let mail = Mail::parse(raw.as_bytes());
        let id = mail.header.message_id.as_ref().expect("an id").as_str();
        let facts = mail.patch().and_then(|patch| DiffFacts::of(&patch.diff_text));
        let found = facts.and_then(|facts| facts.mechanical);
        let called = found.as_ref().is_some_and(|found| policy.mechanical.hold(found));
        let label = usize::from(label == Some("mechanical"));
        let count = &mut counts[half(id)][label];
        count.0 += usize::from(called);
        count.1 += 1;
        if called != (label == 1) {
            let found = found.unwrap_or_default();
            println!("{label} {id} {}: {found:?}", mail.header.title);
        }
    }
    for (half, [authored, mechanical]) in counts.iter().enumerate() {
        println!(
            "half {half}: {mechanical:?} mechanical, {authored:?} authored are called mechanical"
        );
    }
    let sum = |label: usize| {
        let [a, b] = counts.map(|half| half[label]);
        (a.0 + b.0, a.1 + b.1)
    };
    let (authored, mechanical) = (sum(0), sum(1));
    println!("both: {mechanical:?} mechanical, {authored:?} authored are called mechanical");
    assert_eq!((authored.1, mechanical.1), (310, 101));
    assert!(mechanical.0 >= RECORDED.0, "{mechanical:?}");
    assert!(authored.0 <= RECORDED.1, "{authored:?}");
}

/// Called mechanical when last measured: of the mechanical, of the authored.
const RECORDED: Count = (77, 6);
