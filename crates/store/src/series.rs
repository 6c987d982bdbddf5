//! What was decided of each series.

use std::{collections::BTreeSet, ops::ControlFlow};

use jiff::Timestamp;
use rusqlite::params;
use serde::Serialize;
use tidewaiter_engine::Judged;
use tidewaiter_mail::MessageId;
use tidewaiter_patch::Series;

use crate::{Error, View, Writer, error::Doing, time};

/// A stored series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesRow {
    number: i64,
    key: String,
    /// The Message-ID of its cover letter or first patch.
    pub id: Option<String>,
    /// When its first mail came.
    pub first: Timestamp,
    /// When the last mail came that it was judged by.
    pub last: Timestamp,
    /// The JSON that was recorded of it.
    pub record: Option<String>,
}

impl Writer<'_> {
    /// Stores what was decided of a series, in place of what was there.
    pub(crate) fn record(&self, judged: &Judged, record: &str) -> Result<(), Error> {
        let series = &judged.series;
        let Some(key) = key(series) else { return Ok(()) };
        // A late cover letter gives a series another name.
        for part in series.parts() {
            let id = part.mail.header.message_id.as_ref().map(MessageId::as_str);
            if id.is_some() && id != series.id.as_ref().map(MessageId::as_str) {
                self.run("DELETE FROM series WHERE message_id = ?1", [id])?;
            }
        }
        let author = series.author.as_ref().and_then(|a| a.address.as_ref());
        let id: i64 = self
            .tx
            .prepare_cached(
                "INSERT INTO series (key, message_id, title, author, version, first, last, record)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT DO UPDATE SET title = excluded.title, author = excluded.author,
                   version = excluded.version, first = excluded.first, last = excluded.last,
                   record = excluded.record
                 RETURNING id",
            )
            .and_then(|mut insert| {
                let row = params![
                    key,
                    series.id.as_ref().map(MessageId::as_str),
                    series.title,
                    author.map(|a| a.as_str().to_ascii_lowercase()),
                    series.version.to_string(),
                    time::stored(series.first),
                    time::stored(series.last),
                    record,
                ];
                insert.query_row(row, |row| row.get(0))
            })
            .doing("store a series")?;
        for part in series.parts().chain(&series.comments) {
            if let Some(part) = &part.mail.header.message_id {
                self.run(
                    "INSERT OR IGNORE INTO parts VALUES (?1, ?2)",
                    params![id, part.as_str()],
                )?;
            }
        }
        self.record_paths(id, series)?;
        self.run("DELETE FROM assessments WHERE series = ?1", [id])?;
        for (place, judgement) in (0_i64..).zip(&judged.judgements) {
            self.run(
                "INSERT INTO assessments VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    id,
                    place,
                    judgement.list.as_ref().map(tidewaiter_mail::ListId::as_str),
                    judgement.policy,
                    judgement.policy_date,
                    judgement.outcome().and_then(word),
                    judgement.not_judged.and_then(word),
                    judgement.silence.and_then(word),
                    judgement.reply.as_ref().map(|reply| reply.id.as_str()),
                ],
            )?;
        }
        Ok(())
    }
}

impl Writer<'_> {
    /// A series is recorded at each of its mails, and its paths seldom change.
    fn record_paths(&self, id: i64, series: &Series) -> Result<(), Error> {
        let files =
            series.patches.iter().flat_map(|patch| patch.mail.diff()).flat_map(|d| &d.files);
        let paths: BTreeSet<&str> = files
            .flat_map(|file| [Some(&file.path), file.old_path.as_ref()])
            .flatten()
            .map(String::as_str)
            .collect();
        let stored: i64 = self
            .tx
            .prepare_cached("SELECT count(*) FROM paths WHERE series = ?1")
            .and_then(|mut select| select.query_row([id], |row| row.get(0)))
            .doing("count a series' paths")?;
        if usize::try_from(stored) == Ok(paths.len()) {
            return Ok(());
        }
        for path in paths {
            self.run("INSERT OR IGNORE INTO paths VALUES (?1, ?2)", params![id, path])?;
        }
        Ok(())
    }
}

/// Its id; for one without, what its first mail says. No Message-ID has a space.
fn key(series: &Series) -> Option<String> {
    if let Some(id) = &series.id {
        return Some(id.as_str().to_owned());
    }
    let lead = series.parts().next()?;
    let hex: String = lead.mail.header.content.0.iter().map(|b| format!("{b:02x}")).collect();
    Some(format!("content {hex}"))
}

/// The word that stands for it in JSON.
fn word(value: impl Serialize) -> Option<String> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Some(word),
        _ => None,
    }
}

impl View {
    /// The JSON of a series as it was last recorded.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn series(&self, id: &MessageId) -> Result<Option<String>, Error> {
        let mut all = self.records("WHERE message_id = ?1 LIMIT 1", &[&id.as_str()])?;
        Ok(all.pop())
    }

    /// The series whose first mail came last, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn last_series(&self, most: u32) -> Result<Vec<SeriesRow>, Error> {
        let newest = "SELECT id, key, message_id, first, record, last FROM series
             ORDER BY first DESC, key LIMIT ?1";
        self.series_rows(newest, &[&most])
    }

    /// Hands on every series whose first mail came at `since` or later, oldest first, until
    /// `each` breaks.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn each_series(
        &self,
        since: Option<Timestamp>,
        mut each: impl FnMut(SeriesRow) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let mut after = (since.map_or(i64::MIN, time::stored), String::new());
        loop {
            // In parts: whoever shows them slowly holds nothing up meanwhile.
            let rows = self.series_after(&after)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = (time::stored(last.first), last.key.clone());
            for row in rows {
                if each(row).is_break() {
                    return Ok(());
                }
            }
        }
    }

    fn series_after(&self, (first, key): &(i64, String)) -> Result<Vec<SeriesRow>, Error> {
        let next = "SELECT id, key, message_id, first, record, last FROM series
             WHERE (first, key) > (?1, ?2) ORDER BY first, key LIMIT 50";
        self.series_rows(next, &[first, key])
    }

    fn series_rows(
        &self,
        query: &'static str,
        with: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<SeriesRow>, Error> {
        let doing = "read the series";
        let mut select = self.conn.prepare_cached(query).doing(doing)?;
        let mut rows = select.query(with).doing(doing)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let read = || -> Result<_, rusqlite::Error> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
            };
            let (number, key, id, first, record, last) = read().doing(doing)?;
            let (first, last) = (time::read(first)?, time::read(last)?);
            all.push(SeriesRow { number, key, id, first, last, record });
        }
        Ok(all)
    }

    /// The files that a series' patches touch, under their names before and after.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn paths(&self, series: &SeriesRow) -> Result<Vec<String>, Error> {
        let doing = "read a series' paths";
        let mut select = self
            .conn
            .prepare_cached("SELECT path FROM paths WHERE series = ?1 ORDER BY path")
            .doing(doing)?;
        let rows = select.query_map([series.number], |row| row.get(0)).doing(doing)?;
        rows.map(|row| row.doing(doing)).collect()
    }

    fn records(
        &self,
        which: &'static str,
        with: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<String>, Error> {
        let query = ["SELECT record FROM series ", which].concat();
        let mut select = self.conn.prepare_cached(&query).doing("read the series")?;
        let rows = select
            .query_map(with, |row| row.get::<_, Option<String>>(0))
            .doing("read the series")?;
        let mut all = Vec::new();
        for row in rows {
            all.extend(row.doing("read the series")?);
        }
        Ok(all)
    }
}
