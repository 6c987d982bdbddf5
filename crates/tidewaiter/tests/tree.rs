//! `--tree` with a folder: how often a header is included decides whether it is core.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod program;

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, Instant},
};

use program::run;
use serde_json::Value;
use tempfile::TempDir;

const MAIL: &str = "From: Alice Author <alice@example.org>
To: qemu-devel@nongnu.org
Subject: [PATCH] hw/misc: fix the ring
Message-ID: <1@example.org>
Date: Mon, 4 May 2026 10:00:00 +0200
List-Id: <qemu-devel.nongnu.org>

The ring was one too short.

AI-used-for: code
Signed-off-by: Alice Author <alice@example.org>
---
diff --git a/include/hw/misc/ring.h b/include/hw/misc/ring.h
--- a/include/hw/misc/ring.h
+++ b/include/hw/misc/ring.h
@@ -1 +1,2 @@
 first
+second
";

fn write(folder: &Path, path: &str, text: &[u8]) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("no folder");
    fs::write(path, text).expect("no file");
}

/// A tree in which four files include one header.
fn tree() -> TempDir {
    let folder = TempDir::new().expect("no folder");
    write(folder.path(), "mail.eml", MAIL.as_bytes());
    write(folder.path(), "tree/include/hw/misc/ring.h", b"int ring;\n");
    for n in 0..4 {
        let path = format!("tree/hw/misc/ring-{n}.c");
        write(folder.path(), &path, b"#include \"qemu/osdep.h\"\n#include \"hw/misc/ring.h\"\n");
    }
    write(folder.path(), "files.txt", b"hw/misc/ring-0.c\ninclude/hw/misc/ring.h\n");
    folder
}

/// The one series, and what was said on standard error.
fn judged(folder: &Path, tree: &str, more: &[&str]) -> (Value, String) {
    let (mail, tree) = (folder.join("mail.eml"), folder.join(tree));
    let mail = mail.to_str().expect("a path");
    let tree = format!("--tree={}", tree.to_str().expect("a path"));
    let ran = run(&[&["dry-run", mail, "--jsonl=-", &tree], more].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let first = ran.stdout.lines().next().expect("a series");
    (serde_json::from_str(first).expect(first), ran.stderr)
}

fn is_core(series: &Value) -> bool {
    let findings = series["findings"].as_array().expect("findings");
    findings.iter().any(|finding| finding["rule"] == "core-without-agreement")
}

const QEMU: &str = "--policy=qemu-proposed-2026-05";
const REASON: &str = "include/hw/misc/ring.h is included by 4 files";

#[test]
fn a_header_that_many_files_include_is_core() {
    let folder = tree();
    for (tree, least, wanted) in [
        ("tree", "core.fan-in=4", true),
        ("tree", "core.fan-in=5", false),
        ("files.txt", "core.fan-in=1", false),
    ] {
        let (series, stderr) = judged(folder.path(), tree, &[QEMU, "--set", least]);
        assert_eq!(is_core(&series), wanted, "{tree} {least}");
        let reasons = series["reasons"].as_array().expect("reasons");
        assert_eq!(reasons.iter().any(|reason| reason == REASON), wanted, "{reasons:?}");
        assert_eq!(stderr, "");
    }
    // Nothing is changed: the shipped policies ask for more.
    assert!(!is_core(&judged(folder.path(), "tree", &[QEMU]).0));
    let (mail, tree) = (folder.path().join("mail.eml"), folder.path().join("tree"));
    let ran = run(&[
        "explain",
        "1@example.org",
        mail.to_str().expect("a path"),
        QEMU,
        "--set=core.fan-in=4",
        &format!("--tree={}", tree.to_str().expect("a path")),
    ]);
    let words: Vec<&str> = ran.stdout.split_whitespace().collect();
    assert_eq!(words.join(" ").matches(REASON).count(), 2, "patch and rule:\n{}", ran.stdout);
}

/// What a tree can hold that is no source: loops, ways out of it, a gigabyte of nothing.
#[cfg(unix)]
#[test]
fn a_hostile_tree_is_read_as_far_as_it_goes() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tree();
    let tree = folder.path().join("tree");
    let include = b"#include \"hw/misc/ring.h\"\n";
    write(folder.path(), "outside/out.c", include);
    symlink("..", tree.join("hw/loop")).expect("no link");
    symlink(&tree, tree.join("self.c")).expect("no link");
    symlink(folder.path().join("outside"), tree.join("hw/outside")).expect("no link");
    symlink(folder.path().join("outside/out.c"), tree.join("hw/out.c")).expect("no link");
    symlink("nowhere", tree.join("hw/gone.c")).expect("no link");
    write(&tree, "hw/binary.h", &[b"\x7fELF\0\n", &include[..]].concat());
    write(&tree, "hw/latin.c", &[b"/* \xe9 */\n", &include[..]].concat());
    File::create(tree.join("hw/sparse.c")).and_then(|f| f.set_len(1 << 30)).expect("no file");
    let pipe = std::process::Command::new("mkfifo").arg(tree.join("hw/pipe.c")).status();
    assert!(pipe.is_ok_and(|status| status.success()));
    write(&tree, "hw/closed/in.c", include);
    let closed = tree.join("hw/closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("no permission");
    let readable = fs::read_dir(&closed).is_ok();
    let start = Instant::now();
    let (series, stderr) = judged(folder.path(), "tree", &[QEMU, "--set=core.fan-in=5"]);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("no permission");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    // Four, the one in Latin-1, and where the reader may read everything the closed one.
    let count = if readable { 6 } else { 5 };
    let reasons = series["reasons"].to_string();
    assert!(reasons.contains(&format!("is included by {count} files")), "{reasons}");
    assert!(stderr.contains("not read: `hw/sparse.c`: it has 1073741824 bytes"), "{stderr}");
    assert_eq!(stderr.contains("passed over: `hw/closed/`"), !readable, "{stderr}");
    for more in [&["-q", QEMU][..], &["--policy=yocto"]] {
        let (_, stderr) = judged(folder.path(), "tree", more);
        assert!(!stderr.contains("not read"), "{more:?}: {stderr}");
    }
}

/// A link in the place of a folder that git knows leads nowhere.
#[cfg(unix)]
#[test]
fn a_folder_of_a_checkout_that_became_a_link_is_not_read() {
    let folder = tree();
    let tree = folder.path().join("tree");
    let git = |args: &[&str]| {
        let ran = std::process::Command::new("git").arg("-C").arg(&tree).args(args).output();
        assert!(ran.expect("failed to run git").status.success(), "{args:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    fs::rename(tree.join("hw"), folder.path().join("hw")).expect("not moved");
    std::os::unix::fs::symlink(folder.path().join("hw"), tree.join("hw")).expect("no link");
    assert!(!is_core(&judged(folder.path(), "tree", &[QEMU, "--set=core.fan-in=1"]).0));
}
