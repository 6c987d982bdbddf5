//! Times as the store keeps them: microseconds since 1970.

use jiff::Timestamp;

use crate::Error;

/// To a column. An event's time is cut to a microsecond before the engine sees it.
pub(crate) fn stored(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// From a column.
pub(crate) fn read(column: i64) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(column).map_err(|_| Error::Damaged(format!("{column} is no time")))
}

/// To a column, refusing what a column cannot hold: the engine would see another time when it is
/// rebuilt.
pub(crate) fn exact(time: Timestamp) -> Result<i64, Error> {
    if time.as_nanosecond() % 1_000 == 0 {
        return Ok(stored(time));
    }
    Err(Error::Damaged(format!("{time} is finer than a microsecond")))
}
