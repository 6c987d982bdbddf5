//! Who agreed to which patches, and whether it counts.

use std::collections::{HashMap, HashSet};

use tidewaiter_mail::{Address, MessageId};
use tidewaiter_patch::{Mail, Part, Series};

use super::{ObservedBy, PatchView, PolicyContext};
use crate::{
    Agreement, AgreementHow, NoAgreement, Policy, Trust, TrustRules,
    maintainers::Maintainers,
    observe::{CommandWord, Observed},
};

/// How many agreements are kept that count, and how many that do not.
const MOST: usize = 50;

/// An agreement with the mail that carries it. It only ever makes findings fewer.
#[derive(Debug)]
pub struct FoundAgreement<'a> {
    /// What is told of it.
    pub agreement: Agreement,
    /// The mail that carries it.
    pub mail: &'a Mail,
    /// The line of that mail's decoded text, from 1; `None` for a review.
    pub line: Option<usize>,
    /// The patches that need no other, where it counts.
    covers: Vec<u32>,
}

impl FoundAgreement<'_> {
    /// Whether it counts for a patch.
    #[must_use]
    pub fn covers(&self, patch: &PatchView<'_>) -> bool {
        self.agreement.counts && self.covers.contains(&patch.index)
    }
}

/// Finds the agreements of a series: words and reviews in its thread.
///
/// Review is agreement only where the policy takes it for that and a patch states AI use; a
/// review by somebody who maintains nothing of it is none.
pub(super) fn find<'a>(
    policy: &Policy,
    context: &PolicyContext<'_>,
    series: &'a Series,
    observed: &ObservedBy<'a>,
    patches: &[PatchView<'_>],
) -> Vec<FoundAgreement<'a>> {
    let asked = patches.iter().any(|patch| patch.content(policy).next().is_some());
    let is_review = |part: &Part, seen: &Observed| {
        let given = || part.mail.comment().into_iter().flat_map(|comment| &comment.trailers);
        let agrees = |key: &String| given().any(|trailer| trailer.is(key));
        asked && seen.reviewed && policy.agreement_trailers.iter().any(agrees)
    };
    let said: Vec<(&'a Part, &'a Observed, bool)> = series
        .parts()
        .chain(&series.comments)
        .map(|part| (part, observed(part.key)))
        .map(|(part, seen)| (part, seen, is_review(part, seen)))
        .filter(|(_, seen, review)| *review || seen.commands().iter().any(|c| c.word.agrees()))
        .collect();
    if said.is_empty() {
        return Vec::new();
    }
    let judge = Judge::new(context, series, patches, &said);
    let mut found: Vec<FoundAgreement<'a>> = Vec::new();
    let (mut good, mut bad) = (0, 0);
    let mut keep = |one: FoundAgreement<'a>| {
        let count = if one.agreement.counts { &mut good } else { &mut bad };
        *count += 1;
        if *count <= MOST {
            found.push(one);
        }
    };
    for (part, seen, review) in &said {
        if *review {
            let one = judge.given(part, AgreementHow::Review, None);
            if matches!(one.agreement.why, None | Some(NoAgreement::Unverified)) {
                keep(one);
            }
        }
        let mut agreed = false;
        for command in seen.commands() {
            match &command.word {
                CommandWord::Agree if !agreed => {
                    agreed = true;
                    keep(judge.given(part, AgreementHow::Agree, Some(command.line)));
                }
                CommandWord::Agreed(id) => keep(judge.named(part, id, command.line)),
                _ => {}
            }
        }
    }
    found
}

/// What agreements are held against.
struct Judge<'s, 'a> {
    trust: TrustRules<'s>,
    author: Option<&'a Address>,
    /// The series' parts by id.
    parts: HashMap<&'a MessageId, &'a Part>,
    /// The comments by id, each with whether it holds an agreement. Several may claim one id.
    comments: HashMap<&'a MessageId, Vec<(&'a Part, bool)>>,
    /// A part that is about the whole series: the cover letter or a lone patch.
    whole: Option<u32>,
    /// The patches; `None` where it is not known who maintains what.
    patches: Option<Vec<People<'s>>>,
}

/// Who can agree to a patch.
struct People<'s> {
    patch: u32,
    maintainers: HashSet<Address>,
    author: Option<&'s Address>,
}

/// What a mail says of whom, apart from how it says it.
struct Verdict {
    patch: Option<u32>,
    covers: Vec<u32>,
    trust: Trust,
    why: Option<NoAgreement>,
}

impl<'s, 'a> Judge<'s, 'a> {
    fn new(
        context: &PolicyContext<'s>,
        series: &'a Series,
        patches: &'s [PatchView<'_>],
        said: &[(&'a Part, &'a Observed, bool)],
    ) -> Self {
        let id = |part: &'a Part| part.mail.header.message_id.as_ref();
        let agrees = |seen: &Observed| seen.commands().iter().any(|c| c.word == CommandWord::Agree);
        let mut comments: HashMap<_, Vec<_>> = HashMap::new();
        for part in &series.comments {
            if let Some(id) = id(part) {
                comments.entry(id).or_default().push((part, false));
            }
        }
        for (part, seen, review) in said {
            let same = id(part).and_then(|id| comments.get_mut(id)).into_iter().flatten();
            for (_, word) in same.filter(|(other, _)| other.key == part.key) {
                *word = *review || agrees(seen);
            }
        }
        Self {
            trust: context.trust,
            author: series.author.as_ref().and_then(|author| author.address.as_ref()),
            parts: series.parts().filter_map(|part| Some((id(part)?, part))).collect(),
            comments,
            whole: match (&series.cover, series.patches.as_slice()) {
                (Some(cover), _) => Some(cover.index),
                (None, [lone]) if series.total <= 1 => Some(lone.index),
                _ => None,
            },
            patches: context.maintainers.map(|m| patches.iter().map(|p| people(m, p)).collect()),
        }
    }

    /// A word or review of a maintainer.
    fn given(&self, part: &'a Part, how: AgreementHow, line: Option<usize>) -> FoundAgreement<'a> {
        let needs = match how {
            AgreementHow::Review => self.trust.review_needs(),
            AgreementHow::Agree | AgreementHow::Agreed => self.trust.word_needs(),
        };
        let mut verdict = self.judge(part, how == AgreementHow::Agree);
        if verdict.why.is_none() && verdict.trust < needs {
            verdict.why = Some(NoAgreement::Unverified);
        }
        found(part, how, line, None, verdict)
    }

    /// The author's word that a maintainer agreed in the mail of this id.
    fn named(&self, part: &'a Part, id: &MessageId, line: usize) -> FoundAgreement<'a> {
        let mut verdict = self.judge_named(part, id).unwrap_or_else(|why| Verdict {
            patch: self.about(part),
            covers: Vec::new(),
            trust: self.trust_of(part),
            why: Some(why),
        });
        if verdict.why.is_none() && verdict.trust < self.trust.word_needs() {
            verdict.why = Some(NoAgreement::Unverified);
        }
        found(part, AgreementHow::Agreed, Some(line), Some(id.clone()), verdict)
    }

    fn judge_named(&self, part: &Part, id: &MessageId) -> Result<Verdict, NoAgreement> {
        if self.sender(part)? != self.author {
            return Err(NoAgreement::NotAuthor);
        }
        let named = self.comments.get(id).map_or(&[][..], Vec::as_slice);
        let mut best: Option<Result<Verdict, NoAgreement>> = None;
        // Whoever sends another mail under the same id takes nothing from this one.
        let rank = |found: &Result<Verdict, NoAgreement>| {
            found.as_ref().ok().map(|verdict| (verdict.why.is_none(), verdict.trust))
        };
        for (named, holds) in named.iter().filter(|(named, _)| named.key != part.key) {
            let found = self.judge_one(part, named, *holds);
            if best.as_ref().is_none_or(|best| rank(&found) > rank(best)) {
                best = Some(found);
            }
        }
        best.unwrap_or_else(|| {
            let own = self.parts.contains_key(id) || !named.is_empty();
            Err(if own { NoAgreement::Own } else { NoAgreement::NotThere })
        })
    }

    fn judge_one(&self, part: &Part, named: &Part, holds: bool) -> Result<Verdict, NoAgreement> {
        // That the author names it stands in for a direct answer, and for nothing else.
        let mut verdict = self.judge(named, false);
        if !holds && verdict.why != Some(NoAgreement::Own) {
            return Err(NoAgreement::NoWord);
        }
        verdict.trust = verdict.trust.min(self.trust_of(part));
        if let Some(own) = self.about(part) {
            verdict.covers.retain(|patch| *patch == own);
            if verdict.covers.is_empty() && verdict.why.is_none() {
                verdict.why = Some(NoAgreement::OtherPatch);
            }
            verdict.patch = Some(own);
        }
        Ok(verdict)
    }

    /// Everything but whether the trust is enough.
    fn judge(&self, part: &Part, directly: bool) -> Verdict {
        let mut verdict = Verdict {
            patch: self.about(part),
            covers: Vec::new(),
            trust: self.trust_of(part),
            why: None,
        };
        match self.covered(part, directly, verdict.patch) {
            Ok(covers) => verdict.covers = covers,
            Err(why) => verdict.why = Some(why),
        }
        verdict
    }

    /// The patches that the sender of an answer maintains, of those that it is about.
    fn covered(
        &self,
        part: &Part,
        directly: bool,
        patch: Option<u32>,
    ) -> Result<Vec<u32>, NoAgreement> {
        let header = &part.mail.header;
        let sender = self.sender(part)?;
        if sender == self.author {
            return Err(NoAgreement::Own);
        }
        let answered = self.answered(part).ok_or(NoAgreement::NotDirect)?;
        if directly && header.parents().next() != answered.mail.header.message_id.as_ref() {
            return Err(NoAgreement::NotDirect);
        }
        let dates = header.date.zip(answered.mail.header.date);
        let earlier = dates.is_some_and(|(date, before)| date.timestamp < before.timestamp);
        if part.time < answered.time || earlier {
            return Err(NoAgreement::Before);
        }
        let patches = self.patches.as_ref().ok_or(NoAgreement::NoMaintainers)?;
        let of_area: Vec<&People<'_>> = patches
            .iter()
            .filter(|people| patch.is_none_or(|patch| patch == people.patch))
            .filter(|people| sender.is_some_and(|sender| people.maintainers.contains(sender)))
            .collect();
        if of_area.is_empty() {
            return Err(NoAgreement::NotMaintainer);
        }
        let others = of_area.iter().filter(|people| people.author != sender);
        let covers: Vec<u32> = others.map(|people| people.patch).collect();
        if covers.is_empty() { Err(NoAgreement::Own) } else { Ok(covers) }
    }

    /// The one person who sent a mail.
    fn sender<'p>(&self, part: &'p Part) -> Result<Option<&'p Address>, NoAgreement> {
        let header = &part.mail.header;
        if self.trust.of(header) == Trust::Nothing {
            Err(NoAgreement::NoSender)
        } else if header.automatic.is_some() {
            Err(NoAgreement::Automatic)
        } else {
            Ok(header.from.as_ref().and_then(|from| from.address.as_ref()))
        }
    }

    /// How far the sender is believed. A part of the series stands for itself, an answer for what
    /// it answers.
    fn trust_of(&self, part: &Part) -> Trust {
        let header = &part.mail.header;
        match header.message_id.as_ref().and_then(|id| self.parts.get(id)) {
            Some(own) if own.key == part.key => self.trust.of(header),
            _ => self.trust.of_answer(header, part.time, self.answered(part)),
        }
    }

    /// The part of the series that a mail answers: the nearest above it.
    fn answered(&self, part: &Part) -> Option<&'a Part> {
        part.mail.header.parents().find_map(|id| self.parts.get(id).copied())
    }

    /// The patch that a mail is about; `None` where that is the whole series.
    fn about(&self, part: &Part) -> Option<u32> {
        let id = part.mail.header.message_id.as_ref();
        let own = id.and_then(|id| self.parts.get(id)).filter(|own| own.key == part.key);
        let about = own.copied().or_else(|| self.answered(part)).map(|part| part.index);
        about.filter(|index| self.whole != Some(*index))
    }
}

fn found<'a>(
    part: &'a Part,
    how: AgreementHow,
    line: Option<usize>,
    names: Option<MessageId>,
    verdict: Verdict,
) -> FoundAgreement<'a> {
    let header = &part.mail.header;
    let agreement = Agreement {
        patch: verdict.patch,
        message_id: header.message_id.clone(),
        by: header.from.as_ref().and_then(|from| from.address.clone()),
        how,
        names,
        trust: verdict.trust,
        counts: verdict.why.is_none(),
        why: verdict.why,
    };
    FoundAgreement { agreement, mail: &part.mail, line, covers: verdict.covers }
}

/// Who maintains a patch (the `M:` lines of the sections of its files, but for those that cover
/// everything) and who wrote it.
fn people<'s>(maintainers: &Maintainers, patch: &'s PatchView<'_>) -> People<'s> {
    let mut sections: HashSet<usize> = HashSet::new();
    let mut addresses: HashSet<Address> = HashSet::new();
    for (_, file) in &patch.files {
        for found in maintainers.sections_for(&file.path) {
            if found.is_catch_all() || !sections.insert(found.section) {
                continue;
            }
            let section = maintainers.sections().get(found.section);
            let persons = section.into_iter().flat_map(|section| section.maintainers());
            addresses.extend(persons.filter_map(|person| Address::new(&person.address)));
        }
    }
    let author = patch.mail.patch().and_then(|patch| patch.author.as_ref());
    People {
        patch: patch.index,
        maintainers: addresses,
        author: author.and_then(|author| author.address.as_ref()),
    }
}
