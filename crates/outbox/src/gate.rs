//! What must hold before a reply is tried.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use tidewaiter_store::{Error, Limits, Past, QuietHours, ReplyRow, Store};

use crate::Halt;

/// What the configuration says of sending, and the stop that a signal turns on.
#[derive(Clone, Debug)]
pub struct Rules {
    /// While this is on, nothing is sent.
    pub halt: Halt,
    /// While this file exists, nothing is sent.
    pub stop_file: Option<PathBuf>,
    /// The most that may be sent.
    pub limits: Limits,
    /// The lists; a reply for any other is held.
    pub lists: Vec<ListRule>,
    /// The operator's address. A digest for the operator alone asks for no policy.
    pub operator: Option<String>,
    /// How long after its first try a reply is given up. What was never tried is not: it waits, or
    /// is held for its age.
    pub give_up: SignedDuration,
    /// So many bounces in a day turn the stop switch on.
    pub bounces: u32,
}

/// What the configuration says of one list.
#[derive(Clone, Debug)]
pub struct ListRule {
    /// Its address.
    pub list: String,
    /// Its mode lets replies out, by themselves or released by a person.
    pub may_send: bool,
    /// Its mode lets replies out by themselves. A digest may go where others wait.
    pub by_itself: bool,
    /// How long its policy may be spoken by.
    pub policy: PolicyTerm,
    /// How late a series may be answered.
    pub max_age: SignedDuration,
    /// When nothing is sent that no person has released.
    pub quiet: Option<QuietHours>,
}

/// How long a policy may be spoken by to others than the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyTerm {
    /// The last day (UTC); `None` where it may not be spoken by at all.
    pub until: Option<Date>,
    /// The word for what is so from the day after it.
    pub over: &'static str,
    /// The project, by which a pull that changes its documents is known.
    pub project: String,
    /// When a person last held the policy against those documents.
    pub checked: Option<Date>,
}

/// What keeps a reply from being tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Nothing is sent now, whatever it is: the stop switch, its file, or a store that does not
    /// know its past.
    Everything(String),
    /// This one waits for a person.
    Hold {
        /// The word that it is held by.
        by: &'static str,
        /// Why, as a sentence.
        why: String,
    },
    /// It is to wait until then.
    Later(Timestamp),
    /// A mail with its id came already: nobody knows whether it is this one.
    Doubt(String),
}

/// Whether anything may be sent.
pub(crate) fn shut(rules: &Rules, store: &Store) -> Result<Option<String>, Error> {
    if let Some(why) = rules.halt.why() {
        return Ok(Some(why.to_owned()));
    }
    if let Some(file) = &rules.stop_file {
        // What cannot be looked at may be there.
        match file.try_exists() {
            Ok(false) => {}
            Ok(true) => return Ok(Some(format!("the file `{}` exists", file.display()))),
            Err(e) => return Ok(Some(format!("failed to look for `{}`: {e}", file.display()))),
        }
    }
    if let Some(switch) = store.stopped()? {
        return Ok(Some(format!("the stop switch is on: {}", switch.why)));
    }
    Ok(match store.past() {
        Past::Known => None,
        Past::Empty => Some("the store is new".to_owned()),
        Past::RolledBack => Some("the store is older than what was here last".to_owned()),
        Past::Unwitnessed => Some("the store's past is not known".to_owned()),
    })
}

/// Whether this reply may be tried. A released one is not asked for its age.
pub(crate) fn obstacle(
    rules: &Rules,
    store: &Store,
    reply: &ReplyRow,
    now: Timestamp,
) -> Result<Option<Obstacle>, Error> {
    if let Some(why) = shut(rules, store)? {
        return Ok(Some(Obstacle::Everything(why)));
    }
    let hold = |by, why: &str| Ok(Some(Obstacle::Hold { by, why: why.to_owned() }));
    let rule = rules.lists.iter().find(|rule| rule.list.eq_ignore_ascii_case(&reply.list));
    let Some(rule) = rule.filter(|rule| rule.may_send) else {
        return hold("observe", "its list is only observed");
    };
    if reply.released.is_none() && !rule.by_itself && reply.kind != "digest" {
        return hold("hold", "its list's mode lets nothing out by itself");
    }
    if let Some((by, why)) = of_policy(rules, rule, store, reply, now)? {
        return hold(by, why);
    }
    if reply.released.is_none() && now.duration_since(reply.about) > rule.max_age {
        return hold("age", "what it answers is too old");
    }
    if reply.bytes.is_none() || reply.recipients.is_empty() {
        return hold("no-recipient", "it has nobody to go to");
    }
    if !store.mails_of(&reply.id)?.is_empty() {
        return Ok(Some(Obstacle::Doubt("a mail with its Message-ID came already".to_owned())));
    }
    let quiet = rule.quiet.filter(|_| reply.released.is_none());
    Ok(quiet.and_then(|quiet| quiet.until(now)).map(Obstacle::Later))
}

/// Whether the policy that a reply speaks by may be spoken by still. What was written while it
/// might be waits for a person, for quiet hours, or for a mail server.
fn of_policy(
    rules: &Rules,
    rule: &ListRule,
    store: &Store,
    reply: &ReplyRow,
    now: Timestamp,
) -> Result<Option<(&'static str, &'static str)>, Error> {
    let is_operator = |to: &String| rules.operator.as_ref().is_some_and(|o| o == to);
    if reply.kind == "digest" && reply.recipients.iter().all(is_operator) {
        return Ok(None);
    }
    let term = &rule.policy;
    let today = now.to_zoned(TimeZone::UTC).date();
    if term.until.is_none_or(|until| today > until) {
        return Ok(Some((term.over, "its policy has to be read again by a person first")));
    }
    let changed = store.policy_changed(&term.project)?;
    let stale = changed.is_some_and(|changed| term.checked.is_none_or(|day| day <= changed));
    Ok(stale.then_some(("policy-changed", "a pull changed the documents of its policy")))
}
