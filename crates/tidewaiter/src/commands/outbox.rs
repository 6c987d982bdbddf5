//! `tidewaiter outbox list|show|release|drop|resolve`.

mod record;
mod show;

use std::fmt::Write;

use tidewaiter_report::{cut, lines, one_line};
use tidewaiter_store::{Beside, ReplyRow, ReplyState};

use crate::{
    cli::{Format, Global, OutboxCommand, resolution},
    commands::stop::said,
    failure::Failure,
    load,
    operate::{Order, find, order},
    output::Output,
};

/// What `list` shows where nothing else is asked for: everything that is not over.
const OPEN: &[ReplyState] =
    &[ReplyState::Held, ReplyState::Doubt, ReplyState::Armed, ReplyState::Ready];

pub(crate) fn run(command: &OutboxCommand, global: &Global) -> Result<(), Failure> {
    let loaded = load::configuration(global)?;
    let order = match command {
        OutboxCommand::List { state } => {
            return list(&find::look(&loaded)?, state, global);
        }
        OutboxCommand::Show { id } => {
            let store = find::look(&loaded)?;
            return show::show(&store, &find::reply(&store, id)?, global);
        }
        OutboxCommand::Release { .. }
        | OutboxCommand::Drop { .. }
        | OutboxCommand::Resolve { .. } => {
            global.text_only()?;
            named(&find::look(&loaded)?, command)?
        }
    };
    let Some(order) = order else { return Ok(()) };
    let done = order::give(&loaded, &order)?;
    let sends = match &order {
        Order::Release(_) => true,
        Order::Resolve(_, how) => *how == tidewaiter_outbox::Resolution::Resend,
        _ => false,
    };
    if sends && !done.daemon {
        return said(&format!("{} No daemon runs; it goes out when one does.", done.text), global);
    }
    said(&done.text, global)
}

/// What is asked for, of the reply whose id begins so.
fn named(store: &Beside, command: &OutboxCommand) -> Result<Option<Order>, Failure> {
    Ok(match command {
        OutboxCommand::Release { id } => Some(Order::Release(find::reply(store, id)?)),
        OutboxCommand::Drop { id } => Some(Order::Drop(find::reply(store, id)?)),
        OutboxCommand::Resolve { id, sent, resend, .. } => {
            Some(Order::Resolve(find::reply(store, id)?, resolution(*sent, *resend)))
        }
        OutboxCommand::List { .. } | OutboxCommand::Show { .. } => None,
    })
}

fn list(store: &Beside, words: &[String], global: &Global) -> Result<(), Failure> {
    let asked = |state: &&ReplyState| words.iter().any(|word| word == state.as_str());
    let states: Vec<ReplyState> = if words.is_empty() {
        OPEN.to_vec()
    } else {
        ReplyState::ALL.iter().filter(asked).copied().collect()
    };
    let mut rows: Vec<ReplyRow> = Vec::new();
    for state in &states {
        rows.extend(store.replies(*state).map_err(Failure::io)?);
    }
    rows.sort_by(|a, b| (a.queued, a.id.as_str()).cmp(&(b.queued, b.id.as_str())));
    let mut output = Output::new();
    if global.format == Some(Format::Jsonl) {
        for row in &rows {
            let attempts = store.attempts(&row.id).map_err(Failure::io)?;
            output.json(&record::record(row, &attempts, false))?;
            if output.closed() {
                break;
            }
        }
        return output.flush();
    }
    let ids = store.reply_ids().map_err(Failure::io)?;
    let width = width();
    for row in &rows {
        output.text(&listed(row, &ids, width))?;
        if output.closed() {
            break;
        }
    }
    if !global.quiet {
        output.text(&footer(store, &rows, &states, words.is_empty(), width)?)?;
    }
    output.flush()
}

fn listed(row: &ReplyRow, ids: &[String], width: usize) -> String {
    let mut text = String::new();
    let mut first = format!(
        "{}  {:<9}  {}",
        find::short(ids, &row.id),
        row.state.as_str(),
        find::minute(find::last(row)),
    );
    if width >= 60 {
        first = format!("{first}  {}", one_line(&row.list));
    }
    let subject = row.subject.as_deref().unwrap_or("(the person was forgotten)");
    let _ = writeln!(text, "{}", cut(&first, width));
    let _ = writeln!(text, "    {}", cut(&one_line(subject), width - 4));
    for line in lines(&one_line(&why(row)), width - 4) {
        let _ = writeln!(text, "    {}", cut(&line, width - 4));
    }
    text
}

fn footer(
    store: &Beside,
    rows: &[ReplyRow],
    states: &[ReplyState],
    open: bool,
    width: usize,
) -> Result<String, Failure> {
    let mut text = String::new();
    let mut sentences = String::new();
    if rows.is_empty() {
        sentences += if open {
            "No reply is held, in doubt, or waits to be sent."
        } else {
            "No reply is in that state."
        };
    } else {
        let count = |state: &ReplyState| rows.iter().filter(|row| row.state == *state).count();
        let counts: Vec<String> = states
            .iter()
            .filter(|state| count(state) > 0)
            .map(|state| format!("{} {}", count(state), state.as_str()))
            .collect();
        sentences += &format!("{}.", counts.join(", "));
        if open {
            sentences += " `tidewaiter outbox show ID` shows one whole";
            for (state, words) in [
                (ReplyState::Held, ", `release ID` or `drop ID` settles one that is held"),
                (ReplyState::Doubt, ", `resolve ID` one in doubt"),
            ] {
                if count(&state) > 0 {
                    sentences += words;
                }
            }
            sentences += ".";
        }
        text.push('\n');
    }
    if let Some(switch) = store.stopped().map_err(Failure::io)? {
        let why = one_line(switch.why.trim_end_matches('.'));
        let since = find::minute(switch.since);
        for line in lines(&format!("Sending has been stopped since {since}: {why}."), width) {
            let _ = writeln!(text, "{}", cut(&line, width));
        }
    }
    for line in lines(&sentences, width) {
        let _ = writeln!(text, "{}", cut(&line, width));
    }
    Ok(text)
}

/// Why a reply is as it is, in words.
pub(crate) fn why(row: &ReplyRow) -> String {
    let held = row.held_by.as_deref().filter(|_| row.state == ReplyState::Held);
    let note = row.note.as_deref().filter(|note| !note.is_empty());
    if row.unwanted && matches!(row.state, ReplyState::Armed | ReplyState::Doubt) {
        let unwanted = "cancelled meanwhile: it is not sent again";
        return note.map_or(unwanted.to_owned(), |note| format!("{note}; {unwanted}"));
    }
    match (held, note) {
        (Some(word), Some(note)) => format!("{word}: {note}"),
        (Some(word), None) => match sentence(word) {
            Some(sentence) => format!("{word}: {sentence}"),
            None => word.to_owned(),
        },
        (None, Some(note)) => note.to_owned(),
        (None, None) => match row.state {
            ReplyState::Ready => format!("not before {}", find::minute(row.not_before)),
            _ => String::new(),
        },
    }
}

/// What a word that a reply is held by means.
fn sentence(word: &str) -> Option<&'static str> {
    Some(match word {
        "observe" => "its list is only observed",
        "digest" => "it goes into the digest instead",
        "hold" => "on this list every reply is held",
        "decline" => "on this list replies are held where the policy declines",
        "first-series" => "the first series from an address never seen before",
        "unverified-sender" => "nothing vouches that the mail is from that person",
        "author-unreachable" => "the author has no address that may be written to",
        "no-maintainer" => "there is no maintainer for these files",
        "mark-only" => "it would be about nothing but a mark that a tool left",
        "no-recipient" => "it has nobody to go to",
        "cap" => "a cap is reached",
        "stopped" => "sending was stopped",
        "policy-not-in-force" => "the policy is not in force",
        "policy-not-checked" => "nobody has checked the policy for too long",
        "policy-review-due" => "the policy was to be reviewed by a day that is over",
        "policy-changed" => "a pull changed the documents of the policy",
        _ => return None,
    })
}

/// How wide a line may be: what the shell says (`COLUMNS`), else 80 columns.
pub(crate) fn width() -> usize {
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    said.unwrap_or(80).clamp(40, 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every word of the engine has a sentence.
    #[test]
    fn held_by_words_are_explained() {
        let page = include_str!("../../../reply/src/held.rs");
        let words = page.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next());
        let mut count = 0;
        for word in words {
            assert!(sentence(word).is_some(), "{word}");
            count += 1;
        }
        assert!(count >= 15, "{count}");
    }
}
