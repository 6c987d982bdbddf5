//! The store as a command looks at it, and replies by the start of their ids.

use std::{io::ErrorKind, path::Path};

use anyhow::anyhow;
use jiff::Timestamp;
use tidewaiter_mail::MessageId;
use tidewaiter_store::{Beside, Error, ReplyRow, Store, View};

use crate::{edges, failure::Failure, load::Loaded};

/// How much of an id is shown where no two begin so: `tw.` and eight digits.
const SHORT: usize = 11;
/// How many replies are named where an id may mean several.
const CANDIDATES: usize = 10;

/// Opens the store for looking, whether or not the daemon runs. One of an older schema is brought
/// up to date first, where no daemon runs; none is ever made.
pub(crate) fn look(loaded: &Loaded) -> Result<Beside, Failure> {
    let path = edges::store_path(loaded);
    exists(&path)?;
    match Beside::open(&path) {
        Err(Error::TooOld { found: 0, .. }) => Err(missing(&path)),
        Err(Error::TooOld { .. }) => {
            drop(Store::open(&path).map_err(Failure::io)?);
            Beside::open(&path).map_err(Failure::io)
        }
        other => other.map_err(Failure::io),
    }
}

fn exists(path: &Path) -> Result<(), Failure> {
    match std::fs::metadata(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(missing(path)),
        Err(error) => Err(Failure::io(
            anyhow::Error::new(error)
                .context(format!("failed to open the store `{}`", path.display())),
        )),
    }
}

fn missing(path: &Path) -> Failure {
    Failure::io(anyhow!(
        "failed to open the store `{}`: there is none; `tidewaiter run` makes it when it first \
         starts",
        path.display()
    ))
}

/// The one reply whose id is this or begins so, with or without brackets and `tw.`.
pub(crate) fn reply(view: &View, text: &str) -> Result<MessageId, Failure> {
    let start = text.trim().trim_start_matches('<').trim_end_matches('>');
    if start.is_empty() {
        return Err(Failure::usage(anyhow!("`{text}` is no id of a reply")));
    }
    let ids = view.reply_ids().map_err(Failure::io)?;
    let with = format!("tw.{start}");
    let is = |id: &&String| id.as_str() == start || **id == with;
    let begins = |id: &&String| id.starts_with(start) || id.starts_with(&with);
    let found: Vec<&String> = match ids.iter().find(is) {
        Some(id) => vec![id],
        None => ids.iter().filter(begins).collect(),
    };
    match found.as_slice() {
        [id] => MessageId::new(id)
            .ok_or_else(|| Failure::io(anyhow!("failed to read the store: `{id}` is no id"))),
        [] => Err(Failure::usage(anyhow!(
            "there is no reply `{text}`; `tidewaiter outbox list` shows those that wait"
        ))),
        many => {
            let mut error = format!("`{text}` is the start of {} replies:", many.len());
            for id in many.iter().take(CANDIDATES) {
                error.push_str("\n  ");
                error.push_str(id);
            }
            if many.len() > CANDIDATES {
                error.push_str("\n  ...");
            }
            Err(Failure::usage(anyhow!(error)))
        }
    }
}

/// As much of an id as tells it from all others, and not less than eight digits. `ids` are sorted.
pub(crate) fn short(ids: &[String], id: &MessageId) -> String {
    let id = id.as_str();
    let at = ids.partition_point(|other| other.as_str() < id);
    let before = at.checked_sub(1).and_then(|at| ids.get(at));
    let after = ids.get(at..).into_iter().flatten().find(|other| other.as_str() != id);
    let shared = [before, after].into_iter().flatten().map(|other| common(id, other)).max();
    let end = id.floor_char_boundary(shared.map_or(0, |shared| shared + 1).max(SHORT));
    id.get(..end).unwrap_or(id).to_owned()
}

fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

/// A time to the minute, in UTC.
pub(crate) fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%MZ").to_string()
}

/// When something last became of a reply, as far as the store tells.
pub(crate) fn last(row: &ReplyRow) -> Timestamp {
    let times = [row.released, row.armed, row.sent, row.seen];
    times.into_iter().flatten().fold(row.queued, Ord::max)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("tw.0123456789@x.org" => "tw.01234567"; "alone")]
    #[test_case("tw.aaaaaaaaaa1@x.org" => "tw.aaaaaaaaaa1"; "like the next")]
    #[test_case("tw.aaaaaaaaaa2@x.org" => "tw.aaaaaaaaaa2"; "like the one before")]
    #[test_case("tw.f@x" => "tw.f@x"; "a short one")]
    fn shortened(id: &str) -> String {
        let ids: Vec<String> =
            ["tw.0123456789@x.org", "tw.aaaaaaaaaa1@x.org", "tw.aaaaaaaaaa2@x.org", "tw.f@x"]
                .map(str::to_owned)
                .into();
        short(&ids, &MessageId::new(id).unwrap())
    }
}
