//! Message to [`Mail`]: what kind of mail it is, and what a patch mail holds.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_mail::{
    Address, AuthResults, Automatic, ContentHash, Keyring, ListId, MailDate, Mailbox, Message,
    MessageId, Note, Notes, Signed,
};

use crate::{Diff, Diffstat, Links, SubjectTag, Trailer, Unquoted, classify};

/// A mail as the rest of the program knows it.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its header fields.
    pub header: Header,
    /// What it is, with what that kind of mail holds.
    pub content: Content,
}

/// The header fields of a [`Mail`].
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// Its id, where it has one.
    pub message_id: Option<MessageId>,
    /// What its `Date` says.
    pub date: Option<MailDate>,
    /// When its topmost `Received` was written.
    pub received: Option<Timestamp>,
    /// The person who sent it (see [`Message::from`]).
    pub from: Option<Mailbox>,
    /// A list or relay wrote its own address into `From`.
    pub sender_munged: bool,
    /// How many mailboxes `From` names.
    pub from_count: usize,
    /// What the topmost `Authentication-Results` says.
    pub auth_results: Option<Box<AuthResults>>,
    /// Who signed it with a key of the keyring: the sender (see [`Message::parse_with`]).
    pub signed: Option<Box<Signed>>,
    /// Who it is addressed to.
    pub to: Vec<Mailbox>,
    /// Who gets a copy.
    pub cc: Vec<Mailbox>,
    /// The lists whose copy this is, by their List-Id.
    pub lists: Vec<ListId>,
    /// The mail it answers.
    pub in_reply_to: Option<MessageId>,
    /// The thread above it, the root first.
    pub references: Vec<MessageId>,
    /// Its whole subject.
    pub subject: Option<String>,
    /// The subject starts with `Re:` or the like.
    pub reply: bool,
    /// The tag in its subject.
    pub tag: Option<SubjectTag>,
    /// The subject without `Re:` and tags.
    pub title: String,
    /// Why no person wrote it.
    pub automatic: Option<Automatic>,
    /// The addresses in its `X-Loop`.
    pub loops: Vec<Address>,
    /// Whoever reads it believes that it is from its sender. Of two copies such a one is kept.
    pub vouched: bool,
    /// What was odd about it.
    pub notes: Notes,
    /// Tells two contents under one Message-ID apart.
    pub content: ContentHash,
}

impl Header {
    /// The mails above this one, the nearest first.
    pub fn parents(&self) -> impl Iterator<Item = &MessageId> {
        let direct = self.in_reply_to.as_ref();
        direct.into_iter().chain(self.references.iter().rev().filter(move |id| Some(*id) != direct))
    }
}

/// What kind of mail it is.
#[derive(Clone, Debug)]
pub enum Content {
    /// A patch.
    Patch(Box<Patch>),
    /// A cover letter.
    Cover(Box<CoverLetter>),
    /// A pull request, or a patch sent as part of one.
    Pull(Box<PullRequest>),
    /// A person's answer.
    Comment(Box<Comment>),
    /// None of these.
    Other(Box<Comment>),
    /// No header could be read.
    Unparsed,
}

/// The kinds of [`Content`], as `parse` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A patch.
    Patch,
    /// A cover letter.
    Cover,
    /// A pull request, or a patch sent as part of one.
    Pull,
    /// A person's answer.
    Comment,
    /// None of these.
    Other,
    /// No header could be read.
    Unparsed,
}

/// What a patch mail holds.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// The in-body `From:`, else the sender.
    pub author: Option<Mailbox>,
    /// The commit message without its subject, as `git mailinfo --scissors` leaves it.
    pub message: String,
    /// The line of the mail's decoded text on which the message starts.
    pub message_line: usize,
    /// What stands between `---` and the diff, without the diffstat.
    pub notes: String,
    /// The line of the mail's decoded text on which the notes start.
    pub notes_line: usize,
    /// The trailers of the commit message.
    pub trailers: Vec<Trailer>,
    /// The diff, `None` where the mail has none that can be read.
    pub diff: Option<Diff>,
    /// The text that [`Self::diff`] was read from; empty where there is none, and once the mail
    /// was let shrink.
    pub diff_text: String,
    /// The diffstat that the mail claims.
    pub diffstat: Option<Diffstat>,
    /// What it says of other series.
    pub links: Links,
}

/// What a cover letter holds.
#[derive(Clone, Debug, Default)]
pub struct CoverLetter {
    /// Its text, without signature and footer; lines as in the mail's decoded text, from 1.
    pub text: String,
    /// The trailers at the end of its text (above any shortlog and diffstat).
    pub trailers: Vec<Trailer>,
    /// The diffstat that it claims for the series.
    pub diffstat: Option<Diffstat>,
    /// What it says of other series.
    pub links: Links,
}

/// What a pull request holds.
#[derive(Clone, Debug, Default)]
pub struct PullRequest {
    /// It asks for a pull: no patch of its own, or number 0.
    pub request: bool,
    /// The diff of a part.
    pub diff: Option<Diff>,
    /// The diffstat that it claims.
    pub diffstat: Option<Diffstat>,
    /// The author of a part.
    pub author: Option<Mailbox>,
    /// What it says of other series.
    pub links: Links,
}

/// What a comment holds.
#[derive(Clone, Debug, Default)]
pub struct Comment {
    /// What the sender wrote.
    pub unquoted: Unquoted,
    /// The trailers that the sender gives in it.
    pub trailers: Vec<Trailer>,
    /// What it says of other series.
    pub links: Links,
    /// A diff within it; it is no patch of a series.
    pub diff: Option<Diff>,
}

impl Mail {
    /// Reads a mail's bytes.
    #[must_use]
    pub fn parse(raw: &[u8]) -> Self {
        Self::parse_with(raw, None)
    }

    /// The same, and looks whether the sender signed it with a key of the keyring.
    #[must_use]
    pub fn parse_with(raw: &[u8], keyring: Option<&Keyring>) -> Self {
        Self::from_message(Message::parse_with(raw, keyring))
    }

    /// Tells what a message is.
    #[must_use]
    pub fn from_message(message: Message) -> Self {
        classify::classify(message)
    }

    /// What kind of mail it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.content {
            Content::Patch(_) => Kind::Patch,
            Content::Cover(_) => Kind::Cover,
            Content::Pull(_) => Kind::Pull,
            Content::Comment(_) => Kind::Comment,
            Content::Other(_) => Kind::Other,
            Content::Unparsed => Kind::Unparsed,
        }
    }

    /// The patch, where it is one.
    #[must_use]
    pub fn patch(&self) -> Option<&Patch> {
        match &self.content {
            Content::Patch(patch) => Some(patch),
            _ => None,
        }
    }

    /// The cover letter, where it is one.
    #[must_use]
    pub fn cover(&self) -> Option<&CoverLetter> {
        match &self.content {
            Content::Cover(cover) => Some(cover),
            _ => None,
        }
    }

    /// What it holds as a comment, where it is one, or is no other kind.
    #[must_use]
    pub fn comment(&self) -> Option<&Comment> {
        match &self.content {
            Content::Comment(comment) | Content::Other(comment) => Some(comment),
            _ => None,
        }
    }

    /// The diff, whatever kind of mail holds it.
    #[must_use]
    pub fn diff(&self) -> Option<&Diff> {
        match &self.content {
            Content::Patch(patch) => patch.diff.as_ref(),
            Content::Pull(pull) => pull.diff.as_ref(),
            Content::Comment(comment) | Content::Other(comment) => comment.diff.as_ref(),
            Content::Cover(_) | Content::Unparsed => None,
        }
    }

    /// Notes that hold for the mail as a whole.
    #[must_use]
    pub fn has_note(&self, note: Note) -> bool {
        self.header.notes.has(note)
    }

    /// Lets go of the texts that only a first look needs: of long archives all mails are kept
    /// in memory. Trailers, diff and links stay.
    pub fn shrink(&mut self) {
        match &mut self.content {
            Content::Patch(patch) => {
                patch.message = String::new();
                patch.notes = String::new();
                patch.diff_text = String::new();
            }
            Content::Cover(cover) => cover.text = String::new(),
            Content::Comment(comment) | Content::Other(comment) => {
                comment.unquoted = Unquoted::default();
                comment.diff = None;
            }
            Content::Pull(_) | Content::Unparsed => {}
        }
    }

    /// What the mail says of other series.
    #[must_use]
    pub fn links(&self) -> Option<&Links> {
        match &self.content {
            Content::Patch(patch) => Some(&patch.links),
            Content::Cover(cover) => Some(&cover.links),
            Content::Comment(comment) | Content::Other(comment) => Some(&comment.links),
            Content::Pull(pull) => Some(&pull.links),
            Content::Unparsed => None,
        }
    }
}
