//! The page of a dry run, in a real browser: Debian's `chromium`, headless, spoken to by
//! `html/browser.py`. Screenshots are left in the target folder, to be looked at.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a failure of the support code is the test's failure"
)]

mod program;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use program::{root, run};
use serde_json::{Value, json};
use tidewaiter_testkit::builder::{Mail as Built, Mbox};

const SAMPLE: &str = "fixtures/mbox/qemu-sample.mbox";
const TREE: &str = "--tree=fixtures/mbox/qemu-sample.tree";

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

/// A folder that a page is written into, and one for screenshots beside it.
fn page(name: &str, args: &[&str]) -> (PathBuf, PathBuf) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("html").join(name);
    let _ = fs::remove_dir_all(&folder);
    let html = format!("--html={}", folder.join("page").display());
    let ran = run(&[&["dry-run"], args, &[html.as_str()]].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("series version"), "the summary is still printed");
    (folder.join("page"), folder.join("shots"))
}

/// What the browser saw of a page.
fn look(browser: &Path, page: &Path, shots: &Path, search: &str) -> Value {
    let script = root().join("crates/tidewaiter/tests/html/browser.py");
    let output = Command::new("python3")
        .arg(script)
        .args([browser, &page.join("index.html"), shots])
        .arg(search)
        .output()
        .expect("failed to start python3");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    eprintln!("screenshots: {}", shots.display());
    serde_json::from_slice(&output.stdout).expect("the browser said no JSON")
}

/// What holds of every page.
fn well(saw: &Value) {
    let requests = saw["requests"].as_array().expect("requests");
    assert_eq!(requests.len(), 1, "the page and nothing else: {requests:?}");
    assert!(requests[0].as_str().is_some_and(|url| url.starts_with("file:")));
    assert_eq!(saw["complaints"], json!([]));
    assert_eq!((&saw["narrow"], &saw["wider"]), (&json!(390), &json!([])), "it scrolls sideways");
    assert_eq!((&saw["scripts"], &saw["handlers"]), (&json!(1), &json!(0)));
    assert_eq!(saw["hacked"], json!(false));
    assert_eq!(saw["noindex"], json!("noindex"));
    assert_ne!(saw["light"], saw["dark"]);
    let protocols = saw["links"].as_array().expect("links");
    let known = ["data:", "file:", "https:"];
    assert!(protocols.iter().all(|p| known.contains(&p.as_str().unwrap_or_default())));
    let seconds = saw["load_seconds"].as_f64().expect("seconds");
    assert!(seconds < 2.0, "it takes {seconds} s to open");
}

#[test]
fn the_sample_in_a_browser() {
    let Some(browser) = chromium() else { return };
    let policies = ["--policy=qemu-proposed-2026-05", "--against=qemu-2025-06"];
    let (page, shots) = page("sample", &[&[SAMPLE, TREE], policies.as_slice()].concat());
    let saw = look(&browser, &page, &shots, "hw outside-allowed");
    well(&saw);
    let rows = saw["rows"].as_u64().expect("rows");
    assert!(rows > 20, "{rows}");
    assert_eq!(saw["without_script"], json!([true, rows]), "rows without a script");
    assert!(saw["plots"].as_u64() > Some(4));
    let header = "week,series,state AI use,share,with a tool's mark";
    assert_eq!(saw["download"], json!(["stated-over-time.csv", header]));
    assert_eq!(saw["decline"], json!(0));
    assert_eq!(saw["count"], json!(format!("0 of {rows} shown")));
    assert!(saw["states"].as_u64().is_some_and(|states| (1..rows).contains(&states)));
    assert!(saw["found"].as_u64().is_some_and(|found| (1..rows).contains(&found)), "{saw}");
    let used = ["most_lines_first", "opened", "linked"];
    assert!(used.iter().all(|what| saw[what] == json!(true)), "{saw}");
    assert_eq!(saw["focus"], json!("solid"), "the focus is not to be seen");
    picture(&shots.join("picture.png"));
}

/// The README's picture. Fonts differ from machine to machine, so it is made anew on demand and
/// never compared.
fn picture(new: &Path) {
    let shown = root().join("docs/report.png");
    if std::env::var_os("TIDEWAITER_UPDATE_DOCS").is_some_and(|value| value == "1") {
        fs::copy(new, &shown).expect("failed to write docs/report.png");
    }
    let size = fs::metadata(&shown).expect("docs/report.png").len();
    assert!((10_000..200_000).contains(&size), "docs/report.png has {size} bytes");
}

#[test]
fn hostile_mails_in_a_browser() {
    let Some(browser) = chromium() else { return };
    let hostile = [
        "</script><script>window.hacked=1</script>",
        "</title></style></pre><img src=x onerror=window.hacked=1>",
        "\"><svg onload=window.hacked=1>",
        "' autofocus onfocus='window.hacked=1",
        "<a href=javascript:window.hacked=1 id=rows>x</a>",
        "<iframe src=https://example.org/></iframe><base href=https://example.org/>",
        "<link rel=stylesheet href=https://example.org/x.css><meta http-equiv=refresh content=0>",
        "\u{202e}reversed\u{2066} \u{7} \u{1b}[31m",
    ];
    let mails = hostile.iter().enumerate().map(|(at, text)| {
        Built::patch(text)
            .from(&format!("Author {at}"), &format!("a{at}@example.org"))
            .id(&format!("h{at}@example.org"))
            .body(&format!("{text} This was written with the help of ChatGPT {text}."))
            .trailer("AI-used-for", &format!("code {text}"))
            .trailer("Assisted-by", &format!("Claude {text}"))
            .diff("hw/misc/frob.c", 30 + at, 0)
            .build()
    });
    let long = Built::patch(&"long ".repeat(13_000)).id("long@example.org");
    let wide = Built::patch(&"w".repeat(900)).id("wide@example.org");
    let more = [(long, 60), (wide, 61)].map(|(mail, lines)| {
        mail.trailer("AI-used-for", "code").diff("hw/misc/frob.c", lines, 0).build()
    });
    let mbox: Mbox = mails.chain(more).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let archive = folder.path().join("hostile.mbox");
    fs::write(&archive, mbox.into_bytes()).expect("failed to write an archive");
    let archive = archive.to_str().expect("a path");
    for names in [&[][..], &["--names"]] {
        let args = [&[archive, "--policy=qemu-2025-06"], names].concat();
        let (page, shots) = page(&format!("hostile{}", names.len()), &args);
        let saw = look(&browser, &page, &shots, "onerror=window.hacked");
        well(&saw);
        assert_eq!((&saw["rows"], &saw["found"]), (&json!(10), &json!(1)));
    }
}

#[test]
fn a_folder_with_files_is_not_written_into() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("mine"), "x").expect("failed to write a file");
    let ran = run(&["dry-run", SAMPLE, "--html", folder.path().to_str().expect("a path")]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("failed to write the page into"), "{}", ran.stderr);
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
}

#[test]
fn the_page_is_the_same_each_time_and_names_no_folder() {
    let one = |name: &str, jobs: &str| {
        let (page, _) = page(name, &[SAMPLE, TREE, "--policy=qemu-2025-06", jobs]);
        fs::read_to_string(page.join("index.html")).expect("a page")
    };
    let first = one("one", "--jobs=1");
    assert_eq!(first, one("two", "--jobs=2"));
    assert!(first.contains("qemu-sample.mbox") && !first.contains("fixtures/mbox"));
}
