//! Reads the configuration and its files again, beside everything else: a tree, sources of two
//! gigabytes or a network's disk may take minutes.

use std::sync::{Arc, Mutex};

use anyhow::anyhow;
use tidewaiter_outbox::Clock as _;
use tidewaiter_store::{Store, point::reach};
use tokio::{sync::mpsc, task::spawn_blocking};
use tracing::info;

use super::{
    Parts,
    clock::Now,
    keeper::{Configuration, Input},
    live::Live,
    reload::Settings,
    sender::Order,
};
use crate::{cli::Global, failure::Failure};

/// Who has to hear of what was read.
#[derive(Clone)]
pub(super) struct Reader {
    pub(super) global: Global,
    pub(super) inputs: mpsc::Sender<Input>,
    pub(super) orders: mpsc::Sender<Order>,
    pub(super) store: Arc<Mutex<Store>>,
    pub(super) clock: Arc<Now>,
    pub(super) live: Arc<Live>,
}

impl Reader {
    /// Puts the configuration in force as it is now; one with mistakes changes nothing. What is in
    /// force then.
    pub(super) async fn everything(self, settings: Settings) -> Settings {
        let (old, global) = (settings.clone(), self.global.clone());
        let read = spawn_blocking(move || settings.reload(&global)).await;
        match read.map_err(panicked).and_then(|read| read) {
            Ok((new, parts)) => {
                if self.put_in_force(parts).await {
                    info!("the configuration was read again and is in force");
                    self.live.clear("configuration");
                    // With it, every file that it names was read.
                    self.live.clear("files");
                }
                new
            }
            Err(failure) => {
                let text =
                    format!("failed to read the configuration; the old one stays: {failure}");
                self.live.alarm("configuration", &text, self.clock.now());
                old
            }
        }
    }

    /// Reads policies, MAINTAINERS and the like again where they have changed.
    pub(super) async fn changed_files(self, settings: Settings) -> Settings {
        let (old, global) = (settings.clone(), self.global.clone());
        let read = spawn_blocking(move || settings.changed_files(&global)).await;
        let (settings, read) = match read {
            Ok(read) => read,
            Err(e) => (old, Err(panicked(e))),
        };
        match read {
            Ok(None) => {}
            Ok(Some(parts)) => {
                if self.put_in_force(parts).await {
                    info!("files that the configuration names have changed and were read again");
                    self.live.clear("files");
                }
            }
            Err(failure) => {
                let text = format!("failed to read what has changed; the old stays: {failure}");
                self.live.alarm("files", &text, self.clock.now());
            }
        }
        settings
    }

    /// Hands it to both threads; whether it could be.
    async fn put_in_force(&self, parts: Parts) -> bool {
        reach("before-reload");
        let Parts { context, sources, rules, outbox } = parts;
        match outbox(&self.store, &self.clock) {
            Ok(outbox) => {
                let _ = self.orders.send(Order::Outbox(Box::new(outbox))).await;
            }
            Err(failure) => {
                let text = format!("failed to use the mail server as configured: {failure}");
                self.live.alarm("configuration", &text, self.clock.now());
                return false;
            }
        }
        reach("in-reload");
        let new = Configuration { context, sources, rules };
        // Whoever would hear it has ended, which is seen within a second.
        let _ = self.inputs.send(Input::Configuration(Box::new(new))).await;
        true
    }
}

fn panicked(error: tokio::task::JoinError) -> Failure {
    Failure::Internal(anyhow!(error).context("failed to read it"))
}
