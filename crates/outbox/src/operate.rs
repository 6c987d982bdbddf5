//! What a person does with replies.

use jiff::Timestamp;
use tidewaiter_mail::MessageId;
use tidewaiter_store::{Error, ReplyState, Store};

use crate::{Obstacle, Rules, gate};

/// Why a person's word was not followed.
#[derive(Debug, thiserror::Error)]
pub enum OperateError {
    /// There is no such reply.
    #[error("failed to find the reply {0}")]
    Unknown(MessageId),
    /// It is not in a state for that.
    #[error("failed to {doing} the reply {id}: it is {state}")]
    State {
        /// What was to be done.
        doing: &'static str,
        /// Its Message-ID.
        id: MessageId,
        /// What it is.
        state: &'static str,
    },
    /// It was cancelled while it was in doubt.
    #[error(
        "failed to send the reply {0} again: it was cancelled meanwhile; settle it with --sent or \
         --drop"
    )]
    Unwanted(MessageId),
    /// The gate is shut.
    #[error("failed to release the reply {id}: {why}")]
    Gate {
        /// Its Message-ID.
        id: MessageId,
        /// What is in the way.
        why: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// What a person says of a reply in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It went out.
    Sent,
    /// It did not; send it.
    Resend,
    /// Leave it.
    Drop,
}

/// Settles a reply in doubt. The only way by which the same bytes may leave twice, and a person's.
///
/// # Errors
/// Where it is not in doubt; where it is to be sent again and was cancelled meanwhile.
pub fn resolve(
    store: &mut Store,
    id: &MessageId,
    how: Resolution,
    now: Timestamp,
) -> Result<(), OperateError> {
    let (to, note) = match how {
        Resolution::Sent => (ReplyState::Sent, "a person says that it was sent"),
        Resolution::Resend => (ReplyState::Held, "a person says that it was not sent"),
        Resolution::Drop => (ReplyState::Dropped, "dropped"),
    };
    let writer = store.begin()?;
    if !writer.change(id, &[ReplyState::Doubt], to, Some(note))? {
        let state = writer.state_of(id)?;
        return Err(wrong("resolve", id, state));
    }
    if how == Resolution::Resend && writer.is_unwanted(id)? {
        return Err(OperateError::Unwanted(id.clone()));
    }
    if how == Resolution::Resend {
        writer.release(id, now)?;
    }
    writer.command(&format!("resolve {id} {how:?}"), now)?;
    Ok(writer.commit_operation()?)
}

/// Lets a held reply go. Every gate is asked but its age and the caps.
///
/// # Errors
/// Where it is not held, or a gate is shut.
pub fn release(
    store: &mut Store,
    rules: &Rules,
    id: &MessageId,
    now: Timestamp,
) -> Result<(), OperateError> {
    let Some(mut row) = store.reply(id)? else { return Err(OperateError::Unknown(id.clone())) };
    if row.state != ReplyState::Held {
        return Err(wrong("release", id, Some(row.state)));
    }
    row.released = Some(now);
    let why = match gate::obstacle(rules, store, &row, now)? {
        None | Some(Obstacle::Later(_)) => None,
        Some(Obstacle::Everything(why) | Obstacle::Hold { why, .. } | Obstacle::Doubt(why)) => {
            Some(why)
        }
    };
    if let Some(why) = why {
        return Err(OperateError::Gate { id: id.clone(), why });
    }
    let writer = store.begin()?;
    writer.release(id, now)?;
    writer.command(&format!("release {id}"), now)?;
    Ok(writer.commit_operation()?)
}

/// Drops a reply that waits, for a person or to be sent.
///
/// # Errors
/// Where it does not wait.
pub fn drop_reply(store: &mut Store, id: &MessageId, now: Timestamp) -> Result<(), OperateError> {
    let writer = store.begin()?;
    let from = [ReplyState::Held, ReplyState::Ready];
    if !writer.change(id, &from, ReplyState::Dropped, Some("dropped"))? {
        let state = writer.state_of(id)?;
        return Err(wrong("drop", id, state));
    }
    writer.command(&format!("drop {id}"), now)?;
    Ok(writer.commit_operation()?)
}

/// Turns the stop switch off.
///
/// # Errors
/// Where the store cannot be written to.
pub fn resume(store: &mut Store, now: Timestamp) -> Result<(), OperateError> {
    let writer = store.begin()?;
    writer.resume()?;
    writer.command("resume", now)?;
    Ok(writer.commit_operation()?)
}

fn wrong(doing: &'static str, id: &MessageId, state: Option<ReplyState>) -> OperateError {
    match state {
        Some(state) => OperateError::State { doing, id: id.clone(), state: state.as_str() },
        None => OperateError::Unknown(id.clone()),
    }
}
