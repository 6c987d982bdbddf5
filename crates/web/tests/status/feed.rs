//! The feed, read by Python's XML parser.

use std::{collections::BTreeSet, process::Command, sync::Arc};

use serde_json::Value;
use tidewaiter_web::{Options, Snapshot};

use crate::{
    sample,
    support::{Server, Told},
};

/// Reads a feed and says it as JSON; fails where it is no XML, or has what no feed has.
const READ: &str = r#"
import json, sys, xml.etree.ElementTree as tree
NS = "{http://www.w3.org/2005/Atom}"
feed = tree.fromstring(sys.argv[1])
assert feed.tag == NS + "feed", feed.tag
known = {NS + tag for tag in ("feed entry id title updated author name generator link published category content").split()}
assert {e.tag for e in feed.iter()} <= known, {e.tag for e in feed.iter()} - known
def one(e, tag):
    found = e.findall(NS + tag)
    assert len(found) == 1, (tag, len(found))
    return found[0].text
json.dump({
    "id": one(feed, "id"), "updated": one(feed, "updated"), "title": one(feed, "title"),
    "links": [l.attrib for l in feed.iter(NS + "link")],
    "entries": [{"id": one(e, "id"), "title": one(e, "title"), "updated": one(e, "updated"),
        "published": one(e, "published"), "content": one(e, "content"),
        "authors": [a.findtext(NS + "name") for a in e.findall(NS + "author")],
        "category": e.find(NS + "category").attrib["term"]} for e in feed.findall(NS + "entry")],
}, sys.stdout)
"#;

async fn read(snapshot: Snapshot, options: Options) -> Value {
    let server = Server::start(Arc::new(Told::new(Ok(snapshot))), options).await;
    let text = server.get("/feed.atom").await.body;
    let output = Command::new("python3").args(["-c", READ, &text]).output().unwrap();
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
    let feed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let entries = feed["entries"].as_array().unwrap();
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), entries.len(), "ids are distinct");
    let all = ids.iter().copied().chain([feed["id"].as_str().unwrap()]);
    all.into_iter().for_each(|id| assert!(id.starts_with("urn:uuid:"), "{id}"));
    feed
}

#[tokio::test]
async fn it_has_the_assessments() {
    let feed = read(sample::busy(), Options::default()).await;
    assert_eq!(
        (&feed["updated"], &feed["links"]),
        (&"2026-11-22T14:03:00Z".into(), &Value::Array(vec![]))
    );
    let entries = feed["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 5, "what is not judged yet is not there");
    let first = &entries[0];
    assert_eq!(first["title"], "decline: v2 hw/misc: add frob device");
    assert_eq!(first["authors"], serde_json::json!(["Alice Author"]));
    assert_eq!(
        (&first["category"], &first["updated"]),
        (&"decline".into(), &"2026-11-22T14:03:00Z".into())
    );
    let text = "AI use: stated. Policy: qemu-2025-06 of 2025-06-24. Rules: declared-under-ban. Reply: held.";
    assert_eq!(first["content"], text);
    assert_eq!(entries[3]["title"], "not-judged: KVM: x86: frob the clock");
    assert!(!feed.to_string().contains('@'), "no address");
}

#[tokio::test]
async fn ids_stay_and_belong_to_one_store() {
    let first = read(sample::busy(), Options::default()).await;
    let mut later = sample::busy();
    later.series.truncate(2);
    later.series[1].outcome = Some("ask".into());
    let second = read(later.clone(), Options::default()).await;
    assert_eq!(
        (&first["id"], &first["entries"][0]["id"]),
        (&second["id"], &second["entries"][0]["id"])
    );
    later.instance = "another".into();
    let third = read(later, Options::default()).await;
    assert_ne!(first["id"], third["id"]);
    assert_ne!(first["entries"][0]["id"], third["entries"][0]["id"]);
}

#[tokio::test]
async fn a_configured_address_is_linked_to() {
    let base_url = Some("https://status.example.org/tw/".to_owned());
    let feed = read(sample::fresh(), Options { base_url, ..Options::default() }).await;
    assert_eq!(feed["links"][0]["href"], "https://status.example.org/tw/feed.atom");
    assert_eq!(feed["updated"], "2026-11-22T15:41:06Z", "a feed without entries");
}

#[tokio::test]
async fn hostile_words_stay_text() {
    let feed = read(sample::hostile(), Options::default()).await;
    let entries = feed["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2 * sample::HOSTILE.len());
    let title = entries[0]["title"].as_str().unwrap();
    assert!(title.contains("<script>window.hacked=1</script>"), "{title}");
    assert!(!feed.to_string().contains('\u{202e}'));
}
