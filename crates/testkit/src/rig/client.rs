//! A small SMTP client, one command at a time.

use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// What a server answered: all lines of it, as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The code of the last line.
    pub code: u16,
    /// The lines, each with its code, joined by LF.
    pub text: String,
}

impl Answer {
    /// Whether the server agreed (2yz or 3yz).
    #[must_use]
    pub fn is_yes(&self) -> bool {
        (200..400).contains(&self.code)
    }
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(bytes),
            Self::Tls(stream) => stream.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// A connection to a server on loopback. Every step waits ten seconds at most.
pub struct Client {
    stream: BufReader<Stream>,
}

impl Client {
    /// Connects, reads the greeting and says `EHLO`.
    ///
    /// # Errors
    ///
    /// Where there is no connection, or the server refuses.
    pub fn connect(port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.set_write_timeout(Some(Duration::from_secs(10)))?;
        stream.set_nodelay(true)?;
        let mut client = Self { stream: BufReader::new(Stream::Plain(stream)) };
        yes(client.answer()?)?;
        yes(client.command("EHLO localhost")?)?;
        Ok(client)
    }

    /// Goes over to TLS, trusting the authority `ca` (PEM) and the name `localhost` only.
    ///
    /// # Errors
    ///
    /// Where the server refuses or shows a certificate that is not good.
    pub fn start_tls(mut self, ca: &[u8]) -> io::Result<Self> {
        yes(self.command("STARTTLS")?)?;
        let Stream::Plain(stream) = self.stream.into_inner() else {
            return Err(io::Error::other("failed to start TLS: it is on"));
        };
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(ca).map_err(io::Error::other)?)
            .map_err(io::Error::other)?;
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let tls = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
        let stream = Stream::Tls(Box::new(StreamOwned::new(tls, stream)));
        let mut client = Self { stream: BufReader::new(stream) };
        yes(client.command("EHLO localhost")?)?;
        Ok(client)
    }

    /// Logs in (`AUTH PLAIN`).
    ///
    /// # Errors
    ///
    /// Where the server refuses.
    pub fn log_in(&mut self, user: &str, password: &str) -> io::Result<()> {
        let secret = BASE64.encode(format!("\0{user}\0{password}").as_bytes());
        yes(self.command(&format!("AUTH PLAIN {secret}"))?).map(|_| ())
    }

    /// Sends one mail in one transaction; the first refusal ends it with `RSET`.
    ///
    /// `sender` is what follows `MAIL FROM:`, with its brackets and parameters.
    ///
    /// # Errors
    ///
    /// Where the connection is lost. A refusal is an answer.
    pub fn send(&mut self, sender: &str, recipients: &[&str], raw: &[u8]) -> io::Result<Answer> {
        let mut answer = self.command(&format!("MAIL FROM:{sender}"))?;
        for recipient in recipients {
            if answer.is_yes() {
                answer = self.command(&format!("RCPT TO:<{recipient}>"))?;
            }
        }
        if answer.is_yes() {
            answer = self.command("DATA")?;
        }
        if !answer.is_yes() {
            self.command("RSET")?;
            return Ok(answer);
        }
        let mut body = Vec::with_capacity(raw.len() + raw.len() / 32);
        for line in raw.split_inclusive(|b| *b == b'\n') {
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.starts_with(b".") {
                body.push(b'.');
            }
            body.extend_from_slice(line);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b".\r\n");
        self.stream.get_mut().write_all(&body)?;
        self.stream.get_mut().flush()?;
        self.answer()
    }

    /// Says one line and returns the answer.
    ///
    /// # Errors
    ///
    /// Where the connection is lost.
    pub fn command(&mut self, line: &str) -> io::Result<Answer> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{line}\r\n").as_bytes())?;
        stream.flush()?;
        self.answer()
    }

    fn answer(&mut self) -> io::Result<Answer> {
        let mut text = String::new();
        loop {
            let mut line = Vec::new();
            // An answer's line has 512 bytes at most (RFC 5321 section 4.5.3.1.5).
            (&mut self.stream).take(4096).read_until(b'\n', &mut line)?;
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let code = line.get(..3).and_then(|code| code.parse().ok());
            let Some(code) = code else {
                return Err(io::Error::other(format!("failed to read an answer: {line:?}")));
            };
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&line);
            if line.get(3..4) != Some("-") {
                return Ok(Answer { code, text });
            }
        }
    }
}

fn yes(answer: Answer) -> io::Result<Answer> {
    if answer.is_yes() { Ok(answer) } else { Err(io::Error::other(answer.text)) }
}
