//! Marks that tools leave: addresses, trailers, links, lines and files. A mark can be false.

use tidewaiter_mail::Mailbox;
use tidewaiter_patch::{CoverLetter, FileStatus, Header, Patch, Trailer};

use super::{Observed, bounded};
use crate::{
    Indicated, IndicatedForm, Vocabulary,
    vocabulary::{KeyClass, TagValue},
};

pub(super) fn of_patch(
    vocabulary: &Vocabulary,
    header: &Header,
    patch: &Patch,
    observed: &mut Observed,
) {
    of_people(vocabulary, header.from.iter().chain(&patch.author), observed);
    for trailer in &patch.trailers {
        of_trailer(vocabulary, trailer, observed);
    }
    of_text(vocabulary, (&patch.message, patch.message_line), &patch.trailers, observed);
    of_text(vocabulary, (&patch.notes, patch.notes_line), &patch.trailers, observed);
    for file in patch.diff.iter().flat_map(|diff| &diff.files) {
        if file.status != FileStatus::Deleted && is_tool_file(vocabulary, &file.path) {
            observed.mark(Indicated {
                form: IndicatedForm::ToolFile,
                key: None,
                value: bounded(&file.path),
                tool: None,
                line: None,
            });
        }
    }
}

pub(super) fn of_cover(
    vocabulary: &Vocabulary,
    header: &Header,
    cover: &CoverLetter,
    observed: &mut Observed,
) {
    of_people(vocabulary, header.from.iter(), observed);
    for trailer in &cover.trailers {
        of_trailer(vocabulary, trailer, observed);
    }
    of_text(vocabulary, (&cover.text, 1), &cover.trailers, observed);
}

/// The sender, and the author where that is another.
fn of_people<'a>(
    vocabulary: &Vocabulary,
    people: impl Iterator<Item = &'a Mailbox>,
    observed: &mut Observed,
) {
    let mut before: Option<&Mailbox> = None;
    for mailbox in people {
        if before == Some(mailbox) {
            continue;
        }
        before = Some(mailbox);
        if let Some(tool) = vocabulary.agent(mailbox) {
            observed.mark(Indicated {
                form: IndicatedForm::AgentAddress,
                key: None,
                value: mailbox.address.as_ref().map(ToString::to_string).unwrap_or_default(),
                tool: Some(tool.to_owned()),
                line: None,
            });
        }
    }
}

fn of_trailer(vocabulary: &Vocabulary, trailer: &Trailer, observed: &mut Observed) {
    let (form, tool) = if vocabulary.is_person_key(&trailer.key) {
        // Without an address only the value itself can tell an agent: "Claude claude-4-sonnet".
        let tool = match Mailbox::parse(&trailer.value) {
            Some(mailbox) => match vocabulary.agent(&mailbox) {
                Some(tool) => Some(tool.to_owned()),
                None => return,
            },
            None => match vocabulary.value(&trailer.value) {
                TagValue::Tool(Some(tool)) => Some(tool),
                _ => return,
            },
        };
        (IndicatedForm::AgentTrailer, tool)
    } else if vocabulary.key_class(&trailer.key) == Some(KeyClass::Session)
        || vocabulary.session_links.iter().any(|link| trailer.value.contains(link))
    {
        (IndicatedForm::SessionLink, None)
    } else {
        return;
    };
    observed.mark(Indicated {
        form,
        key: Some(trailer.key.clone()),
        value: bounded(&trailer.value),
        tool,
        line: Some(trailer.line),
    });
}

/// Lines such as "Generated with [Claude Code](...)" that stand by themselves.
fn of_text(
    vocabulary: &Vocabulary,
    (text, first): (&str, usize),
    trailers: &[Trailer],
    observed: &mut Observed,
) {
    if !vocabulary.text_hints.is_match(text) {
        return;
    }
    for (line, text) in (first..).zip(text.lines()) {
        if text.len() > 300 || text.starts_with(['>', '+', '-', ' ', '\t']) {
            continue;
        }
        // A person-trailer that git does not see as one.
        if trailers.iter().all(|trailer| trailer.line != line)
            && let Some((key, value, _)) = vocabulary.tag_line(text)
            && vocabulary.is_person_key(&key)
        {
            of_trailer(vocabulary, &Trailer { key, value: value.to_owned(), line }, observed);
            continue;
        }
        // A robot's face and the like may stand in front.
        let bare = text.trim_start_matches(|c: char| !c.is_alphanumeric());
        let lower = bare.to_ascii_lowercase();
        let Some(start) = vocabulary.marker_starts.iter().find(|s| lower.starts_with(s.as_str()))
        else {
            continue;
        };
        let Some(rest) = bare.get(start.len()..) else { continue };
        if let Some(tool) = vocabulary.marker_tool(rest) {
            observed.mark(Indicated {
                form: IndicatedForm::Marker,
                key: None,
                value: bounded(text),
                tool: Some(tool.to_owned()),
                line: Some(line),
            });
        }
    }
}

fn is_tool_file(vocabulary: &Vocabulary, path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    vocabulary.file_names.iter().any(|known| known == name)
        || (folders.contains('.')
            && folders.split('/').any(|part| vocabulary.folders.iter().any(|known| known == part)))
}
