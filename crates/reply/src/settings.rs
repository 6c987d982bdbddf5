//! Settings of the configuration that a reply depends on.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use tidewaiter_mail::{Address, Mailbox};

/// Who speaks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Identity {
    /// The program's own address, in `From` and `X-Loop`.
    #[serde(deserialize_with = "address")]
    #[schemars(with = "String")]
    pub address: Address,
    /// Its display name.
    #[serde(default = "default_name")]
    pub name: String,
    /// The person who runs it, named below each reply: `Olga Operator <olga@example.net>`.
    #[serde(deserialize_with = "mailbox")]
    #[schemars(with = "String")]
    pub operator: Mailbox,
    /// What stands behind the `@` in its Message-IDs.
    pub message_id_domain: String,
}

/// How replies for one list are sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ListReply {
    /// The project's id, a part of each Message-ID: changing it makes replies anew.
    pub project: String,
    /// The list's name in the text, such as `qemu-devel`.
    pub list_name: String,
    /// The list's address.
    #[serde(deserialize_with = "address")]
    #[schemars(with = "String")]
    pub list: Address,
    /// Who gets a reply.
    #[serde(default)]
    pub mode: Mode,
    /// In mode `list`, the maintainers get a copy.
    #[serde(default)]
    pub cc_maintainers: bool,
    /// Who gets a reply where the policy declines. It counts where `mode` is `author`,
    /// `maintainers` or `list`; with `hold` it waits, and goes where `mode` says once a person
    /// releases it.
    #[serde(default = "default_decline")]
    pub decline: Mode,
    /// Addresses that are never written to, whoever gives them.
    #[serde(default, deserialize_with = "addresses")]
    #[schemars(with = "Vec<String>")]
    pub never_to: Vec<Address>,
}

/// Who gets a reply, from the fewest on.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nobody: it is stored and shown.
    #[default]
    Observe,
    /// Nobody, until a person releases it; then the list and the author.
    Hold,
    /// One mail a day or week to configured addresses.
    Digest,
    /// The author alone.
    Author,
    /// At most three persons on `M:` lines.
    Maintainers,
    /// The list, with a copy to the author.
    List,
}

fn default_name() -> String {
    "tidewaiter".to_owned()
}

fn default_decline() -> Mode {
    Mode::Hold
}

fn address<'de, D: Deserializer<'de>>(from: D) -> Result<Address, D::Error> {
    read_address(&String::deserialize(from)?)
}

fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Address>, D::Error> {
    Vec::<String>::deserialize(from)?.iter().map(|text| read_address(text)).collect()
}

fn read_address<E: Error>(text: &str) -> Result<Address, E> {
    Address::new(text).ok_or_else(|| E::custom(format!("failed to read the address `{text}`")))
}

fn mailbox<'de, D: Deserializer<'de>>(from: D) -> Result<Mailbox, D::Error> {
    let text = String::deserialize(from)?;
    Mailbox::parse(&text)
        .ok_or_else(|| D::Error::custom(format!("failed to read `{text}` as `Name <address>`")))
}
