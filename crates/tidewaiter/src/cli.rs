//! The command line.

mod check;
mod operate;

use std::{
    num::{NonZeroU64, NonZeroUsize},
    path::PathBuf,
};

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use check::CheckArgs;
pub(crate) use operate::{ListArgs, OptArgs, OutboxCommand, StopArgs, StoreCommand, resolution};

use crate::failure::Failure;

/// Holds what authors declare about AI use against a list's contribution policy.
#[derive(Debug, Parser)]
#[command(name = "tidewaiter", version, max_term_width = 100, infer_long_args = true)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Options that every command takes.
    #[command(flatten)]
    pub(crate) global: Global,
}

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Configuration file; without it the built-in one is used
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How to print
    #[arg(long, global = true, value_name = "FORMAT", value_enum)]
    pub(crate) format: Option<Format>,
    /// Print less: no progress, no notes
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more: every series in a summary, every patch in an explanation
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

impl Global {
    /// For commands whose output has no other format.
    pub(crate) fn text_only(&self) -> Result<(), Failure> {
        match self.format {
            Some(Format::Jsonl) => {
                Err(Failure::usage(anyhow::anyhow!("this command prints text only")))
            }
            _ => Ok(()),
        }
    }
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One JSON object a line
    Jsonl,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge every series of an archive as the daemon would have; send nothing
    DryRun(DryRunArgs),
    /// Show what is seen in each mail, judged by nobody
    Parse(ParseArgs),
    /// Check one series before it is sent, as its list would
    Check(CheckArgs),
    /// Show for one series what each rule looked at and who would get a mail
    Explain(ExplainArgs),
    /// Watch the mailboxes, judge every series, and speak where the configuration says so
    Run(RunArgs),
    /// List stored series: what would have to be looked at again, if it had to be taken back?
    List(ListArgs),
    /// List, show, release, drop or resolve replies
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Stop all sending at once
    Stop(StopArgs),
    /// Let sending go on
    Resume,
    /// Say nothing of a person's series from now on
    OptOut(OptArgs),
    /// Speak of a person's series again
    OptIn(OptArgs),
    /// Back up the store, check it, or forget a person
    #[command(subcommand)]
    Store(StoreCommand),
    /// Look whether everything that `run` needs is there and works; send nothing
    Doctor,
    /// List, show, check or test the policies
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Check or show the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print completions for a shell
    Completions(CompletionsArgs),
}

/// Which archives to read, and how.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ArchiveArgs {
    /// Archives: mbox, Maildir, .eml, folders of them, public-inbox git, each also .gz, .xz or
    /// .zst; `-` is standard input
    #[arg(required = true, value_name = "PATH", help_heading = None::<&str>)]
    pub(crate) paths: Vec<PathBuf>,
    /// Threads that parse mails
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Undo the `>From` quoting of mboxrd archives
    #[arg(long)]
    pub(crate) mboxrd: bool,
}

/// Options of `parse`.
#[derive(Args, Debug)]
pub(crate) struct ParseArgs {
    /// Which archives to read.
    #[command(flatten)]
    pub(crate) archive: ArchiveArgs,
    /// Stop after N mails
    #[arg(long, value_name = "N", help_heading = "Reading")]
    pub(crate) limit: Option<NonZeroU64>,
}

/// How series are judged and replies rendered.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Judging")]
pub(crate) struct JudgeArgs {
    /// Judge every series under this policy, whatever list and tree it is for
    #[arg(long, value_name = "ID")]
    pub(crate) policy: Option<String>,
    /// Judge the same archive under a second policy
    #[arg(long, value_name = "ID")]
    pub(crate) against: Option<String>,
    /// Change one value of a policy, such as limits.small-fix=50; with --against of the second
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) set: Vec<(String, String)>,
    /// Render replies as in this mode: observe, hold, digest, author, maintainers, list (default: list)
    #[arg(long, value_name = "MODE", conflicts_with = "as_configured")]
    pub(crate) mode: Option<String>,
    /// Modes, caps and holds as the configuration says
    #[arg(long)]
    pub(crate) as_configured: bool,
    /// MAINTAINERS file of the tree
    #[arg(long, value_name = "FILE")]
    pub(crate) maintainers: Option<PathBuf>,
    /// The tree, as a folder or a file with a path a line
    #[arg(long, value_name = "DIR|FILE-LIST")]
    pub(crate) tree: Option<PathBuf>,
    /// Take nobody's word for who sent a mail but the Authentication-Results of this server, or of
    /// a configured one; may be given several times
    #[arg(long, value_name = "ID", value_parser = authserv_id)]
    pub(crate) trust_authserv: Vec<String>,
    /// Folder with public keys of persons, as patatt lays them out: a mail that its sender signed
    /// with one is from that person
    #[arg(long, value_name = "DIR")]
    pub(crate) trust_keyring: Option<PathBuf>,
    /// Let a maintainer's agreement count on the archive's word
    #[arg(long)]
    pub(crate) trust_claimed: bool,
    /// Key from which the replies' Message-IDs are made
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
}

/// Options of `dry-run`.
#[derive(Args, Debug)]
pub(crate) struct DryRunArgs {
    /// Which archives to read.
    #[command(flatten)]
    pub(crate) archive: ArchiveArgs,
    /// How to judge.
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    /// Only series that this list's address or List-Id got
    #[arg(long, value_name = "ADDRESS", help_heading = "Choosing")]
    pub(crate) list: Option<String>,
    /// Only series whose first mail came on this day or later, such as 2026-06-01
    #[arg(long, value_name = "DATE", value_parser = day, help_heading = "Choosing")]
    pub(crate) since: Option<jiff::civil::Date>,
    /// Only series whose first mail came on this day or earlier
    #[arg(long, value_name = "DATE", value_parser = day, help_heading = "Choosing")]
    pub(crate) until: Option<jiff::civil::Date>,
    /// Write one JSON object a series here; `-` is standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) jsonl: Option<PathBuf>,
    /// Write each reply into this folder, new or empty, as .eml
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) replies: Option<PathBuf>,
    /// Write a page with plots, tables and each series into this folder, new or empty
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub(crate) html: Option<PathBuf>,
    /// Let people's names and addresses stand in that page
    #[arg(long, requires = "html", help_heading = "Output")]
    pub(crate) names: bool,
    /// Read only the first N mails
    #[arg(long, value_name = "N", help_heading = "Reading")]
    pub(crate) limit: Option<NonZeroU64>,
}

/// Options of `explain`.
#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// Message-ID of any mail of the series
    #[arg(value_name = "MESSAGE-ID")]
    pub(crate) message_id: String,
    /// Which archives to read.
    #[command(flatten)]
    pub(crate) archive: ArchiveArgs,
    /// How to judge.
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
}

/// Options of `run`.
#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// Read a mailbox that was never read from this day on, such as 2026-06-01; what came before
    /// the first start is judged and never answered
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) since: Option<jiff::civil::Date>,
}

/// What to do with policies.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// List the policies
    List,
    /// Show one policy
    Show {
        /// Its id
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Report every mistake with line and column, and what has no effect
    Check {
        /// Ids or files; without them every policy
        #[arg(value_name = "ID|FILE")]
        policies: Vec<String>,
        /// Also report patterns that match nothing in this tree, a folder or a file with a path a line
        #[arg(long, value_name = "DIR|FILE-LIST")]
        tree: Option<PathBuf>,
    },
    /// Judge the example mails that policies carry
    Test {
        /// Ids or files; without them every policy
        #[arg(value_name = "ID|FILE")]
        policies: Vec<String>,
    },
}

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Report every mistake with line and column
    Check,
    /// Show what is in force and where it comes from
    Show,
}

/// Options of `completions`.
#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

fn day(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| "expected a day such as 2026-06-01".to_owned())
}

fn authserv_id(text: &str) -> Result<String, String> {
    let fits = tidewaiter_mail::AuthResults::is_id(text);
    fits.then(|| text.to_owned())
        .ok_or_else(|| "expected a server's name such as mx.example.net".to_owned())
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}
