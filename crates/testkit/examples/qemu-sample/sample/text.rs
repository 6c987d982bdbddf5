//! What the script's text leaves to be filled in: people, sign-offs, attributions, times.

use tidewaiter_testkit::builder::mail_date;

use super::people::{Person, person};

/// Mon, 1 Jun 2026 00:00:00 +0000.
const MONDAY: i64 = 1_780_272_000;

/// Seconds since 1970 of `Mon 09:14` in UTC, within the week.
pub(crate) fn time(day: &str, clock: &str) -> i64 {
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = days.iter().position(|name| *name == day).unwrap_or_else(|| panic!("no day: {day}"));
    let (hours, minutes) = clock.split_once(':').unwrap_or_else(|| panic!("no time: {clock}"));
    let number = |text: &str| text.parse::<i64>().expect("no number in a time");
    let day = i64::try_from(day).expect("a day of the week");
    MONDAY + day * 86_400 + number(hours) * 3600 + number(minutes) * 60
}

/// A Date header in this person's time zone.
pub(crate) fn date(seconds: i64, zone: i64) -> String {
    let sign = if zone < 0 { '-' } else { '+' };
    let (hours, minutes) = (zone.abs() / 60, zone.abs() % 60);
    let local = mail_date(seconds + zone * 60);
    local.replace("+0000", &format!("{sign}{hours:02}{minutes:02}"))
}

/// `20260601091422` of a time, in UTC.
pub(crate) fn stamp(seconds: i64) -> String {
    let (day, clock) = ((seconds - MONDAY).div_euclid(86_400) + 1, seconds.rem_euclid(86_400));
    format!("202606{day:02}{:02}{:02}{:02}", clock / 3600, clock / 60 % 60, clock % 60)
}

/// A number below `limit` that hangs on the text alone (FNV-1a).
pub(crate) fn number(text: &str, limit: u64) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, step);
    (hash ^ (hash >> 29)) % limit
}

/// Replaces `@nick` in trailers, and `@sob` by the sign-off.
pub(crate) fn people_in(text: &str, signer: &Person) -> String {
    let line = |line: &str| {
        if line == "@sob" {
            return format!("Signed-off-by: {}", signer.mailbox());
        }
        match line.split_once(": @") {
            Some((key, nick)) if !key.contains(' ') || key.starts_with('>') => {
                let (nick, rest) = nick.split_once(' ').unwrap_or((nick, ""));
                format!("{key}: {} {rest}", person(nick).mailbox()).trim_end().to_owned()
            }
            _ => line.to_owned(),
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A commit message with the sign-off at its end, where it has none.
pub(crate) fn signed(text: &str, signer: &Person) -> String {
    let has = |line: &str| line == "@sob" || line.starts_with("Signed-off-by:");
    if text.lines().any(has) {
        return people_in(text, signer);
    }
    let last = text.rsplit("\n\n").next().unwrap_or_default();
    let known = ["Fixes", "Resolves", "Cc", "Link", "Buglink", "Message-ID", "Supersedes"];
    let trailer = |line: &str| {
        let Some((key, _)) = line.split_once(": ") else { return false };
        !key.contains(' ') && (key.contains('-') || known.contains(&key))
    };
    let block = text.contains("\n\n") && !last.is_empty() && last.lines().all(trailer);
    let end = match (text.is_empty(), block) {
        (true, _) => "@sob",
        (false, true) => "\n@sob",
        (false, false) => "\n\n@sob",
    };
    people_in(&format!("{text}{end}"), signer)
}

/// The line above a quotation, as this person's mail program writes it.
pub(crate) fn wrote(reader: &Person, writer: (&str, &str), at: i64) -> String {
    let date = date(at, reader.zone);
    let (name, address) = writer;
    match number(reader.address, 4) {
        0 => format!("{name} <{address}> writes:"),
        1 => format!("On {}, {name} wrote:", date.trim_end_matches(" +0000")),
        2 => format!("On {date}\n{name} <{address}> wrote:"),
        _ => {
            let short: Vec<_> = date.split_whitespace().take(4).collect();
            format!("On {}, {name} wrote:", short.join(" "))
        }
    }
}
