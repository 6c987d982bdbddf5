//! What only `run` needs: where mail is read, where it is sent, and what is kept.

pub(super) mod file;

// Types without a socket: `core` has no network.
use core::net::{IpAddr, SocketAddr};
use std::ops::Range;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tidewaiter_policy::ConfigError;

use super::{duration, error};

/// What only `run` needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaemonConfig {
    /// Where mail is read; `run` needs one at least.
    pub mailboxes: Vec<MailboxConfig>,
    /// Where mail is sent; needed where a list's mode sends.
    pub smtp: Option<SmtpConfig>,
    /// What is kept.
    pub store: StoreConfig,
    /// How replies are sent.
    pub outbox: OutboxConfig,
    /// The status page; `None` for none.
    pub status: Option<StatusConfig>,
    /// What is logged.
    pub log: LogConfig,
}

/// One mailbox of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxConfig {
    /// What it is called in logs and on the status page; it may be changed.
    pub name: String,
    /// The server's name, which its certificate is for.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub tls: MailTls,
    /// The user's name.
    pub user: String,
    /// Where the user's password is.
    pub password: SecretAt,
    /// A file with certificates (PEM) that are trusted besides the system's.
    pub ca_file: Option<String>,
    /// The mailbox, as the server lists it.
    pub mailbox: String,
    /// The size in bytes over which a mail is noted and not read.
    pub max_mail: u32,
    /// How old mails may be that are read again after the server gave them new numbers.
    pub rescan: SignedDuration,
}

/// The server that takes our mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpConfig {
    /// Its name, which its certificate is for.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub tls: SubmissionTls,
    /// User and where the password is.
    pub login: Option<(String, SecretAt)>,
    /// A file with certificates (PEM) that are trusted besides the system's.
    pub ca_file: Option<String>,
    /// Our name in `EHLO`; without it the domain of our address.
    pub hello: Option<String>,
}

/// Where a password, or the key, is. It never stands in the configuration itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretAt {
    /// In a file, from the configuration's folder, that nobody but its owner may read.
    File(String),
    /// Among the credentials that systemd hands to the service, under this name
    /// (`LoadCredential=`, systemd.exec(5)).
    Credential(String),
}

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// The SQLite file, from the configuration's folder.
    pub file: String,
    /// For how many days mails are kept.
    pub retain_days: u32,
}

/// How replies are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxConfig {
    /// How long a reply is tried.
    pub give_up: SignedDuration,
    /// So many bounces in a day turn the stop switch on.
    pub bounces: u32,
    /// While this file is there nothing is sent; without it the store's name with `.stop`.
    pub stop_file: Option<String>,
}

/// The status page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusConfig {
    /// Where it listens: an address of this machine alone, and a port.
    pub listen: SocketAddr,
    /// Names that it may be asked under besides `localhost` and the address itself.
    pub names: Vec<String>,
}

/// What is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct LogConfig {
    /// How a line looks.
    pub format: LogFormat,
    /// How much is logged.
    pub level: LogLevel,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A sentence, then its fields.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What a person has to look at.
    Error,
    /// And what mends itself.
    Warn,
    /// And what happens.
    #[default]
    Info,
    /// And each mail, by its Message-ID.
    Debug,
}

/// How the connection to a mailbox is secured. There is no way to do without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// TLS from the first byte, port 993.
    #[default]
    Implicit,
    /// `STARTTLS`, port 143.
    StartTls,
}

/// How the connection to the server that takes our mail is secured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubmissionTls {
    /// TLS from the first byte, port 465.
    #[default]
    Implicit,
    /// `STARTTLS`, port 587.
    StartTls,
    /// None, and no password, to a server on this machine alone, port 25.
    None,
}

impl DaemonConfig {
    pub(super) fn validate(tables: file::Tables, errors: &mut Vec<ConfigError>) -> Self {
        let mut mailboxes: Vec<MailboxConfig> = Vec::new();
        for table in tables.mailboxes {
            let span = table.name.span();
            let Some(mailbox) = mailbox(table, errors) else { continue };
            if mailboxes.iter().any(|known| known.name == mailbox.name) {
                let name = &mailbox.name;
                errors.push(wrong(format!("there are two mailboxes named `{name}`"), span));
                continue;
            }
            mailboxes.push(mailbox);
        }
        Self {
            mailboxes,
            smtp: tables.smtp.and_then(|table| smtp(table, errors)),
            store: store(tables.store, errors),
            outbox: OutboxConfig {
                give_up: duration(&tables.outbox.give_up, errors).unwrap_or_default(),
                bounces: tables.outbox.bounces,
                stop_file: tables.outbox.stop_file,
            },
            status: tables.status.and_then(|table| status(&table, errors)),
            log: tables.log,
        }
    }
}

fn wrong(what: String, span: Range<usize>) -> ConfigError {
    error(format!("failed to read the configuration: {what}"), span)
}

/// Names that end up in protocol lines, file names and logs.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn is_host(text: &str) -> bool {
    is_word(text) || text.parse::<IpAddr>().is_ok()
}

fn host(text: &super::file::Text, errors: &mut Vec<ConfigError>) -> Option<String> {
    if is_host(text.get_ref()) {
        return Some(text.get_ref().clone());
    }
    errors.push(wrong(format!("`{}` is no host", text.get_ref()), text.span()));
    None
}

/// What systemd hands over under a name. The name is not repeated: somebody may have written the
/// password itself there.
pub(super) fn named(name: super::file::Text, errors: &mut Vec<ConfigError>) -> Option<SecretAt> {
    if is_word(name.get_ref()) && !name.get_ref().starts_with('.') {
        return Some(SecretAt::Credential(name.into_inner()));
    }
    let what = "this is no name of a credential: letters, digits, `-`, `_` and `.`";
    errors.push(wrong(what.to_owned(), name.span()));
    None
}

fn secret(
    file: Option<String>,
    credential: Option<super::file::Text>,
    at: &Range<usize>,
    errors: &mut Vec<ConfigError>,
) -> Option<SecretAt> {
    match (file, credential) {
        (Some(file), None) => Some(SecretAt::File(file)),
        (None, Some(name)) => named(name, errors),
        (Some(_), Some(name)) => {
            let what = "there are both `password-file` and `credential`; one is enough";
            errors.push(wrong(what.to_owned(), name.span()));
            None
        }
        (None, None) => {
            let what = "neither `password-file` nor `credential` says where the password is";
            errors.push(wrong(what.to_owned(), at.clone()));
            None
        }
    }
}

fn mailbox(table: file::Mailbox, errors: &mut Vec<ConfigError>) -> Option<MailboxConfig> {
    if !is_word(table.name.get_ref()) {
        let name = table.name.get_ref();
        let what = format!("`{name}` is no name of a mailbox: letters, digits, `-`, `_` and `.`");
        errors.push(wrong(what, table.name.span()));
    }
    let printable = |text: &str| !text.is_empty() && text.bytes().all(|b| matches!(b, b' '..=b'~'));
    if !printable(table.mailbox.get_ref()) {
        let what = "`mailbox` is empty or not printable ASCII".to_owned();
        errors.push(wrong(what, table.mailbox.span()));
    }
    let max_mail = table.max_mail_kib.get_ref().checked_mul(1024);
    let max_mail = max_mail.filter(|bytes| (1..=64 << 20).contains(bytes));
    if max_mail.is_none() {
        let what = "`max-mail-kib` is 0 or over 65536".to_owned();
        errors.push(wrong(what, table.max_mail_kib.span()));
    }
    let host_span = table.host.span();
    let rescan = duration(&table.rescan, errors);
    let password = secret(table.password_file, table.credential, &host_span, errors);
    let port = match table.tls {
        MailTls::Implicit => 993,
        MailTls::StartTls => 143,
    };
    Some(MailboxConfig {
        name: table.name.into_inner(),
        host: host(&table.host, errors)?,
        port: table.port.unwrap_or(port),
        tls: table.tls,
        user: table.user,
        password: password?,
        ca_file: table.ca_file,
        mailbox: table.mailbox.into_inner(),
        max_mail: max_mail?,
        rescan: rescan?,
    })
}

fn smtp(table: file::Smtp, errors: &mut Vec<ConfigError>) -> Option<SmtpConfig> {
    let span = table.host.span();
    let server = host(&table.host, errors)?;
    let asked = table.password_file.is_some() || table.credential.is_some();
    let login = match table.user {
        Some(user) => Some((user, secret(table.password_file, table.credential, &span, errors)?)),
        None if asked => {
            errors.push(wrong("there is a password and no `user`".to_owned(), span.clone()));
            return None;
        }
        None => None,
    };
    if table.tls == SubmissionTls::None {
        let here = server == "localhost"
            || server.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if !here || login.is_some() {
            let what = "without TLS mail goes to a server on this machine, and without a password";
            errors.push(wrong(what.to_owned(), span));
            return None;
        }
    }
    if let Some(hello) = table.hello.as_ref().filter(|hello| !is_host(hello.get_ref())) {
        let what = format!("`{}` is no name for `hello`", hello.get_ref());
        errors.push(wrong(what, hello.span()));
    }
    let port = match table.tls {
        SubmissionTls::Implicit => 465,
        SubmissionTls::StartTls => 587,
        SubmissionTls::None => 25,
    };
    Some(SmtpConfig {
        host: server,
        port: table.port.unwrap_or(port),
        tls: table.tls,
        login,
        ca_file: table.ca_file,
        hello: table.hello.map(toml::Spanned::into_inner),
    })
}

fn store(table: file::Store, errors: &mut Vec<ConfigError>) -> StoreConfig {
    let days = *table.retain_days.get_ref();
    // A thread's later versions are compared with what came before.
    if !(30..=36_500).contains(&days) {
        let what = "`retain-days` is under 30 or over 36500".to_owned();
        errors.push(wrong(what, table.retain_days.span()));
    }
    StoreConfig { file: table.file, retain_days: days }
}

fn status(table: &file::Status, errors: &mut Vec<ConfigError>) -> Option<StatusConfig> {
    let listen: Option<SocketAddr> = table.listen.get_ref().parse().ok();
    let listen = listen.filter(|address| address.ip().is_loopback());
    if listen.is_none() {
        let written = table.listen.get_ref();
        let what =
            format!("`{written}` is no address of this machine alone, such as 127.0.0.1:8025");
        errors.push(wrong(what, table.listen.span()));
    }
    let mut names = Vec::new();
    for name in &table.names {
        names.extend(host(name, errors));
    }
    Some(StatusConfig { listen: listen?, names })
}
