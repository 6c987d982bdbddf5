//! The list, and the server in front of the bot's mailbox.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use jiff::Timestamp;

use super::clock::{self, Clock};
use super::faults::Faults;
use super::list::List;
use super::lmtp::Envelope;
use super::mail::Mail;
use super::records::{Accepted, Fate, Private, Records};
use crate::dovecot::{Maildrop, USER};

/// What the test said of a mail that it posted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    pub(super) time: Option<Timestamp>,
    pub(super) signed: bool,
}

/// A mail on its way to the mailbox.
#[derive(Clone, Debug)]
struct Copy {
    mail: Mail,
    sender: String,
    note: Note,
}

pub(super) struct World {
    pub(super) lists: Vec<List>,
    pub(super) authserv: Option<String>,
    pub(super) clock: Clock,
    pub(super) maildrop: Maildrop,
    over: AtomicBool,
    faults: Mutex<Faults>,
    records: Mutex<Records>,
    notes: Mutex<HashMap<String, Note>>,
    /// The `ENVID`s of what Postfix has handed over.
    arrived: Mutex<HashSet<String>>,
    /// Where it stands among the accepted, and what is to be delivered.
    held: Mutex<Vec<(usize, Copy)>>,
    /// What the mailbox had no room for.
    deferred: Mutex<Vec<Vec<u8>>>,
    count: AtomicUsize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether an address is the bot's: it has its domain for itself.
fn is_bots(address: &str) -> bool {
    address.ends_with("@bot.example")
}

impl World {
    /// Ends deliveries: none is under way after this.
    pub(super) fn end(&self) {
        let _records = self.records();
        self.over.store(true, Ordering::SeqCst);
    }

    pub(super) fn new(
        lists: Vec<List>,
        authserv: Option<String>,
        clock: Clock,
        maildrop: Maildrop,
    ) -> Self {
        Self {
            lists,
            authserv,
            clock,
            maildrop,
            over: AtomicBool::new(false),
            faults: Mutex::new(Faults::none()),
            records: Mutex::default(),
            notes: Mutex::default(),
            arrived: Mutex::default(),
            held: Mutex::default(),
            deferred: Mutex::default(),
            count: AtomicUsize::new(0),
        }
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(super) fn records(&self) -> MutexGuard<'_, Records> {
        lock(&self.records)
    }

    /// Remembers what the test says of a mail that it posts, and returns the `ENVID` for it.
    pub(super) fn note(&self, note: Note) -> String {
        let id = format!("rig{}", self.count.fetch_add(1, Ordering::SeqCst));
        lock(&self.notes).insert(id.clone(), note);
        id
    }

    /// Whether Postfix has handed over what was noted so.
    pub(super) fn has(&self, id: &str) -> bool {
        lock(&self.arrived).contains(id)
    }

    /// Takes one mail for all its recipients.
    pub(super) fn take(self: &Arc<Self>, mut envelope: Envelope) {
        envelope.recipients.sort();
        let note = envelope.id.as_ref().and_then(|id| lock(&self.notes).get(id).copied());
        let note = note.unwrap_or(Note { time: None, signed: false });
        let mail = Mail::read(&envelope.raw);
        for recipient in &envelope.recipients {
            if let Some(list) = self.lists.iter().find(|list| list.address == *recipient) {
                self.reflect(list, &envelope, &mail, note);
                continue;
            }
            self.records().private.push(Private {
                recipient: recipient.clone(),
                raw: envelope.raw.clone(),
                message_id: mail.value("message-id"),
                sender: envelope.sender.clone(),
                time: self.clock.now(),
                at: Instant::now(),
            });
            if is_bots(recipient) {
                let sender = envelope.sender.clone();
                self.deliver(&Copy { mail: mail.clone(), sender, note });
            }
        }
        lock(&self.arrived).extend(envelope.id);
    }

    fn reflect(self: &Arc<Self>, list: &List, envelope: &Envelope, mail: &Mail, note: Note) {
        let is_bots = is_bots(&envelope.sender) || mail.from().as_deref().is_some_and(is_bots);
        let faults = &mut *self.faults();
        let named = |name: &str| mail.values(name).concat().to_ascii_lowercase().contains(USER);
        let kept = faults.notmetoo && is_bots || faults.nodupes && (named("to") || named("cc"));
        let fate = if list.knows(mail) {
            Fate::Looped
        } else if faults.drops(is_bots) {
            Fate::Dropped
        } else if faults.hold.is_some_and(|whose| whose.meets(is_bots)) {
            Fate::Held
        } else if kept {
            Fate::Kept
        } else {
            Fate::Sent
        };
        let copy = Copy { mail: list.process(mail, faults), sender: list.bounces(), note };
        let place = {
            let mut records = self.records();
            records.accepted.push(Accepted {
                list: list.address.clone(),
                raw: envelope.raw.clone(),
                message_id: mail.value("message-id"),
                sender: envelope.sender.clone(),
                recipients: envelope.recipients.clone(),
                time: self.clock.now(),
                at: Instant::now(),
                fate,
            });
            records.accepted.len() - 1
        };
        if fate == Fate::Held {
            lock(&self.held).push((place, copy));
        } else if fate == Fate::Sent {
            let copies = faults.copies.filter(|(whose, _)| whose.meets(is_bots));
            let copies = copies.map_or(1, |(_, copies)| copies);
            let delay = faults.delay.filter(|(whose, _)| whose.meets(is_bots));
            let world = Arc::clone(self);
            let send = move || (0..copies).for_each(|_| world.deliver(&copy));
            match delay {
                Some((_, delay)) => drop(thread::spawn(move || {
                    thread::sleep(delay);
                    send();
                })),
                None => send(),
            }
        }
    }

    /// Lets through what is held, and says how many.
    pub(super) fn release(&self) -> usize {
        let held = std::mem::take(&mut *lock(&self.held));
        for (place, copy) in &held {
            if let Some(accepted) = self.records().accepted.get_mut(*place) {
                accepted.fate = Fate::Released;
            }
            self.deliver(copy);
        }
        held.len()
    }

    /// What the server in front of the mailbox does: its findings, its `Received`, the sender.
    fn deliver(&self, copy: &Copy) {
        let time = copy.note.time.unwrap_or_else(|| self.clock.now());
        let mut mail = copy.mail.clone();
        mail.remove("return-path");
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        mail.add_on_top(format!(
            "Received: from localhost (localhost [127.0.0.1])\n\tby mx.bot.example (rig) with LMTP \
             id {number}\n\tfor <{USER}>; {}",
            clock::field(time)
        ));
        if let Some(id) = &self.authserv {
            mail.remove_results_of(id);
            let from = copy.mail.from();
            let domain = from.as_deref().and_then(|from| from.split('@').nth(1));
            let found = match domain.filter(|_| copy.note.signed) {
                Some(domain) => format!("dkim=pass header.d={domain}"),
                None => "dkim=none".to_owned(),
            };
            mail.add_on_top(format!("Authentication-Results: {id}; {found}"));
        }
        mail.add_on_top(format!("Return-Path: <{}>", copy.sender));
        // Counted with the lock held, so that who waits for a number finds the mail there.
        let mut records = self.records();
        if self.over.load(Ordering::SeqCst) {
            return;
        }
        let bytes = mail.bytes();
        if self.maildrop.try_deliver("", &bytes, Some(time.into())) {
            records.delivered += 1;
        } else {
            lock(&self.deferred).push(bytes);
        }
    }

    /// How many mails the mailbox had no room for.
    pub(super) fn deferred(&self) -> usize {
        lock(&self.deferred).len()
    }

    /// Tries again to deliver them, in order, and says how many were.
    pub(super) fn retry(&self) -> usize {
        let mut records = self.records();
        let mut deferred = lock(&self.deferred);
        let before = deferred.len();
        deferred.retain(|bytes| !self.maildrop.try_deliver("", bytes, None));
        records.delivered += before - deferred.len();
        before - deferred.len()
    }
}
