//! The last lines: what it comes to, under which policy, and why that one.

use tidewaiter_engine::Judgement;
use tidewaiter_mail::Note;
use tidewaiter_policy::{Assessment, NotJudged, Severity, Status};
use tidewaiter_report::{counted, lines};

use super::Assessed;
use crate::{archives::safe, cli::Global};

/// The closing lines, at most `width` columns wide but for long words.
pub(super) fn up(assessed: &Assessed, global: &Global, width: usize) -> String {
    let mut said = Vec::new();
    let judgement = assessed.checked.judged.first();
    said.push(match judgement {
        Some(Judgement { assessment: Some(assessment), .. }) => outcome(assessed, assessment),
        Some(judgement) => not_judged(assessed, judgement),
        None => format!("nothing was checked under {}", assessed.picked.id),
    });
    let series = &assessed.checked.judged.series;
    if !series.complete() {
        let (received, total) = (series.received(), series.total);
        said.push(format!(
            "{received} of {} given: limits for a whole series may come out otherwise",
            if total == 1 { "1 patch was".to_owned() } else { format!("{total} patches were") }
        ));
    }
    for part in series.parts().filter(|part| part.mail.has_note(Note::MangledDiff)) {
        said.push(format!(
            "the diff of patch {} is damaged; it was read as far as it goes",
            part.index
        ));
    }
    said.push(policy(assessed));
    if global.verbose {
        for id in &assessed.picked.proposals {
            said.push(format!("--policy {id} shows the same under what is proposed"));
        }
    }
    let mut out = String::new();
    for text in said {
        for (number, line) in lines(&safe(&text), width.saturating_sub(2)).iter().enumerate() {
            out.push_str(if number == 0 { "" } else { "  " });
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

fn outcome(assessed: &Assessed, assessment: &Assessment) -> String {
    let count = |severity| assessment.findings.iter().filter(|f| f.severity == severity).count();
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let kinds = [
        (count(Severity::Decline), "decline", "declines"),
        (count(Severity::Ask), "ask", "asks"),
        (count(Severity::Note), "note", "notes"),
    ];
    let said: Vec<String> = kinds
        .iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, one, many)| counted(number(*count), one, many))
        .collect();
    let patches = counted(number(assessment.patches.len()), "patch", "patches");
    let id = &assessed.picked.id;
    let stated = match (assessment.declared, assessment.indicated) {
        (true, _) => "AI use is stated; ",
        (false, true) => "a tool's mark is there; ",
        (false, false) => "",
    };
    match kinds {
        [(0, ..), (0, ..), (0, ..)] => format!("{stated}nothing to change under {id}"),
        [(0, ..), (0, ..), _] => {
            format!("{stated}nothing to change under {id} ({} in {patches})", joined(&said))
        }
        _ => format!("{} in {patches} under {id}", joined(&said)),
    }
}

/// `1 decline, 2 asks and 1 note`
fn joined(said: &[String]) -> String {
    match said {
        [before, last] => format!("{before} and {last}"),
        [rest @ .., before, last] => format!("{}, {before} and {last}", rest.join(", ")),
        said => said.concat(),
    }
}

fn not_judged(assessed: &Assessed, judgement: &Judgement) -> String {
    let why = match judgement.not_judged {
        Some(NotJudged::NotThisTree) => "its patches are for another tree",
        Some(NotJudged::NoListEntry) | None => "no list is known for it",
        Some(NotJudged::Pull) => "it is a pull request",
        Some(NotJudged::Stable) => "it is for a stable branch",
        Some(NotJudged::AboutThePolicy) => "it is about the policy itself",
        Some(NotJudged::Repost) => "its patches were posted before",
        Some(NotJudged::Embargo) => "it goes to an address that is kept secret",
        Some(NotJudged::Failed) => "it took the program down",
        Some(NotJudged::NoPatch) => "no patch is among what was given",
    };
    let more = judgement.why.as_ref().map(|why| format!(" ({why})")).unwrap_or_default();
    format!("not checked under {}: {why}{more}", assessed.picked.id)
}

fn policy(assessed: &Assessed) -> String {
    let picked = &assessed.picked;
    let known = assessed.context.policy(&picked.id).map(|policy| {
        let status = match policy.status {
            Status::InForce => "in force",
            Status::Proposed => "proposed",
            Status::Retired => "retired",
        };
        format!(" ({status}, {})", policy.dated())
    });
    format!("policy: {}{}, {}", picked.id, known.unwrap_or_default(), picked.because)
}
