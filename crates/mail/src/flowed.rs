//! `format=flowed` (RFC 3676): soft line breaks joined, space-stuffing undone.

/// Joins flowed lines as `git mailinfo` does for unquoted text; quoted lines (`>`) join only
/// with a line of the same depth (RFC 3676 section 4.5).
///
/// `delsp` is the parameter of that name: the space before a soft break is no part of the text.
#[must_use]
pub fn unflow(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // The text of the paragraph so far, and its quote depth.
    let mut open: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let line = line.strip_suffix('\n').unwrap_or(line);
        if line == "-- " {
            close(&mut out, &mut open);
            out.push_str("-- \n");
            continue;
        }
        let quotes = line.len() - line.trim_start_matches('>').len();
        let (prefix, content) = line.split_at_checked(quotes).unwrap_or(("", line));
        let unstuffed = content.strip_prefix(' ');
        if open.is_some_and(|depth| depth != quotes) {
            close(&mut out, &mut open);
        }
        if open.is_none() {
            out.push_str(prefix);
            if quotes > 0 && unstuffed.is_some() {
                out.push(' ');
            }
        }
        let content = unstuffed.unwrap_or(content);
        match content.strip_suffix(' ') {
            Some(soft) => {
                out.push_str(if delsp { soft } else { content });
                open = Some(quotes);
            }
            None => {
                out.push_str(content);
                out.push('\n');
                open = None;
            }
        }
    }
    close(&mut out, &mut open);
    out
}

fn close(out: &mut String, open: &mut Option<usize>) {
    if open.take().is_some() {
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("one \ntwo\n", false => "one two\n"; "soft break")]
    #[test_case("one \ntwo\n", true => "onetwo\n"; "delsp")]
    #[test_case(" stuffed\n  two\n", false => "stuffed\n two\n"; "space stuffed")]
    #[test_case("a \n-- \nsig\n", false => "a \n-- \nsig\n"; "signature stays")]
    #[test_case("> q \n> r\ns\n", false => "> q r\ns\n"; "quoted")]
    #[test_case("> q \nanswer\n", false => "> q \nanswer\n"; "depth changes")]
    #[test_case("last ", false => "last \n"; "open end")]
    fn joined(text: &str, delsp: bool) -> String {
        unflow(text, delsp)
    }
}
