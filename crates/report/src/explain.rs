//! What `explain` prints of one series.

use std::fmt::Write;

use tidewaiter_engine::{Judged, Judgement};
use tidewaiter_policy::Assessment;

use crate::{safe, summary::word};

/// How many lines of patches and rules are printed at most.
const PATCHES: usize = 12;

/// One series: what is declared and touched, each rule and why it spoke or not, and who would
/// get a mail and why.
#[must_use]
pub fn explain_text(judged: &Judged) -> String {
    let series = &judged.series;
    let mut text = String::new();
    let _ = writeln!(text, "{} {}", series.version, safe(&series.title));
    let id = series.id.as_ref().map_or("(no Message-ID)", |id| id.as_str());
    let complete = if series.complete() { "" } else { ", incomplete" };
    let rfc = if series.rfc { ", RFC" } else { "" };
    let _ = writeln!(
        text,
        "  {}  {} of {} patches{complete}{rfc}",
        safe(id),
        series.received(),
        series.total
    );
    let links = [("after", &series.supersedes), ("replaced by", &series.superseded_by)];
    for (label, id) in links {
        if let Some(id) = id {
            let _ = writeln!(text, "  {label} {}", safe(id.as_str()));
        }
    }
    for judgement in judged.judgements.iter().chain(&judged.against) {
        judgement_text(&mut text, judgement);
    }
    text
}

fn judgement_text(text: &mut String, judgement: &Judgement) {
    let policy = judgement.policy.as_deref().unwrap_or("no policy");
    let date = judgement.policy_date.as_ref().map(|d| format!(" of {d}")).unwrap_or_default();
    let list = judgement.list.as_ref().map(|l| format!(" for {l}")).unwrap_or_default();
    let _ = writeln!(text, "\n{policy}{date}{list}");
    if let Some(why) = &judgement.not_judged {
        let detail = judgement.why.as_ref().map(|w| format!(": {}", safe(w))).unwrap_or_default();
        let _ = writeln!(text, "  not judged: {}{detail}", word(why));
        return;
    }
    let Some(assessment) = &judgement.assessment else { return };
    let _ =
        writeln!(text, "  outcome {}, risk {}", word(&assessment.outcome), word(&assessment.risk));
    patches(text, assessment);
    let _ = writeln!(text, "  rules:");
    for rule in &assessment.trace {
        let why = rule.why.join("; ");
        let state = if rule.on { "" } else { " (off)" };
        let _ = writeln!(text, "    {}{state}: {}", rule.rule, safe(&why));
    }
    mail(text, judgement);
}

fn patches(text: &mut String, assessment: &Assessment) {
    for patch in assessment.patches.iter().take(PATCHES) {
        let _ = writeln!(
            text,
            "  {} +{} -{} [{}] risk {}  {}",
            patch.index,
            patch.added,
            patch.removed,
            patch.categories.join(", "),
            word(&patch.risk),
            safe(&patch.title)
        );
        for declared in patch.declared.iter().take(3) {
            let key = declared.key.as_deref().unwrap_or("prose");
            let _ = writeln!(
                text,
                "      declared, line {}: {}: {}",
                declared.line,
                safe(key),
                safe(&declared.value)
            );
        }
        for mark in patch.indicated.iter().take(3) {
            let _ = writeln!(text, "      mark ({}): {}", word(&mark.form), safe(&mark.value));
        }
        if !patch.reasons.is_empty() {
            let _ = writeln!(text, "      {}", safe(&patch.reasons.join("; ")));
        }
    }
    if assessment.patches.len() > PATCHES {
        let _ = writeln!(text, "  and {} more patches", assessment.patches.len() - PATCHES);
    }
}

fn mail(text: &mut String, judgement: &Judgement) {
    match (&judgement.reply, &judgement.silence) {
        (Some(reply), _) => {
            let names = |mailboxes: &[tidewaiter_mail::Mailbox]| {
                let all = mailboxes.iter().filter_map(|m| Some(m.address.as_ref()?.to_string()));
                all.collect::<Vec<_>>().join(", ")
            };
            let mode = judgement.mode.map(|m| word(&m)).unwrap_or_default();
            let _ = writeln!(
                text,
                "  mail ({mode} mode): to {}; cc {}",
                names(&reply.to),
                names(&reply.cc)
            );
            if let Some(held) = reply.held_by {
                let _ = writeln!(text, "  held by: {held}");
            }
        }
        (None, Some(silence)) => {
            let _ = writeln!(text, "  no mail: {}", word(silence));
        }
        (None, None) => {
            let _ = writeln!(text, "  no mail");
        }
    }
}
