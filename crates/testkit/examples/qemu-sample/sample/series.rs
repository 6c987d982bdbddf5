//! Series: numbered, threaded, some parts late or lost.

use tidewaiter_testkit::builder::Mail;

use super::draft::{Draft, Part, Shape};
use super::people::Tool;
use super::posts::{LIST, post, row};
use super::text::{date, number, people_in, signed, stamp};
use super::{Row, Week};

/// Adds the mails of a series, its row, and its files to the tree.
pub(super) fn add_series(week: &mut Week, draft: &Draft) {
    let patches = draft.parts.iter().filter(|part| !part.cover).count();
    let total = draft.total.unwrap_or(u32::try_from(patches).expect("a series of that many"));
    let mut mails = Vec::new();
    let mut place = 0;
    for part in &draft.parts {
        place += 1;
        mails.push(one(draft, part, total, place));
    }
    let plain: Vec<Mail> =
        mails.iter().map(|(mail, _, _): &(Mail, i64, i64)| mail.clone()).collect();
    let mut first: Option<Mail> = None;
    let mut before: Option<Mail> = None;
    let (mut arrival, mut received) = (i64::MAX, 0);
    for ((mut mail, sent, mut at), part) in mails.into_iter().zip(&draft.parts) {
        if part.cover {
            mail = mail.covering(plain.get(1..).unwrap_or_default());
        }
        let outside = part.set.in_reply_to.as_ref().or(draft.all.in_reply_to.as_ref());
        let parent = match draft.shape {
            Shape::Shallow => first.as_ref(),
            Shape::Deep => before.as_ref(),
            Shape::Unthreaded => None,
        };
        if let Some(id) = part.set.in_reply_to.clone().or_else(|| parent.map(Mail::message_id)) {
            mail = match (draft.shape, parent.and(draft.all.in_reply_to.as_ref())) {
                (Shape::Shallow, Some(above)) => mail.reference(above).in_reply_to(&id),
                _ => mail.in_reply_to(&id),
            };
        } else if let Some(id) = outside {
            mail = mail.in_reply_to(id);
        }
        week.sent.insert(mail.message_id(), sent);
        week.known.insert(format!("{}/{}", draft.key, part.index), mail.clone());
        if first.is_none() {
            week.known.insert(draft.key.clone(), mail.clone());
            first = Some(mail.clone());
        }
        before = Some(mail.clone());
        if part.set.lost {
            continue;
        }
        at = part.set.arrives.unwrap_or(at);
        arrival = arrival.min(at);
        received += u32::from(!part.cover);
        post(week, &mail, "qemu-devel", at);
        if part.set.copy || draft.all.copy {
            post(week, &mail, "qemu-block", at + 41);
        }
    }
    let shown = draft.parts.iter().find(|part| !part.set.lost).expect("a series without a mail");
    let head = week.known.get(&format!("{}/{}", draft.key, shown.index)).cloned();
    let row = Row {
        arrival,
        id: head.expect("the mail was just added").message_id(),
        title: shown.title.clone(),
        version: draft.version,
        total,
        received,
        ..row(draft.expect.as_ref(), &draft.about)
    };
    if row.not_judged.as_deref() != Some("not-this-tree") {
        week.tree.extend(draft.touched.iter().cloned());
    }
    week.rows.push(row);
}

/// One mail of a series, not yet threaded; when it was sent, and when it came.
fn one(draft: &Draft, part: &Part, total: u32, place: u32) -> (Mail, i64, i64) {
    let (who, set) = (draft.who, &part.set);
    let sent = set.at.unwrap_or(draft.start + i64::from(place) - 1);
    let seconds = i64::try_from(number(&draft.key, 60)).unwrap_or_default();
    let at = sent + seconds;
    let author = set.author.unwrap_or(who);
    let mut mail = if part.cover { Mail::cover(&part.title) } else { Mail::patch(&part.title) };
    mail = if draft.munged {
        mail.from(&format!("{} via qemu-devel", who.name), LIST).header("Reply-To", &who.mailbox())
    } else {
        mail.from(who.name, who.address)
    };
    if author.nick != who.nick {
        mail = mail.author(author.name, author.address);
    }
    let body = match part.cover {
        true => people_in(&part.text, who),
        false => signed(&part.text, author),
    };
    if !body.is_empty() {
        mail = mail.body(&body);
    }
    if let Some(notes) = &part.notes {
        mail = mail.notes(&people_in(notes, who));
    }
    let mut files: Vec<_> = part.files.iter().collect();
    files.sort_by_key(|file| file.path());
    mail = files.into_iter().fold(mail, |mail, file| mail.file(file.clone()));
    if let Some(prefix) = set.prefix.as_ref().or(draft.all.prefix.as_ref()) {
        mail = mail.prefix(prefix);
    }
    let numbered = total > 1 || draft.parts.iter().any(|part| part.cover);
    if numbered {
        mail = mail.part(part.index, total);
    }
    mail = mail.version(draft.version).date(&date(at, who.zone)).to(&draft.to);
    mail = draft.all.cc.iter().chain(&set.cc).fold(mail, |mail, cc| mail.cc(cc));
    if who.tool == Tool::B4 {
        mail = mail.mailer("b4 0.14.2");
    }
    let headers = draft.all.headers.iter().chain(&set.headers);
    mail = headers.fold(mail, |mail, (name, value)| mail.header(name, value));
    let id = set.id.clone().unwrap_or_else(|| patch_id(draft, part.index, place, seconds));
    (mail.id(&id), at, at + 4 + i64::try_from(number(&id, 23)).unwrap_or_default())
}

fn patch_id(draft: &Draft, index: u32, place: u32, seconds: i64) -> String {
    let (who, stamp) = (draft.who, stamp(draft.start + seconds - 7));
    match who.tool {
        Tool::Git => {
            let process = 1000 + number(&draft.key, 3_100_000);
            format!("{stamp}.{process}-{place}-{}", who.address)
        }
        Tool::B4 => {
            let day: String = stamp.chars().take(8).collect();
            let slug = draft.key.split("-v").next().unwrap_or_default();
            let change = number(&draft.key, 0xffff_ffff_ffff);
            format!("{day}-{slug}-v{}-{index}-{change:012x}@{}", draft.version, who.domain())
        }
    }
}
