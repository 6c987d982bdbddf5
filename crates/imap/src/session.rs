//! One connection that is logged in: commands, and every answer looked at.
//!
//! async-imap's own commands are not used. They take the end of the connection, BYE, NO and BAD in
//! the middle of an answer for the end of the answer, and so lose mail. What is used of it is its
//! login, its tags and its parser; the rules of an answer are here.

use std::time::Duration;

use async_imap::error::Error as ImapError;
use async_imap::imap_proto::{
    Capability, MailboxDatum, Outcome, RequestId, Response, ResponseCode, Status,
};
use tokio::time::timeout;

use crate::config::{ImapConfig, Timing};
use crate::connect::{Opened, Stream, network};
use crate::cursor::{Uid, UidValidity};
use crate::fence::FenceError;
use crate::reason::{Reason, Step, plain};
use crate::secret::Secret;

/// What a server says when it has no room for us now (RFC 5530).
const BUSY: &[&str] = &["[LIMIT]", "[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]"];

/// A connection that is logged in.
pub(crate) struct Session {
    wire: async_imap::Session<Stream>,
    password: Secret,
    pub(crate) timing: Timing,
    /// Whether the server pushes.
    pub(crate) idle: bool,
    /// How many mails the mailbox holds, as last told.
    pub(crate) exists: u32,
    /// Whether the server has told of mails since this was last set to `false`.
    pub(crate) fresh: bool,
    /// When the server last told of new mails by itself.
    pub(crate) pushed: Option<std::time::Instant>,
    /// What the next mail will be numbered, as last told. It is not told of each mail that comes.
    pub(crate) next: Option<Uid>,
    /// The server has ended an IDLE by itself: the next wait is one without.
    pub(crate) idle_rests: bool,
    validity: Option<UidValidity>,
    /// The server's last message for the operator: some repeat it at every command.
    alert: Option<String>,
}

/// What opening a mailbox told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opening {
    pub(crate) validity: UidValidity,
    /// What the next mail will be numbered, as far as the server tells.
    pub(crate) next: Option<Uid>,
}

/// How the server ended an answer.
#[derive(Debug)]
pub(crate) enum Answer {
    Ok,
    No(String),
    Bad(String),
}

impl Answer {
    /// An error for NO and BAD.
    pub(crate) fn ok(self, step: Step) -> Result<(), Reason> {
        match self {
            Self::Ok => Ok(()),
            Self::No(text) if is_busy(&text) => Err(Reason::Busy { step, text }),
            Self::No(text) => Err(Reason::Answered { step, answer: "NO", text }),
            Self::Bad(text) => Err(Reason::Answered { step, answer: "BAD", text }),
        }
    }
}

impl Session {
    /// Reads the greeting, logs in, and asks what the server can do.
    ///
    /// A refused login is told as [`Reason::Refused`] with one try.
    pub(crate) async fn login(opened: Opened, config: &ImapConfig) -> Result<Self, Reason> {
        let limit = config.timing.command;
        let mut client = async_imap::Client::new(opened.stream);
        if !opened.greeted {
            let step = Step::Greeting;
            let greeting = timeout(limit, client.read_response())
                .await
                .map_err(|_| Reason::Timeout { step, after: limit })?
                .map_err(|e| unread(step, &e))?
                .ok_or(Reason::Lost { step })?;
            match greeting.parsed() {
                Response::Data { status: Status::Ok, .. } => {}
                Response::Data { status: Status::Bye, outcome } => {
                    return Err(bye(
                        step,
                        plain(outcome.information.as_deref().unwrap_or_default()),
                    ));
                }
                _ => return Err(Reason::Garbage { step }),
            }
        }
        let step = Step::Login;
        let wire = timeout(limit, client.login(&config.user, config.password.expose()))
            .await
            .map_err(|_| Reason::Timeout { step, after: limit })?
            .map_err(|(error, _)| not_logged_in(&error, &config.password))?;
        let mut session = Self {
            wire,
            password: config.password.clone(),
            timing: config.timing.clone(),
            idle: false,
            exists: 0,
            fresh: false,
            pushed: None,
            next: None,
            idle_rests: false,
            validity: None,
            alert: None,
        };
        let mut idle = false;
        let answer = session
            .command(Step::Capability, "CAPABILITY", |response| {
                if let Response::Capabilities(all) = response {
                    idle |= all.iter().any(
                        |one| matches!(one, Capability::Atom(a) if a.eq_ignore_ascii_case("IDLE")),
                    );
                }
            })
            .await?;
        session.idle = idle && matches!(answer, Answer::Ok);
        Ok(session)
    }

    /// Opens `mailbox` for reading alone.
    pub(crate) async fn examine(&mut self, mailbox: &str) -> Result<Opening, Reason> {
        let (mut validity, mut next) = (None, None);
        self.validity = None;
        let answer = self
            .command(Step::Examine, &format!("EXAMINE {}", quoted(mailbox)), |response| {
                if let Response::Data { status: Status::Ok, outcome } = response {
                    match outcome.code {
                        Some(ResponseCode::UidValidity(n)) => validity = Some(UidValidity(n)),
                        Some(ResponseCode::UidNext(n)) if n > 0 => next = Some(Uid(n)),
                        _ => {}
                    }
                }
            })
            .await?;
        match answer {
            Answer::No(text) if !is_busy(&text) => return Err(Reason::NoMailbox { text }),
            other => other.ok(Step::Examine)?,
        }
        let validity = validity.ok_or(Reason::NoUidValidity)?;
        self.validity = Some(validity);
        self.next = next;
        Ok(Opening { validity, next })
    }

    /// Asks whether anything changed, which also lets the server tell of deleted mails.
    pub(crate) async fn noop(&mut self) -> Result<(), Reason> {
        self.command(Step::Poll, "NOOP", |_| {}).await?.ok(Step::Poll)
    }

    /// Sends `command` and hands every untagged response to `take`, until the tagged one.
    pub(crate) async fn command(
        &mut self,
        step: Step,
        command: &str,
        take: impl FnMut(&Response<'_>) + Send,
    ) -> Result<Answer, Reason> {
        self.command_for(0, step, command, take).await
    }

    /// [`command`](Self::command) with an answer that may be `bytes` long.
    pub(crate) async fn command_for(
        &mut self,
        bytes: u64,
        step: Step,
        command: &str,
        mut take: impl FnMut(&Response<'_>) + Send,
    ) -> Result<Answer, Reason> {
        let for_bytes = Duration::from_secs(bytes / u64::from(self.timing.slowest.max(1)));
        let after = self.timing.command.saturating_add(for_bytes);
        let work = async {
            let tag = self.send(step, command).await?;
            loop {
                if let Some(answer) = self.receive(step, &tag, &mut take).await? {
                    return Ok(answer);
                }
            }
        };
        timeout(after, work).await.unwrap_or(Err(Reason::Timeout { step, after }))
    }

    /// Sends a command alone.
    pub(crate) async fn send(&mut self, step: Step, command: &str) -> Result<RequestId, Reason> {
        self.wire.run_command(command).await.map_err(|error| match error {
            ImapError::Io(io) => unread(step, &io),
            _ => Reason::Garbage { step },
        })
    }

    /// Sends a line that is no command: DONE.
    pub(crate) async fn send_untagged(&mut self, step: Step, line: &str) -> Result<(), Reason> {
        self.wire.run_command_untagged(line).await.map_err(|error| match error {
            ImapError::Io(io) => unread(step, &io),
            _ => Reason::Garbage { step },
        })
    }

    /// Reads the next response. What any response may say is heeded, an untagged one is handed to
    /// `take`, and the one that ends the command `tag` is returned. The caller has the timeout.
    pub(crate) async fn receive(
        &mut self,
        step: Step,
        tag: &RequestId,
        mut take: impl FnMut(&Response<'_>) + Send,
    ) -> Result<Option<Answer>, Reason> {
        let data = self
            .wire
            .read_response()
            .await
            .map_err(|e| unread(step, &e))?
            .ok_or(Reason::Lost { step })?;
        match data.parsed() {
            Response::Done { tag: of, status, outcome } => {
                let text = self.text(outcome);
                return match status {
                    // Not an answer to what was asked: nothing that follows could be trusted.
                    _ if of != tag => Err(Reason::Garbage { step }),
                    Status::Ok => Ok(Some(Answer::Ok)),
                    Status::No => Ok(Some(Answer::No(text))),
                    Status::Bad => Ok(Some(Answer::Bad(text))),
                    _ => Err(Reason::Garbage { step }),
                };
            }
            Response::Data { status: Status::Bye, outcome } => {
                return Err(bye(step, self.text(outcome)));
            }
            Response::Data { status, outcome } => match outcome.code {
                Some(ResponseCode::UidValidity(n)) if *status == Status::Ok => {
                    let now = UidValidity(n);
                    if self.validity.is_some_and(|known| known != now) {
                        return Err(Reason::UidValidityMoved { now });
                    }
                }
                // With OK, or as a warning with NO (RFC 3501 section 7.1).
                Some(ResponseCode::Alert) => {
                    let text = self.text(outcome);
                    if self.alert.as_ref() != Some(&text) {
                        tracing::warn!(text, "the IMAP server has a message for the operator");
                        self.alert = Some(text);
                    }
                }
                _ => {}
            },
            Response::MailboxData(MailboxDatum::Exists(n)) => {
                self.exists = *n;
                self.fresh = true;
            }
            _ => {}
        }
        take(data.parsed());
        Ok(None)
    }

    fn text(&self, outcome: &Outcome<'_>) -> String {
        plain(&self.password.struck_from(outcome.information.as_deref().unwrap_or_default()))
    }
}

fn bye(step: Step, text: String) -> Reason {
    if is_busy(&text) { Reason::Busy { step, text } } else { Reason::Bye { step, text } }
}

/// A quoted string (RFC 3501 section 9). The configuration has no control characters in it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn is_busy(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    BUSY.iter().any(|code| text.contains(code))
}

fn not_logged_in(error: &ImapError, password: &Secret) -> Reason {
    let step = Step::Login;
    let text = match error {
        ImapError::No(text) | ImapError::Bad(text) => text,
        ImapError::Io(io) => return unread(step, io),
        ImapError::ConnectionLost => return Reason::Lost { step },
        _ => return Reason::Garbage { step },
    };
    let text = plain(&password.struck_from(&undebugged(text)));
    if is_busy(&text) { Reason::Busy { step, text } } else { Reason::Refused { tries: 1, text } }
}

/// The server's text out of async-imap's rendering of it, `code: None, info: Some("...")`.
fn undebugged(text: &str) -> String {
    let text = text.split_once("info: Some(\"").map_or(text, |(_, rest)| rest);
    let mut plain = String::new();
    let mut chars = text.strip_suffix("\")").unwrap_or(text).chars();
    while let Some(c) = chars.next() {
        // Of other escapes, which stand for what is not printable, the name is left.
        plain.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    plain
}

/// Why nothing could be read or written.
///
/// The text of a parser's error holds what it failed on, a mail perhaps: it is not handed on.
fn unread(step: Step, error: &std::io::Error) -> Reason {
    let inner = error.get_ref();
    match inner.and_then(|inner| inner.downcast_ref::<FenceError>()) {
        Some(FenceError::Oversize { limit }) => {
            Reason::Oversize { step, limit: usize::try_from(*limit).unwrap_or(usize::MAX) }
        }
        Some(FenceError::TooDeep) => Reason::Garbage { step },
        None if error.kind() == std::io::ErrorKind::Other => Reason::Garbage { step },
        None => network(step, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes() {
        assert_eq!(quoted(r#"a "b\" c"#), r#""a \"b\\\" c""#);
    }

    #[test]
    fn a_refused_login_does_not_repeat_the_password() {
        let secret = Secret::new("canary".to_owned());
        let error = ImapError::No("code: None, info: Some(\"[X] not canary\")".to_owned());
        assert_eq!(
            not_logged_in(&error, &secret),
            Reason::Refused { tries: 1, text: "[X] not [password]".to_owned() }
        );
        let secret = Secret::new("a\"b\\c".to_owned());
        let said = format!("code: Some(Alert), info: {:?}", Some("LOGIN \"u\" \"a\\\"b\\\\c\""));
        assert_eq!(
            not_logged_in(&ImapError::Bad(said), &secret),
            Reason::Refused { tries: 1, text: "LOGIN \"u\" \"[password]\"".to_owned() }
        );
        let error = ImapError::No("code: None, info: Some(\"[LIMIT] later\")".to_owned());
        assert!(matches!(not_logged_in(&error, &secret), Reason::Busy { .. }));
    }
}
