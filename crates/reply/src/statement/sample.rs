//! One of each thing that a template can be given, to try it on before a mail depends on it.

use tidewaiter_policy::Outcome;

use super::{
    Entry, Lost, Policy, Quote, Stated, View,
    why::{Spoke, WhyView},
};

/// A view for each outcome that speaks, for marks alone, and for what another person sent.
pub(crate) fn views() -> Vec<View> {
    let mut views: Vec<View> =
        [Outcome::Disclosure, Outcome::Ask, Outcome::Decline].into_iter().map(view).collect();
    let mut marks = view(Outcome::Disclosure);
    let mut bare = view(Outcome::Decline);
    bare.policy.quotes = Vec::new();
    bare.policy.in_force = false;
    if let (Some(marks), Some(bare)) = (&mut marks.stated, &mut bare.stated) {
        marks.marks = true;
        marks.uses = String::new();
        bare.resent = true;
        bare.more = 2;
        bare.more_patches = "4 and 5".to_owned();
    }
    let mut lost = view(Outcome::Ask);
    lost.stated = None;
    lost.lost.push(lost_tag());
    let mut many_lost = view(Outcome::Ask);
    many_lost.stated = None;
    many_lost.lost.extend([lost_tag(), lost_tag()]);
    many_lost.more_lost = 3;
    let mut by_another = view(Outcome::Ask);
    for quote in &mut by_another.policy.quotes {
        quote.by = Some("Olga Operator on a-list".to_owned());
    }
    views.extend([marks, bare, by_another, lost, many_lost]);
    views
}

/// Answers to a question: about something stated, about nothing, about what was not judged.
pub(crate) fn whys() -> Vec<WhyView> {
    [Some(Outcome::Decline), Some(Outcome::Silent), None].into_iter().map(why).collect()
}

fn why(judged: Option<Outcome>) -> WhyView {
    let outcome = judged.unwrap_or(Outcome::Silent);
    let View { list, operator, mut policy, stated, .. } = view(outcome);
    let spoke = outcome > Outcome::Silent;
    if !spoke {
        policy.quotes = Vec::new();
    }
    let rule = Spoke {
        rule: "a-rule".to_owned(),
        patches: "patches 2 and 3".to_owned(),
        says: "declines",
    };
    WhyView {
        outcome,
        list,
        operator,
        policy,
        version: if spoke { "v2".to_owned() } else { String::new() },
        patches: 2,
        total: 5,
        answers: usize::from(spoke),
        judged: judged.is_some(),
        stated: stated.filter(|_| spoke),
        rules: if spoke { vec![rule] } else { Vec::new() },
        more_rules: usize::from(spoke),
        left_out: !spoke,
        decided: "Nothing was sent, because nobody states anything.".to_owned(),
    }
}

fn lost_tag() -> Lost {
    Lost {
        before: "v1 patch 3".to_owned(),
        cite: "\"AI-used-for: tests\"".to_owned(),
        now: "v2 patch 3".to_owned(),
    }
}

fn view(outcome: Outcome) -> View {
    let facts = if outcome == Outcome::Ask { "touches a/core/path" } else { "" };
    View {
        outcome,
        list: "a-list".to_owned(),
        operator: "Olga Operator <olga@example.net>".to_owned(),
        policy: Policy {
            id: "a-policy".to_owned(),
            project: "PROJECT".to_owned(),
            date: "2025-06-24".to_owned(),
            url: "https://policy.example.org/".to_owned(),
            in_force: true,
            quotes: vec![Quote {
                date: "2025-06-24".to_owned(),
                url: "https://policy.example.org/".to_owned(),
                by: None,
                texts: vec!["A sentence.".to_owned(), "Another sentence.".to_owned()],
            }],
        },
        lost: Vec::new(),
        more_lost: 0,
        stated: Some(Stated {
            who: "Patches 2 and 3 of 5".to_owned(),
            plural: true,
            count: 2,
            total: 5,
            numbered: true,
            cover: false,
            answer: false,
            resent: false,
            sender: None,
            marks: false,
            entries: vec![Entry {
                lead: "2/5  ".to_owned(),
                cite: "line 9: \"AI-used-for: tests\"".to_owned(),
                size: "88 lines, tests only".to_owned(),
                facts: facts.to_owned(),
                title: Some("a title".to_owned()),
            }],
            more: 0,
            more_patches: String::new(),
            uses: "tests".to_owned(),
        }),
    }
}
