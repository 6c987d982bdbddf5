//! Replies that a person has to look at, counted: their bytes are not read for it.

use jiff::Timestamp;
use rusqlite::{Params, params};

use crate::{Error, ReplyState, View, error::Doing, time};

/// Sent to a list and not seen there.
const UNSEEN: &str = "SELECT count(*) FROM replies INDEXED BY replies_sent
    WHERE state = 'sent' AND sent >= ?1 AND sent < ?2
    AND EXISTS (SELECT 1 FROM json_each(recipients) WHERE value = list)";
const UNSENT: &str = "SELECT count(*) FROM replies WHERE state = 'ready'
    AND coalesce(released, queued) < ?1
    AND EXISTS (SELECT 1 FROM attempts WHERE reply = replies.id
      AND time >= coalesce(replies.released, replies.queued))";
const DEAD: &str = "SELECT count(*) FROM replies WHERE state = 'dead'
    AND (SELECT max(time) FROM attempts WHERE reply = replies.id) > ?1";
const IN_STATE: &str = "SELECT count(*) FROM replies WHERE state = ?1";

impl View {
    /// How many replies were sent in a time and did not come back through their list. What went to
    /// people alone comes back through none.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn unseen(&self, since: Timestamp, before: Timestamp) -> Result<u64, Error> {
        self.count(UNSEEN, params![time::stored(since), time::stored(before)])
    }

    /// How many replies that could not be sent have waited since before.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn unsent(&self, before: Timestamp) -> Result<u64, Error> {
        self.count(UNSENT, params![time::stored(before)])
    }

    /// How many replies were last tried after `since`, and are dead.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn dead_since(&self, since: Timestamp) -> Result<u64, Error> {
        self.count(DEAD, params![time::stored(since)])
    }

    /// How many replies are in a state.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn replies_in(&self, state: ReplyState) -> Result<u64, Error> {
        self.count(IN_STATE, params![state.as_str()])
    }

    fn count(&self, query: &'static str, with: impl Params) -> Result<u64, Error> {
        self.conn
            .prepare_cached(query)
            .and_then(|mut select| select.query_row(with, |row| row.get::<_, i64>(0)))
            .doing("count the replies")
            .map(i64::unsigned_abs)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::Store;

    /// Years of replies are not read through each minute.
    #[test_case(UNSEEN, 2, "replies_sent")]
    #[test_case(UNSENT, 1, "replies_by_state")]
    #[test_case(DEAD, 1, "replies_by_state")]
    #[test_case(IN_STATE, 1, "replies_by_state")]
    #[test_case(crate::mails::PUT_ASIDE, 0, "mails_put_aside")]
    fn an_index_is_used(query: &str, values: usize, index: &str) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store")).unwrap();
        let plan = format!("EXPLAIN QUERY PLAN {query}");
        let mut select = store.view.conn.prepare(&plan).unwrap();
        let with = rusqlite::params_from_iter(vec![7; values]);
        let rows = select.query_map(with, |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = rows.map(Result::unwrap).collect();
        assert!(plan[0].contains(index), "{plan:?}");
    }
}
