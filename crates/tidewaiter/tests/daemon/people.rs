//! People who write to the list or to the bot, and what the bot may have written to whom.

use std::time::Duration;

use jiff::SignedDuration;
use tidewaiter_mail::{Message, MessageId};
use tidewaiter_reply::{IdKey, ReplyKind, reply_id};
use tidewaiter_store::{ReplyRow, ReplyState};
use tidewaiter_testkit::{
    builder::Mail,
    dovecot::USER,
    rig::{Accepted, Post, Private},
};

use crate::scene::{LIST, Scene};

/// A person's name and address.
pub(crate) type Person = (&'static str, &'static str);

pub(crate) const ALICE: Person = ("Alice Author", "alice@example.org");
pub(crate) const BOB: Person = ("Bob Builder", "bob@example.net");
pub(crate) const OLGA: Person = ("Olga Operator", "olga@example.net");
pub(crate) const MALLORY: Person = ("Mallory Mean", "mallory@example.com");
/// The time at which a scene begins, in seconds since 1970.
pub(crate) const BEGIN: i64 = 1_780_000_000;

/// A patch that says nothing of AI.
pub(crate) fn plain(number: usize, who: Person) -> Mail {
    Mail::patch(&format!("hw/misc: frob number {number}"))
        .from(who.0, who.1)
        .to(LIST)
        .id(&format!("frob-{number}@example.org"))
        .at(BEGIN)
        .body("Frob it.")
        .diff(&format!("hw/misc/frob{number}.c"), 2, 1)
}

/// A patch that states that it was made with AI.
pub(crate) fn declared(number: usize, who: Person) -> Mail {
    plain(number, who).trailer("AI-used-for", "code").signed_off()
}

/// An answer on the list.
pub(crate) fn answer(to: &Mail, id: &str, who: Person, text: &str) -> Mail {
    Mail::reply(to).from(who.0, who.1).id(id).body(text)
}

/// An answer to a mail of the bot.
pub(crate) fn answer_to_bot(ours: &[u8], id: &str, who: Person, text: &str) -> Mail {
    let ours = Message::parse(ours);
    let subject = ours.subject.unwrap();
    Mail::plain(&subject)
        .from(who.0, who.1)
        .to(USER)
        .to(LIST)
        .id(id)
        .at(BEGIN)
        .in_reply_to(ours.message_id.unwrap().as_str())
        .body(text)
}

/// The same by a mail program that names the whole thread, as most do.
pub(crate) fn answer_in_thread(ours: &[u8], id: &str, who: Person, text: &str) -> Mail {
    let message = Message::parse(ours);
    let own = message.message_id.unwrap();
    let above = message.references.iter().chain([&own]);
    above.fold(answer_to_bot(ours, id, who, text), |mail, id| mail.reference(id.as_str()))
}

/// The text of one of our mails, each line quoted, or as it is.
pub(crate) fn text_of(ours: &[u8]) -> String {
    Message::parse(ours).body.replace("\r\n", "\n").trim_end().to_owned()
}

/// The id that the bot's one reply to a series has: the key is the scene's.
pub(crate) fn id_of_reply(series: &Mail) -> MessageId {
    let key = IdKey::new(&[7; 32]).unwrap();
    let series = MessageId::new(&series.message_id()).unwrap();
    reply_id(&key, "bot.example", "QEMU", Some(&series), &ReplyKind::Summary).unwrap()
}

impl Scene {
    /// Somebody sends a mail to the list, signed by their domain.
    pub(crate) fn say(&self, mail: &Mail) {
        self.send(Post::new(&mail.build()));
    }

    /// Nothing vouches for this one.
    pub(crate) fn forge(&self, mail: &Mail) {
        self.send(Post::new(&mail.build()).unsigned());
    }

    pub(crate) fn send(&self, post: Post) {
        self.rig.send_in_order(post);
    }

    /// Each sends a first patch, which nothing is said of.
    pub(crate) fn introduce(&self, people: &[Person]) {
        let first = |(number, who): (usize, &Person)| plain(900_000 + number, *who);
        let all: Vec<Mail> = people.iter().enumerate().map(first).collect();
        all.iter().for_each(|patch| self.say(patch));
        all.iter().for_each(|patch| self.wait_until_judged(patch));
    }

    /// Lets time pass, and waits until the daemon has looked at all that is due by then.
    pub(crate) fn hours_later(&self, hours: i64) {
        let now = self.rig.clock().now();
        let number = 800_000 + self.rig.delivered();
        let last = plain(number, ("Sam Sentinel", "sam@example.net")).at(now.as_second());
        self.say(&last);
        self.pass(SignedDuration::from_hours(hours));
        self.wait_until_judged(&last);
        // The thread that sends is told at once.
        std::thread::sleep(Duration::from_millis(100));
    }

    pub(crate) fn wait_until_judged(&self, series: &Mail) {
        let id = MessageId::new(&series.message_id()).unwrap();
        self.wait("the series is judged", |scene| scene.store().series(&id).unwrap().is_some());
    }

    /// Sends a series and waits for the one reply to it, and for its coming back.
    pub(crate) fn spoken_of(&self, series: &Mail) -> Vec<u8> {
        self.say(series);
        self.wait_until_seen(series);
        let id = format!("<{}>", id_of_reply(series));
        let ours = self.spoken().into_iter().find(|m| m.message_id.as_ref() == Some(&id));
        ours.unwrap().raw
    }

    pub(crate) fn wait_until_seen(&self, series: &Mail) {
        self.wait("the reply came back", |scene| {
            scene.reply_to(series).is_some_and(|reply| reply.state == ReplyState::Seen)
        });
    }

    /// The one reply to a series.
    pub(crate) fn reply_to(&self, series: &Mail) -> Option<ReplyRow> {
        self.store().reply(&id_of_reply(series)).unwrap()
    }

    /// What was recorded of a series, as `dry-run --jsonl` shows it.
    pub(crate) fn record(&self, series: &Mail) -> serde_json::Value {
        let id = MessageId::new(&series.message_id()).unwrap();
        serde_json::from_str(&self.store().series(&id).unwrap().unwrap()).unwrap()
    }

    /// Why the stop switch is on.
    pub(crate) fn stopped(&self) -> Option<String> {
        self.store().stopped().unwrap().map(|switch| switch.why)
    }

    /// What the bot wrote to people rather than to a list.
    pub(crate) fn written(&self) -> Vec<Private> {
        let mut all = self.rig.private_mails();
        all.retain(|mail| mail.sender == USER);
        all
    }

    /// What the bot wrote to this person.
    pub(crate) fn written_to(&self, who: Person) -> Vec<Private> {
        let mut all = self.written();
        all.retain(|mail| mail.recipient == who.1);
        all
    }

    /// The bot wrote, and tried to write, to the list and to these people alone, each mail once.
    pub(crate) fn assert_only(&self, people: &[Person]) {
        self.assert_only_to(|address| people.iter().any(|who| who.1 == address));
    }

    pub(crate) fn assert_only_to(&self, people: impl Fn(&str) -> bool) {
        let may = |address: &str| address == LIST || people(address);
        for tried in self.rig.tried() {
            assert!(may(&tried.recipient), "the bot tried to write to {}", tried.recipient);
            assert_eq!(tried.sender, USER);
        }
        let to_lists = self.spoken();
        let list = |mail: &Accepted| (mail.list == LIST).then(|| mail.raw.clone());
        let mut all: Vec<Vec<u8>> = to_lists.iter().map(|m| list(m).expect("the list")).collect();
        for mail in self.written() {
            assert!(may(&mail.recipient), "the bot wrote to {}", mail.recipient);
            all.push(mail.raw);
        }
        for raw in all {
            let message = Message::parse(&raw);
            for person in message.recipients() {
                let address = person.address.as_ref().expect("an address").as_str();
                assert!(may(address), "a mail of the bot names {address}");
            }
        }
        self.assert_never_two();
    }

    /// The daemon has been through all of it: it runs, and knows of no fault of its own.
    pub(crate) fn assert_well(&mut self) {
        assert_eq!(self.has_ended(), None, "{}", self.log());
        let log = self.log();
        for fault in ["failed to store", "failed to read these mails", "failed to send", "panicked"]
        {
            assert!(!log.contains(fault), "{fault}\n{log}");
        }
    }
}
