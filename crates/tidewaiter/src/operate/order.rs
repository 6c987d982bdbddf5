//! Giving an order: done at once where no daemon runs, else left for it.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::anyhow;
use jiff::Timestamp;
use tidewaiter_store::{Beside, Error, Store, point};

use super::{Order, Refused, apply, carry_out, find, is_refusal};
use crate::{
    edges,
    failure::Failure,
    load::{self, Loaded},
};

/// How long to wait for the daemon's answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often to look for it.
const LOOK: Duration = Duration::from_millis(100);
/// How often to look whether the daemon has gone.
const GONE: Duration = Duration::from_secs(1);

/// What came of an order.
pub(crate) struct Done {
    /// In one sentence.
    pub(crate) text: String,
    /// A daemon runs on the store.
    pub(crate) daemon: bool,
}

/// Does what is asked for, or has the daemon do it and waits for its answer.
pub(crate) fn give(loaded: &Loaded, order: &Order) -> Result<Done, Failure> {
    // It exists and is up to date from here on.
    let beside = find::look(loaded)?;
    let rules = edges::rules(loaded, &load::readable_policies(loaded));
    match Store::open(&edges::store_path(loaded)) {
        Ok(mut store) => match carry_out(&mut store, &rules, order, None, Timestamp::now()) {
            Ok(text) => Ok(Done { text, daemon: false }),
            Err(Refused::Word(text)) => Err(Failure::usage(anyhow!(text))),
            Err(Refused::Store(error)) => Err(Failure::io(error)),
        },
        Err(Error::Locked(_)) => ask(loaded, beside, order),
        Err(error) => Err(Failure::io(error)),
    }
}

fn ask(loaded: &Loaded, mut beside: Beside, order: &Order) -> Result<Done, Failure> {
    let command = order.to_string();
    let id = beside.ask(&command, Timestamp::now()).map_err(Failure::io)?;
    let start = Instant::now();
    let mut looked = start;
    loop {
        let left = beside.command(id).map_err(Failure::io)?;
        if let Some(answer) = left.and_then(|command| command.answer) {
            return answered(answer, true);
        }
        if start.elapsed() >= patience() {
            return Err(Failure::io(anyhow!(
                "failed to hear from the daemon within {} seconds; the command `{command}` waits, \
                 and is carried out when the daemon gets to it",
                patience().as_secs_f32()
            )));
        }
        // Another command may have had the lock, or the daemon has ended: nobody would answer.
        if looked.elapsed() >= GONE {
            looked = Instant::now();
            if let Some(answer) = instead(loaded, id, &command)? {
                return answered(answer, false);
            }
        }
        sleep(LOOK);
    }
}

/// Does what was left for the daemon where there is none any more.
fn instead(loaded: &Loaded, id: i64, command: &str) -> Result<Option<String>, Failure> {
    let mut store = match Store::open(&edges::store_path(loaded)) {
        Ok(store) => store,
        Err(Error::Locked(_)) => return Ok(None),
        Err(error) => return Err(Failure::io(error)),
    };
    let left = store.command(id).map_err(Failure::io)?;
    if let Some(answer) = left.and_then(|command| command.answer) {
        return Ok(Some(answer));
    }
    let rules = edges::rules(loaded, &load::readable_policies(loaded));
    apply(&mut store, &rules, (id, command), Timestamp::now()).map(Some).map_err(Failure::io)
}

fn answered(answer: String, daemon: bool) -> Result<Done, Failure> {
    if is_refusal(&answer) {
        return Err(Failure::usage(anyhow!(answer)));
    }
    Ok(Done { text: answer, daemon })
}

/// A test has less.
fn patience() -> Duration {
    let told = std::env::var("TIDEWAITER_PATIENCE_MS").ok().filter(|_| point::FOR_TESTS);
    told.and_then(|text| text.parse().ok()).map_or(PATIENCE, Duration::from_millis)
}
