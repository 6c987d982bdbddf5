//! Forged agreements: none of them may count.

use test_case::test_case;
use tidewaiter_testkit::builder::Mail as Built;

use super::testing::{judge, policy, series_of};
use super::*;
use crate::{Agreement, AgreementHow, NoAgreement, Trust};

const DRAFT: &str = "qemu-proposed-2026-05";

/// Mia looks after the code, Otto after another area, Rita only reviews.
const MAINTAINERS: &str = "TCG\n---\nOverall TCG CPUs\nM: Mia Maintainer <mia@example.org>\n\
    R: Rita Reviewer <rita@example.org>\nS: Maintained\nF: accel/tcg/\n\n\
    Block\nM: Otto Other <otto@example.org>\nS: Maintained\nF: block/\n\n\
    The rest\nM: Bea Boss <bea@example.org>\nF: *\nF: */\n";

const PASS: &str = "Authentication-Results: mx.example.net;\n\tdkim=pass header.d=example.org\n";
const MIA: &str = "From: Mia Maintainer <mia@example.org>\n";
const AUTHOR: &str = "From: Alice Author <alice@example.com>\n";
const ALICE: &str = "Authentication-Results: mx.example.net; dkim=pass header.d=example.com\nFrom: Alice Author <alice@example.com>\n";
const DATE: &str = "Wed, 14 Jan 2026 09:00:00 +0000";
const AGREE: &str = "tidewaiter: agree\n";

/// Two patches by Alice for accel/tcg, under a cover letter.
fn posted() -> Vec<Vec<u8>> {
    let patch = |number: u32| {
        Built::patch("accel/tcg: add frob")
            .part(number, 2)
            .from("Alice Author", "alice@example.com")
            .date(DATE)
            .id(&format!("p{number}@example.com"))
            .trailer("AI-used-for", "code")
            .diff(&format!("accel/tcg/frob{number}.c"), 60, 0)
            .build()
    };
    let cover = Built::cover("accel/tcg: frob").part(0, 2).id("c@example.com");
    vec![
        cover.from("Alice Author", "alice@example.com").date(DATE).body("Frob.").build(),
        patch(1),
        patch(2),
    ]
}

/// An answer: header lines, the mail that it answers, its text.
fn answer(id: &str, header: &str, to: &str, text: &str) -> Vec<u8> {
    let date =
        if header.contains("Date:") { "" } else { "Date: Wed, 14 Jan 2026 10:00:00 +0000\n" };
    format!(
        "{header}{date}Subject: Re: [PATCH 1/2] accel/tcg: add frob\nMessage-ID: <{id}>\n\
         In-Reply-To: <{to}>\n\n{text}"
    )
    .into_bytes()
}

fn judged_with(trust: TrustRules<'_>, mails: &[Vec<u8>]) -> Assessment {
    let (maintainers, _) = Maintainers::parse(MAINTAINERS);
    let maintainers = Some(&maintainers);
    let context = PolicyContext { maintainers, trust, ..PolicyContext::default() };
    judge(&policy(DRAFT), &context, &series_of(mails))
}

fn rules(ids: &[String]) -> TrustRules<'_> {
    TrustRules { authserv_ids: ids, strict: true, claimed: false }
}

fn judged(answers: &[Vec<u8>]) -> Assessment {
    let ids = ["mx.example.net".to_owned()];
    let mails: Vec<Vec<u8>> = posted().into_iter().chain(answers.iter().cloned()).collect();
    judged_with(rules(&ids), &mails)
}

/// The patches that still need a word.
fn asked(assessment: &Assessment) -> Vec<u32> {
    let asks = |f: &&Finding| f.rule == "core-without-agreement";
    assessment.findings.iter().filter(asks).filter_map(|f| f.patch).collect()
}

fn reasons(assessment: &Assessment) -> Vec<Option<NoAgreement>> {
    assessment.agreements.iter().map(|agreement| agreement.why).collect()
}

#[test_case("c@example.com" => Vec::<u32>::new(); "to the cover letter")]
#[test_case("p1@example.com" => vec![2]; "to a patch")]
#[test_case("p2@example.com" => vec![1]; "to the other patch")]
fn a_true_one_counts(to: &str) -> Vec<u32> {
    let judged = judged(&[answer("a@example.org", &format!("{PASS}{MIA}"), to, AGREE)]);
    let [agreement] = judged.agreements.as_slice() else { panic!("{:?}", judged.agreements) };
    assert_eq!((agreement.how, agreement.trust), (AgreementHow::Agree, Trust::Domain));
    assert!(agreement.counts && judged.findings.iter().any(|f| f.rule == "agreement-recorded"));
    asked(&judged)
}

/// Eve posts her patch under the Message-ID of an old thread that nobody here knows, dated as she
/// likes, and sends what Mia said there again: the very bytes, which her domain signed.
fn replayed(patch: &str, date: &str, came: &str, text: &str) -> (Vec<u32>, Trust, Option<No>) {
    let eve = Built::patch("accel/tcg: add frob").from("Eve", "eve@evil.example");
    let eve = eve.date(DATE).id("old@example.com").trailer("AI-used-for", "code");
    let eve = String::from_utf8(eve.diff("accel/tcg/frob.c", 60, 0).build()).expect("text");
    let eve = eve.replacen(&format!("Date: {DATE}\n"), patch, 1);
    let received = |came: &str| format!("Received: from x by mx.example.net; {came}\n");
    let header = format!("{}{PASS}{MIA}Date: {date}\n", received(came));
    let header = if date.is_empty() { header.replace("Date: \n", "X-Date:\n") } else { header };
    let mails = [
        format!("{}{eve}", received(DATE)).into_bytes(),
        answer("a@example.org", &header, "old@example.com", text),
    ];
    let ids = ["mx.example.net".to_owned()];
    let judged = judged_with(rules(&ids), &mails);
    let [one] = judged.agreements.as_slice() else { panic!("{:?}", judged.agreements) };
    (asked(&judged), one.trust, one.why)
}

const REVIEW: &str = "Reviewed-by: Mia Maintainer <mia@example.org>\n";
const OLD: &str = "Tue, 13 Jan 2026 10:00:00 +0000";
const TEN: &str = "Wed, 14 Jan 2026 10:00:00 +0000";

#[test_case("", OLD; "a patch without a date")]
#[test_case("Date: soon\n", OLD; "a patch with a date that cannot be read")]
#[test_case("Date: Mon, 12 Jan 2026 09:00:00 +0000\n", OLD; "a patch dated back")]
#[test_case("Date: Mon, 12 Jan 2026 09:00:00 +0000\n", "Wed, 14 Jan 2026 08:58:59 +0000"; "more than a clock is wrong")]
#[test_case("", ""; "an answer without a date")]
#[test_case("", "whenever"; "an answer with a date that cannot be read")]
fn an_old_one_sent_again_does_not(patch: &str, date: &str) {
    let unproven = (vec![1], Trust::Claimed, Some(No::Unverified));
    for text in [AGREE, REVIEW] {
        assert_eq!(replayed(patch, date, TEN, text), unproven, "{text}");
    }
}

/// A date far from when the mail came is no proof: one from the future would never be old.
#[test_case(TEN, "Wed, 14 Jan 2026 10:00:10 +0000" => None; "now")]
#[test_case("Wed, 14 Jan 2026 08:59:30 +0000", TEN => None; "by a clock that is slow")]
#[test_case(TEN, "Fri, 16 Jan 2026 09:00:00 +0000" => None; "late")]
#[test_case(TEN, "Fri, 16 Jan 2026 10:00:01 +0000" => Some(No::Unverified); "later than two days")]
#[test_case("Sat, 17 Jan 2026 10:00:00 +0000", TEN => Some(No::Unverified); "from the future")]
fn one_counts_for_two_days(date: &str, came: &str) -> Option<No> {
    replayed("", date, came, AGREE).2
}

use NoAgreement as No;

// The header.
#[test_case(MIA, AGREE => vec![Some(No::Unverified)]; "From alone")]
#[test_case(&format!("Authentication-Results: mx.evil.example; dkim=pass header.d=example.org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "another server")]
#[test_case(&format!("Authentication-Results: mx.example.net.evil.example; dkim=pass header.d=example.org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "a server whose name starts so")]
#[test_case(&format!("Authentication-Results: x.mx.example.net; dkim=pass header.d=example.org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "a server whose name ends so")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=none\n{PASS}{MIA}"), AGREE => vec![Some(No::Unverified)]; "ours below ours")]
#[test_case(&format!("Authentication-Results: list.example; none\n{PASS}{MIA}"), AGREE => vec![Some(No::Unverified)]; "ours below another's")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=pass (\n{PASS}{MIA}"), AGREE => vec![Some(No::Unverified)]; "ours below one that cannot be read")]
#[test_case(&format!("ARC-{PASS}{MIA}"), AGREE => vec![Some(No::Unverified)]; "ARC")]
#[test_case(&format!("X-{PASS}{MIA}"), AGREE => vec![Some(No::Unverified)]; "a field of the sender's own")]
#[test_case(&format!("{MIA}Subject: =?utf-8?q?x=0AAuthentication-Results:_mx.example.net;_dkim=3Dpass_header.d=3Dexample.org?=\n"), AGREE => vec![Some(No::Unverified)]; "inside another field")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=fail header.d=example.org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "fail")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=none header.d=example.org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "none")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=temperror header.d=example.org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "temperror")]
#[test_case(&format!("Authentication-Results: mx.example.net; spf=pass smtp.mailfrom=example.org; dkim=policy header.d=example.org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "spf alone")]
#[test_case(&format!("Authentication-Results: mx.example.net; dmarc=pass header.from=example.org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "dmarc alone")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=pass header.d=example.com\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "another domain")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=pass header.d=org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "a top-level domain")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=pass header.d=users.example.org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "a domain below")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=pass header.d=ple.org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "the end of the domain")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=pass header.d=examp1e.org\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "a domain that looks alike")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=pass header.d=evil.example (header.d=example.org)\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "the domain in a comment")]
#[test_case(&format!("Authentication-Results: mx.example.net; dkim=pass header.d=evil.example reason=\"; dkim=pass header.d=example.org\"\n{MIA}"), AGREE => vec![Some(No::Unverified)]; "the domain in a quote")]
#[test_case("Authentication-Results: mx.example.net; dkim=pass header.d=examp1e.org\nFrom: Mia Maintainer <mia@examp1e.org>\n", AGREE => vec![Some(No::NotMaintainer)]; "an address that looks alike")]
#[test_case(&format!("{PASS}From: Mia Maintainer <mia@example.org>, Eve <eve@example.org>\n"), AGREE => vec![Some(No::NoSender)]; "two addresses in From")]
#[test_case(&format!("{PASS}{MIA}From: Eve <eve@example.org>\n"), AGREE => vec![Some(No::NoSender)]; "two From")]
#[test_case(&format!("{PASS}From: \"Mia Maintainer <mia@example.org>\" <eve@example.org>\n"), AGREE => vec![Some(No::NotMaintainer)]; "a name that looks like an address")]
#[test_case(&format!("{PASS}From: \"M\\\" <mia@example.org>\" <eve@example.org>\n"), AGREE => vec![Some(No::NotMaintainer)]; "a name with a quote and an address")]
#[test_case(&format!("{PASS}From: Mia Maintainer\n"), AGREE => vec![Some(No::NoSender)]; "a name alone")]
#[test_case(&format!("{PASS}From: Mia Maintainer via frob-devel <frob-devel@example.org>\nReply-To: Mia Maintainer <mia@example.org>\n"), AGREE => vec![Some(No::NoSender)]; "rewritten by a list")]
#[test_case(&format!("{PASS}From: Mia Maintainer via frob-devel <frob-devel@example.org>\nX-Original-From: Mia Maintainer <mia@example.org>\n"), AGREE => vec![Some(No::NoSender)]; "rewritten, with the original beside it")]
#[test_case(&format!("{PASS}From: Eve <eve@example.org>\nSender: Mia Maintainer <mia@example.org>\n"), AGREE => vec![Some(No::NotMaintainer)]; "Sender")]
#[test_case(&format!("{PASS}From: Eve <eve@example.org>\nReply-To: Mia Maintainer <mia@example.org>\n"), AGREE => vec![Some(No::NotMaintainer)]; "Reply-To")]
#[test_case(&format!("{PASS}From: Rita Reviewer <rita@example.org>\n"), AGREE => vec![Some(No::NotMaintainer)]; "a reviewer")]
#[test_case(&format!("{PASS}From: Otto Other <otto@example.org>\n"), AGREE => vec![Some(No::NotMaintainer)]; "a maintainer of another area")]
#[test_case(&format!("{PASS}From: Bea Boss <bea@example.org>\n"), AGREE => vec![Some(No::NotMaintainer)]; "who maintains everything")]
#[test_case(ALICE, AGREE => vec![Some(No::Own)]; "the author")]
#[test_case(&format!("Auto-Submitted: auto-replied\n{PASS}{MIA}"), AGREE => vec![Some(No::Automatic)]; "a program")]
#[test_case(&format!("{PASS}{MIA}Date: Tue, 13 Jan 2026 10:00:00 +0000\n"), AGREE => vec![Some(No::Before)]; "before the series")]
// The words.
#[test_case(&format!("{PASS}{MIA}"), "> tidewaiter: agree\nNo.\n" => Vec::<Option<No>>::new(); "quoted")]
#[test_case(&format!("{PASS}{MIA}"), "Say tidewaiter: agree if you like it.\n" => Vec::<Option<No>>::new(); "in a sentence")]
#[test_case(&format!("{PASS}{MIA}"), "tidewaiter: agree, but not yet\n" => Vec::<Option<No>>::new(); "with more behind it")]
#[test_case(&format!("{PASS}{MIA}"), "tidewaiter: do not agree\n" => Vec::<Option<No>>::new(); "denied")]
#[test_case(&format!("{PASS}{MIA}"), "tidewaiter: agreed\n" => Vec::<Option<No>>::new(); "without an id")]
#[test_case(&format!("{PASS}{MIA}"), "No.\n\n-- \ntidewaiter: agree\n" => Vec::<Option<No>>::new(); "in a signature")]
#[test_case(&format!("{PASS}{MIA}"), "No.\n\n-----Original Message-----\nFrom: x\ntidewaiter: agree\n" => Vec::<Option<No>>::new(); "below an old mail")]
#[test_case(&format!("{PASS}{MIA}"), "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n+tidewaiter: agree\n" => Vec::<Option<No>>::new(); "in a diff")]
#[test_case(&format!("{PASS}{MIA}"), "Looks good to me.\n" => Vec::<Option<No>>::new(); "other words")]
#[test_case(&format!("{PASS}{MIA}"), "t\u{456}dewaiter: agree\n" => Vec::<Option<No>>::new(); "a letter that looks alike")]
#[test_case(&format!("{PASS}{MIA}"), "tidewaiter: agreed <p1@example.com>\n" => vec![Some(No::NotAuthor)]; "agreed by another")]
// Reviews need as much here.
#[test_case(MIA, "Reviewed-by: Mia Maintainer <mia@example.org>\n" => vec![Some(No::Unverified)]; "a review, From alone")]
#[test_case(&format!("{PASS}From: Eve <eve@example.org>\n"), "Reviewed-by: Mia Maintainer <mia@example.org>\n" => Vec::<Option<No>>::new(); "a review in her name")]
#[test_case(ALICE, "Acked-by: Mia Maintainer <mia@example.org>\n" => Vec::<Option<No>>::new(); "a review in her name by the author")]
fn a_forged_one_does_not(header: &str, text: &str) -> Vec<Option<No>> {
    let judged = judged(&[answer("a@example.org", header, "p1@example.com", text)]);
    assert_eq!(asked(&judged), [1, 2]);
    assert!(!judged.findings.iter().any(|f| f.rule == "agreement-recorded"));
    let told = judged.findings.iter().filter(|f| f.rule == "agreement-unverified").count();
    assert_eq!(told, judged.agreements.len());
    reasons(&judged)
}

#[test_case("x@example.com"; "a mail that is not there")]
#[test_case("v1@example.com"; "the patch of the version before")]
fn other_threads_do_not_count(to: &str) {
    let agree = answer("a@example.org", &format!("{PASS}{MIA}"), to, AGREE);
    assert_eq!(reasons(&judged(&[agree])), [Some(No::NotDirect)]);
}

/// A direct answer is one whose In-Reply-To is the part; that References name it is not enough.
#[test]
fn an_answer_to_an_answer_does_not_count() {
    let header =
        format!("{PASS}{MIA}References: <c@example.com> <p1@example.com> <b@example.com>\n");
    let judged = judged(&[
        answer("b@example.com", AUTHOR, "p1@example.com", "Well?\n"),
        answer("a@example.org", &header, "b@example.com", AGREE),
    ]);
    assert_eq!((asked(&judged), reasons(&judged)), (vec![1, 2], vec![Some(No::NotDirect)]));
}

/// What the author names: the answer `a` to `b`, the answer to patch 1.
const NAMES: &str = "tidewaiter: agreed <a@example.org>\n";

#[test_case(&format!("{PASS}{MIA}"), AGREE, ALICE, "c@example.com", NAMES => (vec![2], None); "true")]
#[test_case(&format!("{PASS}{MIA}"), AGREE, ALICE, "p1@example.com", "tidewaiter: agreed a@example.org.\n" => (vec![2], None); "true, without brackets")]
#[test_case(&format!("{PASS}{MIA}"), AGREE, ALICE, "p2@example.com", NAMES => (vec![1, 2], Some(No::OtherPatch)); "for another patch")]
#[test_case(&format!("{PASS}{MIA}"), AGREE, AUTHOR, "c@example.com", NAMES => (vec![1, 2], Some(No::Unverified)); "nothing vouches for the author")]
#[test_case(MIA, AGREE, ALICE, "c@example.com", NAMES => (vec![1, 2], Some(No::Unverified)); "nothing vouches for the maintainer")]
#[test_case(&format!("{PASS}{MIA}"), AGREE, &format!("{PASS}From: Eve <eve@example.org>\n"), "c@example.com", NAMES => (vec![1, 2], Some(No::NotAuthor)); "by a stranger")]
#[test_case(&format!("{PASS}{MIA}"), "I do not like it.\n", ALICE, "c@example.com", NAMES => (vec![1, 2], Some(No::NoWord)); "a mail without the word")]
#[test_case(&format!("{PASS}From: Otto Other <otto@example.org>\n"), AGREE, ALICE, "c@example.com", NAMES => (vec![1, 2], Some(No::NotMaintainer)); "by somebody else")]
#[test_case(&format!("{PASS}{MIA}"), AGREE, ALICE, "c@example.com", "tidewaiter: agreed <gone@example.org>\n" => (vec![1, 2], Some(No::NotThere)); "at nothing")]
#[test_case(&format!("{PASS}{MIA}"), AGREE, ALICE, "c@example.com", "tidewaiter: agreed <n@example.com>\n" => (vec![1, 2], Some(No::Own)); "at itself")]
#[test_case(&format!("{PASS}{MIA}"), AGREE, ALICE, "c@example.com", "tidewaiter: agreed <p1@example.com>\n" => (vec![1, 2], Some(No::Own)); "at the patch")]
#[test_case(&format!("{PASS}{MIA}"), AGREE, ALICE, "c@example.com", "tidewaiter: agreed <b@example.com>\n" => (vec![1, 2], Some(No::Own)); "at an answer of the author")]
fn named_by_the_author(
    maintainer: &str,
    word: &str,
    author: &str,
    to: &str,
    text: &str,
) -> (Vec<u32>, Option<No>) {
    let header = format!("{maintainer}References: <p1@example.com> <b@example.com>\n");
    let judged = judged(&[
        answer("b@example.com", AUTHOR, "p1@example.com", "Well?\n"),
        answer("a@example.org", &header, "b@example.com", word),
        answer("n@example.com", author, to, text),
    ]);
    let named: Vec<&Agreement> =
        judged.agreements.iter().filter(|a| a.how == AgreementHow::Agreed).collect();
    let [named] = named.as_slice() else { panic!("{:?}", judged.agreements) };
    assert_eq!(named.counts, named.why.is_none());
    (asked(&judged), named.why)
}

/// Below the dashes and in the cover letter the author can only name what was there before.
#[test_case("c@example.com"; "cover letter")]
#[test_case("p1@example.com"; "notes")]
fn named_in_the_series_itself(mail: &str) {
    let ids = ["mx.example.net".to_owned()];
    let word = "tidewaiter: agreed <old@example.org>";
    let mails: Vec<Vec<u8>> = posted()
        .into_iter()
        .map(|raw| {
            let text = String::from_utf8(raw).expect("text");
            let own = text.contains(&format!("Message-ID: <{mail}>"));
            let text = if own {
                text.replacen("Frob.", &format!("Frob.\n\n{word}"), 1).replacen(
                    "\n---\n",
                    &format!("\n---\n{word}\n"),
                    1,
                )
            } else {
                text
            };
            text.into_bytes()
        })
        .collect();
    let judged = judged_with(rules(&ids), &mails);
    assert_eq!((asked(&judged), reasons(&judged)), (vec![1, 2], vec![Some(No::NotThere)]));
}

#[test_case(false, false, AGREE => (vec![1, 2], Trust::Claimed); "the word, in a plain dry run")]
#[test_case(false, true, AGREE => (vec![2], Trust::Claimed); "the word, where the claim counts")]
#[test_case(true, true, AGREE => (vec![2], Trust::Claimed); "the word, strict, where the claim counts")]
#[test_case(false, false, "Acked-by: Mia Maintainer <mia@example.org>\n" => (vec![2], Trust::Claimed); "a review, in a plain dry run")]
#[test_case(true, false, "Acked-by: Mia Maintainer <mia@example.org>\n" => (vec![1, 2], Trust::Claimed); "a review, strict")]
fn the_word_of_an_archive(strict: bool, claimed: bool, text: &str) -> (Vec<u32>, Trust) {
    let mails: Vec<Vec<u8>> = posted()
        .into_iter()
        .chain([answer("a@example.org", MIA, "p1@example.com", text)])
        .collect();
    let judged = judged_with(TrustRules { authserv_ids: &[], strict, claimed }, &mails);
    (asked(&judged), judged.agreements[0].trust)
}

#[test]
fn without_maintainers_nobody_agrees() {
    let ids = ["mx.example.net".to_owned()];
    let word = answer("a@example.org", &format!("{PASS}{MIA}"), "c@example.com", AGREE);
    let series = series_of(&posted().into_iter().chain([word]).collect::<Vec<_>>());
    let context = PolicyContext { trust: rules(&ids), ..PolicyContext::default() };
    assert_eq!(reasons(&judge(&policy(DRAFT), &context, &series)), [Some(No::NoMaintainers)]);
}

/// A patch that a maintainer wrote and another sends is not agreed to by its author.
#[test]
fn nobody_agrees_to_their_own_patch() {
    let mut mails = posted();
    let text = String::from_utf8(mails[1].clone()).expect("text");
    mails[1] =
        text.replacen("\n\n", "\n\nFrom: Mia Maintainer <mia@example.org>\n\n", 1).into_bytes();
    mails.push(answer("a@example.org", &format!("{PASS}{MIA}"), "p1@example.com", AGREE));
    let ids = ["mx.example.net".to_owned()];
    assert_eq!(reasons(&judged_with(rules(&ids), &mails)), [Some(No::Own)]);
}

/// Many words that do not count neither cost much nor hide one that does.
#[test]
fn junk_does_not_drown_a_word() {
    let mut answers: Vec<Vec<u8>> = (0..300)
        .map(|n| {
            answer(
                &format!("j{n}@evil.example"),
                "From: Eve <eve@evil.example>\n",
                "c@example.com",
                AGREE,
            )
        })
        .collect();
    answers.push(answer("a@example.org", &format!("{PASS}{MIA}"), "c@example.com", AGREE));
    let judged = judged(&answers);
    assert_eq!((asked(&judged), judged.agreements.len()), (Vec::new(), 51));
}
