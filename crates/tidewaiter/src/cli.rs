//! The command line.

use std::{num::NonZeroUsize, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Holds what authors declare about AI use against a list's contribution policy.
#[derive(Debug, Parser)]
#[command(name = "tidewaiter", version, max_term_width = 100, infer_long_args = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options that every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// Configuration file; without it the built-in one is used
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How to print
    #[arg(long, global = true, value_name = "FORMAT", value_enum)]
    pub format: Option<Format>,
    /// Print less: no progress, no notes
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One JSON object a line
    Jsonl,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what is seen in each mail, judged by nobody
    Parse(ParseArgs),
}

/// Which archives to read, and how.
#[derive(Args, Clone, Debug)]
pub struct ArchiveArgs {
    /// Archives: mbox, Maildir, .eml, folders of them, public-inbox git, each also .gz, .xz or
    /// .zst; `-` is standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Threads that parse mails
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Undo the `>From` quoting of mboxrd archives
    #[arg(long)]
    pub mboxrd: bool,
}

/// Options of `parse`.
#[derive(Args, Debug)]
pub struct ParseArgs {
    /// Which archives to read.
    #[command(flatten)]
    pub archive: ArchiveArgs,
    /// Stop after N mails
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}
