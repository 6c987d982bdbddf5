//! How a line of a mail is cited: never more of it than words that the vocabulary knows.

use tidewaiter_policy::IndicatedForm;

use super::width;

/// Columns of a cited value; a longer one is no list of uses.
const VALUE: usize = 40;

/// Cites a trailer or a sentence of a mail: `line 14: "AI-used-for: tests"`.
///
/// The value is repeated only where `may_cite` knows every word of it (letters, digits and `-`;
/// the whole value is tried first, so that a tool's name may have blanks); else it is
/// `line 12: "AI-used-for:" with other text`. A key it does not know is not repeated either.
/// `line` counts the lines of the mail's decoded text from 1.
#[must_use]
pub fn cite(
    line: usize,
    key: Option<&str>,
    value: &str,
    may_cite: &dyn Fn(&str) -> bool,
) -> String {
    match key {
        Some(key) if is_key(key.trim()) => {
            format!("line {line}: {}", cite_tag(key, value, may_cite))
        }
        _ => format!("line {line}: in a sentence"),
    }
}

/// Cites a tag without its line: `"AI-used-for: tests"`, `"AI-used-for:" with other text`.
#[must_use]
pub(crate) fn cite_tag(key: &str, value: &str, may_cite: &dyn Fn(&str) -> bool) -> String {
    let key = key.trim();
    if !is_key(key) || !may_cite(key) {
        return "in a tag".to_owned();
    }
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    if may_cite_value(&value, may_cite) {
        format!("\"{key}: {value}\"")
    } else {
        format!("\"{key}:\" with other text")
    }
}

/// Cites a mark that a tool left: `line 9: "Co-authored-by: Copilot <...>"`.
#[must_use]
pub fn cite_mark(
    form: IndicatedForm,
    line: Option<usize>,
    key: Option<&str>,
    tool: Option<&str>,
    may_cite: &dyn Fn(&str) -> bool,
) -> String {
    let tool = tool.map(str::trim).filter(|tool| may_cite_value(tool, may_cite));
    // The keys of person-trailers are no words of the vocabulary, so the shape has to do.
    let key = key.map(str::trim).filter(|key| is_key(key) && key.len() <= 30);
    let thing = match form {
        IndicatedForm::AgentAddress => "an address",
        IndicatedForm::ToolFile => "a file",
        IndicatedForm::AgentTrailer | IndicatedForm::SessionLink | IndicatedForm::Marker => {
            "a line"
        }
    };
    let what = match (key, tool) {
        (Some(key), Some(tool)) => format!("\"{key}: {tool} <...>\""),
        (None, Some(tool)) => format!("{thing} of {tool}"),
        (_, None) => format!("{thing} of a tool"),
    };
    match line {
        Some(line) => format!("line {line}: {what}"),
        None => what,
    }
}

/// Whether every word of a value is known.
fn may_cite_value(value: &str, may_cite: &dyn Fn(&str) -> bool) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || " ,;()-".contains(c);
    if value.is_empty() || width(value) > VALUE || !value.chars().all(plain) {
        return false;
    }
    if may_cite(value) {
        return true;
    }
    let mut words = value.split([' ', ',', ';', '(', ')']).filter(|word| !word.is_empty());
    words.clone().next().is_some() && words.all(may_cite)
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
