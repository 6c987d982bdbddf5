//! One client.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::answer::{answer, exists};
use super::{Cut, Reply, Shared, Then, lock};

/// How soon a client in IDLE is told of a mail.
const TICK: Duration = Duration::from_millis(2);

struct Connection<'s> {
    tcp: TcpStream,
    shared: &'s Mutex<Shared>,
    stop: &'s AtomicBool,
    number: usize,
    cut: Option<Cut>,
    unread: Vec<u8>,
}

/// Serves a client until either side has had enough.
pub(super) fn serve(tcp: TcpStream, shared: &Mutex<Shared>, stop: &AtomicBool) {
    let (number, cut) = {
        let mut shared = lock(shared);
        shared.bytes.push((0, 0));
        let cut = if shared.cuts.is_empty() { None } else { Some(shared.cuts.remove(0)) };
        (shared.bytes.len() - 1, cut)
    };
    let mut connection = Connection { tcp, shared, stop, number, cut, unread: Vec::new() };
    // A connection that breaks is what the tests want.
    let _ = connection.tcp.set_nodelay(true).and_then(|()| connection.run());
}

impl Connection<'_> {
    fn run(&mut self) -> io::Result<()> {
        self.tcp.set_read_timeout(Some(TICK))?;
        self.reply("*", "GREETING")?;
        loop {
            let line = self.line()?;
            let Some((tag, command)) = line.split_once(' ') else {
                self.send(b"* BAD no tag\r\n")?;
                continue;
            };
            if command.eq_ignore_ascii_case("IDLE") {
                self.idle(tag)?;
            } else {
                self.reply(tag, command)?;
            }
        }
    }

    fn reply(&mut self, tag: &str, command: &str) -> io::Result<()> {
        let reply = {
            let mut shared = lock(self.shared);
            let right = answer(tag, command, &shared.mailbox);
            changed(&mut shared, command, right)
        };
        self.deliver(&reply)
    }

    fn deliver(&mut self, reply: &Reply) -> io::Result<()> {
        self.send(&reply.lines.concat())?;
        self.then(reply.then)
    }

    fn then(&mut self, then: Then) -> io::Result<()> {
        match then {
            Then::GoOn => Ok(()),
            Then::Close => Err(io::ErrorKind::ConnectionAborted.into()),
            Then::Hang => loop {
                self.read()?;
            },
        }
    }

    fn idle(&mut self, tag: &str) -> io::Result<()> {
        let (reply, mut told) = {
            let mut shared = lock(self.shared);
            let lines = if shared.mailbox.idle {
                vec![b"+ idling\r\n".to_vec()]
            } else {
                vec![format!("{tag} BAD no IDLE here\r\n").into_bytes()]
            };
            let right = Reply { tag: tag.to_owned(), lines, then: Then::GoOn };
            let news = shared.mailbox.news;
            (changed(&mut shared, "IDLE", right), news)
        };
        self.deliver(&reply)?;
        let ended = |line: &Vec<u8>| line.starts_with(format!("{tag} ").as_bytes());
        if !reply.lines.iter().any(|line| line.starts_with(b"+")) || reply.lines.iter().any(ended) {
            return Ok(());
        }
        loop {
            let push = {
                let shared = lock(self.shared);
                let news = shared.mailbox.news != told;
                told = shared.mailbox.news;
                news.then(|| exists(&shared.mailbox))
            };
            if let Some(push) = push {
                self.send(&push)?;
            }
            self.read()?;
            if let Some(line) = self.take_line() {
                let lines = vec![format!("{tag} OK idled\r\n").into_bytes()];
                let right = Reply { tag: tag.to_owned(), lines, then: Then::GoOn };
                let reply = changed(&mut lock(self.shared), &line, right);
                return self.deliver(&reply);
            }
        }
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(line) = self.take_line() {
                return Ok(line);
            }
            self.read()?;
        }
    }

    fn take_line(&mut self) -> Option<String> {
        let end = self.unread.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.unread.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    /// Reads what has come, if anything has within a tick.
    fn read(&mut self) -> io::Result<()> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let mut buffer = [0; 4096];
        let count = match self.tcp.read(&mut buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                return Ok(());
            }
            Err(e) => return Err(e),
        };
        let received = self.count(0, count).1;
        let over =
            self.cut.and_then(|cut| cut.received).map(|limit| received.saturating_sub(limit));
        let kept = count.saturating_sub(over.unwrap_or(0));
        self.unread.extend(buffer.get(..kept).unwrap_or_default());
        match self.cut {
            Some(cut) if cut.received.is_some_and(|limit| received >= limit) => {
                self.cut = None;
                self.then(cut.then)
            }
            _ => Ok(()),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let sent = self.count(bytes.len(), 0).0 - bytes.len();
        match self.cut {
            Some(Cut { sent: Some(limit), then, .. }) if sent + bytes.len() >= limit => {
                let part = bytes.get(..limit.saturating_sub(sent)).unwrap_or(bytes);
                self.tcp.write_all(part)?;
                self.cut = None;
                self.then(then)?;
                Ok(())
            }
            _ => self.tcp.write_all(bytes),
        }
    }

    /// Counts bytes sent and received, and returns how many there are now.
    fn count(&self, sent: usize, received: usize) -> (usize, usize) {
        let mut shared = lock(self.shared);
        let bytes = shared.bytes.get_mut(self.number).expect("every connection is counted");
        bytes.0 += sent;
        bytes.1 += received;
        *bytes
    }
}

/// `reply` as the rules for `command` have it.
fn changed(shared: &mut Shared, command: &str, mut reply: Reply) -> Reply {
    shared.commands.push(command.to_owned());
    let Shared { rules, mailbox, .. } = shared;
    for rule in rules.iter_mut().filter(|rule| rule.times > 0 && command.contains(&rule.part)) {
        rule.times -= 1;
        (rule.change)(&mut reply, mailbox);
    }
    reply
}
