//! What a file holds.

use std::path::Path;

use tidewaiter_mail::mbox::{Shape, sniff, starts_like_mail};

use crate::walk::{Item, Kind};

pub(super) enum Contents {
    Mbox,
    Mail,
    Empty,
    Other,
}

/// Tells what a file holds by its first block, more willingly if it was named or is an `.eml`.
pub(super) fn contents(item: &Item, block: &[u8]) -> Contents {
    if item.kind == Kind::MaildirMail {
        return if block.is_empty() { Contents::Other } else { Contents::Mail };
    }
    let willing = item.named || has_ending(&item.path, &[".eml", ".mbox"]);
    // What is called a mail is one, however broken: it must not get lost.
    let is_mail = has_ending(&item.path, &[".eml"]);
    match sniff(block) {
        Shape::Empty | Shape::Doubtful | Shape::Other if is_mail => Contents::Mail,
        Shape::Empty if block.is_empty() => Contents::Empty,
        Shape::Empty | Shape::Mbox => Contents::Mbox,
        Shape::Doubtful if willing => Contents::Mbox,
        Shape::Mail => Contents::Mail,
        Shape::Other if willing && starts_like_mail(block) => Contents::Mail,
        Shape::Doubtful | Shape::Other => Contents::Other,
    }
}

/// Does the file's name end so, compressed or not?
fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let plain = [".gz", ".xz", ".zst"].iter().find_map(|end| name.strip_suffix(end));
    let plain = plain.unwrap_or(&name);
    endings.iter().any(|ending| plain.ends_with(ending))
}

/// Takes a `From ` line off a mail in a Maildir, where some delivery agents leave it.
pub(super) fn without_envelope<'a>(item: &Item, block: &'a [u8]) -> &'a [u8] {
    if item.kind != Kind::MaildirMail || !block.starts_with(b"From ") {
        return block;
    }
    let end = memchr::memchr(b'\n', block).map_or(0, |at| at + 1);
    block.get(end..).unwrap_or_default()
}
