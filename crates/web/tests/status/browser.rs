//! The page in a real browser: Debian's `chromium`, headless, spoken to by `browser.py`. Screenshots
//! are left in the target folder, to be looked at.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use tidewaiter_web::Snapshot;

use crate::{sample, support::Server};

/// The browser; `None`, and a word about it, where there is none. In CI there has to be one.
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("chromium"));
    let found = found.into_iter().find(|program| program.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "failed to find chromium");
        eprintln!("skipped: chromium is not here");
    }
    found
}

/// What the browser saw of a snapshot's page, where all holds that has to hold of every page.
async fn look(name: &str, snapshot: Snapshot) -> Option<Value> {
    let browser = chromium()?;
    let server = Server::of(snapshot).await;
    let url = format!("http://{}/", server.address);
    let shots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("status").join(name);
    eprintln!("screenshots: {}", shots.display());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/status/browser.py");
    let address = url.clone();
    let run = move || {
        Command::new("python3").arg(script).arg(browser).arg(address).arg(shots).output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let saw: Value = serde_json::from_slice(&output.stdout).unwrap();
    well(&saw, &url);
    Some(saw)
}

fn well(saw: &Value, url: &str) {
    assert_eq!(saw["requests"], json!([url]), "the page and nothing else");
    assert_eq!(saw["complaints"], json!([]));
    for (width, scheme) in [(390, "light"), (390, "dark"), (1200, "light"), (1200, "dark")] {
        let view = &saw["views"][format!("{width}-{scheme}")];
        assert_eq!((&view["width"], &view["wider"]), (&json!(width), &json!([])), "sideways");
        assert_eq!(view["small"], json!([]), "too small to read at {width}");
        let contrast = view["contrast"].as_f64().unwrap();
        assert!(contrast >= 4.5, "{scheme} at {width}: a contrast of {contrast}");
    }
    assert_ne!(saw["views"]["390-light"]["ground"], saw["views"]["390-dark"]["ground"]);
    let nothing = ["scripts", "foreign", "handlers"].map(|what| saw[what].as_u64().unwrap());
    assert_eq!(nothing, [0, 0, 0]);
    assert_eq!(saw["origins"], json!([url.trim_end_matches('/')]));
    let links = ["/", "/feed.atom", "/healthz", "/metrics", "/status.json"];
    assert_eq!(saw["links"], json!(links));
    assert_eq!(saw["unnamed"], json!([]), "parts without a name for a screen reader");
    assert_eq!((&saw["lang"], &saw["hacked"]), (&json!("en"), &json!(false)));
    assert_eq!(saw["styled"], "none", "the style sheet was refused");
}

#[tokio::test]
async fn a_busy_daemon() {
    let Some(saw) = look("busy", sample::busy()).await else { return };
    let headings = saw["headings"].as_array().unwrap();
    let order =
        ["What needs attention", "Mailboxes", "Lists", "Replies", "Last series", "Caps and counts"];
    assert_eq!(headings[1..], order.map(|heading| json!(heading)));
}

#[tokio::test]
async fn a_calm_daemon() {
    let _ = look("calm", sample::calm()).await;
}

#[tokio::test]
async fn a_daemon_that_has_seen_nothing() {
    let _ = look("fresh", sample::fresh()).await;
}

#[tokio::test]
async fn a_daemon_that_was_told_hostile_things() {
    let _ = look("hostile", sample::hostile()).await;
}
