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

/// `tidewaiter: no`, `agree`, `agreed <id>`. The words are a line of their own; in a sentence they are none.
pub(super) fn command(vocabulary: &Vocabulary, key: &str, value: &str) -> Option<CommandWord> {
    if !vocabulary.command_keys.iter().any(|name| name.eq_ignore_ascii_case(key)) {
        return None;
    }
    let word = value.trim().trim_end_matches(['.', '!']);
    if word.is_empty() {
        return None;
    }
    Some(if ["no", "off", "stop"].iter().any(|no| word.eq_ignore_ascii_case(no)) {
        CommandWord::No
    } else if word.eq_ignore_ascii_case("agree") {
        CommandWord::Agree
    } else if let Some(id) = agreed(word) {
        CommandWord::Agreed(id)
    } else {
        CommandWord::Unknown(word.chars().take(80).collect())
    })
}

/// `agreed <a@b>` or `agreed a@b`: one id and nothing else.
fn agreed(word: &str) -> Option<MessageId> {
    let (agreed, id) = word.split_once([' ', '\t'])?;
    let id = id.trim();
    let id = id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id);
    MessageId::new(id)
        .filter(|id| agreed.eq_ignore_ascii_case("agreed") && id.as_str().contains('@'))
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
