//! Who states it, in the words of a sentence.

use std::collections::BTreeSet;

use tidewaiter_mail::Mailbox;
use tidewaiter_patch::{Part, Series};

use crate::text::{self, numbers, stripped};

/// `Patches 2 and 3 of 5`, `The patch`, `The cover letter and all 3 patches`.
pub(super) fn who(patches: &[u32], total: u32, numbered: bool, cover: bool) -> String {
    let all = usize::try_from(total).is_ok_and(|total| total == patches.len());
    let list = numbers(patches, 6);
    let patches = match patches {
        [] if cover => return "The cover letter".to_owned(),
        [] => return "An answer by the author".to_owned(),
        [_] if !numbered => "the patch".to_owned(),
        [_] => format!("patch {list} of {total}"),
        _ if all && total == 2 => "both patches".to_owned(),
        _ if all => format!("all {total} patches"),
        _ => format!("patches {list} of {total}"),
    };
    if cover {
        return format!("The cover letter and {patches}");
    }
    let mut letters = patches.chars();
    letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Whether the patches are known by number.
pub(super) fn is_numbered(series: &Series) -> bool {
    series.cover.is_some()
        || series.patches.len() > 1
        || series
            .patches
            .iter()
            .any(|part| part.mail.header.tag.as_ref().is_some_and(|tag| tag.index.is_some()))
}

/// Whether a person sent patches of another, and that person's name.
pub(super) fn resent_by(series: &Series, named: &BTreeSet<u32>) -> (bool, Option<String>) {
    let resent = |part: &&Part| {
        let author = part.mail.patch().and_then(|patch| patch.author.as_ref());
        let (Some(author), Some(from)) = (author, part.mail.header.from.as_ref()) else {
            return false;
        };
        // Many write their commits under one address and send mail from another.
        let name = |mailbox: &Mailbox| mailbox.name.as_deref().map(|n| stripped(n).to_lowercase());
        author.address.is_some()
            && from.address.is_some()
            && author.address != from.address
            && (name(author).is_none() || name(author) != name(from))
    };
    let mut parts = series.patches.iter().filter(|part| named.contains(&part.index));
    let Some(part) = parts.find(resent) else { return (false, None) };
    let name = part.mail.header.from.as_ref().and_then(|from| from.name.as_deref());
    (true, name.and_then(text::person))
}
