//! The persons who look after what a reply is about.

use std::cmp::Reverse;

use tidewaiter_mail::{Address, Mailbox};
use tidewaiter_patch::Series;
use tidewaiter_policy::{
    Assessment,
    maintainers::{Maintainers, Section, Status},
};

use super::{RecipientNote, takes_no_mail};
use crate::{ListReply, statement::named_patches};

/// Maintainers that get one mail.
const MOST: usize = 3;

/// Persons on `M:` lines of the section that covers each path most closely, those first whose
/// section covers most of the paths.
///
/// Only the patches count that the reply names. A section that covers everything stands for
/// nobody, and so does one that nobody looks after.
pub(super) fn of(
    maintainers: &Maintainers,
    list: &ListReply,
    series: &Series,
    assessment: &Assessment,
    notes: &mut Vec<RecipientNote>,
) -> Vec<Mailbox> {
    let mut people: Vec<Mailbox> = Vec::new();
    for section in sections(maintainers, series, assessment) {
        if matches!(section.status, Some(Status::Orphan | Status::Obsolete)) {
            note(notes, RecipientNote::Orphan(section.name.clone()));
            continue;
        }
        for person in section.maintainers() {
            let Some(address) = Address::new(&person.address) else { continue };
            let mailbox = Mailbox { name: person.name.clone(), address: Some(address.clone()) };
            if people.iter().any(|known| known.address == mailbox.address) {
                continue;
            }
            if let Some(why) = left_out(maintainers, list, series, &address) {
                note(notes, why);
            } else {
                people.push(mailbox);
            }
        }
    }
    if people.len() > MOST {
        notes.push(RecipientNote::MoreMaintainers(people.len() - MOST));
        people.truncate(MOST);
    }
    people
}

/// The most specific section of each path, the one with most paths first, then in the order of
/// the file.
fn sections<'a>(
    maintainers: &'a Maintainers,
    series: &Series,
    assessment: &Assessment,
) -> Vec<&'a Section> {
    let named = named_patches(assessment);
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for part in series.patches.iter().filter(|part| named.contains(&part.index)) {
        let files = part.mail.diff().map(|diff| diff.files.as_slice()).unwrap_or_default();
        for file in files {
            let matches = maintainers.sections_for(&file.path);
            let Some(closest) = matches.first().filter(|m| !m.is_catch_all()) else { continue };
            match counts.iter_mut().find(|(section, _)| *section == closest.section) {
                Some((_, count)) => *count += 1,
                None => counts.push((closest.section, 1)),
            }
        }
    }
    counts.sort_by_key(|(section, count)| (Reverse(*count), *section));
    counts.iter().filter_map(|(section, _)| maintainers.sections().get(*section)).collect()
}

fn left_out(
    maintainers: &Maintainers,
    list: &ListReply,
    series: &Series,
    address: &Address,
) -> Option<RecipientNote> {
    let author = series.author.as_ref().and_then(|author| author.address.as_ref());
    let is_list = *address == list.list
        || maintainers
            .sections()
            .iter()
            .flat_map(|section| &section.lists)
            .any(|known| Address::new(&known.address).as_ref() == Some(address));
    if is_list {
        Some(RecipientNote::ListAsMaintainer(address.clone()))
    } else if list.never_to.contains(address) {
        Some(RecipientNote::Never(address.clone()))
    } else if author == Some(address) {
        Some(RecipientNote::AuthorIsMaintainer(address.clone()))
    } else {
        takes_no_mail(address).then(|| RecipientNote::NoMailAddress(address.clone()))
    }
}

fn note(notes: &mut Vec<RecipientNote>, why: RecipientNote) {
    if !notes.contains(&why) {
        notes.push(why);
    }
}
