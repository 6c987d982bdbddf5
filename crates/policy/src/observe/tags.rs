//! Tags: in the trailers of a patch, below its `---`, in cover letters and comments.

use tidewaiter_patch::{Comment, CoverLetter, Patch, Trailer};

use super::{Command, Malformed, Observed, Place, SeenTag, bounded, comment};
use crate::{
    Vocabulary,
    vocabulary::{KeyClass, TagValue},
};

/// How long a line may be that is a tag without a colon: a longer one is a sentence.
const TAG_LINE: usize = 120;

pub(super) fn of_patch(vocabulary: &Vocabulary, patch: &Patch, observed: &mut Observed) {
    for trailer in &patch.trailers {
        read(vocabulary, trailer, None, Place::Trailer, observed);
    }
    for (text, first, place) in [
        (&patch.message, patch.message_line, Place::Message),
        (&patch.notes, patch.notes_line, Place::Notes),
    ] {
        of_text(vocabulary, (text, first), place, &patch.trailers, observed);
    }
}

pub(super) fn of_cover(vocabulary: &Vocabulary, cover: &CoverLetter, observed: &mut Observed) {
    for trailer in &cover.trailers {
        read(vocabulary, trailer, None, Place::Cover, observed);
    }
    of_text(vocabulary, (&cover.text, 1), Place::Cover, &cover.trailers, observed);
}

/// The lines of a text that are no trailers for git.
fn of_text(
    vocabulary: &Vocabulary,
    (text, first): (&str, usize),
    place: Place,
    trailers: &[Trailer],
    observed: &mut Observed,
) {
    if !vocabulary.text_hints.is_match(text) {
        return;
    }
    let mut begins = true;
    for (line, text) in (first..).zip(text.lines()) {
        let is_trailer = trailers.iter().any(|trailer| trailer.line == line);
        if !is_trailer {
            // A key with blanks in it keeps git from seeing the trailer that was meant.
            let near = trailers.iter().any(|t| t.line + 1 == line || line + 1 == t.line);
            let place = match place {
                Place::Message if near => Place::Trailer,
                place => place,
            };
            of_line(
                vocabulary,
                Trailer { key: String::new(), value: text.to_owned(), line },
                place,
                begins || near,
                observed,
            );
        }
        begins = is_trailer || text.trim().is_empty();
    }
}

/// A line outside the trailers: a tag, where it can be nothing else, or a command.
fn of_line(
    vocabulary: &Vocabulary,
    whole: Trailer,
    place: Place,
    begins: bool,
    observed: &mut Observed,
) {
    let (text, line) = (whole.value.as_str(), whole.line);
    if let Some((key, value)) = text.split_once(':')
        && let Some(word) = comment::command(vocabulary, key.trim_end(), value)
    {
        observed.command(Command { line, word });
        return;
    }
    let Some((key, value, malformed)) = vocabulary.tag_line(text) else { return };
    let class = vocabulary.key_class(&key);
    if !matches!(class, Some(KeyClass::Uses | KeyClass::Tool | KeyClass::Ai)) {
        return;
    }
    if malformed == Some(Malformed::Colon) {
        let said = match class {
            Some(KeyClass::Uses) => vocabulary.are_known_uses(value),
            _ => matches!(vocabulary.value(value), TagValue::Tool(_)),
        };
        if !begins || !said || text.len() > TAG_LINE {
            return;
        }
    }
    // Inside the trailers only what keeps git from reading the line is worth a word.
    let place = if malformed.is_none() && place == Place::Trailer { Place::Message } else { place };
    let trailer = Trailer { key, value: value.to_owned(), line };
    read(vocabulary, &trailer, malformed, place, observed);
}

pub(super) fn of_comment(vocabulary: &Vocabulary, comment: &Comment, observed: &mut Observed) {
    for trailer in &comment.trailers {
        if vocabulary.reviewed.iter().any(|key| trailer.is(key)) {
            observed.reviewed = true;
        } else {
            read(vocabulary, trailer, None, Place::Comment, observed);
        }
    }
}

fn read(
    vocabulary: &Vocabulary,
    trailer: &Trailer,
    malformed: Option<Malformed>,
    place: Place,
    observed: &mut Observed,
) {
    let (class, malformed) = match vocabulary.key_class(&trailer.key) {
        Some(class) => (class, malformed),
        None => match vocabulary.near_class(&trailer.key, &trailer.value) {
            Some(class) => (class, Some(Malformed::Key)),
            None => return,
        },
    };
    // "Assisted-by: Assisted-by: ..." is a slip of tools that add the key themselves.
    let value = trailer.value.trim();
    let doubled = value.split_once(':').filter(|(key, _)| trailer.is(key.trim()));
    let malformed = malformed.or(doubled.map(|_| Malformed::Doubled));
    let value = doubled.map_or(value, |(_, rest)| rest.trim());
    let kind = vocabulary.value(value);
    let declares = match (class, &kind) {
        // A session's link is a mark, read with the marks.
        (KeyClass::Session, _) => return,
        // A key without a value states nothing.
        (KeyClass::Uses, TagValue::Empty) => false,
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
    let is_empty = kind == TagValue::Empty;
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
        malformed: if is_empty { Some(Malformed::Empty) } else { malformed },
    };
    if is_empty {
        observed.says_nothing(tag);
    } else if declares {
        observed.tag(tag)
    } else {
        observed.none_used(tag)
    }
}
