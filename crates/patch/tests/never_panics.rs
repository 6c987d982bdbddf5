//! Whatever bytes arrive, parsing them ends, soon, and without a panic.
#![expect(clippy::indexing_slicing, reason = "a failure here fails the test")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use test_case::test_case;
use tidewaiter_patch::Mail;
use tidewaiter_testkit::fixtures::{Fixture, fixture_mails};

/// Parses, and holds what must be true of any parse.
fn parse(raw: &[u8]) {
    let mail = Mail::parse(raw);
    let ids = mail.header.references.iter().chain(&mail.header.message_id);
    ids.for_each(|id| assert!(!id.as_str().contains(['<', '>', ' ', '\n'])));
    let lines = raw.len() + 1;
    if let Some(patch) = mail.patch() {
        assert!(patch.trailers.iter().all(|t| (1..=lines).contains(&t.line)));
    }
    if let Some(diff) = mail.diff() {
        let added: u64 = diff.files.iter().map(|f| u64::from(f.added)).sum();
        let removed: u64 = diff.files.iter().map(|f| u64::from(f.removed)).sum();
        assert_eq!((added, removed), (diff.added.into(), diff.removed.into()));
        assert!(added + removed <= lines as u64);
    }
    if let Some(subject) = &mail.header.subject {
        assert!(!subject.contains(['\n', '\r', '\0']));
    }
}

/// Lines that steer the parser, some of them broken.
fn fragment() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "From mboxrd@z Thu Jan  1 00:00:00 1970",
        "From: Alice <alice@example.org>",
        "From: \"A\\\" via frob <frob@example.org>",
        "From: =?utf-8?b?4p2M=?= <",
        "To: a@example.org, , \"b <c@example.org>; d:;",
        "Subject: [PATCH v2 1/2] frob: x",
        "Subject: [PATCH",
        "Subject: Re: [[[RFC 99999999999/3 v1.2.3] ]",
        "Subject: =?iso-2022-jp?q?=1B$B?= =?x?z?=",
        "Subject:",
        " folded",
        "\t",
        "",
        "Date: Mon, 99 Foo 20260 1:2:3 +9999 (((",
        "Message-ID: <a@b> <c@d>",
        "In-Reply-To: <<>>",
        "References: <a@b><c@d> <",
        "List-Id: <<x.example.org>",
        "Content-Type: multipart/mixed; boundary=\"b\"",
        "Content-Type: multipart/signed; boundary=bb; protocol=pkcs7",
        "Content-Type: text/plain; charset=utf-16; format=flowed; delsp=yes",
        "Content-Type: text/x-patch; name*0*=utf-8''%ff; name*1=.patch",
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Disposition: attachment; filename=x.patch",
        "--b",
        "--bb",
        "--b--",
        "=3D=\u{e9}=",
        "RGlmZiE=",
        "-----BEGIN PGP SIGNED MESSAGE-----",
        "-----BEGIN PGP SIGNATURE-----",
        "---",
        "--- ",
        "-- ",
        "-- >8 --",
        "8< - - >8",
        "diff --git a/x b/x",
        "diff --git \"a/\\303\" \"b/\\377\\",
        "diff --git x x",
        "Index: x",
        "--- a/x",
        "--- /dev/null",
        "+++ b/x",
        "+++ /dev/null",
        "@@ -1 +1 @@",
        "@@ -0,0 +1,2 @@",
        "@@ -1,4294967296 +1,99999999999999999999 @@",
        "@@ -18446744073709551615,18446744073709551615 +0,18446744073709551615 @@ f",
        "@@ @@",
        "-old",
        "+new",
        " same",
        "\\ No newline at end of file",
        "GIT binary patch",
        "literal 99999999999",
        "rename from y",
        "rename to x",
        "copy from \u{fffd}",
        "old mode 100644",
        "new file mode 999999",
        "index 0..1",
        "Binary files a/x and b/x differ",
        " x | 3 +-",
        " 1 file changed, 4294967296 insertions(+)",
        "Signed-off-by: A <a@example.org>",
        "(cherry picked from commit",
        "Based-on: <a@b>",
        "change-id: x",
        "Conflicts:",
        "# comment",
        "> quoted",
        "On Monday, A wrote:",
        "Von: a",
        "Gesendet: b",
        "________________________________________",
        "-=-=-=-=-=-=-=-=-=-=-=-",
        "The following changes since commit 1",
        "are available in the Git repository at:",
    ]);
    prop_oneof![
        8 => fixed.prop_map(str::to_owned),
        1 => ".{0,40}",
        1 => "[-+@ >=?<a-c:/\\[\\]]{0,20}",
    ]
}

/// The middle of a mail, with some of its bytes changed.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let fixtures: Vec<Vec<u8>> = fixture_mails().into_iter().map(|f| f.lf).collect();
    let flips = vec((any::<prop::sample::Index>(), any::<u8>()), 0..8);
    let slice = (any::<prop::sample::Index>(), 0_usize..2000, any::<prop::sample::Index>());
    (prop::sample::select(fixtures), flips, prop::option::of(slice), 0_usize..1200).prop_map(
        |(mut mail, flips, slice, cut)| {
            if mail.is_empty() {
                return mail;
            }
            for (at, byte) in flips {
                let at = at.index(mail.len());
                mail[at] = byte;
            }
            if let Some((from, len, to)) = slice {
                let from = from.index(mail.len());
                let doubled = mail[from..mail.len().min(from + len)].to_vec();
                let to = to.index(mail.len());
                mail.splice(to..to, doubled);
            }
            // Most mails stay whole.
            mail.truncate(if cut < 300 { mail.len() * cut / 300 } else { mail.len() });
            mail
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(raw in vec(any::<u8>(), 0..2000)) {
        parse(&raw);
    }

    #[test]
    fn any_soup_of_lines(
        lines in vec(fragment(), 0..60),
        end in prop::sample::select(vec!["\n", "\r\n", "\r", "\r\r\n"]),
    ) {
        parse(lines.join(end).as_bytes());
        // The same below a header that makes it a patch.
        let header = "From: a@example.org\nSubject: [PATCH] x\nMessage-ID: <a@b>\n\n";
        parse(format!("{header}{}", lines.join("\n")).as_bytes());
    }

    #[test]
    fn any_mutated_fixture(raw in mutated()) {
        parse(&raw);
    }
}

#[test]
fn every_fixture_cut_anywhere() {
    for Fixture { lf, .. } in fixture_mails().into_iter().filter(|f| f.lf.len() < 4000) {
        (0..lf.len()).step_by(97).for_each(|end| parse(&lf[..end]));
        (0..lf.len()).step_by(211).for_each(|start| parse(&lf[start..]));
    }
}

const HEAD: &str = "From: a@example.org\nSubject: [PATCH] x\nMessage-ID: <a@b>\n";

fn mail(headers: &str, body: &str) -> Vec<u8> {
    format!("{HEAD}{headers}\n{body}").into_bytes()
}

fn diff_of(lines: &str) -> Vec<u8> {
    mail("", &format!("m\n---\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n{lines}"))
}

fn nested(depth: usize) -> Vec<u8> {
    let mut body = String::new();
    for n in 0..depth {
        let _ = write!(body, "Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
    }
    [HEAD.as_bytes(), body.as_bytes()].concat()
}

/// Inputs that cost a careless parser more than linear time. Each is parsed at a quarter of its
/// size and at full size; a quadratic parser takes sixteen times as long for the second.
#[test_case(64_000, |n| mail(&format!("To: {}\nSubject: {}\n", "=?utf-8?q?a?=\n ".repeat(n), "=?utf-8?q?a?= ".repeat(n)), ""); "encoded words")]
#[test_case(8_000, |n| format!("From: a@b\nSubject: {}\n\n", "=?a?q? ".repeat(n)).into_bytes(); "encoded words without end")]
#[test_case(8_000, |n| format!("From: a@b\nSubject: {}?=\n\n", "=?a?b?! ".repeat(n)).into_bytes(); "encoded words that are no base64")]
#[test_case(8_000, |n| format!("From: a@b\nSubject: {}\n\n", "[a] ".repeat(n)).into_bytes(); "brackets in the subject")]
#[test_case(8_000, |n| format!("From: a@b\nSubject: {} x\n\n", "[PATCH] ".repeat(n)).into_bytes(); "tags in the subject")]
#[test_case(8_000, |n| format!("From: a@b\nSubject: {} x\n\n", "Re: ".repeat(n)).into_bytes(); "answers in the subject")]
#[test_case(40_000, |n| mail(&format!("References: {}\n", "<abcdefghijklmnop@example.org> ".repeat(n)), ""); "references")]
#[test_case(400_000, |n| mail(&format!("References: {}\nIn-Reply-To: {}\n", "<".repeat(n), "<a".repeat(n)), ""); "open brackets")]
#[test_case(200_000, |n| mail(&format!("Cc: {}\n", "\"(<a@b,".repeat(n)), ""); "addresses")]
#[test_case(20_000, nested; "nested multiparts")]
#[test_case(200_000, |n| mail("Content-Type: multipart/mixed; boundary=b\n", &"--b\n\nx\n".repeat(n)); "parts")]
#[test_case(60_000, |n| mail("Content-Type: multipart/mixed; boundary=b\n", &"--bx\n--b \n--bb".repeat(n)); "boundaries")]
#[test_case(30_000, |n| mail(&format!("Content-Type: text/plain; {}\n", (0..n).fold(String::new(), |mut s, k| { let _ = write!(s, "n*{k}=a;"); s })), "x"); "parameters")]
#[test_case(1_000_000, |n| [HEAD.as_bytes(), "a:b\n".repeat(n).as_bytes(), b"\nx"].concat(); "header lines")]
#[test_case(1_000_000, |n| [HEAD.as_bytes(), " a\n".repeat(n).as_bytes(), b"\nx"].concat(); "folded lines")]
#[test_case(2_000_000, |n| mail("", &"a\n".repeat(n)); "lines")]
#[test_case(5_000_000, |n| diff_of(&format!("@@ -0,0 +1,{n} @@\n{}", "+\n".repeat(n))); "lines in a hunk")]
#[test_case(5_000_000, |n| diff_of(&format!("@@ -0,0 +1,{} @@\n{}", n + 9, "+\n".repeat(n))); "lines in a broken hunk")]
#[test_case(300_000, |n| diff_of(&"@@ -1 +1 @@\n-a\n+b\n".repeat(n)); "hunks")]
#[test_case(100_000, |n| diff_of(&"@@ -1,9 +1,9 @@\n".repeat(n)); "hunk headers")]
#[test_case(100_000, |n| mail("", &format!("m\n---\n{}", "diff --git a/x b/x\n".repeat(n))); "git headers")]
#[test_case(60_000, |n| mail("", &format!("m\n---\n{}", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n".repeat(n))); "files")]
#[test_case(100_000, |n| diff_of(&format!("@@ -1 +1 @@\n-a\n+b\n{}", "--- \n--\n".repeat(n))); "dashes behind a hunk")]
#[test_case(100_000, |n| mail("", &format!("m\n---\ndiff --git a/x b/x\nGIT binary patch\nliteral 9\n{}", "zabc\n\n".repeat(n))); "binary lines")]
#[test_case(10_000_000, |n| mail("", &"a ".repeat(n / 2)); "one line")]
#[test_case(4_000_000, |n| mail("Content-Type: text/plain; format=flowed\n", &"> a \n".repeat(n / 5)); "flowed lines")]
#[test_case(4_000_000, |n| mail("Content-Type: text/plain; format=flowed\n", &">".repeat(n)); "one quote")]
#[test_case(4_000_000, |n| mail("Content-Transfer-Encoding: quoted-printable\n", &"=\n=4".repeat(n / 4)); "quoted printable")]
#[test_case(4_000_000, |n| mail("Content-Transfer-Encoding: base64\n", &"YQ==\n".repeat(n / 5)); "padded base64")]
#[test_case(200_000, |n| mail("", &"Signed-off-by: A <a@example.org>\n\n".repeat(n)); "paragraphs of trailers")]
#[test_case(200_000, |n| mail("", &format!("A: b\n{}", " c\n".repeat(n))); "a folded trailer")]
#[test_case(200_000, |n| mail("", &"-- >8 --\nFrom: a@b\n c\n".repeat(n)); "scissors")]
#[test_case(200_000, |n| format!("From: a@b\nSubject: [PATCH 0/2] x\n\n{}", "A-b: c\n---\n\n 1 file changed\n".repeat(n)).into_bytes(); "paragraphs of a cover letter")]
#[test_case(200_000, |n| format!("From: a@b\nSubject: Re: x\n\n{}", "On a\nb wrote:\nFrom: c\n".repeat(n)).into_bytes(); "attributions")]
#[test_case(200_000, |n| mail("", &format!("-----BEGIN PGP SIGNED MESSAGE-----\n\n{}", "-----BEGIN PGP SIGNATURE-----\n- x\n".repeat(n))); "armours")]
fn time_is_linear(n: usize, make: impl Fn(usize) -> Vec<u8>) {
    let (small, large) = (make(n / 4), make(n));
    let (mut before, mut after) = (time(&small), time(&large));
    // Below the floor, what is measured is the machine; and a busy machine gets more tries.
    let floor = Duration::from_millis(50);
    for _ in 0..10 {
        if after < before.max(floor) * 8 {
            break;
        }
        std::thread::sleep(floor);
        (before, after) = (before.min(time(&small)), after.min(time(&large)));
    }
    assert!(after < before.max(floor) * 8, "{before:?} for a quarter, {after:?} for all");
    assert!(after < Duration::from_secs(20), "{after:?}");
}

fn time(raw: &[u8]) -> Duration {
    let start = Instant::now();
    let mail = Mail::parse(raw);
    let took = start.elapsed();
    drop(mail);
    took
}
