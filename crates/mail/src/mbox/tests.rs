use std::borrow::Cow;

use proptest::prelude::*;
use test_case::test_case;

use super::*;

/// Offset, bytes, truncated.
type Piece = (u64, Vec<u8>, bool);

/// Feeds `input` in blocks of `block` bytes and collects the mails.
fn split_with(input: &[u8], block: usize, max: usize, often: bool) -> (Vec<Piece>, Option<Stray>) {
    let mut splitter = Splitter::new(max);
    let mut mails = Vec::new();
    let collect = |splitter: &mut Splitter, mails: &mut Vec<_>| {
        if let Some(cut) = splitter.take() {
            mails.extend(
                cut.iter().map(|(mail, bytes)| (mail.offset, bytes.to_vec(), mail.truncated)),
            );
            splitter.recycle(cut.buffer);
        }
    };
    for block in input.chunks(block.max(1)) {
        splitter.feed(block);
        if often {
            collect(&mut splitter, &mut mails);
        }
    }
    splitter.finish();
    collect(&mut splitter, &mut mails);
    (mails, splitter.stray())
}

fn split(input: &[u8]) -> Vec<Vec<u8>> {
    split_with(input, usize::MAX, 1 << 20, false).0.into_iter().map(|(_, mail, _)| mail).collect()
}

fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

const HEADER: &str = "Subject: second\n\ntext\n";

#[test_case("From A"; "one letter")]
#[test_case("From nobody"; "one word")]
#[test_case("From mboxrd@z Thu Jan  1 00:00:00 1970"; "public-inbox")]
#[test_case("From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001"; "git")]
#[test_case("From ann@example.org"; "address alone")]
#[test_case("From ann at example.org  Thu May  7 09:10:11 2026"; "pipermail")]
#[test_case("From - Thu May 07 09:10:11 2026"; "mail client")]
#[test_case("From 1865241234@xxx Thu May 07 09:10:11 +0000 2026"; "takeout")]
#[test_case("From MAILER-DAEMON Thu May 7 9:10 2026"; "no seconds")]
#[test_case("From A\n>From ann Thu May 7 09:10:11 2026 remote from host"; "uucp")]
#[test_case("From Ann Example"; "two words before a common header")]
fn separator(line: &str) {
    for ending in ["", "\n"] {
        let text = format!("From A\nSubject: first\n\nbody\n{ending}\n{line}\n{HEADER}");
        let body = format!("Subject: first\n\nbody\n{ending}");
        assert_eq!(split(text.as_bytes()), [body.as_bytes(), HEADER.as_bytes()]);
        assert_eq!(
            split(crlf(&text).as_bytes()),
            [crlf(&body).as_bytes(), crlf(HEADER).as_bytes()]
        );
    }
}

#[test_case("body\nFrom A\nSubject: x\n"; "no blank line before")]
#[test_case("\nFrom A\n\nSubject: x\n"; "no header after")]
#[test_case("\nFrom here on\nit is text: and prose\n"; "header name with a space")]
#[test_case("\nFrom the log:\nhttps://example.org/\n"; "link")]
#[test_case("\nFrom the manual page\nnote: this is prose\n"; "sentence before an unknown name")]
#[test_case("\nFrom v1:\nfoo: fixed\n"; "changelog")]
#[test_case("\n>From A\nSubject: x\n"; "quoted")]
#[test_case("\n From A\nSubject: x\n"; "indented")]
#[test_case("\nfrom A\nSubject: x\n"; "lower case")]
#[test_case("\nFrom: A\nSubject: x\n"; "in-body header")]
#[test_case("\nFrom\nSubject: x\n"; "word alone")]
#[test_case("\nFrom A"; "at the end")]
#[test_case("\nFrom A\n: x\n"; "empty name")]
#[test_case("\n \nFrom A\nSubject: x\n"; "line of a space before")]
fn no_separator(body: &str) {
    let mail = format!("Subject: first\n\n{body}");
    let text = format!("From A\n{mail}");
    assert_eq!(split(text.as_bytes()), [mail.as_bytes()]);
    assert_eq!(split(crlf(&text).as_bytes()), [crlf(&mail).as_bytes()]);
}

#[test]
fn long_from_line_is_text() {
    let mail = format!("A: b\n\n\nFrom {}\nSubject: x\n", "a".repeat(2000));
    assert_eq!(split(format!("From A\n{mail}").as_bytes()), [mail.as_bytes()]);
}

#[test_case("", &[]; "empty")]
#[test_case("\n\r\n\n", &[]; "blank lines only")]
#[test_case("From A\n", &[""]; "line alone")]
#[test_case("From A", &[""]; "line alone, no line feed")]
#[test_case("\n\u{feff}From A\nB: c", &[]; "mark not at the start")]
#[test_case("\u{feff}\n\nFrom A\nB: c", &["B: c"]; "byte order mark and blank lines")]
#[test_case("From A\nB: c\n\nbody", &["B: c\n\nbody"]; "no line feed at the end")]
#[test_case("From A\nB: c\n\nbody\n\n", &["B: c\n\nbody\n"]; "blank line at the end")]
#[test_case("From A\nB: c\r\n\r\n", &["B: c\r\n"]; "blank line at the end, CRLF")]
#[test_case("From A\n\nFrom B\nB: c\n", &["", "B: c\n"]; "empty mail")]
#[test_case("From A\nB: c\n\nFrom z 10:00:00 2026\nSub", &["B: c\n", "Sub"]; "cut in a header name")]
#[test_case("From A\nB: c\n\nFrom z 10:00:00 20", &["B: c\n", ""]; "cut in a From line")]
fn edges(text: &str, mails: &[&str]) {
    assert_eq!(
        split(text.as_bytes()),
        mails.iter().map(|mail| mail.as_bytes()).collect::<Vec<_>>()
    );
}

#[test]
fn stray_bytes_are_reported_and_the_rest_is_split() {
    let text = b"\n\njunk\n\nFrom A\nB: c\n";
    let (mails, stray) = split_with(text, 3, 100, true);
    assert_eq!(mails, [(8, b"B: c\n".to_vec(), false)]);
    assert_eq!(stray, Some(Stray { offset: 2, length: 5 }));
    assert_eq!(split_with(b"junk", 1, 100, true), (vec![], Some(Stray { offset: 0, length: 4 })));
}

#[test]
fn a_large_mail_is_cut_and_the_next_found() {
    let long = "x".repeat(100_000);
    let text = format!("From A\nB: {long}\n\nFrom A\nB: d\n");
    let mut splitter = Splitter::new(1000);
    for block in text.as_bytes().chunks(64) {
        splitter.feed(block);
        assert!(splitter.buffer.len() < 1300, "{}", splitter.buffer.len());
    }
    splitter.finish();
    let cut = splitter.take().unwrap();
    let mails: Vec<_> = cut.iter().collect();
    assert_eq!(mails[0].1.len(), 1000);
    assert!(mails[0].0.truncated && !mails[1].0.truncated);
    assert_eq!(mails[1].1, b"B: d\n");
    assert_eq!(mails[1].0.offset, text.len() as u64 - 12);
}

#[test]
fn a_broken_input_marks_its_last_mail() {
    let mut splitter = Splitter::default();
    splitter.feed(b"From A\nB: c\n\nFrom A\nB: d\n\n");
    splitter.break_off();
    let cut = splitter.take().unwrap();
    let mails: Vec<_> = cut.iter().map(|(mail, bytes)| (mail.truncated, bytes)).collect();
    assert_eq!(mails, [(false, &b"B: c\n"[..]), (true, b"B: d\n\n")]);
}

#[test_case(b"A: b\n\ntext From me\n" => None; "nothing to do")]
#[test_case(b"A: b\n\nx>From me\n" => None; "not at the start of a line")]
#[test_case(b">From me\n" => Some(b"From me\n".to_vec()); "first line")]
#[test_case(b"A: b\n\n>From me\n>>>From you\n>From" => Some(b"A: b\n\nFrom me\n>>From you\n>From".to_vec()); "levels")]
#[test_case(b">From >From me\r\n>From x" => Some(b"From >From me\r\nFrom x".to_vec()); "twice in a line")]
fn unquote(mail: &[u8]) -> Option<Vec<u8>> {
    match unquote_mboxrd(mail) {
        Cow::Borrowed(_) => None,
        Cow::Owned(mail) => Some(mail),
    }
}

#[test_case("" => Shape::Empty)]
#[test_case("\r\n\n" => Shape::Empty; "blank lines")]
#[test_case("From A\nSubject: x\n" => Shape::Mbox)]
#[test_case("From the start, prose.\n\nMore.\n" => Shape::Doubtful)]
#[test_case("Subject: x\n\n" => Shape::Mail)]
#[test_case("\nReceived: from x\n\tby y\nX-Y: z\n\n" => Shape::Mail; "folded")]
#[test_case("Note: a text\nThat is no mail.\n" => Shape::Other; "colon in prose")]
#[test_case("all: build\n\tcc x.c\n" => Shape::Other; "makefile")]
#[test_case("#!/bin/sh\n" => Shape::Other; "script")]
#[test_case("\u{0}\u{1}" => Shape::Other; "binary")]
fn shapes(head: &str) -> Shape {
    sniff(head.as_bytes())
}

/// Lines that archives are made of, put together at random.
fn archive() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just("\n"),
        Just("\r\n"),
        Just("From A\n"),
        Just("From A\r\n"),
        Just("Subject: x\n"),
        Just("Subject: x\r\n"),
        Just(">From A\n"),
        Just("From a sentence\n"),
        Just("text\n"),
        Just("From z 10:00:00 2026\n"),
        Just("From"),
        Just(" "),
        Just("https://x\n"),
        Just("x"),
        Just("\u{feff}"),
        Just("\0"),
    ];
    prop::collection::vec(line, 0..40).prop_map(|lines| lines.concat().into_bytes())
}

proptest! {
    #[test]
    fn blocks_make_no_difference(
        input in archive(), block in 1usize..40, max in 0usize..60, often: bool,
    ) {
        let whole = split_with(&input, usize::MAX, max, false);
        prop_assert_eq!(split_with(&input, block, max, often), whole);
    }

    #[test]
    fn every_mail_is_at_its_offset(input in archive(), block in 1usize..40) {
        for (offset, mail, truncated) in split_with(&input, block, usize::MAX, true).0 {
            let at = &input[offset as usize..];
            prop_assert!(at.starts_with(b"From ") && !truncated);
            let found = at.windows(mail.len().max(1)).any(|bytes| bytes.starts_with(&mail));
            prop_assert!(found || mail.is_empty());
        }
    }

    #[test]
    fn any_bytes_are_taken(input: Vec<u8>, block in 1usize..9) {
        let whole = split_with(&input, usize::MAX, 10, false);
        prop_assert_eq!(split_with(&input, block, 10, true), whole);
    }

    #[test]
    fn quoting_is_undone(input in archive()) {
        let quoted: Vec<u8> = input.split_inclusive(|byte| *byte == b'\n').flat_map(|line| {
            let text = line.iter().position(|byte| *byte != b'>').unwrap_or(0);
            let mark: &[u8] = if line[text..].starts_with(b"From ") { b">" } else { b"" };
            [mark, line].concat()
        }).collect();
        prop_assert_eq!(&*unquote_mboxrd(&quoted), &input);
    }
}
