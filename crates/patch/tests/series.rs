//! Series assembly: what mails make which series, in whatever order they come.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::Instant;

use jiff::Timestamp;
use proptest::prelude::*;
use test_case::test_case;
use tidewaiter_patch::{Added, Assembler, Kind, Mail};

const DIFF: &str = "---\n f | 1 +\n 1 file changed, 1 insertion(+)\n\n\
                    diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1,2 @@\n a\n+b\n-- \n2.47.3\n";

/// One mail as a line: `minute id sender parents subject`, parents nearest first, `-` for none.
fn mail(line: &str) -> (Mail, Timestamp) {
    let mut words = line.splitn(5, ' ');
    let mut next = || words.next().unwrap();
    let (minute, id, sender, parents, subject) = (next(), next(), next(), next(), next());
    let (subject, extra) = subject.split_once(" || ").unwrap_or((subject, ""));
    let full = |id: &str| if id.contains('@') { id.to_owned() } else { format!("{id}@x") };
    let mut raw = format!(
        "From: {sender} <{sender}@example.org>\nMessage-ID: <{}>\nSubject: {subject}\n\
         Date: Mon, 1 Jun 2026 00:00:00 +0000\nList-Id: <devel.example.org>\n",
        full(id)
    );
    if parents != "-" {
        let ids: Vec<String> = parents.split(',').map(|p| format!("<{}>", full(p))).collect();
        let root_first: Vec<&str> = ids.iter().rev().map(String::as_str).collect();
        raw += &format!("In-Reply-To: {}\nReferences: {}\n", ids[0], root_first.join(" "));
    }
    raw +=
        &format!("\nWhy {subject}.\n{extra}\n\nSigned-off-by: {sender} <{sender}@example.org>\n");
    if !subject.contains("0/") && !subject.starts_with("Re:") {
        raw += DIFF;
    }
    let second = minute.parse::<i64>().unwrap() * 60;
    (Mail::parse(raw.as_bytes()), Timestamp::from_second(1_780_272_000 + second).unwrap())
}

/// Each series as `v2 2/3 lead: parts < superseded, +comments`, sorted.
fn assembled(lines: &[&str]) -> Vec<String> {
    let mut assembler = Assembler::new();
    for line in lines {
        let (mail, time) = mail(line);
        assembler.add(mail, time);
    }
    let bare = |id: &str| id.trim_end_matches("@x").to_owned();
    let mut shown: Vec<String> = assembler
        .leads()
        .into_iter()
        .map(|lead| {
            let series = assembler.series_of(lead).unwrap();
            let ids = |parts: Vec<&tidewaiter_patch::Part>| {
                let ids = parts.iter().filter_map(|p| p.mail.header.message_id.as_ref());
                ids.map(|id| bare(id.as_str())).collect::<Vec<_>>().join(" ")
            };
            let mut text = format!(
                "{} {}/{}{}: {}",
                series.version,
                series.received(),
                series.total,
                if series.complete() { "" } else { " incomplete" },
                ids(series.parts().collect())
            );
            if let Some(id) = &series.supersedes {
                text += &format!(" < {}", bare(id.as_str()));
            }
            if let Some(id) = &series.superseded_by {
                text += &format!(" > {}", bare(id.as_str()));
            }
            if !series.based_on.is_empty() {
                let ids: Vec<String> = series.based_on.iter().map(|id| bare(id.as_str())).collect();
                text += &format!(" on {}", ids.join(" "));
            }
            if !series.comments.is_empty() {
                text += &format!(" + {}", ids(series.comments.iter().collect()));
            }
            if series.conflict {
                text += " conflict";
            }
            text
        })
        .collect();
    shown.sort();
    shown
}

const PLAIN: &[&str] =
    &["0 c al - [PATCH 0/2] frob", "0 a al c [PATCH 1/2] one", "0 b al c [PATCH 2/2] two"];
const UNCOVERED: &[&str] = &["0 a al - [PATCH 1/2] one", "0 b al a [PATCH 2/2] two"];
const CHAINED: &[&str] =
    &["0 a al - [PATCH 1/3] one", "0 b al a [PATCH 2/3] two", "0 c al b,a [PATCH 3/3] three"];
const MISSING_PARTS: &[&str] = &["0 c al - [PATCH 0/3] frob", "0 b al c [PATCH 2/3] two"];
const MISSING_COVER: &[&str] = &["0 a al c [PATCH 1/2] one", "0 b al c [PATCH 2/2] two"];
const UNTHREADED: &[&str] =
    &["0 c al - [PATCH 0/2] frob", "1 a al - [PATCH 1/2] one", "2 b al - [PATCH 2/2] two"];
const UNTHREADED_TWICE: &[&str] = &[
    "0 a al - [PATCH 1/2] one",
    "1 b al - [PATCH 2/2] two",
    "20 d al - [PATCH 1/2] uno",
    "21 e al - [PATCH 2/2] due",
];
const UNTHREADED_TWO_PEOPLE: &[&str] = &["0 a al - [PATCH 1/2] one", "1 b bo - [PATCH 2/2] two"];
const UNTHREADED_FAR: &[&str] = &["0 a al - [PATCH 1/2] one", "600 b al - [PATCH 2/2] two"];
const UNTHREADED_TREES: &[&str] = &["0 a al - [PATCH web 1/2] one", "1 b al - [PATCH 2/2] two"];
const V2_UNDER_V1: &[&str] = &[
    "0 c al - [PATCH 0/2] frob",
    "0 a al c [PATCH 1/2] one",
    "0 b al c [PATCH 2/2] two",
    "9 c2 al c [PATCH v2 0/2] frob again",
    "9 a2 al c2,c [PATCH v2 1/2] one",
    "9 b2 al c2,c [PATCH v2 2/2] two",
];
const RESEND: &[&str] = &[
    "0 c al - [PATCH 0/2] frob",
    "0 a al c [PATCH 1/2] one",
    "0 b al c [PATCH 2/2] two",
    "9 c2 al c [PATCH RESEND 0/2] frob",
    "9 a2 al c2,c [PATCH RESEND 1/2] one",
    "9 b2 al c2,c [PATCH RESEND 2/2] two",
];
const V2_BY_TITLE: &[&str] = &["0 a al - [PATCH] one: frob", "9 a2 al - [PATCH v2] One: frob."];
const V2_BY_WORD: &[&str] =
    &["0 a al - [PATCH] one", "9 b al - [PATCH v2] renamed || Supersedes: <a@x>"];
const WRONG_TOTAL: &[&str] =
    &["0 c al - [PATCH v2 0/4] frob", "0 a al c [PATCH v2 1/2] one", "0 b al c [PATCH v2 2/2] two"];
const WRONG_VERSION: &[&str] =
    &["0 c al - [PATCH v2 0/2] frob", "0 a al c [PATCH v3 1/2] one", "0 b al c [PATCH v3 2/2] two"];
const VERSION_OF_ITS_OWN: &[&str] = &[
    "0 c al - [PATCH v2 0/3] frob",
    "0 a al c [PATCH v2 1/3] one",
    "0 b al c [PATCH v4 2/3] two",
    "0 d al c [PATCH v2 3/3] three",
];
const WRONG_VERSION_LATE_PART: &[&str] = &[
    "0 c al - [PATCH v3 0/3] frob",
    "0 a al c [PATCH v4 1/2] one",
    "600 b al c [PATCH v4 2/2] two",
];
const VERSION_OF_ITS_OWN_UNCOVERED: &[&str] =
    &["0 a al c [PATCH 1/2] one", "6 b al c [PATCH v2 2/2] two"];
const OTHER_BRANCH: &[&str] = &["0 a al - [PATCH 6.1.y] one", "0 b al - [PATCH 6.12.y] one"];
const WEEKLY_PULL: &[&str] = &["0 a al - [PULL 0/1] block", "9000 b al - [PULL 0/1] block"];
const COVER_RETITLED: &[&str] = &[
    "0 c al - [PATCH 0/1] frob",
    "0 a al c [PATCH 1/1] one",
    "9 c2 al - [PATCH v2 0/1] frob and more",
    "9 a2 al c2 [PATCH v2 1/1] one",
];
const ANSWER_OF_ITS_OWN: &[&str] = &["0 a al - [PATCH] one", "9 b al a [PATCH] two"];
const NEW_VERSION_OF_LOST_PART: &[&str] =
    &["0 c al - [PATCH 0/2] frob", "0 a al c [PATCH 1/2] one", "600 b al c [PATCH v2 2/2] two"];
const COVER_RENAMED: &[&str] = &[
    "0 c@relay al - [PATCH 0/2] frob",
    "2 a@relay al gone@home [PATCH 1/2] one",
    "2 b@relay al gone@home [PATCH 2/2] two",
];
const COVER_OF_ANOTHER_SENDING: &[&str] =
    &["0 a al gone [PATCH 1/2] one", "8 c al - [PATCH 0/2] frob"];
const COVER_AFTERWARDS: &[&str] =
    &["0 a al - [PATCH 1/2] one", "0 b al - [PATCH 2/2] two", "9 c al gone [PATCH 0/2] frob"];
const UNNUMBERED_BELOW_COVER: &[&str] = &["0 c al - [PATCH 0/1] frob", "0 a al c [PATCH] one"];
const UNNUMBERED_LAST_PART: &[&str] =
    &["0 c al - [PATCH v2 0/2] frob", "0 a al c [PATCH v2 1/2] one", "0 b al c [PATCH v2] two"];
const UNNUMBERED_BESIDE: &[&str] = &[
    "0 c al - [PATCH 0/2] frob",
    "0 a al c [PATCH 1/2] one",
    "0 b al c [PATCH 2/2] two",
    "5 d al c [PATCH] also",
];
const COVER_BEHIND_UNCOVERED: &[&str] = &[
    "0 a al - [PATCH 1/2] one",
    "0 b al - [PATCH 2/2] two",
    "9 c2 al - [PATCH 0/2] frob",
    "9 a2 al c2 [PATCH 1/2] one",
    "9 b2 al c2 [PATCH 2/2] two",
];
const V2_BY_COMMENT: &[&str] = &[
    "0 a al - [PATCH] one",
    "9 b al - [PATCH v2] renamed",
    "10 r al b Re: [PATCH v2] renamed || Supersedes: <a@x>",
];
const V2_BY_ANOTHERS_COMMENT: &[&str] = &[
    "0 a al - [PATCH] one",
    "9 b al - [PATCH v2] renamed",
    "10 r bo b Re: [PATCH v2] renamed || Supersedes: <a@x>",
];
const SAME_VERSION_BY_ANOTHERS_COMMENT: &[&str] = &[
    "0 a al - [PATCH] one",
    "9 b al - [PATCH] two",
    "10 r bo b Re: [PATCH] two || Supersedes: <a@x>",
];
const PULL_BY_WORD: &[&str] =
    &["0 a al - [PULL 0/1] block", "9 b al - [PULL 0/1] block, again || Supersedes: <a@x>"];
const V2_BY_CHANGE_ID: &[&str] = &[
    "0 a al - [PATCH 0/1] one || change-id: 20260601-frob-1",
    "0 a1 al a [PATCH 1/1] p",
    "9 b al - [PATCH v2 0/1] renamed || change-id: 20260601-frob-1",
    "9 b1 al b [PATCH v2 1/1] q",
];
const V2_OF_ANOTHER: &[&str] = &["0 a al - [PATCH] one", "9 b bo - [PATCH v2] one"];
const V3_AND_V1: &[&str] =
    &["0 a al - [PATCH] one", "5 b al - [PATCH v2] one", "9 c al - [PATCH v3] one"];
const PART_OF_V2: &[&str] = &[
    "0 c al - [PATCH 0/2] frob",
    "0 a al c [PATCH 1/2] one",
    "0 b al c [PATCH 2/2] two",
    "9 b2 al b,c [PATCH v2 2/2] two",
];
const PARTS_OF_V2: &[&str] = &[
    "0 c al - [PATCH 0/2] frob",
    "0 a al c [PATCH 1/2] one",
    "0 b al c [PATCH 2/2] two",
    "9 a2 al a,c [PATCH v2 1/2] one",
    "9 b2 al b,c [PATCH v2 2/2] two",
];
const COVER_HAS_VERSION: &[&str] =
    &["0 c al - [PATCH v2 0/2] frob", "0 a al c [PATCH 1/2] one", "0 b al c [PATCH 2/2] two"];
const OVER_TOTAL: &[&str] = &[
    "0 c al - [PATCH 0/2] frob",
    "0 a al c [PATCH 1/2] one",
    "0 b al c [PATCH 2/2] two",
    "5 d al c [PATCH 3/2] three",
];
const SECOND_TRY: &[&str] = &[
    "0 c al - [PATCH 0/2] frob",
    "0 a al c [PATCH 1/2] one",
    "0 b al c [PATCH 2/2] two",
    "5 d al c [PATCH 2/2] two, fixed",
];
const GRAFTED: &[&str] =
    &["0 c al - [PATCH 0/2] frob", "0 a al c [PATCH 1/2] one", "5 d eve c [PATCH 2/2] mine"];
const COMMENTS: &[&str] = &[
    "0 a al - [PATCH] one",
    "3 r bo a Re: [PATCH] one",
    "4 s al r,a Re: [PATCH] one",
    "9 a2 al a [PATCH v2] one",
    "9 t bo a2,a Re: [PATCH v2] one",
    "9 u bo missing,a2,a Re: [PATCH v2] one",
];
const BASED: &[&str] = &[
    "0 a al - [PATCH] one || Based-on: <p@x>",
    "1 r al a Re: [PATCH] one || Based-on: https://lists.example.org/q@x/",
    "1 s bo a Re: [PATCH] one || Based-on: <other@x>",
];
const CYCLE: &[&str] = &["0 a al b [PATCH 1/2] one", "0 b al a [PATCH 2/2] two"];
const SELF: &[&str] = &["0 a al a [PATCH 1/2] one"];
const CONFLICT: &[&str] = &["0 a al - [PATCH] one", "5 a eve - [PATCH] not one"];
const COPIES: &[&str] = &["0 a al - [PATCH] one", "5 a al - [PATCH] one"];
const COPY_ELSEWHERE: &[&str] = &[
    "0 a al - [PATCH] one",
    "2 r bo a Re: [PATCH] one",
    "1 r bo z,a Re: [PATCH] one",
    "0 z al - [PATCH] other",
    "1 b al z [PATCH] two",
    "2 b al a [PATCH] two",
];
const PULL: &[&str] = &["0 c al - [PULL 0/1] block", "0 a al c [PULL 1/1] one"];

#[test_case(PLAIN => vec!["v1 2/2: c a b"]; "plain")]
#[test_case(UNCOVERED => vec!["v1 2/2: a b"]; "no cover letter")]
#[test_case(CHAINED => vec!["v1 3/3: a b c"]; "deep threading")]
#[test_case(MISSING_PARTS => vec!["v1 1/3 incomplete: c b"]; "parts missing")]
#[test_case(MISSING_COVER => vec!["v1 2/2: a b"]; "cover letter missing")]
#[test_case(UNTHREADED => vec!["v1 2/2: c a b"]; "unthreaded")]
#[test_case(UNTHREADED_TWICE => vec!["v1 2/2: a b", "v1 2/2: d e"]; "two unthreaded")]
#[test_case(UNTHREADED_TWO_PEOPLE => vec!["v1 1/2 incomplete: a", "v1 1/2 incomplete: b"]; "two people")]
#[test_case(UNTHREADED_FAR => vec!["v1 1/2 incomplete: a", "v1 1/2 incomplete: b"]; "unthreaded, hours apart")]
#[test_case(UNTHREADED_TREES => vec!["v1 1/2 incomplete: a", "v1 1/2 incomplete: b"]; "unthreaded, two trees")]
#[test_case(V2_UNDER_V1 => vec!["v1 2/2: c a b > c2", "v2 2/2: c2 a2 b2 < c"]; "v2 in v1's thread")]
#[test_case(RESEND => vec!["v1 2/2: c a b > c2", "v1 2/2: c2 a2 b2 < c"]; "resend without a version")]
#[test_case(V2_BY_TITLE => vec!["v1 1/1: a > a2", "v2 1/1: a2 < a"]; "same title")]
#[test_case(V2_BY_WORD => vec!["v1 1/1: a > b", "v2 1/1: b < a"]; "supersedes")]
#[test_case(WRONG_TOTAL => vec!["v2 2/2: c a b"]; "the cover letter has an old total")]
#[test_case(WRONG_VERSION => vec!["v3 2/2: c a b"]; "the cover letter has an old version")]
#[test_case(VERSION_OF_ITS_OWN => vec!["v2 3/3: c a b d"]; "one part has a version of its own")]
#[test_case(WRONG_VERSION_LATE_PART => vec!["v4 2/2: c a b"]; "the cover letter has an old version, a part is late")]
#[test_case(VERSION_OF_ITS_OWN_UNCOVERED => vec!["v2 2/2: a b"]; "one part has a version of its own, cover letter missing")]
#[test_case(OTHER_BRANCH => vec!["v1 1/1: a", "v1 1/1: b"]; "backports to two branches")]
#[test_case(WEEKLY_PULL => vec!["v1 0/1 incomplete: a", "v1 0/1 incomplete: b"]; "pull requests of one title")]
#[test_case(COVER_RETITLED => vec!["v1 1/1: c a > c2", "v2 1/1: c2 a2 < c"]; "the cover letter has another title")]
#[test_case(ANSWER_OF_ITS_OWN => vec!["v1 1/1: a", "v1 1/1: b"]; "another patch in answer to a patch")]
#[test_case(NEW_VERSION_OF_LOST_PART => vec!["v1 1/2 incomplete: c a", "v2 1/2 incomplete: b < c"]; "a new version of a part that was lost")]
#[test_case(COVER_RENAMED => vec!["v1 2/2: c@relay a@relay b@relay"]; "a relay gave the cover letter another id")]
#[test_case(COVER_OF_ANOTHER_SENDING => vec!["v1 0/2 incomplete: c", "v1 1/2 incomplete: a"]; "the cover letter of another sending")]
#[test_case(COVER_AFTERWARDS => vec!["v1 2/2: c a b"]; "the cover letter was sent afterwards")]
#[test_case(UNNUMBERED_BELOW_COVER => vec!["v1 1/1: c a"]; "one patch without a number below its cover letter")]
#[test_case(UNNUMBERED_LAST_PART => vec!["v2 2/2: c a b"]; "the last part has no number")]
#[test_case(UNNUMBERED_BESIDE => vec!["v1 1/1: d", "v1 2/2: c a b"]; "a patch without a number beside a whole series")]
#[test_case(COVER_BEHIND_UNCOVERED => vec!["v1 2/2: a b > c2", "v1 2/2: c2 a2 b2 < a"]; "sent again with a cover letter")]
#[test_case(V2_BY_COMMENT => vec!["v1 1/1: a > b", "v2 1/1: b < a + r"]; "supersedes, in the author's comment")]
#[test_case(V2_BY_ANOTHERS_COMMENT => vec!["v1 1/1: a > b", "v2 1/1: b < a + r"]; "supersedes, in another person's comment")]
#[test_case(SAME_VERSION_BY_ANOTHERS_COMMENT => vec!["v1 1/1: a", "v1 1/1: b + r"]; "another person's word without a higher version")]
#[test_case(PULL_BY_WORD => vec!["v1 0/1 incomplete: a > b", "v1 0/1 incomplete: b < a"]; "pull request that supersedes")]
#[test_case(V2_BY_CHANGE_ID => vec!["v1 1/1: a a1 > b", "v2 1/1: b b1 < a"]; "change-id")]
#[test_case(V2_OF_ANOTHER => vec!["v1 1/1: a", "v2 1/1: b"]; "same title, another sender")]
#[test_case(V3_AND_V1 => vec!["v1 1/1: a > b", "v2 1/1: b < a > c", "v3 1/1: c < b"]; "three versions")]
#[test_case(PART_OF_V2 => vec!["v1 2/2: c a b", "v2 1/2 incomplete: b2 < c"]; "one part of v2")]
#[test_case(PARTS_OF_V2 => vec!["v1 2/2: c a b > a2", "v2 2/2: a2 b2 < c"]; "parts of v2 each under its own")]
#[test_case(COVER_HAS_VERSION => vec!["v2 2/2: c a b"]; "only the cover letter has the version")]
#[test_case(OVER_TOTAL => vec!["v1 3/2: c a b d"]; "more than the total")]
#[test_case(SECOND_TRY => vec!["v1 2/2: c a b d"]; "one part twice")]
#[test_case(GRAFTED => vec!["v1 1/2 incomplete: c a", "v1 1/2 incomplete: d"]; "another sender in the thread")]
#[test_case(COMMENTS => vec!["v1 1/1: a > a2 + r s", "v2 1/1: a2 < a + t u"]; "comments")]
#[test_case(BASED => vec!["v1 1/1: a on p q + r s"]; "based on")]
#[test_case(CYCLE => vec!["v1 2/2: a b"]; "cycle")]
#[test_case(SELF => vec!["v1 1/2 incomplete: a"]; "its own parent")]
#[test_case(CONFLICT => vec!["v1 1/1: a conflict"]; "one id, two contents")]
#[test_case(COPIES => vec!["v1 1/1: a"]; "copies")]
#[test_case(COPY_ELSEWHERE => vec!["v1 1/1: a + r", "v1 1/1: b conflict", "v1 1/1: z + r"]; "the same words in another place")]
#[test_case(PULL => vec!["v1 1/1: c a"]; "pull request")]
fn series(lines: &[&str]) -> Vec<String> {
    assembled(lines)
}

/// A copy that is vouched for has the place, whatever came first, and the time of the first.
#[test_case(&[false, true]; "the second")]
#[test_case(&[true, false]; "the first")]
#[test_case(&[false, true, false]; "the one between")]
fn a_copy_that_is_vouched_for(vouched: &[bool]) {
    let mut assembler = Assembler::new();
    let mut known = false;
    for (minute, vouched) in (1..).zip(vouched) {
        let (mut mail, time) = mail(&format!("{minute} a al - [PATCH] one"));
        mail.header.vouched = *vouched;
        let added = assembler.add(mail, time);
        let better = *vouched && minute > 1 && !known;
        assert_eq!(matches!(added, Added::Vouched(_)), better, "{minute}");
        assert_eq!(matches!(added, Added::New(_)), minute == 1);
        known |= *vouched;
    }
    let lead = assembler.leads()[0];
    let series = assembler.series_of(lead).unwrap();
    let part = &series.patches[0];
    assert!(part.mail.header.vouched && !series.conflict && !assembler.conflicts(lead));
    assert_eq!(part.time, mail("1 x al - x").1);
}

#[test_case("[frob:next 7/9] f.c:1: warning: unused variable" => Kind::Other; "a robot's report")]
#[test_case("[PATCH 7/9] frob" => Kind::Patch; "a part whose diff was lost")]
#[test_case("[RFC 7/9] frob" => Kind::Patch; "an RFC whose diff was lost")]
fn without_a_diff(subject: &str) -> Kind {
    let mail = format!("From: al <al@example.org>\nSubject: {subject}\n\nSome text.\n");
    Mail::parse(mail.as_bytes()).kind()
}

#[test]
fn the_largest_series_seen() {
    let mut lines = vec!["0 c al - [PATCH 0000/1157] spdx".to_owned()];
    lines.extend((1..=1157).map(|n| format!("{} p{n} al c [PATCH {n:04}/1157] part {n}", n / 60)));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let shown = assembled(&lines);
    assert_eq!(shown.len(), 1);
    assert!(shown[0].starts_with("v1 1157/1157: c p1 p2 "), "{}", shown[0]);
}

/// One sender's history: `count` series of two parts, each asked for when it is there. The time
/// that the last fifth took, over the first fifth's.
fn growth(count: usize, threaded: bool, same_title: bool) -> f64 {
    let mails: Vec<_> = (0..count)
        .map(|n| {
            let title = if same_title { 0 } else { n };
            let parent = if threaded { format!("a{n}") } else { "-".to_owned() };
            let first = mail(&format!("{n} a{n} al - [PATCH 1/2] one {title}"));
            let second = mail(&format!("{n} b{n} al {parent} [PATCH 2/2] two {title}"));
            (first, second)
        })
        .collect();
    let mut assembler = Assembler::new();
    let mut times = Vec::new();
    let mut start = Instant::now();
    for (n, (first, second)) in mails.into_iter().enumerate() {
        assembler.add(first.0, first.1);
        let key = assembler.add(second.0, second.1).key();
        assert!(assembler.series_of(key).unwrap().complete(), "series {n}");
        if (n + 1) % (count / 5) == 0 {
            times.push(start.elapsed());
            start = Instant::now();
        }
    }
    println!("{count} series, threaded {threaded}, one title {same_title}: {times:.0?}");
    times[4].as_secs_f64() / times[0].as_secs_f64()
}

/// Regrouping all that a sender ever sent would make the last fifth take nine times the first's.
#[test_case(true, false; "threaded")]
#[test_case(false, false; "unthreaded")]
#[test_case(true, true; "threaded, all of one title")]
fn a_sender_with_10_000_series_costs_no_more_at_the_end(threaded: bool, same_title: bool) {
    // What the machine does beside may disturb one of three tries.
    let mut tries = (0..3).map(|_| growth(10_000, threaded, same_title));
    assert!(tries.any(|times| times < 4.0), "the last fifth took too long");
}

const ALL: &[&[&str]] = &[
    CHAINED,
    MISSING_PARTS,
    MISSING_COVER,
    UNTHREADED,
    UNTHREADED_TWICE,
    UNTHREADED_TREES,
    V2_UNDER_V1,
    RESEND,
    V2_BY_WORD,
    V2_BY_CHANGE_ID,
    WRONG_TOTAL,
    WRONG_VERSION,
    VERSION_OF_ITS_OWN,
    WRONG_VERSION_LATE_PART,
    VERSION_OF_ITS_OWN_UNCOVERED,
    COVER_RETITLED,
    COVER_RENAMED,
    COVER_OF_ANOTHER_SENDING,
    COVER_AFTERWARDS,
    UNNUMBERED_BELOW_COVER,
    UNNUMBERED_LAST_PART,
    UNNUMBERED_BESIDE,
    COVER_BEHIND_UNCOVERED,
    V2_BY_COMMENT,
    V2_BY_ANOTHERS_COMMENT,
    V3_AND_V1,
    PARTS_OF_V2,
    COVER_HAS_VERSION,
    OVER_TOTAL,
    SECOND_TRY,
    GRAFTED,
    COMMENTS,
    BASED,
    CYCLE,
    CONFLICT,
    COPIES,
    COPY_ELSEWHERE,
];

proptest! {
    #[test]
    fn any_order_gives_the_same_series(
        (lines, shuffled) in prop::sample::select(ALL)
            .prop_flat_map(|lines| (Just(lines), Just(lines.to_vec()).prop_shuffle()))
    ) {
        prop_assert_eq!(assembled(lines), assembled(&shuffled));
    }

    /// Threads that nobody would write, all from two people: whatever they make, the order in
    /// which they come does not matter, and no mail is lost or stands twice.
    #[test]
    fn any_order_of_any_thread(
        (lines, shuffled) in prop::collection::vec(
            (0_u32..90, 0_usize..12, any::<bool>(), 0_u32..4, 1_u32..3), 1..12
        ).prop_flat_map(|mails| {
            let lines: Vec<String> = mails.iter().enumerate().map(|(n, (minute, parent, al, index, version))| {
                let parent = if *parent < n { format!("m{parent}") } else { "-".to_owned() };
                let sender = if *al { "al" } else { "bo" };
                format!("{minute} m{n} {sender} {parent} [PATCH v{version} {index}/3] t{index}")
            }).collect();
            (Just(lines.clone()), Just(lines).prop_shuffle())
        })
    ) {
        let one: Vec<&str> = lines.iter().map(String::as_str).collect();
        let other: Vec<&str> = shuffled.iter().map(String::as_str).collect();
        let shown = assembled(&one);
        prop_assert_eq!(&shown, &assembled(&other));
        let named: usize = shown.iter().map(|s| {
            let parts = s.split(": ").nth(1).unwrap();
            parts.split([' ', '<', '>', '+']).take_while(|w| w.starts_with('m')).count()
        }).sum();
        prop_assert_eq!(named, lines.len());
    }
}

/// Some programs name the mail that they answer and none above it.
#[test_case(&["0 a al - [PATCH] one", "1 n bot a Re: [PATCH] one", "2 b bo n Re: [PATCH] one"] => vec!["v1 1/1: a + n b"]; "an answer to an answer")]
#[test_case(&["0 a al - [PATCH] one", "1 n bot a Re: [PATCH] one", "2 b bo n Re: [PATCH] one", "3 c cy b Re: [PATCH] one"] => vec!["v1 1/1: a + n b c"]; "and an answer to that")]
#[test_case(&["0 a al - [PATCH] one", "2 b bo n Re: [PATCH] one"] => vec!["v1 1/1: a"]; "an answer to what is not known")]
#[test_case(&["0 a al - [PATCH] one", "0 z al - [PATCH] other", "1 n bot a Re: [PATCH] one", "2 b bo n,z Re: [PATCH] one"] => vec!["v1 1/1: a + n", "v1 1/1: z + b"]; "a patch of its own that it names")]
#[test_case(&["0 a al - [PATCH] one", "1 n bo m Re: [PATCH] one", "2 m bo n Re: [PATCH] one"] => vec!["v1 1/1: a"]; "two that answer each other")]
fn an_answer_that_names_one_mail(lines: &[&str]) -> Vec<String> {
    let backwards: Vec<&str> = lines.iter().rev().copied().collect();
    assert_eq!(assembled(&backwards), assembled(lines));
    assembled(lines)
}

/// However long a chain of such answers is, and whoever made it.
#[test]
fn a_long_chain_of_answers_ends() {
    let mut lines = vec!["0 a al - [PATCH] one".to_owned(), "1 n0 bo a Re: [PATCH] one".to_owned()];
    lines.extend((1..2_000).map(|n| format!("2 n{n} bo n{} Re: [PATCH] one", n - 1)));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let all = assembled(&lines);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].split(" + ").nth(1).unwrap().split(' ').count(), 20);
}
