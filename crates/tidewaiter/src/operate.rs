//! What an operator may ask for while the daemon runs: the words for it, and how it is done.
//!
//! Where no daemon runs a command does it itself; else it leaves the words in the store, and the
//! daemon does it and leaves its answer ([`order::give`]).

pub(crate) mod find;
pub(crate) mod order;

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use tidewaiter_engine::Command;
use tidewaiter_mail::{Address, MessageId};
use tidewaiter_outbox::{OperateError, Resolution, Rules, drop_reply, release, resolve, resume};
use tidewaiter_report::counted;
use tidewaiter_store::{Error, Forgotten, Store};

/// The start of every sentence that says what was not done.
const FAILED: &str = "failed to ";

/// Why sending is stopped where nobody says more.
pub(crate) const BY_HAND: &str = "stopped by hand";

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// `release ID`
    Release(MessageId),
    /// `drop ID`
    Drop(MessageId),
    /// `resolve ID sent|resend|drop`
    Resolve(MessageId, Resolution),
    /// `stop WHY`
    Stop(String),
    /// `resume`
    Resume,
    /// `forget ADDRESS`
    Forget(Address),
    /// `opt-out ADDRESS`
    OptOut(Address),
    /// `opt-in ADDRESS`
    OptIn(Address),
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Release(id) => write!(f, "release {id}"),
            Self::Drop(id) => write!(f, "drop {id}"),
            Self::Resolve(id, how) => write!(f, "resolve {id} {}", word(*how)),
            Self::Stop(why) => write!(f, "stop {why}"),
            Self::Resume => f.write_str("resume"),
            Self::Forget(person) => write!(f, "forget {person}"),
            // The engine reads these two.
            Self::OptOut(person) => Command::OptOut(person.clone()).fmt(f),
            Self::OptIn(person) => Command::OptIn(person.clone()).fmt(f),
        }
    }
}

impl FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{FAILED}understand the command `{text}`");
        let (what, rest) = text.split_once(' ').unwrap_or((text, ""));
        let id = |text: &str| MessageId::new(text).ok_or_else(wrong);
        match what {
            "release" => id(rest).map(Self::Release),
            "drop" => id(rest).map(Self::Drop),
            "resolve" => {
                let (reply, how) = rest.rsplit_once(' ').ok_or_else(wrong)?;
                let all = [Resolution::Sent, Resolution::Resend, Resolution::Drop];
                let how = all.into_iter().find(|all| word(*all) == how).ok_or_else(wrong)?;
                Ok(Self::Resolve(id(reply)?, how))
            }
            "stop" if rest.is_empty() => Ok(Self::Stop(BY_HAND.to_owned())),
            "stop" => Ok(Self::Stop(rest.to_owned())),
            "resume" if rest.is_empty() => Ok(Self::Resume),
            "forget" => Address::new(rest).map(Self::Forget).ok_or_else(wrong),
            "opt-out" => Address::new(rest).map(Self::OptOut).ok_or_else(wrong),
            "opt-in" => Address::new(rest).map(Self::OptIn).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

fn word(how: Resolution) -> &'static str {
    match how {
        Resolution::Sent => "sent",
        Resolution::Resend => "resend",
        Resolution::Drop => "drop",
    }
}

/// Why something was not done.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It cannot be done: no such reply, not in that state, a gate is shut.
    Word(String),
    /// The store failed.
    Store(Error),
}

impl From<OperateError> for Refused {
    fn from(error: OperateError) -> Self {
        match error {
            OperateError::Store(error) => Self::Store(error),
            other => Self::Word(other.to_string()),
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(text) => f.write_str(text),
            Self::Store(error) => error.fmt(f),
        }
    }
}

/// Does what the words of a command ask for, and leaves its answer: in one sentence, what happened
/// or what was not done and why. What is done is answered in the same transaction.
///
/// # Errors
/// Where not even an answer can be stored.
pub(crate) fn apply(
    store: &mut Store,
    rules: &Rules,
    command: (i64, &str),
    now: Timestamp,
) -> Result<String, Error> {
    let (number, words) = command;
    let refused = match words.parse::<Order>() {
        Ok(order) => match carry_out(store, rules, &order, Some(number), now) {
            Ok(text) => return Ok(text),
            Err(refused) => refused.to_string(),
        },
        Err(text) => text,
    };
    store.answer_with_next(number, &refused, now);
    store.answer_now()?;
    Ok(refused)
}

/// Whether an answer says that something was not done.
pub(crate) fn is_refusal(answer: &str) -> bool {
    answer.starts_with(FAILED)
}

/// Does what is asked for; `command` is answered where that was left in the store.
pub(crate) fn carry_out(
    store: &mut Store,
    rules: &Rules,
    order: &Order,
    command: Option<i64>,
    now: Timestamp,
) -> Result<String, Refused> {
    let done = match order {
        Order::Forget(person) => forget(store, person, command, now).map_err(Refused::Store),
        _ => do_it(store, rules, order, command, now),
    };
    let done = done.and_then(|text| store.answer_now().map(|()| text).map_err(Refused::Store));
    store.answer_not();
    done
}

fn do_it(
    store: &mut Store,
    rules: &Rules,
    order: &Order,
    command: Option<i64>,
    now: Timestamp,
) -> Result<String, Refused> {
    let before = store.stopped()?;
    let text = done(order, rules, before.as_ref());
    if let Some(command) = command {
        store.answer_with_next(command, &text, now);
    }
    match order {
        Order::Release(id) => release(store, rules, id, now)?,
        Order::Drop(id) => drop_reply(store, id, now)?,
        Order::Resolve(id, how) => resolve(store, id, *how, now)?,
        Order::Stop(why) => {
            let writer = store.begin()?;
            writer.stop(why, now)?;
            writer.command(&order.to_string(), now)?;
            writer.commit_operation()?;
        }
        Order::Resume if before.is_none() => {}
        Order::Resume => resume(store, now)?,
        // An event like any other: the daemon's engine takes it at once, or when it starts.
        Order::OptOut(_) | Order::OptIn(_) => {
            let writer = store.begin()?;
            writer.command(&order.to_string(), now)?;
            writer.commit_operation()?;
        }
        Order::Forget(_) => {}
    }
    Ok(text)
}

/// What to say of an order that is carried out.
fn done(order: &Order, rules: &Rules, before: Option<&tidewaiter_store::Switch>) -> String {
    match order {
        Order::Release(id) => format!("The reply {id} is released and waits to be sent."),
        Order::Resolve(id, Resolution::Sent) => format!("The reply {id} counts as sent."),
        Order::Resolve(id, Resolution::Resend) => {
            format!("The reply {id} waits to be sent once more.")
        }
        Order::Drop(id) | Order::Resolve(id, Resolution::Drop) => {
            format!("The reply {id} is dropped.")
        }
        Order::Stop(_) => stopped(before),
        Order::Resume => match (before, rules.stop_file.as_ref().filter(|file| file.exists())) {
            (Some(_), None) => "Sending goes on.".to_owned(),
            (None, None) => "Sending was not stopped.".to_owned(),
            (_, Some(file)) => format!(
                "The stop switch is off, but nothing is sent while the file `{}` exists.",
                file.display()
            ),
        },
        Order::OptIn(_) => "Their series are spoken of again.".to_owned(),
        Order::OptOut(_) => {
            "Their series are not spoken of from now on; what waits is cancelled.".to_owned()
        }
        Order::Forget(_) => String::new(),
    }
}

fn forget(
    store: &mut Store,
    person: &Address,
    command: Option<i64>,
    now: Timestamp,
) -> Result<String, Error> {
    // Without the address: the answer is kept.
    let text = |gone: &Forgotten| {
        format!(
            "{}, {} and what {} said are forgotten.",
            counted(gone.mails, "mail", "mails"),
            counted(gone.series, "series", "series"),
            counted(gone.replies, "reply", "replies"),
        )
    };
    let gone = store.forget_and(person, |writer, gone| match command {
        Some(command) => writer.answer(command, &text(gone), now),
        None => Ok(()),
    })?;
    let mut text = text(&gone);
    if gone.in_log {
        text += " Somebody reads the store now, so that it stands in its log until the daemon or a \
                 command next opens the store alone.";
    }
    Ok(text)
}

/// What to say where somebody has turned the stop switch on.
pub(crate) fn stopped(before: Option<&tidewaiter_store::Switch>) -> String {
    match before {
        None => "Sending is stopped; `tidewaiter resume` lets it go on.".to_owned(),
        Some(switch) => {
            let since = find::minute(switch.since);
            format!("Sending has been stopped since {since}: {}.", switch.why.trim_end_matches('.'))
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("release tw.0123@bot.example.net"; "release")]
    #[test_case("drop tw.0123@bot.example.net"; "drop")]
    #[test_case("resolve tw.0123@bot.example.net sent"; "sent")]
    #[test_case("resolve tw.0123@bot.example.net resend"; "resend")]
    #[test_case("resolve tw.0123@bot.example.net drop"; "resolve by drop")]
    #[test_case("stop too many of them: look first"; "stop")]
    #[test_case("resume"; "resume")]
    #[test_case("forget alice@example.org"; "forget")]
    fn words_and_back(text: &str) {
        assert_eq!(text.parse::<Order>().unwrap().to_string(), text);
    }

    #[test_case("")]
    #[test_case("release")]
    #[test_case("release two words"; "no id")]
    #[test_case("resolve tw.0123@bot.example.net"; "no resolution")]
    #[test_case("resolve tw.0123@bot.example.net Sent"; "no such resolution")]
    #[test_case("resume now"; "more words")]
    #[test_case("forget everybody"; "no address")]
    #[test_case("dance")]
    fn other_words(text: &str) {
        let error = text.parse::<Order>().unwrap_err();
        assert_eq!(error, format!("failed to understand the command `{text}`"));
        assert!(is_refusal(&error));
    }
}
