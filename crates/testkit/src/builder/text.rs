//! The body: commit message, notes, diffstat, diff and signature in git's order.

use super::{Kind, Mail, SIGNATURE, diffstat};

/// The whole body of a mail.
pub(super) fn body(mail: &Mail) -> String {
    let mut paragraphs = mail.body.clone();
    if let Some((name, address)) = &mail.author {
        paragraphs.insert(0, format!("From: {name} <{address}>"));
    }
    if !mail.trailers.is_empty() {
        paragraphs.push(mail.trailers.join("\n"));
    }
    let mut out = paragraphs.join("\n\n");
    if !out.is_empty() {
        out.push('\n');
    }
    match mail.kind {
        Kind::Plain => {}
        Kind::Cover => cover_tail(mail, &mut out),
        Kind::Patch => patch_tail(mail, &mut out),
    }
    out
}

fn cover_tail(mail: &Mail, out: &mut String) {
    for part in [mail.shortlog.join("\n"), diffstat::diffstat(&mail.files)] {
        if !part.is_empty() {
            out.push_str(&format!("\n{}\n", part.trim_end_matches('\n')));
        }
    }
    out.push('\n');
    out.push_str(SIGNATURE);
}

fn patch_tail(mail: &Mail, out: &mut String) {
    out.push_str("---\n");
    if let Some(notes) = &mail.notes {
        out.push_str(&format!("{notes}\n\n"));
    }
    out.push_str(&diffstat::diffstat(&mail.files));
    out.push('\n');
    for file in &mail.files {
        out.push_str(&file.text());
    }
    out.push_str(SIGNATURE);
}

/// Titles by author, authors by name, as `git shortlog` lists them in a cover letter.
pub(super) fn shortlog(patches: &[Mail]) -> Vec<String> {
    let author = |patch: &Mail| patch.author.as_ref().unwrap_or(&patch.from).0.clone();
    let mut names: Vec<_> = patches.iter().map(author).collect();
    names.sort();
    names.dedup();
    let mut lines = Vec::new();
    for name in names {
        let titles: Vec<_> = patches.iter().filter(|patch| author(patch) == name).collect();
        lines.push(format!("{name} ({}):", titles.len()));
        lines.extend(titles.iter().map(|patch| format!("  {}", patch.title)));
        lines.push(String::new());
    }
    lines
}
