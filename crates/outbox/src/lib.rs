//! Delivers replies: each once, or not at all and a person is told.
//!
//! A reply is armed in the store between the server's `354` and its first byte. What happens
//! after that and is not a plain answer leaves it in doubt: it is never sent again by itself.
//! Our own mail coming back through the list ([`come_back`]) settles the doubt, or a person.

mod clock;
mod come_back;
mod conversation;
mod gate;
mod halt;
mod hand;
mod operate;
mod outbox;
mod pass;
mod probe;
mod refusal;
mod secret;
mod server;
mod stream;

pub use clock::{Clock, SystemClock};
pub use come_back::{CameBack, Own, come_back};
pub use gate::{ListRule, Obstacle, PolicyTerm, Rules};
pub use halt::Halt;
pub use hand::Hand;
pub use operate::{OperateError, Resolution, drop_reply, release, resolve, resume};
pub use outbox::Outbox;
pub use pass::{CaughtUp, Happened, Pass, Pause};
pub use probe::{Probe, ProbeError, probe};
pub use secret::Secret;
pub use server::{Security, Server, ServerError, Timeouts};
