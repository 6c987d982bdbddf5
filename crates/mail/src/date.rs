//! Dates of mails: an instant and the offset that the mail gave.

use jiff::{
    Timestamp, Zoned,
    fmt::rfc2822::DateTimeParser,
    tz::{Offset, TimeZone},
};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// A date as a mail states it. Serialised as RFC 3339 with the mail's own offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(with = "String")]
pub struct MailDate {
    /// The instant.
    pub timestamp: Timestamp,
    /// Seconds east of UTC.
    pub offset_seconds: i32,
}

static PARSER: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);

impl MailDate {
    /// Reads an RFC 5322 section 3.3 date, with what real mail does to it: a wrong weekday, a
    /// one-digit hour, two-digit years, missing seconds, a trailing `(CEST)`.
    ///
    /// `None` for all else; never a stand-in date.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let text = tidy(raw.get(..raw.len().min(200)).unwrap_or(raw));
        let zoned: Zoned = PARSER.parse_zoned(&text).ok()?;
        // What programs write that do not know the time; there was no mail yet.
        if zoned.timestamp().as_second().abs() < 2 * 24 * 3600 {
            return None;
        }
        Some(Self { timestamp: zoned.timestamp(), offset_seconds: zoned.offset().seconds() })
    }

    /// Reads the date at the end of a `Received` header (after its last `;`).
    #[must_use]
    pub fn of_received(raw: &str) -> Option<Self> {
        let (_, date) = raw.rsplit_once(';')?;
        Self::parse(date)
    }
}

/// Drops comments, folds white space, and pads one-digit hours.
fn tidy(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len() + 1);
    let mut depth = 0_u32;
    for c in raw.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            c if c.is_whitespace() => {
                if !text.is_empty() && !text.ends_with(' ') {
                    text.push(' ');
                }
            }
            c => text.push(c),
        }
    }
    let text = text.trim_end();
    // " 9:05:01" has its first colon two characters after the space.
    if let Some(colon) = text.find(':')
        && let Some(before) = text.get(..colon)
        && let Some(space) = before.rfind(' ')
        && colon - space == 2
        && let (Some(head), Some(tail)) = (text.get(..=space), text.get(space + 1..))
    {
        return format!("{head}0{tail}");
    }
    text.to_owned()
}

impl Serialize for MailDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::fmt::Display for MailDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let offset = Offset::from_seconds(self.offset_seconds).unwrap_or(Offset::UTC);
        let zoned = self.timestamp.to_zoned(TimeZone::fixed(offset));
        write!(f, "{}", zoned.strftime("%Y-%m-%dT%H:%M:%S%:z"))
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("Fri, 29 May 2026 11:46:19 +0200" => Some("2026-05-29T11:46:19+02:00".into()); "plain")]
    #[test_case("Mon, 29 May 2026 11:46:19 +0200" => Some("2026-05-29T11:46:19+02:00".into()); "wrong weekday")]
    #[test_case("29 May 2026 9:46:19 -0700 (PDT)" => Some("2026-05-29T09:46:19-07:00".into()); "one digit hour and comment")]
    #[test_case("Fri, 29 May 2026 11:46 GMT" => Some("2026-05-29T11:46:00+00:00".into()); "no seconds")]
    #[test_case("Fri, 29 May 98 11:46:00 +0000" => Some("1998-05-29T11:46:00+00:00".into()); "two digit year")]
    #[test_case("Mon, 18 Jun 2085 15:57:20 +0000" => Some("2085-06-18T15:57:20+00:00".into()); "far future")]
    #[test_case("Thu, 1 Jan 1970 00:00:00 +0000" => None; "epoch")]
    #[test_case("garbage" => None; "garbage")]
    #[test_case("" => None; "empty")]
    #[test_case("((((((((" => None; "comments only")]
    fn read(raw: &str) -> Option<String> {
        MailDate::parse(raw).map(|d| d.to_string())
    }

    #[test]
    fn received() {
        let raw = "from a (b; c) by d with e; Fri, 29 May 2026 05:46:19 -0400 (EDT)";
        assert_eq!(
            MailDate::of_received(raw).map(|d| d.to_string()).as_deref(),
            Some("2026-05-29T05:46:19-04:00")
        );
    }
}
