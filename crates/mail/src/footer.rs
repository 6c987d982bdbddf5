//! What lists and people append below a text: signatures and list footers.

/// The text above the signature delimiter (`-- ` on a line of its own, RFC 3676 section 4.3)
/// and above a list's footer.
#[must_use]
pub fn strip_signature(text: &str) -> &str {
    let text = strip_list_footer(text);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end_matches(['\n', '\r']) == "-- " {
            return text.get(..at).unwrap_or(text);
        }
        at += line.len();
    }
    text
}

/// The text above the footer that list software appends.
///
/// Known forms: Mailman's line of underscores, Majordomo's and vger's `--` with "To unsubscribe
/// from this list", Google Groups' `-- ` with "You received this message", Sympa's and groups.io's
/// line of `-=-`. A footer stands within the last 15 lines.
#[must_use]
pub fn strip_list_footer(text: &str) -> &str {
    let mut starts: Vec<(usize, &str)> = Vec::new();
    let mut end = text.len();
    for line in text.split_inclusive('\n').rev().take(15) {
        end -= line.len();
        starts.push((end, line.trim_end()));
    }
    starts.reverse();
    for (index, (at, line)) in starts.iter().enumerate() {
        let below = || starts.iter().skip(index + 1).map(|(_, l)| l.to_ascii_lowercase());
        let rule = line.len() >= 20 && line.bytes().all(|b| b == b'_');
        let groups_io = line.starts_with("-=-=-=-=-");
        let dashes = *line == "--" || *line == "-- ".trim_end();
        let is_footer = (rule
            && below()
                .any(|l| l.contains("mailing list") || l.contains("listinfo") || l.contains("@")))
            || (groups_io && below().any(|l| l.contains("groups.io")))
            || (dashes
                && below().next().is_some_and(|l| {
                    l.starts_with("to unsubscribe from this list")
                        || l.starts_with("you received this message because you are subscribed")
                }));
        if is_footer {
            return text.get(..*at).unwrap_or(text);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("a\n-- \nsig\n" => "a\n"; "signature")]
    #[test_case("a\n--\nnot a signature\n" => "a\n--\nnot a signature\n"; "two dashes")]
    #[test_case("a\n_______________________________________________\nX mailing list\nx@example.org\n" => "a\n"; "mailman")]
    #[test_case("a\n____________________\nno footer\n" => "a\n____________________\nno footer\n"; "underscores")]
    #[test_case("a\n--\nTo unsubscribe from this list: send the line\n" => "a\n"; "majordomo")]
    #[test_case("a\n-- \nYou received this message because you are subscribed to the group\n" => "a\n"; "google groups")]
    fn stripped(text: &str) -> &str {
        strip_signature(text)
    }
}
