//! Lines that tools gather from answers.

/// The first line above the signature that would be taken for a trailer, from 1.
pub(crate) fn trailer_like(text: &str) -> Option<usize> {
    text.lines().take_while(|line| *line != "-- ").position(is_trailer_like).map(|at| at + 1)
}

/// `^\s*\w\S+:\s+\S`, as b4 looks for trailers.
pub(crate) fn is_trailer_like(line: &str) -> bool {
    let line = line.trim_start();
    let starts = line.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut words = line.split_whitespace();
    let key = words.next().unwrap_or_default();
    starts && key.ends_with(':') && key.chars().count() > 2 && words.next().is_some()
}
