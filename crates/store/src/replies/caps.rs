//! How much was sent, counted over the replies themselves.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use tidewaiter_engine::config::Caps;
use tidewaiter_mail::{Address, MessageId};

use crate::{Error, View, error::Doing, time};

/// The most that may be sent.
pub type Limits = Caps;

/// Hours in which nothing is sent by itself.
pub use tidewaiter_engine::config::QuietHours;

/// What was sent of late. A reply that was armed counts, whatever became of it; so does one that
/// was armed later than now, where a clock was put back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// In the last hour.
    pub hour: u32,
    /// In the last 24 hours.
    pub day: u32,
    /// To the list of the reply in question, in the last hour.
    pub list_hour: u32,
    /// To that list, in the last 24 hours.
    pub list_day: u32,
    /// In the thread of the reply in question, ever.
    pub thread: u32,
    /// To its author about one of its rules, in the last 24 hours.
    pub author_day: u32,
    /// To authors of its author's domain, in the last 24 hours; `None` where it has no author.
    pub domain_day: Option<u32>,
    /// In the last 24 hours without a person's release.
    pub by_itself: u32,
    /// Other summaries of its series to its list, ever.
    pub series: u32,
}

impl Counted {
    /// The cap that one more reply would be over. One that a single domain or list reaches is
    /// named before those of all together.
    #[must_use]
    pub fn over(&self, limits: &Limits) -> Option<&'static str> {
        let over = |used: u32, limit: Option<u32>| limit.is_some_and(|limit| used >= limit);
        if self.domain_day.is_some_and(|used| used >= limits.domain_day) {
            Some("the cap of a domain's day is reached")
        } else if over(self.list_hour, limits.list_hour) {
            Some("the cap of a list's hour is reached")
        } else if over(self.list_day, limits.list_day) {
            Some("the cap of a list's day is reached")
        } else if self.hour >= limits.hour {
            Some("the cap of an hour is reached")
        } else if self.day >= limits.day {
            Some("the cap of a day is reached")
        } else if self.thread >= limits.thread {
            Some("the cap of a thread is reached")
        } else if self.author_day >= limits.author_day {
            Some("the cap of an author's day is reached")
        } else {
            None
        }
    }
}

/// Counts what was sent besides this reply.
pub(super) fn count(conn: &Connection, id: &str, now: Timestamp) -> Result<Counted, Error> {
    let doing = "count what was sent";
    let ago = |hours| {
        let since = now.checked_sub(SignedDuration::from_hours(hours));
        time::stored(since.unwrap_or(Timestamp::MIN))
    };
    let (hour, day) = (ago(1), ago(24));
    let mut counted = conn
        .query_row(
            "SELECT coalesce(sum(r.armed > ?2), 0), coalesce(sum(r.armed > ?3), 0),
               coalesce(sum(r.thread IS NOT NULL AND r.thread = mine.thread), 0),
               coalesce(sum(r.kind = 'summary' AND mine.kind = 'summary'
                 AND r.series = mine.series AND r.list = mine.list), 0),
               coalesce(sum(r.armed > ?3 AND r.released IS NULL), 0),
               coalesce(sum(r.list = mine.list AND r.armed > ?2), 0),
               coalesce(sum(r.list = mine.list AND r.armed > ?3), 0)
             FROM replies r, (SELECT * FROM replies WHERE id = ?1) mine
             WHERE r.armed IS NOT NULL AND r.id != ?1",
            params![id, hour, day],
            |row| {
                Ok(Counted {
                    hour: row.get(0)?,
                    day: row.get(1)?,
                    thread: row.get(2)?,
                    author_day: 0,
                    domain_day: None,
                    list_hour: row.get(5)?,
                    list_day: row.get(6)?,
                    series: row.get(3)?,
                    by_itself: row.get(4)?,
                })
            },
        )
        .doing(doing)?;
    let mut select = conn
        .prepare_cached(
            "SELECT mine.rules, r.rules FROM replies r, (SELECT * FROM replies WHERE id = ?1) mine
             WHERE r.armed > ?2 AND r.id != ?1 AND r.author = mine.author",
        )
        .doing(doing)?;
    let rows = select
        .query_map(params![id, day], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .doing(doing)?;
    for row in rows {
        let (mine, other) = row.doing(doing)?;
        let repeats = mine.split(' ').any(|m| !m.is_empty() && other.split(' ').any(|o| o == m));
        counted.author_day += u32::from(repeats);
    }
    counted.domain_day = of_domain(conn, id, day)?;
    Ok(counted)
}

/// How many went to authors of the domain of a reply's author after `since`. An answer to who asked
/// is no note on somebody's series.
fn of_domain(conn: &Connection, id: &str, since: i64) -> Result<Option<u32>, Error> {
    let doing = "count what was sent";
    let address = |row: &rusqlite::Row<'_>| row.get::<_, Option<String>>(0);
    let author = conn
        .query_row("SELECT author FROM replies WHERE id = ?1 AND kind != 'why'", [id], address)
        .optional()
        .doing(doing)?;
    let Some(author) = author.flatten().and_then(|author| Address::new(&author)) else {
        return Ok(None);
    };
    let mut select = conn
        .prepare_cached(
            "SELECT author FROM replies WHERE armed > ?2 AND id != ?1 AND kind != 'why'",
        )
        .doing(doing)?;
    let mut count = 0;
    for other in select.query_map(params![id, since], address).doing(doing)? {
        let other = other.doing(doing)?.and_then(|other| Address::new(&other));
        let same =
            other.is_some_and(|o| o.organization().eq_ignore_ascii_case(author.organization()));
        count += u32::from(same);
    }
    Ok(Some(count))
}

impl View {
    /// How many replies were armed after `since`, whatever became of them.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn armed_since(&self, since: Timestamp) -> Result<u64, Error> {
        self.conn
            .query_row(
                "SELECT count(*) FROM replies WHERE armed > ?1",
                [time::stored(since)],
                |row| row.get::<_, i64>(0),
            )
            .doing("count what was sent")
            .map(i64::unsigned_abs)
    }

    /// The same of one list, by its List-Id.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn armed_to(&self, list_id: &str, since: Timestamp) -> Result<u64, Error> {
        self.conn
            .query_row(
                "SELECT count(*) FROM replies WHERE armed > ?1 AND list_id = ?2",
                params![time::stored(since), list_id],
                |row| row.get::<_, i64>(0),
            )
            .doing("count what was sent")
            .map(i64::unsigned_abs)
    }

    /// What was sent besides this reply.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn counted(&self, id: &MessageId, now: Timestamp) -> Result<Counted, Error> {
        count(&self.conn, id.as_str(), now)
    }
}
