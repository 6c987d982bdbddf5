//! Whether a reply is made, and what it says only once.

use jiff::tz::TimeZone;
use tidewaiter_mail::{Address, Mailbox, MessageId};
use tidewaiter_patch::{Part, Series};
use tidewaiter_policy::{Assessment, Outcome, Policy, Status, maintainers::Maintainers};
use tidewaiter_reply::{
    AuthorFacts, Draft, HeldBy, PolicyView, Reply, Sentence, recipients, render,
};

use crate::{
    Context, Judgement, Silence, State,
    context::Entry,
    opt_out,
    told::{self, Told},
    trust,
};

/// What came before a series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past {
    /// Somebody asked for quiet in the thread of this version or of one before it.
    pub(crate) opted_out: bool,
    /// Its author has sent another series before.
    pub(crate) known: bool,
}

/// Fills in the reply of a judgement, or why there is none.
pub(crate) fn speak(
    state: &State,
    context: &Context,
    series: &Series,
    entry: &Entry<'_>,
    judgement: &mut Judgement,
    told: &Told,
    past: Past,
) {
    let Some(assessment) = &judgement.assessment else { return };
    if let Some(silence) = silence(state, context, series, entry, assessment.outcome, past) {
        judgement.silence = Some(silence);
        return;
    }
    let mut news = assessment.clone();
    let findings = told.findings(state);
    news.findings.retain(|finding| !findings.contains(&&told::finding(series, finding)));
    let nothing_new = !findings.is_empty() && news.findings.iter().all(|f| !is_spoken(f));
    if nothing_new && assessment.findings.iter().any(is_spoken) {
        judgement.silence = Some(Silence::SaidBefore);
        return;
    }
    if assessment.outcome == Outcome::Disclosure && !only_news(&mut news, &told.lines(state)) {
        judgement.silence = Some(Silence::SaidBefore);
        return;
    }
    judgement.mode = Some(entry.reply.mode);
    match draft(state, context, series, entry, &news, past) {
        Ok(reply) => judgement.reply = Some(reply),
        Err(silence) => judgement.silence = Some(silence),
    }
}

/// Leaves what an earlier version did not state; whether there is any.
fn only_news(assessment: &mut Assessment, told: &[String]) -> bool {
    let is_new = |title: &str, key: Option<&str>, value: &str| {
        !told.contains(&tidewaiter_reply::saying(title, key, value))
    };
    let mut any = false;
    for patch in &mut assessment.patches {
        let title = patch.title.as_str();
        patch.declared.retain(|d| is_new(title, d.key.as_deref(), &d.value));
        patch.indicated.retain(|m| is_new(title, m.key.as_deref(), &m.value));
        any |= !patch.declared.is_empty() || !patch.indicated.is_empty();
    }
    any
}

pub(crate) fn is_spoken(finding: &tidewaiter_policy::Finding) -> bool {
    finding.severity > tidewaiter_policy::Severity::Note
}

fn silence(
    state: &State,
    context: &Context,
    series: &Series,
    entry: &Entry<'_>,
    outcome: Outcome,
    past: Past,
) -> Option<Silence> {
    let speak_on = entry.list.map_or(&[Outcome::Decline, Outcome::Ask][..], |list| &list.speak_on);
    let lead = series.parts().next()?;
    if outcome == Outcome::Silent {
        Some(Silence::NothingToSay)
    } else if series.parts().any(|part| part.mail.header.automatic.is_some()) {
        Some(Silence::Automatic)
    } else if !speak_on.contains(&outcome) {
        Some(Silence::NotSpokenOf)
    } else if series.rfc {
        Some(Silence::Rfc)
    } else if superseded(state, series) {
        Some(Silence::Superseded)
    } else if past.opted_out || opt_out::lasting(state, context, series, entry) {
        Some(Silence::OptOut)
    } else if series.conflict {
        Some(Silence::ConflictingMessageId)
    } else if lead.mail.header.message_id.is_none() {
        Some(Silence::NoMessageId)
    } else {
        answered(state, context, series)
    }
}

/// A newer version is there, unless it only came after this one was due.
fn superseded(state: &State, series: &Series) -> bool {
    let newer = series.superseded_by.as_ref().and_then(|id: &MessageId| state.assembler.key_of(id));
    newer.is_some()
}

/// What people have said in the thread, or that they have pulled, makes a reply needless.
fn answered(state: &State, context: &Context, series: &Series) -> Option<Silence> {
    let taken = |part: &Part| part.mail.diff().is_some_and(|diff| state.taken.contains(&diff.id));
    if series.patches.iter().any(taken) {
        return Some(Silence::Queued);
    }
    let author = series.author.as_ref().and_then(|a| a.address.as_ref());
    let others = series.comments.iter().filter(|part| {
        let from = sender(part);
        part.mail.header.automatic.is_none()
            && from.is_some()
            && from != author
            && from != Some(&context.config.identity.address)
    });
    let mut reviewed = false;
    for part in others {
        let observed = state.observed(part.key);
        if observed.quiet.is_some() {
            return Some(Silence::Queued);
        }
        if observed.raises_policy {
            return Some(Silence::RaisedByAPerson);
        }
        reviewed |= observed.reviewed && may_review(context.maintainers.as_ref(), series, part);
    }
    reviewed.then_some(Silence::Reviewed)
}

fn sender(part: &Part) -> Option<&Address> {
    part.mail.header.from.as_ref().and_then(|from: &Mailbox| from.address.as_ref())
}

/// Whether a review is a maintainer's; without a MAINTAINERS any other person's counts, since
/// it only makes the program quieter.
fn may_review(maintainers: Option<&Maintainers>, series: &Series, part: &Part) -> bool {
    let Some(maintainers) = maintainers else { return true };
    let Some(from) = sender(part) else { return false };
    let files = series.patches.iter().filter_map(|p| p.mail.diff()).flat_map(|d| &d.files);
    files.take(200).any(|file| {
        maintainers
            .sections_for(&file.path)
            .iter()
            .filter_map(|found| maintainers.sections().get(found.section))
            .any(|section| {
                section.maintainers().any(|p| p.address.eq_ignore_ascii_case(from.as_str()))
            })
    })
}

/// A policy that a mail can cite: a dated text that was read. What is only known by report is
/// shown, not sent.
pub(crate) struct PolicyWords<'a> {
    policy: &'a Policy,
    date: String,
    url: &'a str,
}

impl<'a> PolicyWords<'a> {
    pub(crate) fn of(policy: &'a Policy) -> Option<Self> {
        let date = policy.date.filter(|_| policy.can_be_cited())?.to_string();
        Some(Self { policy, date, url: policy.url.as_deref().unwrap_or_default() })
    }

    pub(crate) fn view<'b>(
        &'b self,
        sentences: &'b [Sentence<'b>],
        may_cite: &'b dyn Fn(&str) -> bool,
    ) -> PolicyView<'b> {
        PolicyView {
            id: &self.policy.id,
            project_name: &self.policy.project,
            date: &self.date,
            url: self.url,
            in_force: self.policy.status == Status::InForce,
            sentences,
            may_cite,
        }
    }
}

/// A sentence of a policy, with its own date where it has one.
pub(crate) struct Quoted<'a> {
    sentence: &'a tidewaiter_policy::policy::Sentence,
    date: Option<String>,
}

impl Quoted<'_> {
    /// `None` where its words are not known.
    pub(crate) fn view<'b>(&'b self, words: &'b PolicyWords<'_>) -> Option<Sentence<'b>> {
        Some(Sentence {
            text: self.sentence.text.as_deref()?,
            by: self.sentence.by.as_deref(),
            url: self.sentence.url.as_deref().unwrap_or(words.url),
            date: self.date.as_deref().unwrap_or(&words.date),
        })
    }
}

/// The policy's sentences for what was found.
pub(crate) fn sentences<'a>(policy: &'a Policy, assessment: &Assessment) -> Vec<Quoted<'a>> {
    assessment
        .findings
        .iter()
        .filter(|finding| is_spoken(finding) && finding.before.is_none())
        .flat_map(|finding| policy.sentences_of(&finding.rule))
        .map(|sentence| Quoted { sentence, date: sentence.date.map(|d| d.to_string()) })
        .collect()
}

/// Writes the reply.
fn draft(
    state: &State,
    context: &Context,
    series: &Series,
    entry: &Entry<'_>,
    assessment: &Assessment,
    past: Past,
) -> Result<Reply, Silence> {
    let address = series.author.as_ref().and_then(|a| a.address.as_ref());
    let as_configured = context.overrides.mode.is_none();
    let facts = AuthorFacts {
        reachable: !address.is_some_and(|a| state.refused.contains(a)),
        trusted: trust::is_trusted(&context.trust(), series, assessment),
        known: !as_configured || past.known,
    };
    let maintainers = context.maintainers.as_ref();
    let mut list = entry.reply.clone();
    list.never_to.extend(state.refused.iter().chain(&state.opted_out).cloned());
    let recipients = recipients(&list, series, assessment, maintainers, facts);
    let policy = entry.policy;
    let Some(words) = PolicyWords::of(policy) else { return Err(Silence::NothingToCite) };
    let quoted = sentences(policy, assessment);
    let sentences: Vec<Sentence<'_>> =
        quoted.iter().filter_map(|quoted| quoted.view(&words)).collect();
    let may_cite = |word: &str| context.vocabulary.may_repeat(word);
    let draft = Draft {
        identity: &context.config.identity,
        list: &entry.reply,
        key: &context.key,
        series,
        assessment,
        policy: words.view(&sentences, &may_cite),
        recipients: &recipients,
    };
    let mut reply = render(&context.templates, &draft).map_err(|_| Silence::NotRendered)?;
    if as_configured {
        reply.held_by = reply.held_by.or(for_the_operator_alone(state, entry));
    }
    Ok(reply)
}

/// Why a policy serves nobody but the operator, as configured.
pub(crate) fn for_the_operator_alone(state: &State, entry: &Entry<'_>) -> Option<HeldBy> {
    let today = state.now.to_zoned(TimeZone::UTC).date();
    let changed = state.policy_changed(&entry.reply.project);
    entry.policy.reserved(today, changed).map(HeldBy::from)
}
