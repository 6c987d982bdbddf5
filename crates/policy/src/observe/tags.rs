//! Tags: in the trailers of a patch, below its `---`, in cover letters and comments.

use tidewaiter_patch::{Comment, CoverLetter, Patch, Trailer};

use super::{Command, Observed, Place, SeenTag, bounded, comment};
use crate::{
    Vocabulary,
    vocabulary::{KeyClass, TagValue},
};

pub(super) fn of_patch(vocabulary: &Vocabulary, patch: &Patch, observed: &mut Observed) {
    for trailer in &patch.trailers {
        read(vocabulary, trailer, Place::Trailer, observed);
    }
    for (text, first, place) in [
        (&patch.message, patch.message_line, Place::Message),
        (&patch.notes, patch.notes_line, Place::Notes),
    ] {
        if !vocabulary.text_hints.is_match(text) {
            continue;
        }
        for (line, text) in (first..).zip(text.lines()) {
            if patch.trailers.iter().any(|trailer| trailer.line == line) {
                continue;
            }
            of_line(vocabulary, line, text, place, observed);
        }
    }
}

/// A line outside the trailers: a tag, where it can be nothing else, or a command.
fn of_line(
    vocabulary: &Vocabulary,
    line: usize,
    text: &str,
    place: Place,
    observed: &mut Observed,
) {
    let Some((key, value)) = text.split_once(':') else { return };
    let key = key.trim_end();
    if let Some(word) = comment::command(vocabulary, key, value) {
        observed.command(Command { line, word });
        return;
    }
    let class = vocabulary.key_class(key);
    if matches!(class, Some(KeyClass::Uses | KeyClass::Tool | KeyClass::Ai)) {
        let trailer = Trailer { key: key.to_owned(), value: value.trim().to_owned(), line };
        read(vocabulary, &trailer, place, observed);
    }
}

pub(super) fn of_cover(vocabulary: &Vocabulary, cover: &CoverLetter, observed: &mut Observed) {
    for trailer in &cover.trailers {
        read(vocabulary, trailer, Place::Cover, observed);
    }
    if vocabulary.text_hints.is_match(&cover.text) {
        for (line, text) in (1..).zip(cover.text.lines()) {
            if cover.trailers.iter().all(|trailer| trailer.line != line) {
                of_line(vocabulary, line, text, Place::Cover, observed);
            }
        }
    }
}

pub(super) fn of_comment(vocabulary: &Vocabulary, comment: &Comment, observed: &mut Observed) {
    for trailer in &comment.trailers {
        if vocabulary.reviewed.iter().any(|key| trailer.is(key)) {
            observed.reviewed = true;
        } else {
            read(vocabulary, trailer, Place::Comment, observed);
        }
    }
}

fn read(vocabulary: &Vocabulary, trailer: &Trailer, place: Place, observed: &mut Observed) {
    let Some(class) = vocabulary.key_class(&trailer.key) else { return };
    // "Assisted-by: Assisted-by: ..." is a slip of tools that add the key themselves.
    let value = trailer.value.trim();
    let doubled = value.split_once(':').filter(|(key, _)| trailer.is(key.trim()));
    let value = doubled.map_or(value, |(_, rest)| rest.trim());
    let kind = vocabulary.value(value);
    let declares = match (class, &kind) {
        // A session's link is a mark, read with the marks.
        (KeyClass::Session, _) => return,
        // A key without a value states nothing.
        (_, TagValue::Empty) => return,
        (_, TagValue::Negative) => false,
        (KeyClass::Uses, _) => true,
        (KeyClass::Ai, TagValue::Tool(_) | TagValue::Other) => true,
        (KeyClass::Ai, TagValue::Person) => !value.contains('@'),
        (KeyClass::Tool, TagValue::Tool(_)) => true,
        (KeyClass::Weak, TagValue::Tool(Some(_))) => vocabulary.names_ai(value),
        (KeyClass::Weak, TagValue::Tool(None)) => vocabulary.names_ai(value),
        _ => return,
    };
    let tool = match kind {
        TagValue::Tool(tool) if class != KeyClass::Uses => tool,
        _ => None,
    };
    let uses = match class {
        KeyClass::Uses => vocabulary.uses(value),
        _ => vocabulary.bracketed_uses(value),
    };
    let tag = SeenTag {
        key: Some(trailer.key.clone()),
        value: bounded(value),
        class: Some(class),
        uses,
        tool,
        line: trailer.line,
        place,
    };
    if declares { observed.tag(tag) } else { observed.none_used(tag) }
}
