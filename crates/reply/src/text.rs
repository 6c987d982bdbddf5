//! What of a mail may be repeated, and how text is set.

mod cite;
mod fill;
mod harvest;
mod numbers;

pub(crate) use cite::cite_tag;
pub use cite::{cite, cite_mark};
pub(crate) use fill::{fill, tidy, width};
pub(crate) use harvest::{is_trailer_like, trailer_like};
pub(crate) use numbers::numbers;

/// Whether a character can change how others are shown, or is not shown at all: controls,
/// bidirectional marks, zero-width characters, line and paragraph separators, tags.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// One line without hidden characters, blanks collapsed; for header values.
#[must_use]
pub fn stripped(text: &str) -> String {
    let shown: String = text
        .chars()
        .filter_map(|c| if c.is_whitespace() { Some(' ') } else { (!is_hidden(c)).then_some(c) })
        .collect();
    collapsed(&shown)
}

/// One line with hidden characters written out, such as `\u{202e}`; for text that a person reads.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' | '\n' | '\r' | ' ' => out.push(' '),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    collapsed(&out)
}

/// A title as it may be repeated: one line of at most 60 columns, hidden characters written out.
///
/// `None` where it holds a link or looks like a trailer that credits somebody (`...-by:`); then
/// the patch is named by its number alone.
#[must_use]
pub fn title(title: &str) -> Option<String> {
    const COLUMNS: usize = 60;
    let shown = escaped(title);
    let lower = shown.to_lowercase();
    let link = ["://", "www.", "mailto:"].iter().any(|mark| lower.contains(mark));
    let credit = lower.contains("-by:") || lower.contains("-by :");
    if link || credit || shown.is_empty() {
        return None;
    }
    if width(&shown) <= COLUMNS {
        return Some(shown);
    }
    let mut cut = String::new();
    for c in shown.chars() {
        cut.push(c);
        if width(&cut) > COLUMNS - 3 {
            cut.pop();
            break;
        }
    }
    Some(format!("{}...", cut.trim_end()))
}

/// A name as it may be repeated in the text; `None` where it could pass for something else.
#[must_use]
pub fn person(name: &str) -> Option<String> {
    let shown = stripped(name);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '\'' | ',');
    let fits = !shown.is_empty() && width(&shown) <= 40 && shown.chars().all(plain);
    (fits && !shown.to_lowercase().contains("www.")).then_some(shown)
}

/// What a rule counted, as it may be repeated: a few words and paths, no link, no trailer.
///
/// Paths in it come from the diff, so only plain characters pass.
#[must_use]
pub fn counted(text: &str) -> Option<String> {
    let shown = stripped(text);
    let shown = shown.split(' ').map(shortened).collect::<Vec<_>>().join(" ");
    let plain = |c: char| c.is_ascii_alphanumeric() || " _./,;:()'+-".contains(c);
    let lower = shown.to_ascii_lowercase();
    let bad =
        ["://", "www.", "-by:"].iter().any(|mark| lower.contains(mark)) || is_trailer_like(&shown);
    (!shown.is_empty() && shown.len() <= 160 && shown.chars().all(plain) && !bad).then_some(shown)
}

/// A path that would be wider than a line, by its last folders: `.../tests/qtest/frob-test.c`.
fn shortened(word: &str) -> String {
    const COLUMNS: usize = 56;
    const GAP: &str = "...";
    if width(word) <= COLUMNS {
        return word.to_owned();
    }
    let tails = word.match_indices('/').filter_map(|(at, _)| word.get(at..));
    match tails.into_iter().find(|tail| width(tail) + GAP.len() <= COLUMNS) {
        Some(tail) => format!("{GAP}{tail}"),
        None => {
            let skipped = word.chars().count().saturating_sub(COLUMNS - GAP.len());
            format!("{GAP}{}", word.chars().skip(skipped).collect::<String>())
        }
    }
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
