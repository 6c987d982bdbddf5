//! Postfix asks before it answers at the submission port (Postfix's `SMTPD_POLICY_README`).

use std::collections::HashMap;
use std::sync::Arc;

use super::serve::{Connection, Server};
use super::world::World;

/// A recipient that somebody named at the submission port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// Who had logged in.
    pub user: String,
    /// The envelope's sender.
    pub sender: String,
    /// The recipient, also one that was refused.
    pub recipient: String,
}

pub(super) fn start(world: &Arc<World>) -> Server {
    let world = Arc::clone(world);
    Server::start(move |mut connection| {
        serve(&mut connection, &world);
    })
}

fn serve(connection: &mut Connection, world: &Arc<World>) -> Option<()> {
    loop {
        let mut asked = HashMap::new();
        loop {
            let line = connection.line()?;
            let Some((name, value)) = line.split_once('=') else { break };
            asked.insert(name.to_owned(), value.to_owned());
        }
        let of = |name: &str| asked.get(name).cloned().unwrap_or_default();
        let (state, recipient) = (of("protocol_state"), of("recipient"));
        if state == "RCPT" {
            let tried = Tried {
                user: of("sasl_username"),
                sender: of("sender"),
                recipient: recipient.to_ascii_lowercase(),
            };
            world.records().tried.push(tried);
        }
        let answer = world.faults().refusal(&state, &recipient);
        connection.say(&format!("action={}\n\n", answer.as_deref().unwrap_or("DUNNO")))?;
    }
}
