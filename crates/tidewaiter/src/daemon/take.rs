//! Takes what came: the engine decides, and mail, decision, reply and cursor are stored together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{Timestamp, civil::Date};
use tidewaiter_engine::{Context, Delivery, Effect, Event, State, settle, step};
use tidewaiter_imap::{Cursor, Item};
use tidewaiter_mail::{Message, MessageId};
use tidewaiter_outbox::{CameBack, Own, come_back};
use tidewaiter_store::{
    Error, Look, NewMail, Past, Place, Queued, RawHash, ReplyState, Store, Stored, Writer,
    point::fall,
};
use tracing::{debug, error, info, warn};

use super::{
    live::Live,
    logging::short,
    look::{Read, Taken, look_at, raw, record, too_early},
    say,
    service::at_work,
};

/// The engine with its store.
pub(crate) struct Taker {
    store: Arc<Mutex<Store>>,
    pub(crate) context: Context,
    state: State,
    /// The last stored event that the engine has seen.
    last: i64,
    /// The engine has seen what is not stored, and has to be made anew.
    ahead: bool,
    /// It was begun to make it anew, and that failed: it knows too little to say what is due.
    part: bool,
    /// What was stored behind the event that is being taken.
    behind: Vec<Event>,
    live: Arc<Live>,
}

/// A mailbox.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mailbox<'a> {
    /// Its name in the configuration, for people.
    pub(crate) name: &'a str,
    /// What it is, for the store.
    pub(crate) identity: &'a str,
}

/// Where and when mails are taken.
struct At<'a> {
    mailbox: &'a str,
    identity: &'a str,
    uid_validity: u32,
    now: Timestamp,
    /// The store does not know its past, and own mails that it does not know are no surprise.
    importing: bool,
}

impl Taker {
    /// Makes the engine's state from the store.
    pub(crate) fn new(
        store: Arc<Mutex<Store>>,
        context: Context,
        live: Arc<Live>,
    ) -> Result<Self, Error> {
        let state = State::new();
        let (last, behind) = (0, Vec::new());
        let mut taker = Self { store, context, state, last, ahead: true, part: true, behind, live };
        taker.rebuild()?;
        Ok(taker)
    }

    /// The store, for as long as the guard is held.
    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rebuild(&mut self) -> Result<(), Error> {
        // The old one goes first: there is not memory enough for two.
        (self.state, self.ahead, self.part) = (State::new(), true, true);
        self.behind.clear();
        let rebuilt = self.store.lock().unwrap_or_else(PoisonError::into_inner).rebuild_all(
            &mut self.state,
            &self.context,
            |_| {},
            || at_work(&self.live),
        )?;
        info!(mails = rebuilt.mails, series = self.state.decided(), "what was stored was read");
        for mail in rebuilt.damaged {
            error!(mail, "a stored mail is damaged and put aside: look at the disk");
        }
        if let Some(name) = rebuilt.given_up {
            let series = short(MessageId::new(&name).as_ref());
            error!(
                series,
                "what took the program down twice is not judged: a fault of the program"
            );
        }
        self.last = rebuilt.last;
        (self.ahead, self.part) = (false, false);
        self.cancel_unwanted()
    }

    /// Cancels what waits for an author who has opted out: the wish may have been stored while no
    /// daemon ran, or right before the last one ended.
    fn cancel_unwanted(&mut self) -> Result<(), Error> {
        let unwanted = self.state.unwanted();
        if unwanted.is_empty() {
            return Ok(());
        }
        let store = Arc::clone(&self.store);
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waiting = store.replies(ReplyState::Ready)?;
        waiting.extend(store.replies(ReplyState::Held)?);
        let ids = waiting.into_iter().map(|reply| reply.id).filter(|id| unwanted.contains(id));
        let effects: Vec<Effect> = ids.map(Effect::Cancel).collect();
        self.carry_out_stored(&mut store, &effects, Timestamp::now())
    }

    /// The engine has been given up in the middle of something.
    pub(crate) fn broken(&mut self) {
        self.ahead = true;
    }

    /// The last day on which a pull changed the documents of a project's policy.
    pub(crate) fn policy_changed(&self, project: &str) -> Option<Date> {
        self.state.policy_changed(project)
    }

    /// When the engine has to look at something though no mail comes.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        if self.part { Some(Timestamp::UNIX_EPOCH) } else { self.state.next_due() }
    }

    /// Makes the engine anew where it has seen what is not stored.
    pub(crate) fn ready(&mut self) -> Result<(), Error> {
        if self.ahead { self.rebuild() } else { Ok(()) }
    }

    /// Brings the engine to where the store is: what became of replies is written by the outbox, and
    /// what an operator wants by commands. Done with the store in hand, or an event could slip in
    /// that the engine would not see before the next start. What it makes of it is carried out.
    fn catch_up(&mut self, store: &mut Store, now: Timestamp) -> Result<(), Error> {
        // Where it breaks off nobody knows what the engine has seen.
        self.ahead = true;
        let (more, effects) = store.follow(&mut self.state, &self.context, self.last)?;
        self.last = self.last.max(more.last);
        self.carry_out_stored(store, &effects, now)
    }

    /// The same with nothing else to do; not where the engine is made anew next.
    pub(crate) fn follow(&mut self, store: &mut Store, now: Timestamp) -> Result<(), Error> {
        if self.ahead { Ok(()) } else { self.catch_up(store, now) }
    }

    /// Where the store is kept.
    pub(crate) fn shared(&self) -> Arc<Mutex<Store>> {
        Arc::clone(&self.store)
    }

    /// Carries out what the engine made of events that are stored already.
    fn carry_out_stored(
        &mut self,
        store: &mut Store,
        effects: &[Effect],
        now: Timestamp,
    ) -> Result<(), Error> {
        if effects.is_empty() {
            self.ahead = false;
            return Ok(());
        }
        self.ahead = true;
        let writer = store.begin()?;
        let carried = writer.carry_out(&self.context.config, effects, now, &record)?;
        for event in carried.delivered() {
            step(&mut self.state, &self.context, event);
        }
        writer.commit()?;
        self.last = store.last_event()?;
        self.ahead = false;
        say::cancelled(&carried.cancelled);
        say::notices(&carried.notices);
        Ok(())
    }

    /// Takes mails of one mailbox, all or none, but for those that are each read by itself; whether
    /// a reply waits to be sent now.
    pub(crate) fn batch(
        &mut self,
        mailbox: Mailbox<'_>,
        items: &[Item],
        cursor: &Cursor,
        now: Timestamp,
    ) -> Result<bool, Error> {
        self.ready()?;
        // Where one failed that was read by itself, those before it are stored already, and come
        // once more with it.
        let done = self.store().cursor(mailbox.identity)?;
        let done = done.filter(|done| done.uid_validity == cursor.uid_validity.0);
        let done = done.map_or(0, |done| done.uid);
        let items = items.get(items.partition_point(|item| item.uid().0 <= done)..);
        let items = items.unwrap_or_default();
        if items.is_empty() {
            return Ok(false);
        }
        let hashes: Vec<RawHash> = items.iter().filter_map(raw).map(RawHash::of).collect();
        let looks = self.store().begin_parsing(&hashes)?;
        if !looks.contains(&Look::ParseAlone) {
            let taken = self.some(mailbox, items, &looks, cursor, now);
            return self.not_their_fault(taken, &hashes);
        }
        // One of them may have taken the program down: each by itself, to know which.
        let name = mailbox.name;
        warn!(
            mailbox = name,
            "the program ended while it read these mails; each is now read by itself"
        );
        let mut any = false;
        for item in items {
            let hashes: Vec<RawHash> = raw(item).map(RawHash::of).into_iter().collect();
            let looks = self.store().begin_parsing(&hashes)?;
            let cursor = Cursor { last_uid: item.uid(), ..cursor.clone() };
            let taken = self.some(mailbox, std::slice::from_ref(item), &looks, &cursor, now);
            any |= self.not_their_fault(taken, &hashes)?;
        }
        Ok(any)
    }

    /// Mails over which the store failed did not take the program down, whatever failed there: a
    /// mail that is tried again and again must not be put aside. What panics does not get here.
    fn not_their_fault(&self, taken: Result<bool, Error>, raws: &[RawHash]) -> Result<bool, Error> {
        if taken.is_err() {
            // Where even this fails nothing can have been counted either.
            let _ = self.store().parsed(raws);
        }
        taken
    }

    fn some(
        &mut self,
        mailbox: Mailbox<'_>,
        items: &[Item],
        looks: &[Look],
        cursor: &Cursor,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let mut looks = looks.iter().copied();
        let again = self.store().again_until(mailbox.identity, cursor.uid_validity.0)?;
        let taken: Vec<Taken<'_>> =
            items.iter().map(|item| look_at(&self.context, item, &mut looks, again, now)).collect();
        let is_old = |taken: &&Taken<'_>| matches!(taken, Taken::Read(_, read) if read.is_old);
        let old = taken.iter().filter(is_old).count();
        if old > 0 {
            let mailbox = mailbox.name;
            warn!(mailbox, old, "mails came long before the server says; they count as old");
        }
        let store = Arc::clone(&self.store);
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        self.catch_up(&mut store, now)?;
        let importing = store.past() != Past::Known;
        let Mailbox { name, identity } = mailbox;
        let uid_validity = cursor.uid_validity.0;
        let at = At { mailbox: name, identity, uid_validity, now, importing };
        let writer = store.begin()?;
        // From here on the engine may know what is not stored.
        self.ahead = true;
        let mut any = false;
        for (item, taken) in items.iter().zip(taken) {
            let uid = item.uid().0;
            any |= match taken {
                Taken::Read(raw, read) => self.mail(&writer, &at, uid, raw, *read)?,
                other => self.no_mail(&writer, &at, uid, &other)?,
            };
        }
        writer.cursor(&super::stored_cursor(identity, cursor))?;
        writer.commit()?;
        self.last = store.last_event()?;
        self.ahead = false;
        Ok(any)
    }

    /// Takes a mail; whether a reply waits to be sent now.
    fn mail(
        &mut self,
        writer: &Writer<'_>,
        at: &At<'_>,
        uid: u32,
        raw: &[u8],
        read: Read,
    ) -> Result<bool, Error> {
        let Read { arrival, message, .. } = read;
        let stored = writer.mail(&NewMail::of(raw, &arrival))?;
        let delivered = match &message {
            Some(message) => self.returned(writer, at, raw, message)?,
            None => Vec::new(),
        };
        let (Stored::New(id) | Stored::Known(id)) = stored;
        writer.place(&at.place(uid), id)?;
        if let Stored::Known(_) = stored {
            self.live.state().counts.known += 1;
            self.delivered(delivered);
            return Ok(false);
        }
        let header = &arrival.mail.header;
        let mail = short(header.message_id.as_ref());
        debug!(mailbox = at.mailbox, uid, mail, "a mail came");
        for list in self.context.config.lists.iter().filter(|l| header.lists.contains(&l.id)) {
            // An old mail that came again does not make a list quieter than it is; a clock that was
            // ahead does not hide for ever that it is quiet.
            let heard = writer.view().heard(list.id.as_str())?;
            if heard.is_none_or(|heard| heard < arrival.time || heard > at.now) {
                writer.heard(list.id.as_str(), arrival.time)?;
            }
        }
        self.live.mail_came(at.mailbox, arrival.time, uid);
        let time = arrival.time;
        // What is due before it is no matter of the mail.
        let mut any = self.settle(writer, time, at.now)?;
        any |= self.step(writer, Event::Mail(Box::new(arrival)), time, at.now)?;
        self.take_behind();
        self.delivered(delivered);
        Ok(any)
    }

    /// Tells the engine what was stored behind the mail itself: what became of our own.
    fn delivered(&mut self, all: Vec<(MessageId, Delivery)>) {
        for (id, delivery) in all {
            let effects = step(&mut self.state, &self.context, Event::Delivered(id, delivery));
            let notices = effects.into_iter().filter_map(|effect| match effect {
                Effect::Tell(notice) => Some(notice),
                _ => None,
            });
            say::notices(&notices.collect::<Vec<_>>());
        }
    }

    /// Notes where something lay that the engine does not see.
    fn no_mail(
        &self,
        writer: &Writer<'_>,
        at: &At<'_>,
        uid: u32,
        taken: &Taken<'_>,
    ) -> Result<bool, Error> {
        let place = at.place(uid);
        let mailbox = at.mailbox;
        match taken {
            Taken::Read(..) => {}
            Taken::Known(id) => {
                self.live.state().counts.known += 1;
                writer.place(&place, *id)?;
            }
            Taken::PutAside(raw) => {
                self.live.state().counts.passed_over += 1;
                error!(mailbox, uid, "a mail took the program down three times and is put aside");
                let (Stored::New(id) | Stored::Known(id)) = writer.quarantine(raw, at.now)?;
                writer.place(&place, id)?;
            }
            Taken::PassedOver(passed) => {
                self.live.state().counts.passed_over += 1;
                let mail = passed.id.as_ref().map(|id| short(Some(id)));
                let (size, why) = (passed.size, passed.why);
                warn!(mailbox, uid, mail, size, "a mail was passed over: {why}");
                writer.skip(&place, &passed.note())?;
                // It may be an old one, that is passed over once more.
                let lists = self.context.config.lists.iter().map(|list| &list.id);
                for list in lists.filter(|id| passed.lists.contains(id)) {
                    let last = writer.view().heard(list.as_str())?;
                    writer.heard(list.as_str(), passed.time.max(last.unwrap_or(passed.time)))?;
                }
            }
        }
        Ok(false)
    }

    /// Lets the engine look at what is due; whether a reply waits to be sent now.
    pub(crate) fn tick(&mut self, now: Timestamp) -> Result<bool, Error> {
        self.ready()?;
        let store = Arc::clone(&self.store);
        let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
        self.catch_up(&mut store, now)?;
        let writer = store.begin()?;
        self.ahead = true;
        writer.tick(now)?;
        let mut any = self.settle(&writer, now, now)?;
        any |= self.step(&writer, Event::Tick(now), now, now)?;
        self.take_behind();
        writer.commit()?;
        self.last = store.last_event()?;
        self.ahead = false;
        Ok(any)
    }

    /// Decides what is due by a time, one after the other; each is noted before, so that what
    /// takes the program down is known.
    fn settle(
        &mut self,
        writer: &Writer<'_>,
        by: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let settled = self.settle_all(writer, by, now);
        writer.nothing_decided();
        settled
    }

    fn settle_all(
        &mut self,
        writer: &Writer<'_>,
        by: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let mut any = false;
        while let Some(due) = self.state.due(by) {
            writer.deciding(&due);
            fall(&self.state, &due);
            let decided = self.state.decided();
            let effects = settle(&mut self.state, &self.context, by);
            any |= self.carry_out(writer, decided, &effects, by, now)?;
            writer.decided(&due)?;
        }
        Ok(any)
    }

    /// What was stored behind an event is taken behind all that the engine decided at it: in that
    /// order it is taken again at the next start.
    fn take_behind(&mut self) {
        for event in std::mem::take(&mut self.behind) {
            step(&mut self.state, &self.context, event);
        }
    }

    /// Takes an event of that time, and stores what the engine decides.
    fn step(
        &mut self,
        writer: &Writer<'_>,
        event: Event,
        time: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let decided = self.state.decided();
        let effects = step(&mut self.state, &self.context, event);
        self.carry_out(writer, decided, &effects, time, now)
    }

    /// Stores what the engine decided; `decided` is how much that was before.
    fn carry_out(
        &mut self,
        writer: &Writer<'_>,
        decided: usize,
        effects: &[Effect],
        time: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Error> {
        self.live.state().counts.series += self.state.decided().abs_diff(decided) as u64;
        let carried = writer.carry_out(&self.context.config, effects, now, &record)?;
        self.behind.extend(carried.delivered());
        if let Some(from) = writer.view().speak_from()? {
            for reply in effects.iter().filter_map(|effect| too_early(effect, from, time, effects))
            {
                let from = [ReplyState::Ready, ReplyState::Held];
                let why = "what it is about came before the first start";
                if writer.change(reply, &from, ReplyState::Cancelled, Some(why))? {
                    self.behind.push(Event::Delivered(reply.clone(), Delivery::Cancelled));
                }
            }
        }
        let mut any = false;
        for (id, queued) in &carried.queued {
            let state = writer.state_of(id)?;
            any |= state == Some(ReplyState::Ready);
            let reply = short(Some(id));
            match (queued, state) {
                (Queued::Ready, Some(ReplyState::Ready)) => {
                    info!(reply, "a reply waits to be sent")
                }
                (Queued::Held, Some(ReplyState::Held)) => {
                    info!(reply, "a reply waits for a person")
                }
                _ => {}
            }
        }
        for (id, why) in &carried.unsound {
            self.live.failed("unsound");
            error!(reply = short(Some(id)), "a reply cannot be sent and is left out: {why}");
        }
        say::cancelled(&carried.cancelled);
        say::notices(&carried.notices);
        say::commands(&carried.commands);
        // One of them may have released a reply.
        any |= !carried.commands.is_empty();
        for effect in effects {
            if let Effect::Record(judged) = effect {
                say::judged(judged, &self.live);
            }
        }
        Ok(any)
    }

    /// Looks whether a mail is ours; what became of a reply, as it was stored.
    fn returned(
        &self,
        writer: &Writer<'_>,
        at: &At<'_>,
        raw: &[u8],
        message: &Message,
    ) -> Result<Vec<(MessageId, Delivery)>, Error> {
        let config = &self.context.config;
        let own = Own {
            address: &config.identity.address,
            domain: &config.identity.message_id_domain,
            bounces: config.daemon.outbox.bounces,
            importing: at.importing,
        };
        let came = come_back(writer, raw, message, &own, at.now)?;
        say::came_back(&came);
        // A bounce may be the one too many.
        if came != CameBack::No
            && let Some(switch) = writer.view().stopped()?
        {
            let text = format!("nothing is sent any more: {}", switch.why);
            self.live.alarm("stop", &text, at.now);
        }
        Ok(match came {
            CameBack::Seen(id) | CameBack::Twice(id) => vec![(id, Delivery::Seen)],
            CameBack::Bounced(id, refused) => {
                let refused = refused.into_iter().map(Delivery::Refused);
                refused.map(|refused| (id.clone(), refused)).collect()
            }
            _ => Vec::new(),
        })
    }
}

impl At<'_> {
    fn place(&self, uid: u32) -> Place {
        Place { mailbox: self.identity.to_owned(), uid_validity: self.uid_validity, uid }
    }
}
