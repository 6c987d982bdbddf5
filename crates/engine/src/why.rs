//! The answer to one person who asks why something was decided.

use tidewaiter_mail::Address;
use tidewaiter_patch::{MailKey, Series};
use tidewaiter_policy::NotJudged;
use tidewaiter_reply::{HeldBy, ListReply, Reply, Sentence, WhyDraft, why_id};

use crate::{
    Context, Effect, Judgement, Notice, NoticeKind, Silence, State,
    caps::Sent,
    context::Entry,
    judge::hold_over,
    speak::{self, PolicyWords},
};

/// Whether this person was answered about this version of a series.
pub(crate) fn was_answered(
    state: &State,
    context: &Context,
    series: &Series,
    asker: &Address,
) -> bool {
    context.entries(series).iter().any(|entry| {
        let id = why_id(&context.key, &context.config.identity, &entry.reply, series, asker);
        id.is_some_and(|id| state.answered.contains(&id))
    })
}

/// Answers what was asked about a series before it was decided.
pub(crate) fn answer_waiting(
    state: &mut State,
    context: &Context,
    series: &Series,
    effects: &mut Vec<Effect>,
) {
    let parts = series.parts().chain(&series.comments).map(|part| part.key);
    let asked: Vec<MailKey> = parts.filter(|key| state.asking.contains(key)).collect();
    for key in asked {
        state.asking.remove(&key);
        let from = state.assembler.mail(key).and_then(|mail| mail.header.from.clone());
        let asker = from.and_then(|from| from.address);
        if !asker.is_some_and(|asker| was_answered(state, context, series, &asker)) {
            effects.push(answer(state, context, series, key));
        }
    }
}

/// Answers a mail that asks about a series that was decided: the answer, or what is told to the
/// operator where there is none. The first project that has something to tell answers.
pub(crate) fn answer(
    state: &mut State,
    context: &Context,
    series: &Series,
    asked: MailKey,
) -> Effect {
    let decision = series.parts().find_map(|part| state.decision_of(part.key));
    let judgements = decision.map(|d| d.judgements.clone()).unwrap_or_default();
    for entry in context.entries_after(series, &judgements) {
        let judgement =
            judgements.iter().find(|j| j.project.as_ref() == Some(&entry.reply.project));
        let reply = judgement.and_then(|j| write(state, context, series, asked, &entry, j));
        if let Some(mut reply) = reply {
            if context.overrides.mode.is_none() {
                let held = reply.held_by.or(speak::for_the_operator_alone(state, &entry));
                reply.held_by = held;
            }
            let sent = Sent::answer(state.now, &reply);
            hold_over(state, context, sent, &mut reply);
            state.answered.insert(reply.id.clone());
            return Effect::Queue(Box::new(reply));
        }
    }
    let mail = state.assembler.mail(asked).and_then(|mail| mail.header.message_id.clone());
    Effect::Tell(Notice { series: series.id.clone(), mail, what: NoticeKind::NotExplained })
}

fn write(
    state: &State,
    context: &Context,
    series: &Series,
    asked: MailKey,
    entry: &Entry<'_>,
    judgement: &Judgement,
) -> Option<Reply> {
    let mail = state.assembler.mail(asked)?;
    let decided = decided(judgement)?;
    let words = PolicyWords::of(entry.policy)?;
    let assessment = judgement.assessment.as_ref();
    let quoted = assessment.map(|a| speak::sentences(entry.policy, a)).unwrap_or_default();
    let sentences: Vec<Sentence<'_>> =
        quoted.iter().filter_map(|quoted| quoted.view(&words)).collect();
    let may_cite = |word: &str| context.vocabulary.may_repeat(word);
    let mut list: ListReply = entry.reply.clone();
    list.never_to.extend(state.refused.iter().cloned());
    let draft = WhyDraft {
        identity: &context.config.identity,
        list: &list,
        key: &context.key,
        series,
        asked: &mail.header,
        assessment,
        policy: words.view(&sentences, &may_cite),
        decided: &decided,
    };
    tidewaiter_reply::why(&context.templates, &draft).ok()
}

/// What came of a series, in a sentence; `None` where nobody may be told.
fn decided(judgement: &Judgement) -> Option<String> {
    if let Some(why) = judgement.not_judged {
        return Some(format!("It was not held against the policy, because {}.", unjudged(why)?));
    }
    if let Some(silence) = judgement.silence {
        return Some(format!("Nothing was sent about it, because {}.", silent(silence)));
    }
    let reply = judgement.reply.as_ref()?;
    Some(match reply.held_by {
        None => "One note was written about it, to whom the list's settings name.".to_owned(),
        Some(held) => format!(
            "A note was written about it and is not sent by itself, because {}.",
            self::held(held)
        ),
    })
}

/// Why a series was not judged; `None` where nothing may be told of it at all.
fn unjudged(why: NotJudged) -> Option<&'static str> {
    Some(match why {
        NotJudged::NotThisTree => "its patches seem to be for another tree",
        NotJudged::Pull => "it is a pull request",
        NotJudged::Stable => "it is for a stable branch",
        NotJudged::AboutThePolicy => "it changes or discusses the policy itself",
        NotJudged::Repost => "its patches were posted before",
        NotJudged::NoPatch => "it has no patch",
        // The program's own fault is the operator's business.
        NotJudged::NoListEntry | NotJudged::Embargo | NotJudged::Failed => return None,
    })
}

fn silent(silence: Silence) -> &'static str {
    match silence {
        Silence::NothingToSay => "the policy's text asks for nothing there",
        Silence::Automatic => "a program sent it, and programs are not answered",
        Silence::NotSpokenOf => "the list's settings leave it to the digest",
        Silence::Rfc => "it was sent for discussion",
        Silence::Superseded => "a newer version came first",
        Silence::RaisedByAPerson => "a person had raised the matter in the thread",
        Silence::Queued => "it was queued or applied",
        Silence::Reviewed => "a maintainer had reviewed it",
        Silence::OptOut => "somebody asked for quiet",
        Silence::SaidBefore => "an earlier version was told the same",
        Silence::SaidLater => "what it is about was said after the series had been decided",
        Silence::ConflictingMessageId => "two mails have one Message-ID",
        Silence::NoMessageId => "it has no Message-ID that could be answered",
        Silence::NotRendered => "the note could not be written",
        Silence::NothingToCite => "the policy has no dated text that a mail could cite",
    }
}

fn held(held: HeldBy) -> &'static str {
    match held {
        HeldBy::Observe => "the list is only observed",
        HeldBy::Digest => "the list has a digest instead",
        HeldBy::Hold | HeldBy::Decline => "a person reads it first",
        HeldBy::FirstSeries => "it is the first series from that address",
        HeldBy::UnverifiedSender => "nothing vouches for who sent it",
        HeldBy::AuthorUnreachable => "the author has no address to write to",
        HeldBy::NoMaintainer => "no maintainer is listed",
        HeldBy::MarkOnly => "there is nothing but a mark that some tools leave",
        HeldBy::NoRecipient => "it has nobody to go to",
        HeldBy::Cap => "enough was sent of late",
        HeldBy::Stopped => "sending is stopped",
        HeldBy::PolicyNotInForce => "the policy is not in force",
        HeldBy::PolicyNotChecked | HeldBy::PolicyReviewDue | HeldBy::PolicyChanged => {
            "the policy's text may have changed since a person read it"
        }
    }
}
