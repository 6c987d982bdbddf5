//! Mails as the list sends them out.

use tidewaiter_testkit::builder::Mail;

use super::script::{Block, Entry};
use super::text::{date, number};
use super::{Post, Row, Week, draft, letters, series};

/// The list's address.
pub(super) const LIST: &str = "qemu-devel@nongnu.org";

/// Adds an entry's mails, its row and the files that it says the tree has.
pub(crate) fn add(week: &mut Week, entry: &Entry) {
    let head = entry.first().expect("an entry has a first directive");
    match head.word.as_str() {
        "series" => series::add_series(week, &draft::draft(week, entry)),
        "mail" | "reply" => letters::add_letter(week, entry),
        word => panic!("no such directive: %{word}"),
    }
}

/// The row of an `%expect`, without what the mails say.
pub(super) fn row(expect: Option<&Block>, about: &str) -> Row {
    let expect = expect.expect("a series without %expect");
    let not_judged = Some(expect.word(1).to_owned()).filter(|why| why != "-");
    let about = about.trim().to_owned();
    assert!(!about.is_empty(), "a series without %about: {expect:?}");
    Row {
        arrival: 0,
        id: String::new(),
        title: String::new(),
        kind: expect.word(0).to_owned(),
        version: 1,
        total: 1,
        received: 0,
        not_judged,
        outcomes: [expect.word(2).to_owned(), expect.word(3).to_owned()],
        why: expect.word(4).to_owned(),
        about,
    }
}

/// Adds a mail as this list sent it out.
pub(super) fn post(week: &mut Week, mail: &Mail, list: &str, arrival: i64) {
    let queue = number(&format!("{list}{}", mail.message_id()), 0xff_ffff_ffff);
    let came = format!(
        "from lists.gnu.org (lists.gnu.org [192.0.2.17])\n\tby mx.example.org (Postfix) with ESMTPS id 4{queue:010X}\n\tfor <archive@example.org>; {}",
        date(arrival, 0)
    );
    let mail = mail
        .clone()
        .above("Received", &came)
        .header("X-BeenThere", &format!("{list}@nongnu.org"))
        .header("Precedence", "list")
        .header("List-Id", &format!("<{list}.nongnu.org>"));
    let mut bytes = mail.build();
    if list != "qemu-devel" {
        let footer = format!(
            "_______________________________________________\n{list} mailing list\n{list}@nongnu.org\nhttps://lists.nongnu.org/mailman/listinfo/{list}\n"
        );
        bytes.extend_from_slice(footer.as_bytes());
    }
    week.posts.push(Post { arrival, bytes });
}
