//! A stored series for people. Addresses stand in none of it.

use std::fmt::Write;

use serde_json::Value;
use tidewaiter_mail::MessageId;
use tidewaiter_report::{cut, lines, one_line};
use tidewaiter_store::{SeriesRow, View};

use crate::failure::Failure;

/// How many different tags or marks are named.
const MOST: usize = 4;
/// The longest words of a tag.
const WORDS: usize = 40;

/// Date and title, author and what they state, what came of it; with `verbose` its id.
pub(super) fn shown(
    store: &View,
    row: &SeriesRow,
    record: &Value,
    verbose: bool,
    width: usize,
) -> Result<String, Failure> {
    let mut text = String::new();
    let title = one_line(string(record, "title").unwrap_or("(no title)"));
    let version = number(record, "version").filter(|version| *version > 1);
    let total = number(record, "total").filter(|total| *total > 1);
    let about: Vec<String> = [
        version.map(|version| format!("v{version}")),
        total.map(|total| format!("{total} patches")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let about = if about.is_empty() { String::new() } else { format!("  ({})", about.join(", ")) };
    let title = cut(&title, width.saturating_sub(12 + about.len()));
    let _ = writeln!(text, "{}  {title}{about}", row.first.strftime("%Y-%m-%d"));
    let mut indented = |words: &str| {
        for line in lines(&one_line(words), width - 12) {
            let _ = writeln!(text, "            {}", cut(&line, width - 12));
        }
    };
    let author = record.get("author").and_then(|author| string(author, "name"));
    let mut said = vec![author.unwrap_or("(no name)").to_owned()];
    said.extend(stated(record));
    indented(&said.join("; "));
    indented(&came_of_it(store, record)?);
    if verbose && let Some(id) = &row.id {
        indented(id);
    }
    Ok(text)
}

/// What is declared and what marks there are, each once, with the number of patches.
fn stated(record: &Value) -> Vec<String> {
    let patches = array(record, "patches");
    let of = |field: &str, name: fn(&Value) -> String| -> Vec<(String, usize)> {
        let mut found: Vec<(String, usize)> = Vec::new();
        for patch in patches {
            let mut names: Vec<String> = array(patch, field).iter().map(name).collect();
            names.sort();
            names.dedup();
            for name in names {
                if let Some((_, count)) = found.iter_mut().find(|(known, _)| *known == name) {
                    *count += 1;
                } else if found.len() < 100 {
                    found.push((name, 1));
                }
            }
        }
        found
    };
    let listed = |word: &str, found: Vec<(String, usize)>| {
        let first = found.iter().take(MOST);
        let mut names: Vec<String> = first
            .map(|(name, count)| match (patches.len(), count) {
                (0 | 1, _) => name.clone(),
                (all, count) => format!("{name} ({count} of {all})"),
            })
            .collect();
        if found.len() > MOST {
            names.push(format!("{} more", found.len() - MOST));
        }
        (!names.is_empty()).then(|| format!("{word} {}", names.join(", ")))
    };
    [listed("states", of("declared", declared)), listed("carries", of("indicated", indicated))]
        .into_iter()
        .flatten()
        .collect()
}

fn declared(one: &Value) -> String {
    let value = cut(&one_line(string(one, "value").unwrap_or_default()), WORDS);
    match string(one, "key") {
        Some(key) => format!("{key}: {value}"),
        None => format!("\"{value}\""),
    }
}

/// A mark by its kind and tool: its words hold addresses and links.
fn indicated(one: &Value) -> String {
    let what = string(one, "key").or_else(|| string(one, "form")).unwrap_or("mark");
    match string(one, "tool") {
        Some(tool) => format!("{what} ({tool})"),
        None => what.to_owned(),
    }
}

/// Each project's outcome, and what became of the reply.
fn came_of_it(store: &View, record: &Value) -> Result<String, Failure> {
    let judgements = array(record, "judgements");
    if judgements.is_empty() {
        return judged(store, record);
    }
    let mut all = Vec::new();
    for judgement in judgements {
        let text = judged(store, judgement)?;
        let list = string(judgement, "list").filter(|_| judgements.len() > 1);
        all.push(list.map_or_else(|| text.clone(), |list| format!("{list}: {text}")));
    }
    Ok(all.join("; "))
}

fn judged(store: &View, judgement: &Value) -> Result<String, Failure> {
    if let Some(why) = string(judgement, "not_judged") {
        return Ok(format!("not judged: {why}"));
    }
    let outcome = string(judgement, "outcome").unwrap_or("not judged yet");
    let id = judgement.get("reply").and_then(|reply| string(reply, "id"));
    let reply = match id.and_then(MessageId::new) {
        Some(id) => store.reply(&id).map_err(Failure::io)?,
        None => None,
    };
    Ok(match (reply, string(judgement, "silence")) {
        (Some(row), _) => format!("{outcome}, reply {}", row.state.as_str()),
        (None, Some(why)) => format!("{outcome}, no reply: {why}"),
        (None, None) => format!("{outcome}, no reply"),
    })
}

fn string<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field).and_then(Value::as_str)
}

fn number(value: &Value, field: &str) -> Option<u64> {
    value.get(field).and_then(Value::as_u64)
}

fn array<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
