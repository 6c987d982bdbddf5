//! What an operator asks for, and what became of a reply: each with a text of one line.

use std::fmt;

use jiff::civil::Date;
use tidewaiter_mail::{Address, MessageId};

/// Something that is to be done whatever the mails say.
///
/// Its text is one line, such as `opt-out alice@example.org`, and is read back by
/// [`Command::parse`]; stores keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Say nothing of this author's series, nor to them, from now on.
    OptOut(Address),
    /// Take such a wish back.
    OptIn(Address),
    /// Judge the series that this mail belongs to again.
    Recheck(MessageId),
    /// Send the reply with this id, which is held. The engine does nothing about it.
    Release(MessageId),
    /// Turn the stop switch on. The engine does nothing about it.
    Stop,
    /// A pull of this day changed the documents in which a project's policy stands.
    PolicyChanged {
        /// The day (UTC).
        day: Date,
        /// The project, as the lists' configuration names it.
        project: String,
    },
}

impl Command {
    /// Reads a command's text; `None` for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "stop" {
            return Some(Self::Stop);
        }
        let (word, rest) = text.split_once(' ')?;
        let address = || Address::new(rest).filter(|address| address.as_str() == rest);
        match word {
            "opt-out" => address().map(Self::OptOut),
            "opt-in" => address().map(Self::OptIn),
            "recheck" => MessageId::new(rest).map(Self::Recheck),
            "release" => MessageId::new(rest).map(Self::Release),
            "policy-changed" => {
                let (day, project) = rest.split_once(' ')?;
                let fits = !project.is_empty() && !project.contains(char::is_control);
                let (day, project) = (day.parse().ok()?, project.to_owned());
                fits.then_some(Self::PolicyChanged { day, project })
            }
            _ => None,
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OptOut(address) => write!(f, "opt-out {address}"),
            Self::OptIn(address) => write!(f, "opt-in {address}"),
            Self::Recheck(id) => write!(f, "recheck {id}"),
            Self::Release(id) => write!(f, "release {id}"),
            Self::Stop => f.write_str("stop"),
            Self::PolicyChanged { day, project } => write!(f, "policy-changed {day} {project}"),
        }
    }
}

/// What became of a reply on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The server took it.
    Sent,
    /// It came back through its list.
    Seen,
    /// It was refused for good, or tried for too long.
    Dead,
    /// Nobody knows.
    Doubt,
    /// It waits for a person from now on.
    Held,
    /// It was no longer wanted before it went out.
    Cancelled,
    /// A person dropped it before it went out.
    Dropped,
    /// This recipient of it was refused for good, and is never written to again.
    Refused(Address),
}

impl Delivery {
    /// Reads `<id> sent`, `<id> refused alice@example.org`; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<(MessageId, Self)> {
        let (id, what) = text.split_once(' ')?;
        let delivery = match what {
            "sent" => Self::Sent,
            "seen" => Self::Seen,
            "dead" => Self::Dead,
            "doubt" => Self::Doubt,
            "held" => Self::Held,
            "cancelled" => Self::Cancelled,
            "dropped" => Self::Dropped,
            _ => {
                let rest = what.strip_prefix("refused ")?;
                Self::Refused(Address::new(rest).filter(|address| address.as_str() == rest)?)
            }
        };
        Some((MessageId::new(id)?, delivery))
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent => f.write_str("sent"),
            Self::Seen => f.write_str("seen"),
            Self::Dead => f.write_str("dead"),
            Self::Doubt => f.write_str("doubt"),
            Self::Held => f.write_str("held"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Dropped => f.write_str("dropped"),
            Self::Refused(address) => write!(f, "refused {address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("opt-out alice@example.org"; "opt-out")]
    #[test_case("opt-in alice@example.org"; "opt-in")]
    #[test_case("recheck 1@example.org"; "recheck")]
    #[test_case("release tw.0123@bot.example.net"; "release")]
    #[test_case("stop"; "stop")]
    #[test_case("policy-changed 2026-05-29 QEMU"; "policy changed")]
    #[test_case("policy-changed 2026-05-29 A project"; "a project with a blank")]
    fn a_command_is_read_back(text: &str) {
        assert_eq!(Command::parse(text).unwrap().to_string(), text);
    }

    #[test_case(""; "nothing")]
    #[test_case("opt-out"; "nobody")]
    #[test_case("opt-out alice"; "no address")]
    #[test_case("opt-out  alice@example.org"; "two blanks")]
    #[test_case("opt-out alice@example.org "; "a blank behind")]
    #[test_case("Stop"; "another case")]
    #[test_case("stop now"; "more")]
    #[test_case("release a b"; "two ids")]
    #[test_case("policy-changed yesterday QEMU"; "no day")]
    #[test_case("policy-changed 2026-05-29 a\nb"; "two lines")]
    fn no_command(text: &str) {
        assert_eq!(Command::parse(text), None);
    }

    #[test_case("a@b sent"; "sent")]
    #[test_case("a@b seen"; "seen")]
    #[test_case("a@b dead"; "dead")]
    #[test_case("a@b doubt"; "doubt")]
    #[test_case("a@b held"; "held")]
    #[test_case("a@b cancelled"; "cancelled")]
    #[test_case("a@b dropped"; "dropped")]
    #[test_case("a@b refused alice@example.org"; "refused")]
    fn a_delivery_is_read_back(text: &str) {
        let (id, delivery) = Delivery::parse(text).unwrap();
        assert_eq!(format!("{id} {delivery}"), text);
    }

    #[test_case("a@b ready"; "it waits again")]
    #[test_case("a@b refused"; "nobody refused")]
    #[test_case("a@b"; "no state")]
    fn no_delivery(text: &str) {
        assert_eq!(Delivery::parse(text), None);
    }
}
