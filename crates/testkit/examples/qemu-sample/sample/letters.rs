//! Answers and other mails.

use tidewaiter_testkit::builder::{Mail, mailbox};

use super::draft::{Settings, setting};
use super::people::{Person, person};
use super::posts::{LIST, post, row};
use super::script::Entry;
use super::text::{date, number, people_in, time, wrote};
use super::{Row, Week};

/// Adds a mail that is no part of a series.
pub(super) fn add_letter(week: &mut Week, entry: &Entry) {
    let head = entry.first().expect("an entry has a first directive");
    let answer = head.word == "reply";
    let place = usize::from(answer);
    let (key, who) = (head.word(place), person(head.word(place + 1)));
    let seconds = i64::try_from(number(key, 60)).unwrap_or_default();
    let at = time(head.word(place + 2), head.word(place + 3)) + seconds;
    let mut set = Settings::default();
    let (mut expect, mut about) = (None, String::new());
    for block in entry.iter().skip(1) {
        match block.word.as_str() {
            "expect" => expect = Some(block.clone()),
            "about" => about.clone_from(&block.text),
            _ => setting(week, &mut set, block),
        }
    }
    let mut text = people_in(&head.text, who);
    let mut mail = if answer {
        let parent = week.known.get(head.word(0)).unwrap_or_else(|| panic!("no parent: {head:?}"));
        let writer = parent.sender();
        let then = week.sent.get(&parent.message_id()).copied().unwrap_or(at - 3600);
        text = text.replace("@wrote", &wrote(who, writer, then));
        Mail::reply(parent)
    } else {
        let subject: Vec<_> = head.words().into_iter().skip(4).collect();
        Mail::plain(&subject.join(" ")).to(LIST)
    };
    mail = mail.from(who.name, who.address).date(&date(at, who.zone)).body(&text);
    mail = mail.without_cc(&mailbox(who.name, who.address));
    mail = set.cc.iter().fold(mail, |mail, cc| mail.cc(cc));
    if let Some(id) = &set.in_reply_to {
        mail = mail.in_reply_to(id);
    }
    mail = mail.id(&set.id.clone().unwrap_or_else(|| letter_id(who, key)));
    if !set.headers.iter().any(|(name, _)| name == "User-Agent" || name == "Auto-Submitted") {
        mail = mail.header("User-Agent", program(who));
    }
    mail = set.headers.iter().fold(mail, |mail, (name, value)| mail.header(name, value));
    week.sent.insert(mail.message_id(), at);
    week.known.insert(key.to_owned(), mail.clone());
    let arrival = set.arrives.unwrap_or(at + 5);
    post(week, &mail, "qemu-devel", arrival);
    if let Some(expect) = expect {
        let id = mail.message_id();
        let title = mail.subject();
        let expected = row(Some(&expect), &about);
        week.rows.push(Row { arrival, id, title, version: 1, total: 1, received: 0, ..expected });
    }
}

fn letter_id(who: &Person, key: &str) -> String {
    let (one, two) = (number(key, u64::MAX), number(&format!("{key}{}", who.nick), u64::MAX));
    let domain = who.domain();
    match number(who.address, 3) {
        0 => format!("87{:010x}.fsf@{domain}", one >> 24),
        1 => format!(
            "{:08x}-{:04x}-4{:03x}-9{:03x}-{:012x}@{domain}",
            one >> 32,
            (one >> 16) & 0xffff,
            one & 0xfff,
            two >> 52,
            two & 0xffff_ffff_ffff
        ),
        _ => format!("aB{:012x}@{domain}", one >> 16),
    }
}

fn program(who: &Person) -> &'static str {
    match number(who.address, 3) {
        0 => "Gnus/5.13 (Gnus v5.13)",
        1 => "Mozilla Thunderbird",
        _ => "Mutt/2.2.13 (2024-03-09)",
    }
}
