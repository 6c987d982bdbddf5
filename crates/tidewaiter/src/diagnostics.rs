//! Mistakes in configuration texts, shown with the line they stand on.

use std::io::IsTerminal;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet, renderer::DecorStyle};
use tidewaiter_policy::{ConfigError, ConfigWarning};

use crate::{
    archives::safe,
    cli::{Color, Global},
    output,
};

/// Shows one mistake or warning as rustc does: message, file, line, column, and the place.
pub(crate) fn show(
    level: Level<'_>,
    message: &str,
    path: &str,
    text: &str,
    span: Option<std::ops::Range<usize>>,
    global: &Global,
) -> String {
    let (message, path) = (safe(message), safe(path));
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
