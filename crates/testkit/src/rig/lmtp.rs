//! Takes what Postfix delivers (LMTP, RFC 2033).

use std::sync::Arc;

use super::serve::{Connection, Server};
use super::world::World;

/// One transaction.
#[derive(Clone, Debug, Default)]
pub(super) struct Envelope {
    pub(super) sender: String,
    pub(super) recipients: Vec<String>,
    /// What the poster wrote as `ENVID` (RFC 3461 section 4.4).
    pub(super) id: Option<String>,
    pub(super) raw: Vec<u8>,
}

pub(super) fn start(world: &Arc<World>) -> Server {
    let world = Arc::clone(world);
    Server::start(move |mut connection| {
        serve(&mut connection, &world);
    })
}

fn serve(connection: &mut Connection, world: &Arc<World>) -> Option<()> {
    connection.say("220 rig LMTP\r\n")?;
    let mut envelope = Envelope::default();
    loop {
        let line = connection.line()?;
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "LHLO" => {
                let offers = ["250-rig", "250-PIPELINING", "250-8BITMIME", "250-SMTPUTF8"];
                connection.say(&format!("{}\r\n250 DSN\r\n", offers.join("\r\n")))?;
            }
            "MAIL" => {
                let (sender, parameters) = path(&line);
                let id = parameters.split(' ').find_map(|p| p.strip_prefix("ENVID="));
                let id = id.map(str::to_owned);
                envelope = Envelope { sender, id, ..Envelope::default() };
                connection.say("250 2.1.0 ok\r\n")?;
            }
            "RCPT" => {
                envelope.recipients.push(path(&line).0);
                connection.say("250 2.1.5 ok\r\n")?;
            }
            "DATA" => {
                connection.say("354 go on\r\n")?;
                envelope.raw = connection.data()?;
                let taken = std::mem::take(&mut envelope);
                let count = taken.recipients.len();
                world.take(taken);
                connection.say(&"250 2.0.0 taken\r\n".repeat(count))?;
            }
            "RSET" | "NOOP" => {
                envelope = Envelope::default();
                connection.say("250 2.0.0 ok\r\n")?;
            }
            "QUIT" => return connection.say("221 2.0.0 bye\r\n"),
            _ => connection.say("502 5.5.2 not here\r\n")?,
        }
    }
}

/// The address between brackets, and what follows it.
fn path(line: &str) -> (String, &str) {
    let rest = line.split_once('<').map(|(_, rest)| rest).unwrap_or_default();
    let (address, parameters) = rest.split_once('>').unwrap_or_default();
    (address.to_ascii_lowercase(), parameters)
}
