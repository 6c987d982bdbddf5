//! One conversation with the server, step by step, so that it is known what may have left.

use std::{error::Error as _, future::Future, sync::atomic::Ordering, time::Duration};

use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
        response::Response,
    },
};
use tidewaiter_store::{Arming, Refused, point::reach};
use tokio::{net::TcpStream, time::timeout};

use crate::{Security, Server, refusal::no_mailbox, stream::Careful};

/// A step, named for what was said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Connect,
    Tls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Arm,
    Body,
}

impl Step {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Arm => "arm",
            Self::Body => "body",
        }
    }
}

/// What came of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The server took it.
    Sent,
    /// It is sure that the server has not got it, and it may be tried again.
    Later,
    /// The server refused it for good.
    Refused,
    /// The server, or our settings for it, do not work: it is the same for every mail.
    Ours,
    /// Nobody knows whether the server has got it.
    Doubt,
    /// The store did not let it leave.
    NotArmed(Arming),
    /// The store failed before it left.
    NoStore(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tried {
    pub(crate) step: Step,
    pub(crate) outcome: Outcome,
    pub(crate) detail: String,
    /// The recipients that the server would not take, where that ended it.
    pub(crate) refused: Vec<Refused>,
}

impl Tried {
    pub(crate) fn new(step: Step, outcome: Outcome, detail: String) -> Self {
        Self { step, outcome, detail, refused: Vec::new() }
    }
}

/// What is to be delivered.
pub(crate) struct Envelope<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a [String],
    /// Where the server refuses this one, nothing is sent.
    pub(crate) needed: &'a str,
    pub(crate) bytes: &'a [u8],
}

/// Delivers a mail. `arm` is called once, after the server's 354 and before the first byte.
///
/// Each wait is bounded, and all before the mail together as well: lettre's own timeout covers
/// the connection only.
pub(crate) async fn deliver(
    server: &Server,
    tls: Option<TlsParameters>,
    envelope: &Envelope<'_>,
    arm: impl FnOnce(&[Refused]) -> Result<Arming, String>,
) -> Tried {
    let mut step = Step::Connect;
    let before = timeout(server.timeouts.before, prepare(server, tls, envelope, &mut step)).await;
    let (mut connection, refused) = match before {
        Ok(Ok(ready)) => ready,
        Ok(Err(tried)) => return tried,
        Err(_) => return Tried::new(step, Outcome::Later, said_nothing()),
    };
    reach("after-354");
    match arm(&refused) {
        Ok(Arming::Armed) => {}
        // Without its final dot a mail is none (RFC 5321 section 4.1.1.4).
        Ok(other) => {
            return Tried::new(Step::Arm, Outcome::NotArmed(other), String::new());
        }
        Err(why) => {
            return Tried::new(Step::Arm, Outcome::NoStore(why.clone()), why);
        }
    }
    // From here on only a plain answer counts.
    let limit = server.timeouts.for_mail(envelope.bytes.len());
    let (outcome, detail) = match timeout(limit, body(&mut connection, envelope.bytes)).await {
        Ok(Ok(response)) if class(&response) == 2 => (Outcome::Sent, text(&response)),
        Ok(Ok(response)) => (Outcome::Doubt, text(&response)),
        Ok(Err(error)) if error.is_transient() => (Outcome::Later, error.to_string()),
        Ok(Err(error)) if error.is_permanent() => (Outcome::Refused, error.to_string()),
        Ok(Err(error)) => (Outcome::Doubt, detail_of(&error)),
        Err(_) => (Outcome::Doubt, said_nothing()),
    };
    reach("after-answer");
    // Dropped, not closed: a QUIT would only delay what is to be written down now.
    drop(connection);
    Tried::new(Step::Body, outcome, detail)
}

type Ready = (AsyncSmtpConnection, Vec<Refused>);

/// Everything up to the server's 354.
async fn prepare(
    server: &Server,
    tls: Option<TlsParameters>,
    envelope: &Envelope<'_>,
    step: &mut Step,
) -> Result<Ready, Tried> {
    let wait = server.timeouts.step;
    let mut connection = connect(server, tls, step).await?;
    log_in(server, &mut connection, step).await?;
    reach("after-auth");
    *step = Step::Mail;
    let sender = address(envelope.from).map_err(|detail| unsendable(*step, detail))?;
    let answer = within(wait, connection.command(Mail::new(Some(sender), Vec::new()))).await;
    positive(answer).map_err(|f| f.tried(*step, login_or_refused))?;
    reach("after-mail");
    *step = Step::Rcpt;
    let mut refused = Vec::new();
    for recipient in envelope.to {
        let to = address(recipient).map_err(|detail| unsendable(*step, detail))?;
        let answer = within(wait, connection.command(Rcpt::new(to, Vec::new()))).await;
        match positive(answer) {
            Ok(_) => {}
            Err(failed) => {
                let needed = recipient.eq_ignore_ascii_case(envelope.needed);
                let for_good = failed.is_for_good();
                let tried = failed.tried(*step, login_or_refused);
                if tried.outcome != Outcome::Refused || needed {
                    let detail = format!("{recipient} was refused: {}", tried.detail);
                    return Err(Tried { detail, refused, ..tried });
                }
                let answer = tried.detail;
                refused.push(Refused { address: recipient.clone(), answer, for_good });
            }
        }
    }
    if refused.len() == envelope.to.len() {
        let all: Vec<String> =
            refused.iter().map(|r| format!("{} was refused: {}", r.address, r.answer)).collect();
        let detail = if all.is_empty() { "it goes to nobody".to_owned() } else { all.join("; ") };
        return Err(Tried { step: *step, outcome: Outcome::Refused, detail, refused });
    }
    reach("after-rcpt");
    *step = Step::Data;
    let answer = within(wait, connection.command(Data)).await;
    match answer {
        Ok(response) if response.has_code(354) => Ok((connection, refused)),
        // lettre takes any answer up to 399 for a yes.
        Ok(response) => Err(Tried::new(*step, Outcome::Later, text(&response))),
        Err(failed) => Err(failed.tried(*step, login_or_refused)),
    }
}

/// Logs in where there is a password.
pub(crate) async fn log_in(
    server: &Server,
    connection: &mut AsyncSmtpConnection,
    step: &mut Step,
) -> Result<(), Tried> {
    let Some((user, password)) = &server.login else { return Ok(()) };
    *step = Step::Auth;
    let credentials = Credentials::new(user.clone(), password.expose().to_owned());
    let mechanisms = [Mechanism::Plain, Mechanism::Login];
    let answer = within(server.timeouts.step, connection.auth(&mechanisms, &credentials)).await;
    positive(answer).map_err(|f| f.tried(*step, ours))?;
    Ok(())
}

pub(crate) async fn connect(
    server: &Server,
    tls: Option<TlsParameters>,
    step: &mut Step,
) -> Result<AsyncSmtpConnection, Tried> {
    reach("before-connect");
    let wait = server.timeouts.step;
    let hello = ClientId::Domain(server.hello.clone());
    let target = (server.host.as_str(), server.port);
    match (server.security, tls) {
        (Security::Implicit, Some(tls)) => {
            *step = Step::Tls;
            let connecting =
                AsyncSmtpConnection::connect_tokio1(target, Some(wait), &hello, Some(tls), None);
            within(wait, connecting).await.map_err(|f| f.tried(*step, ours))
        }
        (Security::StartTls, Some(tls)) => {
            let (mut connection, secured) = plain(target, wait, &hello, *step).await?;
            *step = Step::Tls;
            if !connection.can_starttls() {
                let detail = "the server does not offer STARTTLS".to_owned();
                return Err(Tried::new(*step, Outcome::Ours, detail));
            }
            let upgrade = connection.starttls(tls, &hello);
            within(wait, upgrade).await.map_err(|f| f.tried(*step, ours))?;
            secured.store(true, Ordering::Relaxed);
            Ok(connection)
        }
        (Security::Loopback, None) => {
            plain(target, wait, &hello, *step).await.map(|(connection, _)| connection)
        }
        // `Server::tls` gives the one with the other.
        _ => Err(unsendable(*step, "the settings of TLS are missing".to_owned())),
    }
}

async fn plain(
    target: (&str, u16),
    wait: Duration,
    hello: &ClientId,
    step: Step,
) -> Result<(AsyncSmtpConnection, std::sync::Arc<std::sync::atomic::AtomicBool>), Tried> {
    let stream = match timeout(wait, TcpStream::connect(target)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            return Err(Tried::new(step, Outcome::Later, error.to_string()));
        }
        Err(_) => return Err(Tried::new(step, Outcome::Later, said_nothing())),
    };
    // A mail and its final dot are two writes; the second is not to wait for the first one's
    // acknowledgement. Without it all is well but slow.
    let _ = stream.set_nodelay(true);
    let (stream, secured) = Careful::new(stream);
    let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(stream), hello);
    let connection = within(wait, connecting).await.map_err(|f| f.tried(step, ours))?;
    Ok((connection, secured))
}

/// Sends the mail and its dot, and waits for the answer.
async fn body(
    connection: &mut AsyncSmtpConnection,
    bytes: &[u8],
) -> Result<Response, lettre::transport::smtp::Error> {
    // lettre puts a line end before the dot.
    let bytes = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    let points = ["mid-body", "before-dot"];
    let parts = [first, rest, b""].into_iter().enumerate().map(move |(at, part)| {
        if let Some(point) = at.checked_sub(1).and_then(|at| points.get(at)) {
            reach(point);
        }
        part
    });
    connection.message_iter(parts).await
}

/// Why a step failed.
enum Failed {
    Silent,
    Lettre(lettre::transport::smtp::Error),
    Odd(String),
}

async fn within<T>(
    wait: Duration,
    doing: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Failed> {
    match timeout(wait, doing).await {
        Ok(done) => done.map_err(Failed::Lettre),
        Err(_) => Err(Failed::Silent),
    }
}

/// Only 2yz is a yes here; lettre takes 3yz for one too.
fn positive(answer: Result<Response, Failed>) -> Result<Response, Failed> {
    let response = answer?;
    if class(&response) == 2 { Ok(response) } else { Err(Failed::Odd(text(&response))) }
}

impl Failed {
    /// `permanent` says what a 5yz at this step means.
    fn tried(self, step: Step, permanent: fn(&str) -> Outcome) -> Tried {
        let (outcome, detail) = match self {
            Self::Silent => (Outcome::Later, said_nothing()),
            Self::Odd(detail) => (Outcome::Later, detail),
            Self::Lettre(error) => {
                let detail = detail_of(&error);
                let code = error.status().map(|code| code.to_string());
                let outcome = match code {
                    Some(code) if error.is_permanent() => permanent(&code),
                    _ if error.is_client() || distrusted(&error) => Outcome::Ours,
                    _ => Outcome::Later,
                };
                (outcome, detail)
            }
        };
        Tried::new(step, outcome, detail)
    }

    /// Whether a recipient who is refused so has no mailbox, now and later.
    fn is_for_good(&self) -> bool {
        let Self::Lettre(error) = self else { return false };
        let code = error.status().filter(|_| error.is_permanent()).map(|code| code.to_string());
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        code.is_some_and(|code| no_mailbox(&code, &said))
    }
}

fn ours(_: &str) -> Outcome {
    Outcome::Ours
}

/// 530 and the like are about us, not about the mail (RFC 4954 section 6).
fn login_or_refused(code: &str) -> Outcome {
    if ["530", "534", "535", "538"].contains(&code) { Outcome::Ours } else { Outcome::Refused }
}

/// The certificate is not believed. What else goes wrong in a handshake may pass.
fn distrusted(error: &lettre::transport::smtp::Error) -> bool {
    error.is_tls() || detail_of(error).contains("invalid peer certificate")
}

fn unsendable(step: Step, detail: String) -> Tried {
    Tried::new(step, Outcome::Refused, detail)
}

fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|_| format!("{text} cannot stand in an envelope"))
}

fn class(response: &Response) -> u8 {
    response.code().to_string().bytes().next().map_or(0, |b| b.wrapping_sub(b'0'))
}

fn text(response: &Response) -> String {
    let lines: Vec<&str> = response.message().collect();
    tidy(&format!("{} {}", response.code(), lines.join(" ")))
}

/// The whole chain of an error: rustls says the reason at its end.
fn detail_of(error: &lettre::transport::smtp::Error) -> String {
    let mut detail = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !detail.contains(&cause_text) {
            detail = format!("{detail}: {cause_text}");
        }
        source = cause.source();
    }
    tidy(&detail)
}

pub(crate) fn said_nothing() -> String {
    "the server said nothing for too long".to_owned()
}

/// What a server says goes into logs: no control characters, and not too long.
pub(crate) fn tidy(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
}
