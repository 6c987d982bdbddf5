//! The one function that decides everything.

use jiff::Timestamp;
use tidewaiter_mail::{Automatic, MessageId};
use tidewaiter_patch::{Added, Kind, Mail, MailKey};
use tidewaiter_policy::{NotJudged, Observed, Trust, observe};
use tidewaiter_reply::Reply;

use crate::{
    Command, Context, Delivery, Judged, Judgement, Notice, NoticeKind, Silence, State, cancel,
    digest,
    due::Due,
    judge::{self, Decided},
    operate, pulled, told, versions, why, words,
};

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// A mail came: from a person, from a program, our own coming back.
    Mail(Box<Arrival>),
    /// Time went by.
    Tick(Timestamp),
    /// An operator's command, or one of [`Effect::Command`] that is taken from a store.
    Operator(Command),
    /// Something became of a reply. A recipient who is refused for good changes what is decided
    /// later, and so does whether a reply went out: what nobody was told is news to the next version.
    Delivered(MessageId, Delivery),
}

/// A mail, what it says, and when it came.
#[derive(Debug)]
pub struct Arrival {
    /// The mail.
    pub mail: Mail,
    /// What [`observe()`] saw in it.
    pub observed: Observed,
    /// Its event time.
    pub time: Timestamp,
}

impl Arrival {
    /// Looks at a mail. The part of the work that depends on nothing but the mail itself, so
    /// that mails can be looked at side by side.
    #[must_use]
    pub fn new(context: &Context, mut mail: Mail, time: Timestamp) -> Self {
        // What reaches no configured list is never judged; most of a foreign archive is that.
        let own = &context.config.identity.address;
        if mail.header.loops.contains(own) && mail.header.automatic.is_none() {
            mail.header.automatic = Some(Automatic::Loop);
        }
        mail.header.vouched = context.trust().of(&mail.header) >= Trust::Domain;
        let observed = if context.is_private(&mail) {
            // What is said to the program alone states nothing to others.
            observe(&context.vocabulary, &mail).in_private()
        } else if context.may_judge(&mail) {
            observe(&context.vocabulary, &mail)
        } else {
            Observed::default()
        };
        mail.shrink();
        if !matches!(mail.kind(), Kind::Patch | Kind::Cover | Kind::Pull) {
            // Only a series reaches lists, and years of answers are most of an archive.
            (mail.header.to, mail.header.cc) = (Vec::new(), Vec::new());
        }
        Self { mail, observed, time }
    }
}

/// Something to be done.
#[derive(Debug)]
pub enum Effect {
    /// Store what was decided of a series, or decided anew.
    Record(Box<Judged>),
    /// Send this, once it is stored.
    Queue(Box<Reply>),
    /// This reply is no longer wanted, if it has not gone out.
    Cancel(MessageId),
    /// Come back at this time.
    WakeAt(Timestamp),
    /// The operator should know this.
    Tell(Notice),
    /// Keep this as a command that was carried out, so that it holds when the mails that gave rise
    /// to it are gone. The engine has taken it already; [`Command::Release`] and [`Command::Stop`]
    /// are the outbox's to carry out.
    Command(Command),
}

/// Takes one event. A function of what came before and of this event alone.
///
/// Series that are due before a mail comes are decided before it is looked at.
pub fn step(state: &mut State, context: &Context, event: Event) -> Vec<Effect> {
    let mut effects = Vec::new();
    if matches!(event, Event::Operator(_) | Event::Delivered(..)) {
        state.looked.clear();
    }
    match event {
        Event::Tick(now) => {
            settle_due(state, context, now, &mut effects);
            state.now = state.now.max(now);
        }
        Event::Mail(arrival) => {
            settle_due(state, context, arrival.time, &mut effects);
            state.now = state.now.max(arrival.time);
            state.looked.clear();
            take(state, context, *arrival, &mut effects);
        }
        Event::Operator(command) => operate::operate(state, context, command, &mut effects),
        Event::Delivered(_, Delivery::Refused(address)) => {
            operate::refused(state, context, address, &mut effects);
        }
        // What may have gone out is not said a second time.
        Event::Delivered(id, Delivery::Sent | Delivery::Seen | Delivery::Doubt) => {
            told::sent(state, &id);
        }
        Event::Delivered(
            id,
            Delivery::Held | Delivery::Cancelled | Delivery::Dropped | Delivery::Dead,
        ) => told::unsaid(state, &id),
    }
    effects
}

/// Decides everything that is still waiting: the archive has ended, and nothing more can come.
pub fn finish(state: &mut State, context: &Context) -> Vec<Effect> {
    let mut effects = Vec::new();
    while let Some((due, key)) = state.waiting.pop_first() {
        write_digests(state, context, Some(due), &mut effects);
        state.now = state.now.max(due);
        look(state, context, (due, key), &mut effects);
    }
    write_digests(state, context, None, &mut effects);
    effects
}

/// Every series as it stands, with what was decided of it, in order of its first mail's time,
/// then its id.
pub fn judged(state: &mut State, context: &Context) -> Vec<Judged> {
    let mut all: Vec<Judged> = Vec::new();
    for lead in state.assembler.leads() {
        if let Some(judged) = judge::as_it_stands(state, context, lead) {
            all.push(judged);
        }
    }
    all.sort_by(|a, b| (a.series.first, &a.series.id).cmp(&(b.series.first, &b.series.id)));
    all
}

/// Decides the one thing that is due first by a time, and nothing else: one series, or the digests
/// of one moment. [`step`] does the same for all that is due before it takes an event of that time.
///
/// [`State::due`] names it before.
pub fn settle(state: &mut State, context: &Context, now: Timestamp) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(due) = Due::by(state, now) {
        settle_one(state, context, due, &mut effects);
    }
    effects
}

fn settle_due(state: &mut State, context: &Context, now: Timestamp, effects: &mut Vec<Effect>) {
    while let Some(due) = Due::by(state, now) {
        settle_one(state, context, due, effects);
    }
}

fn settle_one(state: &mut State, context: &Context, due: Due, effects: &mut Vec<Effect>) {
    match due {
        Due::Digests(until) if state.has_given_up(&due.name(state)) => {
            digest::leave_out(state, until);
            effects.push(Effect::Tell(Notice::of_series(None, NoticeKind::NotRendered)));
        }
        Due::Digests(until) => write_digests(state, context, Some(until), effects),
        Due::Series(due, key) => {
            state.waiting.remove(&(due, key));
            state.now = state.now.max(due);
            look(state, context, (due, key), effects);
        }
    }
}

/// Writes the digests of periods that have ended.
fn write_digests(
    state: &mut State,
    context: &Context,
    now: Option<Timestamp>,
    effects: &mut Vec<Effect>,
) {
    for written in digest::due(state, context, now) {
        effects.push(match written {
            Ok(reply) => Effect::Queue(Box::new(reply)),
            Err(_) => Effect::Tell(Notice::of_series(None, NoticeKind::NotRendered)),
        });
    }
}

fn take(state: &mut State, context: &Context, arrival: Arrival, effects: &mut Vec<Effect>) {
    let Arrival { mail, observed, time } = arrival;
    let kind = mail.kind();
    pulled::look(state, context, &mail, time, effects);
    let diff = mail.diff().filter(|d| d.added + d.removed > 0).map(|d| d.id);
    let leads = mail.header.tag.as_ref().and_then(|t| t.index).is_none_or(|index| index <= 1);
    let added = state.assembler.add(mail, time);
    let key = added.key();
    if let Added::Copy(known) | Added::Vouched(known) = added {
        // Its lists were added to the mail that is there, which may not have been looked at.
        let seen = state.observed.get_mut(known.0 as usize).filter(|seen| **seen != observed);
        if let Some(seen) = seen
            && (seen.is_nothing() || *seen == observed.clone().in_private())
        {
            state.quiet_asked |= observed.asks_for_quiet();
            *seen = observed;
            if kind == Kind::Comment {
                // Only now does it say to others what it says.
                heard(state, context, key, time, effects);
            }
        }
        if matches!(added, Added::Vouched(_)) {
            // What was there may have been a stranger's, and its words were not followed.
            look_again(state, context, known, time, effects);
            if leads && state.replied && matches!(kind, Kind::Patch | Kind::Cover | Kind::Pull) {
                cancel::by_new_version(state, context, known, effects);
            }
            words::follow(state, context, known, state.assembler.conflicts(known), effects);
        }
        return;
    }
    state.quiet_asked |= observed.asks_for_quiet();
    state.observed.push(observed);
    match kind {
        Kind::Patch | Kind::Cover | Kind::Pull => {
            match diff {
                Some(diff) if kind == Kind::Patch => {
                    let known = state.first_posted.get(&diff).copied();
                    if known.is_none_or(|known| versions::disowns(state, context, key, known)) {
                        state.first_posted.insert(diff, key);
                    }
                    state.last_posted.insert(diff, key);
                }
                Some(diff) if kind == Kind::Pull => {
                    let posted = state.last_posted.get(&diff).copied();
                    state.taken.insert(diff);
                    if state.replied {
                        cancel::replies(state, posted, effects);
                    }
                }
                _ => {}
            }
            let due = time + context.shortest_settle();
            state.waiting.insert((due, key));
            effects.push(Effect::WakeAt(due));
            if leads && state.replied {
                cancel::by_new_version(state, context, key, effects);
            }
        }
        Kind::Comment => heard(state, context, key, time, effects),
        Kind::Other | Kind::Unparsed => {}
    }
    words::follow(state, context, key, matches!(added, Added::Conflict(_)), effects);
}

/// Somebody has answered to a series.
fn heard(
    state: &mut State,
    context: &Context,
    key: MailKey,
    time: Timestamp,
    effects: &mut Vec<Effect>,
) {
    if state.replied {
        cancel::by_word(state, context, key, effects);
    }
    look_again(state, context, key, time, effects);
}

/// What is said later of a series that was decided belongs into its record. Once for all that is
/// said in the time in which a series settles, since each look judges the whole series.
fn look_again(
    state: &mut State,
    context: &Context,
    key: MailKey,
    time: Timestamp,
    effects: &mut Vec<Effect>,
) {
    if state.observed(key).is_nothing() {
        return;
    }
    let lead = state.assembler.lead_above(key);
    let lead = lead.filter(|lead| state.decided.contains_key(lead));
    if let Some(lead) = lead.filter(|lead| state.again.insert(*lead)) {
        let due = time + context.shortest_settle();
        state.waiting.insert((due, lead));
        effects.push(Effect::WakeAt(due));
    }
}

/// Looks at the series of a mail that has settled. Thousands of parts are due one by one, and each
/// look is at all of them: once is enough where nothing has come since.
fn look(
    state: &mut State,
    context: &Context,
    (due, key): (Timestamp, MailKey),
    effects: &mut Vec<Effect>,
) {
    state.again.remove(&key);
    if state.passes_over(key) {
        let id = state.assembler.mail(key).and_then(|mail| mail.header.message_id.clone());
        effects.push(Effect::Tell(Notice::of_series(id, NoticeKind::SeriesFailed)));
        return;
    }
    if state.looked.get(&key).is_some_and(|until| due < *until) {
        return;
    }
    let Some(series) = state.assembler.series_of(key) else { return };
    let settled = series.last + judge::settle(context, &series);
    if settled > due {
        // A later part, or a copy on a more patient list, has put it off.
        let lead = series.parts().next().map_or(key, |part| part.key);
        state.waiting.insert((settled, lead));
        effects.push(Effect::WakeAt(settled));
        state.looked.extend(series.parts().map(|part| (part.key, settled)));
        return;
    }
    state.looked.extend(series.parts().map(|part| (part.key, Timestamp::MAX)));
    let judged = match judge::decide(state, context, series) {
        Decided::Now(judged) => {
            effects.extend(digest::next_due(state).map(Effect::WakeAt));
            let replies = judged.judgements.iter().filter_map(|j| j.reply.as_ref());
            effects.extend(replies.map(|reply| Effect::Queue(Box::new(reply.clone()))));
            why::answer_waiting(state, context, &judged.series, effects);
            judged
        }
        // What was said stays said; it is never queued a second time. Nor is what people say a
        // reason to tell the operator once more.
        Decided::Updated { judged, parts: false } => {
            effects.push(Effect::Record(Box::new(judged)));
            return;
        }
        Decided::Updated { judged, parts: true } => judged,
        Decided::Before => return,
    };
    effects.extend(notices(&judged).map(Effect::Tell));
    effects.push(Effect::Record(Box::new(judged)));
}

fn notices(judged: &Judged) -> impl Iterator<Item = Notice> {
    let any = |test: &dyn Fn(&Judgement) -> bool| judged.judgements.iter().any(test);
    let told = [
        (NoticeKind::AboutThePolicy, any(&|j| j.not_judged == Some(NotJudged::AboutThePolicy))),
        (NoticeKind::SeriesFailed, any(&|j| j.not_judged == Some(NotJudged::Failed))),
        (NoticeKind::ConflictingMessageId, judged.series.conflict),
        (NoticeKind::NotRendered, any(&|j| j.silence == Some(Silence::NotRendered))),
    ];
    let series = judged.series.id.clone();
    told.into_iter()
        .filter(|(_, happened)| *happened)
        .map(move |(what, _)| Notice::of_series(series.clone(), what))
}
