//! Reading what is new, without ever passing over a mail that was not had.

use std::collections::{BTreeMap, BTreeSet};

use crate::cursor::{Cursor, Uid};
use crate::event::{Batch, Event, Item, Receipt};
use crate::fetch::{MAX_HEADER, Meta};
use crate::reason::Reason;
use crate::session::Session;
use crate::watcher::{End, Watcher};

/// The most mails that are handed on together.
pub(crate) const MAX_BATCH: usize = 200;
/// The bytes after which a batch takes no further mail. Tests fill it with small mails.
pub(crate) const MAX_BATCH_BYTES: u64 = if cfg!(test) { 32 * 1024 } else { 4 * 1024 * 1024 };
/// How often a search that finds nothing is repeated because the server tells of new mails meanwhile.
const MAX_EMPTY: u32 = 3;

/// Some mails, dealt with; and the one that ends them because it could not be had.
#[derive(Default)]
struct Read {
    items: Vec<Item>,
    /// The last that was asked for, whatever became of it.
    asked: Option<Uid>,
    withheld: Option<Uid>,
}

impl Watcher {
    /// Hands on all that is new; `false` if there was nothing.
    pub(crate) async fn drain(
        &mut self,
        session: &mut Session,
        cursor: &mut Cursor,
    ) -> Result<bool, End> {
        let (mut any, mut empty) = (false, 0);
        loop {
            let last = cursor.last_uid;
            let Some(low) = last.0.checked_add(1).map(Uid) else { return Ok(any) };
            session.fresh = false;
            let found = session.search_from(low, None).await?;
            let mut rest = found.as_slice();
            while !rest.is_empty() {
                let batch = rest.get(..self.batch_len).unwrap_or(rest);
                self.reading = batch.first().copied();
                let read = read(session, cursor, batch, self.config.max_mail).await?;
                self.reading = None;
                // The cursor stays before a number that there is no mail of.
                let done = read.asked.max(Some(cursor.last_uid));
                any |= self.hand_on(cursor, read).await?;
                let done = rest.partition_point(|uid| Some(*uid) <= done);
                rest = rest.get(done..).unwrap_or_default();
            }
            if cursor.last_uid == last {
                empty += 1;
                if session.fresh && empty < MAX_EMPTY {
                    continue;
                }
                return Ok(any);
            }
        }
    }

    /// Gives `read` to the consumer, and moves the cursor once it is stored.
    async fn hand_on(&mut self, cursor: &mut Cursor, read: Read) -> Result<bool, End> {
        let last = read.items.last().map(Item::uid);
        if let Some(last) = last {
            let moved = Cursor { last_uid: last, ..cursor.clone() };
            let (receipt, stored) = Receipt::new();
            let pushed = self.pushed.take();
            let batch = Batch { items: read.items, cursor: moved.clone(), pushed, receipt };
            self.tell(Event::Batch(batch)).await?;
            stored.await.map_err(|_| Reason::NotStored)?;
            *cursor = moved.clone();
            self.cursor = Some(moved);
            self.progress = true;
            self.batch_len = self.batch_len.saturating_mul(2).min(MAX_BATCH);
        }
        let Some(uid) = read.withheld else {
            self.withheld = None;
            return Ok(last.is_some());
        };
        Err(Reason::Withheld { uid, tries: self.again(uid) }.into())
    }

    /// How often in a row a mail did not come.
    pub(crate) fn again(&mut self, uid: Uid) -> u32 {
        let tries = match self.withheld {
            Some((before, tries)) if before == uid => tries.saturating_add(1),
            _ => 1,
        };
        self.withheld = Some((uid, tries));
        tries
    }
}

/// Reads the mails after the cursor, up to the last of `found` or fewer.
async fn read(
    session: &mut Session,
    cursor: &Cursor,
    found: &[Uid],
    max_mail: u32,
) -> Result<Read, Reason> {
    let last = cursor.last_uid;
    let Some(high) = found.last().copied() else { return Ok(Read::default()) };
    let low = Uid(last.0.saturating_add(1));
    let sizes = session.sizes(low, high).await?;
    // Two answers to one question: what only one of them names is dealt with too.
    let all: BTreeSet<Uid> = found.iter().chain(sizes.keys()).copied().collect();
    let (mut asked, mut bytes) = (Vec::new(), 0);
    for uid in all {
        asked.push(uid);
        bytes += sizes.get(&uid).map_or(0, |meta| u64::from(meta.size.min(max_mail)));
        if asked.len() == found.len() || bytes > MAX_BATCH_BYTES {
            break;
        }
    }
    let mut items = fetch(session, &asked, &sizes, max_mail, bytes).await?;
    let mut missing: Vec<Uid> = asked.to_vec();
    missing.retain(|uid| !items.contains_key(uid));
    let mut withheld = None;
    if !missing.is_empty() {
        // Deleted, or not handed out? Only a server that was given the chance to say so can tell.
        session.noop().await?;
        let shown = items.keys().next_back().copied().unwrap_or(last);
        let next = if missing.last().is_some_and(|uid| *uid > shown) {
            next(session, cursor).await?
        } else {
            None
        };
        // Behind the last number that was given nothing was ever there.
        missing.retain(|uid| *uid <= shown || next.is_none_or(|next| *uid < next));
        let there = session.still_there(&missing).await?;
        for uid in missing {
            if !there.contains(&uid) {
                // What a search has named and nothing shows does not move the cursor.
                if uid <= shown || next.is_some() {
                    items.insert(uid, Item::Vanished { uid });
                }
                continue;
            }
            let sizes = session.sizes(uid, uid).await?;
            match fetch(session, &[uid], &sizes, max_mail, u64::from(max_mail)).await?.remove(&uid)
            {
                Some(item) => {
                    items.insert(uid, item);
                }
                None => {
                    withheld = Some(uid);
                    break;
                }
            }
        }
    }
    let before = |uid: &Uid| withheld.is_none_or(|stop| *uid < stop);
    let items = items.into_iter().filter(|(uid, _)| before(uid)).map(|(_, item)| item).collect();
    Ok(Read { items, asked: asked.last().copied(), withheld })
}

/// The number of the next mail, as far as the server tells. Were what a search names behind it taken for
/// deleted, the cursor would pass what comes next.
async fn next(session: &mut Session, cursor: &Cursor) -> Result<Option<Uid>, Reason> {
    let opening = session.examine(&cursor.mailbox).await?;
    if opening.validity == cursor.uid_validity {
        Ok(opening.next)
    } else {
        Err(Reason::UidValidityMoved { now: opening.validity })
    }
}

/// Those of `asked` whose size is known, as far as the server hands them out.
async fn fetch(
    session: &mut Session,
    asked: &[Uid],
    sizes: &BTreeMap<Uid, Meta>,
    max_mail: u32,
    bytes: u64,
) -> Result<BTreeMap<Uid, Item>, Reason> {
    let small: Vec<Uid> = asked
        .iter()
        .copied()
        .filter(|uid| sizes.get(uid).is_some_and(|meta| meta.size <= max_mail))
        .collect();
    let mut bodies = session.bodies(&small, max_mail, bytes).await?;
    let size_of = |uid: &Uid| sizes.get(uid).map_or(0, |meta| meta.size as usize);
    let cut: Vec<Uid> =
        bodies.iter().filter(|(uid, raw)| raw.len() < size_of(uid)).map(|(uid, _)| *uid).collect();
    if !cut.is_empty() {
        // Cut off, or counted otherwise: some servers' sizes are not exact. What comes twice counts.
        for (uid, raw) in session.bodies(&cut, max_mail, bytes).await? {
            let first = bodies.entry(uid).or_default();
            if raw.len() > first.len() {
                *first = raw;
            }
        }
        // No mail that has a size has no byte.
        bodies.retain(|uid, raw| !raw.is_empty() || size_of(uid) == 0);
    }
    let mut items = BTreeMap::new();
    for uid in asked.iter().copied() {
        let Some(Meta { size, internal_date }) = sizes.get(&uid).copied() else { continue };
        let item = match bodies.remove(&uid) {
            Some(raw) if raw.len() as u64 <= u64::from(max_mail) => {
                Item::Fetched { uid, internal_date, size, raw }
            }
            // Larger than the server said: it came cut off at one byte over the limit.
            Some(raw) => {
                let size = size.max(u32::try_from(raw.len()).unwrap_or(u32::MAX));
                Item::TooLarge { uid, size, internal_date, header: Some(header_of(&raw)) }
            }
            None if size > max_mail => {
                let header = session.header(uid).await?;
                if header.is_none() && session.still_there(&[uid]).await?.is_empty() {
                    continue;
                }
                Item::TooLarge { uid, size, internal_date, header }
            }
            None => continue,
        };
        items.insert(uid, item);
    }
    Ok(items)
}

/// The header of a mail, as far as it would have been fetched.
fn header_of(raw: &[u8]) -> Vec<u8> {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").map_or(raw.len(), |at| at + 4);
    raw.iter().copied().take(end.min(MAX_HEADER)).collect()
}
