//! What the watchers tell.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use jiff::{SignedDuration, Timestamp};
use tidewaiter_imap::{Batch, Event, Reset, ResetCause};
use tidewaiter_outbox::Clock as _;
use tidewaiter_store::{Error, point::reach};
use tracing::{error, info, warn};

use super::{
    keeper::Keeper,
    live::{Link, Watching},
    logging::masked,
    take::Mailbox,
    watch::Source,
};

impl Keeper {
    pub(super) fn event(&mut self, at: usize, event: Event) {
        let Some(name) = self.sources.get(at).map(|source| source.name.clone()) else { return };
        let now = self.clock.now();
        match event {
            Event::Connected { idle } => {
                info!(mailbox = name, idle, "the mailbox is open");
                self.live.watching(at, |w| {
                    w.reconnects += u64::from(w.link != Link::Starting);
                    w.link = Link::Up { since: now, idle };
                });
            }
            Event::Disconnected { reason, retry_in, failures } => {
                let why = masked(&reason.to_string());
                let seconds = retry_in.as_secs();
                warn!(mailbox = name, seconds, failures, "the mailbox cannot be read: {why}");
                if reason.needs_operator() {
                    let text = format!("the mailbox `{name}` cannot be read: {why}");
                    self.live.alarm(&format!("mailbox {name}"), &text, now);
                }
                self.live.failed("imap");
                let retry = now.checked_add(SignedDuration::try_from(retry_in).unwrap_or_default());
                let link = Link::Down { why, retry: retry.unwrap_or(now), failures };
                self.live.watching(at, |w| {
                    w.link = link;
                    w.is_behind();
                    w.down = w.down.or_else(|| Some(Instant::now()));
                });
            }
            Event::NotPushed => {
                info!(mailbox = name, "the server does not push after all; it is asked");
                self.live.watching(at, |w| {
                    if let Link::Up { idle, .. } = &mut w.link {
                        *idle = false;
                    }
                });
            }
            Event::Reset(reset) => self.reset(at, &name, reset),
            Event::Batch(batch) => {
                self.live.watching(at, Watching::is_behind);
                self.batch(at, &name, batch, now);
            }
            Event::CaughtUp => {
                self.live.watching(at, Watching::is_caught_up);
                self.live.clear(&format!("mailbox {name}"));
                self.live.clear(&format!("unread {name}"));
                if self.live.all_were_caught_up() {
                    self.past_is_known();
                }
                self.nudge.notify_one();
            }
        }
    }

    fn reset(&mut self, at: usize, name: &str, reset: Reset) {
        let Reset { cause, cursor, until, receipt } = reset;
        match cause {
            ResetCause::FirstStart => {
                info!(mailbox = name, uid = cursor.last_uid.0, "this mailbox is read from here on");
            }
            ResetCause::UidValidityChanged { .. } | ResetCause::UidNextWentBack { .. } => warn!(
                mailbox = name,
                "the server has given the mailbox new numbers; mails of late are read again"
            ),
        }
        self.live.watching(at, Watching::is_behind);
        let Some(identity) = self.sources.get(at).map(Source::identity) else { return };
        let stored = || -> Result<(), Error> {
            let mut store = self.taker.store();
            let writer = store.begin()?;
            // Also where it takes another's place.
            let named = writer.view().mailbox_named(name)?;
            if cause != ResetCause::FirstStart || named.is_some_and(|named| named != identity) {
                writer.read_again(&identity, cursor.uid_validity.0, until.0)?;
            }
            writer.forget_cursor(&identity)?;
            writer.cursor(&super::stored_cursor(&identity, &cursor))?;
            writer.name_mailbox(name, &identity)?;
            writer.commit()
        };
        match stored() {
            Ok(()) => {
                reach("before-reset-receipt");
                receipt.stored();
                reach("after-reset-receipt");
            }
            Err(e) => self.failed(&e),
        }
    }

    fn batch(&mut self, at: usize, name: &str, batch: Batch, now: Timestamp) {
        let Batch { items, cursor, pushed, receipt } = batch;
        let Some(identity) = self.sources.get(at).map(Source::identity) else { return };
        let mailbox = Mailbox { name, identity: &identity };
        reach("before-batch");
        let taker = &mut self.taker;
        // A panic is a mail's fault until shown otherwise; the store has counted it already.
        let taken = catch_unwind(AssertUnwindSafe(|| taker.batch(mailbox, &items, &cursor, now)));
        match taken {
            Ok(Ok(any)) => {
                let uid = cursor.last_uid.0;
                // How long ago the server told of them, in microseconds.
                let told = pushed.map(|at| at.elapsed().as_micros());
                info!(mailbox = name, mails = items.len(), uid, told, "mails were taken");
                // Something came and is stored: what is behind it is worth waiting for. What cannot
                // be stored is as good as not read.
                self.live.watching(at, |w| w.down = w.down.map(|_| Instant::now()));
                reach("before-receipt");
                receipt.stored();
                reach("after-receipt");
                if any {
                    self.nudge.notify_one();
                }
            }
            Ok(Err(e)) => self.failed(&e),
            Err(_) => {
                error!(mailbox = name, "failed to read these mails; they are read again");
                self.live.failed("panic");
                self.taker.broken();
            }
        }
    }
}
