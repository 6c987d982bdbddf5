//! What people send.

use std::sync::PoisonError;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::world::Note;
use super::{Answer, Client, Rig};
use crate::dovecot::USER;

/// A mail that somebody sends, with what is not in its text.
#[derive(Clone, Debug)]
pub struct Post {
    raw: Vec<u8>,
    to: Option<String>,
    sender: String,
    time: Option<Timestamp>,
    signed: bool,
}

impl Post {
    /// A mail with any line ends, signed by the domain in its `From`, to the first list.
    #[must_use]
    pub fn new(raw: &[u8]) -> Self {
        let sender = "people@example.org".to_owned();
        Self { raw: raw.to_owned(), to: None, sender, time: None, signed: true }
    }

    /// To this address instead: another list, the bot, anyone.
    #[must_use]
    pub fn to(mut self, address: &str) -> Self {
        self.to = Some(address.to_owned());
        self
    }

    /// With this envelope sender; empty for a bounce.
    #[must_use]
    pub fn sender(mut self, address: &str) -> Self {
        address.clone_into(&mut self.sender);
        self
    }

    /// It reaches the mailbox at this time, whatever the clock says then.
    #[must_use]
    pub fn at(mut self, time: Timestamp) -> Self {
        self.time = Some(time);
        self
    }

    /// Without a signature, as a forgery.
    #[must_use]
    pub fn unsigned(mut self) -> Self {
        self.signed = false;
        self
    }
}

impl Rig {
    /// Somebody posts to the first list.
    ///
    /// # Panics
    ///
    /// Where Postfix does not take it.
    pub fn post(&self, raw: &[u8]) {
        self.send(Post::new(raw));
    }

    /// Somebody writes to the bot alone.
    ///
    /// # Panics
    ///
    /// Where Postfix does not take it.
    pub fn post_private(&self, raw: &[u8]) {
        self.send(Post::new(raw).to(USER));
    }

    /// Somebody sends a mail.
    ///
    /// # Panics
    ///
    /// Where Postfix does not take it.
    pub fn send(&self, post: Post) {
        let answer = self.try_send(post);
        assert!(answer.is_yes(), "failed to post: {}", answer.text);
    }

    /// Somebody sends a mail, and nobody another before Postfix has handed it over: for what has
    /// to arrive in order. Postfix may deliver mails of the same moment in any.
    ///
    /// # Panics
    ///
    /// Where Postfix does not take it, or keeps it for ten seconds.
    pub fn send_in_order(&self, post: Post) {
        let (answer, id) = self.transact(post);
        assert!(answer.is_yes(), "failed to post: {}", answer.text);
        let until = Instant::now() + Duration::from_secs(10);
        while !self.world.has(&id) {
            assert!(Instant::now() < until, "failed to hand over: {}", self.postfix_log());
            std::thread::sleep(Duration::from_micros(300));
        }
    }

    /// Somebody sends a mail, and this is what Postfix says.
    ///
    /// # Panics
    ///
    /// Where there is no connection.
    pub fn try_send(&self, post: Post) -> Answer {
        self.transact(post).0
    }

    /// A connection to Postfix, which may not take one at once on a busy machine.
    fn poster(&self) -> Client {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            match Client::connect(self.injection_port()) {
                Ok(client) => return client,
                Err(e) => {
                    assert!(Instant::now() < until, "failed to post: {e}: {}", self.postfix_log());
                }
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What Postfix says, and the mark that the mail carries.
    fn transact(&self, post: Post) -> (Answer, String) {
        let to = post.to.or_else(|| self.world.lists.first().map(|list| list.address.clone()));
        let to = to.expect("a list");
        let id = self.world.note(Note { time: post.time, signed: post.signed });
        let sender = format!("<{}> ENVID={id}", post.sender);
        let mut poster = self.poster.lock().unwrap_or_else(PoisonError::into_inner);
        // One that Postfix has closed meanwhile is seen before anything of the mail is sent.
        let open = poster.take().and_then(|mut client| client.command("NOOP").ok().map(|_| client));
        let mut client = open.unwrap_or_else(|| self.poster());
        let answer = client.send(&sender, &[&to], &post.raw).expect("an answer");
        *poster = Some(client);
        (answer, id)
    }
}
