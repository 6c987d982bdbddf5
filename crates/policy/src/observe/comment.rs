//! What a person says in a comment: a command, that patches are taken, that AI is the matter.

use tidewaiter_mail::MessageId;
use tidewaiter_patch::Comment;

use super::{Command, CommandWord, Observed, Quiet};
use crate::Vocabulary;

pub(super) fn read(vocabulary: &Vocabulary, comment: &Comment, observed: &mut Observed) {
    let text = comment.unquoted.text();
    observed.raises_policy = vocabulary.raises.is_match(text);
    if !vocabulary.comment_hints.is_match(text) {
        return;
    }
    let mut before: Option<usize> = None;
    for (line, text) in comment.unquoted.lines() {
        // In the middle of a paragraph only a capital tells a sentence from a word of one.
        let begins = before.is_none_or(|before| before + 1 < line)
            || text.starts_with(|c: char| c.is_uppercase());
        if !text.trim().is_empty() {
            before = Some(line);
        }
        if let Some((key, value)) = text.split_once(':')
            && let Some(word) = command(vocabulary, key.trim_end(), value)
        {
            observed.command(Command { line, word });
        } else if begins && observed.quiet.is_none() {
            observed.quiet = quiet(vocabulary, text);
        }
    }
}

/// `tidewaiter: no`, `agreed <id>` and the like. The words are a line of their own; in a sentence
/// they are none.
pub(super) fn command(vocabulary: &Vocabulary, key: &str, value: &str) -> Option<CommandWord> {
    if !vocabulary.command_keys.iter().any(|name| name.eq_ignore_ascii_case(key)) {
        return None;
    }
    let word = value.trim().trim_end_matches(['.', '!']);
    if word.is_empty() {
        return None;
    }
    let is = |known: &str| word.eq_ignore_ascii_case(known);
    Some(if is("no") || is("off") {
        CommandWord::No
    } else if is("stop") {
        CommandWord::Stop
    } else if is("never") {
        CommandWord::Never
    } else if is("agree") {
        CommandWord::Agree
    } else if is("why") || is("why?") {
        CommandWord::Why
    } else if is("recheck") {
        CommandWord::Recheck
    } else if let Some(id) = with_id("agreed", word) {
        CommandWord::Agreed(id)
    } else if let Some(id) = with_id("release", word) {
        CommandWord::Release(id)
    } else {
        CommandWord::Unknown(word.chars().take(80).collect())
    })
}

/// `agreed <a@b>` or `agreed a@b`: one id and nothing else.
fn with_id(known: &str, word: &str) -> Option<MessageId> {
    let (word, id) = word.split_once([' ', '\t'])?;
    let id = id.trim();
    let id = id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id);
    MessageId::new(id).filter(|id| word.eq_ignore_ascii_case(known) && id.as_str().contains('@'))
}

fn quiet(vocabulary: &Vocabulary, line: &str) -> Option<Quiet> {
    let starts = |words: &[String]| words.iter().any(|word| starts_with_word(line, word));
    if starts(&vocabulary.queued) {
        Some(Quiet::Queued)
    } else if starts(&vocabulary.applied) {
        Some(Quiet::Applied)
    } else {
        None
    }
}

fn starts_with_word(line: &str, word: &str) -> bool {
    let Some((start, rest)) = line.split_at_checked(word.len()) else { return false };
    start.eq_ignore_ascii_case(word) && !rest.starts_with(|c: char| c.is_alphanumeric())
}
