//! Which lines of which mails a reply cites.

use std::collections::{BTreeSet, HashSet};

use tidewaiter_mail::MessageId;
use tidewaiter_patch::Series;
use tidewaiter_policy::{Assessment, Declared, Indicated, IndicatedForm, PatchAssessment};

use super::{
    Entry, PolicyView, Stated, facts,
    who::{is_numbered, resent_by, who},
};
use crate::text::{self, cite, cite_mark, numbers};

/// Where a cited line stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place<'a> {
    Patch(u32),
    Cover,
    /// The author's own answer.
    Answer(&'a MessageId),
}

/// What is cited, before it is set.
struct Line<'a> {
    place: Place<'a>,
    /// The patch's place in [`Assessment::patches`].
    patch: Option<usize>,
    cite: String,
    mark: bool,
    use_of: Option<&'a Declared>,
}

/// The patches that a reply is about, by their place in the series: those with a finding that
/// speaks; where one speaks of the whole series, or none does, also those that declare something,
/// else those with a mark.
pub(crate) fn named_patches(assessment: &Assessment) -> BTreeSet<u32> {
    let mut named: BTreeSet<u32> = facts::speaking(assessment).filter_map(|f| f.patch).collect();
    if !named.is_empty() && facts::speaking(assessment).all(|f| f.patch.is_some()) {
        return named;
    }
    let of = |has: fn(&PatchAssessment) -> bool| -> BTreeSet<u32> {
        assessment.patches.iter().filter(|patch| has(patch)).map(|patch| patch.index).collect()
    };
    let declared = of(|patch| !patch.declared.is_empty());
    named.extend(if declared.is_empty() {
        of(|patch| !patch.indicated.is_empty())
    } else {
        declared
    });
    named
}

/// `None` where there is no line to cite.
pub(super) fn stated(
    series: &Series,
    assessment: &Assessment,
    policy: &PolicyView<'_>,
    most: usize,
) -> Option<Stated> {
    let named = named_patches(assessment);
    let mut lines = lines(series, assessment, policy, &named);
    // Where something is declared, a mark beside it adds nothing but doubt.
    let declared = lines.iter().any(|line| !line.mark);
    lines.retain(|line| line.mark != declared);
    if lines.is_empty() {
        return None;
    }
    let own: BTreeSet<u32> = lines.iter().filter_map(|line| line.place.number()).collect();
    let shown = lines.get(..shown(lines.len(), most)).unwrap_or(&lines);
    let left: Vec<u32> = {
        let shown: BTreeSet<u32> = shown.iter().filter_map(|line| line.place.number()).collect();
        own.difference(&shown).copied().collect()
    };
    let numbered = is_numbered(series);
    let (resent, sender) = resent_by(series, &own);
    let cover = lines.iter().any(|line| line.place == Place::Cover);
    let answer = lines.iter().any(|line| matches!(line.place, Place::Answer(_)));
    let mut entries = entries(shown, assessment, series.total, numbered);
    entries.extend(unstated(assessment, &named, &own, series.total, numbered).take(most));
    let own: Vec<u32> = own.into_iter().collect();
    Some(Stated {
        who: who(&own, series.total, numbered, cover),
        plural: own.len() + usize::from(cover) > 1,
        count: own.len(),
        total: series.total,
        numbered,
        cover,
        answer,
        resent,
        sender,
        marks: !declared,
        entries,
        more: left.len(),
        more_patches: numbers(&left, 8),
        uses: uses(&lines),
    })
}

impl Place<'_> {
    fn number(self) -> Option<u32> {
        match self {
            Self::Patch(number) => Some(number),
            Self::Cover | Self::Answer(_) => None,
        }
    }
}

/// How many lines are written out: all, where hardly one would be left; few, where most would be.
fn shown(lines: usize, most: usize) -> usize {
    if lines <= most + 1 {
        lines
    } else if lines <= 2 * most {
        most
    } else {
        most.div_ceil(2)
    }
}

/// What rules counted where the statement itself stands elsewhere: in patches that the cover
/// letter speaks for, and in the series as a whole.
fn unstated(
    assessment: &Assessment,
    named: &BTreeSet<u32>,
    own: &BTreeSet<u32>,
    total: u32,
    numbered: bool,
) -> impl Iterator<Item = Entry> {
    let patches = named.iter().filter(|patch| !own.contains(patch)).map(|patch| Some(*patch));
    patches.chain([None]).filter_map(move |patch| {
        let cite = facts::counted(assessment, patch);
        let lead = match patch {
            Some(patch) if numbered => lead(Place::Patch(patch), total),
            _ => String::new(),
        };
        let (size, facts) = (String::new(), String::new());
        (!cite.is_empty()).then_some(Entry { lead, cite, size, facts, title: None })
    })
}

/// `3/5` and two blanks, the number as wide as the total.
fn lead(place: Place<'_>, total: u32) -> String {
    let digits = total.to_string().len();
    match place {
        Place::Patch(number) => format!("{number:>digits$}/{total}  "),
        Place::Cover => format!("{:>digits$}/{total}  ", 0),
        Place::Answer(_) => "answer  ".to_owned(),
    }
}

fn lines<'a>(
    series: &Series,
    assessment: &'a Assessment,
    policy: &PolicyView<'_>,
    named: &BTreeSet<u32>,
) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    let cover = series.cover.as_ref().and_then(|part| part.mail.header.message_id.as_ref());
    let mut seen: HashSet<(Place<'a>, String)> = HashSet::new();
    let mut add = |line: Line<'a>| {
        if seen.insert((line.place, line.cite.clone())) {
            lines.push(line);
        }
    };
    for (at, patch) in assessment.patches.iter().enumerate() {
        if !named.contains(&patch.index) {
            continue;
        }
        for declared in &patch.declared {
            add(Line {
                place: place_of(declared, patch, cover),
                patch: Some(at),
                cite: cite(
                    declared.line,
                    declared.key.as_deref(),
                    &declared.value,
                    policy.may_cite,
                ),
                mark: false,
                use_of: Some(declared),
            });
        }
        for mark in &patch.indicated {
            add(mark_line(mark, at, patch, policy));
        }
    }
    // A mark in the cover letter stands on no patch.
    let mut series_alone =
        facts::speaking(assessment).filter(|f| f.patch.is_none() && f.line.is_some());
    if let Some(finding) = series_alone.next().filter(|_| lines.is_empty()) {
        let cite = cite_mark(IndicatedForm::Marker, finding.line, None, None, policy.may_cite);
        let place = if series.cover.is_some() { Place::Cover } else { Place::Patch(1) };
        lines.push(Line { place, patch: None, cite, mark: true, use_of: None });
    }
    lines.sort_by_key(|line| match line.place {
        Place::Cover => (0, 0),
        Place::Patch(number) => (1, number),
        Place::Answer(_) => (2, 0),
    });
    lines
}

fn place_of<'a>(
    declared: &'a Declared,
    patch: &PatchAssessment,
    cover: Option<&MessageId>,
) -> Place<'a> {
    match &declared.message_id {
        None => Place::Patch(patch.index),
        Some(id) if Some(id) == patch.message_id.as_ref() => Place::Patch(patch.index),
        Some(id) if Some(id) == cover => Place::Cover,
        Some(id) => Place::Answer(id),
    }
}

fn mark_line<'a>(
    mark: &'a Indicated,
    at: usize,
    patch: &PatchAssessment,
    policy: &PolicyView<'_>,
) -> Line<'a> {
    Line {
        place: Place::Patch(patch.index),
        patch: Some(at),
        cite: cite_mark(
            mark.form,
            mark.line,
            mark.key.as_deref(),
            mark.tool.as_deref(),
            policy.may_cite,
        ),
        mark: true,
        use_of: None,
    }
}

fn entries(lines: &[Line<'_>], assessment: &Assessment, total: u32, numbered: bool) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let number = line.place.number();
        let patch = line.patch.and_then(|at| assessment.patches.get(at));
        let patch = patch.filter(|_| number.is_some());
        let last = lines.get(at + 1).is_none_or(|next| next.place != line.place);
        let shown = numbered || number.is_none();
        entries.push(Entry {
            lead: if shown { lead(line.place, total) } else { String::new() },
            cite: line.cite.clone(),
            size: patch.filter(|_| !line.mark).map(facts::size).unwrap_or_default(),
            facts: number
                .filter(|_| last)
                .map(|number| facts::counted(assessment, Some(number)))
                .unwrap_or_default(),
            title: patch.and_then(|patch| text::title(&patch.title)),
        });
    }
    entries
}

/// The declared uses, in a sentence; empty where one is none that a policy lists by name, since
/// `code` is within a policy for other reasons (its size, or a maintainer's word).
fn uses(lines: &[Line<'_>]) -> String {
    let mut uses: Vec<&str> = Vec::new();
    for declared in lines.iter().filter_map(|line| line.use_of) {
        for word in &declared.uses {
            if !matches!(word.as_str(), "tests" | "docs") {
                return String::new();
            }
            if !uses.contains(&word.as_str()) {
                uses.push(word);
            }
        }
    }
    uses.join(", ")
}
