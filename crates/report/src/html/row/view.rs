//! What a row shows, as its template reads it.

use serde::Serialize;

/// One series version.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(super) number: usize,
    pub(super) date: String,
    pub(super) outcome: String,
    pub(super) second: Option<String>,
    pub(super) differs: bool,
    /// It counts in the plots: the newest judged version of its series.
    pub(super) newest: bool,
    pub(super) declared: bool,
    pub(super) indicated: bool,
    pub(super) title: String,
    pub(super) version: Option<String>,
    pub(super) rfc: bool,
    pub(super) total: u32,
    pub(super) received: u32,
    pub(super) complete: bool,
    pub(super) added: u32,
    pub(super) removed: u32,
    pub(super) id: String,
    pub(super) author: Option<String>,
    pub(super) lists: Vec<String>,
    pub(super) patches: Vec<PatchRow>,
    pub(super) more_patches: usize,
    pub(super) judgements: Vec<JudgementRow>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct PatchRow {
    pub(super) index: u32,
    pub(super) title: String,
    pub(super) added: u32,
    pub(super) removed: u32,
    pub(super) counted: u32,
    pub(super) categories: String,
    pub(super) subsystems: String,
    pub(super) risk: String,
    pub(super) reasons: String,
    pub(super) stated: Vec<Stated>,
}

/// A line that states AI use, or a mark.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Stated {
    pub(super) mark: bool,
    pub(super) form: String,
    pub(super) line: Option<usize>,
    pub(super) text: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct JudgementRow {
    pub(super) policy: String,
    pub(super) dated: Option<String>,
    pub(super) list: Option<String>,
    pub(super) outcome: String,
    pub(super) not_judged: Option<String>,
    pub(super) findings: Vec<FindingRow>,
    pub(super) more_findings: usize,
    pub(super) reply: Option<ReplyRow>,
    pub(super) silence: Option<String>,
    /// It is the second policy, under which nothing is sent.
    pub(super) compared: bool,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct FindingRow {
    pub(super) rule: String,
    pub(super) severity: String,
    pub(super) patch: Option<u32>,
    pub(super) line: Option<usize>,
    pub(super) text: Option<String>,
    /// With the first finding of a rule only.
    pub(super) rule_text: Option<String>,
    pub(super) rule_url: Option<String>,
    pub(super) reported_by: Option<String>,
    pub(super) advice: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ReplyRow {
    pub(super) mode: String,
    pub(super) held: Option<String>,
    pub(super) to: String,
    pub(super) cc: String,
    pub(super) subject: String,
    pub(super) body: String,
}
