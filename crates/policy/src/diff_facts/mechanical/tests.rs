use test_case::test_case;
use tidewaiter_patch::DiffLine;

use super::*;
use crate::diff_facts::DiffFacts;

/// A diff of files that each lose and gain these lines.
fn diff(files: &[(&str, &[&str], &[&str])]) -> String {
    let mut text = String::new();
    for (path, gone, come) in files {
        text += &format!("diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n");
        text += &format!("@@ -1,{} +1,{} @@\n", gone.len(), come.len());
        gone.iter().for_each(|line| text += &format!("-{line}\n"));
        come.iter().for_each(|line| text += &format!("+{line}\n"));
    }
    assert!(tidewaiter_patch::DiffLines::new(&text).any(|l| matches!(l, DiffLine::Hunk { .. })));
    text
}

fn found(files: &[(&str, &[&str], &[&str])]) -> Option<Mechanical> {
    DiffFacts::of(&diff(files)).and_then(|facts| facts.mechanical)
}

/// Lines of one file, one pair a hunk.
fn pairs(pairs: &[(&str, &str)]) -> Option<Mechanical> {
    let lines: Vec<([&str; 1], [&str; 1])> = pairs.iter().map(|(a, b)| ([*a], [*b])).collect();
    let files: Vec<_> = lines.iter().map(|(a, b)| ("hw/x.c", &a[..], &b[..])).collect();
    found(&files)
}

#[test_case(&[("f(a);", "g(a);"), ("  f(b, 1);", "  g(b, 1);"), ("x = f(c);", "x = g(c);")],
    "`f(` became `g(`"; "call renamed")]
#[test_case(&[("frob_old(a);", "frob_new(a);"), ("b = frob_old();", "b = frob_new();"), ("frob_old(NULL);", "frob_new(NULL);")],
    "`frob_old(` became `frob_new(`"; "part of a name")]
#[test_case(&[("ld_p(a)", "ld_be_p(a)"), ("st_p(b)", "st_be_p(b)"), ("x_p(c)", "x_be_p(c)")],
    "`ld_p(` became `ld_be_p(`"; "longer name")]
#[test_case(&[("DEV(s)->x = 1;", "s->x = 1;"), ("y(DEV(s));", "y(s);"), ("z(DEV(t), 2);", "z(t, 2);")],
    "`DEV(` dropped"; "cast removed")]
#[test_case(&[("AUL | 1", "A | UL | 1"), ("AUW", "A | UW"), ("f(ASB)", "f(A | SB)")],
    "`AUL` became `A | UL`"; "word taken apart")]
#[test_case(&[("a;  ", "a;"), ("\tb;", "        b;"), ("c ;", "c;")],
    "only white space differs"; "white space")]
fn repeated(lines: &[(&str, &str)], words: &str) {
    let found = pairs(lines).expect("repeated edits");
    assert_eq!((found.explained, found.changed, found.places), (6, 6, 3), "{found:?}");
    assert_eq!(found.edits.first().map(|(words, _)| words.as_str()), Some(words), "{found:?}");
}

#[test_case(&[("f(a);", "g(a);"), ("h(b);", "i(b);"), ("j(c);", "k(c);")]; "each its own")]
#[test_case(&[("f(a);", "f(a, n);"), ("f(b);", "f(b, n);"), ("f(c);", "f(c, n);")]; "argument added in few places")]
#[test_case(&[("f(a);", "g(a);"), ("f(b);", "g(b);"), ("f(c);", "if (c) { x = g(c) + 1; }")]; "one with more to it")]
fn not_repeated(lines: &[(&str, &str)]) {
    assert!(pairs(lines).is_none_or(|found| found.explained < found.changed), "{lines:?}");
}

#[test]
fn a_line_that_goes_everywhere() {
    let paths: Vec<String> = (0..9).map(|n| format!("hw/{n}.c")).collect();
    let gone: &[&str] = &["#include \"old.h\""];
    let files: Vec<_> = paths.iter().map(|path| (path.as_str(), gone, &[][..])).collect();
    let all = found(&files).expect("the same line");
    assert_eq!((all.explained, all.changed), (9, 9));
    assert_eq!(all.edits, [("`#include \"old.h\"` dropped".to_owned(), 9)]);
    assert_eq!(found(&files[..4]), None);
}

#[test]
fn lines_that_move() {
    let lines: &[&str] = &["int a;", "int b;", "int c;"];
    let moved = found(&[("a.c", lines, &[]), ("b.c", &[], lines)]).expect("a move");
    assert_eq!((moved.moved, moved.changed, moved.places), (6, 6, 0));
}

#[test]
fn order_within_a_file_matters() {
    let (one, two): (&[&str], &[&str]) = (&["stop();", "free();"], &[]);
    assert_eq!(found(&[("a.c", one, two), ("a.c", two, one)]), None);
}

#[test]
fn includes_are_sorted() {
    let old: &[&str] = &["#include \"b.h\"", "#include \"a.h\""];
    let new: &[&str] = &["#include \"a.h\"", "#include \"b.h\""];
    assert_eq!(found(&[("a.c", old, new)]).map(|found| (found.moved, found.changed)), Some((4, 4)));
}

#[test]
fn new_code_is_no_repeated_edit() {
    assert_eq!(found(&[("a.c", &[], &["int a;", "int b;", "int c;"])]), None);
}

#[test]
fn a_hostile_diff_is_left_early() {
    // All that may be read, nothing of it equal: far below a second where it is bounded.
    let line = |n: usize| (0..300).map(|k| format!("x{} ", n * 300 + k)).collect::<String>();
    let lines: Vec<String> = (0..2_000).map(line).collect();
    let (gone, come): (Vec<&str>, Vec<&str>) = (
        lines[..1_000].iter().map(|l| &**l).collect(),
        lines[1_000..].iter().map(|l| &**l).collect(),
    );
    let start = std::time::Instant::now();
    assert_eq!(found(&[("a.c", &gone, &come)]), None);
    assert_eq!(found(&[("a.c", &gone[..999], &come)]), None);
    assert!(start.elapsed().as_secs() < 10);
}
