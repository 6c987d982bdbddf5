//! Mistakes in configuration texts, shown with the line they stand on.

use std::io::IsTerminal;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, renderer::DecorStyle};
use tidewaiter_policy::{ConfigError, ConfigWarning, line_column};

use crate::{
    archives::safe,
    cli::{Color, Global},
    daemon::logging,
    output,
};

/// What stands behind one of these words is not shown: somebody wrote a password where none
/// belongs.
const SECRETS: [&str; 4] = ["password", "secret", "token", "credential"];
/// What a value of several lines stands between.
const QUOTES: [&str; 2] = ["\"\"\"", "'''"];

/// Shows one mistake or warning as rustc does: message, file, line, column, and the place. In a log,
/// which others read too, the line that it stands on is not shown.
pub(crate) fn show(
    level: Level<'_>,
    message: &str,
    path: &str,
    text: &str,
    span: Option<std::ops::Range<usize>>,
    global: &Global,
) -> String {
    let (message, path) = (safe(message), safe(path));
    if logging::is_for_a_log() {
        let place = span.map(|span| {
            let (line, column) = line_column(text, span.start);
            format!(":{line}:{column}")
        });
        return logging::masked(&format!("{message} ({path}{})", place.unwrap_or_default()));
    }
    let text = &without_secrets(text);
    let report = match span {
        Some(span) => {
            let end = span.end.min(text.len()).max(span.start);
            let start = span.start.min(end);
            let snippet = Snippet::source(text)
                .path(path.as_str())
                .annotation(AnnotationKind::Primary.span(start..end));
            level.primary_title(message.as_str()).element(snippet)
        }
        None => level
            .primary_title(message.as_str())
            .element(annotate_snippets::Origin::path(path.as_str())),
    };
    renderer(global, &std::io::stderr()).render(&[report])
}

/// The text with stars, as many bytes, where a secret may stand.
fn without_secrets(text: &str) -> String {
    let mut open: Option<&str> = None;
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let hidden = match open {
            Some(_) => line,
            None => line.get(value(line).unwrap_or(line.len())..).unwrap_or_default(),
        };
        shown.push_str(line.strip_suffix(hidden).unwrap_or_default());
        for char in hidden.chars() {
            match char {
                '=' => shown.push('='),
                _ if char.is_whitespace() => shown.push(char),
                _ => shown.extend(std::iter::repeat_n('*', char.len_utf8())),
            }
        }
        open = match open {
            Some(quotes) => Some(quotes).filter(|quotes| !hidden.contains(quotes)),
            None => QUOTES.into_iter().find(|quotes| hidden.matches(quotes).count() == 1),
        };
    }
    shown
}

/// Where the value of a secret begins in a line: behind a key, which is no part of a text.
fn value(line: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    let is_key = |at: &usize| {
        let quotes = line.get(..*at).unwrap_or_default().matches('"').count();
        quotes % 2 == 0 || line.trim_start().starts_with('"')
    };
    let keys = SECRETS.iter().flat_map(|word| lower.match_indices(word).map(|(at, _)| at));
    let key = keys.filter(is_key).min()?;
    let rest = line.get(key..)?;
    let of_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '"' | '\'');
    Some(key + rest.find(|c| !of_key(c)).unwrap_or(rest.len()))
}

/// Prints mistakes on standard error.
pub(crate) fn errors(errors: &[ConfigError], path: &str, text: &str, global: &Global) {
    for error in errors {
        let span = error.span.clone();
        output::complain(&show(Level::ERROR, &error.message, path, text, span, global));
    }
}

/// Prints warnings on standard error.
pub(crate) fn warnings(warnings: &[ConfigWarning], path: &str, text: &str, global: &Global) {
    if global.quiet {
        return;
    }
    for warning in warnings {
        let span = warning.span.clone();
        output::complain(&show(Level::WARNING, &warning.message, path, text, span, global));
    }
}

/// Whether colour is wanted on a stream (<https://no-color.org>).
pub(crate) fn coloured(global: &Global, stream: &impl IsTerminal) -> bool {
    match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
        }
    }
}

/// How reports look on a stream, with colour where it is wanted.
pub(crate) fn renderer(global: &Global, stream: &impl IsTerminal) -> Renderer {
    let renderer = if coloured(global, stream) { Renderer::styled() } else { Renderer::plain() };
    renderer.decor_style(DecorStyle::Ascii)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("password = \"hunter2\"\n" => "password = *********\n"; "a value")]
    #[test_case("  API-Token=x # y\n" => "  API-Token=* * *\n"; "letter case")]
    #[test_case("smtp = { host = \"a\", password = \"p\" }" => "smtp = { host = \"a\", password = *** *"; "inline")]
    #[test_case("\"the-secret\" = 1" => "\"the-secret\" = *"; "a quoted key")]
    #[test_case("password: hunter2" => "password* *******"; "no TOML")]
    #[test_case("password = \"é\"" => "password = ****"; "as many bytes")]
    #[test_case("password = \"\"\"a\nb = 1\n\"\"\"\nhost = 2" => "password = ****\n* = *\n***\nhost = 2"; "lines")]
    #[test_case("password = '''a'''\nhost = 2" => "password = *******\nhost = 2"; "one line")]
    #[test_case("user = \"token\"" => "user = \"token\""; "a value that is none")]
    #[test_case("host = \"a\"" => "host = \"a\""; "nothing")]
    fn secrets(text: &str) -> String {
        without_secrets(text)
    }
}
