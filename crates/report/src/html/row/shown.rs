//! Text from mails, bounded, with names or without.

use tidewaiter_mail::Mailbox;
use tidewaiter_policy::Policy;

use super::super::mask::{Mask, Quoted};

/// Characters kept of a title and of a line.
pub(super) const TITLE: usize = 160;
const TEXT: usize = 400;

/// How text of a series is shown: with names or without.
pub(super) struct Shown {
    pub(super) mask: Option<Mask>,
}

impl Shown {
    pub(super) fn title(&self, text: &str) -> String {
        self.cut(text, TITLE, Mask::whole)
    }

    pub(super) fn words(&self, text: &str) -> String {
        self.cut(text, TEXT, Mask::words)
    }

    /// A name that the cut runs through would not be known any more: it is cut again after.
    fn cut(&self, text: &str, most: usize, mask: impl Fn(&Mask, &str) -> String) -> String {
        let text = cut(text, 4 * most);
        cut(&self.mask.as_ref().map_or_else(|| text.clone(), |m| mask(m, &text)), most)
    }

    /// A line of ours around a title.
    pub(super) fn whole(&self, text: &str) -> String {
        self.mask.as_ref().map_or_else(|| text.to_owned(), |mask| mask.whole(text))
    }

    /// A reply's text.
    pub(super) fn reply(&self, text: &str, policy: Option<&Policy>) -> String {
        let masked = |mask: &Mask| mask.quoting(&Quoted::new(policy), text);
        self.mask.as_ref().map_or_else(|| text.to_owned(), masked)
    }

    pub(super) fn id(&self, id: &str) -> String {
        let id = cut(id, TITLE);
        self.mask.as_ref().map_or_else(|| id.clone(), |mask| mask.id(&id))
    }

    pub(super) fn people(&self, people: &[Mailbox]) -> String {
        let one = |m: &Mailbox| match (&self.mask, &m.address) {
            (Some(mask), Some(address)) => mask.whole(address.as_str()),
            (Some(_), None) => "[person]".to_owned(),
            (None, _) => mailbox(m),
        };
        let all: Vec<String> = people.iter().map(one).collect();
        all.join(", ")
    }
}

pub(super) fn mailbox(mailbox: &Mailbox) -> String {
    match (&mailbox.name, &mailbox.address) {
        (Some(name), Some(address)) => format!("{} <{address}>", cut(name, TITLE)),
        (Some(name), None) => cut(name, TITLE),
        (None, Some(address)) => address.to_string(),
        (None, None) => String::new(),
    }
}

/// Text from a mail, bounded.
pub(super) fn cut(text: &str, most: usize) -> String {
    let mut letters = text.chars();
    let mut out: String = letters.by_ref().take(most).collect();
    if letters.next().is_some() {
        out.push('…');
    }
    out
}
