//! Built mails are what git reads and writes.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

use tidewaiter_testkit::builder::{FileDiff, Mail, Mbox, thread};
use tidewaiter_testkit::git::{NumStat, Oracle};

type Counts<'a> = (Option<u64>, Option<u64>, &'a str);

fn counts(files: &[NumStat]) -> Vec<Counts<'_>> {
    files.iter().map(|file| (file.added, file.removed, file.path.as_str())).collect()
}

fn text(mail: &Mail) -> String {
    String::from_utf8(mail.build()).unwrap()
}

#[test]
fn git_reads_author_subject_message_and_trailers() {
    let oracle = Oracle::new().unwrap();
    let long = "hw/misc: add a frob whose title is far too long to stand in one line of a header";
    for (name, title) in [
        ("Alice Author", "hw/misc: add frob"),
        ("Author, A. \"Al\"", long),
        (
            "Zo\u{eb} \u{c5}ngstr\u{f6}m",
            "docs: na\u{ef}ve caf\u{e9} \u{2192} na\u{ef}ve caf\u{e9}, and on to a second word",
        ),
    ] {
        let mail = Mail::patch(title)
            .from(name, "alice@example.org")
            .version(3)
            .part(2, 12)
            .body("First paragraph.")
            .body("Second, by Zo\u{eb}.")
            .signed_off()
            .trailer("Reviewed-by", "Bob <bob@example.com>")
            .notes("Not for the commit.")
            .diff("hw/misc/frob.c", 4, 2);
        assert!(mail.subject().starts_with("[PATCH v3 02/12] "));
        let info = oracle.mailinfo(&mail.build()).unwrap();
        assert_eq!((info.email.as_str(), info.subject.as_str()), ("alice@example.org", title));
        assert_eq!(info.author, name);
        assert_eq!(info.date, "Mon, 1 Jun 2026 10:00:00 +0000");
        let message = String::from_utf8(info.message.clone()).unwrap();
        let expected = format!(
            "First paragraph.\n\nSecond, by Zo\u{eb}.\n\nSigned-off-by: {name} <alice@example.org>\n\
             Reviewed-by: Bob <bob@example.com>\n"
        );
        assert_eq!(message, expected);
        let keys: Vec<_> =
            oracle.trailers(title, &info.message).into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, ["Signed-off-by", "Reviewed-by"]);
        let files = oracle.numstat(&info.patch).unwrap();
        assert_eq!(counts(&files), [(Some(4), Some(2), "hw/misc/frob.c")]);
    }
}

#[test]
fn the_in_body_author_is_the_author() {
    let oracle = Oracle::new().unwrap();
    let mail = Mail::patch("x: y").author("Bob", "bob@example.com").body("Why.").diff("x.c", 1, 0);
    let info = oracle.mailinfo(&mail.build()).unwrap();
    assert_eq!((info.author.as_str(), info.email.as_str()), ("Bob", "bob@example.com"));
    assert_eq!(info.message, b"Why.\n");
}

#[test]
fn git_counts_every_kind_of_file_as_built() {
    let oracle = Oracle::new().unwrap();
    let mail = Mail::patch("all: of them")
        .diff("a/mod.c", 5, 0)
        .file(FileDiff::modified("a/two hunks.c").change(3, 1).lines(&["-- x", "++ y"], &["- z"]))
        .new_file("b/new.c", 7)
        .new_file("b/one.c", 1)
        .new_file("b/empty", 0)
        .deleted_file("c/gone.c", 1)
        .renamed_file("d/old.c", "d/sub/new.c", 0, 0)
        .renamed_file("e/old.c", "f/new.c", 2, 9)
        .file(FileDiff::copied("g/a.c", "g/b.c").change(1, 1))
        .file(FileDiff::modified("h/run.sh").executable())
        .file(FileDiff::modified("h/both.sh").change(1, 0).executable())
        .file(FileDiff::added("h/new.sh").change(2, 0).executable())
        .file(FileDiff::modified("i/logo.png").binary())
        .diff("j/caf\u{e9} \"x\".c", 1, 1);
    let info = oracle.mailinfo(&mail.build()).unwrap();
    let files = oracle.numstat(&info.patch).unwrap();
    let expected = [
        (Some(5), Some(0), "a/mod.c"),
        (Some(5), Some(2), "a/two hunks.c"),
        (Some(7), Some(0), "b/new.c"),
        (Some(1), Some(0), "b/one.c"),
        (Some(0), Some(0), "b/empty"),
        (Some(0), Some(1), "c/gone.c"),
        (Some(0), Some(0), "d/sub/new.c"),
        (Some(2), Some(9), "f/new.c"),
        (Some(1), Some(1), "g/b.c"),
        (Some(0), Some(0), "h/run.sh"),
        (Some(1), Some(0), "h/both.sh"),
        (Some(2), Some(0), "h/new.sh"),
        (None, None, "i/logo.png"),
        (Some(1), Some(1), "j/caf\u{e9} \"x\".c"),
    ];
    assert_eq!(counts(&files), expected);
}

#[test]
fn a_written_hunk_has_its_own_context_and_shifts_the_next() {
    let oracle = Oracle::new().unwrap();
    let first = " a\n\n-    b();\n+    b(1);\n+    c();\n d\n";
    let file = FileDiff::modified("x.c").hunk(20, "static void x(void)", first);
    let (old, new) = ("1".repeat(40), "2".repeat(40));
    let mail = Mail::patch("x: y")
        .file(file.hunk(90, "", "-gone\n"))
        .file(FileDiff::submodule("roms/y", &old, &new));
    let text = text(&mail);
    assert!(text.contains("\n@@ -20,4 +20,5 @@ static void x(void)\n a\n \n-    b();\n"));
    assert!(text.contains("\n@@ -90 +91,0 @@\n-gone\n"));
    assert!(text.contains(" 160000\n--- a/roms/y\n"));
    let info = oracle.mailinfo(&mail.build()).unwrap();
    let expected = [(Some(2), Some(2), "x.c"), (Some(1), Some(1), "roms/y")];
    assert_eq!(counts(&oracle.numstat(&info.patch).unwrap()), expected);
}

#[test]
fn headers_of_servers_stand_above() {
    let mail = Mail::patch("x: y").above("Received", "from a").mailer("b4 0.14.2").diff("x", 1, 0);
    assert!(text(&mail).starts_with("Received: from a\nFrom: Alice"));
    assert!(text(&mail).contains("\nX-Mailer: b4 0.14.2\n"));
}

#[test]
fn the_diffstat_is_the_one_git_prints() {
    let long = "very/long/path/with/many/folders/that/does/not/fit/the/column/of/names/file.c";
    for files in [
        vec![("a.c", 1, 0)],
        vec![("a.c", 0, 1), ("dir/b.c", 3, 2)],
        vec![("a.c", 200, 100), ("b.c", 1, 1), ("c.c", 0, 40), ("d.c", 77, 3)],
        vec![("x.c", 1500, 7), (long, 30, 60)],
        vec![(long, 2, 1), ("b.c", 8, 9)],
        vec![("nofolderbutanameofwellmorethanseventycolumnswhichgitmustcutsomewhere.txt", 9, 9)],
    ] {
        let built = files.iter().fold(Mail::patch("x: y"), |mail, (path, added, removed)| {
            mail.diff(path, *added, *removed)
        });
        let printed = git_stat(|side, folder| {
            for (path, added, removed) in &files {
                let (word, count) = if side == 0 { ("old", removed) } else { ("new", added) };
                let mut lines: Vec<_> = (0..*count).map(|n| format!("{path} {word} {n}")).collect();
                lines.push("kept\n".to_owned());
                write(folder, path, &lines.join("\n"));
            }
        });
        assert_eq!(stat_of(&built), printed);
    }
}

#[test]
fn renames_and_modes_are_summed_up_as_git_does() {
    let renames = [
        ("hw/core/frob.c", "hw/misc/frob.c"),
        ("include/frob.h", "include/hw/frob.h"),
        ("lib/x/y/one.c", "lib/y/one.c"),
        ("plain.c", "other.c"),
        ("top.c", "zdir/top.c"),
    ];
    let mut built = Mail::patch("x: y");
    for (old, new) in renames {
        built = built.renamed_file(old, new, 0, 0);
    }
    built = built.new_file("zz/new.c", 3).deleted_file("zz/old.c", 2);
    let printed = git_stat(|side, folder| {
        for (old, new) in renames {
            write(folder, if side == 0 { old } else { new }, &format!("one {old}\ntwo {new}\n"));
        }
        if side == 0 {
            write(folder, "zz/old.c", "a\nb\n");
        } else {
            write(folder, "zz/new.c", "1\n2\n3\n");
        }
    });
    assert_eq!(stat_of(&built), printed);
}

#[test]
fn a_series_is_numbered_dated_and_threaded() {
    let cover = Mail::cover("frob: rework").version(2).body("What and why.");
    let patches = vec![
        Mail::patch("frob: one").version(2).diff("frob.c", 1, 1),
        Mail::patch("frob: two").version(2).author("Bob", "bob@example.com").diff("frob.c", 2, 0),
    ];
    let mails = thread(1_780_308_000, Some(cover), patches.clone());
    let subjects: Vec<_> = mails.iter().map(Mail::subject).collect();
    let expected =
        ["[PATCH v2 0/2] frob: rework", "[PATCH v2 1/2] frob: one", "[PATCH v2 2/2] frob: two"];
    assert_eq!(subjects, expected);
    let (cover, second) = (text(&mails[0]), text(&mails[2]));
    assert!(cover.contains(
        "\nAlice Author (1):\n  frob: one\n\nBob (1):\n  frob: two\n\n frob.c | 4 +++-\n"
    ));
    assert!(cover.ends_with(" 1 file changed, 3 insertions(+), 1 deletion(-)\n\n-- \n2.47.3\n\n"));
    assert!(second.contains("\nDate: Mon, 1 Jun 2026 10:00:02 +0000\n"));
    assert!(second.contains("\nIn-Reply-To: <1780308000.0-v2.alice@example.org>\n"));
    let alone = thread(1_780_308_000, None, patches.into_iter().take(1).collect());
    assert_eq!(alone[0].subject(), "[PATCH v2] frob: one");
}

#[test]
fn an_answer_names_its_parent_and_all_above() {
    let patch = Mail::patch("x: y").to("list@example.net").diff("x.c", 1, 0).id("1@example.org");
    let patch = patch.cc("Rita Reviewer <rita@example.com>");
    let copied = Mail::reply(&patch).without_cc("Rita Reviewer <rita@example.com>");
    assert!(text(&copied).contains("\nCc: list@example.net\n"));
    let first = Mail::reply(&patch).quoted("+    x_new(1);").body("Why?").id("2@example.com");
    let second = text(&Mail::reply(&first).from("Alice Author", "alice@example.org"));
    assert!(text(&first).ends_with("\n\n> +    x_new(1);\n\nWhy?\n"));
    assert!(second.contains("\nSubject: Re: [PATCH] x: y\n"));
    assert!(second.contains("\nIn-Reply-To: <2@example.com>\n"));
    assert!(second.contains("\nReferences: <1@example.org>\n <2@example.com>\n"));
    assert!(second.contains("\nTo: Rita Reviewer <rita@example.com>\n"));
}

#[test]
fn git_splits_the_mbox_into_the_mails_that_went_in() {
    let body = "From here on it is quoted.\n>From there too.";
    let mails: Vec<_> = (0..3)
        .map(|n| Mail::patch(&format!("x: {n}")).body(body).diff("x.c", n + 1, 0).build())
        .collect();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in.mbox"), mails.iter().collect::<Mbox>().into_bytes()).unwrap();
    git(folder.path(), &["mailsplit", "--mboxrd", "-o.", "in.mbox"]);
    for (number, mail) in mails.iter().enumerate() {
        let split = fs::read(folder.path().join(format!("{:04}", number + 1))).unwrap();
        let (_, split) = split.split_at(split.iter().position(|&byte| byte == b'\n').unwrap() + 1);
        let split = String::from_utf8_lossy(split).into_owned();
        // The blank line that ends a mail in an mbox is left to the one who reads it.
        assert_eq!(split.strip_suffix('\n'), Some(&*String::from_utf8_lossy(mail)));
    }
}

fn stat_of(mail: &Mail) -> String {
    let text = text(mail);
    let (_, rest) = text.split_once("\n---\n").unwrap();
    rest.split_once("\ndiff --git").unwrap().0.to_owned()
}

/// What git prints between two states of a folder, with format-patch's width.
fn git_stat(state: impl Fn(u8, &Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    git(folder, &["init", "-q"]);
    let mut trees = Vec::new();
    for side in [0, 1] {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.file_name() == ".git" {
                true => {}
                false if entry.path().is_dir() => fs::remove_dir_all(entry.path()).unwrap(),
                false => fs::remove_file(entry.path()).unwrap(),
            }
        }
        state(side, folder);
        git(folder, &["add", "-A"]);
        trees.push(git(folder, &["write-tree"]).trim().to_owned());
    }
    git(folder, &["diff-tree", "-r", "-M", "--stat=72", "--summary", &trees[0], &trees[1]])
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
