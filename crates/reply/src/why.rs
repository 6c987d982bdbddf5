//! The answer to one person who asked why.

use tidewaiter_mail::{Address, Mailbox, MessageId};
use tidewaiter_patch::{Header, Series};
use tidewaiter_policy::{Assessment, Outcome};

use crate::{
    IdKey, Identity, ListReply, PolicyView, RenderError, Reply, ReplyKind, Templates,
    recipients::{answer_mode, asker},
    render::{LINES, above, operator, subject},
    reply_id,
    statement::{
        Limits,
        why::{Answer, WhyView},
    },
    text,
};

/// All that an answer is made from.
#[derive(Clone)]
pub struct WhyDraft<'a> {
    /// Who speaks.
    pub identity: &'a Identity,
    /// The list's settings.
    pub list: &'a ListReply,
    /// The key for its Message-ID.
    pub key: &'a IdKey,
    /// The series that it is about.
    pub series: &'a Series,
    /// The mail that asks; its sender was made sure of.
    pub asked: &'a Header,
    /// What the policy makes of the series; `None` where it is not judged.
    pub assessment: Option<&'a Assessment>,
    /// The policy.
    pub policy: PolicyView<'a>,
    /// What came of it: one sentence of our own, with no word of a mail.
    pub decided: &'a str,
}

/// The id of the answer to a person, the same for every mail that asks about this version.
#[must_use]
pub fn why_id(
    key: &IdKey,
    identity: &Identity,
    list: &ListReply,
    series: &Series,
    asker: &Address,
) -> Option<MessageId> {
    let kind = ReplyKind::Why { asker: asker.clone() };
    let series = series.id.as_ref()?;
    reply_id(key, &identity.message_id_domain, &list.project, Some(series), &kind)
}

/// Writes the answer to a question: to the person who asked alone, below their mail.
///
/// # Errors
/// See [`RenderError`]; each is for the operator, and nothing is sent.
pub fn why(templates: &Templates, draft: &WhyDraft<'_>) -> Result<Reply, RenderError> {
    let outcome = draft.assessment.map_or(Outcome::Silent, |a| a.outcome);
    let held_by = answer_mode(draft.list, outcome).ok_or(RenderError::NobodyToAnswer)?;
    let asker = asker(draft.list, draft.series, draft.asked).ok_or(RenderError::NobodyToAnswer)?;
    let address = asker.address.clone().ok_or(RenderError::NobodyToAnswer)?;
    let asked = draft.asked.message_id.as_ref().ok_or(RenderError::NoMessageId)?;
    draft.series.id.as_ref().ok_or(RenderError::NoMessageId)?;
    let id = why_id(draft.key, draft.identity, draft.list, draft.series, &address)
        .ok_or_else(|| RenderError::Domain(draft.identity.message_id_domain.clone()))?;
    Ok(Reply {
        id,
        kind: ReplyKind::Why { asker: address },
        list: draft.list.list.clone(),
        to: vec![asker],
        cc: Vec::new(),
        from: Mailbox {
            name: Some(draft.identity.name.clone()),
            address: Some(draft.identity.address.clone()),
        },
        subject: subject(draft.series),
        in_reply_to: Some(asked.clone()),
        references: above(Some(draft.asked), asked),
        policy: draft.policy.id.to_owned(),
        body: body(templates, draft)?,
        held_by,
    })
}

fn body(templates: &Templates, draft: &WhyDraft<'_>) -> Result<String, RenderError> {
    let answer = Answer {
        series: draft.series,
        assessment: draft.assessment,
        policy: &draft.policy,
        list: &draft.list.list_name,
        operator: operator(&draft.identity.operator),
        author: draft.asked.from.as_ref().and_then(|from| from.address.as_ref())
            == draft.series.author.as_ref().and_then(|author| author.address.as_ref()),
        decided: draft.decided,
    };
    let mut length = 0;
    for (entries, sentences) in [(6, 4), (4, 3), (3, 2), (2, 1), (1, 1), (1, 0)] {
        let view = WhyView::new(&answer, Limits { entries, sentences });
        let body = templates.why(&view)?;
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
