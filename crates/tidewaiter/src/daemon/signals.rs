//! The thread with the network: signals, files that change, and the end.

use std::{
    future::pending,
    sync::mpsc as std_mpsc,
    time::{Duration, Instant},
};

use anyhow::anyhow;
use tidewaiter_outbox::Clock as _;
use tidewaiter_store::{Beside, point::reach};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::{JoinError, JoinHandle},
};
use tracing::{error, info, warn};

use super::{
    keeper::{Input, SIGNAL},
    not_heard,
    reading::Reader,
    reload::Settings,
    sender::Order,
    service,
};
use crate::{edges, failure::Failure};

/// How long the end may take where no reply is being sent.
const END: Duration = Duration::from_secs(9);
/// How long it may take at all; the thread that sends gives a reply up before that.
const LONGEST_END: Duration = Duration::from_secs(95);
/// How often files that the configuration names are looked at.
const FILES: Duration = Duration::from_secs(30);
/// The same in a test that does not wait.
const SHORT_FILES: Duration = Duration::from_millis(500);

/// The thread with the network and the signals.
pub(super) struct Daemon {
    pub(super) settings: Settings,
    /// A connection of its own: whoever has the store in hand may keep it for long.
    pub(super) beside: Beside,
    pub(super) reader: Reader,
    pub(super) service: service::Service,
}

/// How a thread ended.
pub(super) type Ends = std_mpsc::Receiver<(&'static str, anyhow::Result<()>)>;

/// What is read again, and what is in force once it was.
type Reading = JoinHandle<Settings>;

impl Daemon {
    /// Waits for signals until one of them, or a failure, ends the daemon. Nothing here waits for the
    /// disk, the store or another thread.
    pub(super) async fn signals(
        mut self,
        mut hup: Signal,
        mut usr1: Signal,
        ends: &Ends,
    ) -> Result<(), Failure> {
        let listen = |kind| signal(kind).map_err(|e| Failure::Io(not_heard(e)));
        let mut term = listen(SignalKind::terminate())?;
        let mut int = listen(SignalKind::interrupt())?;
        self.service.ready();
        let files = edges::time(FILES, SHORT_FILES);
        let mut second = tokio::time::interval(Duration::from_secs(1));
        let mut looked = Instant::now();
        // One at a time: a signal that comes meanwhile is taken after it.
        let mut reading: Option<Reading> = None;
        let (mut wanted, mut told) = (false, false);
        loop {
            tokio::select! {
                _ = term.recv() => break,
                _ = int.recv() => break,
                _ = hup.recv() => wanted = true,
                _ = usr1.recv() => self.stop(),
                read = finished(&mut reading) => {
                    reading = None;
                    match read {
                        Ok(settings) => self.settings = settings,
                        Err(e) => error!("failed to put what was read in force: {e}"),
                    }
                    looked = Instant::now();
                    if std::mem::take(&mut told) {
                        self.service.ready();
                    }
                }
                _ = second.tick() => {
                    self.service.beat();
                    if let Ok((thread, result)) = ends.try_recv() {
                        let why = result.err().map_or_else(String::new, |e| format!(": {e:#}"));
                        return Err(Failure::Internal(anyhow!("the thread that {thread} ended{why}")));
                    }
                }
            }
            let (reader, settings) = (&self.reader, &self.settings);
            if reading.is_none() && wanted {
                (wanted, told) = (false, true);
                self.service.reloading();
                reading = Some(tokio::spawn(reader.clone().everything(settings.clone())));
            } else if reading.is_none() && looked.elapsed() >= files {
                reading = Some(tokio::spawn(reader.clone().changed_files(settings.clone())));
            }
        }
        info!("a signal ends the daemon");
        self.service.stopping();
        self.settings.halt().end();
        if let Some(reading) = reading {
            reading.abort();
        }
        tokio::select! {
            () = self.end(ends) => {}
            _ = term.recv() => warn!("a second signal ends it at once"),
            _ = int.recv() => warn!("a second signal ends it at once"),
        }
        info!("tidewaiter has ended");
        Ok(())
    }

    /// Stops all sending at once. The thread that decides writes it down, as soon as it can.
    fn stop(&self) {
        self.settings.halt().set();
        let text = format!("nothing is sent any more: {SIGNAL}");
        self.reader.live.alarm("stop", &text, self.reader.clock.now());
    }

    /// Both threads finish what they have in hand, as far as they can in time.
    async fn end(&self, ends: &Ends) {
        let told = async {
            tokio::join!(self.reader.orders.send(Order::End), self.reader.inputs.send(Input::End))
        };
        let told = async {
            let _ = told.await;
            pending::<()>().await;
        };
        tokio::select! {
            () = told => {}
            () = self.ended(ends) => {}
        }
    }

    async fn ended(&self, ends: &Ends) {
        let began = Instant::now();
        let mut left = 2;
        loop {
            while ends.try_recv().is_ok() {
                left -= 1;
            }
            if left == 0 {
                reach("at-end");
                return;
            }
            let waited = began.elapsed();
            // What cannot be read may be.
            let armed = waited < LONGEST_END && self.beside.is_armed().unwrap_or(true);
            if waited >= END && !armed {
                warn!(
                    "a thread is still at work; what it has not stored is done again at the start"
                );
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Waits for what is being read; for ever where nothing is.
async fn finished(reading: &mut Option<Reading>) -> Result<Settings, JoinError> {
    match reading {
        Some(reading) => reading.await,
        None => pending().await,
    }
}
