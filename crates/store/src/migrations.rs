//! The tables, one numbered step after another.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::{Error, Point, error::Doing, point::commit};

/// Each step makes the schema of its place, counted from 1. A step that was released never
/// changes.
const STEPS: &[&str] = &[
    include_str!("../migrations/0001_mails.sql"),
    include_str!("../migrations/0002_series.sql"),
    include_str!("../migrations/0003_outbox.sql"),
    include_str!("../migrations/0004_paths.sql"),
    include_str!("../migrations/0005_series_by_message_id.sql"),
    include_str!("../migrations/0006_unwanted.sql"),
    include_str!("../migrations/0007_threads_and_what_failed.sql"),
];

/// The schema that this program writes.
pub const SCHEMA: u32 = 7;

/// `application_id` of a store: "tide".
const OURS: i64 = 0x7469_6465;

/// Brings a store to [`SCHEMA`], each step in a transaction of its own.
pub(crate) fn migrate(conn: &mut Connection, path: &Path) -> Result<(), Error> {
    let mut found = check(conn, path)?;
    while let Some(step) = STEPS.get(found as usize) {
        found += 1;
        let tx = conn
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .doing("start a migration of the store")?;
        tx.execute_batch(step).doing("migrate the store")?;
        tx.pragma_update(None, "application_id", OURS).doing("mark the store")?;
        tx.pragma_update(None, "user_version", found).doing("number the store's schema")?;
        commit(tx, Point::Migrate)?;
    }
    Ok(())
}

/// The schema that a database has: 0 for an empty one.
pub(crate) fn check(conn: &Connection, path: &Path) -> Result<u32, Error> {
    let number = |name| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let owner = number("application_id").doing("read the store")?;
    let schema = number("user_version").doing("read the store")?;
    let tables: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .doing("read the store")?;
    let fresh = owner == 0 && schema == 0 && tables == 0;
    if owner != OURS && !fresh {
        return Err(Error::NotAStore(path.to_owned()));
    }
    let found = u32::try_from(schema).map_err(|_| Error::NotAStore(path.to_owned()))?;
    if found > SCHEMA {
        return Err(Error::TooNew { path: path.to_owned(), found, known: SCHEMA });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema_of(conn: &Connection) -> Vec<String> {
        let mut all =
            conn.prepare("SELECT coalesce(sql, '') FROM sqlite_schema ORDER BY 1").unwrap();
        let rows = all.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// A series with a part, and a reply.
    const REPLY: &str = "INSERT INTO series (key, version, first, last) VALUES ('a', '1', 5, 6);
         INSERT INTO parts VALUES (1, 'a@x');
         INSERT INTO replies (id, project, series, kind, extra, state, list, policy,
           sender, recipients, rules, about, queued, not_before)
         VALUES ('r@x', 'p', 'a@x', 'why', 'al@x', 'held', 'l@x', 'q', 's@x', '[]', '', 5, 6, 7);";

    #[test]
    fn the_number_is_that_of_the_last_step() {
        assert_eq!(SCHEMA as usize, STEPS.len());
    }

    #[test]
    fn from_every_earlier_version() {
        let path = Path::new("x");
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh, path).unwrap();
        for from in 0..=STEPS.len() {
            let mut old = Connection::open_in_memory().unwrap();
            for step in &STEPS[..from] {
                old.execute_batch(step).unwrap();
            }
            if from > 0 {
                old.pragma_update(None, "application_id", OURS).unwrap();
                old.pragma_update(None, "user_version", u32::try_from(from).unwrap()).unwrap();
                // What is there stays.
                old.execute("INSERT INTO meta VALUES ('instance', 'abc')", []).unwrap();
                old.execute("INSERT INTO mails (raw_hash, time) VALUES (x'00', 5)", []).unwrap();
                old.execute("INSERT INTO events (kind, time, mail) VALUES ('mail', 5, 1)", [])
                    .unwrap();
            }
            if from > 2 {
                old.execute_batch(REPLY).unwrap();
            }
            migrate(&mut old, path).unwrap();
            assert_eq!(schema_of(&old), schema_of(&fresh), "from {from}");
            assert_eq!(check(&old, path).unwrap(), SCHEMA);
            let kept: i64 = old.query_row("SELECT count(*) FROM events", [], |r| r.get(0)).unwrap();
            assert_eq!(kept, i64::from(from > 0), "from {from}");
            let kept: (String, i64) = old
                .query_row(
                    "SELECT coalesce(max(state), ''), (SELECT count(*) FROM series s
                       JOIN parts p ON p.series = s.id) FROM replies WHERE unwanted = 0",
                    [],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )
                .unwrap();
            let wanted = if from > 2 { ("held".to_owned(), 1) } else { (String::new(), 0) };
            assert_eq!(kept, wanted, "from {from}");
        }
    }

    #[test]
    fn foreign_and_newer_ones_are_refused() {
        let foreign = Connection::open_in_memory().unwrap();
        foreign.execute_batch("CREATE TABLE x (y)").unwrap();
        assert!(matches!(check(&foreign, Path::new("x")), Err(Error::NotAStore(_))));
        let newer = Connection::open_in_memory().unwrap();
        newer.pragma_update(None, "application_id", OURS).unwrap();
        newer.pragma_update(None, "user_version", SCHEMA + 1).unwrap();
        let error = check(&newer, Path::new("x")).unwrap_err();
        assert!(matches!(error, Error::TooNew { found, .. } if found == SCHEMA + 1), "{error}");
    }
}
