//! Sentences by which an author tells of AI use.

use tidewaiter_mail::Mailbox;
use tidewaiter_patch::{Comment, CoverLetter, Header, Patch, Trailer};

use super::{
    Observed, Place, SeenTag, bounded,
    sentences::{Paragraph, paragraphs},
};
use crate::{Vocabulary, vocabulary::Around};

/// How many sentences of one text that hold a word for AI are read, and how long one may be, in
/// bytes. Patterns are tried on each.
const MOST: usize = 100;
const LONGEST: usize = 1_000;

/// Where a text comes from.
struct Source<'a> {
    header: &'a Header,
    trailers: &'a [Trailer],
    place: Place,
}

pub(super) fn of_patch(
    vocabulary: &Vocabulary,
    header: &Header,
    patch: &Patch,
    observed: &mut Observed,
) {
    let trailers = patch.trailers.as_slice();
    for (text, first, place) in [
        (&patch.message, patch.message_line, Place::Message),
        (&patch.notes, patch.notes_line, Place::Notes),
    ] {
        let source = Source { header, trailers, place };
        read(vocabulary, &source, text, (first..).zip(text.lines()), observed);
    }
}

pub(super) fn of_cover(
    vocabulary: &Vocabulary,
    header: &Header,
    cover: &CoverLetter,
    observed: &mut Observed,
) {
    let source = Source { header, trailers: &cover.trailers, place: Place::Cover };
    read(vocabulary, &source, &cover.text, (1..).zip(cover.text.lines()), observed);
}

/// Anybody's answer is read; only its author's own is held to be a declaration later.
pub(super) fn of_comment(
    vocabulary: &Vocabulary,
    header: &Header,
    comment: &Comment,
    observed: &mut Observed,
) {
    let source = Source { header, trailers: &comment.trailers, place: Place::Comment };
    let unquoted = &comment.unquoted;
    read(vocabulary, &source, unquoted.text(), unquoted.lines(), observed);
}

/// Reads a text; `lines` gives its own lines with their numbers.
fn read<'a>(
    vocabulary: &Vocabulary,
    source: &Source<'_>,
    text: &str,
    lines: impl Iterator<Item = (usize, &'a str)>,
    observed: &mut Observed,
) {
    let prose = &vocabulary.prose;
    if !prose.candidate.is_match(text) {
        return;
    }
    let taken = |line: usize, observed: &Observed| {
        source.trailers.iter().any(|trailer| trailer.line == line) || observed.has_line(line)
    };
    let lines = lines.filter(|(line, _)| !taken(*line, observed));
    let people = |name: &str| is_person(vocabulary, source, name);
    let about_ai = prose.candidate.is_match(&source.header.title);
    let around =
        Around { needs_ours: about_ai || source.place == Place::Comment, has_person: &people };
    let paragraphs = paragraphs(lines);
    let mut read = 0;
    let mut under_heading = false;
    for paragraph in &paragraphs {
        if section(vocabulary, source, paragraph, &mut under_heading, observed) {
            continue;
        }
        if paragraph.is_title() || !prose.candidate.is_match(paragraph.text()) {
            continue;
        }
        for sentence in paragraph.sentences() {
            if read == MOST {
                return;
            }
            if sentence.text.len() > LONGEST || !prose.candidate.is_match(&sentence.text) {
                continue;
            }
            read += 1;
            let Some(said) = vocabulary.statement(&sentence.text, &around) else { continue };
            let tag = SeenTag {
                key: None,
                value: bounded(&sentence.text),
                class: None,
                uses: said.uses,
                tool: said.tool,
                line: sentence.line,
                place: source.place,
                malformed: None,
            };
            if said.denied { observed.none_used(tag) } else { observed.tag(tag) }
        }
    }
}

/// A heading such as "AI tool disclosure": what follows up to the next empty line is the
/// statement, whatever its words, unless it denies.
fn section(
    vocabulary: &Vocabulary,
    source: &Source<'_>,
    paragraph: &Paragraph,
    under_heading: &mut bool,
    observed: &mut Observed,
) -> bool {
    let heading = vocabulary.prose.heading.captures(paragraph.first_line());
    let (text, line) = match &heading {
        Some(found) => {
            let rest = found.get(1).map_or("", |rest| rest.as_str()).trim();
            *under_heading = rest.is_empty() && !paragraph.has_more();
            if *under_heading {
                return true;
            }
            let text = if rest.is_empty() { paragraph.below_first() } else { paragraph.text() };
            (text, paragraph.line())
        }
        None if *under_heading => (paragraph.text(), paragraph.line()),
        None => return false,
    };
    *under_heading = false;
    let stated = text.split_once(':').filter(|_| heading.is_some()).map_or(text, |(_, rest)| rest);
    let denied = vocabulary.denies_use(stated);
    let tag = SeenTag {
        key: None,
        value: bounded(text),
        class: None,
        uses: Vec::new(),
        tool: vocabulary.first_tool(stated),
        line,
        place: source.place,
        malformed: None,
    };
    if denied {
        observed.none_used(tag)
    } else {
        observed.tag(tag)
    }
    true
}

/// Whether somebody of this given name takes part in the mail.
fn is_person(vocabulary: &Vocabulary, source: &Source<'_>, name: &str) -> bool {
    let header = source.header;
    let named = |mailbox: &Mailbox| {
        if vocabulary.agent(mailbox).is_some() {
            return false;
        }
        let first = mailbox.name.as_deref().and_then(|name| name.split([' ', '-']).next());
        first.is_some_and(|first| first.eq_ignore_ascii_case(name))
    };
    header.from.iter().chain(&header.to).chain(&header.cc).any(named)
        || source
            .trailers
            .iter()
            .filter_map(|trailer| Mailbox::parse(&trailer.value))
            .any(|mailbox| mailbox.address.is_some() && named(&mailbox))
}
