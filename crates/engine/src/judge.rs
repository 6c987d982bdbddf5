//! What is made of one series: whether it is judged, what the policies say, what is sent.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use tidewaiter_mail::{Address, MessageId};
use tidewaiter_patch::{MailKey, Part, Series, SeriesKind};
use tidewaiter_policy::{
    NotJudged, Outcome, Policy, PolicyContext, Tree, TreeFiles, about_the_policy, assess,
    is_stable, tree_test,
};

use tidewaiter_reply::{HeldBy, Reply};

use crate::{
    Context, Judged, Judgement, Silence, State,
    caps::Sent,
    context::Entry,
    digest, opt_out, repost,
    speak::{self, Past},
    state::Decision,
    told::{self, Said},
    versions,
};

/// How long a series has to settle: as the most patient of its lists wants.
pub(crate) fn settle(context: &Context, series: &Series) -> SignedDuration {
    let lists = context.entries(series);
    let longest = lists.iter().filter_map(|entry| entry.list).map(|list| list.settle).max();
    longest.unwrap_or_else(|| context.shortest_settle())
}

/// What came of looking at a series.
pub(crate) enum Decided {
    /// It was decided, and what is to be said is to be said now.
    Now(Judged),
    /// It was decided before; a late part or a new word changed the assessment and nothing else.
    Updated {
        judged: Judged,
        /// A part came, not only a word.
        parts: bool,
    },
    /// It was decided before, and nothing changed.
    Before,
}

/// Decides a series that has settled.
pub(crate) fn decide(state: &mut State, context: &Context, mut series: Series) -> Decided {
    if state.has_failed(&series) {
        return decide_failed(state, context, series);
    }
    let known = series.parts().find_map(|part| state.decided.get(&part.key).copied());
    if let Some(at) = known {
        return decide_again(state, context, series, at);
    }
    series.superseded_by = versions::newer(state, context, &series);
    let at = state.decisions.len();
    let before = versions::decided_before(state, context, &series);
    let before = before.and_then(|at| state.decisions.get(at));
    let first_version = before.map_or(at, |before| before.first_version);
    let mut told = before.map(|before| before.told.clone()).unwrap_or_default();
    let mut judgements = Vec::new();
    let (outcomes, against) = judge(state, context, &series, &[]);
    let opted_out = opt_out::in_thread(state, &series);
    let author = series.author.as_ref().and_then(|a| a.address.clone());
    let past = Past {
        opted_out,
        known: author.as_ref().is_some_and(|author| is_known(state, author, first_version)),
    };
    for (entry, mut judgement) in outcomes {
        if let Some(entry) = entry {
            let told = told.entry(entry.reply.project.clone()).or_default();
            speak::speak(state, context, &series, &entry, &mut judgement, told, past);
            hold_over_caps(state, context, &series, &mut judgement);
            let reply = judgement.reply.as_ref().map(|reply| reply.id.clone());
            if let Some(reply) = &judgement.reply {
                state.replied = true;
                if reply.held_by.is_some() {
                    // What waits for a person may never be said.
                    told::unsaid(state, &reply.id);
                }
            }
            let lines = told.lines(state);
            let kept = digest::keep(state, context, &series, &entry, &judgement, &lines);
            if reply.is_some() {
                let findings = told::findings(&series, &judgement);
                told.push(Said { reply: reply.clone(), findings, lines: Vec::new() });
            }
            let reply = reply.filter(|_| !kept.in_digest);
            told.push(Said { reply, findings: Vec::new(), lines: kept.lines });
        }
        judgements.push(judgement);
    }
    let decision = Decision {
        judgements: judgements.clone(),
        against: against.clone(),
        told,
        opted_out,
        author: author.clone(),
        first_version,
        parts: series.parts().count(),
        comments: series.comments.len(),
    };
    enter(state, &series, decision);
    if let Some(author) = author {
        if versions::is_vouched(context, &series) {
            let series = state.vouched.entry(author.clone()).or_default();
            if series.len() < 2 && !series.contains(&first_version) {
                series.push(first_version);
            }
        }
        state.known_authors.insert(author);
    }
    Decided::Now(Judged { series, judgements, against, again: false })
}

fn enter(state: &mut State, series: &Series, decision: Decision) {
    let at = state.decisions.len();
    state.decided.extend(series.parts().map(|part| (part.key, at)));
    state.decisions.push(decision);
}

/// Whether an author sent a series before that is no other version of this one. That the second
/// version comes soon makes nobody known, nor does a mail that another may have sent.
fn is_known(state: &State, author: &Address, first_version: usize) -> bool {
    let vouched = state.vouched.get(author).map_or(&[][..], Vec::as_slice);
    vouched.iter().any(|series| *series != first_version)
}

/// A series that took the program down is recorded, and nothing is made of what it says.
fn decide_failed(state: &mut State, context: &Context, series: Series) -> Decided {
    if state.is_decided(&series) {
        return Decided::Before;
    }
    let (outcomes, against) = judge(state, context, &series, &[]);
    let judgements: Vec<Judgement> = outcomes.into_iter().map(|(_, judgement)| judgement).collect();
    let decision = Decision {
        judgements: judgements.clone(),
        against: against.clone(),
        told: BTreeMap::new(),
        opted_out: false,
        author: series.author.as_ref().and_then(|a| a.address.clone()),
        first_version: state.decisions.len(),
        parts: series.parts().count(),
        comments: series.comments.len(),
    };
    enter(state, &series, decision);
    Decided::Now(Judged { series, judgements, against, again: false })
}

/// As configured, a reply over a cap is held; any other that nothing holds counts from now on.
fn hold_over_caps(
    state: &mut State,
    context: &Context,
    series: &Series,
    judgement: &mut Judgement,
) {
    let sent = Sent::new(state.now, series, judgement.assessment.as_ref());
    if let Some(reply) = &mut judgement.reply {
        hold_over(state, context, sent, reply);
    }
}

/// The same for any reply.
pub(crate) fn hold_over(state: &mut State, context: &Context, sent: Sent, reply: &mut Reply) {
    let as_configured = context.overrides.mode.is_none();
    if !as_configured || reply.held_by.is_some() {
        return;
    }
    let sent = sent.to(&reply.list);
    if state.sent.reached(&context.config.caps, &sent) {
        reply.held_by = Some(HeldBy::Cap);
    } else {
        state.sent.push(sent);
    }
}

/// Judges a series again that was decided, and names the replies that speak of what is no longer
/// so; `None` where it was not decided yet.
pub(crate) fn again(
    state: &mut State,
    context: &Context,
    series: Series,
) -> Option<(Judged, Vec<MessageId>)> {
    let at = series.parts().find_map(|part| state.decided.get(&part.key).copied())?;
    let old = state.decisions.get(at)?.judgements.clone();
    let judged = judge_again(state, context, series, at)?;
    let is_gone = |old: &Judgement| {
        let new = judged.judgements.iter().find(|new| new.project == old.project);
        new.is_some_and(|new| new.outcome() < old.outcome())
    };
    let gone = old.iter().filter(|old| is_gone(old)).filter_map(|old| old.reply.as_ref());
    let gone = gone.map(|reply| reply.id.clone()).collect();
    Some((judged, gone))
}

/// A late part or a new word updates the assessment; what was said stays said.
fn decide_again(state: &mut State, context: &Context, series: Series, at: usize) -> Decided {
    let Some(before) = state.decisions.get(at) else { return Decided::Before };
    let parts = before.parts != series.parts().count();
    if !parts && before.comments == series.comments.len() {
        return Decided::Before;
    }
    let judged = judge_again(state, context, series, at);
    judged.map_or(Decided::Before, |judged| Decided::Updated { judged, parts })
}

fn judge_again(state: &mut State, context: &Context, series: Series, at: usize) -> Option<Judged> {
    let before = state.decisions.get(at)?;
    let old = before.judgements.clone();
    let (outcomes, against) = judge(state, context, &series, &old);
    // Under a policy that was asked for there is one judgement, whatever the list.
    let alone = context.overrides.policy.is_some();
    let judgements: Vec<Judgement> = outcomes
        .into_iter()
        .map(|(_, mut judgement)| {
            let old = old.iter().find(|old| alone || old.project == judgement.project);
            if let Some(old) = old {
                judgement.reply.clone_from(&old.reply);
                judgement.mode = old.mode;
            }
            if judgement.reply.is_none() {
                judgement.silence = silence_after(old, &judgement);
            }
            judgement
        })
        .collect();
    state.decided.extend(series.parts().map(|part| (part.key, at)));
    let asked = opt_out::in_series(state, &series);
    if let Some(decision) = state.decisions.get_mut(at) {
        decision.opted_out |= asked;
        decision.judgements.clone_from(&judgements);
        decision.against.clone_from(&against);
        decision.parts = series.parts().count();
        decision.comments = series.comments.len();
    }
    Some(Judged { series, judgements, against, again: true })
}

/// Why nothing is sent of what a series comes to now, where nothing was before: `None` where it is
/// not judged.
fn silence_after(old: Option<&Judgement>, new: &Judgement) -> Option<Silence> {
    if new.outcome()? == Outcome::Silent {
        return Some(Silence::NothingToSay);
    }
    let old = old.and_then(|old| Some((old.silence?, old.outcome())));
    let (silence, outcome) = old.unwrap_or((Silence::SaidLater, None));
    let was_less =
        matches!(silence, Silence::NothingToSay | Silence::NotSpokenOf | Silence::SaidBefore)
            && outcome < new.outcome();
    Some(if was_less { Silence::SaidLater } else { silence })
}

/// A series with what was decided of it, brought up to date.
pub(crate) fn as_it_stands(state: &mut State, context: &Context, lead: MailKey) -> Option<Judged> {
    let series = state.assembler.series_of(lead)?;
    if let Decided::Now(judged) | Decided::Updated { judged, .. } = decide(state, context, series) {
        return Some(judged);
    }
    let series = state.assembler.series_of(lead)?;
    let decision = series.parts().find_map(|part| state.decision_of(part.key))?;
    Some(Judged {
        judgements: decision.judgements.clone(),
        against: decision.against.clone(),
        again: true,
        series,
    })
}

type Outcomes<'a> = Vec<(Option<Entry<'a>>, Judgement)>;

/// What each project that a series reached makes of it; `decided`: what they made of it before.
fn judge<'a>(
    state: &mut State,
    context: &'a Context,
    series: &Series,
    decided: &[Judgement],
) -> (Outcomes<'a>, Option<Judgement>) {
    let entries = context.entries_after(series, decided);
    if entries.is_empty() {
        return (vec![(None, Judgement::not(NotJudged::NoListEntry, None))], None);
    }
    if state.has_failed(series) {
        let failed = |entry: &Entry<'_>| Judgement {
            project: Some(entry.reply.project.clone()),
            list: entry.list.map(|list| list.id.clone()),
            policy: Some(entry.policy.id.clone()),
            policy_date: entry.policy.date.map(|date| date.to_string()),
            ..Judgement::not(NotJudged::Failed, None)
        };
        let judgements = entries.into_iter().map(|entry| (failed(&entry), entry));
        return (judgements.map(|(judgement, entry)| (Some(entry), judgement)).collect(), None);
    }
    let repost = repost::is_repost(state, series);
    let compares = |policy: &Policy| policy.compares_versions();
    let previous = if entries.iter().any(|entry| compares(entry.policy))
        || context.against.as_ref().is_some_and(compares)
    {
        versions::before(state, context, series)
    } else {
        None
    };
    let asked = Asked { any_tree: context.overrides.policy.is_some(), repost, previous };
    let mut outcomes = Vec::new();
    let mut against = None;
    for entry in entries {
        let mut judgement = judge_under(state, context, series, &entry, entry.policy, &asked);
        judgement.list = entry.list.map(|list| list.id.clone());
        judgement.project = Some(entry.reply.project.clone());
        if against.is_none()
            && let Some(second) = &context.against
        {
            let mut other = judge_under(state, context, series, &entry, second, &asked);
            other.list.clone_from(&judgement.list);
            against = Some(other);
        }
        outcomes.push((Some(entry), judgement));
    }
    (outcomes, against)
}

/// What is the same under every policy that a series is held against.
struct Asked {
    /// The policy was asked for, whatever tree the series is for.
    any_tree: bool,
    repost: bool,
    /// The version before, where a policy compares the two.
    previous: Option<Series>,
}

/// What each project makes of a series that was not sent yet.
pub(crate) fn unsent(
    state: &State,
    context: &Context,
    series: &Series,
    this_tree: bool,
) -> Vec<Judgement> {
    let entries = context.entries(series);
    let asked = Asked { any_tree: this_tree, repost: false, previous: None };
    let judgement = |entry: Entry<'_>| {
        let mut judgement = judge_under(state, context, series, &entry, entry.policy, &asked);
        judgement.list = entry.list.map(|list| list.id.clone());
        judgement
    };
    entries.into_iter().map(judgement).collect()
}

fn judge_under(
    state: &State,
    context: &Context,
    series: &Series,
    entry: &Entry<'_>,
    policy: &Policy,
    asked: &Asked,
) -> Judgement {
    let named = |mut judgement: Judgement| {
        judgement.policy = Some(policy.id.clone());
        judgement.policy_date = policy.date.map(|date| date.to_string());
        judgement
    };
    if let Some(why) = not_judged(series, entry, policy) {
        return named(Judgement::not(why, None));
    }
    let tree = (!asked.any_tree).then(|| tree_test(policy, context.tree.as_ref(), series));
    if let Some(tree) = tree.as_ref().filter(|t| t.tree != Tree::ThisTree) {
        return named(Judgement::not(NotJudged::NotThisTree, Some(tree.reason.clone())));
    }
    if about_the_policy(policy, series) {
        return named(Judgement::not(NotJudged::AboutThePolicy, None));
    }
    if asked.repost {
        return named(Judgement::not(NotJudged::Repost, None));
    }
    let assessment = assess(
        policy,
        &PolicyContext {
            maintainers: context.maintainers.as_ref(),
            tree: tree.as_ref(),
            previous: asked.previous.as_ref(),
            fan_in: context.tree.as_ref().and_then(TreeFiles::fan_in),
            trust: context.trust(),
            without_trace: context.overrides.without_trace,
        },
        series,
        &|key| state.observed(key),
    );
    named(Judgement { assessment: Some(assessment), ..Judgement::default() })
}

fn not_judged(series: &Series, entry: &Entry<'_>, policy: &Policy) -> Option<NotJudged> {
    if series.kind == SeriesKind::Pull {
        return Some(NotJudged::Pull);
    }
    if is_stable(policy, series) || series.kind == SeriesKind::Stable {
        return Some(NotJudged::Stable);
    }
    if series.patches.iter().all(|part| part.mail.diff().is_none()) {
        return Some(NotJudged::NoPatch);
    }
    let embargo = entry.list.map_or(&[][..], |list| &list.embargo);
    let secret = |part: &Part| {
        let header = &part.mail.header;
        header
            .to
            .iter()
            .chain(&header.cc)
            .any(|m| m.address.as_ref().is_some_and(|a| embargo.contains(a)))
    };
    series.parts().any(secret).then_some(NotJudged::Embargo)
}
