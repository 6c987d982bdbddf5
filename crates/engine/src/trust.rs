//! Whether the mails that a reply would speak of are from the author.

use std::collections::HashSet;

use tidewaiter_mail::MessageId;
use tidewaiter_patch::{Part, Series};
use tidewaiter_policy::{Assessment, Trust, TrustRules};

use crate::speak::is_spoken;

/// Whether the mails that a reply would speak of are from the author: the first of the series,
/// and those that carry what the findings are about. An archive's word is taken for it unless
/// the run is strict.
pub(crate) fn is_trusted(trust: &TrustRules<'_>, series: &Series, assessment: &Assessment) -> bool {
    if !trust.strict {
        return true;
    }
    let spoken = || assessment.findings.iter().filter(|finding| is_spoken(finding));
    let alone = spoken().next().is_none();
    let named = |index: u32| spoken().any(|f| f.patch.is_none_or(|patch| patch == index));
    // The mails that say what a reply would repeat; one without an id cannot be told from others.
    let patches = assessment.patches.iter().filter(|patch| alone || named(patch.index));
    let carriers = patches.flat_map(|patch| {
        let own = patch.message_id.as_ref();
        let declared = patch.declared.iter().map(move |d| d.message_id.as_ref().or(own));
        declared.chain(patch.indicated.first().map(|_| own))
    });
    let carriers: Option<HashSet<&MessageId>> =
        carriers.chain(spoken().map(|finding| finding.message_id.as_ref())).collect();
    let Some(carriers) = carriers else { return false };
    let vouched = |part: &Part| trust.of(&part.mail.header) >= Trust::Domain;
    let carries =
        |part: &&Part| part.mail.header.message_id.as_ref().is_some_and(|id| carriers.contains(id));
    let vouched_here = |part: &Part| {
        let header = &part.mail.header;
        trust.of_answer(header, part.time, answered(series, part)) >= Trust::Domain
    };
    series.parts().take(1).all(vouched)
        && series.parts().filter(carries).all(vouched)
        && series.comments.iter().filter(carries).all(vouched_here)
}

/// The part of a series that an answer is about: the nearest above it.
fn answered<'s>(series: &'s Series, answer: &Part) -> Option<&'s Part> {
    let parts = || series.parts();
    answer
        .mail
        .header
        .parents()
        .find_map(|id| parts().find(|part| part.mail.header.message_id.as_ref() == Some(id)))
}
