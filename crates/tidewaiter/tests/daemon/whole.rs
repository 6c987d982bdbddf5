//! What must be so of the store and the list however often the daemon died.

use std::{collections::BTreeSet, time::Duration};

use rusqlite::Connection;
use tidewaiter_mail::MessageId;
use tidewaiter_store::ReplyState;
use tidewaiter_testkit::{
    dovecot::USER,
    rig::{Post, Whose},
};

use crate::scene::{SOON, Scene, Setup, patch};

/// The author of every series.
pub(crate) const AUTHOR: &str = "author@example.org";
/// The author of one more.
pub(crate) const OTHER: &str = "other@example.org";
/// How long the list keeps what the bot says.
pub(crate) const ECHO: Duration = Duration::from_millis(1000);

/// What became of the replies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// On the list once, and seen there.
    pub(crate) once: usize,
    /// Nobody knows, and none is on the list.
    pub(crate) doubt: usize,
}

impl Scene {
    /// A world in which the list's echo takes long, and the author was heard of once: patch 0.
    pub(crate) fn taught(setup: Setup) -> Option<Self> {
        let mut scene = Self::new(setup)?;
        scene.rig.faults().delay = Some((Whose::Bots, ECHO));
        scene.start_watching();
        scene.post_patch(0);
        scene.wait("the first series waits for a person", |s| s.replies_in(ReplyState::Held) == 1);
        assert!(scene.end().success(), "{}", scene.log());
        Some(scene)
    }

    /// Posts a patch that gets a reply.
    pub(crate) fn post_patch(&self, number: usize) {
        self.rig.send_in_order(Post::new(&patch(number, AUTHOR)));
    }

    /// Runs the daemon until every one of so many series is answered, and nothing is on its way.
    pub(crate) fn settle(&self, series: usize) {
        self.wait_until_stored();
        self.wait("every series has its reply", |scene| scene.replies().len() >= series);
        self.wait_for("nothing waits", SOON * 9, |scene| {
            scene.replies_in(ReplyState::Ready) + scene.replies_in(ReplyState::Armed) == 0
        });
    }

    /// Waits until all that the list got of the bot has come back and is known.
    pub(crate) fn wait_for_echoes(&self) {
        self.wait_for("every reply on the list is seen", SOON * 3, |scene| {
            scene.replies_in(ReplyState::Sent) == 0
                && scene.replies_in(ReplyState::Seen) >= scene.spoken().len()
        });
        self.wait_until_stored();
    }

    fn sqlite(&self) -> Connection {
        Connection::open(self.path("tidewaiter.sqlite")).unwrap()
    }

    fn number(&self, query: &str) -> i64 {
        self.sqlite().query_row(query, [], |row| row.get(0)).unwrap()
    }

    /// No mail up to the cursor is missing. It holds at every moment.
    pub(crate) fn assert_cursor_is_honest(&self) {
        // A test's mailbox begins with 1 and loses nothing.
        let passed = self.number(
            "SELECT coalesce(max(c.uid - (SELECT count(*) FROM places p JOIN mails m ON m.id = p.mail \
             WHERE p.mailbox = c.mailbox AND p.uid_validity = c.uid_validity AND p.uid <= c.uid)), 0) \
             FROM cursors c",
        );
        assert_eq!(passed, 0, "the cursor is past mails that are not stored\n{}", self.log());
    }

    /// The daemon has ended; patches 0 to `series` - 1 were posted, and what came back is known.
    pub(crate) fn assert_whole(&self, series: usize) -> Tally {
        self.assert_cursor_is_honest();
        self.assert_never_two();
        assert_eq!(self.store().integrity().unwrap(), Vec::<String>::new());
        let delivered = i64::try_from(self.rig.delivered()).unwrap();
        for (what, query) in [
            ("mails", "SELECT count(*) FROM mails WHERE quarantined = 0"),
            ("places", "SELECT count(DISTINCT mail) FROM places"),
            (
                "mails that were taken",
                "SELECT count(DISTINCT mail) FROM events WHERE kind = 'mail'",
            ),
            ("events of mails", "SELECT count(*) FROM events WHERE kind = 'mail'"),
        ] {
            assert_eq!(self.number(query), delivered, "{what}\n{}", self.log());
        }
        let series = i64::try_from(series).unwrap();
        let ours = "FROM series WHERE message_id LIKE '%patch-%'";
        assert_eq!(self.number(&format!("SELECT count(*) {ours}")), series, "{}", self.log());
        assert_eq!(self.number("SELECT count(DISTINCT series) FROM replies"), series);
        assert_eq!(self.number("SELECT count(*) FROM replies"), series);
        let mut tally = Tally::default();
        let mut known = BTreeSet::new();
        for reply in self.replies() {
            let copies = self.copies(&reply.id);
            let (seen, doubt) = (reply.state == ReplyState::Seen, reply.state == ReplyState::Doubt);
            let held = reply.state == ReplyState::Held;
            let fine = if seen { copies == 1 } else { (doubt || held) && copies == 0 };
            let state = reply.state;
            assert!(fine, "{} is {state:?} with {copies} copies\n{}", reply.id, self.log());
            tally.once += usize::from(seen);
            tally.doubt += usize::from(doubt);
            known.insert(format!("<{}>", reply.id));
        }
        for said in self.spoken() {
            assert!(said.message_id.is_some_and(|id| known.contains(&id)), "nobody knows of it");
        }
        let private = self.rig.private_mails();
        let mut people = private.iter().filter(|mail| mail.sender == USER);
        assert!(
            people.all(|mail| [AUTHOR, OTHER].contains(&mail.recipient.as_str())),
            "somebody else got a mail"
        );
        assert!(self.store().stopped().unwrap().is_none(), "it stopped itself: {}", self.log());
        tally
    }

    /// A reply that waits for a person: that to an author's first series.
    pub(crate) fn held(&self) -> MessageId {
        self.store().replies(ReplyState::Held).unwrap()[0].id.clone()
    }
}
