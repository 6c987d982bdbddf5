//! What a well-behaved server answers.

use super::mailbox::{Mailbox, day};
use super::{PASSWORD, Reply, Then, USER};

/// The right reply to `command`, which came with `tag`.
pub(super) fn answer(tag: &str, command: &str, mailbox: &Mailbox) -> Reply {
    let word = command.split(' ').next().unwrap_or_default().to_ascii_uppercase();
    let (lines, status): (Vec<Vec<u8>>, &str) = match word.as_str() {
        "GREETING" => {
            let lines = vec![b"* OK [CAPABILITY IMAP4rev1] ready\r\n".to_vec()];
            return Reply { tag: tag.to_owned(), lines, then: Then::GoOn };
        }
        "CAPABILITY" => {
            let idle = if mailbox.idle { " IDLE" } else { "" };
            (vec![line(&format!("* CAPABILITY IMAP4rev1{idle}"))], "OK done")
        }
        "LOGIN" => (Vec::new(), login(command)),
        "EXAMINE" => examine(command, mailbox),
        "NOOP" => (vec![exists(mailbox)], "OK done"),
        "UID" => uid_command(command, mailbox),
        _ => (Vec::new(), "BAD there is no such command"),
    };
    let mut reply = Reply { tag: tag.to_owned(), lines, then: Then::GoOn };
    reply.lines.push(line(&format!("{tag} {status}")));
    reply
}

fn line(text: &str) -> Vec<u8> {
    format!("{text}\r\n").into_bytes()
}

pub(super) fn exists(mailbox: &Mailbox) -> Vec<u8> {
    line(&format!("* {} EXISTS", mailbox.mails.len()))
}

fn login(command: &str) -> &'static str {
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    if command == format!("LOGIN {} {}", quote(USER), quote(PASSWORD)) {
        "OK logged in"
    } else {
        "NO [AUTHENTICATIONFAILED] not with this password"
    }
}

fn examine(command: &str, mailbox: &Mailbox) -> (Vec<Vec<u8>>, &'static str) {
    if command != format!("EXAMINE \"{}\"", mailbox.name) {
        return (Vec::new(), "NO there is no such mailbox");
    }
    let lines = vec![
        line("* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)"),
        line("* OK [PERMANENTFLAGS ()] read-only"),
        exists(mailbox),
        line("* 0 RECENT"),
        line(&format!("* OK [UIDVALIDITY {}] valid", mailbox.uid_validity)),
        line(&format!("* OK [UIDNEXT {}] next", mailbox.uid_next)),
    ];
    (lines, "OK [READ-ONLY] open")
}

fn uid_command(command: &str, mailbox: &Mailbox) -> (Vec<Vec<u8>>, &'static str) {
    let mut words = command.split(' ').skip(1);
    match words.next() {
        Some("SEARCH") => {
            let keys: Vec<&str> = words.collect();
            let after = |key: &str| {
                keys.iter().position(|word| *word == key).and_then(|at| keys.get(at + 1))
            };
            let Some(set) = after("UID") else { return (Vec::new(), "BAD search for what?") };
            let since = after("SINCE").map(|date| day(date));
            let found = mailbox
                .in_set(set)
                .into_iter()
                .filter(|uid| {
                    let came = mailbox.mails.get(uid).map(|mail| day(&mail.internal_date));
                    since.is_none_or(|since| came >= Some(since))
                })
                .fold(String::new(), |all, uid| format!("{all} {uid}"));
            (vec![line(&format!("* SEARCH{found}"))], "OK done")
        }
        Some("FETCH") => {
            let set = words.next().unwrap_or_default();
            let items = words.collect::<Vec<_>>().join(" ");
            let uids = mailbox.in_set(set);
            (uids.iter().filter_map(|uid| fetch(*uid, &items, mailbox)).collect(), "OK done")
        }
        _ => (Vec::new(), "BAD there is no such command"),
    }
}

fn fetch(uid: u32, items: &str, mailbox: &Mailbox) -> Option<Vec<u8>> {
    let mail = mailbox.mails.get(&uid)?;
    let mut answer = format!("* {} FETCH (UID {uid}", mailbox.sequence(uid)).into_bytes();
    if items.contains("RFC822.SIZE") {
        answer.extend(format!(" RFC822.SIZE {}", mail.raw.len()).bytes());
    }
    if items.contains("INTERNALDATE") {
        answer.extend(format!(" INTERNALDATE \"{}\"", mail.internal_date).bytes());
    }
    if let Some((_, rest)) = items.split_once("BODY.PEEK[") {
        let (section, rest) = rest.split_once(']')?;
        let end = if section == "HEADER" {
            mail.raw.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
        } else {
            None
        };
        let partial = rest.strip_prefix("<0.").and_then(|rest| rest.split_once('>'));
        let limit: usize = partial.map_or(usize::MAX, |(n, _)| n.parse().unwrap_or(0));
        let origin = if partial.is_some() { "<0>" } else { "" };
        let bytes = mail.raw.get(..end.unwrap_or(mail.raw.len()).min(limit))?;
        answer.extend(format!(" BODY[{section}]{origin} {{{}}}\r\n", bytes.len()).bytes());
        answer.extend(bytes);
    }
    answer.extend(b")\r\n");
    Some(answer)
}
