//! What `parse` prints: one object a mail.

use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_mail::{ListId, MailDate, Mailbox, MessageId, Note};
use tidewaiter_patch::{Content, Diff, Diffstat, Kind, Mail, SubjectTag, Trailer};

/// One mail as `parse --format jsonl` prints it. What a mail does not have is `null` or `[]`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ParsedMail {
    /// Where it stands: `path#offset`, or `path#object` in a git archive.
    pub source: String,
    /// Its length in the archive.
    pub bytes: usize,
    /// Its Message-ID without brackets.
    pub message_id: Option<MessageId>,
    /// What its `Date` says, in the offset that it says.
    pub date: Option<MailDate>,
    /// The person who sent it.
    pub from: Option<Mailbox>,
    /// A list or relay wrote its own address into `From`.
    pub sender_munged: bool,
    /// Who it is addressed to.
    pub to: Vec<Mailbox>,
    /// Who gets a copy.
    pub cc: Vec<Mailbox>,
    /// Every List-Id, and the id of each configured list that it is addressed to.
    pub lists: Vec<ListId>,
    /// The mail it answers.
    pub in_reply_to: Option<MessageId>,
    /// The thread above it, the root first.
    pub references: Vec<MessageId>,
    /// Its subject, decoded.
    pub subject: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// The tag in its subject.
    pub tag: Option<SubjectTag>,
    /// The in-body `From:` of a patch, else its sender; `null` for other kinds.
    pub author: Option<Mailbox>,
    /// The commit message without its subject, as `git mailinfo --scissors` leaves it.
    pub commit_message: Option<String>,
    /// What stands between `---` and the diff, without the diffstat.
    pub notes: Option<String>,
    /// The trailers of a commit message or cover letter; in a comment, those that its sender
    /// gives. `line` counts in the decoded text, from 1.
    pub trailers: Vec<Trailer>,
    /// What its hunks hold.
    pub diff: Option<Diff>,
    /// What it claims to change.
    pub diffstat: Option<Diffstat>,
    /// Ids of series that have to be applied first.
    pub based_on: Vec<MessageId>,
    /// Ids of series that it says it replaces.
    pub supersedes: Vec<MessageId>,
    /// b4's id of the change.
    pub change_id: Option<String>,
    /// Short codes for what was odd about it.
    pub notes_on_parsing: Vec<Note>,
}

impl ParsedMail {
    /// What is seen in a mail. `reached` adds the configured lists that it is addressed to.
    #[must_use]
    pub fn new(mail: Mail, source: String, bytes: usize, reached: &[ListId]) -> Self {
        let kind = mail.kind();
        let links = mail.links().cloned().unwrap_or_default();
        let Mail { header, content } = mail;
        let mut lists = header.lists;
        for list in reached {
            if !lists.contains(list) {
                lists.push(list.clone());
            }
        }
        let mut parsed = Self {
            source,
            bytes,
            message_id: header.message_id,
            date: header.date,
            from: header.from,
            sender_munged: header.sender_munged,
            to: header.to,
            cc: header.cc,
            lists,
            in_reply_to: header.in_reply_to,
            references: header.references,
            subject: header.subject,
            kind,
            tag: header.tag,
            author: None,
            commit_message: None,
            notes: None,
            trailers: Vec::new(),
            diff: None,
            diffstat: None,
            based_on: links.based_on,
            supersedes: links.supersedes,
            change_id: links.change_id,
            notes_on_parsing: header.notes.iter().collect(),
        };
        match content {
            Content::Patch(patch) => {
                parsed.author = patch.author;
                parsed.commit_message = Some(patch.message);
                parsed.notes = (!patch.notes.is_empty()).then_some(patch.notes);
                parsed.trailers = patch.trailers;
                parsed.diff = patch.diff;
                parsed.diffstat = patch.diffstat;
            }
            Content::Cover(cover) => {
                parsed.trailers = cover.trailers;
                parsed.diffstat = cover.diffstat;
            }
            Content::Pull(pull) => {
                parsed.author = pull.author;
                parsed.diff = pull.diff;
                parsed.diffstat = pull.diffstat;
            }
            Content::Comment(comment) | Content::Other(comment) => {
                parsed.trailers = comment.trailers;
            }
            Content::Unparsed => {}
        }
        parsed
    }
}
