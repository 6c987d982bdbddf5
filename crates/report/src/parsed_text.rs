//! What `parse --format text` prints.

use std::fmt::Write;

use tidewaiter_mail::Mailbox;

use crate::{
    ParsedMail,
    summary::word,
    width::{WIDTH, counted, cut, one_line},
};

/// How many files and trailers are listed.
const LISTED: usize = 20;

/// One mail for people: a few lines of at most 80 columns, with a blank line behind them.
#[must_use]
pub fn parsed_text(mail: &ParsedMail) -> String {
    let mut text = String::new();
    let mut line = |line: String| {
        let _ = writeln!(text, "{}", cut(&line, WIDTH));
    };
    let subject = mail.subject.as_deref().unwrap_or("(no subject)");
    line(format!("{}: {}", word(&mail.kind), one_line(subject)));
    let id = mail.message_id.as_ref().map_or("(no Message-ID)", |id| id.as_str());
    line(format!("  id      {}", one_line(id)));
    let munged = if mail.sender_munged { " (rewritten by a list)" } else { "" };
    let from = mail.from.as_ref().map_or_else(|| "(no sender)".to_owned(), shown);
    line(format!("  from    {from}{munged}"));
    if let Some(author) = mail.author.as_ref().filter(|a| Some(*a) != mail.from.as_ref()) {
        line(format!("  author  {}", shown(author)));
    }
    line(format!("  date    {}", mail.date.map_or("(no date)".to_owned(), |d| d.to_string())));
    line(format!("  at      {}", one_line(&mail.source)));
    if let Some(diff) = &mail.diff {
        let files = counted(diff.files.len() as u64, "file", "files");
        let hunks = counted(diff.hunks as u64, "hunk", "hunks");
        let claimed = mail.diffstat.as_ref().filter(|claim| {
            (u64::from(claim.added), u64::from(claim.removed))
                != (u64::from(diff.added), u64::from(diff.removed))
        });
        let claimed = claimed
            .map(|claim| format!("; its diffstat says +{} -{}", claim.added, claim.removed))
            .unwrap_or_default();
        line(format!("  diff    {files}, +{} -{}, {hunks}{claimed}", diff.added, diff.removed));
        for file in diff.files.iter().take(LISTED) {
            let (status, path) = (word(&file.status), one_line(&file.path));
            line(format!("          {status:<9} +{} -{}  {path}", file.added, file.removed));
        }
        if diff.files.len() > LISTED {
            line(format!("          and {} more", diff.files.len() - LISTED));
        }
    }
    for trailer in mail.trailers.iter().take(LISTED) {
        let words = one_line(&format!("{}: {}", trailer.key, trailer.value));
        line(format!("  {:>6}  {words}", format!("l. {}", trailer.line)));
    }
    if mail.trailers.len() > LISTED {
        line(format!("          and {} more", mail.trailers.len() - LISTED));
    }
    if !mail.notes_on_parsing.is_empty() {
        let notes: Vec<String> = mail.notes_on_parsing.iter().map(word).collect();
        line(format!("  odd     {}", notes.join(", ")));
    }
    text.push('\n');
    text
}

fn shown(mailbox: &Mailbox) -> String {
    let address = mailbox.address.as_ref().map(|a| format!("<{a}>"));
    let parts: Vec<String> = mailbox.name.clone().into_iter().chain(address).collect();
    one_line(&parts.join(" "))
}
