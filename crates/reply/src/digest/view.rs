//! What the template of a digest is given.

use serde::Serialize;
use tidewaiter_policy::Outcome;

use super::{DigestDraft, DigestItem, item::Shown};
use crate::{render::operator, statement::Policy, text};

/// What the digest's template sees.
#[derive(Debug, Serialize)]
pub(crate) struct DigestView {
    pub(crate) list: String,
    pub(crate) operator: String,
    pub(crate) first_day: String,
    pub(crate) last_day: String,
    pub(crate) policy: Policy,
    pub(crate) declined: Option<String>,
    pub(crate) asked: Option<String>,
    pub(crate) within: Option<String>,
    pub(crate) marked: Option<String>,
    pub(crate) lost: Option<String>,
    pub(crate) groups: Vec<Group>,
    /// Series that are only counted.
    pub(crate) more: usize,
}

/// The series of one subsystem.
#[derive(Debug, Serialize)]
pub(crate) struct Group {
    name: Option<String>,
    series: Vec<Shown>,
}

/// The gravest of each subsystem first, subsystems by name, what has none last.
pub(super) fn view(draft: &DigestDraft<'_>, most: usize) -> DigestView {
    let mut kept = draft.items.to_vec();
    DigestItem::keep_fairly(&mut kept, most);
    let more = draft.items.len().saturating_sub(most);
    let mut items: Vec<&DigestItem> = kept.iter().collect();
    items.sort_by_key(|item| std::cmp::Reverse(item.outcome));
    let name = |item: &DigestItem| item.subsystem.as_deref().and_then(text::title);
    items.sort_by_cached_key(|item| (name(item).is_none(), name(item)));
    let mut groups: Vec<Group> = Vec::new();
    for item in items {
        let name = name(item);
        match groups.last_mut().filter(|group| group.name == name) {
            Some(group) => group.series.push(item.shown.clone()),
            None => groups.push(Group { name, series: vec![item.shown.clone()] }),
        }
    }
    let count = |test: &dyn Fn(&Shown) -> bool| {
        let count = draft.items.iter().filter(|item| test(&item.shown)).count();
        (count > 0).then(|| format!("{count:>5}"))
    };
    let of = |outcome| count(&|shown| shown.outcome == outcome && !shown.marks && !shown.lost);
    DigestView {
        list: text::stripped(&draft.list.list_name),
        operator: operator(&draft.identity.operator),
        first_day: draft.days.0.clone(),
        last_day: draft.days.1.clone(),
        policy: Policy::new(&draft.policy, Vec::new()),
        declined: of(Outcome::Decline),
        asked: of(Outcome::Ask),
        within: of(Outcome::Disclosure),
        marked: count(&|shown| shown.marks),
        lost: count(&|shown| shown.lost),
        groups,
        more,
    }
}

/// One of each thing that the template can be given.
pub(crate) fn sample() -> DigestView {
    let shown = |outcome, marks| Shown {
        version: "v2".to_owned(),
        title: Some("a title".to_owned()),
        patches: 3,
        id: Some("1@example.org".to_owned()),
        lines: vec!["2/3  line 9: \"AI-used-for: tests\"".to_owned()],
        outcome,
        marks,
        lost: false,
        why: Some("sent for discussion"),
    };
    let one = Some("    1".to_owned());
    let mut lost = shown(Outcome::Ask, false);
    (lost.lost, lost.title, lost.id, lost.why) = (true, None, None, None);
    let series = vec![shown(Outcome::Decline, false), shown(Outcome::Ask, false), lost];
    let others = vec![shown(Outcome::Disclosure, false), shown(Outcome::Ask, true)];
    DigestView {
        list: "a-list".to_owned(),
        operator: "Olga Operator <olga@example.net>".to_owned(),
        first_day: "2026-06-01".to_owned(),
        last_day: "2026-06-07".to_owned(),
        policy: Policy {
            id: "a-policy".to_owned(),
            project: "PROJECT".to_owned(),
            date: "2025-06-24".to_owned(),
            url: "https://policy.example.org/".to_owned(),
            in_force: false,
            quotes: Vec::new(),
        },
        declined: one.clone(),
        asked: one.clone(),
        within: one.clone(),
        marked: one.clone(),
        lost: one,
        groups: vec![
            Group { name: Some("A subsystem".to_owned()), series },
            Group { name: None, series: others },
        ],
        more: 2,
    }
}
