//! A series that nobody has sent yet, judged as the list would judge it.

use std::sync::Arc;

use jiff::Timestamp;
use tidewaiter_mail::MessageId;
use tidewaiter_patch::{Mail, NotOneSeries, Series};
use tidewaiter_policy::{Observed, observe};

use crate::{Context, Judged, Judgement, State, judge};

/// A series that nobody has sent yet, with what the policies make of it.
#[derive(Clone, Debug)]
pub struct CheckedSeries {
    /// The series and its judgements; nothing is sent, so there is no reply.
    pub judged: Judged,
    /// For each finding of the first judgement the place of the mail that it is about.
    pub places: Vec<Option<usize>>,
}

/// Judges mails that were not sent yet as one series, in the order in which they would be sent.
///
/// Where `this_tree` is set, the patches are known to be for the policy's tree; else they are
/// held against it as on the list.
///
/// # Errors
/// Where the mails cannot be one series.
pub fn check(
    context: &Context,
    mails: Vec<Mail>,
    this_tree: bool,
) -> Result<CheckedSeries, NotOneSeries> {
    let observed: Vec<Observed> =
        mails.iter().map(|mail| observe(&context.vocabulary, mail)).collect();
    let state = State { observed, ..State::default() };
    let time = Timestamp::UNIX_EPOCH;
    let mails: Vec<Arc<Mail>> = mails.into_iter().map(Arc::new).collect();
    let named: Vec<Arc<Mail>> = mails.iter().enumerate().map(named).collect();
    let judgements = judge::unsent(&state, context, &Series::of_unsent(&named, time)?, this_tree);
    let mut judged = Judged {
        series: Series::of_unsent(&mails, time)?,
        judgements,
        against: None,
        again: false,
    };
    let first = judged.judgements.first().and_then(|judgement| judgement.assessment.as_ref());
    let place =
        |id: &MessageId| named.iter().position(|m| m.header.message_id.as_ref() == Some(id));
    let findings = first.map(|assessment| assessment.findings.as_slice()).unwrap_or_default();
    let places = findings.iter().map(|f| f.message_id.as_ref().and_then(place)).collect();
    judged.judgements.iter_mut().for_each(unname);
    Ok(CheckedSeries { judged, places })
}

/// The domain of names that are only lent; nobody can have it (RFC 2606).
const LENT: &str = "unsent.invalid";

/// Lends a name to a mail without Message-ID, so that findings can tell which mail they are about.
fn named((place, mail): (usize, &Arc<Mail>)) -> Arc<Mail> {
    let mut named = Arc::clone(mail);
    if named.header.message_id.is_none() {
        let id = MessageId::new(&format!("{place}@{LENT}"));
        Arc::make_mut(&mut named).header.message_id = id;
    }
    named
}

/// Takes lent names back.
fn unname(judgement: &mut Judgement) {
    let Some(assessment) = &mut judgement.assessment else { return };
    let findings = assessment.findings.iter_mut().map(|finding| &mut finding.message_id);
    findings.for_each(take_back);
    for patch in &mut assessment.patches {
        take_back(&mut patch.message_id);
        patch.declared.iter_mut().for_each(|declared| take_back(&mut declared.message_id));
    }
}

fn take_back(id: &mut Option<MessageId>) {
    if id.as_ref().is_some_and(|id| id.as_str().ends_with(LENT)) {
        *id = None;
    }
}
