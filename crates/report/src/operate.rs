//! What `outbox list`, `outbox show`, `doctor` and `store check` print for other programs.

use schemars::JsonSchema;
use serde::Serialize;

/// One reply as it stands in the store.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StoredReply {
    /// Always `reply`.
    #[serde(rename = "type")]
    pub record: StoredReplyType,
    /// Its Message-ID.
    pub id: String,
    /// What became of it.
    pub state: String,
    /// What holds it back.
    pub held_by: Option<String>,
    /// What was last said about it.
    pub note: Option<String>,
    /// `summary`, `why` or `digest`.
    pub kind: String,
    /// The project.
    pub project: String,
    /// The list that it is for.
    pub list: String,
    /// The series that it answers.
    pub series: Option<String>,
    /// The policy that it speaks of.
    pub policy: String,
    /// Its subject; `null` where a person was forgotten.
    pub subject: Option<String>,
    /// Who it is from.
    pub sender: String,
    /// Who it goes to.
    pub recipients: Vec<String>,
    /// When what it answers came.
    pub about: String,
    /// When it was queued.
    pub queued: String,
    /// When a person released it.
    pub released: Option<String>,
    /// Not to be tried before this.
    pub not_before: String,
    /// How often it was tried.
    pub tries: u32,
    /// When the last try began.
    pub armed: Option<String>,
    /// When the server took it.
    pub sent: Option<String>,
    /// When it came back through the list.
    pub seen: Option<String>,
    /// It was cancelled while it was being sent or in doubt: it is not sent again.
    pub unwanted: bool,
    /// Each try, the first one first.
    pub attempts: Vec<StoredAttempt>,
    /// The mail as it goes out; only with `outbox show`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
}

/// Tells the record of a stored reply from others.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StoredReplyType {
    /// A reply.
    Reply,
}

/// One try to deliver a reply.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StoredAttempt {
    /// When it ended.
    pub time: String,
    /// The last step of the conversation.
    pub step: String,
    /// The state that came of it.
    pub outcome: String,
    /// What the server or the connection said.
    pub detail: Option<String>,
}

/// One thing that `doctor` or `store check` looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Checked {
    /// Always `check`.
    #[serde(rename = "type")]
    pub record: CheckedType,
    /// What was looked at: `mailbox lists`, `smtp`, `store`.
    pub part: String,
    /// How it is.
    pub status: CheckStatus,
    /// What was found, as a sentence.
    pub text: String,
    /// What to do; `null` where nothing has to be done.
    pub advice: Option<String>,
}

/// Tells the record of a check from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckedType {
    /// A check.
    Check,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// As it should be.
    Ok,
    /// It works, but somebody should look at it.
    Warn,
    /// It does not work.
    Fail,
}

impl CheckStatus {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}
