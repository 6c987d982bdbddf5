//! One connection.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::net::TcpStream;

use super::{
    At, Cut, Fault, Log, Script, Taken, Tls, lock,
    wire::{Over, Stream, Wire, reset_at_end},
};

/// Serves one client until the script or the client ends it.
pub(crate) async fn serve(stream: TcpStream, script: Arc<Mutex<Script>>, log: Arc<Mutex<Log>>) {
    let (mine, cut) = take_faults(&script);
    let resets = cut.is_some_and(|cut: Cut| cut.reset)
        || mine.faults.iter().any(|(_, fault, _)| *fault == Fault::Reset);
    if resets {
        reset_at_end(&stream);
    }
    let secured = match &mine.tls {
        Tls::Implicit(acceptor) => match acceptor.accept(stream).await {
            Ok(stream) => (Box::new(stream) as Box<dyn Stream>, true),
            Err(_) => return,
        },
        _ => (Box::new(stream) as Box<dyn Stream>, false),
    };
    let wire = Wire::new(secured.0, Arc::clone(&log), cut);
    let mut session = Session { wire, script: mine, log, tls: secured.1 };
    // How it ended is seen at the other side.
    session.run().await.ok();
}

/// The script for one connection, whose faults are used up by it.
fn take_faults(script: &Mutex<Script>) -> (Script, Option<Cut>) {
    let mut script = lock(script);
    let mut mine = script.clone();
    mine.faults.retain(|(_, _, times)| *times > 0);
    for (_, _, times) in &mut script.faults {
        *times = times.saturating_sub(1);
    }
    let cut = match &mut script.cut {
        Some((cut, times)) if *times > 0 => {
            *times -= 1;
            Some(*cut)
        }
        _ => None,
    };
    (mine, cut)
}

struct Session {
    wire: Wire,
    script: Script,
    log: Arc<Mutex<Log>>,
    tls: bool,
}

impl Session {
    fn fault(&self, at: At) -> Option<Fault> {
        self.script.faults.iter().find(|(step, ..)| *step == at).map(|(_, fault, _)| *fault)
    }

    /// Answers, unless the script has something else at this step.
    async fn answer(&mut self, at: At, text: &str) -> Result<(), Over> {
        match self.fault(at) {
            None => self.wire.say(text).await,
            Some(Fault::Answer(other)) => self.wire.say(other).await,
            Some(Fault::Late(other)) => {
                tokio::time::sleep(Duration::from_millis(500)).await;
                self.wire.say(other).await
            }
            Some(Fault::Garbage | Fault::DoneThenGarbage) => {
                self.wire.say("\u{1}\u{2}no smtp at all").await
            }
            Some(Fault::Hang | Fault::DoneThenHang) => std::future::pending().await,
            Some(Fault::Close | Fault::Reset | Fault::DoneThenClose) => Err(Over),
        }
    }

    async fn run(&mut self) -> Result<(), Over> {
        self.answer(At::Greeting, "220 mail.example.net ESMTP").await?;
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let line = String::from_utf8_lossy(&self.wire.line().await?).into_owned();
            let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match word.as_str() {
                "EHLO" => self.ehlo().await?,
                "STARTTLS" => self.start_tls().await?,
                "AUTH" => self.auth(&line).await?,
                "MAIL" => {
                    from = address(&line);
                    to.clear();
                    self.answer(At::Mail, "250 2.1.0 Ok").await?;
                }
                "RCPT" => {
                    let who = address(&line);
                    if let Some(refused) = self.script.refused.get(&who).copied() {
                        self.wire.say(refused).await?;
                    } else {
                        to.push(who);
                        self.answer(At::Rcpt, "250 2.1.5 Ok").await?;
                    }
                }
                "DATA" => {
                    self.answer(At::Data, "354 End data with <CR><LF>.<CR><LF>").await?;
                    if matches!(self.fault(At::Data), None | Some(Fault::Answer("354 go"))) {
                        self.data(&from, &to).await?;
                    }
                }
                "RSET" => self.wire.say("250 2.0.0 Ok").await?,
                "QUIT" => {
                    self.wire.say("221 2.0.0 Bye").await?;
                    return Ok(());
                }
                _ => self.wire.say("502 5.5.2 what?").await?,
            }
        }
    }

    async fn ehlo(&mut self) -> Result<(), Over> {
        let offers = matches!(self.script.tls, Tls::StartTls(_) | Tls::Injected(_)) && !self.tls;
        let mut lines = vec!["mail.example.net", "8BITMIME"];
        if offers {
            lines.push("STARTTLS");
        }
        if self.script.login.is_some() {
            lines.push("AUTH PLAIN LOGIN");
        }
        let last = lines.len() - 1;
        let mark = |at| if at == last { ' ' } else { '-' };
        let lines: Vec<String> =
            lines.iter().enumerate().map(|(at, line)| format!("250{}{line}", mark(at))).collect();
        self.answer(At::Ehlo, &lines.join("\r\n")).await
    }

    async fn start_tls(&mut self) -> Result<(), Over> {
        let acceptor = match &self.script.tls {
            Tls::StartTls(acceptor) | Tls::Injected(acceptor) => acceptor.clone(),
            Tls::None | Tls::Implicit(_) | Tls::Stripped => {
                return self.wire.say("502 5.5.1 no").await;
            }
        };
        let injected = matches!(self.script.tls, Tls::Injected(_));
        let text = if injected { "220 go\r\n250 injected" } else { "220 2.0.0 go" };
        self.answer(At::StartTls, text).await?;
        if matches!(self.fault(At::StartTls), Some(Fault::Answer(_))) {
            return Ok(());
        }
        self.wire.forget_buffer();
        let plain = std::mem::replace(&mut self.wire.stream, Box::new(tokio::io::empty()));
        let secured = acceptor.accept(plain).await.map_err(|_| Over)?;
        self.wire.stream = Box::new(secured);
        self.tls = true;
        Ok(())
    }

    async fn auth(&mut self, line: &str) -> Result<(), Over> {
        {
            let mut log = lock(&self.log);
            log.logins += 1;
            log.plain_logins += usize::from(!self.tls);
        }
        let (user, password) = self.script.login.unwrap_or_default();
        let expected = base64(format!("\0{user}\0{password}").as_bytes());
        if line.rsplit(' ').next() == Some(expected.as_str()) {
            self.answer(At::Auth, "235 2.7.0 Authentication successful").await
        } else {
            self.wire.say("535 5.7.8 Error: authentication failed").await
        }
    }

    async fn data(&mut self, from: &str, to: &[String]) -> Result<(), Over> {
        let mut data = Vec::new();
        let mut first = true;
        loop {
            let line = self.wire.line().await?;
            if first && self.fault(At::Body).is_some() {
                first = false;
                self.answer(At::Body, "").await?;
            }
            if line == b"." {
                break;
            }
            data.extend(line.strip_prefix(b".").unwrap_or(&line));
            data.extend(b"\r\n");
        }
        lock(&self.log).dots += 1;
        let done = matches!(
            self.fault(At::Dot),
            None | Some(Fault::DoneThenClose | Fault::DoneThenHang | Fault::DoneThenGarbage)
        );
        if done {
            let taken = Taken { from: from.to_owned(), to: to.to_vec(), data };
            lock(&self.log).taken.push(taken);
        }
        self.answer(At::Dot, "250 2.0.0 Ok: queued").await
    }
}

/// What stands between `<` and `>`.
fn address(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(address, _)| address.to_owned()).unwrap_or_default()
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |n: u32| char::from(*LETTERS.get(n as usize & 63).unwrap_or(&b'='));
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        text.push(letter(bits >> 18));
        text.push(letter(bits >> 12));
        text.push(if chunk.len() > 1 { letter(bits >> 6) } else { '=' });
        text.push(if chunk.len() > 2 { letter(bits) } else { '=' });
    }
    text
}
