//! Where the mailbox is and how it is watched.

use std::time::Duration;

use crate::secret::Secret;

/// The longest that an IDLE may last: a dead link is not noticed before it is renewed.
const MAX_IDLE: Duration = Duration::from_secs(5 * 60);
/// The longest that a mailbox goes without being asked.
const MAX_POLL: Duration = Duration::from_secs(15 * 60);
/// The largest mail that anybody may ask to have fetched, in bytes.
const MAX_MAIL: u32 = 64 * 1024 * 1024;

/// How the connection is protected. There is no way to do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// TLS from the first byte; the usual port is 993.
    Implicit,
    /// The STARTTLS command, before anything else is said; the usual port is 143. A server that does
    /// not offer it is left.
    StartTls,
    /// Nothing: only this crate's own tests can say so.
    #[cfg(test)]
    Plain,
}

/// Where reading begins when there is no cursor yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the first mail that comes after now.
    Now,
    /// With the first mail that the server received on this day, or on the day before: a server may
    /// count days by another time zone.
    Since(jiff::civil::Date),
}

/// One mailbox of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImapConfig {
    /// The server's name, which its certificate must carry.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// The user's name.
    pub user: String,
    /// The user's password.
    pub password: Secret,
    /// Certificates, as PEM, that are trusted besides the system's.
    pub extra_ca: Option<Vec<u8>>,
    /// The mailbox's name as the server lists it (RFC 3501 section 5.1.3 has the form for names that
    /// are not ASCII).
    pub mailbox: String,
    /// The size in bytes over which a mail is noted and not fetched.
    pub max_mail: u32,
    /// How old a mail may be that is read again after the server gave the mailbox new numbers.
    pub max_age: Duration,
    /// How long things may take.
    pub timing: Timing,
}

impl ImapConfig {
    /// The INBOX of `user` on `host`, port 993, a limit of 2 MiB and an age of 14 days.
    #[must_use]
    pub fn new(host: &str, user: &str, password: Secret) -> Self {
        Self {
            host: host.to_owned(),
            port: 993,
            tls: Tls::Implicit,
            user: user.to_owned(),
            password,
            extra_ca: None,
            mailbox: "INBOX".to_owned(),
            max_mail: 2 * 1024 * 1024,
            max_age: Duration::from_secs(14 * 24 * 60 * 60),
            timing: Timing::default(),
        }
    }

    /// The first thing that is wrong with it.
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        let line = |text: &str| !text.is_empty() && !text.contains(['\r', '\n', '\0']);
        let timing = &self.timing;
        let zero = [timing.connect, timing.command, timing.done, timing.idle_renew, timing.poll]
            .into_iter()
            .chain([timing.retry_min, timing.retry_max])
            .any(|time| time.is_zero());
        if !line(&self.host) {
            Err(ConfigError::Host)
        } else if !line(&self.user) || !line(self.password.expose()) {
            Err(ConfigError::Login)
        } else if self.mailbox.is_empty() || !self.mailbox.bytes().all(|b| matches!(b, b' '..=b'~'))
        {
            Err(ConfigError::Mailbox)
        } else if self.max_mail == 0 || self.max_mail > MAX_MAIL {
            Err(ConfigError::MaxMail)
        } else if timing.idle_renew > MAX_IDLE || timing.poll > MAX_POLL || zero {
            Err(ConfigError::Timing)
        } else {
            Ok(())
        }
    }
}

/// How long things may take, and how long is waited before the next try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// To look up the host, to connect to one of its addresses, and to set up TLS.
    pub connect: Duration,
    /// To answer a command, beside the time for the bytes of mails.
    pub command: Duration,
    /// To end an IDLE.
    pub done: Duration,
    /// The fewest bytes a second at which mails may come.
    pub slowest: u32,
    /// How long an IDLE lasts before it is renewed and the mailbox is asked whatever IDLE said; at
    /// most 5 minutes.
    pub idle_renew: Duration,
    /// How often a mailbox is asked where there is no IDLE; at most 15 minutes.
    pub poll: Duration,
    /// The shortest pause before the next connection.
    pub retry_min: Duration,
    /// The longest pause before the next connection.
    pub retry_max: Duration,
    /// The shortest pause after the server said that it is busy.
    pub retry_busy: Duration,
    /// The pause after the third refused login and every later one: more tries lock accounts.
    pub retry_refused: Duration,
    /// How long a connection must have held to count as good though it brought no mail.
    pub stable: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            command: Duration::from_secs(60),
            done: Duration::from_secs(15),
            slowest: 16 * 1024,
            idle_renew: MAX_IDLE,
            poll: Duration::from_secs(60),
            retry_min: Duration::from_secs(1),
            retry_max: Duration::from_secs(5 * 60),
            retry_busy: Duration::from_secs(60),
            retry_refused: Duration::from_secs(15 * 60),
            stable: Duration::from_secs(30),
        }
    }
}

/// What is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The host is missing or no name.
    #[error("failed to use the IMAP host: it is empty or has a line break")]
    Host,
    /// The user or the password cannot be sent.
    #[error("failed to use the IMAP user or password: one is empty or has a line break")]
    Login,
    /// The mailbox's name cannot be sent.
    #[error("failed to use the mailbox's name: it is empty or not printable ASCII")]
    Mailbox,
    /// The limit on mails is none.
    #[error("failed to use the limit on the size of mails: it is 0 or over {MAX_MAIL} bytes")]
    MaxMail,
    /// A time is zero or too long.
    #[error(
        "failed to use the times for IMAP: one is zero, IDLE over 5 or polling over 15 minutes"
    )]
    Timing,
    /// The extra certificates cannot be read.
    #[error("failed to read the extra certificates: {0}")]
    ExtraCa(String),
    /// There is nothing to check the server's certificate against.
    #[error("failed to find trusted certificates on this system, and none are configured")]
    NoRoots,
    /// The cursor belongs to another mailbox.
    #[error("failed to go on reading `{mailbox}`: the stored cursor is for `{cursor}`")]
    OtherMailbox {
        /// The configured mailbox.
        mailbox: String,
        /// The cursor's.
        cursor: String,
    },
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn defaults_are_valid() {
        let config = ImapConfig::new("imap.example.org", "bot", Secret::new("pw".to_owned()));
        assert_eq!(config.validate(), Ok(()));
    }

    #[test_case(|c| c.host.clear(), &ConfigError::Host; "no host")]
    #[test_case(|c| c.user = "a\r\nB LOGOUT".to_owned(), &ConfigError::Login; "a command in the user")]
    #[test_case(|c| c.password = Secret::new(String::new()), &ConfigError::Login; "no password")]
    #[test_case(|c| c.mailbox = "Büro".to_owned(), &ConfigError::Mailbox; "not in the server's form")]
    #[test_case(|c| c.mailbox = "a\nb".to_owned(), &ConfigError::Mailbox; "a line break")]
    #[test_case(|c| c.max_mail = 0, &ConfigError::MaxMail; "no mail at all")]
    #[test_case(|c| c.max_mail = u32::MAX, &ConfigError::MaxMail; "any mail")]
    #[test_case(|c| c.timing.idle_renew = Duration::from_secs(301), &ConfigError::Timing; "long idle")]
    #[test_case(|c| c.timing.poll = Duration::from_secs(901), &ConfigError::Timing; "rare polls")]
    #[test_case(|c| c.timing.command = Duration::ZERO, &ConfigError::Timing; "no time")]
    fn refuses(change: fn(&mut ImapConfig), error: &ConfigError) {
        let mut config = ImapConfig::new("imap.example.org", "bot", Secret::new("pw".to_owned()));
        change(&mut config);
        assert_eq!(config.validate().as_ref(), Err(error));
    }
}
