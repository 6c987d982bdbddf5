//! What happens without a mail: an operator's command, a recipient who refuses for good.

use tidewaiter_mail::{Address, MessageId};
use tidewaiter_patch::Series;

use crate::{Command, Context, Effect, Notice, NoticeKind, State, judge, pulled};

/// Takes an operator's command.
pub(crate) fn operate(
    state: &mut State,
    context: &Context,
    command: Command,
    effects: &mut Vec<Effect>,
) {
    match command {
        Command::OptOut(address) => opt_out(state, &address, effects),
        Command::OptIn(address) => {
            state.opted_out.remove(&address);
        }
        Command::Recheck(id) => {
            if !recheck_id(state, context, &id, effects) {
                let what = NoticeKind::WordWithoutSeries;
                effects.push(Effect::Tell(Notice::of_series(Some(id), what)));
            }
        }
        Command::PolicyChanged { day, project } => pulled::changed(state, &project, day),
        Command::Release(_) | Command::Stop => {}
    }
}

/// Takes down that a recipient refused a reply for good. A list that refuses one mail is a list all
/// the same.
pub(crate) fn refused(
    state: &mut State,
    context: &Context,
    address: Address,
    effects: &mut Vec<Effect>,
) {
    let is_list = context.config.lists.iter().any(|list| list.reply.list == address);
    if !is_list && state.refused.insert(address) {
        effects.push(Effect::Tell(Notice::of_series(None, NoticeKind::AddressRefused)));
    }
}

/// Takes down that an author wants no notes, and cancels those that may still wait.
pub(crate) fn opt_out(state: &mut State, author: &Address, effects: &mut Vec<Effect>) {
    state.opted_out.insert(author.clone());
    let theirs = state.decisions.iter().filter(|d| d.author.as_ref() == Some(author));
    let replies = theirs.flat_map(|d| &d.judgements).filter_map(|j| j.reply.as_ref());
    effects.extend(replies.map(|reply| Effect::Cancel(reply.id.clone())));
}

/// Judges the series of a mail again; `false` where there is none.
fn recheck_id(
    state: &mut State,
    context: &Context,
    id: &MessageId,
    effects: &mut Vec<Effect>,
) -> bool {
    let key = state.assembler.key_of(id);
    let lead = key.and_then(|key| match state.assembler.mail(key)?.comment() {
        Some(_) => state.assembler.lead_above(key),
        None => Some(key),
    });
    let Some(series) = lead.and_then(|lead| state.assembler.series_of(lead)) else { return false };
    recheck(state, context, series, effects);
    true
}

/// Judges a series again that was decided; one that still settles is judged in its time. What was
/// said stays said, and what waits to be said and is no longer so is cancelled.
pub(crate) fn recheck(
    state: &mut State,
    context: &Context,
    series: Series,
    effects: &mut Vec<Effect>,
) {
    let Some((judged, cancelled)) = judge::again(state, context, series) else { return };
    effects.extend(cancelled.into_iter().map(Effect::Cancel));
    effects.push(Effect::Record(Box::new(judged)));
}
