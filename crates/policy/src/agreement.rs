//! A maintainer's word that a change may go in.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;
use tidewaiter_mail::{Address, MessageId};

use crate::Trust;

/// One agreement that stands in a thread, or what was meant for one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Agreement {
    /// The patch that it is about, from 1; `null` where it is about the whole series.
    pub patch: Option<u32>,
    /// The mail that carries it.
    pub message_id: Option<MessageId>,
    /// Who sent that mail.
    pub by: Option<Address>,
    /// How it is given.
    pub how: AgreementHow,
    /// For `agreed`: the mail that it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<MessageId>,
    /// How far its sender is believed to be who the mail says; for `agreed` the lesser of both
    /// mails.
    pub trust: Trust,
    /// It counts: the policy's rules ask for none where it reaches.
    pub counts: bool,
    /// Why it does not count.
    pub why: Option<NoAgreement>,
}

/// How an agreement is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AgreementHow {
    /// One of the policy's trailers, such as `Reviewed-by`, in a maintainer's answer.
    Review,
    /// `tidewaiter: agree` in a maintainer's direct answer.
    Agree,
    /// `tidewaiter: agreed <message-id>`, by which the author names a maintainer's answer.
    Agreed,
}

impl AgreementHow {
    /// In words, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Review => "review",
            Self::Agree => "`agree`",
            Self::Agreed => "`agreed`",
        }
    }
}

/// Why what was meant for an agreement is none: the first reason found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NoAgreement {
    /// Its `From` names not exactly one person, or was rewritten on the way.
    NoSender,
    /// A program sent it.
    Automatic,
    /// The author agrees with their own patch.
    Own,
    /// Only the author may name a maintainer's mail.
    NotAuthor,
    /// The mail that it names is not in this thread.
    NotThere,
    /// The mail that it names holds no agreement.
    NoWord,
    /// It answers no part of this series directly.
    NotDirect,
    /// It was sent before the part that it answers.
    Before,
    /// It is not known who maintains what.
    NoMaintainers,
    /// Its sender is on no `M:` line of what it is about.
    NotMaintainer,
    /// It names an agreement to another patch.
    OtherPatch,
    /// Nothing vouches for its sender, or what vouches may have been for another place.
    Unverified,
}

impl fmt::Display for NoAgreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSender => "its From does not name one person",
            Self::Automatic => "a program sent it",
            Self::Own => "it is the author's own",
            Self::NotAuthor => "only the author may name another mail",
            Self::NotThere => "the mail that it names is not in this thread",
            Self::NoWord => "the mail that it names holds no agreement",
            Self::NotDirect => "it answers no part of this series directly",
            Self::Before => "it was sent before what it answers",
            Self::NoMaintainers => "no MAINTAINERS was given",
            Self::NotMaintainer => "its sender maintains nothing that it is about",
            Self::OtherPatch => "the mail that it names is about another patch",
            Self::Unverified => "nothing vouches for its sender here",
        })
    }
}
