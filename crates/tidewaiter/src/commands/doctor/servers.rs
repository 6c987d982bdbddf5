//! The mailboxes and the mail server, each looked at once.

use std::{future::Future, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tidewaiter_engine::config::daemon::{MailboxConfig, SecretAt};
use tidewaiter_imap::{ImapConfig, Probe, ProbeError, Reason};
use tidewaiter_report::{Checked, counted};
use tidewaiter_store::Beside;

use super::{Report, fail, ok, sends, warn};
use crate::{edges, failure::Failure, load::Loaded, operate::find};

/// The longest for one server altogether.
const ALTOGETHER: Duration = Duration::from_secs(60);
/// The longest for one of its answers.
const ANSWER: Duration = Duration::from_secs(15);
/// How far a server's clock may be before ours, in minutes.
const AHEAD: i64 = 5;
/// After so many hours without a mail a mailbox counts as silent.
const QUIET: i64 = 24;

pub(super) fn check(
    loaded: &Loaded,
    store: Option<&Beside>,
    report: &mut Report<'_>,
) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::io(anyhow::Error::new(error).context("failed to start")))?;
    let mailboxes = &loaded.config.daemon.mailboxes;
    if mailboxes.is_empty() {
        let text = "No mailbox is configured, so there is nothing to read.".to_owned();
        report.add(&fail("mailbox", text, "Write a `[[mailboxes]]` for each."))?;
    }
    for mailbox in mailboxes {
        let part = format!("mailbox {}", mailbox.name);
        if only_the_service(&mailbox.password) {
            report.add(&not_looked_at(&part, "Its password"))?;
            continue;
        }
        match edges::mailbox(loaded, mailbox) {
            Err(failure) => {
                let advice = "Mend the configuration of this mailbox, or the file.";
                report.add(&fail(&part, format!("{failure}."), advice))?;
            }
            Ok(mut config) => {
                config.timing.command = ANSWER;
                for checked in runtime.block_on(imap(&part, mailbox, &config, store)) {
                    report.add(&checked)?;
                }
            }
        }
    }
    report.add(&runtime.block_on(smtp(loaded)))
}

/// The secret is one that systemd hands to the service, and this is not the service.
pub(super) fn only_the_service(secret: &SecretAt) -> bool {
    matches!(secret, SecretAt::Credential(_)) && std::env::var_os("CREDENTIALS_DIRECTORY").is_none()
}

pub(super) fn not_looked_at(part: &str, what: &str) -> Checked {
    warn(
        part,
        format!("{what} is a credential, which only the service gets: it was not looked at."),
        "Run doctor as the service is run: `systemd-run --pipe -p LoadCredential=NAME:FILE \
         tidewaiter doctor`.",
    )
}

/// What a server does not answer in time counts as not answered.
async fn within<T>(doing: impl Future<Output = T>) -> Result<T, String> {
    let late = |_| format!("failed to look at it within {} seconds", ALTOGETHER.as_secs());
    tokio::time::timeout(ALTOGETHER, doing).await.map_err(late)
}

async fn imap(
    part: &str,
    mailbox: &MailboxConfig,
    config: &ImapConfig,
    store: Option<&Beside>,
) -> Vec<Checked> {
    let at = format!("{}:{}", mailbox.host, mailbox.port);
    match within(tidewaiter_imap::probe(config)).await {
        Err(late) => {
            vec![fail(part, format!("{at}: {late}."), "Look at the server and the way to it.")]
        }
        Ok(Err(error)) => {
            let text = format!("{at}: {}.", error.to_string().trim_end_matches('.'));
            vec![fail(part, text, imap_advice(&error))]
        }
        Ok(Ok(probe)) => looked(part, &at, mailbox, &probe, store),
    }
}

fn looked(
    part: &str,
    at: &str,
    mailbox: &MailboxConfig,
    probe: &Probe,
    store: Option<&Beside>,
) -> Vec<Checked> {
    let newest = match probe.newest {
        Some(time) => format!(", the newest of {}", find::minute(time)),
        None => String::new(),
    };
    let mut all = vec![ok(
        part,
        format!(
            "{at}: TLS, logged in, `{}` opened read-only: {}{newest}, UIDVALIDITY {}.",
            mailbox.mailbox,
            counted(probe.mails, "mail", "mails"),
            probe.uid_validity
        ),
    )];
    if !probe.idle {
        let text = "The server does not push (no IDLE): it is asked every minute.".to_owned();
        all.push(warn(part, text, "Nothing has to be done; replies may come a minute later."));
    }
    let now = Timestamp::now();
    if let Some(newest) = probe.newest {
        let old = now.duration_since(newest);
        if old < SignedDuration::from_mins(-AHEAD) {
            let minutes = -old.as_mins();
            let text =
                format!("By this machine's clock its newest mail comes in {minutes} minutes.");
            all.push(warn(part, text, "Set the clock of this machine, or of that server."));
        } else if old > SignedDuration::from_hours(QUIET) {
            let text = format!("Its newest mail came {} hours ago.", old.as_hours());
            all.push(warn(part, text, "Is the account still subscribed?"));
        }
    }
    let MailboxConfig { name, host, port, user, mailbox, .. } = mailbox;
    let identity = edges::identity(host, *port, user, mailbox);
    let known = |key: &str| store.and_then(|store| store.cursor(key).ok().flatten());
    // Under its name by an older program.
    let before = known(&identity).or_else(|| known(name));
    if let Some(before) = before.filter(|before| before.uid_validity != probe.uid_validity.0) {
        let text = format!(
            "The server has given its mails new numbers (UIDVALIDITY was {}).",
            before.uid_validity
        );
        all.push(warn(part, text, "Nothing has to be done: the last mails are read once more."));
    }
    all
}

fn imap_advice(error: &ProbeError) -> &'static str {
    match error {
        ProbeError::Server(Reason::Refused { .. }) => "Mend the user or the password.",
        ProbeError::Server(Reason::Tls { certificate: true, .. }) => {
            "Mend the certificate, the host's name, or `ca-file`."
        }
        ProbeError::Server(Reason::Tls { .. }) => {
            "Is there TLS on that port? Implicit TLS is usual on 993, STARTTLS on 143."
        }
        ProbeError::Server(Reason::NoStartTls { .. }) => "Use `tls = \"implicit\"` and port 993.",
        ProbeError::Server(Reason::NoMailbox { .. } | Reason::NoUidValidity) => {
            "Name the mailbox as the server lists it."
        }
        ProbeError::Server(_) => "Look at the server and the way to it; most such faults pass.",
        _ => "Mend the configuration of this mailbox.",
    }
}

async fn smtp(loaded: &Loaded) -> Checked {
    let part = "smtp";
    let login = loaded.config.daemon.smtp.as_ref().and_then(|smtp| smtp.login.as_ref());
    if login.is_some_and(|(_, password)| only_the_service(password)) {
        return not_looked_at(part, "Its password");
    }
    let mut server = match edges::server(loaded) {
        Ok(Some(server)) => server,
        Ok(None) if sends(loaded) => {
            let text = "A list's mode sends, and no mail server is configured.".to_owned();
            return fail(part, text, "Write `[smtp]`, or set the list's mode to `observe`.");
        }
        Ok(None) => {
            return ok(part, "None is configured, and every list is only observed.".to_owned());
        }
        Err(failure) => {
            return fail(part, format!("{failure}."), "Mend `[smtp]`, or the file.");
        }
    };
    server.timeouts.step = ANSWER;
    server.timeouts.before = ALTOGETHER;
    let at = format!("{}:{}", server.host, server.port);
    match tidewaiter_outbox::probe(&server).await {
        Ok(probe) => {
            let tls = if probe.tls { "TLS" } else { "without TLS, on this machine" };
            let login = if probe.logged_in { "logged in" } else { "nobody logged in" };
            ok(
                part,
                format!("{at}: {tls}, {login}; it calls itself {}. Nothing was sent.", probe.name),
            )
        }
        Err(error) => {
            let text = format!("{at}: {}.", error.to_string().trim_end_matches('.'));
            fail(part, text, smtp_advice(&error))
        }
    }
}

fn smtp_advice(error: &tidewaiter_outbox::ProbeError) -> &'static str {
    use tidewaiter_outbox::ProbeError::{Server, Step};
    match error {
        Step { step: "auth", ours: true, .. } => "Mend the user or the password.",
        Step { step: "tls", ours: true, .. } => {
            "Mend the certificate, the host's name, `ca-file`, or `tls` and `port`."
        }
        Step { .. } => "Look at the server and the way to it; most such faults pass.",
        Server(_) => "Mend `[smtp]`.",
    }
}
