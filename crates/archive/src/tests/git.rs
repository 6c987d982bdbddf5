use std::process::{Command, Stdio};

use super::*;

fn git(dir: &Path, args: &[&str]) {
    let status = Command::new("git")
        .current_dir(dir)
        .args(["-c", "user.name=Ann Example", "-c", "user.email=ann@example.org"])
        .args(["-c", "init.defaultBranch=master", "-c", "commit.gpgSign=false"])
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "{args:?}");
}

/// Makes a bare repository whose commits set these files; `None` takes one out.
fn repository(dir: &Path, commits: &[(&str, Option<String>)], keep: bool) {
    fs::create_dir_all(dir).unwrap();
    git(dir, &["init", "--bare", "."]);
    let mut stream = String::new();
    for (number, (path, content)) in commits.iter().enumerate() {
        let time = 1_000_000_000 + number;
        stream += &format!(
            "commit refs/heads/master\ncommitter Ann <ann@example.org> {time} +0000\ndata 0\n"
        );
        if !keep {
            stream += "deleteall\n";
        }
        match content {
            Some(content) => {
                stream += &format!("M 100644 inline {path}\ndata {}\n{content}\n", content.len());
            }
            None => stream += &format!("D {path}\n"),
        }
    }
    let mut import = Command::new("git")
        .current_dir(dir)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    import.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(import.wait().unwrap().success());
}

fn version_2(dir: &Path, subjects: &[&str]) {
    let commits: Vec<_> = subjects.iter().map(|subject| ("m", Some(mail(subject)))).collect();
    repository(dir, &commits, false);
}

#[test]
fn version_2_epochs_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("list");
    for epoch in 0..11 {
        let (first, second) = (format!("{epoch}-b"), format!("{epoch}-a"));
        version_2(&root.join(format!("git/{epoch}.git")), &[&first, &second]);
    }
    version_2(&root.join("all.git"), &["twice"]);
    fs::write(root.join("inbox.lock"), "").unwrap();
    let expected: Vec<_> =
        (0..11).flat_map(|epoch| [format!("{epoch}-b"), format!("{epoch}-a")]).collect();
    let seen = read(dir.path(), &["list"]);
    assert_eq!(seen.subjects, expected);
    assert_eq!((seen.error, seen.notes, seen.total), (None, vec![], None));
    let (path, id) = seen.labels[0].split_once('#').unwrap();
    assert_eq!((path, id.len()), ("list/git/0.git", 40));
    let object = Command::new("git")
        .current_dir(dir.path().join("list/git/0.git"))
        .args(["cat-file", "blob", id])
        .output()
        .unwrap();
    assert_eq!(object.stdout, mail("0-b").as_bytes());
    assert_eq!(read(dir.path(), &["list/git/3.git"]).subjects, ["3-b", "3-a"]);
}

#[test]
fn version_2_deletion_is_no_mail() {
    let dir = tempfile::tempdir().unwrap();
    let commits = [
        ("m", Some(mail("one"))),
        ("m", Some(mail("spam"))),
        ("d", Some(mail("spam"))),
        ("d", Some(mail("of an earlier epoch"))),
        ("m", Some(mail("two"))),
    ];
    repository(&dir.path().join("0.git"), &commits, false);
    assert_eq!(read(dir.path(), &["0.git"]).subjects, ["one", "spam", "two"]);
}

#[test]
fn version_1() {
    let dir = tempfile::tempdir().unwrap();
    let path = |number: u32| format!("{:02x}/{:038x}", 255 - number, number);
    let paths: Vec<_> = (0..5).map(path).collect();
    let mut commits: Vec<_> =
        paths.iter().map(|path| (path.as_str(), Some(mail(path.split_at(2).0)))).collect();
    commits.push((&paths[1], None));
    let bare = dir.path().join("old.git");
    repository(&bare, &commits, true);
    let expected = ["ff", "fe", "fd", "fc", "fb"];
    assert_eq!(read(dir.path(), &["old.git"]).subjects, expected);
    git(dir.path(), &["clone", "--quiet", "old.git", "checkout"]);
    let seen = read(dir.path(), &["checkout"]);
    assert_eq!(seen.subjects, expected);
    assert!(seen.labels[0].starts_with("checkout/.git#"));
}

#[test]
fn other_repositories() {
    let dir = folder(&[("d/a.mbox", mbox(["one"]).as_bytes())]);
    repository(&dir.path().join("d/code.git"), &[("src/main.c", Some(mail("no")))], true);
    fs::create_dir_all(dir.path().join("d/empty.git")).unwrap();
    git(&dir.path().join("d/empty.git"), &["init", "--bare", "."]);
    git(dir.path(), &["clone", "--quiet", "d/code.git", "d/source"]);
    let seen = read(dir.path(), &["d"]);
    // The checkout is a folder like any other.
    assert_eq!(seen.subjects, ["one", "no"]);
    assert_eq!(
        seen.notes,
        [
            "skipped `d/code.git`: a git repository, but not a public-inbox archive",
            "skipped `d/empty.git`: a git repository without commits",
        ]
    );
    let error = read(dir.path(), &["d/code.git"]).error.unwrap();
    let expected = "failed to read `d/code.git`: a git repository, but not a public-inbox archive";
    assert_eq!(error, expected);
}

#[test]
fn a_missing_object_is_an_error_after_what_came_before() {
    let dir = tempfile::tempdir().unwrap();
    let bare = dir.path().join("0.git");
    version_2(&bare, &["one", "two", "three"]);
    let label = read(dir.path(), &["0.git"]).labels.pop().unwrap();
    let id = label.split_once('#').unwrap().1;
    for pack in fs::read_dir(bare.join("objects/pack")).unwrap() {
        let pack = pack.unwrap().path();
        if pack.extension().is_some_and(|extension| extension == "pack") {
            let moved = dir.path().join("moved.pack");
            fs::rename(&pack, &moved).unwrap();
            let unpack = Command::new("git")
                .current_dir(&bare)
                .args(["unpack-objects", "-q"])
                .stdin(fs::File::open(&moved).unwrap())
                .status();
            assert!(unpack.unwrap().success());
        }
    }
    let (start, rest) = id.split_at(2);
    fs::remove_file(bare.join("objects").join(start).join(rest)).unwrap();
    let seen = read(dir.path(), &["0.git"]);
    let error = seen.error.unwrap();
    assert!(error.starts_with("failed to read `0.git`: git "), "{error}");
    assert!(error.contains(id), "{error}");
    assert!(seen.subjects.len() <= 2);
}

#[test]
fn large_mails_are_cut() {
    let dir = tempfile::tempdir().unwrap();
    let long = format!("Subject: long\n\n{}", "x".repeat(100_000));
    let commits = [("m", Some(mail("a"))), ("m", Some(long)), ("m", Some(mail("b")))];
    repository(&dir.path().join("0.git"), &commits, false);
    let options = Options { max_mail: 1000, ..Options::default() };
    let seen = read_with(dir.path(), &["0.git"], options);
    assert_eq!(seen.subjects, ["a", "long", "b"]);
    assert_eq!(seen.truncated, [false, true, false]);
}

#[test]
fn stopping_early_leaves_no_process() {
    let dir = tempfile::tempdir().unwrap();
    let subjects: Vec<String> = (0..2000).map(|number| format!("{number:0>2000}")).collect();
    let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
    version_2(&dir.path().join("0.git"), &subjects);
    let cancel = AtomicBool::new(false);
    let options = Options { batch: 1000, ..Options::default() };
    let mut reader = open(&dir.path().join("0.git"), options, &cancel).unwrap();
    assert!(reader.next().unwrap().is_ok());
    drop(reader);
    // Each process's parent is the second field behind its name in parentheses.
    let ours = std::process::id().to_string();
    let children = fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
        stat.contains("(git)") && parent == Some(&ours)
    });
    // Other tests of this process may run git too: only a zombie would stay.
    let zombies = children.filter(|entry| {
        fs::read_to_string(entry.path().join("stat")).is_ok_and(|stat| stat.contains(") Z "))
    });
    assert_eq!(zombies.count(), 0);
}
