use std::{fs, os::unix::fs::symlink};

use test_case::test_case;

use super::*;

#[test]
fn mbox_offsets_and_progress() {
    let text = mbox(["one", "two"]);
    let dir = folder(&[("a.mbox", text.as_bytes())]);
    let seen = read(dir.path(), &["a.mbox"]);
    assert_eq!(seen.subjects, ["one", "two"]);
    let second = text.rfind("From A").unwrap();
    assert_eq!(seen.labels, ["a.mbox#0".to_owned(), format!("a.mbox#{second}")]);
    assert_eq!((seen.total, seen.bytes), (Some(text.len() as u64), text.len() as u64));
    assert_eq!(seen.error, None);
}

#[test]
fn mboxrd_is_undone_only_when_asked() {
    let dir =
        folder(&[("a.mbox", b"From A\nA: b\n\n>>From x\n"), ("b.eml", b"Subject: \n\n>From x\n")]);
    assert_eq!(read(dir.path(), &["a.mbox"]).subjects, ["A: b\n\n>>From x\n"]);
    let options = Options { mboxrd: true, ..Options::default() };
    assert_eq!(read_with(dir.path(), &["a.mbox"], options).subjects, ["A: b\n\n>From x\n"]);
}

#[test_case(gzip, "gzip")]
#[test_case(xz, "xz")]
#[test_case(zstd, "zstd")]
fn compressed(pack: fn(&[u8]) -> Vec<u8>, name: &str) {
    // Two streams one after the other, as log rotation and parallel compressors make them.
    let packed = [pack(numbered(5000).as_bytes()), pack(mbox(["last"]).as_bytes())].concat();
    let mail = pack(mail("alone").as_bytes());
    let half = &packed[..packed.len() / 2];
    let mut damaged = packed.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0x55);
    let dir = folder(&[("a", &packed), ("b", &mail), ("half", half), ("damaged", &damaged)]);

    let seen = read(dir.path(), &["a", "b"]);
    assert_eq!(seen.error, None);
    assert_eq!(seen.subjects.len(), 5002);
    assert_eq!(seen.subjects[4999..], ["4999", "last", "alone"]);
    assert_eq!(seen.bytes, (packed.len() + mail.len()) as u64);
    assert_eq!(seen.total, Some(seen.bytes));

    for broken in ["half", "damaged"] {
        let seen = read(dir.path(), &["b", broken]);
        let error = seen.error.unwrap();
        let expected = format!("failed to decompress `{broken}` ({name}) at byte ");
        assert!(error.starts_with(&expected), "{error}");
        assert_eq!(seen.subjects[0], "alone");
        if let Some(last) = seen.truncated[1..].iter().position(|truncated| *truncated) {
            assert_eq!(last + 2, seen.truncated.len(), "only the last mail is cut");
        }
    }
}

/// What could be decompressed before the damage is not lost.
#[test_case(gzip)]
#[test_case(xz)]
#[test_case(zstd)]
fn cut_short(pack: fn(&[u8]) -> Vec<u8>) {
    let mut text = mbox(["one"]).into_bytes();
    // Bytes that do not compress.
    let mut state = 1u32;
    for _ in 0..2_000_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push((state >> 24) as u8);
    }
    let packed = pack(&text);
    let dir = folder(&[("a", &packed[..packed.len() - 1000])]);
    let seen = read(dir.path(), &["a"]);
    assert_eq!((seen.subjects.len(), &seen.truncated[..]), (1, &[true][..]));
    assert!(seen.subjects[0].starts_with("one"));
    let error = seen.error.unwrap();
    let offset = error.split_once("at byte ").unwrap().1.split_once(' ').unwrap().0;
    assert!(offset.parse::<usize>().unwrap() > 1_000_000, "{error}");
}

#[test]
fn folders_are_read_in_order_and_the_rest_is_noted() {
    let dir = folder(&[
        ("d/b.mbox", mbox(["b1", "b2"]).as_bytes()),
        ("d/a/x.eml", mail("x").as_bytes()),
        ("d/a/deep/er/y", mail("y").as_bytes()),
        ("d/c.mbox.gz", &gzip(mbox(["c"]).as_bytes())),
        ("d/z.eml", b"Odd: header\n\nbody\n"),
        ("d/empty.mbox", b""),
        ("d/notes.txt", b"From the start, this is prose.\n"),
        ("d/Makefile", b"all: x\n\tcc x.c\n"),
        ("d/.hidden/q.eml", mail("q").as_bytes()),
        ("d/.git/config", mail("q").as_bytes()),
    ]);
    symlink(dir.path().join("d"), dir.path().join("d/a/loop")).unwrap();
    symlink("nowhere", dir.path().join("d/dangling")).unwrap();
    let seen = read(dir.path(), &["d"]);
    assert_eq!(seen.subjects, ["y", "x", "b1", "b2", "c", "Odd: header\n\nbody\n"]);
    assert_eq!(seen.labels[0], "d/a/deep/er/y#0");
    assert_eq!(
        seen.notes,
        [
            "skipped `d/Makefile`: neither an mbox nor a mail",
            "skipped `d/dangling`: No such file or directory",
            "skipped `d/notes.txt`: neither an mbox nor a mail",
        ]
    );
    assert_eq!((seen.error, seen.total), (None, Some(seen.bytes)));
}

#[test]
fn folders_too_deep_are_noted() {
    let path = format!("{}x.eml", "d/".repeat(40));
    let dir = folder(&[(&path, mail("x").as_bytes())]);
    let seen = read(dir.path(), &["d"]);
    assert!(seen.subjects.is_empty());
    assert!(seen.notes[0].ends_with("nested more than 32 folders deep"), "{:?}", seen.notes);
}

#[test]
fn maildir() {
    let dir = folder(&[
        ("m/new/1000.M3.host", mail("first").as_bytes()),
        ("m/cur/1001.M1.host:2,S", format!("From A\n{}", mail("second")).as_bytes()),
        ("m/cur/1002.M1.host:2,", b"not much of a mail"),
        ("m/new/1003.M1.host", mail("fourth").as_bytes()),
        ("m/tmp/1001.M2.host", mail("half").as_bytes()),
        ("m/dovecot.index.log", b"\0\0"),
        ("m/.Sub/cur/1.M1.host", mail("sub").as_bytes()),
        ("m/.other/2.M1.host", mail("other").as_bytes()),
    ]);
    for empty in ["m/.Sub/new", "m/.Sub/tmp"] {
        fs::create_dir_all(dir.path().join(empty)).unwrap();
    }
    let seen = read(dir.path(), &["m"]);
    assert_eq!(seen.subjects, ["first", "second", "not much of a mail", "fourth", "sub"]);
    assert_eq!(seen.labels[1], "m/cur/1001.M1.host:2,S#0");
    assert_eq!(seen.notes, [""; 0]);
}

#[test_case("gone.mbox", "failed to open `gone.mbox`: No such file or directory")]
#[test_case(
    "junk",
    "failed to read `junk` at byte 0: neither an mbox (no `From ` line) nor a mail (no header)"
)]
#[test_case(
    "repository.git",
    "failed to read `repository.git`: git rev-parse: fatal: not a git repository: 'repository.git'"
)]
fn named_in_error(name: &str, expected: &str) {
    let dir = folder(&[
        ("a.mbox", mbox(["one"]).as_bytes()),
        ("junk", b"\x7fELF\0\0"),
        ("repository.git/HEAD", b"junk"),
        ("repository.git/objects/x", b""),
        ("repository.git/refs/x", b""),
    ]);
    let seen = read(dir.path(), &[name]);
    assert_eq!(seen.error.as_deref(), Some(expected));
    if name == "junk" {
        let seen = read(dir.path(), &["a.mbox", name]);
        assert_eq!(seen.subjects, ["one"]);
        assert_eq!(seen.error.as_deref(), Some(expected));
    }
}

#[test]
fn a_named_file_is_given_the_benefit_of_the_doubt() {
    let dir = folder(&[("a", b"Odd: header\n\nx\n"), ("b", b"From A\n\nno header\n")]);
    let seen = read(dir.path(), &["a", "b"]);
    assert_eq!(seen.subjects, ["Odd: header\n\nx\n", "\nno header\n"]);
    assert_eq!(read(dir.path(), &["."]).notes.len(), 2);
}

#[test]
fn bytes_before_the_first_from_line_are_noted() {
    let line = format!("From {}\n\n", "x".repeat(2000));
    let dir = folder(&[("a", format!("{line}{}", mbox(["one"])).as_bytes())]);
    let seen = read(dir.path(), &["a"]);
    assert_eq!(seen.subjects, ["one"]);
    assert_eq!(seen.notes, ["skipped `a`: 2006 bytes before the first `From ` line"]);
}

#[test]
fn large_mails_are_cut() {
    let long = format!("Subject: long\n\n{}\n", "x".repeat(600_000));
    let text = format!("From A\n{long}\nFrom A\n{}", mail("next"));
    let dir = folder(&[
        ("a.mbox", text.as_bytes()),
        ("b.eml", long.as_bytes()),
        ("c.eml.xz", &xz(long.as_bytes())),
    ]);
    let options = Options { max_mail: 300_000, ..Options::default() };
    let seen = read_with(dir.path(), &["a.mbox", "b.eml", "c.eml.xz"], options);
    assert_eq!(seen.subjects, ["long", "next", "long", "long"]);
    assert_eq!(seen.truncated, [true, false, true, true]);
}

#[test]
fn what_is_named_twice_is_read_twice() {
    let dir = folder(&[("d/a.mbox", mbox(["one"]).as_bytes())]);
    assert_eq!(read(dir.path(), &["d", "d/a.mbox", "d"]).subjects, ["one", "one", "one"]);
}

#[test]
fn batches_are_of_the_size_asked_for() {
    let dir = folder(&[("a.mbox", numbered(20_000).as_bytes())]);
    let cancel = AtomicBool::new(false);
    let options = Options { batch: 1 << 18, ..Options::default() };
    let sizes: Vec<_> = open(&dir.path().join("a.mbox"), options, &cancel)
        .unwrap()
        .map(|batch| batch.unwrap().mails().map(|mail| mail.bytes.len()).sum::<usize>())
        .collect();
    assert!(sizes.len() > 3);
    assert!(sizes.iter().all(|size| *size < 1 << 20), "{sizes:?}");
}
