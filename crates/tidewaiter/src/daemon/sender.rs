//! The thread that sends.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::SignedDuration;
use tidewaiter_outbox::{Clock, Hand, Outbox, Pass, Pause};
use tidewaiter_store::{Beside, Error, Store, point::reach};
use tokio::{
    sync::{Notify, mpsc},
    time::{Instant, interval, sleep_until},
};
use tracing::{error, info, warn};

use super::{clock::Now, live::Live};
use crate::edges;

/// The longest that nothing is looked at: a stop file may be gone.
const LONGEST: Duration = Duration::from_secs(60);
/// The same in a test that does not wait.
const SHORT_LONGEST: Duration = Duration::from_millis(200);
/// The shortest time between two passes that nobody asked for.
const SHORTEST: Duration = Duration::from_millis(20);
/// How long a reply that is being sent may hold up the end. It holds up other settings for as long
/// as the server may take for its answer.
const ARMED: Duration = Duration::from_secs(90);
/// How long anything else may.
const IDLE: Duration = Duration::from_secs(5);
/// How often a pass that goes on is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How often the thread says that it is alive while it waits.
const BEAT: Duration = Duration::from_secs(5);

/// What the thread is told.
pub(crate) enum Order {
    /// Send by this from now on; `None` for not at all.
    Outbox(Box<Option<Outbox>>),
    /// The daemon ends.
    End,
}

impl Order {
    /// For how long it waits for a pass at the most; `None` for as long as the pass takes. The server
    /// has its own time for an answer, and the outbox keeps it.
    fn waits(&self, armed: bool) -> Option<Duration> {
        match self {
            _ if !armed => Some(IDLE),
            Self::Outbox(_) => None,
            Self::End => Some(ARMED),
        }
    }
}

/// The thread's own.
pub(crate) struct Sender {
    pub(crate) outbox: Option<Outbox>,
    pub(crate) store: Arc<Mutex<Store>>,
    /// A connection of its own: whoever has the store in hand may keep it for long.
    pub(crate) beside: Beside,
    pub(crate) live: Arc<Live>,
    pub(crate) clock: Arc<Now>,
    pub(crate) nudge: Arc<Notify>,
}

/// Why a pass came to its end.
enum Ended {
    Wait(Duration),
    Order(Order),
}

/// An order that a pass has to end for.
struct Pending {
    order: Order,
    since: Instant,
}

impl Sender {
    /// Sends what is due until it is told to end.
    pub(crate) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            self.live.state().can_send = self.outbox.is_some();
            let order = match self.pass(&mut orders).await {
                Ended::Wait(wait) => self.idle(wait, &mut orders).await,
                Ended::Order(order) => Some(order),
            };
            match order {
                None => {}
                Some(Order::Outbox(outbox)) => self.take(*outbox),
                Some(Order::End) => break,
            }
        }
        self.doubt();
    }

    /// Waits for something to do; an order, if one came.
    async fn idle(&self, wait: Duration, orders: &mut mpsc::Receiver<Order>) -> Option<Order> {
        let until = Instant::now() + wait;
        loop {
            self.live.sends();
            let next = until.min(Instant::now() + BEAT);
            tokio::select! {
                () = self.nudge.notified() => return None,
                () = sleep_until(next) => if next == until { return None },
                order = orders.recv() => return Some(order.unwrap_or(Order::End)),
            }
        }
    }

    /// Goes by other settings. Where the mail server is the same, what is known of it stays: that it
    /// refused the password, above all.
    fn take(&mut self, new: Option<Outbox>) {
        if let (Some(old), Some(new)) = (&self.outbox, &new)
            && old.hand().take_rules(new)
        {
            return;
        }
        self.outbox = new;
        // What another could not do says nothing of this one.
        self.live.clear("mail-server");
        self.live.clear("outbox");
    }

    /// Nobody sends any more: what is armed still is in doubt.
    fn doubt(&self) {
        if !self.is_armed() {
            return;
        }
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        match store.doubt_armed() {
            Ok(0) => {}
            Ok(_) => error!("a delivery was broken off: nobody knows whether the reply was sent"),
            Err(e) => error!("failed to settle a reply that was being sent: {e}"),
        }
    }

    /// What cannot be read may be.
    fn is_armed(&self) -> bool {
        self.beside.is_armed().unwrap_or(true)
    }

    /// One pass. An order that comes meanwhile waits for no more than it must.
    async fn pass(&mut self, orders: &mut mpsc::Receiver<Order>) -> Ended {
        let Some(mut outbox) = self.outbox.take() else {
            self.doubt();
            return Ended::Wait(edges::time(LONGEST, SHORT_LONGEST));
        };
        let hand = outbox.hand();
        let passed = self.watched(&mut outbox, &hand, orders).await;
        let pause = outbox.pause().cloned();
        self.outbox = Some(outbox);
        match passed {
            Ok(pass) => Ended::Wait(self.passed(pass, pause)),
            Err(order) => {
                hand.brake(false);
                reach("after-order");
                Ended::Order(order)
            }
        }
    }

    /// The pass itself, or the order that it was ended for.
    async fn watched(
        &self,
        outbox: &mut Outbox,
        hand: &Hand,
        orders: &mut mpsc::Receiver<Order>,
    ) -> Result<Result<Pass, Error>, Order> {
        let live = Arc::clone(&self.live);
        let caught_up = || live.caught_up();
        let pass = outbox.pass(&caught_up);
        tokio::pin!(pass);
        let mut look = interval(LOOK);
        let mut pending: Option<Pending> = None;
        loop {
            tokio::select! {
                passed = &mut pass => match pending {
                    None => return Ok(passed),
                    Some(pending) => return Err(pending.order),
                },
                order = orders.recv() => {
                    let order = order.unwrap_or(Order::End);
                    if pending.is_none()
                        && let Order::Outbox(new) = &order
                        && new.as_ref().as_ref().is_some_and(|new| hand.take_rules(new))
                    {
                        continue;
                    }
                    hand.brake(true);
                    if !matches!(pending, Some(Pending { order: Order::End, .. })) {
                        pending = Some(Pending { order, since: Instant::now() });
                    }
                }
                _ = look.tick() => {
                    self.live.sends();
                    pending = match pending {
                        Some(pending) if self.is_over(&pending) => return Err(pending.order),
                        other => other,
                    };
                }
            }
        }
    }

    /// Whether an order has waited for as long as it may.
    fn is_over(&self, pending: &Pending) -> bool {
        let armed = self.is_armed();
        let over = pending.order.waits(armed).is_some_and(|most| pending.since.elapsed() >= most);
        if over && armed {
            error!("a reply was being sent for too long; it is in doubt");
        }
        over
    }

    /// Says what a pass did; how long to wait for the next one.
    fn passed(&self, pass: Result<Pass, Error>, pause: Option<Pause>) -> Duration {
        let longest = edges::time(LONGEST, SHORT_LONGEST);
        let pass = match pass {
            Ok(pass) => pass,
            Err(e) => {
                self.live.failed("outbox");
                self.live.alarm("outbox", &format!("failed to send: {e}"), self.clock.now());
                return longest;
            }
        };
        self.live.clear("outbox");
        if pass.behind {
            // Told once they are taken.
            return longest;
        }
        match pause {
            Some(pause) if pause.ours => {
                let why = super::logging::masked(&pause.why);
                let text = format!("nothing is sent until a person has looked: {why}");
                self.live.alarm("mail-server", &text, pause.since);
            }
            // Whatever it waits for now, it was tried since.
            _ if pass.next.is_none() || !pass.happened.is_empty() => {
                self.live.clear("mail-server");
            }
            _ => {}
        }
        let mut state = self.live.state();
        if state.shut != pass.shut {
            match &pass.shut {
                Some(why) => warn!("nothing is sent: {}", super::logging::masked(why)),
                None => info!("replies are sent"),
            }
        }
        state.shut.clone_from(&pass.shut);
        drop(state);
        let now = self.clock.now();
        let left = pass.next.map(|at| at.duration_since(now).max(SignedDuration::ZERO));
        let left = left.and_then(|left| Duration::try_from(left).ok()).unwrap_or(longest);
        left.clamp(SHORTEST, longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reply whose answer is waited for is broken off by the end alone.
    #[test]
    fn how_long_an_order_waits() {
        let settings = Order::Outbox(Box::new(None));
        assert_eq!((settings.waits(true), Order::End.waits(true)), (None, Some(ARMED)));
        assert_eq!((settings.waits(false), Order::End.waits(false)), (Some(IDLE), Some(IDLE)));
    }
}
