//! From an assessment to a reply.

use tidewaiter_mail::{Mailbox, MessageId};
use tidewaiter_patch::{Header, Series};
use tidewaiter_policy::Assessment;

use crate::{
    IdKey, Identity, ListReply, PolicyView, Recipients, Reply, ReplyKind, TemplateError, Templates,
    reply_id,
    statement::{Limits, View},
    text,
};

/// Lines of a reply, signature included.
pub(crate) const LINES: usize = 39;
/// Characters kept of a subject.
const SUBJECT: usize = 200;
/// Ids kept at each end of `References`.
const REFERENCES: usize = 10;

/// All that a summary is made from.
#[derive(Clone)]
pub struct Draft<'a> {
    /// Who speaks.
    pub identity: &'a Identity,
    /// The list's settings.
    pub list: &'a ListReply,
    /// The key for its Message-ID.
    pub key: &'a IdKey,
    /// The series that is answered.
    pub series: &'a Series,
    /// What the policy makes of it.
    pub assessment: &'a Assessment,
    /// The policy.
    pub policy: PolicyView<'a>,
    /// Who gets it; see [`crate::recipients()`].
    pub recipients: &'a Recipients,
}

/// Why no reply can be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The template failed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The mail that would be answered has no Message-ID.
    #[error("failed to answer a series whose first mail has no Message-ID")]
    NoMessageId,
    /// The configured domain fits into no Message-ID.
    #[error("failed to make a Message-ID with the domain `{0}`")]
    Domain(String),
    /// Nothing is declared or indicated that a line could be cited of.
    #[error("failed to find a line of the series that a reply could cite")]
    NothingToSay,
    /// Nobody may be answered: the settings have no such mails, or it is not known who asked.
    #[error("failed to answer a question: nobody may be written to")]
    NobodyToAnswer,
    /// It is too long, however little of it is written out.
    #[error("failed to keep a reply under 40 lines: it has {0}")]
    TooLong(usize),
    /// A line would be taken for a trailer by tools that gather those from answers.
    #[error("failed to keep line {line} of a reply from looking like a trailer")]
    LikeTrailer {
        /// The line, from 1.
        line: usize,
    },
}

/// Writes the summary of a series.
///
/// # Errors
/// See [`RenderError`]; each is for the operator, and no reply is sent.
pub fn render(templates: &Templates, draft: &Draft<'_>) -> Result<Reply, RenderError> {
    let kind = ReplyKind::Summary;
    let series = draft.series.id.as_ref().ok_or(RenderError::NoMessageId)?;
    let domain = &draft.identity.message_id_domain;
    let id = reply_id(draft.key, domain, &draft.list.project, Some(series), &kind)
        .ok_or_else(|| RenderError::Domain(domain.clone()))?;
    let body = body(templates, draft)?;
    Ok(Reply {
        id,
        kind,
        list: draft.list.list.clone(),
        to: draft.recipients.to.clone(),
        cc: draft.recipients.cc.clone(),
        from: Mailbox {
            name: Some(draft.identity.name.clone()),
            address: Some(draft.identity.address.clone()),
        },
        subject: subject(draft.series),
        in_reply_to: Some(series.clone()),
        references: references(draft.series, series),
        policy: draft.policy.id.to_owned(),
        body,
        held_by: draft.recipients.held_by,
    })
}

/// Writes out less and less until it is short enough.
fn body(templates: &Templates, draft: &Draft<'_>) -> Result<String, RenderError> {
    let mut length = 0;
    for (entries, sentences) in [(8, 4), (6, 4), (5, 3), (4, 2), (3, 2), (2, 1), (1, 1)] {
        let view = View::new(
            draft.series,
            draft.assessment,
            &draft.policy,
            &draft.list.list_name,
            operator(&draft.identity.operator),
            Limits { entries, sentences },
        )
        .ok_or(RenderError::NothingToSay)?;
        let body = templates.summary(&view)?;
        length = body.lines().count();
        if length <= LINES {
            return match text::trailer_like(&body) {
                Some(line) => Err(RenderError::LikeTrailer { line }),
                None => Ok(body),
            };
        }
    }
    Err(RenderError::TooLong(length))
}

pub(crate) fn operator(operator: &Mailbox) -> String {
    let name = operator.name.as_deref().map(text::stripped).filter(|name| !name.is_empty());
    match (name, &operator.address) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(name), None) => name,
        (None, Some(address)) => address.to_string(),
        (None, None) => String::new(),
    }
}

/// `Re:` and the subject of the mail that is answered.
pub(crate) fn subject(series: &Series) -> String {
    let lead = series.parts().find(|part| part.mail.header.message_id == series.id);
    let Some(subject) = lead.and_then(|part| part.mail.header.subject.as_deref()) else {
        return "Re:".to_owned();
    };
    let subject: String = text::stripped(subject).chars().take(SUBJECT).collect();
    format!("Re: {}", subject.trim_end())
}

/// RFC 5322 section 3.6.4, trimmed in the middle.
fn references(series: &Series, answered: &MessageId) -> Vec<MessageId> {
    let lead = series.parts().find(|part| part.mail.header.message_id == series.id);
    above(lead.map(|part| &part.mail.header), answered)
}

/// The thread above an answer to this mail.
pub(crate) fn above(header: Option<&Header>, answered: &MessageId) -> Vec<MessageId> {
    let mut ids: Vec<MessageId> = Vec::new();
    let above = header.map(|h| h.references.as_slice()).unwrap_or_default();
    let parent = header.and_then(|h| h.in_reply_to.as_ref()).filter(|_| above.is_empty());
    for id in above.iter().chain(parent).chain([answered]) {
        if ids.last() != Some(id) {
            ids.push(id.clone());
        }
    }
    if ids.len() > 2 * REFERENCES {
        ids.drain(REFERENCES..ids.len() - REFERENCES);
    }
    ids
}
