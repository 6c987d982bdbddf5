//! A series as `git send-email --thread --no-chain-reply-to` sends it.

use super::{Kind, Mail};

/// Numbers, dates and threads the mails of one series; the cover letter first, where there is one.
///
/// Dates go up one second a mail from `first` (seconds since 1970). Every mail after the first
/// answers the first. An id that was given stays; else it is `SECONDS.N-vVERSION.LOCALPART@example.org`
/// with N the place in the thread. The cover letter takes shortlog and diffstat from the patches. A
/// single patch without cover letter is not numbered.
#[must_use]
pub fn thread(first: i64, cover: Option<Mail>, patches: Vec<Mail>) -> Vec<Mail> {
    let total = u32::try_from(patches.len()).expect("a series of that many patches");
    let numbered = cover.is_some() || total > 1;
    let cover = cover.map(|cover| cover.covering(&patches));
    let mut mails: Vec<Mail> = Vec::new();
    let mut index = 0;
    for (place, mut mail) in (0_i64..).zip(cover.into_iter().chain(patches)) {
        index += u32::from(mail.kind == Kind::Patch);
        if numbered {
            mail = mail.part(index, total);
        }
        mail = mail.at(first + place);
        if mail.id.is_none() {
            let local = mail.from.1.split('@').next().unwrap_or_default().to_owned();
            let version = mail.version;
            mail = mail.id(&format!("{first}.{place}-v{version}.{local}@example.org"));
        }
        if let Some(head) = mails.first() {
            mail = mail.in_reply_to(&head.message_id());
        }
        mails.push(mail);
    }
    mails
}
