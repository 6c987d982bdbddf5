//! Which lines of which mails a reply cites.

use std::collections::BTreeSet;

use tidewaiter_mail::MessageId;
use tidewaiter_patch::{Part, Series};
use tidewaiter_policy::{Assessment, Declared, Finding, Indicated, Outcome, PatchAssessment};

use super::{Entry, PolicyView, Stated, facts};
use crate::text::{self, cite, cite_mark, numbers};

/// Where a cited line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
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
/// speaks; where none does, those that declare something, else those with a mark.
pub(crate) fn named_patches(assessment: &Assessment) -> BTreeSet<u32> {
    let found: BTreeSet<u32> = facts::speaking(assessment).filter_map(|f| f.patch).collect();
    if !found.is_empty() {
        return found;
    }
    let of = |has: fn(&PatchAssessment) -> bool| -> BTreeSet<u32> {
        assessment.patches.iter().filter(|patch| has(patch)).map(|patch| patch.index).collect()
    };
    let declared = of(|patch| !patch.declared.is_empty());
    if declared.is_empty() { of(|patch| !patch.indicated.is_empty()) } else { declared }
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
    let own: Vec<u32> = lines.iter().filter_map(|line| line.place.number()).collect();
    let own: Vec<u32> = BTreeSet::from_iter(own).into_iter().collect();
    let shown = lines.get(..most).unwrap_or(&lines);
    let left: Vec<u32> = {
        let shown: BTreeSet<u32> = shown.iter().filter_map(|line| line.place.number()).collect();
        own.iter().copied().filter(|number| !shown.contains(number)).collect()
    };
    let numbered = is_numbered(series);
    let (resent, sender) = resent_by(series, &own);
    let cover = lines.iter().any(|line| line.place == Place::Cover);
    let answer = lines.iter().any(|line| matches!(line.place, Place::Answer(_)));
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
        entries: entries(shown, assessment, series.total, numbered),
        more: left.len(),
        more_patches: numbers(&left, 8),
        uses: uses(&lines, policy),
    })
}

fn who(patches: &[u32], total: u32, numbered: bool, cover: bool) -> String {
    let all = usize::try_from(total).is_ok_and(|total| total == patches.len());
    let list = numbers(patches, 6);
    let patches = match patches {
        [] if cover => return "The cover letter".to_owned(),
        [] => return "An answer by the author".to_owned(),
        [_] if !numbered => "the patch".to_owned(),
        [_] => format!("patch {list} of {total}"),
        _ if all => format!("all {total} patches"),
        _ => format!("patches {list} of {total}"),
    };
    if cover {
        return format!("The cover letter and {patches}");
    }
    let mut letters = patches.chars();
    letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

impl Place<'_> {
    fn number(self) -> Option<u32> {
        match self {
            Self::Patch(number) => Some(number),
            Self::Cover | Self::Answer(_) => None,
        }
    }
}

fn is_numbered(series: &Series) -> bool {
    series.cover.is_some()
        || series.patches.len() > 1
        || series
            .patches
            .iter()
            .any(|part| part.mail.header.tag.as_ref().is_some_and(|tag| tag.index.is_some()))
}

fn lines<'a>(
    series: &Series,
    assessment: &'a Assessment,
    policy: &PolicyView<'_>,
    named: &BTreeSet<u32>,
) -> Vec<Line<'a>> {
    let mut lines: Vec<Line<'a>> = Vec::new();
    let cover = series.cover.as_ref().and_then(|part| part.mail.header.message_id.as_ref());
    let mut add = |line: Line<'a>| {
        if !lines.iter().any(|known| known.place == line.place && known.cite == line.cite) {
            lines.push(line);
        }
    };
    for (at, patch) in assessment.patches.iter().enumerate() {
        if !named.contains(&patch.index) {
            continue;
        }
        for declared in patch.declared.iter().filter(|d| speaks_of(assessment, patch, d.line)) {
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
        for mark in patch
            .indicated
            .iter()
            .filter(|m| m.line.is_none_or(|line| speaks_of(assessment, patch, line)))
        {
            add(mark_line(mark, at, patch, policy));
        }
    }
    lines.sort_by_key(|line| match line.place {
        Place::Cover => (0, 0),
        Place::Patch(number) => (1, number),
        Place::Answer(_) => (2, 0),
    });
    lines
}

/// Whether the findings that speak of a patch are about this line. A finding without a line is
/// about all of them, and so is a reply without findings.
fn speaks_of(assessment: &Assessment, patch: &PatchAssessment, line: usize) -> bool {
    let about = |finding: &&Finding| finding.patch == Some(patch.index);
    let mut cited = facts::speaking(assessment).filter(about).filter_map(|f| f.line).peekable();
    assessment.outcome == Outcome::Disclosure
        || cited.peek().is_none()
        || cited.any(|cited| cited == line)
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
        cite: cite_mark(mark.line, mark.key.as_deref(), mark.tool.as_deref(), policy.may_cite),
        mark: true,
        use_of: None,
    }
}

fn entries(lines: &[Line<'_>], assessment: &Assessment, total: u32, numbered: bool) -> Vec<Entry> {
    let digits = total.to_string().len();
    let mut entries = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let label = match line.place {
            Place::Patch(number) => format!("{number:>digits$}/{total}"),
            Place::Cover => format!("{:>digits$}/{total}", 0),
            Place::Answer(_) => "answer".to_owned(),
        };
        let shown = numbered || line.place.number().is_none();
        let patch = line.patch.and_then(|at| assessment.patches.get(at));
        let patch = patch.filter(|_| line.place.number().is_some());
        let last = lines.get(at + 1).is_none_or(|next| next.place != line.place);
        entries.push(Entry {
            lead: if shown { format!("{label}  ") } else { String::new() },
            cite: line.cite.clone(),
            size: patch.map(facts::size).unwrap_or_default(),
            facts: patch
                .filter(|_| last)
                .map(|patch| facts::counted(assessment, patch.index))
                .unwrap_or_default(),
            title: patch.and_then(|patch| text::title(&patch.title)),
        });
    }
    entries
}

/// Whether a person sent patches of another, and that person's name.
fn resent_by(series: &Series, named: &[u32]) -> (bool, Option<String>) {
    let resent = |part: &&Part| {
        let author = part.mail.patch().and_then(|patch| patch.author.as_ref());
        let from = part.mail.header.from.as_ref();
        match (author.and_then(|a| a.address.as_ref()), from.and_then(|f| f.address.as_ref())) {
            (Some(author), Some(from)) => author != from,
            _ => false,
        }
    };
    let mut parts = series.patches.iter().filter(|part| named.contains(&part.index));
    let Some(part) = parts.find(resent) else { return (false, None) };
    let name = part.mail.header.from.as_ref().and_then(|from| from.name.as_deref());
    (true, name.and_then(text::person))
}

/// The declared uses, in a sentence; empty where one of them may not be repeated.
fn uses(lines: &[Line<'_>], policy: &PolicyView<'_>) -> String {
    let mut uses: Vec<&str> = Vec::new();
    for declared in lines.iter().filter_map(|line| line.use_of) {
        for word in &declared.uses {
            if !text::may_cite_value(word, policy.may_cite) {
                return String::new();
            }
            if !uses.contains(&word.as_str()) {
                uses.push(word);
            }
        }
    }
    uses.truncate(4);
    uses.join(", ")
}
