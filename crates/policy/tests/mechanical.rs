//! Real patches, labelled by hand: which are the same edit over and over.
//!
//! Reads `../shared/corpora`, and says that it skipped where that is not there.

use tidewaiter_patch::Mail;
use tidewaiter_policy::DiffFacts;
use tidewaiter_testkit::corpus::corpus_bytes;

#[test]
fn corpus_of_labelled_patches() {
    let Some(mbox) = corpus_bytes("mechanical-labelled.mbox.xz") else { return };
    let text = String::from_utf8_lossy(&mbox);
    for part in text.split("\nFrom ").filter(|p| p.contains("X-Label")) {
        let label = part.lines().find_map(|l| l.strip_prefix("X-Label: ")).unwrap_or("?");
        let raw = part.split_once('\n').map_or("", |(_, rest)| rest);
        let mail = Mail::parse(raw.as_bytes());
        let facts = mail.patch().and_then(|p| DiffFacts::of(&p.diff_text));
        let id = mail.header.message_id.as_ref().map_or("?", |id| id.as_str());
        let m = facts.and_then(|f| f.mechanical).unwrap_or_default();
        println!(
            "ROW\t{label}\t{id}\t{}\t{}\t{}\t{}\t{}\t{:?}",
            m.explained, m.changed, m.places, m.moved, mail.header.title, m.edits
        );
    }
}
