//! The thread that sends.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use jiff::SignedDuration;
use tidewaiter_outbox::{Clock, Outbox};
use tidewaiter_store::{ReplyState, Store, point::reach};
use tokio::{
    sync::{Notify, mpsc},
    time::Instant,
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
/// How long a reply that is being sent may hold up the end.
const ARMED: Duration = Duration::from_secs(90);
/// How long anything else may.
const IDLE: Duration = Duration::from_secs(5);

/// What the thread is told.
pub(crate) enum Order {
    /// Send by this from now on; `None` for not at all.
    Outbox(Box<Option<Outbox>>),
    /// The daemon ends.
    End,
}

/// The thread's own.
pub(crate) struct Sender {
    pub(crate) outbox: Option<Outbox>,
    pub(crate) store: Arc<Mutex<Store>>,
    pub(crate) live: Arc<Live>,
    pub(crate) clock: Arc<Now>,
    pub(crate) nudge: Arc<Notify>,
}

/// Why a pass came to its end.
enum Ended {
    Wait(Duration),
    Order(Order),
    Closed,
}

impl Sender {
    /// Sends what is due until it is told to end.
    pub(crate) async fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        loop {
            self.live.state().can_send = self.outbox.is_some();
            let order = match self.pass(&mut orders).await {
                Ended::Wait(wait) => tokio::select! {
                    () = self.nudge.notified() => continue,
                    () = tokio::time::sleep(wait) => continue,
                    order = orders.recv() => order,
                },
                Ended::Order(order) => Some(order),
                Ended::Closed => None,
            };
            match order {
                Some(Order::Outbox(outbox)) => {
                    self.outbox = *outbox;
                    self.live.clear("mail-server");
                }
                Some(Order::End) | None => return,
            }
        }
    }

    /// One pass. An order that comes meanwhile waits for no more than it must.
    async fn pass(&mut self, orders: &mut mpsc::Receiver<Order>) -> Ended {
        let longest = edges::time(LONGEST, SHORT_LONGEST);
        let Some(outbox) = &mut self.outbox else { return Ended::Wait(longest) };
        let brake = outbox.brake();
        let store = Arc::clone(&self.store);
        let live = &self.live;
        let caught_up = || live.caught_up();
        let pass = {
            let pass = outbox.pass(&caught_up);
            tokio::pin!(pass);
            tokio::select! {
                pass = &mut pass => pass,
                order = orders.recv() => {
                    brake.store(true, Ordering::SeqCst);
                    let deadline = Instant::now() + ARMED;
                    let soon = Instant::now() + IDLE;
                    loop {
                        let wait = Duration::from_millis(100);
                        if tokio::time::timeout(wait, &mut pass).await.is_ok() {
                            break;
                        }
                        let armed = is_armed(&store);
                        if Instant::now() >= deadline || (!armed && Instant::now() >= soon) {
                            if armed {
                                error!("a reply was being sent for too long; it is in doubt");
                            }
                            break;
                        }
                    }
                    brake.store(false, Ordering::SeqCst);
                    reach("after-order");
                    return order.map_or(Ended::Closed, Ended::Order);
                }
            }
        };
        let pause = outbox.pause().cloned();
        match pass {
            // Told once they are taken.
            Ok(pass) if pass.behind => Ended::Wait(longest),
            Ok(pass) => {
                self.live.clear("outbox");
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
                Ended::Wait(left.clamp(SHORTEST, longest))
            }
            Err(e) => {
                self.live.failed("outbox");
                self.live.alarm("outbox", &format!("failed to send: {e}"), self.clock.now());
                Ended::Wait(longest)
            }
        }
    }
}

fn is_armed(store: &Mutex<Store>) -> bool {
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    // What cannot be read may be.
    store.replies(ReplyState::Armed).is_ok_and(|armed| !armed.is_empty())
}
