//! The server that takes our mail.

use std::{net::IpAddr, time::Duration};

use lettre::transport::smtp::client::{Certificate, TlsParameters};

use crate::Secret;

/// How the connection is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the start (port 465).
    Implicit,
    /// `STARTTLS` (port 587); without it nothing is said.
    StartTls,
    /// None, and no password: only to a server on this machine.
    Loopback,
}

/// The server that takes our mail. Two are equal where nothing is spoken otherwise, the password
/// neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name, which its certificate must be for.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is secured.
    pub security: Security,
    /// Our name in `EHLO`.
    pub hello: String,
    /// User and password.
    pub login: Option<(String, Secret)>,
    /// Certificates (PEM) that are trusted besides the system's.
    pub authority: Option<Vec<u8>>,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// How long to wait for the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection, and for each answer before the mail.
    pub step: Duration,
    /// For everything up to the mail.
    pub before: Duration,
    /// For the answer to the mail (RFC 5321 section 4.5.3.2.6).
    pub answer: Duration,
    /// And for each megabyte of it.
    pub megabyte: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            step: Duration::from_secs(60),
            before: Duration::from_secs(300),
            answer: Duration::from_secs(600),
            megabyte: Duration::from_secs(180),
        }
    }
}

impl Timeouts {
    /// For a mail of so many bytes and the answer to it.
    pub(crate) fn for_mail(&self, bytes: usize) -> Duration {
        let megabytes = u32::try_from(bytes >> 20).unwrap_or(u32::MAX).saturating_add(1);
        self.answer.saturating_add(self.megabyte.saturating_mul(megabytes))
    }
}

/// Why no server can be spoken to as configured.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Without TLS only this machine is spoken to.
    #[error("failed to use the server `{0}`: without TLS only a server on this machine is")]
    NotLoopback(String),
    /// A password is never sent without TLS.
    #[error("failed to use the server `{0}`: a password is not sent without TLS")]
    PlainPassword(String),
    /// The certificates cannot be read.
    #[error("failed to read the certificates for `{host}`: {why}")]
    Certificates {
        /// The server.
        host: String,
        /// What is wrong with them.
        why: String,
    },
}

impl Server {
    /// The settings of TLS; `None` where there is none.
    ///
    /// # Errors
    /// Where the settings do not fit together, or certificates cannot be read.
    pub fn tls(&self) -> Result<Option<TlsParameters>, ServerError> {
        if self.security == Security::Loopback {
            let loopback = self.host == "localhost"
                || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
            if !loopback {
                return Err(ServerError::NotLoopback(self.host.clone()));
            }
            if self.login.is_some() {
                return Err(ServerError::PlainPassword(self.host.clone()));
            }
            return Ok(None);
        }
        let failed = |why: lettre::transport::smtp::Error| ServerError::Certificates {
            host: self.host.clone(),
            why: why.to_string(),
        };
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(pem) = &self.authority {
            builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(failed)?);
        }
        builder.build_rustls().map_err(failed).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("mail.example.net", false, "without TLS only a server on this machine is"; "elsewhere")]
    #[test_case("localhost", true, "a password is not sent without TLS"; "password")]
    #[test_case("127.0.0.1", false, ""; "here")]
    fn never_plain(host: &str, login: bool, error: &str) {
        let server = Server {
            host: host.to_owned(),
            port: 25,
            security: Security::Loopback,
            hello: "bot.example.net".to_owned(),
            login: login.then(|| ("u".to_owned(), Secret::new("p"))),
            authority: None,
            timeouts: Timeouts::default(),
        };
        match server.tls() {
            Ok(tls) => assert!(tls.is_none() && error.is_empty()),
            Err(e) => assert!(!error.is_empty() && e.to_string().ends_with(error), "{e}"),
        }
    }

    #[test_case(|_| {} => true; "nothing")]
    #[test_case(|s| s.login = Some(("u".to_owned(), Secret::new("other"))) => false; "password")]
    #[test_case(|s| s.login = Some(("u".to_owned(), Secret::new("p \n"))) => true; "the same password")]
    #[test_case(|s| s.authority = Some(b"x".to_vec()) => false; "certificate")]
    #[test_case(|s| s.port = 26 => false; "port")]
    fn equal_but_for(change: fn(&mut Server)) -> bool {
        let server = Server {
            host: "mail.example.net".to_owned(),
            port: 25,
            security: Security::StartTls,
            hello: "bot.example.net".to_owned(),
            login: Some(("u".to_owned(), Secret::new("p"))),
            authority: None,
            timeouts: Timeouts::default(),
        };
        let mut other = server.clone();
        change(&mut other);
        server == other
    }

    #[test]
    fn larger_mails_get_longer() {
        let timeouts = Timeouts::default();
        assert_eq!(timeouts.for_mail(1000).as_secs(), 780);
        assert_eq!(timeouts.for_mail(3 << 20).as_secs(), 600 + 4 * 180);
    }
}
