//! Agreements that a maintainer signed, and what becomes of them elsewhere.

use test_case::test_case;
use tidewaiter_mail::{Address, Keyring};
use tidewaiter_testkit::{builder::Mail as Built, patatt::Signer};

use super::testing::{judge, policy, series_signed};
use super::*;
use crate::{AgreementHow, NoAgreement, Trust};

const MAINTAINERS: &str =
    "TCG\n---\nOverall TCG CPUs\nM: Mia Maintainer <mia@example.org>\nF: accel/tcg/\n";
const MIA: &str = "From: Mia Maintainer <mia@example.org>\n";
const ALICE: &str = "From: Alice Author <alice@example.com>\n";

fn mia() -> Signer {
    Signer::new(1, "mia@example.org")
}

fn alice() -> Signer {
    Signer::new(2, "alice@example.com")
}

/// A cover letter and a patch by Alice, sent at nine; signatures are made at half past ten.
fn judged(date: &str, answers: &[String]) -> Assessment {
    let cover = Built::cover("accel/tcg: frob").part(0, 1).body("Frob.").id("c@example.com");
    let patch = Built::patch("accel/tcg: add frob")
        .part(1, 1)
        .id("p@example.com")
        .trailer("AI-used-for", "code")
        .diff("accel/tcg/frob.c", 60, 0);
    let mut mails: Vec<Vec<u8>> = [cover, patch]
        .map(|mail| mail.from("Alice Author", "alice@example.com").date(date).build())
        .to_vec();
    mails.extend(answers.iter().map(|answer| answer.clone().into_bytes()));
    let mut keyring = Keyring::default();
    for (signer, person) in [(mia(), "mia@example.org"), (alice(), "alice@example.com")] {
        let person = Address::new(person).expect("an address");
        keyring.add(person, "k1", &signer.public()).expect("a key");
    }
    let (maintainers, _) = Maintainers::parse(MAINTAINERS);
    let ids = ["mx.example.net".to_owned()];
    let trust = TrustRules { authserv_ids: &ids, strict: true, claimed: false };
    let context =
        PolicyContext { maintainers: Some(&maintainers), trust, ..PolicyContext::default() };
    judge(&policy("qemu-proposed-2026-05"), &context, &series_signed(&mails, Some(&keyring)))
}

const NINE: &str = "Wed, 14 Jan 2026 09:00:00 +0000";
const PATCH: &str = "Re: [PATCH 1/1] accel/tcg: add frob";

fn answer(header: &str, subject: &str, to: &str, text: &str) -> String {
    let word = if text.contains("agreed") { "n" } else { "a" };
    format!(
        "{header}Subject: {subject}\nDate: Wed, 14 Jan 2026 10:30:00 +0000\n\
         Message-ID: <{word}@example.org>\nIn-Reply-To: <{to}>\n\n{text}\n"
    )
}

fn only(judged: &Assessment) -> (Trust, Option<NoAgreement>) {
    let [one] = judged.agreements.as_slice() else { panic!("{:?}", judged.agreements) };
    let asks = judged.findings.iter().any(|f| f.rule == "core-without-agreement");
    assert_eq!((one.counts, asks), (one.why.is_none(), one.why.is_some()));
    (one.trust, one.why)
}

use NoAgreement as No;

#[test_case(NINE, PATCH, "p@example.com" => (Trust::Person, None); "to the patch")]
#[test_case(NINE, "Re: [PATCH 0/1] accel/tcg: frob", "c@example.com" => (Trust::Person, None); "to the cover letter")]
#[test_case("Wed, 14 Jan 2026 10:30:00 +0000", PATCH, "p@example.com" => (Trust::Person, None); "in the same second")]
// Mia signed it for another mail, and somebody sent it again as an answer to this one.
#[test_case(NINE, "Re: [PATCH 1/1] accel/tcg: add knob", "p@example.com" => (Trust::Claimed, Some(No::Unverified)); "taken from another thread")]
#[test_case(NINE, PATCH, "c@example.com" => (Trust::Claimed, Some(No::Unverified)); "taken from the patch to the cover letter")]
#[test_case("Wed, 14 Jan 2026 10:30:01 +0000", PATCH, "p@example.com" => (Trust::Claimed, Some(No::Before)); "signed and dated before the patch")]
#[test_case(NINE, PATCH, "old@example.com" => (Trust::Claimed, Some(No::NotDirect)); "to nothing of the series")]
fn signed(date: &str, subject: &str, to: &str) -> (Trust, Option<No>) {
    only(&judged(date, &[mia().sign(&answer(MIA, subject, to, "tidewaiter: agree"))]))
}

/// An agreement to the version before, sent again with a date of its own.
#[test]
fn a_date_is_not_signed() {
    let old = mia().sign(&answer(MIA, PATCH, "p@example.com", "tidewaiter: agree"));
    let again = old.replace("Date: Wed, 14", "Date: Fri, 16");
    let judged = judged("Thu, 15 Jan 2026 09:00:00 +0000", &[again]);
    assert_eq!(only(&judged), (Trust::Claimed, Some(No::Unverified)));
}

#[test_case("tidewaiter: agree", "tidewaiter:  agree"; "the text")]
#[test_case("Mia Maintainer", "Mia M"; "the name")]
#[test_case("<a@example", "<b@example"; "the Message-ID")]
#[test_case("t=1768386600", "t=1768386601"; "the time")]
fn changed(from: &str, to: &str) {
    let raw = mia().sign(&answer(MIA, PATCH, "p@example.com", "tidewaiter: agree"));
    let found = only(&judged(NINE, &[raw.replacen(from, to, 1)]));
    assert_eq!(found, (Trust::Claimed, Some(No::Unverified)));
}

#[test_case(&Signer::new(3, "mia@example.org"); "with another key")]
#[test_case(&Signer::new(1, "alice@example.com"); "with her key, in another name")]
#[test_case(&alice(); "by another person of the keyring")]
#[test_case(&mia().with("s", "k2"); "with a key that nobody knows")]
fn signed_by(signer: &Signer) {
    let raw = signer.sign(&answer(MIA, PATCH, "p@example.com", "tidewaiter: agree"));
    assert_eq!(only(&judged(NINE, &[raw])), (Trust::Claimed, Some(No::Unverified)));
}

/// What a list or a relay sends in its own name is from nobody, whoever signed it.
#[test]
fn rewritten_by_a_list() {
    let raw = mia().sign(&answer(MIA, PATCH, "p@example.com", "tidewaiter: agree"));
    let via = "Maintainer via qemu-devel <qemu-devel@nongnu.org>\nReply-To: Mia <mia@example.org>";
    let raw = raw.replacen("Maintainer <mia@example.org>", via, 1);
    assert_eq!(only(&judged(NINE, &[raw])), (Trust::Nothing, Some(No::NoSender)));
}

/// Elsewhere a signed mail is worth what a server says of it.
#[test_case(PATCH => (Trust::Person, None); "in its place")]
#[test_case("Re: accel/tcg: add knob" => (Trust::Domain, None); "elsewhere")]
fn with_a_server_too(subject: &str) -> (Trust, Option<No>) {
    let raw = mia().sign(&answer(MIA, subject, "p@example.com", "tidewaiter: agree"));
    let pass = "Authentication-Results: mx.example.net; dkim=pass header.d=example.org\n";
    only(&judged(NINE, &[format!("{pass}{raw}")]))
}

/// A review counts with a key, too.
#[test]
fn a_signed_review() {
    let review = "Reviewed-by: Mia Maintainer <mia@example.org>";
    let raw = mia().sign(&answer(MIA, PATCH, "p@example.com", review));
    assert_eq!(only(&judged(NINE, &[raw])), (Trust::Person, None));
}

#[test_case(true, true => (Trust::Person, None); "both signed")]
#[test_case(true, false => (Trust::Claimed, Some(No::Unverified)); "the maintainer alone")]
#[test_case(false, true => (Trust::Claimed, Some(No::Unverified)); "the author alone")]
fn named_by_the_author(maintainer: bool, author: bool) -> (Trust, Option<No>) {
    let sign = |signer: Signer, raw: String, signs| if signs { signer.sign(&raw) } else { raw };
    let word = answer(MIA, PATCH, "p@example.com", "tidewaiter: agree");
    let word = word.replace("In-Reply-To: <p@", "References: <p@example.com> <b@");
    let word = word.replace("<b@example.com>", "<b@example.com>\nIn-Reply-To: <b@example.com>");
    let names = answer(ALICE, PATCH, "p@example.com", "tidewaiter: agreed <a@example.org>");
    let answers = [
        answer(ALICE, PATCH, "p@example.com", "Well?").replace("a@example.org", "b@example.com"),
        sign(mia(), word, maintainer),
        sign(alice(), names, author),
    ];
    let judged = judged(NINE, &answers);
    let named = judged.agreements.iter().find(|a| a.how == AgreementHow::Agreed).expect("one");
    (named.trust, named.why)
}
