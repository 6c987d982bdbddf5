//! What `explain` prints of one series.

use std::fmt::Write;

use tidewaiter_engine::{Judged, Judgement, Silence};
use tidewaiter_mail::MessageId;
use tidewaiter_patch::Content;
use tidewaiter_policy::{Assessment, Finding, PatchAssessment};

use crate::{
    summary::word,
    width::{WIDTH, counted, cut, one_line, wrap},
};

/// How many lines a text of one policy stays below.
const LINES: usize = 60;

/// One series: what is declared and touched, each rule and why it spoke or not, and who would
/// get a mail and why. Long series are shortened unless `all` is set.
#[must_use]
pub fn explain_text(judged: &Judged, all: bool) -> String {
    let cover = judged.series.cover.as_ref();
    let cover = cover.and_then(|part| part.mail.header.message_id.as_ref());
    let written = |detail: Detail<'_>| {
        let mut text = String::new();
        head(&mut text, judged);
        comments(&mut text, judged, detail);
        for judgement in &judged.judgements {
            judgement_text(&mut text, judgement, detail);
        }
        if let Some(second) = &judged.against {
            judgement_text(&mut text, second, Detail { rest: false, ..detail });
        }
        text
    };
    if all {
        let most = usize::MAX;
        return written(Detail {
            patches: most,
            listed: most,
            comments: most,
            tags: 3,
            why: 12,
            rest: true,
            cover,
        });
    }
    let fits = |text: &String| text.lines().count() < LINES;
    let tried = Detail::SHORTER.iter().map(|detail| written(Detail { cover, ..*detail }));
    let mut last = String::new();
    for text in tried {
        if fits(&text) {
            return text;
        }
        last = text;
    }
    last
}

/// How much is shown of a judgement.
#[derive(Clone, Copy)]
struct Detail<'a> {
    /// Patches with what they state.
    patches: usize,
    /// Patches that state nothing, a line each, and agreements.
    listed: usize,
    /// Comments.
    comments: usize,
    /// Tags and marks of a patch, each.
    tags: usize,
    /// Lines of a rule's reasons.
    why: usize,
    /// Patches in which nothing was found, too.
    rest: bool,
    /// The cover letter's id.
    cover: Option<&'a MessageId>,
}

impl Detail<'_> {
    const USUAL: Self =
        Self { patches: 6, listed: 8, comments: 6, tags: 3, why: 4, rest: true, cover: None };
    /// What is tried until a text is short enough.
    const SHORTER: [Self; 4] = [
        Self::USUAL,
        Self { patches: 4, listed: 4, comments: 4, tags: 2, why: 3, ..Self::USUAL },
        Self { patches: 3, listed: 3, comments: 2, tags: 1, why: 2, ..Self::USUAL },
        Self { patches: 1, listed: 1, comments: 1, tags: 1, why: 1, ..Self::USUAL },
    ];
}

fn line(text: &mut String, line: &str) {
    let _ = writeln!(text, "{}", cut(line, WIDTH));
}

fn head(text: &mut String, judged: &Judged) {
    let series = &judged.series;
    line(text, &format!("{} {}", series.version, one_line(&series.title)));
    let id = series.id.as_ref().map_or("(no Message-ID)", |id| id.as_str());
    line(text, &format!("  id       {}", one_line(id)));
    if let Some(author) = &series.author {
        let address = author.address.as_ref().map(|a| format!("<{a}>"));
        let parts: Vec<String> = author.name.clone().into_iter().chain(address).collect();
        line(text, &format!("  from     {}", one_line(&parts.join(" "))));
    }
    if let Some(date) = series.parts().next().and_then(|part| part.mail.header.date) {
        line(text, &format!("  date     {date}"));
    }
    let complete = if series.complete() { "" } else { ", incomplete" };
    let rfc = if series.rfc { ", RFC" } else { "" };
    let received = series.received();
    line(text, &format!("  patches  {received} of {}{complete}{rfc}", series.total));
    let ids = series.supersedes.iter().map(|id| ("after", id));
    let ids = ids.chain(series.superseded_by.iter().map(|id| ("newer", id)));
    for (label, id) in ids.chain(series.based_on.iter().take(3).map(|id| ("based on", id))) {
        line(text, &format!("  {label:<9}{}", one_line(id.as_str())));
    }
}

/// Who commented, and with which trailers; a person's word is a reason to be quiet.
fn comments(text: &mut String, judged: &Judged, detail: Detail<'_>) {
    let comments = &judged.series.comments;
    if comments.is_empty() {
        return;
    }
    let limit = detail.comments;
    line(text, &format!("  {}", counted(comments.len() as u64, "comment", "comments")));
    for part in comments.iter().take(limit) {
        let header = &part.mail.header;
        let from = header.from.as_ref();
        let name = from
            .and_then(|m| m.name.clone().or_else(|| Some(m.address.as_ref()?.to_string())))
            .unwrap_or_else(|| "(no sender)".to_owned());
        let keys: Vec<&str> = match &part.mail.content {
            Content::Comment(c) | Content::Other(c) => {
                c.trailers.iter().take(4).map(|t| t.key.as_str()).collect()
            }
            _ => Vec::new(),
        };
        let keys = if keys.is_empty() { String::new() } else { format!(": {}", keys.join(", ")) };
        line(text, &format!("    {}", one_line(&format!("{name}{keys}"))));
    }
    if comments.len() > limit {
        line(text, &format!("    and {} more (-v lists them)", comments.len() - limit));
    }
}

fn judgement_text(text: &mut String, judgement: &Judgement, detail: Detail<'_>) {
    text.push('\n');
    let policy = judgement.policy.as_deref().unwrap_or("No policy");
    let date = judgement.policy_date.as_ref().map(|d| format!(" of {d}")).unwrap_or_default();
    let list = judgement.list.as_ref().map(|l| format!(", for {l}")).unwrap_or_default();
    line(text, &one_line(&format!("{policy}{date}{list}")));
    if let Some(why) = &judgement.not_judged {
        let detail = judgement.why.as_ref().map(|w| format!(": {}", one_line(w)));
        let reason = format!("not judged ({}){}", word(why), detail.unwrap_or_default());
        wrap(text, "  ", "    ", &reason);
        return;
    }
    let Some(assessment) = &judgement.assessment else { return };
    let (outcome, risk) = (word(&assessment.outcome), word(&assessment.risk));
    line(text, &format!("  outcome: {outcome} ({risk} risk)"));
    patches(text, assessment, detail);
    agreements(text, assessment, detail);
    rules(text, assessment, detail);
    mail(text, judgement);
}

/// Patches in which something was found, with the lines; then the others, a line each.
fn patches(text: &mut String, assessment: &Assessment, detail: Detail<'_>) {
    let found = |patch: &&PatchAssessment| {
        !patch.declared.is_empty()
            || !patch.indicated.is_empty()
            || assessment.findings.iter().any(|f| f.patch == Some(patch.index))
    };
    let (first, others): (Vec<_>, Vec<_>) = assessment.patches.iter().partition(found);
    for patch in first.iter().take(detail.patches) {
        patch_line(text, patch);
        observed(text, patch, detail);
        if !patch.reasons.is_empty() {
            wrap(text, "      ", "      ", &one_line(&patch.reasons.join("; ")));
        }
    }
    more(text, first.len().saturating_sub(detail.patches), "such patch", "such patches");
    if detail.rest {
        for patch in others.iter().take(detail.listed) {
            patch_line(text, patch);
        }
        let unseen = others.len().saturating_sub(detail.listed);
        more(text, unseen, "patch that states nothing", "patches that state nothing");
    }
}

fn more(text: &mut String, count: usize, one: &str, many: &str) {
    if count > 0 {
        let patches = counted(count as u64, &format!("more {one}"), &format!("more {many}"));
        line(text, &format!("  and {patches} (-v lists them)"));
    }
}

fn patch_line(text: &mut String, patch: &PatchAssessment) {
    let label = format!(
        "  patch {}: +{} -{}, {}, {} risk: ",
        patch.index,
        patch.added,
        patch.removed,
        patch.categories.join(" "),
        word(&patch.risk),
    );
    line(text, &format!("{label}{}", one_line(&patch.title)));
}

/// What the patch declares, and what marks it carries.
fn observed(text: &mut String, patch: &PatchAssessment, detail: Detail<'_>) {
    for declared in patch.declared.iter().take(detail.tags) {
        let words = match &declared.key {
            Some(key) => format!("{key}: {}", declared.value),
            None => declared.value.clone(),
        };
        let (number, form) = (declared.line, word(&declared.form));
        let place = match &declared.message_id {
            None => "",
            id if id.as_ref() == detail.cover => "cover letter, ",
            Some(_) => "author's answer, ",
        };
        line(text, &format!("      {place}line {number} ({form}): \"{}\"", one_line(&words)));
    }
    for mark in patch.indicated.iter().take(detail.tags) {
        let place = mark.line.map(|l| format!("line {l} ")).unwrap_or_default();
        let form = word(&mark.form);
        line(text, &format!("      {place}({form}): \"{}\"", one_line(&mark.value)));
    }
}

/// Who agreed, how far that is believed, and why it does not count.
fn agreements(text: &mut String, assessment: &Assessment, detail: Detail<'_>) {
    let limit = detail.listed;
    for agreement in assessment.agreements.iter().take(limit) {
        let about = agreement.patch.map_or("the series".to_owned(), |n| format!("patch {n}"));
        let by = agreement.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let names = agreement.names.as_ref().map(|id| format!(", naming {id}")).unwrap_or_default();
        let (how, trust) = (agreement.how.words(), agreement.trust.words());
        let counts = match agreement.why {
            None => "counts".to_owned(),
            Some(why) => format!("does not count: {why}"),
        };
        let said = format!("agreement on {about}: {how}{by}{names} ({trust}), {counts}");
        wrap(text, "  ", "      ", &one_line(&said));
    }
    let unseen = assessment.agreements.len().saturating_sub(limit);
    if unseen > 0 {
        let more = counted(unseen as u64, "more agreement", "more agreements");
        line(text, &format!("  and {more} (-v lists them)"));
    }
}

fn rules(text: &mut String, assessment: &Assessment, detail: Detail<'_>) {
    for rule in assessment.trace.iter().filter(|rule| rule.on) {
        let mut findings = assessment.findings.iter().filter(|f| f.rule == rule.rule);
        let first = findings.next();
        let severity = first.map(|f| format!(" [{}]", word(&f.severity))).unwrap_or_default();
        // What spoke has to be explained; the others say mostly one thing.
        let lines = detail.why + if first.is_some() { 2 } else { 0 };
        let why = cut(&one_line(&rule.why.join("; ")), lines * (WIDTH - 10));
        wrap(text, "  ", "      ", &format!("rule {}{severity}: {why}", rule.rule));
        if let Some(finding) = first {
            sentence(text, finding);
        }
    }
    let off: Vec<&str> =
        assessment.trace.iter().filter(|rule| !rule.on).map(|rule| rule.rule.as_str()).collect();
    if !off.is_empty() {
        wrap(text, "  ", "      ", &format!("not in this policy: {}", off.join(", ")));
    }
}

/// The policy's own words, or who reports them.
fn sentence(text: &mut String, finding: &Finding) {
    match (&finding.rule_text, &finding.rule_reported_by) {
        (Some(words), _) => wrap(text, "      ", "      ", &format!("\"{}\"", one_line(words))),
        (None, Some(by)) => wrap(text, "      ", "      ", &format!("reported by {by}")),
        (None, None) => {}
    }
}

fn mail(text: &mut String, judgement: &Judgement) {
    let said = match (&judgement.reply, &judgement.silence) {
        (Some(reply), _) => {
            let names = |mailboxes: &[tidewaiter_mail::Mailbox]| {
                let all = mailboxes.iter().filter_map(|m| Some(m.address.as_ref()?.to_string()));
                all.collect::<Vec<_>>().join(", ")
            };
            let mode = judgement.mode.map(|m| word(&m)).unwrap_or_default();
            let copies = names(&reply.cc);
            let copies = if copies.is_empty() { copies } else { format!(", cc {copies}") };
            let held = reply.held_by.map(|held| format!(", held: {held}")).unwrap_or_default();
            format!("mail ({mode} mode): to {}{copies}{held}", names(&reply.to))
        }
        (None, Some(silence)) => format!("no mail: {} ({})", why_silent(*silence), word(silence)),
        (None, None) => "no mail: this policy is only compared".to_owned(),
    };
    wrap(text, "  ", "      ", &one_line(&said));
}

/// A silence in words.
pub(crate) fn why_silent(silence: Silence) -> &'static str {
    match silence {
        Silence::NothingToSay => "nothing that the policy speaks of",
        Silence::Automatic => "a program sent it, and programs are not answered",
        Silence::NotSpokenOf => "the list does not speak of this outcome",
        Silence::Rfc => "it was sent for discussion",
        Silence::Superseded => "a newer version came first",
        Silence::RaisedByAPerson => "a person has raised AI use in the thread",
        Silence::Queued => "a maintainer has queued or applied it",
        Silence::Reviewed => "a maintainer has reviewed it",
        Silence::OptOut => "somebody asked for quiet",
        Silence::SaidBefore => "an earlier version was told the same",
        Silence::SaidLater => "it was said after the series had been decided",
        Silence::ConflictingMessageId => "another mail came under one of its Message-IDs",
        Silence::NoMessageId => "it has no Message-ID that could be answered",
        Silence::NotRendered => "the reply could not be made",
        Silence::NothingToCite => "the policy has no date, link or words that a mail could cite",
    }
}
