//! The newest snapshot: taken at most once a second, never twice at once, and made into each form once.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use axum::body::Bytes;
use tokio::{
    sync::watch,
    task::{spawn, spawn_blocking},
    time::{Instant, timeout},
};

use crate::{Snapshot, Source, shown::shown, tidy::tidy};

/// How long a snapshot, or the reason why there is none, serves.
const FRESH: Duration = Duration::from_secs(1);
/// How long a request waits for the daemon.
const PATIENCE: Duration = Duration::from_secs(5);

/// A snapshot, and the forms that it was asked for in.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) snapshot: Snapshot,
    pub(crate) page: Form,
    pub(crate) json: Form,
    pub(crate) metrics: Form,
    pub(crate) feed: Form,
}

/// One form of a snapshot, once it was asked for.
pub(crate) type Form = OnceLock<Result<Bytes, String>>;

/// A snapshot, or why there is none.
pub(crate) type Outcome = Result<Arc<Taken>, Arc<str>>;

/// A snapshot that is being taken.
type Flight = watch::Receiver<Option<Outcome>>;

/// See the module.
pub(crate) struct Latest {
    source: Arc<dyn Source>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    taken: Option<(Instant, Outcome)>,
    /// Stays for as long as the source takes, however many give up waiting: so there is never a second.
    flight: Option<Flight>,
}

impl Latest {
    pub(crate) fn new(source: Arc<dyn Source>) -> Self {
        Self { source, state: Mutex::default() }
    }

    /// The newest snapshot, at most a second old.
    pub(crate) async fn get(self: &Arc<Self>) -> Outcome {
        let mut flight = match self.fresh_or_flight() {
            Ok(outcome) => return outcome,
            Err(flight) => flight,
        };
        match timeout(PATIENCE, flight.wait_for(Option::is_some)).await {
            Ok(Ok(outcome)) => outcome.clone().unwrap_or_else(|| Err(lost())),
            Ok(Err(_)) => Err(lost()),
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                Err(format!("failed to read the daemon's state within {seconds} seconds").into())
            }
        }
    }

    fn fresh_or_flight(self: &Arc<Self>) -> Result<Outcome, Flight> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, outcome)) = &state.taken
            && at.elapsed() < FRESH
        {
            return Ok(outcome.clone());
        }
        Err(state.flight.get_or_insert_with(|| self.take()).clone())
    }

    fn take(self: &Arc<Self>) -> Flight {
        let (tell, hear) = watch::channel(None);
        let (latest, source) = (Arc::clone(self), Arc::clone(&self.source));
        spawn(async move {
            let outcome = match spawn_blocking(move || source.snapshot()).await {
                Ok(Ok(snapshot)) => Ok(Arc::new(Taken {
                    snapshot: tidy(snapshot),
                    page: Form::new(),
                    json: Form::new(),
                    metrics: Form::new(),
                    feed: Form::new(),
                })),
                Ok(Err(why)) => {
                    tracing::warn!(error = %shown(&why), "the status page has nothing to show");
                    Err(why.into())
                }
                // It panicked, or the runtime is ending.
                Err(_) => Err(lost()),
            };
            let mut state = latest.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.taken = Some((Instant::now(), outcome.clone()));
            state.flight = None;
            drop(state);
            // Nobody may be waiting any more.
            let _ = tell.send(Some(outcome));
        });
        hear
    }
}

fn lost() -> Arc<str> {
    "failed to read the daemon's state: a fault of the program".into()
}
