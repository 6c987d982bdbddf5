//! What was decided of a series.

use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_mail::ListId;
use tidewaiter_patch::Series;
use tidewaiter_policy::{Assessment, NotJudged, Outcome};
use tidewaiter_reply::{Mode, Reply};

/// A series version and what every project that it reached makes of it.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The series as it stands.
    pub series: Series,
    /// One for each configured project that it reached, or one that says why there is none.
    pub judgements: Vec<Judgement>,
    /// What a second policy makes of it.
    pub against: Option<Judgement>,
    /// It was decided before, and this only brings it up to date.
    pub again: bool,
}

impl Judged {
    /// The first judgement, which stands for the series.
    #[must_use]
    pub fn first(&self) -> Option<&Judgement> {
        self.judgements.first()
    }
}

/// What one project makes of a series.
#[derive(Clone, Debug, Default)]
pub struct Judgement {
    /// The project, as the lists' configuration names it; `None` where no list has an entry.
    pub project: Option<String>,
    /// The list that it was decided for.
    pub list: Option<ListId>,
    /// The policy's id.
    pub policy: Option<String>,
    /// The date of the policy's text.
    pub policy_date: Option<String>,
    /// What the policy makes of it; `None` where it is not judged.
    pub assessment: Option<Assessment>,
    /// Why it is not judged.
    pub not_judged: Option<NotJudged>,
    /// More about that, in words.
    pub why: Option<String>,
    /// The mode that a reply was made for.
    pub mode: Option<Mode>,
    /// What would be sent.
    pub reply: Option<Reply>,
    /// Why nothing is sent although it was judged.
    pub silence: Option<Silence>,
}

impl Judgement {
    /// What comes of it; `None` where it is not judged.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.assessment.as_ref().map(|a| a.outcome)
    }

    /// A series that is not judged.
    pub(crate) fn not(why: NotJudged, detail: Option<String>) -> Self {
        Self { not_judged: Some(why), why: detail, ..Self::default() }
    }
}

/// Why nothing is sent of a series that was judged (design: "When it is judged and nothing is
/// sent").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Silence {
    /// Nothing declared, no mark, no finding but notes.
    NothingToSay,
    /// A program sent it, or a part of it; no program is answered.
    Automatic,
    /// The list does not speak of this outcome; it is for the digest.
    NotSpokenOf,
    /// It was sent for discussion (RFC, WIP).
    Rfc,
    /// A newer version came before it was judged.
    Superseded,
    /// A person has already raised AI, the policy or the tag in the thread.
    RaisedByAPerson,
    /// It is queued, applied or pulled.
    Queued,
    /// A maintainer has reviewed it.
    Reviewed,
    /// Somebody in the thread, or of an earlier version, asked for quiet.
    OptOut,
    /// An earlier version was told the same.
    SaidBefore,
    /// It was said after the series was decided, and what is decided stands.
    SaidLater,
    /// Another mail came under the Message-ID of one of its parts.
    ConflictingMessageId,
    /// It has no Message-ID that could be answered.
    NoMessageId,
    /// The reply could not be rendered; the operator is told.
    NotRendered,
    /// The policy's text has no date or link to cite, or nobody has read it.
    NothingToCite,
}
