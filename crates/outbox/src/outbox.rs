//! Goes through the replies that wait.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tidewaiter_mail::MessageId;
use tidewaiter_store::{Arming, Error, Finished, Limits, Refused, ReplyRow, ReplyState, Store};
use tracing::{error, info, warn};

use crate::{
    CaughtUp, Clock, Hand, Happened, Obstacle, Pass, Pause, Rules, Server, ServerError,
    clock::backoff,
    conversation::{Envelope, Outcome, Step, Tried, deliver},
    gate,
};

/// The wait after a first failure, doubled up to the longest (Postfix waits so).
const FIRST: Duration = Duration::from_secs(300);
const LONGEST: Duration = Duration::from_secs(4000);
/// The wait after a connection that failed, doubled up to five minutes.
const RECONNECT: Duration = Duration::from_secs(1);
const RECONNECT_LONGEST: Duration = Duration::from_secs(300);
/// The wait after a refused password or a certificate that is not believed: trying on locks
/// accounts.
const OURS: Duration = Duration::from_secs(900);
const OURS_LONGEST: Duration = Duration::from_secs(6 * 3600);
/// How soon to look whether nothing may be sent still.
const SHUT: Duration = Duration::from_secs(60);
/// How many replies one pass tries.
const AT_ONCE: u32 = 20;

/// Delivers the replies of a store through one server. A store has one outbox.
pub struct Outbox {
    store: Arc<Mutex<Store>>,
    hand: Hand,
    clock: Arc<dyn Clock>,
    pause: Option<Pause>,
    /// Failures of the connection, and of our settings, since it last worked.
    failures: (u32, u32),
}

impl Outbox {
    /// An outbox for a list or more in a mode that sends; one that only observes has none.
    ///
    /// # Errors
    /// Where the server cannot be spoken to as configured.
    pub fn new(
        store: Arc<Mutex<Store>>,
        server: Server,
        rules: Rules,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ServerError> {
        server.tls()?;
        let rules = Arc::new(Mutex::new(rules));
        let hand = Hand { server: Arc::new(server), rules, brake: Arc::default() };
        Ok(Self { store, hand, clock, pause: None, failures: (0, 0) })
    }

    /// What reaches it while a pass goes on.
    #[must_use]
    pub fn hand(&self) -> Hand {
        self.hand.clone()
    }

    /// What it waits for.
    #[must_use]
    pub fn pause(&self) -> Option<&Pause> {
        self.pause.as_ref()
    }

    /// Goes on at once: the settings were changed, or a person says so.
    pub fn go_on(&mut self) {
        self.pause = None;
        self.failures = (0, 0);
    }

    /// Tries every reply that is due, one after the other. `caught_up` says whether every mail that
    /// came was taken: what a person wrote a minute ago may make a reply needless. It is asked
    /// before each reply, and again with the store in hand right before the first byte leaves: each
    /// one may take minutes.
    ///
    /// # Errors
    /// Where the store cannot be read or written to.
    pub async fn pass(&mut self, caught_up: CaughtUp<'_>) -> Result<Pass, Error> {
        let mut pass = Pass::default();
        let now = self.clock.now();
        if !caught_up() {
            pass.wait_for_mails();
            return Ok(pass);
        }
        // A clock that was set back would make a minute a day.
        if self.pause.as_ref().is_some_and(|pause| pause.until <= now || now < pause.since) {
            self.pause = None;
        }
        if let Some(pause) = &self.pause {
            pass.shut = Some(pause.why.clone());
            pass.next = Some(pause.until);
            return Ok(pass);
        }
        // A pass that was given up half way left one behind.
        if self.store(Store::doubt_armed)? > 0 {
            error!("a delivery was broken off: nobody knows whether the reply was sent");
        }
        let due = self.store(|store| store.due(now, AT_ONCE))?;
        for reply in due {
            if !caught_up() {
                pass.wait_for_mails();
                break;
            }
            if let Some(happened) = self.one(&reply, caught_up, &mut pass).await? {
                pass.happened.push(happened);
            }
            if self.pause.is_some() || pass.shut.is_some() {
                break;
            }
        }
        let next = self.store(|store| store.next_due())?;
        pass.next = match &self.pause {
            Some(pause) => Some(pause.until),
            // What shut it is not to be asked for without end.
            None if pass.shut.is_some() => next.map(|at| at.max(later(now, SHUT))),
            None => next,
        };
        Ok(pass)
    }

    async fn one(
        &mut self,
        reply: &ReplyRow,
        caught_up: CaughtUp<'_>,
        pass: &mut Pass,
    ) -> Result<Option<Happened>, Error> {
        let now = self.clock.now();
        let rules = &self.hand.rules();
        let id = &reply.id;
        match self.store(|store| gate::obstacle(rules, store, reply, now))? {
            Some(Obstacle::Everything(why)) => {
                pass.shut = Some(why);
                return Ok(None);
            }
            Some(Obstacle::Hold { by, why }) => {
                return self.hold(id, by, why).map(Some);
            }
            Some(Obstacle::Later(until)) => {
                self.store(|store| {
                    let writer = store.begin()?;
                    writer.postpone(id, until)?;
                    writer.commit_operation()
                })?;
                return Ok(None);
            }
            Some(Obstacle::Doubt(why)) => {
                return self.finish(reply, Step::Connect, ReplyState::Doubt, why, None).map(Some);
            }
            None => {}
        }
        // While a switch, quiet hours or a mailbox held it back it was not tried.
        let since = reply.released.unwrap_or(Timestamp::UNIX_EPOCH);
        let first = self.store(|store| store.first_tried(id, since))?;
        if first.is_some_and(|first| now.duration_since(first) > rules.give_up) {
            let why = format!("given up: {}", reply.note.as_deref().unwrap_or_default());
            return self.finish(reply, Step::Connect, ReplyState::Dead, why, None).map(Some);
        }
        if let Some(why) = self.over_a_cap(reply, &rules.limits, now)? {
            return self.hold(id, "cap", why.to_owned()).map(Some);
        }
        let tried = self.try_one(reply, caught_up, pass).await;
        self.settle(reply, tried, pass)
    }

    fn hold(&self, id: &MessageId, by: &str, why: String) -> Result<Happened, Error> {
        self.store(|store| {
            let writer = store.begin()?;
            writer.hold(id, by, &why)?;
            writer.commit_operation()
        })?;
        Ok(self.told(id, ReplyState::Held, why))
    }

    /// The cap that a reply is over, asked before anybody is spoken to. What turns the stop switch
    /// on is left to the transaction that arms, which counts again.
    fn over_a_cap(
        &self,
        reply: &ReplyRow,
        limits: &Limits,
        now: Timestamp,
    ) -> Result<Option<&'static str>, Error> {
        let counted = self.store(|store| store.counted(&reply.id, now))?;
        let stops = counted.series > 0 || counted.by_itself > limits.day;
        let asked = reply.released.is_none() && !stops;
        Ok(counted.over(limits).filter(|_| asked))
    }

    async fn try_one(&self, reply: &ReplyRow, caught_up: CaughtUp<'_>, pass: &mut Pass) -> Tried {
        let failed = |outcome, detail| Tried::new(Step::Connect, outcome, detail);
        let Some(bytes) = &reply.bytes else {
            return failed(Outcome::Refused, "its text is gone".to_owned());
        };
        let tls = match self.hand.server.tls() {
            Ok(tls) => tls,
            Err(e) => return failed(Outcome::Ours, e.to_string()),
        };
        let envelope =
            Envelope { from: &reply.sender, to: &reply.recipients, needed: &reply.list, bytes };
        let arm = |refused: &[Refused]| {
            // Looked at once more, right before the first byte leaves, by the rules as they are now.
            self.store(|store| {
                if self.hand.brake.load(Ordering::SeqCst) {
                    pass.shut = Some("sending ends".to_owned());
                } else if !caught_up() {
                    pass.wait_for_mails();
                } else {
                    let (rules, now) = (self.hand.rules(), self.clock.now());
                    match gate::obstacle(&rules, store, reply, now)? {
                        None => return store.arm(&reply.id, &rules.limits, refused, now),
                        Some(Obstacle::Everything(why)) => pass.shut = Some(why),
                        // The next pass does what is to be done about it.
                        Some(_) => return Ok(Arming::Gone),
                    }
                }
                Ok(Arming::Stopped)
            })
            .map_err(|e| e.to_string())
        };
        deliver(&self.hand.server, tls, &envelope, arm).await
    }

    /// Writes down what came of a try.
    fn settle(
        &mut self,
        reply: &ReplyRow,
        tried: Tried,
        pass: &mut Pass,
    ) -> Result<Option<Happened>, Error> {
        let Tried { step, outcome, detail, refused } = tried;
        let now = self.clock.now();
        let reached = step > Step::Tls && outcome != Outcome::Ours;
        if reached {
            self.failures = (0, 0);
        }
        match outcome {
            Outcome::Sent => self.finish(reply, step, ReplyState::Sent, detail, None).map(Some),
            Outcome::Doubt => self.finish(reply, step, ReplyState::Doubt, detail, None).map(Some),
            Outcome::Refused => {
                let dead = ReplyState::Dead;
                self.finish_with(reply, step, dead, detail, None, &refused).map(Some)
            }
            Outcome::Later => {
                if !reached {
                    let wait = backoff(&*self.clock, self.failures.0, RECONNECT, RECONNECT_LONGEST);
                    self.failures.0 += 1;
                    self.wait(now, wait, detail.clone(), false);
                }
                let wait = backoff(&*self.clock, reply.tries, FIRST, LONGEST);
                // A server that cannot be reached is no fault of the reply's.
                let again = reached.then(|| later(now, wait));
                self.finish(reply, step, ReplyState::Ready, detail, again).map(Some)
            }
            Outcome::Ours => {
                let wait = backoff(&*self.clock, self.failures.1, OURS, OURS_LONGEST);
                self.failures.1 += 1;
                self.wait(now, wait, detail.clone(), true);
                self.finish(reply, step, ReplyState::Ready, detail, None).map(Some)
            }
            Outcome::NotArmed(Arming::Held(why)) => {
                Ok(Some(self.told(&reply.id, ReplyState::Held, why.to_owned())))
            }
            Outcome::NotArmed(Arming::Stopped) => {
                pass.shut.get_or_insert_with(|| "the stop switch is on".to_owned());
                Ok(None)
            }
            Outcome::NotArmed(Arming::Gone | Arming::Armed) => Ok(None),
            Outcome::NoStore(why) => {
                error!("a reply was not sent because the store failed: {why}");
                // No byte has left. If the store cannot write that down either, a restart finds the
                // reply in doubt.
                self.finish(reply, step, ReplyState::Ready, why.clone(), None).ok();
                Err(Error::Damaged(why))
            }
        }
    }

    fn wait(&mut self, now: Timestamp, wait: Duration, why: String, ours: bool) {
        let (seconds, shown) = (wait.as_secs(), masked(&why));
        if ours {
            error!(seconds, "nothing is sent until a person has looked: {shown}");
        } else {
            warn!(seconds, "the mail server cannot be reached: {shown}");
        }
        self.pause = Some(Pause { since: now, until: later(now, wait), why, ours });
    }

    fn finish(
        &self,
        reply: &ReplyRow,
        step: Step,
        state: ReplyState,
        why: String,
        not_before: Option<Timestamp>,
    ) -> Result<Happened, Error> {
        self.finish_with(reply, step, state, why, not_before, &[])
    }

    fn finish_with(
        &self,
        reply: &ReplyRow,
        step: Step,
        state: ReplyState,
        why: String,
        not_before: Option<Timestamp>,
        refused: &[Refused],
    ) -> Result<Happened, Error> {
        let how = Finished {
            state,
            step: step.as_str(),
            detail: &why,
            not_before,
            now: self.clock.now(),
            refused,
        };
        let state = self.store(|store| store.finish(&reply.id, &how))?;
        Ok(self.told(&reply.id, state, why))
    }

    fn told(&self, id: &MessageId, state: ReplyState, why: String) -> Happened {
        let shown = masked(&why);
        match state {
            // One that came back before the server's answer has gone out, whatever that was.
            ReplyState::Sent | ReplyState::Seen => info!(reply = %id, "a reply was sent"),
            ReplyState::Doubt => {
                error!(reply = %id, "nobody knows whether a reply was sent: {shown}");
            }
            ReplyState::Dead => error!(reply = %id, "a reply was refused: {shown}"),
            _ => warn!(reply = %id, state = state.as_str(), "a reply was not sent: {shown}"),
        }
        Happened { id: id.clone(), state, why }
    }

    /// Whoever panicked with the store in hand has rolled back what they wrote.
    fn store<T>(&self, doing: impl FnOnce(&mut Store) -> Result<T, Error>) -> Result<T, Error> {
        doing(&mut self.store.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}

/// For logs: a server's answer often names the person, who is none of the log's business.
fn masked(text: &str) -> String {
    let word = |word: &str| if word.contains('@') { "(address)" } else { word }.to_owned();
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}
