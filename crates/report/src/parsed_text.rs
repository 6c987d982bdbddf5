//! What `parse --format text` prints.

use std::fmt::Write;

use tidewaiter_mail::Mailbox;

use crate::{ParsedMail, safe};

/// One mail for people, a few lines long, with a blank line behind it.
#[must_use]
pub fn parsed_text(mail: &ParsedMail) -> String {
    let mut text = String::new();
    let kind = format!("{:?}", mail.kind).to_lowercase();
    let subject = mail.subject.as_deref().unwrap_or("(no subject)");
    // Writing into a string cannot fail.
    let _ = writeln!(text, "{kind}: {}", safe(subject).to_string().replace('\n', " "));
    let _ = writeln!(
        text,
        "  {}  {}",
        safe(&mail.source),
        mail.message_id.as_ref().map_or("(no Message-ID)", |id| id.as_str())
    );
    let from = mail.from.as_ref().map_or_else(|| "(no sender)".to_owned(), shown);
    let munged = if mail.sender_munged { " (rewritten by a list)" } else { "" };
    let date = mail.date.map_or_else(|| "(no date)".to_owned(), |d| d.to_string());
    let _ = writeln!(text, "  from {from}{munged}, {date}");
    if let Some(author) = mail.author.as_ref().filter(|a| Some(*a) != mail.from.as_ref()) {
        let _ = writeln!(text, "  author {}", shown(author));
    }
    if let Some(diff) = &mail.diff {
        let _ = writeln!(
            text,
            "  {} files, +{} -{}, {} hunks",
            diff.files.len(),
            diff.added,
            diff.removed,
            diff.hunks
        );
        for file in diff.files.iter().take(20) {
            let status = format!("{:?}", file.status).to_lowercase();
            let _ = writeln!(
                text,
                "    {status} {} +{} -{}",
                safe(&file.path),
                file.added,
                file.removed
            );
        }
    }
    for trailer in &mail.trailers {
        let _ = writeln!(
            text,
            "  line {}: {}: {}",
            trailer.line,
            safe(&trailer.key),
            safe(&trailer.value)
        );
    }
    if !mail.notes_on_parsing.is_empty() {
        let notes: Vec<String> = mail
            .notes_on_parsing
            .iter()
            .filter_map(|note| Some(serde_json::to_value(note).ok()?.as_str()?.to_owned()))
            .collect();
        let _ = writeln!(text, "  notes: {}", notes.join(", "));
    }
    text.push('\n');
    text
}

fn shown(mailbox: &Mailbox) -> String {
    let address = mailbox.address.as_ref().map(|a| format!("<{a}>"));
    let parts: Vec<String> = mailbox.name.clone().into_iter().chain(address).collect();
    safe(&parts.join(" ")).to_string()
}
