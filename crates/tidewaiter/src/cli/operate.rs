//! Options of the commands for operators.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, builder::PossibleValuesParser};
use tidewaiter_mail::Address;
use tidewaiter_outbox::Resolution;
use tidewaiter_store::ReplyState;

/// Options of `list`.
#[derive(Args, Debug)]
pub(crate) struct ListArgs {
    /// Only series that state AI use or carry a tool's mark
    #[arg(long)]
    pub(crate) declared: bool,
    /// Only series that touch such a file, such as 'hw/net/**'; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub(crate) path: Vec<String>,
    /// Only series whose first mail came on this day or later, such as 2026-06-01
    #[arg(long, value_name = "DATE", value_parser = super::day)]
    pub(crate) since: Option<jiff::civil::Date>,
}

/// What to do with replies.
#[derive(Debug, Subcommand)]
pub(crate) enum OutboxCommand {
    /// List replies, the newest last: those that are held, in doubt, or wait to be sent
    List {
        /// Only replies in these states
        #[arg(long, value_name = "STATE", value_delimiter = ',', value_parser = states())]
        state: Vec<String>,
    },
    /// Show everything about one reply, and the mail as it goes out
    Show {
        /// Its Message-ID, or as much of it as tells it from others
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Let a held reply be sent; every gate is asked but its age and the caps
    Release {
        /// Its Message-ID, or as much of it as tells it from others
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Drop a reply that is held or waits to be sent
    Drop {
        /// Its Message-ID, or as much of it as tells it from others
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Settle a reply in doubt: look first whether it is in the list's archive
    #[command(group = ArgGroup::new("how").required(true))]
    Resolve {
        /// Its Message-ID, or as much of it as tells it from others
        #[arg(value_name = "ID")]
        id: String,
        /// It was sent: it is in the list's archive
        #[arg(long, group = "how")]
        sent: bool,
        /// It was not sent: send it
        #[arg(long, group = "how")]
        resend: bool,
        /// Leave it, sent or not
        #[arg(long, group = "how")]
        drop: bool,
    },
}

/// What was found out about a reply in doubt.
pub(crate) fn resolution(sent: bool, resend: bool) -> Resolution {
    if sent {
        Resolution::Sent
    } else if resend {
        Resolution::Resend
    } else {
        Resolution::Drop
    }
}

/// Options of `opt-out` and `opt-in`.
#[derive(Args, Debug)]
pub(crate) struct OptArgs {
    /// Their address
    #[arg(value_name = "ADDRESS", value_parser = address)]
    pub(crate) address: Address,
}

/// Options of `stop`.
#[derive(Args, Debug)]
pub(crate) struct StopArgs {
    /// Why, for those who look later
    #[arg(value_name = "WHY")]
    pub(crate) why: Vec<String>,
}

/// What to do with the store.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Copy the store into a new file, also while the daemon runs
    Backup {
        /// The file; it must not be there yet
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Forget a person: their mails, their series, and what replies to them said
    Forget {
        /// Their address
        #[arg(value_name = "ADDRESS", value_parser = address)]
        address: Address,
    },
    /// Look for damage
    Check,
}

fn states() -> PossibleValuesParser {
    PossibleValuesParser::new(ReplyState::ALL.iter().map(|state| state.as_str()))
}

fn address(text: &str) -> Result<Address, String> {
    let text = text.trim().trim_start_matches('<').trim_end_matches('>');
    Address::new(text).ok_or_else(|| "expected an address such as alice@example.org".to_owned())
}
