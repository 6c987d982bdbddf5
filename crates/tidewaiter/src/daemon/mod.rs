//! `tidewaiter run`: the mailboxes are watched, series judged, replies sent.
//!
//! Three threads: this one has the network's tasks and the signals, one decides
//! ([`keeper::Keeper`]), one sends ([`sender::Sender`]). They share the store, behind a lock, and
//! [`live::Live`].

mod clock;
#[cfg(test)]
mod innocent;
mod keeper;
mod live;
pub(crate) mod logging;
mod look;
mod mailboxes;
mod minute;
mod panics;
mod reading;
pub(crate) mod reload;
mod say;
mod sender;
mod service;
mod signals;
mod status;
mod take;
mod watch;

use std::{
    sync::{Arc, Mutex, mpsc as std_mpsc},
    thread,
};

use anyhow::{Context as _, anyhow};
use tidewaiter_engine::config::daemon::StatusConfig;
use tidewaiter_outbox::{Clock as _, Outbox};
use tidewaiter_reply::Mode;
use tidewaiter_store::{Beside, Past, Store};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{Notify, mpsc},
};
use tracing::{error, info, warn};

use self::{
    clock::Now, keeper::Keeper, live::Live, reading::Reader, reload::Settings, sender::Sender,
    signals::Daemon, take::Taker,
};
use crate::{cli::Global, edges, failure::Failure};

/// Events of all mailboxes that wait to be taken.
const INPUTS: usize = 4;

/// Runs until a signal ends it.
pub(crate) fn run(since: Option<jiff::civil::Date>, global: &Global) -> Result<(), Failure> {
    logging::before_start();
    let settings = Settings::load(global)?;
    let loaded = settings.loaded();
    let config = &loaded.config;
    if config.daemon.mailboxes.is_empty() {
        return Err(Failure::usage(anyhow!(
            "failed to start: `{}` has no [[mailboxes]], so there is nothing to read",
            loaded.name()
        )));
    }
    let log = config.daemon.log;
    let path = edges::store_path(loaded);
    let network = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("failed to start the network's thread")
        .map_err(Failure::Io)?;
    // Heard from here on: what is stored may take long to read, and either would end the process.
    let (hup, usr1) = network
        .block_on(async {
            Ok((signal(SignalKind::hangup())?, signal(SignalKind::user_defined1())?))
        })
        .map_err(|e: std::io::Error| Failure::Io(not_heard(e)))?;
    let clock = Arc::new(Now::new());
    let live = Arc::new(Live::new(clock.now()));
    let Parts { context, sources, rules, outbox } = settings.parts(global)?;
    let store = Store::open(&path).map_err(Failure::io)?;
    logging::start(log)?;
    panics::tell_the_place();
    let past = store.past();
    info!(version = env!("CARGO_PKG_VERSION"), past = past_word(past), "tidewaiter starts");
    let store = Arc::new(Mutex::new(store));
    let beside = || Beside::open(&path).map_err(Failure::io);
    let now = clock.now();
    begin(&store, &settings, now).map_err(Failure::io)?;
    let taker = Taker::new(Arc::clone(&store), context, Arc::clone(&live)).map_err(Failure::io)?;

    let (inputs, received) = mpsc::channel(INPUTS);
    let (orders, ordered) = mpsc::channel(4);
    let nudge = Arc::new(Notify::new());
    let keeper = Keeper {
        taker,
        live: Arc::clone(&live),
        clock: Arc::clone(&clock),
        rules,
        sources,
        since,
        nudge: Arc::clone(&nudge),
        network: network.handle().clone(),
        inputs: inputs.clone(),
        watchers: None,
        round: 0,
        rests: None,
        halt_tried: None,
        has_failed: false,
        purged: None,
    };
    let outbox = outbox(&store, &clock)?;
    let sender = Sender {
        outbox,
        store: Arc::clone(&store),
        beside: beside()?,
        live: Arc::clone(&live),
        clock: Arc::clone(&clock),
        nudge,
    };
    let beside = beside()?;
    let (ended, ends) = std_mpsc::channel();
    let of_keeper = ended.clone();
    spawn("decides", move |runtime| {
        let result = runtime.block_on(keeper.run(received));
        let _ = of_keeper.send(("decides", result));
    })?;
    spawn("sends", move |runtime| {
        runtime.block_on(sender.run(ordered));
        let _ = ended.send(("sends", Ok(())));
    })?;
    let page = match &loaded.config.daemon.status {
        Some(config) => Some(page(
            config,
            &network,
            status::Status { store: path, live: Arc::clone(&live), clock: Arc::clone(&clock) },
        )?),
        None => None,
    };
    let service = service::Service::new(Arc::clone(&live));
    let reader = Reader { global: global.clone(), inputs, orders, store, clock, live };
    let daemon = Daemon { settings, beside, reader, service };
    let result = network.block_on(daemon.signals(hup, usr1, &ends));
    drop(page);
    network.shutdown_background();
    result
}

/// Serves the status page for as long as what is returned is kept.
fn page(
    config: &StatusConfig,
    network: &tokio::runtime::Runtime,
    status: status::Status,
) -> Result<tokio::sync::oneshot::Sender<()>, Failure> {
    let address = config.listen;
    let listener = network
        .block_on(tokio::net::TcpListener::bind(address))
        .with_context(|| format!("failed to listen at {address} for the status page"))
        .map_err(Failure::Io)?;
    let options = tidewaiter_web::Options { names: config.names.clone(), ..Default::default() };
    let (kept, gone) = tokio::sync::oneshot::channel::<()>();
    network.spawn(async move {
        let over = async {
            let _ = gone.await;
        };
        if let Err(e) = tidewaiter_web::serve(listener, Arc::new(status), options, over).await {
            error!("failed to serve the status page: {e}");
        }
    });
    info!(%address, "the status page is there");
    Ok(kept)
}

/// What a configuration gives.
pub(crate) struct Parts {
    context: tidewaiter_engine::Context,
    sources: Vec<watch::Source>,
    rules: tidewaiter_outbox::Rules,
    outbox: OutboxPart,
}

/// Makes the outbox once there is a store; nothing is made where nothing may be sent.
type OutboxPart =
    Box<dyn FnOnce(&Arc<Mutex<Store>>, &Arc<Now>) -> Result<Option<Outbox>, Failure> + Send>;

fn spawn(
    name: &str,
    work: impl FnOnce(tokio::runtime::Runtime) + Send + 'static,
) -> Result<(), Failure> {
    let start = || -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            // Without it the daemon would look alive and do nothing.
            let worked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(runtime)));
            if worked.is_err() {
                error!("a thread of the daemon failed; the daemon ends");
                std::process::exit(4);
            }
        })?;
        Ok(())
    };
    start().context("failed to start a thread").map_err(Failure::Io)
}

/// Writes down what is in force, and from when on anything is spoken of.
fn begin(
    store: &Mutex<Store>,
    settings: &Settings,
    now: jiff::Timestamp,
) -> Result<(), tidewaiter_store::Error> {
    let mut store = store.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let (past, said) = (store.past(), store.speak_from()?);
    let version = settings.version();
    let changed = store.config_version()?.is_some_and(|before| before != version);
    let writer = store.begin()?;
    // What an older or lost store does not know of was perhaps spoken of.
    // A new one that was ended before it had read the mailboxes has said nothing yet.
    if said.is_none() || !matches!(past, Past::Known | Past::Empty) {
        writer.speak_from(now)?;
    }
    writer.config_version(&version)?;
    writer.commit()?;
    if changed {
        info!("the configuration, or the program, is another than at the last start");
    }
    if past != Past::Known {
        warn!("the store does not know what was sent; nothing is until the mailboxes are read");
    }
    Ok(())
}

fn not_heard(error: std::io::Error) -> anyhow::Error {
    anyhow!(error).context("failed to listen for signals")
}

fn past_word(past: Past) -> &'static str {
    match past {
        Past::Known => "known",
        Past::Empty => "empty",
        Past::RolledBack => "rolled-back",
        Past::Unwitnessed => "unwitnessed",
    }
}

/// A place in a mailbox as the store keeps it.
fn stored_cursor(identity: &str, cursor: &tidewaiter_imap::Cursor) -> tidewaiter_store::Cursor {
    tidewaiter_store::Cursor {
        mailbox: identity.to_owned(),
        uid_validity: cursor.uid_validity.0,
        uid: cursor.last_uid.0,
    }
}

/// Whether some list's mode lets anything out.
fn may_send(config: &tidewaiter_engine::Config) -> bool {
    config.lists.iter().any(|list| list.reply.mode != Mode::Observe)
}
