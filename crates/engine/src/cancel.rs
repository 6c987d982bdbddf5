//! What makes a reply that waits to be sent unneeded.

use tidewaiter_patch::MailKey;

use crate::{Context, Effect, State, versions};

/// A new version cancels what waits to be said of the one before.
pub(crate) fn by_new_version(
    state: &mut State,
    context: &Context,
    key: MailKey,
    effects: &mut Vec<Effect>,
) {
    let Some(series) = state.assembler.series_of(key) else { return };
    for older in versions::replaced(state, context, &series) {
        replies(state, Some(older), effects);
    }
}

/// A person's word can make what waits to be said unneeded: quiet that anybody asks for, or what
/// another than the author says of the matter.
pub(crate) fn by_word(
    state: &mut State,
    context: &Context,
    key: MailKey,
    effects: &mut Vec<Effect>,
) {
    let Some(mail) = state.assembler.mail(key).cloned() else { return };
    let observed = state.observed(key);
    let matter = observed.raises_policy || observed.quiet.is_some();
    let from = mail.header.from.as_ref().and_then(|from| from.address.as_ref());
    let own = from == Some(&context.config.identity.address);
    if mail.header.automatic.is_some() || own || !(matter || observed.asks_for_quiet()) {
        return;
    }
    let asks = observed.asks_for_quiet();
    let lead = state.assembler.lead_above(key);
    // A word about one version is one about those after it.
    if let Some(lead) = lead.filter(|lead| asks && state.quieted.insert(*lead)) {
        for newer in versions::all_newer(state, lead) {
            replies(state, Some(newer), effects);
        }
    }
    let decision = lead.and_then(|lead| state.decision_of(lead));
    let author = decision.and_then(|decision| decision.author.as_ref());
    if asks || (from.is_some() && from != author) {
        replies(state, lead, effects);
    }
}

/// Cancels what was made for a series; what has gone out stays.
pub(crate) fn replies(state: &State, key: Option<MailKey>, effects: &mut Vec<Effect>) {
    let Some(decision) = key.and_then(|key| state.decision_of(key)) else { return };
    let replies = decision.judgements.iter().filter_map(|j| j.reply.as_ref());
    effects.extend(replies.map(|reply| Effect::Cancel(reply.id.clone())));
}
