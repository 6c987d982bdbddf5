//! Other readers find in a reply what was put into it.

use jiff::Timestamp;
use tidewaiter_mail::{
    Mailbox, Message,
    mbox::{DEFAULT_MAX_MAIL, Splitter},
};
use tidewaiter_patch::{Assembler, Mail};
use tidewaiter_testkit::corpus;

use super::scene::{
    Scene, address, asking, assert_same, date, declining, disclosing, id, piped, single,
};
use super::words::assert_harmless;
use crate::{Mode, RenderError, Reply, Templates, eml::is_sound};

/// Replies with all that is hard to write.
pub(super) fn scenes() -> Vec<Scene> {
    let name = |text: &'static str| {
        declining().with_header(move |header| {
            header.from = Some(Mailbox {
                name: Some(text.to_owned()),
                address: Some(address("a.b+c@example.org")),
            });
        })
    };
    let mut not_ascii = asking();
    not_ascii.list.list_name = "qemu-\u{e9}t\u{e9} \u{1f9ed}".to_owned();
    vec![
        declining(),
        declining().mode(Mode::Author),
        declining().mode(Mode::Maintainers),
        disclosing(),
        asking(),
        not_ascii,
        name("Doe, Jane"),
        name("Jane \"JD\" Doe \\ <jane@example.com>"),
        name("=?utf-8?q?not_encoded?="),
        name(
            "\u{65e5}\u{672c}\u{8a9e} \u{65e5}\u{672c}\u{8a9e}\u{65e5}\u{672c}\u{8a9e}\u{65e5}\u{672c}\u{8a9e} \u{65e5}",
        ),
        single("hw/misc: \u{dc}bung =?utf-8?q?x?= (see below), \"quoted\""),
        single(&"word ".repeat(60)),
        single(&"x".repeat(190)),
        declining().with_header(|header| {
            header.references =
                (0..40).map(|n| id(&format!("{n}.{}@example.org", "r".repeat(60)))).collect();
        }),
        declining().with_header(|header| {
            header.message_id = Some(id(&format!("{}@example.org", "i".repeat(238))));
        }),
    ]
}

#[test]
fn our_own_reader() {
    for scene in scenes() {
        let reply = scene.reply();
        let bytes = reply.to_eml(false, date());
        let read = Message::parse(&bytes);
        assert_same(&reply, &read);
        assert_eq!(read.date, date());
        assert!(read.automatic.is_some());
        assert!(is_sound(&bytes));
        let text = String::from_utf8(bytes).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        for line in head.split("\r\n") {
            assert!(!line.trim().is_empty());
            let rest = line.strip_prefix(' ').or_else(|| Some(line.split_once(": ")?.1)).unwrap();
            assert!(line.len() <= 78 || !rest.contains(' '), "{line}");
        }
        assert!(reply.references.len() <= 20);
        assert_eq!(reply.references.last(), reply.in_reply_to.as_ref());
    }
}

/// Every series of an archive of real lists, each as if its first patch declared something.
#[test]
fn answers_to_real_series() {
    let Some(archive) = corpus::corpus_bytes("lists-2026-05-07.mbox.xz") else { return };
    let mut splitter = Splitter::new(DEFAULT_MAX_MAIL);
    splitter.feed(&archive);
    splitter.finish();
    let mut assembler = Assembler::new();
    while let Some(cut) = splitter.take() {
        for (_, mail) in cut.iter() {
            assembler.add(Mail::parse(mail), Timestamp::UNIX_EPOCH);
        }
    }
    let templates = Templates::builtin().unwrap();
    let (mut answered, mut encoded, mut nameless, mut unreachable) = (0, 0, 0, 0);
    let mut spent = std::time::Duration::ZERO;
    for lead in assembler.leads() {
        let series = assembler.series_of(lead).unwrap();
        let Some(first) = series.patches.first().map(|part| part.index) else { continue };
        let scene = Scene::of(series).declares(first, 9, "code").declined();
        let start = std::time::Instant::now();
        let reply = scene.try_reply(&templates);
        spent += start.elapsed();
        let reply = match reply {
            Err(RenderError::NoMessageId) => {
                nameless += 1;
                continue;
            }
            reply => reply.unwrap(),
        };
        assert_harmless(&reply.body);
        let bytes = reply.to_eml(false, date());
        assert!(is_sound(&bytes));
        assert_same(&reply, &Message::parse(&bytes));
        answered += 1;
        encoded += usize::from(bytes.windows(2).any(|two| two == b"=?"));
        unreachable += usize::from(reply.cc.is_empty());
    }
    println!(
        "{answered} series answered in {spent:.1?}, {encoded} with encoded words, {unreachable} whose author \
         cannot be reached; {nameless} without a Message-ID"
    );
    assert!(answered > 100);
}

const PYTHON: &str = "
import sys, email, email.policy, email.utils
raw = sys.stdin.buffer.read()
mail = email.message_from_bytes(raw, policy=email.policy.default)
for part in mail.walk():
    assert not part.defects, part.defects
for name, value in mail.items():
    assert not value.defects, (name, value.defects)
def people(name):
    field = mail[name]
    return [(a.display_name, a.addr_spec) for a in field.addresses] if field else []
print('|'.join(mail.keys()))
print(people('To'))
print(people('Cc'))
print(mail['Subject'])
print(mail['Message-ID'].strip())
print(' '.join((mail['References'] or '').split()))
print(mail.get_content(), end='')
";

#[test]
fn the_reader_of_python() {
    for scene in scenes() {
        assert_reads_back(&scene.reply());
    }
}

/// Python finds the same recipients, ids and text.
pub(super) fn assert_reads_back(reply: &Reply) {
    let Some(read) = piped("python3", &["-c", PYTHON], &reply.to_eml(false, date())) else {
        assert!(std::env::var_os("CI").is_none(), "python3 is not installed");
        println!("skipped: python3 is not installed");
        return;
    };
    let people = |mailboxes: &[Mailbox]| -> Vec<(String, String)> {
        mailboxes
            .iter()
            .map(|m| (m.name.clone().unwrap_or_default(), m.address.as_ref().unwrap().to_string()))
            .collect()
    };
    let mut lines = read.lines();
    let mut next = || lines.next().unwrap();
    let mut names = vec!["From", "To"];
    names.extend((!reply.cc.is_empty()).then_some("Cc"));
    names.extend(["Subject", "Date"]);
    names.extend(reply.in_reply_to.iter().flat_map(|_| ["In-Reply-To", "References"]));
    names.push("Message-ID");
    names.extend(["Auto-Submitted", "Precedence", "X-Loop", "X-Tidewaiter", "MIME-Version"]);
    names.extend(["Content-Type", "Content-Transfer-Encoding"]);
    assert_eq!(next(), names.join("|"));
    assert_eq!(unpython(next()), people(&reply.to));
    assert_eq!(unpython(next()), people(&reply.cc));
    assert_eq!(next(), reply.subject);
    assert_eq!(next(), format!("<{}>", reply.id));
    let ids: Vec<String> = reply.references.iter().map(|id| format!("<{id}>")).collect();
    assert_eq!(next(), ids.join(" "));
    let text: Vec<&str> = lines.collect();
    assert_eq!(text, reply.body.lines().collect::<Vec<_>>());
}

/// Reads Python's way to print a list of pairs of strings.
fn unpython(shown: &str) -> Vec<(String, String)> {
    let mut strings = Vec::new();
    let mut chars = shown.chars();
    while let Some(quote) = chars.find(|c| matches!(c, '\'' | '"')) {
        let mut text = String::new();
        while let Some(c) = chars.next() {
            match c {
                '\\' => text.extend(chars.next()),
                c if c == quote => break,
                c => text.push(c),
            }
        }
        strings.push(text);
    }
    strings.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}
