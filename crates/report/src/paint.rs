//! Colour for the summary: headings and outcomes, nothing that came from a mail.

/// `ESC [ n m` before, the reset behind.
const RESET: &str = "\u{1b}[0m";

const OUTCOMES: [(&str, &str); 4] = [
    ("decline", "\u{1b}[31m"),
    ("ask", "\u{1b}[33m"),
    ("disclosure", "\u{1b}[36m"),
    ("silent", "\u{1b}[2m"),
];

/// Paints the summary. Text from mails stands in indented lines behind an outcome, if at all, and
/// is left as it is; the display width stays the same.
pub(crate) fn paint(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut before_empty = false;
    for line in text.lines() {
        let heading = before_empty && line.starts_with(|c: char| c.is_ascii_uppercase());
        match (heading, outcome(line)) {
            (true, _) => out.extend(["\u{1b}[1m", line, RESET]),
            (_, Some((before, word, colour, behind))) => {
                out.extend([before, colour, word, RESET, behind]);
            }
            _ => out.push_str(line),
        }
        out.push('\n');
        before_empty = line.is_empty();
    }
    out
}

/// The outcome that a line begins with, behind blanks and a count.
fn outcome(line: &str) -> Option<(&str, &str, &str, &str)> {
    let start = line.find(|c: char| !c.is_ascii_digit() && c != ' ')?;
    let (before, rest) = line.split_at_checked(start).filter(|(before, _)| !before.is_empty())?;
    let (word, colour) =
        OUTCOMES.into_iter().find(|(word, _)| rest.starts_with(&format!("{word} ")))?;
    let (word, behind) = rest.split_at_checked(word.len())?;
    Some((before, word, colour, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_and_outcomes_alone() {
        let text = "3 mails\n\nOutcomes (1 states AI use)\n      1  decline     why\n\
                    \n  ask         v2 decline: this\n      4  foreign-tag\n";
        let painted = paint(text);
        assert_eq!(
            painted,
            "3 mails\n\n\u{1b}[1mOutcomes (1 states AI use)\u{1b}[0m\n      1  \
             \u{1b}[31mdecline\u{1b}[0m     why\n\n  \u{1b}[33mask\u{1b}[0m         v2 decline: \
             this\n      4  foreign-tag\n"
        );
        let plain = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[31m", "\u{1b}[33m"]
            .into_iter()
            .fold(painted, |text, code| text.replace(code, ""));
        assert_eq!(plain, text);
    }
}
