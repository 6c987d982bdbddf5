//! Mails as they came.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, TransactionBehavior, params};
use tidewaiter_mail::{Address, ContentHash, MessageId};
use tidewaiter_patch::Header;

use crate::{Error, Point, RawHash, Store, View, Writer, error::Doing, point::commit, time};

/// How hard mails are compressed; more costs much time for little.
const LEVEL: i32 = 3;
/// How often a mail may take the program down before it is put aside: once among others, which
/// only makes it suspect, and twice by itself, since one of these could be a kill from outside.
const TRIES: i64 = 3;
/// Counts the mails that were put aside, by an index of those alone.
pub(crate) const PUT_ASIDE: &str = "SELECT count(*) FROM mails WHERE quarantined = 1";

/// Where a mail lies: mailbox, UIDVALIDITY, UID (RFC 3501 section 2.3.1.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The account and the mailbox: server, user, name there.
    pub mailbox: String,
    /// Its UIDVALIDITY.
    pub uid_validity: u32,
    /// The mail's UID.
    pub uid: u32,
}

/// A mail that came.
#[derive(Clone, Copy, Debug)]
pub struct NewMail<'a> {
    /// Its bytes.
    pub raw: &'a [u8],
    /// Its event time, as the engine saw it.
    pub time: Timestamp,
    /// Its content's hash.
    pub content: ContentHash,
    /// Its Message-ID.
    pub message_id: Option<&'a MessageId>,
    /// The address in its From.
    pub sender: Option<&'a Address>,
    /// Its header, which says which thread it is in.
    pub header: Option<&'a Header>,
    /// It asks for quiet about the series that it is about.
    pub quiet: bool,
}

/// Whether a mail is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It was stored, under this number.
    New(i64),
    /// The very same bytes were there.
    Known(i64),
}

/// What may be done with a mail that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The very same bytes are stored under this number.
    Known(i64),
    /// It may be parsed.
    Parse,
    /// The program died while it was parsed, perhaps because of it: it may be parsed after
    /// another call that names it alone.
    ParseAlone,
    /// The program died too often while it was parsed: it must not be parsed again.
    Quarantine,
}

/// A stored mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRow {
    /// Its number.
    pub id: i64,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// Its event time.
    pub time: Timestamp,
    /// It took the program down.
    pub quarantined: bool,
}

impl Store {
    /// Counts, before mails are parsed, that they are; what may be done with each.
    ///
    /// The count goes with [`Writer::mail`] or [`Writer::quarantine`]. Of several mails at once,
    /// one may have taken the program down, so those that were being parsed when it died are
    /// [`Look::ParseAlone`] and not counted; name each of them alone.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn begin_parsing(&mut self, raws: &[RawHash]) -> Result<Vec<Look>, Error> {
        let alone = raws.len() == 1;
        // At once for writing: another's word in between would be a conflict.
        let tx = self
            .view
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .doing("start to read mails")?;
        let mut looks = Vec::with_capacity(raws.len());
        for (at, raw) in raws.iter().enumerate() {
            // The same bytes twice: parsed with the first, and known when it is stored.
            if let Some(first) = raws.iter().take(at).position(|other| other == raw) {
                looks.extend(looks.get(first).copied());
                continue;
            }
            let known: Option<i64> = tx
                .prepare_cached("SELECT id FROM mails WHERE raw_hash = ?1")
                .and_then(|mut s| s.query_row([raw.0], |row| row.get(0)).optional())
                .doing("look for a mail")?;
            if let Some(id) = known {
                looks.push(Look::Known(id));
                continue;
            }
            let tries: Option<i64> = tx
                .prepare_cached("SELECT tries FROM parsing WHERE raw_hash = ?1")
                .and_then(|mut s| s.query_row([raw.0], |row| row.get(0)).optional())
                .doing("look for a mail")?;
            looks.push(match tries {
                Some(tries) if tries >= TRIES => Look::Quarantine,
                Some(_) if !alone => Look::ParseAlone,
                _ => {
                    tx.prepare_cached(
                        "INSERT INTO parsing VALUES (?1, 1)
                         ON CONFLICT DO UPDATE SET tries = tries + 1",
                    )
                    .and_then(|mut s| s.execute([raw.0]))
                    .doing("start to read a mail")?;
                    Look::Parse
                }
            });
        }
        commit(tx, Point::Parse)?;
        Ok(looks)
    }
}

impl Store {
    /// Takes back what [`Store::begin_parsing`] counted: the mails were parsed, and it was the store
    /// that failed then.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn parsed(&mut self, raws: &[RawHash]) -> Result<(), Error> {
        let writer = self.begin()?;
        for raw in raws {
            writer.run("DELETE FROM parsing WHERE raw_hash = ?1", params![raw.0])?;
        }
        writer.end(Point::Parse)
    }
}

impl Writer<'_> {
    /// Stores a mail and, where it is new, its event.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn mail(&self, mail: &NewMail<'_>) -> Result<Stored, Error> {
        let stored = self.keep(mail, false)?;
        if let Stored::New(id) = stored {
            self.event("mail", mail.time, Some(id), None)?;
        }
        Ok(stored)
    }

    /// Stores a mail that must not be parsed; the engine never sees it.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn quarantine(&self, raw: &[u8], time: Timestamp) -> Result<Stored, Error> {
        let content = ContentHash::default();
        let unread = NewMail {
            raw,
            time,
            content,
            message_id: None,
            sender: None,
            header: None,
            quiet: false,
        };
        self.keep(&unread, true)
    }

    fn keep(&self, mail: &NewMail<'_>, quarantined: bool) -> Result<Stored, Error> {
        let hash = RawHash::of(mail.raw);
        self.run("DELETE FROM parsing WHERE raw_hash = ?1", params![hash.0])?;
        let known = self
            .tx
            .prepare_cached("SELECT id FROM mails WHERE raw_hash = ?1")
            .and_then(|mut s| s.query_row([hash.0], |row| row.get(0)).optional())
            .doing("look for a mail")?;
        if let Some(id) = known {
            return Ok(Stored::Known(id));
        }
        self.run(
            "INSERT INTO mails
               (raw_hash, content, message_id, sender, time, quarantined, thread, quiet)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                hash.0,
                (!quarantined).then_some(mail.content.0),
                mail.message_id.map(MessageId::as_str),
                mail.sender.map(|a| a.as_str().to_ascii_lowercase()),
                time::stored(mail.time),
                quarantined,
                mail.header.map(|header| self.thread(header)).transpose()?.flatten(),
                mail.quiet,
            ],
        )?;
        let id = self.tx.last_insert_rowid();
        let packed = zstd::bulk::compress(mail.raw, LEVEL)
            .map_err(|e| Error::Damaged(format!("a mail cannot be compressed: {e}")))?;
        let bytes = i64::try_from(mail.raw.len()).unwrap_or(i64::MAX);
        self.run("INSERT INTO raws VALUES (?1, ?2, ?3)", params![id, bytes, packed])?;
        Ok(Stored::New(id))
    }

    /// The thread of the nearest mail above that is stored; else one of its own root.
    fn thread(&self, header: &Header) -> Result<Option<i64>, Error> {
        let mut root = header.message_id.as_ref();
        for above in header.parents() {
            let known: Option<i64> = self
                .tx
                .prepare_cached(
                    "SELECT thread FROM mails WHERE message_id = ?1 AND thread IS NOT NULL LIMIT 1",
                )
                .and_then(|mut s| s.query_row([above.as_str()], |row| row.get(0)).optional())
                .doing("look for a thread")?;
            if known.is_some() {
                return Ok(known);
            }
            root = Some(above);
        }
        Ok(root.map(|root| RawHash::of(root.as_str().as_bytes()).number()))
    }

    /// Notes where a mail lay.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn place(&self, place: &Place, mail: i64) -> Result<(), Error> {
        self.put_place(place, Some(mail), None)
    }

    /// Notes that a mail was passed over: too large, or gone before it could be fetched.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub fn skip(&self, place: &Place, why: &str) -> Result<(), Error> {
        self.put_place(place, None, Some(why))
    }

    fn put_place(&self, at: &Place, mail: Option<i64>, why: Option<&str>) -> Result<(), Error> {
        self.run(
            "INSERT INTO places VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET mail = coalesce(excluded.mail, mail),
               skipped = CASE WHEN coalesce(excluded.mail, mail) IS NULL THEN excluded.skipped END",
            params![at.mailbox, at.uid_validity, at.uid, mail, why],
        )
    }
}

impl View {
    /// A mail's bytes; `None` where they are gone by age or because a person asked.
    ///
    /// # Errors
    /// Where the store cannot be read, or the bytes are damaged.
    pub fn raw(&self, mail: i64) -> Result<Option<Vec<u8>>, Error> {
        let row: Option<(i64, Vec<u8>)> = self
            .conn
            .prepare_cached("SELECT bytes, zstd FROM raws WHERE mail = ?1")
            .and_then(|mut s| s.query_row([mail], |row| Ok((row.get(0)?, row.get(1)?))).optional())
            .doing("read a mail")?;
        row.map(|(bytes, packed)| unpack(bytes, &packed)).transpose()
    }

    /// The mails under a Message-ID: more than one where two say different things, or came
    /// through two lists.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn mails_of(&self, id: &MessageId) -> Result<Vec<MailRow>, Error> {
        self.mail_rows("message_id = ?1", &[&id.as_str()])
    }

    /// The numbers of mails whose stored bytes are damaged. All are read.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn damaged_mails(&self) -> Result<Vec<i64>, Error> {
        let doing = "read the mails";
        let mut select = self.conn.prepare("SELECT mail, bytes, zstd FROM raws").doing(doing)?;
        let mut rows = select.query([]).doing(doing)?;
        let mut damaged = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let read = || Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?));
            let (mail, bytes, packed) = read().doing(doing)?;
            if unpack(bytes, &packed).is_err() {
                damaged.push(mail);
            }
        }
        Ok(damaged)
    }

    /// The mails that took the program down, or whose stored bytes are damaged, and were put aside.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn quarantined(&self) -> Result<Vec<MailRow>, Error> {
        self.mail_rows("quarantined = 1", &[])
    }

    /// The last mails that were passed over, and why; mailbox by mailbox.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn passed_over(&self, most: u32) -> Result<Vec<(Place, String)>, Error> {
        let doing = "read what was passed over";
        let mut select = self
            .conn
            .prepare_cached(
                "SELECT mailbox, uid_validity, uid, skipped FROM places WHERE skipped IS NOT NULL
                 ORDER BY mailbox, uid_validity DESC, uid DESC LIMIT ?1",
            )
            .doing(doing)?;
        let rows = select
            .query_map([most], |row| {
                let (mailbox, uid_validity, uid) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok((Place { mailbox, uid_validity, uid }, row.get(3)?))
            })
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// How many mails were put aside.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn quarantined_count(&self) -> Result<u64, Error> {
        let count: i64 = self
            .conn
            .query_row(PUT_ASIDE, [], |row| row.get(0))
            .doing("count the mails that were put aside")?;
        Ok(count.unsigned_abs())
    }

    /// When the newest mail came; `None` where there is none.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn newest(&self) -> Result<Option<Timestamp>, Error> {
        let newest: Option<i64> = self
            .conn
            .query_row("SELECT max(time) FROM mails", [], |row| row.get(0))
            .doing("look for the newest mail")?;
        newest.map(time::read).transpose()
    }

    /// How many mails were stored.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn mail_count(&self) -> Result<u64, Error> {
        let count: i64 = self
            .conn
            .query_row("SELECT count(*) FROM mails", [], |row| row.get(0))
            .doing("count the mails")?;
        Ok(count.unsigned_abs())
    }

    fn mail_rows(
        &self,
        which: &'static str,
        with: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<MailRow>, Error> {
        let query =
            ["SELECT id, message_id, time, quarantined FROM mails WHERE ", which, " ORDER BY id"];
        let mut select = self.conn.prepare_cached(&query.concat()).doing("read the mails")?;
        let read =
            |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?, row.get(3)?));
        let rows = select.query_map(with, read).doing("read the mails")?;
        let row = |row: Result<_, _>| {
            let (id, message_id, at, quarantined) = row.doing("read the mails")?;
            Ok(MailRow { id, message_id, time: time::read(at)?, quarantined })
        };
        rows.map(row).collect()
    }
}

pub(crate) fn unpack(bytes: i64, packed: &[u8]) -> Result<Vec<u8>, Error> {
    let damaged = || Error::Damaged("a mail's bytes are damaged".to_owned());
    let bytes = usize::try_from(bytes).map_err(|_| damaged())?;
    let raw = zstd::bulk::decompress(packed, bytes).map_err(|_| damaged())?;
    if raw.len() == bytes { Ok(raw) } else { Err(damaged()) }
}
