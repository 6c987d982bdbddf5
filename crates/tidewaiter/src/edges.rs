//! What the configuration says of mailboxes, the mail server and the store, ready for use.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use tidewaiter_engine::config::daemon::{MailTls, MailboxConfig, SecretAt, SubmissionTls};
use tidewaiter_imap::{ImapConfig, Timing, Tls};
use tidewaiter_outbox::{Halt, ListRule, PolicyTerm, Rules, Security, Server, Timeouts};
use tidewaiter_policy::{Policy, Reserved};
use tidewaiter_reply::{HeldBy, Mode};
use tidewaiter_store::point::FOR_TESTS;

use crate::{failure::Failure, load::Loaded};

/// The largest password or certificate file that is read.
const LARGEST: u64 = 1 << 20;

/// The store's file.
pub(crate) fn store_path(loaded: &Loaded) -> PathBuf {
    loaded.beside(&loaded.config.daemon.store.file)
}

/// The file that stops all sending while it is there.
pub(crate) fn stop_file(loaded: &Loaded) -> PathBuf {
    match &loaded.config.daemon.outbox.stop_file {
        Some(name) => loaded.beside(name),
        None => {
            let mut name = store_path(loaded).into_os_string();
            name.push(".stop");
            PathBuf::from(name)
        }
    }
}

/// Whether a test wants no long waits: `TIDEWAITER_TIMEOUTS=short` in a build for tests.
fn short_times() -> bool {
    FOR_TESTS && std::env::var_os("TIDEWAITER_TIMEOUTS").is_some_and(|times| times == "short")
}

/// A time, or the one that a test has instead.
pub(crate) fn time(usual: Duration, short: Duration) -> Duration {
    if short_times() { short } else { usual }
}

/// How long IMAP may take.
fn timing() -> Timing {
    let usual = Timing::default();
    if !short_times() {
        return usual;
    }
    Timing {
        connect: Duration::from_secs(2),
        command: Duration::from_secs(1),
        done: Duration::from_millis(500),
        idle_renew: Duration::from_secs(1),
        poll: Duration::from_secs(1),
        retry_min: Duration::from_millis(20),
        retry_max: Duration::from_millis(500),
        retry_busy: Duration::from_millis(500),
        retry_refused: Duration::from_secs(2),
        ..usual
    }
}

/// How long SMTP may take.
fn timeouts() -> Timeouts {
    if !short_times() {
        return Timeouts::default();
    }
    Timeouts {
        step: Duration::from_secs(1),
        before: Duration::from_secs(3),
        answer: Duration::from_secs(2),
        megabyte: Duration::ZERO,
    }
}

/// What the outbox goes by. A list whose policy is not among `policies` sends nothing.
pub(crate) fn rules(loaded: &Loaded, policies: &[Policy]) -> Rules {
    let config = &loaded.config;
    let lists = config.lists.iter().map(|list| {
        let mode = list.reply.mode;
        let policy = policies.iter().find(|policy| policy.id == list.policy);
        let (until, over) = policy.map_or((None, Reserved::NotInForce), Policy::until);
        ListRule {
            list: list.reply.list.as_str().to_owned(),
            may_send: mode != Mode::Observe,
            by_itself: matches!(mode, Mode::Author | Mode::Maintainers | Mode::List),
            policy: PolicyTerm {
                until,
                over: HeldBy::from(over).as_str(),
                project: list.reply.project.clone(),
                checked: policy.and_then(|policy| policy.checked),
            },
            max_age: list.max_age,
            quiet: list.quiet_hours,
        }
    });
    let operator = config.identity.operator.address.as_ref();
    Rules {
        halt: Halt::default(),
        stop_file: Some(stop_file(loaded)),
        limits: config.caps,
        lists: lists.collect(),
        operator: operator.map(|address| address.as_str().to_owned()),
        give_up: config.daemon.outbox.give_up,
        bounces: config.daemon.outbox.bounces,
    }
}

/// One mailbox, with its password.
pub(crate) fn mailbox(loaded: &Loaded, mailbox: &MailboxConfig) -> Result<ImapConfig, Failure> {
    let password = secret(loaded, &mailbox.password)?;
    let mut imap =
        ImapConfig::new(&mailbox.host, &mailbox.user, tidewaiter_imap::Secret::new(password));
    imap.port = mailbox.port;
    imap.tls = match mailbox.tls {
        MailTls::Implicit => Tls::Implicit,
        MailTls::StartTls => Tls::StartTls,
    };
    imap.extra_ca = certificates(loaded, mailbox.ca_file.as_deref())?;
    imap.mailbox.clone_from(&mailbox.mailbox);
    imap.max_mail = mailbox.max_mail;
    imap.max_age = Duration::try_from(mailbox.rescan).unwrap_or_default();
    imap.timing = timing();
    Ok(imap)
}

/// What a mailbox is, whatever it is called in the configuration: the key under which it is stored how far
/// it was read (RFC 5092 has the form). One with another server, user or name there is another one.
pub(crate) fn identity(host: &str, port: u16, user: &str, mailbox: &str) -> String {
    let inbox = mailbox.eq_ignore_ascii_case("INBOX");
    let mailbox = if inbox { "INBOX" } else { mailbox };
    let host = host.to_ascii_lowercase();
    format!("imap://{}@{host}:{port}/{}", escaped(user), escaped(mailbox))
}

/// Without what would have a meaning in a URL; an address in it is none for who reads a log, either.
fn escaped(text: &str) -> String {
    let mut all = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/') {
            all.push(char::from(byte));
        } else {
            all.push_str(&format!("%{byte:02X}"));
        }
    }
    all
}

/// The server that takes our mail, with the password; `None` where there is none configured.
pub(crate) fn server(loaded: &Loaded) -> Result<Option<Server>, Failure> {
    let Some(smtp) = &loaded.config.daemon.smtp else { return Ok(None) };
    let login = match &smtp.login {
        Some((user, at)) => {
            Some((user.clone(), tidewaiter_outbox::Secret::new(&secret(loaded, at)?)))
        }
        None => None,
    };
    let domain = &loaded.config.identity.message_id_domain;
    Ok(Some(Server {
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.tls {
            SubmissionTls::Implicit => Security::Implicit,
            SubmissionTls::StartTls => Security::StartTls,
            SubmissionTls::None => Security::Loopback,
        },
        hello: smtp.hello.clone().unwrap_or_else(|| domain.clone()),
        login,
        authority: certificates(loaded, smtp.ca_file.as_deref())?,
        timeouts: timeouts(),
    }))
}

fn certificates(loaded: &Loaded, name: Option<&str>) -> Result<Option<Vec<u8>>, Failure> {
    name.map(|name| bounded(&loaded.beside(name))).transpose()
}

/// This is not the service that a credential is handed to.
#[derive(Debug, thiserror::Error)]
#[error("failed to read the credential `{0}`: systemd has set no CREDENTIALS_DIRECTORY")]
struct NoService(String);

/// Whether something failed since this process is not the daemon: another user, or not the service.
pub(crate) fn is_for_the_daemon(failure: &Failure) -> bool {
    let (Failure::Usage(error) | Failure::Io(error)) = failure else { return false };
    error.chain().any(|cause| {
        cause.is::<NoService>()
            || cause
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::PermissionDenied)
    })
}

/// The file that holds a secret.
pub(crate) fn secret_file(loaded: &Loaded, at: &SecretAt) -> Result<PathBuf, Failure> {
    match at {
        SecretAt::File(name) => Ok(loaded.beside(name)),
        SecretAt::Credential(name) => {
            let folder = std::env::var_os("CREDENTIALS_DIRECTORY");
            let folder = folder.ok_or_else(|| Failure::usage(NoService(name.clone())))?;
            Ok(Path::new(&folder).join(name))
        }
    }
}

/// Refuses a key that others may read: whoever has it knows the ids of replies to come.
pub(crate) fn guarded_key(loaded: &Loaded) -> Result<(), Failure> {
    match &loaded.config.files.key {
        Some(at) => guarded(loaded, at, "key").map(drop),
        None => Ok(()),
    }
}

/// The file of a secret, which nobody but its owner may read. What systemd hands over lies in a folder
/// for this service alone (systemd.exec(5)).
fn guarded(loaded: &Loaded, at: &SecretAt, what: &str) -> Result<PathBuf, Failure> {
    let path = secret_file(loaded, at)?;
    if matches!(at, SecretAt::File(_)) {
        ours_alone(&path, what)?;
    }
    Ok(path)
}

/// Reads a password: the first line of a file that nobody else may read.
fn secret(loaded: &Loaded, at: &SecretAt) -> Result<String, Failure> {
    let path = guarded(loaded, at, "password")?;
    let text = bounded(&path)?;
    let wrong = |why: &str| {
        Failure::usage(anyhow!("failed to read a password from `{}`: {why}", path.display()))
    };
    let text = std::str::from_utf8(&text).map_err(|_| wrong("it is not UTF-8"))?;
    let mut lines = text.lines();
    let password = lines.next().filter(|line| !line.is_empty());
    match password {
        Some(password) if lines.all(str::is_empty) => Ok(password.to_owned()),
        Some(_) => Err(wrong("it has more than one line")),
        None => Err(wrong("it is empty")),
    }
}

/// Refuses a file that anybody but its owner can read.
fn ours_alone(path: &Path, what: &str) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(path)
            .with_context(|| format!("failed to read `{}`", path.display()))
            .map_err(Failure::Io)?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let name = path.display();
            return Err(Failure::usage(anyhow!(
                "failed to use the {what} in `{name}`: others may read it (mode {mode:o}); \
                 run `chmod 600 {name}`"
            )));
        }
    }
    Ok(())
}

fn bounded(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = || -> anyhow::Result<Vec<u8>> {
        let bytes = fs::metadata(path)?.len();
        anyhow::ensure!(bytes <= LARGEST, "it has {bytes} bytes, more than {LARGEST}");
        Ok(fs::read(path)?)
    };
    read().with_context(|| format!("failed to read `{}`", path.display())).map_err(Failure::Io)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;
    use test_case::test_case;
    use tidewaiter_engine::{Config, config::BUILTIN};

    use super::*;

    fn loaded(folder: &TempDir) -> Loaded {
        let (config, _) = Config::parse(BUILTIN).unwrap();
        Loaded { config, path: Some(folder.path().join("tidewaiter.toml")) }
    }

    #[test_case("canary\n", 0o600 => Ok("canary".to_owned()); "a line")]
    #[test_case("can ary", 0o400 => Ok("can ary".to_owned()); "no newline")]
    #[test_case("canary\r\n\n", 0o600 => Ok("canary".to_owned()); "other line ends")]
    #[test_case("canary\n", 0o640 => Err("others may read it (mode 640)".to_owned()); "a group")]
    #[test_case("canary\n", 0o604 => Err("others may read it (mode 604)".to_owned()); "everybody")]
    #[test_case("canary\nmore\n", 0o600 => Err("it has more than one line".to_owned()); "lines")]
    #[test_case("\n", 0o600 => Err("it is empty".to_owned()); "empty")]
    fn passwords(text: &str, mode: u32) -> Result<String, String> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        secret(&loaded(&folder), &SecretAt::File("password".to_owned())).map_err(|failure| {
            let message = failure.to_string();
            assert!(!message.contains("canary"), "{message}");
            let why = message.split("`: ").nth(1).unwrap();
            why.split(';').next().unwrap().to_owned()
        })
    }

    #[test_case(io::ErrorKind::PermissionDenied => true; "denied")]
    #[test_case(io::ErrorKind::NotFound => false; "not there")]
    fn another_user_may_not_read_it(kind: io::ErrorKind) -> bool {
        let error = anyhow::Error::new(io::Error::from(kind)).context("failed to read `key`");
        is_for_the_daemon(&Failure::Io(error))
    }

    #[test]
    fn a_mailbox_is_known_by_what_it_is() {
        let one = identity("IMAP.example.org", 993, "bot@bot.example", "inbox");
        assert_eq!(one, "imap://bot%40bot.example@imap.example.org:993/INBOX");
        let other = identity("imap.example.org", 993, "a/b", "Lists/qemu devel");
        assert_eq!(other, "imap://a/b@imap.example.org:993/Lists/qemu%20devel");
    }

    #[test]
    fn the_stop_file_lies_beside_the_store() {
        let folder = TempDir::new().unwrap();
        let stop = stop_file(&loaded(&folder));
        assert_eq!(stop, folder.path().join("tidewaiter.sqlite.stop"));
    }
}
