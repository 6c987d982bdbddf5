//! The digest: what came up on a list in a day or a week, to configured addresses.

mod fair;
mod item;
mod view;

use tidewaiter_mail::Mailbox;

use crate::{
    HeldBy, IdKey, Identity, ListReply, PolicyView, RenderError, Reply, ReplyKind, Templates,
    reply_id, text,
};

pub use self::item::{DigestItem, saying};
pub(crate) use self::view::{DigestView, sample};

/// Lines of a digest, signature included.
const LINES: usize = 300;
/// Series that are written out.
const SERIES: usize = 60;

/// All that a digest is made from.
#[derive(Clone)]
pub struct DigestDraft<'a> {
    /// Who speaks.
    pub identity: &'a Identity,
    /// The list's settings.
    pub list: &'a ListReply,
    /// The key for its Message-ID.
    pub key: &'a IdKey,
    /// Who gets it.
    pub to: &'a [Mailbox],
    /// Its first and last day, such as `2026-06-01`; the same for one day.
    pub days: (String, String),
    /// The policy.
    pub policy: PolicyView<'a>,
    /// The series, in order of time.
    pub items: &'a [DigestItem],
}

/// Writes a digest.
///
/// # Errors
/// See [`RenderError`]; each is for the operator, and no digest is sent.
pub fn digest(templates: &Templates, draft: &DigestDraft<'_>) -> Result<Reply, RenderError> {
    let (first, last) = &draft.days;
    let period = if first == last { first.clone() } else { format!("{first}/{last}") };
    let kind = ReplyKind::Digest { list: draft.list.list.clone(), period };
    let domain = &draft.identity.message_id_domain;
    let id = reply_id(draft.key, domain, &draft.list.project, None, &kind)
        .ok_or_else(|| RenderError::Domain(domain.clone()))?;
    let body = body(templates, draft)?;
    let days = if first == last { first.clone() } else { format!("{first} to {last}") };
    Ok(Reply {
        id,
        kind,
        list: draft.list.list.clone(),
        to: draft.to.to_vec(),
        cc: Vec::new(),
        from: Mailbox {
            name: Some(draft.identity.name.clone()),
            address: Some(draft.identity.address.clone()),
        },
        subject: format!("{} on {}, {days}", draft.identity.name, draft.list.list_name),
        in_reply_to: None,
        references: Vec::new(),
        policy: draft.policy.id.to_owned(),
        body,
        held_by: draft.to.is_empty().then_some(HeldBy::NoRecipient),
    })
}

fn body(templates: &Templates, draft: &DigestDraft<'_>) -> Result<String, RenderError> {
    if draft.items.is_empty() {
        return Err(RenderError::NothingToSay);
    }
    let mut length = 0;
    let mut most = SERIES;
    while most > 0 {
        let body = templates.digest(&view::view(draft, most))?;
        length = body.lines().count();
        if length <= LINES {
            return match text::trailer_like(&body) {
                Some(line) => Err(RenderError::LikeTrailer { line }),
                None => Ok(body),
            };
        }
        most /= 2;
    }
    Err(RenderError::TooLong(length))
}
