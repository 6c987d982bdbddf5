//! Replies as they stand in the store.

use jiff::Timestamp;
use rusqlite::{Row, ToSql, params};
use tidewaiter_mail::MessageId;

use crate::{Attempt, Error, View, error::Doing, hash::TextHash, time};

/// What became of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReplyState {
    /// It waits to be sent.
    Ready,
    /// It is being sent: from now on only the server knows whether it has it.
    Armed,
    /// The server took it.
    Sent,
    /// It came back through the list.
    Seen,
    /// Nobody knows whether it went out; a person decides.
    Doubt,
    /// The server refused it for good.
    Dead,
    /// A person has to release it.
    Held,
    /// It was no longer wanted.
    Cancelled,
    /// A person dropped it.
    Dropped,
}

impl ReplyState {
    /// Every state.
    pub const ALL: &[Self] = &[
        Self::Ready,
        Self::Armed,
        Self::Sent,
        Self::Seen,
        Self::Doubt,
        Self::Dead,
        Self::Held,
        Self::Cancelled,
        Self::Dropped,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Armed => "armed",
            Self::Sent => "sent",
            Self::Seen => "seen",
            Self::Doubt => "doubt",
            Self::Dead => "dead",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
            Self::Dropped => "dropped",
        }
    }

    fn read(word: &str) -> Result<Self, Error> {
        let state = Self::ALL.iter().find(|state| state.as_str() == word);
        state.copied().ok_or_else(|| Error::Damaged(format!("`{word}` is no state of a reply")))
    }
}

/// A stored reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyRow {
    /// Its Message-ID.
    pub id: MessageId,
    /// The project's id.
    pub project: String,
    /// The series that it answers; empty for a digest.
    pub series: String,
    /// `summary`, `why` or `digest`.
    pub kind: String,
    /// What became of it.
    pub state: ReplyState,
    /// Why it waits for a person.
    pub held_by: Option<String>,
    /// The list's address.
    pub list: String,
    /// The list's List-Id.
    pub list_id: Option<String>,
    /// The policy's id.
    pub policy: String,
    /// The envelope's sender.
    pub sender: String,
    /// The envelope's recipients.
    pub recipients: Vec<String>,
    /// Its subject; `None` where a person was forgotten.
    pub subject: Option<String>,
    /// The mail; `None` where a person was forgotten.
    pub bytes: Option<Vec<u8>>,
    /// The hash of its text.
    pub text_hash: Option<TextHash>,
    /// The event time of what it answers.
    pub about: Timestamp,
    /// When it was queued.
    pub queued: Timestamp,
    /// When a person released it.
    pub released: Option<Timestamp>,
    /// Not to be tried before this.
    pub not_before: Timestamp,
    /// How often it was tried.
    pub tries: u32,
    /// When it was last armed.
    pub armed: Option<Timestamp>,
    /// When the server took it.
    pub sent: Option<Timestamp>,
    /// When it came back.
    pub seen: Option<Timestamp>,
    /// What was last said about it.
    pub note: Option<String>,
    /// It was cancelled while it was being sent, or while it was in doubt.
    pub unwanted: bool,
}

const COLUMNS: &str = "SELECT id, project, series, kind, state, held_by, list, list_id, policy, \
    sender, recipients, subject, bytes, text_hash, about, queued, released, not_before, tries, \
    armed, sent, seen, note, unwanted FROM replies ";

impl View {
    /// One reply.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn reply(&self, id: &MessageId) -> Result<Option<ReplyRow>, Error> {
        Ok(self.reply_rows("WHERE id = ?1", &[&id.as_str()])?.pop())
    }

    /// The replies in one state, oldest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn replies(&self, state: ReplyState) -> Result<Vec<ReplyRow>, Error> {
        self.reply_rows("WHERE state = ?1 ORDER BY queued, id", &[&state.as_str()])
    }

    /// The Message-IDs of all replies, in order.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn reply_ids(&self) -> Result<Vec<String>, Error> {
        let doing = "read the replies";
        let mut select =
            self.conn.prepare_cached("SELECT id FROM replies ORDER BY id").doing(doing)?;
        let rows = select.query_map([], |row| row.get(0)).doing(doing)?;
        rows.map(|row| row.doing(doing)).collect()
    }

    /// Those that may be tried now, at most `most`, oldest first. One that was never to wait may
    /// always be: it was queued later than now only by a clock that was set back since.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn due(&self, now: Timestamp, most: u32) -> Result<Vec<ReplyRow>, Error> {
        self.reply_rows(
            "WHERE state = 'ready' AND (not_before <= ?1 OR not_before <= queued) \
             ORDER BY queued, id LIMIT ?2",
            &[&time::stored(now), &most],
        )
    }

    /// When the next reply may be tried; `None` where none waits.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn next_due(&self) -> Result<Option<Timestamp>, Error> {
        let at: Option<i64> = self
            .conn
            .query_row("SELECT min(not_before) FROM replies WHERE state = 'ready'", [], |row| {
                row.get(0)
            })
            .doing("read the replies")?;
        at.map(time::read).transpose()
    }

    /// How many replies are in each state; states without any are left out.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn reply_counts(&self) -> Result<Vec<(ReplyState, u64)>, Error> {
        let doing = "count the replies";
        let mut select = self
            .conn
            .prepare_cached("SELECT state, count(*) FROM replies GROUP BY state")
            .doing(doing)?;
        let rows = select
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
            .doing(doing)?;
        let mut counts = Vec::new();
        for row in rows {
            let (word, count) = row.doing(doing)?;
            counts.push((ReplyState::read(&word)?, count.unsigned_abs()));
        }
        Ok(counts)
    }

    /// What was tried with a reply, oldest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn attempts(&self, id: &MessageId) -> Result<Vec<Attempt>, Error> {
        let doing = "read the attempts";
        let mut select = self
            .conn
            .prepare_cached(
                "SELECT time, step, outcome, detail FROM attempts WHERE reply = ?1 ORDER BY number",
            )
            .doing(doing)?;
        let rows = select
            .query_map([id.as_str()], |row| {
                Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })
            .doing(doing)?;
        let mut attempts = Vec::new();
        for row in rows {
            let (at, step, outcome, detail) = row.doing(doing)?;
            attempts.push(Attempt { time: time::read(at)?, step, outcome, detail });
        }
        Ok(attempts)
    }

    /// Whether a reply is being sent.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn is_armed(&self) -> Result<bool, Error> {
        self.conn
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM replies WHERE state = 'armed')")
            .and_then(|mut select| select.query_row([], |row| row.get(0)))
            .doing("look for a reply that is being sent")
    }

    /// When a reply was first tried from `since` on; `None` where it was not.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn first_tried(
        &self,
        id: &MessageId,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, Error> {
        let at: Option<i64> = self
            .conn
            .query_row(
                "SELECT min(time) FROM attempts WHERE reply = ?1 AND time >= ?2",
                params![id.as_str(), time::stored(since)],
                |row| row.get(0),
            )
            .doing("read the attempts")?;
        at.map(time::read).transpose()
    }

    fn reply_rows(&self, which: &'static str, with: &[&dyn ToSql]) -> Result<Vec<ReplyRow>, Error> {
        let doing = "read the replies";
        let mut select = self.conn.prepare_cached(&[COLUMNS, which].concat()).doing(doing)?;
        let mut rows = select.query(with).doing(doing)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            all.push(read(row)?);
        }
        Ok(all)
    }
}

fn read(row: &Row<'_>) -> Result<ReplyRow, Error> {
    let doing = "read a reply";
    let text = |column| row.get::<_, String>(column).doing(doing);
    let maybe = |column| row.get::<_, Option<String>>(column).doing(doing);
    let at = |column| time::read(row.get(column).doing(doing)?);
    let maybe_at = |column| -> Result<Option<Timestamp>, Error> {
        row.get::<_, Option<i64>>(column).doing(doing)?.map(time::read).transpose()
    };
    let damaged = |what: &str| Error::Damaged(format!("a reply's {what} is damaged"));
    Ok(ReplyRow {
        id: MessageId::new(&text("id")?).ok_or_else(|| damaged("id"))?,
        project: text("project")?,
        series: text("series")?,
        kind: text("kind")?,
        state: ReplyState::read(&text("state")?)?,
        held_by: maybe("held_by")?,
        list: text("list")?,
        list_id: maybe("list_id")?,
        policy: text("policy")?,
        sender: text("sender")?,
        recipients: serde_json::from_str(&text("recipients")?)
            .map_err(|_| damaged("recipients"))?,
        subject: maybe("subject")?,
        bytes: row.get("bytes").doing(doing)?,
        text_hash: row.get::<_, Option<[u8; 32]>>("text_hash").doing(doing)?.map(TextHash),
        about: at("about")?,
        queued: at("queued")?,
        released: maybe_at("released")?,
        not_before: at("not_before")?,
        tries: row.get("tries").doing(doing)?,
        armed: maybe_at("armed")?,
        sent: maybe_at("sent")?,
        seen: maybe_at("seen")?,
        note: maybe("note")?,
        unwanted: row.get("unwanted").doing(doing)?,
    })
}
