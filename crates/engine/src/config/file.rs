//! The configuration as written.

use serde::Deserialize;
use tidewaiter_policy::Outcome;
use tidewaiter_reply::Mode;
use toml::Spanned;

use super::daemon::file as daemon;
use crate::Every;

pub(super) type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct File {
    pub(super) identity: Identity,
    #[serde(default)]
    pub(super) files: Files,
    #[serde(default)]
    pub(super) caps: super::Caps,
    #[serde(default)]
    pub(super) trust: Trust,
    #[serde(default)]
    pub(super) lists: Vec<List>,
    #[serde(default)]
    pub(super) mailboxes: Vec<daemon::Mailbox>,
    pub(super) smtp: Option<daemon::Smtp>,
    #[serde(default)]
    pub(super) store: daemon::Store,
    #[serde(default)]
    pub(super) outbox: daemon::Outbox,
    pub(super) status: Option<daemon::Status>,
    #[serde(default)]
    pub(super) log: super::daemon::LogConfig,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Identity {
    pub(super) address: Text,
    pub(super) name: String,
    pub(super) operator: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Files {
    pub(super) policies: Option<String>,
    pub(super) maintainers: Option<String>,
    pub(super) tree: Option<String>,
    pub(super) key: Option<String>,
    pub(super) key_credential: Option<Text>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Trust {
    pub(super) authserv_ids: Vec<Text>,
    pub(super) keyring: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct List {
    pub(super) id: Text,
    pub(super) address: Text,
    pub(super) name: Option<String>,
    pub(super) project: String,
    pub(super) policy: Text,
    #[serde(default)]
    pub(super) mode: Mode,
    #[serde(default = "hold")]
    pub(super) decline: Mode,
    #[serde(default = "speak_on")]
    pub(super) speak_on: Vec<Outcome>,
    #[serde(default = "half_a_day")]
    pub(super) settle: Text,
    #[serde(default = "two_days")]
    pub(super) max_age: Text,
    #[serde(default)]
    pub(super) cc_maintainers: bool,
    #[serde(default)]
    pub(super) digest_to: Vec<Text>,
    #[serde(default)]
    pub(super) digest_every: Every,
    #[serde(default)]
    pub(super) embargo: Vec<Text>,
    #[serde(default)]
    pub(super) opt_out: Vec<Text>,
    #[serde(default)]
    pub(super) opt_out_subsystems: Vec<String>,
    #[serde(default = "nothing")]
    pub(super) quiet_hours: Text,
    #[serde(default = "a_day")]
    pub(super) quiet_alarm: Text,
}

fn default_text(text: &str) -> Text {
    Spanned::new(0..0, text.to_owned())
}

fn hold() -> Mode {
    Mode::Hold
}

fn half_a_day() -> Text {
    default_text("12h")
}

fn nothing() -> Text {
    default_text("")
}

fn a_day() -> Text {
    default_text("24h")
}

fn two_days() -> Text {
    default_text("2d")
}

fn speak_on() -> Vec<Outcome> {
    vec![Outcome::Decline, Outcome::Ask]
}
