//! Which mails there are, how large they are, and their bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use async_imap::imap_proto::{AttributeValue, MailboxDatum, MessageSection, Response, SectionPath};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::strtime;

use crate::cursor::Uid;
use crate::drain::MAX_BATCH_BYTES;
use crate::reason::{Reason, Step};
use crate::session::{Answer, Session};

/// The most UIDs that one search is asked for where a mailbox holds more mails than this: the line
/// of the answer then stays under the fence's limit. Tests have mailboxes of several windows.
const WINDOW: u32 = if cfg!(test) { 300 } else { 20_000 };
/// The most UIDs that are taken from the answer to one search, in however many lines they come.
const MAX_FOUND: usize = 2 * WINDOW as usize;
/// How much of a header is fetched of a mail that is too large.
pub(crate) const MAX_HEADER: usize = 64 * 1024;

/// What is known of a mail before it is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Meta {
    pub(crate) size: u32,
    pub(crate) internal_date: Option<Timestamp>,
}

impl Session {
    /// The mails from `low` on, ascending; at least the first of them.
    pub(crate) async fn search_from(
        &mut self,
        low: Uid,
        since: Option<Date>,
    ) -> Result<Vec<Uid>, Reason> {
        let since =
            since.map_or_else(String::new, |d| format!(" SINCE {}", d.strftime("%-d-%b-%Y")));
        // The windows have to end somewhere, also where the server does not tell UIDNEXT.
        let next = match self.next {
            None if self.exists > WINDOW => {
                self.last().await?.map(|last| Uid(last.0.saturating_add(1)))
            }
            next => next,
        };
        let mut low = low;
        loop {
            let high = Uid(low.0.saturating_add(WINDOW - 1));
            let windowed = self.exists > WINDOW && next.is_some_and(|next| high.0 < next.0);
            let upper = if windowed { high.to_string() } else { "*".to_owned() };
            let asked = |uid| uid >= low && (!windowed || uid <= high);
            let found = self.search(&format!("UID {low}:{upper}{since}"), asked).await?;
            if !windowed || !found.is_empty() {
                return Ok(found);
            }
            low = Uid(high.0.saturating_add(1));
        }
    }

    /// Which of `uids` are in the mailbox.
    pub(crate) async fn still_there(&mut self, uids: &[Uid]) -> Result<BTreeSet<Uid>, Reason> {
        if uids.is_empty() {
            return Ok(BTreeSet::new());
        }
        let found = self.search(&format!("UID {}", set(uids)), |uid| uids.contains(&uid)).await?;
        Ok(found.into_iter().collect())
    }

    /// The number of the last mail; `None` in an empty mailbox.
    pub(crate) async fn last(&mut self) -> Result<Option<Uid>, Reason> {
        Ok(self.search("UID *", |_| true).await?.last().copied())
    }

    /// A search whose answer may hold what was not asked: `n:*` always matches the last mail. Of more
    /// than [`MAX_FOUND`] the first are returned.
    async fn search(
        &mut self,
        keys: &str,
        asked: impl Fn(Uid) -> bool + Send + Sync,
    ) -> Result<Vec<Uid>, Reason> {
        let mut found = BTreeSet::new();
        self.command(Step::Search, &format!("UID SEARCH {keys}"), |response| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                found.extend(
                    uids.iter().map(|uid| Uid(*uid)).filter(|uid| uid.0 > 0 && asked(*uid)),
                );
                while found.len() > MAX_FOUND {
                    found.pop_last();
                }
            }
        })
        .await?
        .ok(Step::Search)?;
        Ok(found.into_iter().collect())
    }

    /// The sizes of all mails from `low` to `high`, those with it that a search has left out.
    ///
    /// An answer of NO (RFC 5530 has EXPUNGEISSUED) counts as an answer without the mails that are
    /// missing in it.
    pub(crate) async fn sizes(
        &mut self,
        low: Uid,
        high: Uid,
    ) -> Result<BTreeMap<Uid, Meta>, Reason> {
        let mut sizes = BTreeMap::new();
        let command = format!("UID FETCH {low}:{high} (UID RFC822.SIZE INTERNALDATE)");
        let answer = self
            .command(Step::Sizes, &command, |response| {
                if let Some((uid, meta)) = meta(response)
                    && (low..=high).contains(&uid)
                {
                    sizes.entry(uid).or_insert(meta);
                }
            })
            .await?;
        without_bad(answer, Step::Sizes)?;
        Ok(sizes)
    }

    /// The bytes of `uids`, of each at most `limit` and one more; `bytes` is what is expected in all.
    ///
    /// Where far more comes, since the server told wrong sizes, nothing of it is kept.
    pub(crate) async fn bodies(
        &mut self,
        uids: &[Uid],
        limit: u32,
        bytes: u64,
    ) -> Result<BTreeMap<Uid, Vec<u8>>, Reason> {
        let asked: BTreeSet<Uid> = uids.iter().copied().collect();
        let (mut bodies, mut kept) = (BTreeMap::new(), 0);
        let room = bytes.saturating_add(u64::from(limit)).saturating_add(MAX_BATCH_BYTES);
        if asked.is_empty() {
            return Ok(bodies);
        }
        // Never more than the limit and a byte, whatever size the server told.
        let command =
            format!("UID FETCH {} (UID BODY.PEEK[]<0.{}>)", set(uids), limit.saturating_add(1));
        let answer = self
            .command_for(bytes, Step::Fetch, &command, |response| {
                if let Some((uid, body)) = body(response, None)
                    && asked.contains(&uid)
                    && !bodies.contains_key(&uid)
                {
                    kept += body.len() as u64;
                    if kept <= room {
                        bodies.insert(uid, body.to_vec());
                    }
                }
            })
            .await?;
        without_bad(answer, Step::Fetch)?;
        if kept > room {
            let limit = usize::try_from(room).unwrap_or(usize::MAX);
            return Err(Reason::Oversize { step: Step::Fetch, limit });
        }
        Ok(bodies)
    }

    /// The first part of a mail's header; `None` where the server does not give it.
    pub(crate) async fn header(&mut self, uid: Uid) -> Result<Option<Vec<u8>>, Reason> {
        let mut header = None;
        let command = format!("UID FETCH {uid} (UID BODY.PEEK[HEADER]<0.{MAX_HEADER}>)");
        let section = SectionPath::Full(MessageSection::Header);
        let answer = self
            .command_for(MAX_HEADER as u64, Step::Fetch, &command, |response| {
                if let Some((of, body)) = body(response, Some(&section))
                    && of == uid
                    && header.is_none()
                {
                    header = Some(body.iter().copied().take(MAX_HEADER).collect());
                }
            })
            .await?;
        without_bad(answer, Step::Fetch)?;
        Ok(header)
    }
}

fn without_bad(answer: Answer, step: Step) -> Result<(), Reason> {
    match answer {
        Answer::No(text) => {
            tracing::debug!(%step, text, "the IMAP server answered NO; what is missing is looked for");
            Ok(())
        }
        other => other.ok(step),
    }
}

/// A FETCH that has a UID and a size. An unsolicited one has not.
fn meta(response: &Response<'_>) -> Option<(Uid, Meta)> {
    let Response::Fetch(_, attributes) = response else { return None };
    let (mut uid, mut size, mut internal_date) = (None, None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(n) => uid = Some(Uid(*n)),
            AttributeValue::Rfc822Size(n) => size = Some(*n),
            AttributeValue::InternalDate(date) => internal_date = timestamp(date),
            _ => {}
        }
    }
    Some((uid?, Meta { size: size?, internal_date }))
}

/// A FETCH that has a UID and the bytes of `section`, from their beginning.
fn body<'r>(response: &'r Response<'_>, section: Option<&SectionPath>) -> Option<(Uid, &'r [u8])> {
    let Response::Fetch(_, attributes) = response else { return None };
    let (mut uid, mut bytes) = (None, None);
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(n) => uid = Some(Uid(*n)),
            AttributeValue::BodySection {
                section: of,
                index: None | Some(0),
                data: Some(data),
            } if of.as_ref() == section => {
                bytes = Some(data.as_ref());
            }
            _ => {}
        }
    }
    Some((uid?, bytes?))
}

/// A server's date, ` 7-Feb-1994 21:52:25 -0800` (RFC 3501 section 9, `date-time`).
fn timestamp(text: &str) -> Option<Timestamp> {
    strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?.to_timestamp().ok()
}

/// UIDs in ascending order as a sequence set: `1:3,7`.
fn set(uids: &[Uid]) -> String {
    let mut text = String::new();
    let mut uids = uids.iter().copied().peekable();
    while let Some(first) = uids.next() {
        let mut last = first;
        while let Some(next) = uids.next_if(|next| Some(next.0) == last.0.checked_add(1)) {
            last = next;
        }
        let comma = if text.is_empty() { "" } else { "," };
        // Writing to a String does not fail.
        let _ = if first == last {
            write!(text, "{comma}{first}")
        } else {
            write!(text, "{comma}{first}:{last}")
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(&[], ""; "none")]
    #[test_case(&[5], "5"; "one")]
    #[test_case(&[1, 2, 3, 7, 9, 10], "1:3,7,9:10"; "runs")]
    #[test_case(&[u32::MAX - 1, u32::MAX], "4294967294:4294967295"; "the last numbers")]
    fn sets(uids: &[u32], expected: &str) {
        let uids: Vec<Uid> = uids.iter().map(|n| Uid(*n)).collect();
        assert_eq!(set(&uids), expected);
    }

    #[test_case(" 7-Feb-1994 21:52:25 -0800", Some("1994-02-08T05:52:25Z"); "padded with a blank")]
    #[test_case("17-Jul-2026 02:44:25 +0000", Some("2026-07-17T02:44:25Z"); "two digits")]
    #[test_case("07-Feb-1994", None; "no time")]
    #[test_case("", None; "nothing")]
    #[test_case("99-Foo-1994 21:52:25 -0800", None; "no date")]
    fn dates(text: &str, expected: Option<&str>) {
        assert_eq!(timestamp(text), expected.map(|text| text.parse().unwrap()));
    }
}
