//! The thread with the network: signals, files that change, and the end.

use std::{
    sync::{Arc, Mutex, mpsc as std_mpsc},
    time::Duration,
};

use anyhow::anyhow;
use tidewaiter_outbox::Clock as _;
use tidewaiter_store::{Store, point::reach};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc,
};
use tracing::{info, warn};

use super::{
    Parts,
    clock::Now,
    keeper::{Configuration, Input, SIGNAL},
    live::Live,
    not_heard,
    reload::Settings,
    sender::Order,
    service,
};
use crate::{cli::Global, edges, failure::Failure};

/// How long the thread that decides may take to end.
const END: Duration = Duration::from_secs(8);
/// How often files that the configuration names are looked at.
const FILES: Duration = Duration::from_secs(30);
/// The same in a test that does not wait.
const SHORT_FILES: Duration = Duration::from_millis(500);

/// The thread with the network and the signals.
pub(super) struct Daemon<'g> {
    pub(super) settings: Settings,
    pub(super) global: &'g Global,
    pub(super) inputs: mpsc::Sender<Input>,
    pub(super) orders: mpsc::Sender<Order>,
    pub(super) store: Arc<Mutex<Store>>,
    pub(super) clock: Arc<Now>,
    pub(super) live: Arc<Live>,
    pub(super) service: service::Service,
}

/// How a thread ended.
pub(super) type Ends = std_mpsc::Receiver<(&'static str, anyhow::Result<()>)>;

impl Daemon<'_> {
    /// Waits for signals until one of them, or a failure, ends the daemon.
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
        let mut looked = tokio::time::Instant::now();
        loop {
            tokio::select! {
                _ = term.recv() => break,
                _ = int.recv() => break,
                _ = hup.recv() => self.reload().await,
                _ = usr1.recv() => self.stop(),
                _ = second.tick() => {
                    self.service.beat();
                    if let Ok((thread, result)) = ends.try_recv() {
                        let why = result.err().map_or_else(String::new, |e| format!(": {e:#}"));
                        return Err(Failure::Internal(anyhow!("the thread that {thread} ended{why}")));
                    }
                    if looked.elapsed() >= files {
                        looked = tokio::time::Instant::now();
                        self.look_at_files().await;
                    }
                }
            }
        }
        info!("a signal ends the daemon");
        self.service.stopping();
        let ending = self.end(ends);
        tokio::select! {
            () = ending => {}
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
        self.live.alarm("stop", &text, self.clock.now());
    }

    async fn tell(&self, input: Input) {
        // Whoever would hear it has ended, which is seen within a second.
        let _ = self.inputs.send(input).await;
    }

    /// Both threads finish what they have in hand.
    async fn end(&self, ends: &Ends) {
        let _ = self.orders.send(Order::End).await;
        let _ = tokio::time::timeout(END, self.inputs.send(Input::End)).await;
        let mut left = 2;
        // The thread that sends knows how long that may take.
        for _ in 0..950 {
            while ends.try_recv().is_ok() {
                left -= 1;
            }
            if left == 0 {
                reach("at-end");
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Puts the configuration in force as it is now; one with mistakes changes nothing.
    async fn reload(&mut self) {
        match self.settings.reload(self.global) {
            Ok(parts) => {
                info!("the configuration was read again and is in force");
                self.put_in_force(parts).await;
                self.live.clear("configuration");
            }
            Err(failure) => {
                let text =
                    format!("failed to read the configuration; the old one stays: {failure}");
                self.live.alarm("configuration", &text, self.clock.now());
            }
        }
    }

    /// Reads policies, MAINTAINERS and the like again where they have changed.
    async fn look_at_files(&mut self) {
        match self.settings.changed_files(self.global) {
            Ok(None) => {}
            Ok(Some(parts)) => {
                info!("files that the configuration names have changed and were read again");
                self.put_in_force(parts).await;
                self.live.clear("files");
            }
            Err(failure) => {
                let text = format!("failed to read what has changed; the old stays: {failure}");
                self.live.alarm("files", &text, self.clock.now());
            }
        }
    }

    async fn put_in_force(&self, parts: Parts) {
        reach("before-reload");
        let Parts { context, sources, rules, outbox } = parts;
        match outbox(&self.store, &self.clock) {
            Ok(outbox) => {
                let _ = self.orders.send(Order::Outbox(Box::new(outbox))).await;
            }
            Err(failure) => {
                let text = format!("failed to use the mail server as configured: {failure}");
                self.live.alarm("configuration", &text, self.clock.now());
                return;
            }
        }
        reach("in-reload");
        let new = Configuration { context, sources, rules };
        self.tell(Input::Configuration(Box::new(new))).await;
    }
}
