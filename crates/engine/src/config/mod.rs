//! The configuration: parsed, validated, then used.

pub mod daemon;
mod file;
mod quiet;

use std::ops::Range;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use tidewaiter_mail::{Address, AuthResults, ListId, Mailbox};
use tidewaiter_policy::{ConfigError, ConfigWarning, Outcome, read_config};
use tidewaiter_reply::{Identity, ListReply, MOST_RECIPIENTS, Mode, sendable};

use daemon::SecretAt;

pub use daemon::DaemonConfig;
pub use quiet::QuietHours;

use crate::Every;

/// The configuration that is shipped, with every default in it.
pub const BUILTIN: &str = include_str!("../../../../config/tidewaiter.toml");

/// A valid configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who speaks.
    pub identity: Identity,
    /// Where further files are, as written.
    pub files: Files,
    /// How much may be sent.
    pub caps: Caps,
    /// Who is believed about where a mail is from.
    pub trust: TrustConfig,
    /// The lists, in the file's order.
    pub lists: Vec<ListConfig>,
    /// What only `run` needs.
    pub daemon: DaemonConfig,
}

/// Paths of further files; relative ones start from the configuration's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// A folder with policies.
    pub policies: Option<String>,
    /// The tree's MAINTAINERS.
    pub maintainers: Option<String>,
    /// The tree's paths.
    pub tree: Option<String>,
    /// The key of the replies' Message-IDs.
    pub key: Option<SecretAt>,
}

/// How much may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Caps {
    /// Replies in one hour.
    pub hour: u32,
    /// Replies in one day.
    pub day: u32,
    /// Replies to one list in one hour; as many as to all together where there is none.
    pub list_hour: Option<u32>,
    /// Replies to one list in one day.
    pub list_day: Option<u32>,
    /// Replies in one thread, ever.
    pub thread: u32,
    /// Replies to one author in one day for a finding that was said before.
    pub author_day: u32,
    /// Replies to authors of one domain in one day ([`Address::organization`]).
    pub domain_day: u32,
    /// Words of one person that are followed in one day.
    pub words_day: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            hour: 5,
            day: 20,
            list_hour: None,
            list_day: None,
            thread: 2,
            author_day: 1,
            domain_day: 3,
            words_day: 3,
        }
    }
}

/// Who is believed about where a mail is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustConfig {
    /// Names of servers whose `Authentication-Results` is believed (authserv-ids, RFC 8601
    /// section 2.5); letter case does not matter.
    pub authserv_ids: Vec<String>,
    /// A folder with public keys of persons, as patatt lays them out.
    pub keyring: Option<String>,
}

/// One list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListConfig {
    /// Its List-Id.
    pub id: ListId,
    /// The id of the policy that it is judged under.
    pub policy: String,
    /// Where the policy's id stands in the file.
    pub policy_span: Range<usize>,
    /// How replies are sent.
    pub reply: ListReply,
    /// Which outcomes are spoken of.
    pub speak_on: Vec<Outcome>,
    /// How long to wait after the last mail of a series.
    pub settle: SignedDuration,
    /// How late a series may be answered.
    pub max_age: SignedDuration,
    /// Who gets the list's digest.
    pub digest_to: Vec<Mailbox>,
    /// How often a digest is written.
    pub digest_every: Every,
    /// Addresses for reports under embargo.
    pub embargo: Vec<Address>,
    /// Authors of whose series nothing is said.
    pub opt_out: Vec<Address>,
    /// Sections of MAINTAINERS of which nothing is said, by name.
    pub opt_out_subsystems: Vec<String>,
    /// Hours in which nothing is sent by itself.
    pub quiet_hours: Option<QuietHours>,
    /// After how long without a mail of the list somebody is told.
    pub quiet_alarm: SignedDuration,
}

impl Config {
    /// Reads and validates a configuration.
    ///
    /// # Errors
    /// Every mistake, with its place.
    pub fn parse(text: &str) -> Result<(Self, Vec<ConfigWarning>), Vec<ConfigError>> {
        let file: file::File = read_config("the configuration", text, &[])?;
        let mut errors = Vec::new();
        let mut warnings = Vec::new();
        let identity = identity(file.identity, &mut errors);
        let files = files(file.files, &mut errors);
        let trust = trust(file.trust, &mut errors, &mut warnings);
        let mut lists: Vec<ListConfig> = Vec::new();
        for list in file.lists {
            let span = list.id.span();
            let Some(list) = validate_list(list, &mut errors) else { continue };
            let known = lists.iter().find(|l| l.id == list.id || l.reply.list == list.reply.list);
            if let Some(known) = known {
                let message = format!(
                    "failed to read the configuration: the list `{}` has an entry already",
                    known.id
                );
                errors.push(error(message, span));
                continue;
            }
            if list.reply.mode == Mode::Observe && list.reply.decline == Mode::List {
                warnings.push(ConfigWarning {
                    message: "`decline` has no effect while `mode` is \"observe\"".to_owned(),
                    span: Some(span),
                });
            }
            lists.push(list);
        }
        let daemon = DaemonConfig::validate(
            daemon::file::Tables {
                mailboxes: file.mailboxes,
                smtp: file.smtp,
                store: file.store,
                outbox: file.outbox,
                status: file.status,
                log: file.log,
            },
            &mut errors,
        );
        match identity {
            Some(identity) if errors.is_empty() => {
                let caps = file.caps;
                Ok((Self { identity, files, caps, trust, lists, daemon }, warnings))
            }
            _ => Err(errors),
        }
    }

    /// The list with this List-Id or address.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&ListConfig> {
        self.lists.iter().find(|list| {
            list.id.as_str().eq_ignore_ascii_case(name)
                || list.reply.list.as_str().eq_ignore_ascii_case(name)
                || list.reply.list_name.eq_ignore_ascii_case(name)
        })
    }
}

fn error(message: String, span: Range<usize>) -> ConfigError {
    ConfigError { message, span: (!span.is_empty()).then_some(span) }
}

fn identity(file: file::Identity, errors: &mut Vec<ConfigError>) -> Option<Identity> {
    let own = address(&file.address, errors);
    writable(own.as_ref(), &file.address, errors);
    let operator = mailbox(&file.operator, errors);
    writable(operator.as_ref().and_then(|o| o.address.as_ref()), &file.operator, errors);
    let own = own?;
    let domain = own.domain().to_owned();
    Some(Identity { address: own, name: file.name, operator: operator?, message_id_domain: domain })
}

fn files(file: file::Files, errors: &mut Vec<ConfigError>) -> Files {
    let key = match (file.key, file.key_credential) {
        (key, None) => key.map(SecretAt::File),
        (None, Some(name)) => daemon::named(name, errors),
        (Some(_), Some(name)) => {
            let message = "failed to read the configuration: there are both `key` and \
                           `key-credential`; one is enough";
            errors.push(error(message.to_owned(), name.span()));
            None
        }
    };
    Files { policies: file.policies, maintainers: file.maintainers, tree: file.tree, key }
}

fn mailbox(text: &file::Text, errors: &mut Vec<ConfigError>) -> Option<Mailbox> {
    let found = Mailbox::parse(text.get_ref()).filter(|mailbox| mailbox.address.is_some());
    if found.is_none() {
        let written = text.get_ref();
        let message = format!("failed to read the configuration: `{written}` is no mailbox");
        errors.push(error(message, text.span()));
    }
    found
}

fn trust(
    file: file::Trust,
    errors: &mut Vec<ConfigError>,
    warnings: &mut Vec<ConfigWarning>,
) -> TrustConfig {
    let mut found = TrustConfig { keyring: file.keyring, ..TrustConfig::default() };
    for text in file.authserv_ids {
        let (id, span) = (text.get_ref(), text.span());
        if !AuthResults::is_id(id) {
            let message = format!(
                "failed to read the configuration: `{id}` is no name of a server (authserv-id), \
                 such as \"mx.example.net\""
            );
            errors.push(error(message, span));
        } else if found.authserv_ids.iter().any(|known| known.eq_ignore_ascii_case(id)) {
            let message = format!("`{id}` is named twice");
            warnings.push(ConfigWarning { message, span: Some(span) });
        } else {
            found.authserv_ids.push(text.into_inner());
        }
    }
    found
}

fn address(text: &file::Text, errors: &mut Vec<ConfigError>) -> Option<Address> {
    let found = Address::new(text.get_ref());
    if found.is_none() {
        let written = text.get_ref();
        let message = format!("failed to read the configuration: `{written}` is no address");
        errors.push(error(message, text.span()));
    }
    found
}

/// Refuses an address that is left out where a mail is written: such a mail is never sent.
fn writable(address: Option<&Address>, text: &file::Text, errors: &mut Vec<ConfigError>) {
    if address.is_some_and(|address| !sendable(address)) {
        let written = text.get_ref();
        let message =
            format!("failed to read the configuration: no mail can be sent to `{written}`");
        errors.push(error(message, text.span()));
    }
}

/// Who gets a digest: nobody twice, and no more than a mail may go to.
fn readers(texts: &[file::Text], errors: &mut Vec<ConfigError>) -> Vec<Mailbox> {
    let mut found: Vec<Mailbox> = Vec::new();
    for text in texts {
        let Some(reader) = mailbox(text, errors) else { continue };
        writable(reader.address.as_ref(), text, errors);
        let written = text.get_ref();
        let lower = |mailbox: &Mailbox| {
            mailbox.address.as_ref().map(|address| address.as_str().to_ascii_lowercase())
        };
        let what = if found.iter().any(|known| lower(known) == lower(&reader)) {
            format!("`{written}` is named twice")
        } else if found.len() == MOST_RECIPIENTS {
            format!("`digest-to` names more than {MOST_RECIPIENTS} people; a list of theirs is one")
        } else {
            found.push(reader);
            continue;
        };
        errors.push(error(format!("failed to read the configuration: {what}"), text.span()));
    }
    found
}

fn validate_list(list: file::List, errors: &mut Vec<ConfigError>) -> Option<ListConfig> {
    let id = ListId::new(list.id.get_ref());
    if id.is_none() {
        let message =
            format!("failed to read the configuration: `{}` is no List-Id", list.id.get_ref());
        errors.push(error(message, list.id.span()));
    }
    let own = address(&list.address, errors);
    writable(own.as_ref(), &list.address, errors);
    let digest_to = readers(&list.digest_to, errors);
    let embargo = list.embargo.iter().filter_map(|text| address(text, errors)).collect();
    let settle = duration(&list.settle, errors);
    let max_age = duration(&list.max_age, errors);
    let opt_out = list.opt_out.iter().filter_map(|text| address(text, errors)).collect();
    let quiet_hours = quiet_hours(&list.quiet_hours, errors);
    let quiet_alarm = duration(&list.quiet_alarm, errors);
    let own = own?;
    Some(ListConfig {
        id: id?,
        policy_span: list.policy.span(),
        policy: list.policy.into_inner(),
        reply: ListReply {
            project: list.project,
            list_name: list.name.unwrap_or_else(|| own.local().to_owned()),
            list: own,
            mode: list.mode,
            cc_maintainers: list.cc_maintainers,
            decline: list.decline,
            never_to: Vec::new(),
        },
        speak_on: list.speak_on,
        settle: settle?,
        max_age: max_age?,
        digest_to,
        digest_every: list.digest_every,
        embargo,
        opt_out,
        opt_out_subsystems: list.opt_out_subsystems,
        quiet_hours,
        quiet_alarm: quiet_alarm?,
    })
}

/// `22:00-07:00`; empty for none.
fn quiet_hours(text: &file::Text, errors: &mut Vec<ConfigError>) -> Option<QuietHours> {
    let written = text.get_ref();
    let found = QuietHours::parse(written);
    if found.is_none() && !written.is_empty() {
        let message = format!(
            "failed to read the configuration: `{written}` are no hours of a day, such as \
             \"22:00-07:00\""
        );
        errors.push(error(message, text.span()));
    }
    found
}

/// `90s`, `15m`, `12h`, `2d`.
fn duration(text: &file::Text, errors: &mut Vec<ConfigError>) -> Option<SignedDuration> {
    let written = text.get_ref();
    let found = written.char_indices().next_back().and_then(|(at, unit)| {
        let number: i64 = written.get(..at)?.trim().parse().ok()?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        (0..=3_650 * 86_400 / seconds)
            .contains(&number)
            .then(|| SignedDuration::from_secs(number * seconds))
    });
    if found.is_none() {
        let message = format!(
            "failed to read the configuration: `{written}` is no length of time, such as \"90s\", \
             \"15m\", \"12h\" or \"2d\""
        );
        errors.push(error(message, text.span()));
    }
    found
}

#[cfg(test)]
mod tests;
