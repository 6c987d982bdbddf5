//! Pulls that change the documents in which a policy stands.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tidewaiter_patch::{Kind, Mail};
use tidewaiter_policy::changes_the_policy;

use crate::{Command, Context, Effect, Notice, NoticeKind, State};

/// Looks whether a mail is part of a pull that changes a policy's own documents. From then on the
/// project's policy serves the operator alone, until its file was checked on a later day. It only
/// quiets, so that nobody has to vouch for the mail.
pub(crate) fn look(
    state: &mut State,
    context: &Context,
    mail: &Mail,
    time: Timestamp,
    effects: &mut Vec<Effect>,
) {
    let Some(diff) = mail.diff().filter(|_| mail.kind() == Kind::Pull) else { return };
    let header = &mail.header;
    let recipients = header.to.iter().chain(&header.cc);
    let day = time.to_zoned(TimeZone::UTC).date();
    let mut tell = false;
    for list in context.lists_reached(&header.lists, recipients) {
        let policy = context.policy(&list.policy);
        if !policy.is_some_and(|policy| changes_the_policy(policy, diff)) {
            continue;
        }
        tell = true;
        let project = &list.reply.project;
        let news = state.pulled.get(project).is_none_or(|known| *known < day);
        changed(state, project, day);
        let command = Command::PolicyChanged { day, project: project.clone() };
        // What could not be read back is not kept.
        if news && Command::parse(&command.to_string()).is_some() {
            effects.push(Effect::Command(command));
        }
    }
    if !tell {
        return;
    }
    let pull = header.references.first().or(header.in_reply_to.as_ref());
    let pull = pull.or(header.message_id.as_ref()).cloned();
    let known = pull.as_ref().is_some_and(|pull| !state.pulls_told.insert(pull.clone()));
    if !known {
        let what = NoticeKind::PolicyPulled;
        let mail = header.message_id.clone();
        effects.push(Effect::Tell(Notice { series: pull, mail, what }));
    }
}

/// Takes down the last day of such a pull.
pub(crate) fn changed(state: &mut State, project: &str, day: Date) {
    let last = state.pulled.entry(project.to_owned()).or_insert(day);
    *last = day.max(*last);
}
