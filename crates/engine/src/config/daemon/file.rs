//! What only `run` needs, as written.

use serde::Deserialize;

use super::{super::file::Text, LogConfig, MailTls, SubmissionTls};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in super::super) struct Mailbox {
    pub(in super::super) name: Text,
    pub(in super::super) host: Text,
    #[serde(default)]
    pub(in super::super) tls: MailTls,
    pub(in super::super) port: Option<u16>,
    pub(in super::super) user: String,
    pub(in super::super) password_file: Option<String>,
    pub(in super::super) credential: Option<Text>,
    pub(in super::super) ca_file: Option<String>,
    #[serde(default = "inbox")]
    pub(in super::super) mailbox: Text,
    #[serde(default = "two_mebibytes")]
    pub(in super::super) max_mail_kib: toml::Spanned<u32>,
    #[serde(default = "two_weeks")]
    pub(in super::super) rescan: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in super::super) struct Smtp {
    pub(in super::super) host: Text,
    #[serde(default)]
    pub(in super::super) tls: SubmissionTls,
    pub(in super::super) port: Option<u16>,
    pub(in super::super) user: Option<String>,
    pub(in super::super) password_file: Option<String>,
    pub(in super::super) credential: Option<Text>,
    pub(in super::super) ca_file: Option<String>,
    pub(in super::super) hello: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(in super::super) struct Store {
    pub(in super::super) file: String,
    pub(in super::super) retain_days: toml::Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(in super::super) struct Outbox {
    pub(in super::super) give_up: Text,
    pub(in super::super) bounces: u32,
    pub(in super::super) stop_file: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in super::super) struct Status {
    pub(in super::super) listen: Text,
    #[serde(default)]
    pub(in super::super) names: Vec<Text>,
}

/// The tables that only `run` needs.
#[derive(Default)]
pub(in super::super) struct Tables {
    pub(in super::super) mailboxes: Vec<Mailbox>,
    pub(in super::super) smtp: Option<Smtp>,
    pub(in super::super) store: Store,
    pub(in super::super) outbox: Outbox,
    pub(in super::super) status: Option<Status>,
    pub(in super::super) log: LogConfig,
}

fn text(text: &str) -> Text {
    Text::new(0..0, text.to_owned())
}

fn inbox() -> Text {
    text("INBOX")
}

fn two_mebibytes() -> toml::Spanned<u32> {
    toml::Spanned::new(0..0, 2048)
}

fn two_weeks() -> Text {
    text("14d")
}

impl Default for Store {
    fn default() -> Self {
        Self { file: "tidewaiter.sqlite".to_owned(), retain_days: toml::Spanned::new(0..0, 180) }
    }
}

impl Default for Outbox {
    fn default() -> Self {
        Self { give_up: text("1d"), bounces: 3, stop_file: None }
    }
}
