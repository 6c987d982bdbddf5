//! What `dry-run --jsonl` prints: one object a series version, then a summary.

use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_engine::{Judged, Judgement, Silence};
use tidewaiter_mail::{ListId, MailDate, Mailbox, MessageId};
use tidewaiter_patch::SeriesKind;
use tidewaiter_policy::{Agreement, Finding, NotJudged, Outcome, PatchAssessment, Risk};
use tidewaiter_reply::{HeldBy, Mode};

/// One series version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SeriesRecord {
    /// Always `series`.
    #[serde(rename = "type")]
    pub record: RecordType,
    /// The id of this version's cover letter or first patch.
    pub id: Option<MessageId>,
    /// What it is for.
    pub kind: SeriesKind,
    /// It was sent for discussion.
    pub rfc: bool,
    /// The title of its cover letter or first patch.
    pub title: String,
    /// Its version; 1 where its subjects name none.
    pub version: u32,
    /// How many patches its subjects promise.
    pub total: u32,
    /// How many of them came.
    pub received: u32,
    /// All of them came.
    pub complete: bool,
    /// Who sent it.
    pub author: Option<Mailbox>,
    /// The date of its cover letter or first patch, as that mail says it.
    pub date: Option<MailDate>,
    /// The lists that it came through.
    pub lists: Vec<ListId>,
    /// The version before it.
    pub supersedes: Option<MessageId>,
    /// Series that have to be applied first.
    pub based_on: Vec<MessageId>,
    /// Its patches, as the first judgement's policy sees them.
    pub patches: Vec<PatchAssessment>,
    /// Something is declared.
    pub declared: bool,
    /// Some mark was found.
    pub indicated: bool,
    /// How hard it would be to take back; `null` where it is not judged.
    pub risk: Option<Risk>,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// Who agreed to it, and what was meant for an agreement and is none, as the first judgement's
    /// policy sees them.
    pub agreements: Vec<Agreement>,
    /// The first judgement, spread out.
    #[serde(flatten)]
    pub judgement: JudgementRecord,
    /// One for each configured project that it reached.
    pub judgements: Vec<ListJudgement>,
    /// What a second policy makes of it; only with `--against`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<JudgementRecord>,
}

/// Tells the records of a dry run apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RecordType {
    /// A series version.
    Series,
    /// The last line.
    Summary,
}

/// What one policy makes of a series.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct JudgementRecord {
    /// The policy's id.
    pub policy: Option<String>,
    /// The date of its text.
    pub policy_date: Option<String>,
    /// What its rules found.
    pub findings: Vec<Finding>,
    /// What comes of it; `null` where it is not judged.
    pub outcome: Option<Outcome>,
    /// Why it is not judged.
    pub not_judged: Option<NotJudged>,
    /// More about that, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_judged_why: Option<String>,
    /// What would be sent.
    pub reply: Option<ReplyRecord>,
    /// Why nothing is sent although it was judged.
    pub silence: Option<Silence>,
}

/// What one project makes of a series.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ListJudgement {
    /// The list that it was decided for.
    pub list: Option<ListId>,
    /// What was decided.
    #[serde(flatten)]
    pub judgement: JudgementRecord,
}

/// A reply in short.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReplyRecord {
    /// The mode it was made for.
    pub mode: Mode,
    /// Its Message-ID.
    pub id: MessageId,
    /// Who it goes to.
    pub to: Vec<String>,
    /// Who gets a copy.
    pub cc: Vec<String>,
    /// What holds it back.
    pub held_by: Option<HeldBy>,
}

impl SeriesRecord {
    /// Puts what was decided of a series into a record.
    #[must_use]
    pub fn new(judged: &Judged) -> Self {
        let series = &judged.series;
        let first = judged.first();
        let assessment = first.and_then(|j| j.assessment.as_ref());
        let lead = series.parts().next();
        let nothing = Judgement::default();
        Self {
            record: RecordType::Series,
            id: series.id.clone(),
            kind: series.kind,
            rfc: series.rfc,
            title: series.title.clone(),
            version: series.version.major,
            total: series.total,
            received: series.received(),
            complete: series.complete(),
            author: series.author.clone(),
            date: lead.and_then(|part| part.mail.header.date),
            lists: series.lists.clone(),
            supersedes: series.supersedes.clone(),
            based_on: series.based_on.clone(),
            patches: assessment.map(|a| a.patches.clone()).unwrap_or_default(),
            declared: assessment.is_some_and(|a| a.declared),
            indicated: assessment.is_some_and(|a| a.indicated),
            risk: assessment.map(|a| a.risk),
            reasons: assessment.map(|a| a.reasons.clone()).unwrap_or_default(),
            agreements: assessment.map(|a| a.agreements.clone()).unwrap_or_default(),
            judgement: JudgementRecord::new(first.unwrap_or(&nothing)),
            judgements: judged
                .judgements
                .iter()
                .map(|j| ListJudgement { list: j.list.clone(), judgement: JudgementRecord::new(j) })
                .collect(),
            against: judged.against.as_ref().map(JudgementRecord::new),
        }
    }
}

impl JudgementRecord {
    fn new(judgement: &Judgement) -> Self {
        let addresses = |mailboxes: &[Mailbox]| {
            mailboxes.iter().filter_map(|m| Some(m.address.as_ref()?.to_string())).collect()
        };
        let reply = judgement.reply.as_ref().zip(judgement.mode).map(|(reply, mode)| ReplyRecord {
            mode,
            id: reply.id.clone(),
            to: addresses(&reply.to),
            cc: addresses(&reply.cc),
            held_by: reply.held_by,
        });
        Self {
            policy: judgement.policy.clone(),
            policy_date: judgement.policy_date.clone(),
            findings: judgement.assessment.as_ref().map(|a| a.findings.clone()).unwrap_or_default(),
            outcome: judgement.outcome(),
            not_judged: judgement.not_judged,
            not_judged_why: judgement.why.clone(),
            reply,
            silence: judgement.silence,
        }
    }
}
