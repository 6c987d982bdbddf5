//! The header block: folding and encoded words as git writes them.

use super::{Kind, Mail};

/// git folds a subject before this column (`pretty.c`).
const FOLD: usize = 78;

/// The header block without the blank line that ends it.
pub(super) fn block(mail: &Mail, ascii_body: bool) -> String {
    let mut out = String::new();
    for (name, value) in &mail.above {
        out.push_str(&format!("{name}: {value}\n"));
    }
    out.push_str(&format!("From: {}\n", mailbox(&mail.from.0, &mail.from.1)));
    out.push_str(&subject(&mail.brackets(), &mail.title));
    let mut field = |name: &str, value: &str| out.push_str(&format!("{name}: {value}\n"));
    field("Date", &mail.date);
    field("Message-ID", &format!("<{}>", mail.message_id()));
    if let Some(id) = &mail.in_reply_to {
        field("In-Reply-To", &format!("<{id}>"));
    }
    for (name, list, separator) in [
        ("References", mail.references.iter().map(|id| format!("<{id}>")).collect(), "\n "),
        ("To", mail.to.clone(), ",\n\t"),
        ("Cc", mail.cc.clone(), ",\n\t"),
    ] {
        if !list.is_empty() {
            field(name, &list.join(separator));
        }
    }
    let own_type = mail.headers.iter().any(|(name, _)| name == "Content-Type");
    if !ascii_body && !own_type {
        field("MIME-Version", "1.0");
        field("Content-Type", "text/plain; charset=UTF-8");
        field("Content-Transfer-Encoding", "8bit");
    }
    if mail.kind != Kind::Plain {
        field("X-Mailer", mail.mailer.as_deref().unwrap_or("git-send-email 2.47.3"));
    }
    for (name, value) in &mail.headers {
        field(name, value);
    }
    out
}

/// `Name <address>`, the name quoted or encoded where it must be.
#[must_use]
pub fn mailbox(name: &str, address: &str) -> String {
    if name.is_empty() {
        return address.to_owned();
    }
    let special = |c: char| "()<>[]:;@\\,.\"".contains(c);
    let name = if !name.is_ascii() {
        encoded_words(name).join("\n ")
    } else if name.contains(special) {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        name.to_owned()
    };
    format!("{name} <{address}>")
}

fn subject(brackets: &str, title: &str) -> String {
    let mut out = format!("Subject: {brackets}");
    if !title.is_ascii() {
        return out + &encoded_words(title).join("\n ") + "\n";
    }
    let mut column = out.len();
    for (number, word) in title.split(' ').enumerate() {
        if number > 0 {
            let fold = column + 1 + word.len() > FOLD;
            out.push_str(if fold { "\n " } else { " " });
            column = if fold { 1 } else { column + 1 };
        }
        out.push_str(word);
        column += word.len();
    }
    out + "\n"
}

/// Encoded words in Q encoding (RFC 2047 §4.2), none above 75 columns, no character split.
fn encoded_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in text.chars() {
        let mut buffer = [0; 4];
        let bytes = c.encode_utf8(&mut buffer).bytes();
        let plain = c.is_ascii_alphanumeric() || "!*+-/".contains(c);
        let code: String =
            if plain { c.to_string() } else { bytes.map(|byte| format!("={byte:02X}")).collect() };
        match words.last_mut().filter(|word| word.len() + code.len() <= 50) {
            Some(word) => word.push_str(&code),
            None => words.push(code),
        }
    }
    words.iter().map(|word| format!("=?UTF-8?q?{word}?=")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_or_encoded_only_where_they_must_be() {
        assert_eq!(mailbox("Alice Author", "a@example.org"), "Alice Author <a@example.org>");
        assert_eq!(mailbox("Author, A.", "a@example.org"), "\"Author, A.\" <a@example.org>");
        assert_eq!(mailbox("Zo\u{eb}", "z@example.org"), "=?UTF-8?q?Zo=C3=AB?= <z@example.org>");
        assert_eq!(mailbox("", "z@example.org"), "z@example.org");
    }

    #[test]
    fn long_subjects_fold_at_a_space() {
        let title = "word ".repeat(30).trim_end().to_owned();
        let folded = subject("[PATCH] ", &title);
        assert!(folded.lines().all(|line| line.len() <= FOLD));
        assert_eq!(folded.replace("\n ", " "), format!("Subject: [PATCH] {title}\n"));
    }
}
