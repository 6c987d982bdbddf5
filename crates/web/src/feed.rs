//! `/feed.atom`: the assessments, as RFC 4287 has it. No address, and no link but to ourselves.

use std::fmt::Write as _;

use minijinja::{Environment, Value, context, value::Serde};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{Series, Snapshot, when::rfc3339};

/// The feed of a snapshot; `base` is where the page is seen from outside.
pub(crate) fn feed(
    templates: &Environment<'_>,
    snapshot: &Snapshot,
    base: Option<&str>,
) -> Result<String, minijinja::Error> {
    let assessed = || snapshot.series.iter().filter(|series| series.judged.is_some());
    let entries: Vec<Entry<'_>> = assessed().map(|s| Entry::new(&snapshot.instance, s)).collect();
    // A feed without entries changed when the daemon started: not at each look.
    let updated = assessed().filter_map(|s| s.judged).max().unwrap_or(snapshot.started);
    templates.get_template("feed.atom")?.render(context! {
        id => urn(&[&snapshot.instance]),
        updated => rfc3339(updated),
        version => &snapshot.version,
        base => base.map(|base| base.trim_end_matches('/')),
        entries => Value::from(Serde(entries)),
    })
}

/// One assessment.
#[derive(Debug, Serialize)]
struct Entry<'a> {
    id: String,
    title: String,
    updated: Option<String>,
    published: String,
    author: Option<&'a str>,
    outcome: &'a str,
    text: String,
}

impl<'a> Entry<'a> {
    fn new(instance: &str, series: &'a Series) -> Self {
        let outcome = series.outcome.as_deref().unwrap_or("not-judged");
        let title = series.title.as_deref().unwrap_or("(no title)");
        let version =
            if series.version > 1 { format!("v{} ", series.version) } else { String::new() };
        Self {
            id: urn(&[instance, &series.id]),
            title: format!("{outcome}: {version}{title}"),
            updated: series.judged.map(rfc3339),
            published: rfc3339(series.first),
            author: series.author.as_deref(),
            outcome,
            text: text(series),
        }
    }
}

/// What became of it, in sentences.
fn text(series: &Series) -> String {
    let mut text = String::new();
    let mut say = |what: &str, words: &str| {
        let space = if text.is_empty() { "" } else { " " };
        // Writing into a String does not fail.
        let _ = write!(text, "{space}{what}: {words}.");
    };
    match (series.declared, series.indicated) {
        (true, _) => say("AI use", "stated"),
        (false, true) => say("AI use", "a tool's mark, nothing stated"),
        (false, false) => {}
    }
    if let Some(policy) = &series.policy {
        match series.policy_date {
            Some(date) => say("Policy", &format!("{policy} of {date}")),
            None => say("Policy", policy),
        }
    }
    if let Some(why) = &series.not_judged {
        say("Not judged", why);
    }
    if !series.rules.is_empty() {
        say("Rules", &series.rules.join(", "));
    }
    if let Some(state) = &series.reply {
        say("Reply", state);
    } else if let Some(why) = &series.silence {
        say("No reply", why);
    }
    text
}

/// A name for something, the same for the same parts: a UUID of our own making (RFC 9562, 5.8).
fn urn(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(b"tidewaiter feed");
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bits =
        hash.finalize().iter().take(16).fold(0_u128, |all, byte| (all << 8) | u128::from(*byte));
    bits = bits & !(0xf << 76) | (8 << 76);
    bits = bits & !(0x3 << 62) | (2 << 62);
    let [a, b, c, d, e] = [
        (bits >> 96, 8),
        (bits >> 80 & 0xffff, 4),
        (bits >> 64 & 0xffff, 4),
        (bits >> 48 & 0xffff, 4),
        (bits & 0xffff_ffff_ffff, 12),
    ]
    .map(|(part, width)| format!("{part:0width$x}"));
    format!("urn:uuid:{a}-{b}-{c}-{d}-{e}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_stable_and_distinct() {
        let one = urn(&["a", "b"]);
        assert_eq!(one, urn(&["a", "b"]));
        assert_ne!(one, urn(&["ab", ""]));
        assert_ne!(one, urn(&["a"]));
        let shape: String =
            one.chars().map(|c| if c.is_ascii_hexdigit() { 'x' } else { c }).collect();
        assert_eq!(shape.len(), "urn:uuid:".len() + 36);
        assert_eq!(
            (one.get(23..24), one.get(28..29).map(|c| "89ab".contains(c))),
            (Some("8"), Some(true))
        );
    }
}
