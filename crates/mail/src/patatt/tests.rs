//! `fixtures/patatt` was signed by patatt 0.8 itself, with keys made for it; [`Signer`] signs what
//! patatt would not.

use std::{fs, sync::LazyLock};

use proptest::prelude::*;
use test_case::test_case;
use tidewaiter_testkit::{fixtures::crlf, git::Oracle, patatt::Signer, workspace_root};

use super::{field::Field, *};

/// The fixtures' keyring, and the key of [`mia`].
static KEYRING: LazyLock<Keyring> = LazyLock::new(|| {
    let mut ring = Keyring::default();
    for (domain, local) in
        [("example.com", "alice"), ("example.org", "mia"), ("example.org", "eve")]
    {
        let path = format!("fixtures/patatt/keyring/ed25519/{domain}/{local}/20260101");
        let text = fs::read_to_string(workspace_root().join(path)).expect("a key");
        let person = Address::new(&format!("{local}@{domain}")).expect("an address");
        ring.add(person, "20260101", &text).expect("a key");
    }
    for selector in ["k1", "default"] {
        ring.add(Address::new("mia@example.org").expect("one"), selector, &mia().public())
            .expect("a key");
    }
    ring
});

fn mia() -> Signer {
    Signer::new(7, "mia@example.org")
}

fn fixture(name: &str) -> String {
    fs::read_to_string(workspace_root().join(format!("fixtures/patatt/{name}.eml")))
        .expect("a mail")
}

/// Who signed it, and when.
fn signed(raw: &str) -> Option<(String, i64)> {
    let found = Message::parse_with(raw.as_bytes(), Some(&KEYRING)).signed;
    let with_crlf = Message::parse_with(&crlf(raw.as_bytes()), Some(&KEYRING)).signed;
    assert_eq!(found, with_crlf);
    found.map(|signed| (signed.by.to_string(), signed.time.as_second()))
}

fn by(person: &str, after: i64) -> Option<(String, i64)> {
    Some((person.to_owned(), 1_768_384_800 + after))
}

#[test_case("patch" => by("alice@example.com", 0); "a patch, its subject folded, eight bit")]
#[test_case("agree" => by("mia@example.org", 3_600); "an answer")]
#[test_case("forwarded-qp" => by("mia@example.org", 7_200); "quoted-printable, encoded words, in-body From")]
#[test_case("base64" => by("alice@example.com", 10_800); "base64, address in another case")]
#[test_case("other-identity" => None; "signed by another than From")]
#[test_case("other-key" => None; "signed with the key of another")]
fn by_patatt(name: &str) -> Option<(String, i64)> {
    signed(&fixture(name))
}

#[test]
fn nobody_signed_without_a_key_of_theirs() {
    let raw = fixture("agree");
    assert_eq!(Message::parse(raw.as_bytes()).signed, None);
    let mut ring = Keyring::default();
    assert_eq!(Message::parse_with(raw.as_bytes(), Some(&ring)).signed, None);
    let mia = Address::new("mia@example.org").unwrap();
    let text = "JeB1kooP4weRPvaCf6A6MYDZtfMpTVrlfAiLPZUVxMo=";
    ring.add(mia, "20260102", text).unwrap_or_default();
    assert_eq!(Message::parse_with(raw.as_bytes(), Some(&ring)).signed, None);
}

/// What no signature covers may change: on the way, or by whoever sends the mail again.
#[test_case("In-Reply-To: <20260114-knob-1@example.com>", "In-Reply-To: <other@example.com>"; "in another thread")]
#[test_case("Date: Wed, 14", "Date: Thu, 15"; "at another time")]
#[test_case("Cc: qemu-devel@nongnu.org\n", ""; "to others")]
#[test_case("MIME-Version: 1.0\n", "MIME-Version: 1.0\nX-Added: by a list\n"; "a field added")]
#[test_case("Re: [PATCH v2 1/2] accel", "accel"; "without the tag")]
#[test_case("From: Mia Maintainer <mia@example.org>", "From: \"Mia\n Maintainer\"\t<mia@example.org> "; "folded and quoted")]
#[test_case("\ntidewaiter: agree\n", "\ntidewaiter: agree\n\n\n"; "blank lines at the end")]
#[test_case("\n\nOn Wed", "\n\n\n\nOn Wed"; "blank lines at the start")]
fn still_signed(from: &str, to: &str) {
    let raw = fixture("agree");
    assert!(raw.contains(from));
    assert_eq!(signed(&raw.replacen(from, to, 1)), by("mia@example.org", 3_600));
}

#[test_case("agree", "tidewaiter: agree", "tidewaiter: disagree"; "a line changed")]
#[test_case("agree", "So it is.", "So it is. "; "a blank more")]
#[test_case("agree", "\ntidewaiter: agree\n", "\n"; "a line gone")]
#[test_case("agree", "\ntidewaiter: agree\n", "\ntidewaiter: agree\n-- \nA list\n"; "a footer")]
#[test_case("agree", "add a knob", "add a frob"; "the subject")]
#[test_case("agree", "From: Mia Maintainer <mia", "From: Mia M <mia"; "the name")]
#[test_case("agree", "From: Mia Maintainer <mia@", "From: Mia Maintainer <eve@"; "From another")]
#[test_case("agree", "From: Mia Maintainer <mia@", "From: Mia Maintainer <MIA@"; "From in another case")]
#[test_case("agree", "From: Mia", "From: Eve <eve@example.org>\nFrom: Mia"; "a second From above")]
#[test_case("agree", "MIME-Version: 1.0", "From: Eve <eve@example.org>"; "a second From below")]
#[test_case("agree", "<mia@example.org>\n", "<mia@example.org>, Eve <eve@example.org>\n"; "two in From")]
#[test_case("agree", "From: Mia Maintainer <", "From: Mia Maintainer via qemu-devel <"; "rewritten by a list")]
#[test_case("agree", "Subject: Re", "Subject: Other\nSubject: Re"; "a second Subject")]
#[test_case("agree", "20260114-agree@", "20260115-agree@"; "the Message-ID")]
#[test_case("agree", "Message-ID: <20260114-agree@example.org>\n", ""; "no Message-ID")]
#[test_case("agree", "i=mia@example.org; s", "i=eve@example.org; s"; "i= another")]
#[test_case("agree", "s=20260101", "s=k1"; "another key of the same person")]
#[test_case("agree", "a=ed25519-sha256", "a=openssh-sha256"; "another algorithm")]
#[test_case("agree", "t=1768388400", "t=1768388401"; "another time")]
#[test_case("agree", "l=132", "l=131"; "another length")]
#[test_case("agree", "h=from:subject:message-id", "h=from:subject"; "less in h=")]
#[test_case("agree", "m++W41", "m++W"; "base64 cut short")]
#[test_case("agree", "VFJo6ujM", "VFJo6ujN"; "a bit of the signature")]
#[test_case("agree", "\n\nOn Wed", "\n\nDate: x\n tidewaiter: agree\n\nOn Wed"; "words folded into an in-body Date")]
#[test_case("agree", "\n\nOn Wed", "\n\nFrom: x\n tidewaiter: agree\n\nOn Wed"; "words folded into an in-body From")]
#[test_case("agree", "\n\nOn Wed", "\n\nSubject: tidewaiter: agree\n\nOn Wed"; "words in an in-body Subject")]
#[test_case("agree", "\n\nOn Wed", "\n\nFrom: Eve <eve@example.org>\n\nOn Wed"; "an in-body From")]
#[test_case("patch", "\n\nA knob", "\n\nFrom: Eve <eve@example.org>\n\nA knob"; "an in-body From in a patch")]
#[test_case("patch", "\n\nA knob", "\n\nSubject: another\n\nA knob"; "an in-body Subject in a patch")]
#[test_case("patch", "\n\nA knob", "\n\nFrom: Alice Author <alice@example.com>\n AI-used-for: none\n\nA knob"; "words folded below it")]
#[test_case("patch", "\n\nA knob", "\n\nAI-used-for: none\n-- >8 --\nA knob"; "words above a scissors line")]
#[test_case("patch", "AI-used-for: code", "AI-used-for: none"; "a trailer")]
#[test_case("patch", "v2: one knob", "v2: two knobs"; "below the dashes")]
#[test_case("patch", "+    knob", "+    frob"; "the diff")]
#[test_case("patch", "charset=UTF-8", "charset=UTF-16"; "the charset")]
#[test_case("base64", "RnJvYm", "R3JvYm"; "inside base64")]
#[test_case("forwarded-qp", "Zo=C3=AB (Z)", "Zo=C3=AA (Z)"; "the in-body From")]
fn no_longer_signed(name: &str, from: &str, to: &str) {
    let raw = fixture(name);
    assert!(raw.contains(from), "{from}");
    assert_eq!(signed(&raw.replacen(from, to, 1)), None);
}

const FIELD: &str = "X-Developer-Signature: v=1;";

/// Only the first signature by the sender counts, and what is none is passed over.
#[test_case("v=1; a=ed25519-sha256; i=mia@example.org; b=AAAA" => by("mia@example.org", 3_600); "one that says nothing")]
#[test_case("v=1; a=openpgp-sha256; t=1; i=mia@example.org; h=from:subject:message-id; bh=x; b=AAAA" => by("mia@example.org", 3_600); "of another kind")]
#[test_case("v=1; a=ed25519-sha256; t=1; i=eve@example.org; h=from:subject:message-id; bh=x; b=AAAA" => by("mia@example.org", 3_600); "by another")]
#[test_case("v=1; a=ed25519-sha256; t=1; i=mia@example.org; h=from:subject:message-id; bh=x; b=AAAA" => None; "by the same")]
fn a_second_signature_on_top(value: &str) -> Option<(String, i64)> {
    let raw = fixture("agree");
    signed(&raw.replacen(FIELD, &format!("X-Developer-Signature: {value}\n{FIELD}"), 1))
}

/// Fields that were not read may matter, and a long one costs nothing.
#[test_case(&format!("X-Long: {}\n", "x".repeat(1 << 20)), 1 => None; "a header of 1 MB")]
#[test_case("X-Developer-Signature: v=1\n", 5 => None; "too many on top")]
#[test_case("X-Developer-Signature: v=1\n", 4 => by("mia@example.org", 3_600); "not too many")]
#[test_case("no field\n", 1 => None; "a line that is no field")]
#[test_case("X-Many: y\n", 2_000 => by("mia@example.org", 3_600); "many others")]
fn odd_headers(lines: &str, times: usize) -> Option<(String, i64)> {
    signed(&(lines.repeat(times) + &fixture("agree")))
}

const MAIL: &str = "From: Mia Maintainer <mia@example.org>\n\
    Subject: Re: [PATCH] add a knob\nMessage-ID: <a@example.org>\n\ntidewaiter: agree\n";

#[test_case("v", "1" => true; "as patatt does it")]
#[test_case("v", "2" => false; "another version")]
#[test_case("v", "" => false; "no version")]
#[test_case("a", "ed25519-sha512" => false; "another digest")]
#[test_case("a", "openssh-sha256" => false; "another algorithm")]
#[test_case("a", "" => false; "no algorithm")]
#[test_case("t", "" => false; "no time")]
#[test_case("t", "-1" => false; "a time before all time")]
#[test_case("t", "99999999999999999999" => false; "a time too long")]
#[test_case("l", "19" => true; "the length")]
#[test_case("l", "18" => false; "a shorter length")]
#[test_case("l", "0" => false; "no text")]
#[test_case("l", "x" => false; "no length")]
#[test_case("i", "" => false; "nobody")]
#[test_case("i", "MIA@EXAMPLE.ORG" => true; "in another case")]
#[test_case("i", "eve@example.org" => false; "another, with this key")]
#[test_case("i", "mia@example.org.evil.example" => false; "an address that starts so")]
#[test_case("i", "<mia@example.org>" => false; "in brackets")]
#[test_case("s", "" => true; "the default key")]
#[test_case("s", "K1" => true; "selector in another case")]
#[test_case("s", "20260101" => false; "her other key")]
#[test_case("s", "../mia/k1" => false; "a path")]
#[test_case("h", "from:subject" => false; "without Message-ID")]
#[test_case("h", "subject:message-id" => false; "without From")]
#[test_case("h", "from:message-id" => false; "without Subject")]
#[test_case("h", "message-id:subject:from" => true; "in another order")]
#[test_case("h", "from:subject:message-id:date:to" => true; "with fields that are not there")]
#[test_case("h", "from:from:subject:message-id" => false; "one twice")]
#[test_case("h", "From:Subject:Message-ID" => false; "in upper case")]
#[test_case("h", "" => false; "of nothing")]
#[test_case("x", "?q?" => false; "an encoded word")]
#[test_case("x", "y" => true; "a tag that is not known")]
#[test_case("v", "1; v=1" => false; "a tag twice")]
#[test_case("x", "y; b=z" => false; "b= before the end")]
fn tags(tag: &'static str, value: &str) -> bool {
    signed(&mia().with(tag, value).sign(MAIL)).is_some()
}

/// A signature with a time of its own, and a mail whose field may be changed.
#[test_case("; b=", ";   b=\n " => true; "folded")]
#[test_case("; b=", ";b=" => false; "a blank less")]
#[test_case("\n\ntidewaiter", ";\n\ntidewaiter" => false; "a semicolon at the end")]
#[test_case("\n\ntidewaiter", "; x=y\n\ntidewaiter" => false; "a tag behind it")]
#[test_case("\n\ntidewaiter", "==\n\ntidewaiter" => false; "padding")]
#[test_case("\n\ntidewaiter", "AAAA\n\ntidewaiter" => false; "bytes behind it")]
fn the_field(from: &str, to: &str) -> bool {
    let raw = mia().sign(MAIL);
    assert!(raw.contains(from));
    signed(&raw.replacen(from, to, 1)).is_some()
}

#[test_case("JeB1kooP4weRPvaCf6A6MYDZtfMpTVrlfAiLPZUVxMo=\n" => Ok(()); "a key")]
#[test_case("JeB1kooP4weRPvaCf6A6MYDZtfMpTVrlfAiLPZUVxMo" => Err(BadKey::NoKey); "no padding")]
#[test_case("ssh-ed25519 AAAA" => Err(BadKey::NoKey); "of another kind")]
#[test_case("AAAA" => Err(BadKey::NoKey); "short")]
#[test_case("" => Err(BadKey::NoKey); "nothing")]
#[test_case("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" => Err(BadKey::Unusable); "one that signs everything")]
#[test_case("AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" => Err(BadKey::Unusable); "no point of the curve")]
fn keys(text: &str) -> Result<(), BadKey> {
    Keyring::default().add(Address::new("a@example.org").expect("one"), "k", text)
}

/// `From` and `Subject` as git tells them.
#[test_case("Mia Maintainer <mia@example.org>", "[PATCH v2 1/2] a: b")]
#[test_case("\"Maintainer, Mia\" <mia@example.org>", "Re: Re: [a] [PATCH] [b] c [d]")]
#[test_case("mia@example.org (Mia Maintainer)", "re:: \t x   y")]
#[test_case("Mia (the \\) first) Maintainer <mia@example.org> (away)", "Rewrite")]
#[test_case("<mia@example.org>", "[no end")]
#[test_case("mia@example.org", "Re:")]
#[test_case("Mi <mia@example.org>", "[PATCH]")]
#[test_case("M <mia@example.org>", "re")]
#[test_case(
    "A name that is longer than the sixty bytes which git takes for a name <mia@example.org>",
    "[[a] b] c"
)]
#[test_case("\"mia@example.net\" <mia@example.org>", "RE:x")]
#[test_case("\"M \\\"x\\\" M\" <mia@example.org>", ": [x] : y")]
#[test_case("=?utf-8?q?Zo=C3=AB?= <mia@example.org>", "=?utf-8?b?w6Q=?=\n =?utf-8?b?w7Y=?= u")]
#[test_case("Mia  \n  Maintainer\n\t<mia@example.org>", "a\n b")]
fn as_git_tells_them(from: &str, subject: &str) {
    let raw = format!("From: {from}\nSubject: {subject}\n\nText.\n");
    let git = Oracle::new().expect("git").mailinfo_plain(raw.as_bytes()).expect("mailinfo");
    let decoded = |text: &str| words::decode_header(text.as_bytes()).0;
    let (name, address) = mailinfo::person(&decoded(from)).expect("a person");
    assert_eq!((name, address), (git.author, git.email));
    assert_eq!(field::relaxed(&mailinfo::subject(&decoded(subject))), git.subject);
}

/// One change of a mail's bytes.
fn change() -> impl Strategy<Value = (usize, usize, Vec<u8>)> {
    let words =
        ["\n", "\r", " ", "\t", "\0", "=", ";", ":", "Re: ", "From: x\n", "\n\n", "Date: x\n y\n"];
    let word = prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
    (any::<usize>(), 0_usize..3, prop_oneof![word, prop::collection::vec(any::<u8>(), 0..3)])
}

proptest! {
    #[test]
    fn a_field_never_panics(raw in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Field::parse(&raw);
    }

    #[test]
    fn a_field_like_one_never_panics(raw in "([vatlishb]{1,2}[ =;:\\t]{0,2}[a-z0-9@.:=/+]{0,8};? ?){0,12}(b=[A-Za-z0-9+/= ]{0,140})?") {
        let _ = Field::parse(raw.as_bytes());
    }

    #[test]
    fn texts_never_panic(text in "(\\PC|[\\r\\n\"()<>@\\[\\]: ]){0,80}") {
        let _ = (mailinfo::person(&text), mailinfo::subject(&text));
        if let Some(found) = Signable::of(&text) {
            found.hash();
        }
    }

    /// Whatever becomes of a mail: where its signature holds, what is read of it is what was signed.
    #[test]
    fn what_is_read_is_what_was_signed(
        name in prop::sample::select(["patch", "agree", "forwarded-qp", "base64"].as_slice()),
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let raw = fixture(name).into_bytes();
        let own = Message::parse_with(&raw, Some(&KEYRING));
        prop_assert!(own.signed.is_some());
        let mut changed = raw;
        for (at, gone, word) in changes {
            let at = at % changed.len();
            changed.splice(at..(at + gone).min(changed.len()), word);
        }
        let read = Message::parse_with(&changed, Some(&KEYRING));
        if read.signed.is_some() {
            prop_assert_eq!(&read.signed, &own.signed);
            prop_assert_eq!(read.message_id, own.message_id);
            prop_assert_eq!(read.from.and_then(|m| m.address), own.from.and_then(|m| m.address));
            let title = |m: Option<String>| field::relaxed(&mailinfo::subject(&m.unwrap_or_default()));
            prop_assert_eq!(title(read.subject), title(own.subject));
            prop_assert!(read.attachments.is_empty());
            prop_assert_eq!(in_body(&read.body), in_body(&own.body));
        }
    }
}

/// The in-body sender and subject, and the lines below.
fn in_body(text: &str) -> (Option<Address>, Option<String>, Vec<&str>) {
    let found = Signable::of(text).expect("it is signed");
    let below = text.get(text.len() - found.text.len()..).expect("its end");
    let from = found.from.and_then(|from| Mailbox::parse(&decoded(Some(from), b"")));
    let subject = found.subject.map(|text| field::relaxed(&mailinfo::subject(text)));
    let lines = below.trim_end_matches(['\r', '\n']).split('\n');
    (from.and_then(|m| m.address), subject, lines.map(|l| l.trim_end_matches('\r')).collect())
}
